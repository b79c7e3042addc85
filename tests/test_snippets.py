"""The code that a page shows gives what is on the page: every snippet is run."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rasterio import Affine
from streamlit.testing.v1 import AppTest

from app import cache, patches
from app import inventory as lists
from app.detection import polygons, run
from app.grid import Grid
from app.inventory.log import Change
from app.library import plain_pair, snippets
from app.patches import grid_of
from app.pictures import render
from app.sources import spec_for
from app.sources.own import apart, records
from app.sources.own.apart import PairPaths
from app.sources.own.stated import PairStated
from app.ui import choices, keys
from tests.conftest import ROOT
from tests.handmade import tiff


def ran(*parts) -> dict:
    """Return what a script of these parts leaves behind."""
    held: dict = {}
    exec(compile(snippets.script(*parts), "snippet", "exec"), held)
    return held


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"buffer_deg": 0.003, "resolution_deg": 0.00018, "bands": ("B04", "B08")},
        {"buffer_deg": 0.004, "heights": True, "light": "c"},
        {"buffer_deg": 0.002, "bands": ("B04", "B08"), "t1_from": date(2022, 8, 1), "composite": "greenest"},
    ],
)
def test_an_event_of_the_built_in_list_is_opened_as_it_is_on_the_page(asked):
    listed = lists.builtin()
    event = listed.event("171")
    spec = spec_for(event, "demo", **asked)
    assert ran(snippets.patch(spec, event, listed))["pair"].identical(cache.load(spec))


def test_an_event_of_a_file_is_found_in_the_file_as_it_was_described():
    text = b"Y,X,when,t1,t2\n5056000,1757000,2022-05-05,2022-01-01,2022-07-01\n"
    Path("mine.csv").write_bytes(text)
    given = lists.Given("", "EPSG:2193", (("latitude", "Y"), ("longitude", "X"), ("date", "when"), ("pre1", "t1"),
                                          ("post1", "t2")))  # fmt: skip
    listed = lists.read(text, "mine.csv", given)
    event = listed.events[0]
    spec = spec_for(event, "demo", buffer_deg=0.002)
    held = ran(snippets.patch(spec, event, listed))
    assert held["pair"].identical(cache.load(spec))


def test_a_place_that_stands_in_no_file_is_opened_by_its_position():
    event = replace(lists.builtin().event("171"), id="place-1")
    spec = spec_for(event, "demo", buffer_deg=0.002)
    pair = ran(snippets.patch(spec, event, None))["pair"]
    assert np.array_equal(pair["x"].values, cache.load(spec)["x"].values)
    assert pair.attrs["event_date"] == str(event.date)


def test_pictures_are_those_of_the_page():
    listed = lists.builtin()
    event = listed.event("171")
    spec = spec_for(event, "demo", buffer_deg=0.002)
    ran(snippets.patch(spec, event, listed), snippets.pictures("NDVI", "fixed"))
    patch = cache.load(spec)
    wanted = render.pair(patch, "NDVI", render.stretch_for(patch, "NDVI", "fixed"))
    for name, picture in zip(("t1.png", "t2.png"), wanted, strict=True):
        assert np.array_equal(np.asarray(Image.open(name)), picture)


def test_a_detection_marks_the_same_pixels():
    listed = lists.builtin()
    event = listed.event("171")
    spec = spec_for(event, "demo", buffer_deg=0.003)
    patch = cache.load(spec)
    held = ran(snippets.patch(spec, event, listed), snippets.detections([("index-drop:NDVI:0.2", 0.17, 400.0, 1, 0.0)]))
    mask = run.mask(run.detect(patch, "index-drop:NDVI:0.2"), 0.17)
    assert np.array_equal(held["found"]["mask"].values, polygons.clean(mask, grid_of(patch), 400, 1))
    assert Path("change.gpkg").exists()


def test_a_method_that_knows_the_season_finds_its_earlier_dates_in_the_code():
    listed = lists.builtin()
    event = listed.event("171")
    spec = spec_for(event, "demo", buffer_deg=0.002, bands=("B04", "B08"))
    name = "season-anomaly:NDVI:3"
    held = ran(snippets.patch(spec, event, listed, [name]), snippets.detections([(name, 3.0, 0, 0, 0)]))
    assert held["found"].attrs["method"] == name
    assert "earlier=True" in "".join(snippets.pairs(listed, 2, methods=[name])) != "".join(snippets.pairs(listed, 2))


def test_a_pair_of_one_s_own_is_opened_with_the_heights_and_the_light_of_the_page():
    from tests import test_heights, test_own_pair

    utm = Grid(499_900, 4_999_500, 10.0, 10.0, 60, 60, "EPSG:32633")
    test_own_pair.one_date(Path("T1.tif"), False)
    test_own_pair.one_date(Path("T2.tif"), True)
    test_heights.put(Path(), test_heights.ramp(utm, 4.0), utm).rename("DEM.tif")
    event = replace(lists.builtin().event("171"), id="pair-1")
    spec = replace(spec_for(event, "demo"), source="files", light="c")
    pair = ran(snippets.patch(spec, event, None, heights=True))["pair"]
    assert np.isfinite(pair["DEM"].values).all() and "C correction" in pair.attrs["topographic_correction"]


def test_what_was_said_of_a_pair_of_one_s_own_is_said_in_its_code(tmp_path, monkeypatch):
    numbers = np.random.default_rng(4).integers(100, 3000, (2, 2, 30, 30))
    for name, pair in zip(("T1.tif", "T2.tif"), numbers, strict=True):
        tiff(Path(name), pair, dtype="uint16", crs="EPSG:32633", transform=Affine(10, 0, 499_900, 0, -10, 5_000_000))
    box = (14.9991, 45.1526, 15.0, 45.1534)
    said = PairStated(
        (("T1.tif", ("B08", "B04")), ("T2.tif", ("B08", "B04"))), ("2021-01-01", "2021-06-01"),
        ("digital numbers with 1000 added", "digital numbers"), box=box,
    )  # fmt: skip
    patch, record = apart.read(PairPaths((str(tmp_path / "T1.tif"),), (str(tmp_path / "T2.tif"),)), said)
    monkeypatch.setattr(records, "find", {record.name: record}.get)
    spec = record.spec()
    found = ran(snippets.patch(spec, record.event(0), None))["pair"]
    assert max(patches.grid_of(patch).shape) < 30 and patches.grid_of(found).same_as(patches.grid_of(patch))
    for band in ("B04", "B08"):
        np.testing.assert_allclose(found[band].values, patch[band].values)
    assert "Patches page gives" in "\n".join(plain_pair.pair(spec, patch))
    assert "box" not in "".join(snippets.patch(replace(spec, event_id="pair-0"), record.event(0), None))


def test_an_event_that_a_reader_moved_is_opened_where_it_is_now():
    listed = lists.builtin()
    event = replace(listed.event("171"), latitude=44.5, longitude=9.5)
    moved = replace(listed, changes={"171": (Change("position", "37.0, 36.6", "44.5, 9.5"),)})
    spec = spec_for(event, "demo", buffer_deg=0.002, bands=("B04",))
    assert "1 event was changed" in snippets.inventory(moved)[0] and "changed" not in snippets.inventory(listed)[0]
    found = ran(snippets.patch(spec, event, moved))["pair"]
    assert patches.grid_of(found).same_as(spec.grid)
    assert "'171'" in "".join(snippets.patch(spec, event, listed))


def test_scores_are_a_table():
    listed = lists.builtin()
    event = listed.event("171")
    spec = spec_for(event, "demo", buffer_deg=0.002)
    held = ran(snippets.patch(spec, event, listed), snippets.scores(["cva:0.1"], "whole", "171"))
    assert ("cva:0.1", "171") in held["table"].index


def test_simulated_pairs_of_a_list_are_scored_without_those_that_have_none():
    Path("mine.csv").write_text("id,lat,lon,date,t1,t2\na,45,9,2022-05-05,2022-01-01,2022-07-01\nb,46,9,,,\n")
    listed = lists.read(Path("mine.csv").read_bytes(), "mine.csv")
    held = ran(snippets.pairs(listed, 2, ["b"]), snippets.scores(["cva:0.1"], "whole"))
    assert list(held["pairs"]) == ["a"] and ("cva:0.1", "all (micro)") in held["table"].index


def test_a_notebook_has_a_cell_a_part():
    made = json.loads(snippets.notebook(["a = 1"], ["b = a + 1", "print(b)"]))
    assert [cell["source"] for cell in made["cells"]] == [snippets.IMPORT, "a = 1", "b = a + 1\nprint(b)"]
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in made["cells"]}) == 3


@pytest.mark.parametrize("name", ["inventory", "patches", "compare", "detect", "metrics", "review"])
def test_the_code_on_a_page_runs(name):
    page = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    chosen = {choices.EVENT: "171", choices.METHODS: ["index-drop:NDVI:0.2"], choices.BUFFER: 0.003}
    for key, value in {**chosen, keys.FOUND_PART: "ran", "code.open": True}.items():
        page.session_state[key] = value
    page.switch_page(f"pages/{name}.py").run()
    shown = [one.value for one in page.code if one.value.startswith(snippets.IMPORT)]
    assert len(shown) == 1 and not page.exception
    held: dict = {}
    exec(compile(shown[0], name, "exec"), held)
    assert "slides" in held or held["pair"].attrs["event_id"] == "171"
    assert name != "metrics" or len(held["table"]) == 6  # three methods: the event, and all pixels pooled
    alone = [one.value for one in page.code if one.value.startswith(("import", "from")) and one.value not in shown]
    assert len(alone) == 1
    for text in alone:  # runs where the patch was taken away from Patches
        assert "import library" not in text and "scarp." not in text
        spec = spec_for(lists.builtin().event("171"), "demo", buffer_deg=0.003)
        patches.write(cache.load(spec), Path("SIMULATED_event171_demo.nc"))
        Path("app").symlink_to(ROOT / "app")
        exec(compile(text, name, "exec"), {})
