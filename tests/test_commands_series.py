"""``python -m app series``: the document, the sentence, the table, and what is refused."""

import json

import pandas as pd
import pytest
from PIL import Image

from app import config
from app.__main__ import main

CLEARINGS = config.DATA / "sample" / "clearings.geojson"


@pytest.fixture
def felled(tmp_path):
    """Return a GeoJSON file of one felled patch of the sample."""
    held = json.loads(CLEARINGS.read_text(encoding="utf-8"))
    held["features"] = [one for one in held["features"] if one["properties"]["id"] == 16]
    path = tmp_path / "felled.geojson"
    path.write_text(json.dumps(held), encoding="utf-8")
    return str(path)


def test_the_document_tells_the_series_of_an_outline_and_when_it_broke(capsys, felled):
    assert main(["series", "sample", "--source", "sample", "--of", "ndvi", "--outline", felled, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"of", "points", "break"} and told["of"] == "NDVI"
    assert len(told["points"]) == 29 and set(told["points"][0]) == {"date", "value", "clear", "scene"}
    broke = told["break"]
    assert "2018-07-01" <= broke["after"] < broke["before"] <= "2019-07-06"
    assert broke["size"] < -0.15 and 0.5 < broke["confidence"] <= 1


def test_a_forest_that_stands_has_no_break_and_the_sentence_says_so(capsys):
    assert main(["series", "171", "--source", "sample", "--at", "45.2030,22.1490"]) == 0
    said, noted = capsys.readouterr()
    assert "NDVI on 29 dates" in said and "No break stands out" in said
    assert "this is sample, not event 171" in noted


def test_an_outline_that_reaches_beyond_the_patch_is_followed_within_it_and_that_is_said(tmp_path, capsys):
    place = tmp_path / "half.geojson"
    ring = [[22.150, 45.203], [22.4, 45.203], [22.4, 45.205], [22.150, 45.205], [22.150, 45.203]]
    place.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    dates = ["--from", "2018-06-01", "--to", "2018-09-30"]
    assert main(["series", "sample", "--source", "sample", *dates, "--outline", str(place)]) == 0
    assert "1 of them reaches beyond the pixels; what lies there is left out." in capsys.readouterr().err


def test_a_short_span_cannot_tell_and_says_what_it_takes_and_its_dates_move(tmp_path, capsys):
    moving = tmp_path / "dates.gif"
    words = ["series", "sample", "--source", "sample", "--from", "2018-01-01", "--to", "2018-12-31"]
    assert main([*words, "--animation", str(moving)]) == 0
    assert "7 clear dates, and a break takes 12" in capsys.readouterr().out
    with Image.open(moving) as image:
        assert image.n_frames == 7 and b"scenes=" in image.info["comment"]
    assert main([*words, "--animation", str(tmp_path / "dates.mp4")]) == 2
    assert ".gif or .apng" in capsys.readouterr().err


def test_a_series_is_written_as_a_table_with_its_break(tmp_path, felled):
    out = tmp_path / "series.csv"
    assert main(["series", "sample", "--source", "sample", "--outline", felled, "--out", str(out)]) == 0
    held = pd.read_csv(out)
    assert len(held) == 29 and set(held["simulated"]) == {False} and set(held["of"]) == {"NDVI"}
    assert held["break_before"].nunique() == 1


def test_simulated_scenes_are_said_to_be(capsys):
    words = ["series", "4", "--from", "2018-01-01", "--to", "2018-03-01", "--buffer", "0.001"]
    assert main([*words, "--json"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["simulated"] is True and "SIMULATED" in said.err
    assert main(words) == 0
    assert "SIMULATED" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--of", "NDVX"], "Choose one from NDVI"),
        (["--at", "45.2"], "write it like --at"),
        (["--at", "145.2,22"], "latitude comes first"),
        (["--at", "46,23"], "outside of the patch"),
        (["--from", "2019-01-01", "--to", "2018-01-01"], "swap its days"),
        (["--from", "2018-01-02", "--to", "2018-01-03"], "no scene from 2018-01-02 to 2018-01-03"),
        (["--from", "spring"], "is not a date like"),
        (["--outline", "none.geojson"], "none.geojson"),
        (["--at", "45.2052,22.1510", "--mean"], "--mean goes with --outline"),
        (["--inventory", "mine.csv"], "holds one place only"),
        (["--out", "series.xlsx"], "should end in .csv"),
        (["--of", "B12"], "but not B12"),
        (["--source", "published"], "lists no scenes; choose from"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(capsys, words, said):
    given = words if "--source" in words else [*words, "--source", "sample"]
    assert main(["series", "sample", *given]) == 2
    told = capsys.readouterr()
    assert said in told.err and told.out == "" and "Traceback" not in told.err
