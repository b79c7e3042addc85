"""Corrected outlines as a folder in GLaD4CD's layout: Scarp itself reads back the pixels that were painted."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from app import config, datasets, patches, rasters
from app.bands import TRUTH
from app.errors import InputError
from app.export import glad4cd
from app.inventory import builtin
from app.review import corrected
from app.scoring.evaluate import dataset_cases
from app.sources import open_source, published, spec_for
from tests.many_reviewers import verdict


@pytest.fixture
def reviews(reviews, tmp_path, monkeypatch):
    """A database and a cache of the test's own."""
    monkeypatch.setenv("SCARP_CACHE", str(tmp_path / "cache"))
    config.settings.cache_clear()
    return reviews


def spec(event_id: str = "171"):
    event = builtin().event(event_id)
    return spec_for(event, "demo", t1=event.t1, t2=event.t2, bands=("B02", "B04", "B08"), buffer_deg=0.002)


def painted(event_id: str = "171", **more):
    """Return a verdict with an outline of 12 pixels on a simulated patch."""
    asked, event = spec(event_id), builtin().event(event_id)
    mask = np.zeros(asked.grid.shape, bool)
    mask[5:9, 7:10] = True
    facts = {
        "event": event_id, "latitude": event.latitude, "longitude": event.longitude, "verdict": "bad-label",
        "geometry": corrected.geometry_of(mask, asked.grid, asked),
    }  # fmt: skip
    return replace(verdict(), **(facts | more)), mask


def run(*words: str, capsys) -> tuple[int, dict]:
    from app.__main__ import main

    code = main(["review", *words, "--json"])
    out = capsys.readouterr().out
    return code, json.loads(out) if out else {}


def test_the_folder_is_read_back_with_the_pixels_that_were_painted(reviews, tmp_path, capsys):
    made, mask = painted()
    reviews.add(made)
    out = tmp_path / "corrected"
    code, told = run("export", "--out", str(out), "--format", "glad4cd", capsys=capsys)
    assert code == 0 and told["skipped"] == [] and len(told["events"]) == 1
    ((pair,), faults) = datasets.labelled_pairs(out)
    patch, _ = datasets.open_pair(pair)
    asked = open_source("demo").open(spec())
    assert pair.event == "171" and faults == []
    assert (patch[TRUTH].values == mask).all() and patches.grid_of(patch).same_as(spec().grid)
    assert patches.dates(patch) == patches.dates(asked) and patches.is_simulated(patch)
    for name in ("B02", "B04", "B08"):
        np.testing.assert_allclose(patch[name].values, asked[name].values, atol=1e-6)
    assert (patch["CLM"].values == asked["CLM"].values).all()
    (case,) = dataset_cases(out)[0]
    assert case.event == "171" and case.open().compare("band-difference:B04:0.05").truth.sum() == mask.sum()


def test_the_source_of_published_data_opens_it_too(reviews, tmp_path, monkeypatch):
    made, mask = painted()
    glad4cd.write(corrected.corrections([replace(made, uid="u")]), tmp_path / "out")
    monkeypatch.setenv("SCARP_PUBLISHED", str(tmp_path / "out"))
    config.settings.cache_clear()
    assert set(published.index(tmp_path / "out")) == {"171"}
    opened = published.source().open(replace(spec(), source="published"))
    assert (opened[TRUTH].values == mask).all()


def test_where_it_comes_from_stands_beside_and_in_every_file(reviews, tmp_path):
    made, mask = painted(note="shifted", confidence="high")
    stored = reviews.add(made)
    glad4cd.write(corrected.corrections(reviews.all()), tmp_path / "out")
    (told,) = json.loads((tmp_path / "out" / "provenance.json").read_text())["events"]
    assert (told["reviewer"], told["note"], told["uid"]) == ("A. Expert", "shifted", stored.uid)
    assert told["simulated"] is True and "SIMULATED" in told["label"] and told["pixels"] == mask.sum()
    (feature,) = json.loads((tmp_path / "out" / "outlines.geojson").read_text())["features"]
    assert feature["properties"] == told and set(feature["geometry"]) == {"type", "coordinates"}
    with rasters.opened(tmp_path / "out" / "TEST" / "LABEL" / "171.tif") as held:
        assert held.tags()["reviewer"] == "A. Expert" and held.tags()["simulated"] == "True"


def test_pictures_that_are_not_at_hand_are_named_and_the_others_written(reviews, tmp_path, capsys):
    reviews.add(painted()[0])
    elsewhere = replace(spec("172"), source="stac")
    mask = np.zeros(elsewhere.grid.shape, bool)
    reviews.add(painted("172", geometry=corrected.geometry_of(mask, elsewhere.grid, elsewhere))[0])
    reviews.add(painted("170", geometry=corrected.geometry_of(mask, elsewhere.grid))[0])
    torn = corrected.geometry_of(mask, elsewhere.grid).replace('"width":', '"wide":')
    reviews.add(painted("169", geometry=torn)[0])
    code, told = run("export", "--out", str(tmp_path / "out"), "--format", "glad4cd", capsys=capsys)
    assert code == 1 and [one["event"] for one in told["events"]] == ["171"]
    reasons = {one["event"]: one["reason"] for one in told["skipped"]}
    assert "not kept on this machine" in reasons["172"] and "does not say which pictures" in reasons["170"]
    assert "none on the pixels of a patch" in reasons["169"]


def test_a_folder_that_holds_something_is_not_written_into(reviews, tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(InputError, match="holds something already"):
        glad4cd.write({}, tmp_path)


def test_without_corrected_outlines_there_is_a_sentence(reviews, tmp_path, capsys):
    from app.__main__ import main

    assert main(["review", "export", "--out", str(tmp_path / "out"), "--format", "glad4cd"]) == 2
    assert "correct one on the Review page first" in capsys.readouterr().err
    assert main(["review", "agreement", "--format", "glad4cd"]) == 2


def test_the_pictures_of_an_outline_are_named_as_they_were_asked_for():
    asked = replace(spec(), options=(("catalogue", "cdse"),), event_end=date(2023, 2, 9))
    mask = np.zeros(asked.grid.shape, bool)
    assert corrected.spec_of(corrected.geometry_of(mask, asked.grid, asked)) == asked
