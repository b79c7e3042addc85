"""Files of verdicts, and the command that writes and reads them: what goes out comes back as it was."""

import json
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app import config
from app.errors import InputError
from app.export import verdict_files
from app.review import UNDONE, Reviews, standing
from tests.many_reviewers import verdict
from tests.test_review import OUTLINE, WHOLE


@pytest.fixture
def reviews(reviews):
    """The database of the command, with an entry of every kind in it."""
    reviews.add(replace(WHOLE, note='=1+1, "so"\nand Ärger', inventory="-list"))
    reviews.take_back(reviews.add(verdict(verdict="confirmed", simulated=False)), "A. Expert")
    reviews.add(verdict(reviewer="Bo", verdict="cloud", latitude=None, longitude=None, event="007"))
    return reviews


def run(*words: str, capsys) -> tuple[int, dict]:
    from app.__main__ import main

    code = main(["review", *words, "--json"])
    out = capsys.readouterr().out
    return code, json.loads(out) if out else {}


@pytest.mark.parametrize("ending", verdict_files.ENDINGS)
def test_what_is_written_is_read_again_exactly(reviews, tmp_path, ending):
    file = tmp_path / f"out{ending}"
    verdict_files.write(reviews.all(), file)
    found, faults = verdict_files.read(file)
    assert faults == [] and tuple(found) == reviews.all()
    assert [one.uid for one in found] == [one.uid for one in reviews.all()]


@pytest.mark.parametrize("ending", verdict_files.ENDINGS)
def test_another_database_takes_what_is_new_and_nothing_twice_and_names_what_says_otherwise(
    reviews, tmp_path, monkeypatch, capsys, ending
):
    file, there = str(tmp_path / f"out{ending}"), f"sqlite:///{tmp_path / 'there.sqlite'}"
    assert run("export", "--out", file, capsys=capsys)[1]["entries"] == 4
    monkeypatch.setenv("SCARP_DATABASE", there)
    config.settings.cache_clear()
    assert run("import", file, "--look", capsys=capsys)[1]["new"] == 4 and Reviews(there).count() == 0
    assert run("import", file, capsys=capsys) == (
        0,
        {
            "added": 4,
            "new": 4,
            "known": 0,
            "conflicts": [],
            "skipped": [],
        },
    )
    assert Reviews(there).all() == reviews.all()
    assert standing(Reviews(there).all()) == standing(reviews.all())
    assert run("import", file, capsys=capsys)[1]["known"] == 4
    uid = reviews.all()[0].uid
    with sqlite3.connect(tmp_path / "there.sqlite") as held:
        held.execute("UPDATE verdicts SET note = 'changed' WHERE uid = ?", (uid,))
    code, told = run("import", file, capsys=capsys)
    assert (code, told["conflicts"], told["added"]) == (1, [uid], 0)


def test_a_feature_is_the_outline_of_a_verdict_or_the_events_point(reviews, tmp_path):
    file = tmp_path / "out.geojson"
    verdict_files.write(reviews.all(), file)
    places = [one["geometry"] for one in json.loads(file.read_text("utf-8"))["features"]]
    assert places[0] is None and places[1]["type"] == "Point" and places[-1] == json.loads(OUTLINE)


def test_a_csv_of_a_scarp_before_0_8_is_taken_once_also_where_its_database_is_here(reviews, tmp_path, capsys):
    """Its columns, as the code of 0.7 wrote them: no uid, times in whole seconds, words of its own."""
    file = tmp_path / "old.csv"
    file.write_bytes(
        b"inventory,when,event,verdict,reviewer,note,source,T1,T2,simulated,latitude,longitude,event_date,inventory_id,"
        b"odd,software\r\nbuilt in,2024-05-14T09:30:01+00:00,171,landslide,A. Expert,'=1+1,demo,2022-09-17,2023-02-24,"
        b"True,35.86,-121.43,2022-12-30,0123456789abcdef,,Scarp 0.7.0\r\nbuilt in,2024-05-14T09:30:02+00:00,2,"
        b"no-change,Bo,,demo,2022-09-17,2023-02-24,False,,,,,,Scarp 0.7.0\r\n"
    )
    before = reviews.count()
    reviews.add_all([verdict(note="=1+1", made_at=datetime(2024, 5, 14, 9, 30, 1, 288709, UTC), uid="as-it-was")])
    code, told = run("import", str(file), capsys=capsys)
    assert (code, told["added"], told["known"], told["skipped"]) == (0, 1, 1, [])
    assert run("import", str(file), capsys=capsys)[1]["known"] == 2 and reviews.count() == before + 2
    (one,) = [each for each in reviews.all() if each.event == "2"]
    assert (one.meaning, one.latitude, one.made_at.second) == ("rejected", None, 2)


def test_a_geopackage_opens_as_any_other_with_outlines_and_points(reviews, tmp_path):
    geopandas = pytest.importorskip("geopandas")
    file = tmp_path / "out.gpkg"
    verdict_files.write(reviews.all(), file)
    held = geopandas.read_file(file)
    assert [None if one is None else one.geom_type for one in held.geometry] == [None, "Point", "Point", "Polygon"]
    assert held.crs.to_epsg() == 4326 and held["verdict"].iloc[0] == "cloud"


def test_coco_has_an_image_a_pair_and_outlines_in_its_pixels(reviews, tmp_path, capsys):
    file = tmp_path / "out.json"
    ring = [[-121.43, 35.86], [-121.429, 35.86], [-121.429, 35.861], [-121.43, 35.86]]
    reviews.add(verdict(verdict="bad-label", geometry=json.dumps({"type": "Polygon", "coordinates": [ring]})))
    assert run("export", "--out", str(file), "--format", "coco", capsys=capsys)[0] == 0
    held = json.loads(file.read_text("utf-8"))
    newest = held["annotations"][0]
    (image,) = [one for one in held["images"] if one["id"] == newest["image_id"]]
    assert image["width"] == 222 and (image["t1"], image["date_captured"]) == ("2022-09-17", "2023-02-24")
    x, y, width, height = newest["bbox"]
    assert width == pytest.approx(0.001 / 0.00009) == height and newest["area"] == pytest.approx(width * height / 2)
    assert x == pytest.approx(image["width"] / 2, abs=1) and y + height == pytest.approx(image["height"] / 2, abs=1)
    assert {one["name"] for one in held["categories"]} >= {"bad-label", "cloud"}
    assert any(one["image_id"] == 0 and one["bbox"] == [] for one in held["annotations"])
    assert run("export", "--out", str(tmp_path / "x.csv"), "--format", "coco", capsys=capsys)[0] == 2


def test_a_row_that_nobody_could_use_is_named_and_the_others_are_taken(reviews, tmp_path, capsys):
    file = tmp_path / "out.geojson"
    verdict_files.write(reviews.all(), file)
    held = json.loads(file.read_text("utf-8"))
    held["features"][0]["properties"] |= {"verdict": "maybe", "uid": "new"}
    file.write_text(json.dumps(held), "utf-8")
    code, told = run("import", str(file), capsys=capsys)
    assert (code, told["known"], told["skipped"]) == (1, 3, ["row 0: no verdict that Scarp knows"])


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.txt", b"", "should end in"),
        ("x.csv", b"a,b\n1,2\n", "lacks the columns"),
        ("x.csv", b"", "cannot be read"),
        ("x.parquet", b"PAR1", "cannot be read"),
        ("x.geojson", b"[" * 100_000, "cannot be read"),
        ("x.geojson", b'{"features": [1]}', "cannot be read"),
        ("x.gpkg", b"SQLite format 3", "cannot be read"),
        ("x.json", b'{"annotations": [{"id": 1}]}', "annotations of another program"),
        ("x.json", b"{", "cannot be read"),
    ],
)
def test_a_file_that_holds_no_verdicts_is_refused_with_a_sentence(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=said) as told:
        verdict_files.read(tmp_path / name)
    assert str(tmp_path) not in str(told.value)  # of this machine


def test_agreement_is_told_with_what_is_apart(reviews, capsys):
    reviews.add(verdict(verdict="confirmed", event="9"))
    reviews.add(verdict(verdict="rejected", event="9", reviewer="Bo"))
    code, told = run("agreement", capsys=capsys)
    assert (code, told["reviewers"], told["items"], told["percent"]) == (0, ["A. Expert", "Bo"], 1, 0)
    assert told["cohen_kappa"] == {"A. Expert and Bo": 0}
    (apart,) = told["disagreements"]
    assert (apart["event"], apart["verdicts"]) == ("9", {"A. Expert": "confirmed", "Bo": "rejected"})


def test_a_copy_holds_every_entry(reviews, tmp_path, capsys):
    assert run("backup", "--out", str(tmp_path / "copy.sqlite"), capsys=capsys)[1]["entries"] == 4
    assert Reviews(f"sqlite:///{tmp_path / 'copy.sqlite'}").all() == reviews.all()
    assert UNDONE in {one.verdict for one in reviews.all()}


@pytest.mark.parametrize("words", [["import"], ["export"], ["agreement", "x.csv"], ["agreement", "--out", "x.csv"]])
def test_wrong_use_is_a_sentence(reviews, words, capsys):
    assert run(*words, capsys=capsys)[0] == 2
