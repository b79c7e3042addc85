"""What was kept of detections, as files: masks that scoring reads, and outlines with whose verdict each is of."""

import json

import numpy as np

from app import datasets
from app.review import pieces
from tests.test_pieces import GRID, entry, found


def run(*words: str, capsys) -> tuple[int, dict]:
    from app.__main__ import main

    code = main(["review", *words, "--json"])
    out = capsys.readouterr().out
    return code, json.loads(out) if out else {}


def test_masks_and_polygons_are_written_and_the_masks_are_read_as_predictions(reviews, tmp_path, capsys):
    first, second, third = found()
    reviews.add_all([entry(1, first), entry(2, second, "rejected"), entry(3, third, note="fresh")])
    out = tmp_path / "kept"
    code, told = run("export", "--out", str(out), "--format", "polygons", capsys=capsys)
    assert code == 0 and told["polygons"] == 2
    (mask,) = told["masks"]
    assert (mask["kept"], mask["dropped"], mask["simulated"]) == (2, 1, True)
    folder = (out / mask["file"]).parent
    ((pair,), _) = datasets.mask_pairs(folder, folder)
    predicted, _, _ = datasets.open_masks(pair)
    assert pair.event == "171" and predicted.grid.same_as(GRID)
    assert ((predicted.values == 1) == (first.mask | third.mask)).all() and np.isin(predicted.values, (0, 1)).all()
    features = json.loads((out / "polygons.geojson").read_text())["features"]
    assert {one["properties"]["subject"] for one in features} == {first.subject, third.subject}
    assert {one["properties"]["note"] for one in features} == {"fresh", "clear track"}
    assert all(set(one["geometry"]) == {"type", "coordinates"} for one in features)


def test_events_of_one_id_at_two_places_have_a_file_each(reviews, tmp_path, capsys):
    first = found()[0]
    reviews.add_all([entry(1, first), entry(2, first, latitude=10.0, longitude=10.0)])
    _, told = run("export", "--out", str(tmp_path / "kept"), "--format", "polygons", capsys=capsys)
    assert len({one["file"] for one in told["masks"]}) == 2
    assert pieces.kept(reviews.all())[0].mask.any()


def test_without_a_judged_polygon_there_is_a_sentence(reviews, tmp_path, capsys):
    assert run("export", "--out", str(tmp_path / "kept"), "--format", "polygons", capsys=capsys)[0] == 2
    assert not (tmp_path / "kept").exists()


def test_an_outline_that_cannot_be_read_again_is_told_and_the_others_are_written(reviews, tmp_path, capsys):
    first, second, _ = found()
    torn = entry(2, second).geometry.replace('"width":', '"wide":')
    reviews.add_all([entry(1, first), entry(2, second, event="9", latitude=10.0, geometry=torn)])
    code, told = run("export", "--out", str(tmp_path / "kept"), "--format", "polygons", capsys=capsys)
    assert code == 1 and told["polygons"] == 1
    assert [(one["event"], "none on the pixels" in one["reason"]) for one in told["skipped"]] == [("9", True)]
