"""What pages do with a pair is done without Scarp as well: every form is run, and held against Scarp's own answer."""

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from PIL import Image

from app import cache, config, patches
from app import inventory as lists
from app.detection import indices, methods, polygons, run
from app.library import evaluate, open_inventory, plain_steps, snippets
from app.patches import grid_of
from app.pictures import render
from app.sources import spec_for
from tests import tiny_networks
from tests.conftest import ROOT

METHODS = (
    "band-difference:B04:0.05", "band-difference:B12:0.05:decrease", "band-difference:B08:0.05:both", "all-bands:0.1",
    "cva:0.15", "index-drop:NDVI:0.2", "index-rise:BSI:0.1", "index-drop:EVI:0.1", "rdndvi:20",
)  # fmt: skip


@pytest.fixture(scope="module")
def patch() -> xr.Dataset:
    held = cache.load(spec_for(lists.builtin().event("171"), "demo", buffer_deg=0.006)).copy(deep=True)
    held["B04"].values[1, :3, :5] = np.nan  # nodata, and a cloud
    held["CLM"].values[1, :3, :5] = 255
    held["CLM"].values[0, 20:30, 10:20] = 1
    return held


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def ran(patch: xr.Dataset, lines: list[str]) -> dict:
    held: dict = {"pair": patch.copy(deep=True)}
    exec(compile(snippets.plain_script(lines), "plain", "exec"), held)
    return held


@pytest.mark.parametrize("method", METHODS)
def test_a_method_marks_the_same_pixels(patch, method):
    wanted = run.detect(patch, method)
    held = ran(patch, plain_steps.detections(patch, [(method, wanted.threshold, 0.0, 0, 0.0)]))
    np.testing.assert_allclose(
        held["score"].values[wanted.clear], wanted.score[wanted.clear], atol=1e-5 * max(1, np.nanmax(wanted.score))
    )
    assert (held["found"].values != run.mask(wanted)).mean() < 1e-3 and run.mask(wanted).any()


def test_every_index_that_methods_know_has_its_lines():
    assert set(plain_steps._INDICES) == set(indices.TABLE)


@pytest.mark.parametrize("network", ["bit", "cdrl"])
def test_a_network_run_by_onnxruntime_alone_gives_the_same_scores(patch, network, monkeypatch):
    monkeypatch.chdir(Path(config.ROOT))
    wanted = run.detect(patch, f"onnx:{network}", "cpu")
    lines = plain_steps.detections(patch, [(f"onnx:{network}", wanted.threshold, 0.0, 0, 0.0)])
    assert "# in the folder of Scarp" in str(lines)
    held = ran(patch, [line for line in lines if "to_file" not in line and line != "if records:"])
    np.testing.assert_allclose(held["score"].values[wanted.clear], wanted.score[wanted.clear], atol=2e-4)
    assert (held["found"].values != run.mask(wanted)).mean() < 1e-3


def test_a_network_of_probabilities_in_another_folder_is_named_by_its_file(patch, folder):
    tiny_networks.put(folder, tiny_networks.difference(), "mine")
    small = patch.isel(y=slice(0, 20), x=slice(0, 20))
    wanted = run.detect(small, "onnx:mine", "cpu")
    tiny_networks.put(Path(), tiny_networks.difference(), "mine")
    held = ran(small, plain_steps.detections(small, [("onnx:mine", wanted.threshold, 0.0, 0, 0.0)]))
    np.testing.assert_allclose(held["score"].values[wanted.clear], wanted.score[wanted.clear], atol=1e-5)


@pytest.mark.parametrize(
    ("method", "said"),
    [("season-anomaly:NDVI:3", "has no lines without Scarp"), ("onnx:nowhere", "cannot be run"),
     ("file:theirs", "has no lines without Scarp")],
)  # fmt: skip
def test_what_has_no_lines_says_so_and_the_rest_runs(patch, method, said):
    lines = plain_steps.detections(patch, [(method, 0.5, 0.0, 0, 0.0), ("cva:0.15", 0.15, 0.0, 0, 0.0)])
    assert any(line.startswith("#") and said in line for line in lines)
    assert ran(patch, lines)["found"].any()
    alone = plain_steps.detections(patch, [(method, 0.5, 0.0, 0, 0.0)])
    assert "found" not in ran(patch, alone)


def test_small_and_narrow_objects_are_taken_out_and_the_rest_is_outlined(patch):
    detected = run.detect(patch, "index-drop:NDVI:0.2")
    wanted = polygons.clean(run.mask(detected), grid_of(patch), 800, 1)
    held = ran(patch, plain_steps.detections(patch, [("index-drop:NDVI:0.2", 0.2, 800.0, 1, 0.0)]))
    assert np.array_equal(held["found"].values, wanted) and wanted.any()
    import geopandas as gpd

    outlined = gpd.read_file("change.gpkg").to_crs(3857).area.sum()
    theirs = polygons.polygons(wanted, detected.score, grid_of(patch))
    assert outlined > 0 and len(gpd.read_file("change.gpkg")) == len(theirs)


def test_a_large_area_stands_as_it_was_chosen(patch):
    asked = [("index-drop:NDVI:0.2", 0.2, 1_234_567.0, 0, 0.0)]
    assert "min_area_m2=1234567)" in "".join(snippets.detections(asked))
    assert "sizes >= 1234567)" in "".join(plain_steps.detections(patch, asked))


@pytest.mark.parametrize(("composition", "contrast"), [("true-colour", ""), ("B08", "fixed:0:0.5:gamma1.4"),
                                                       ("false-colour", "percentile:5:95:each")])  # fmt: skip
def test_pictures_are_those_of_the_page(patch, composition, contrast):
    stretch = render.stretch_for(patch, composition, contrast)
    ran(patch, plain_steps.pictures(composition, stretch))
    drawn = render.pair(patch, composition, stretch)
    measured = ~np.isnan(patch["B04"].values).any(axis=0) & (patch["CLM"].values != 255).all(axis=0)
    for name, wanted in zip(("t1.png", "t2.png"), drawn, strict=True):
        off = np.abs(np.asarray(Image.open(name), int) - wanted)[measured]
        assert off.max() <= 1


def test_an_index_is_drawn_in_grey(patch):
    lines = plain_steps.pictures("NDVI", render.stretch_for(patch, "NDVI", "fixed"))
    ran(patch, lines)
    assert any("in grey" in line for line in lines) and Path("t2.png").exists()


def test_scores_are_those_of_the_page(patch, capsys):
    names = ["band-difference:B04:0.05", "rdndvi:20"]
    held = ran(patch, plain_steps.scores(patch, [(name, methods.parse(name).threshold or 0) for name in names]))
    table = evaluate({"171": patch}, names)
    wanted = table.loc[(names[1], "171")]
    assert (held["tp"], held["fp"], held["fn"]) == (wanted["tp"], wanted["fp"], wanted["fn"])
    assert f"F1 {table.loc[(names[0], '171'), 'f1']:.3f}" in capsys.readouterr().out
    assert patches.is_simulated(patch)


def test_the_built_in_list_and_files_of_shapes_are_opened_by_geopandas(monkeypatch):
    Path("app").symlink_to(ROOT / "app")
    ours = open_inventory()
    found = inventory_ran(lists.builtin())
    assert len(found) == len(ours) and found.geometry.to_numpy().tolist() == ours.geometry.to_numpy().tolist()
    ours[["category", "geometry"]].to_crs(32636).to_file("mine.gpkg", layer="slides")
    read = lists.read_file(Path("mine.gpkg"), lists.Given("slides", "", ()))
    assert inventory_ran(read).geometry.geom_equals_exact(ours.geometry.reset_index(drop=True), 1e-6).all()


def test_a_table_is_opened_by_the_columns_that_were_named_and_without_them_not_at_all():
    text = b"Y,X,when,t1,t2\n5056000,1757000,2022-05-05,2022-01-01,2022-07-01\n"
    Path("mine.csv").write_bytes(text)
    columns = (("latitude", "Y"), ("longitude", "X"), ("date", "when"), ("pre1", "t1"), ("post1", "t2"))
    listed = lists.read(text, "mine.csv", lists.Given("", "EPSG:2193", columns))
    found = inventory_ran(listed)
    assert found.geometry[0].y == pytest.approx(listed.events[0].latitude, abs=1e-9)
    plain = lists.read(b"id,lat,lon,date,t1,t2\na,45,9,2022-05-05,2022-01-01,2022-07-01\n", "mine.csv")
    assert plain_steps.inventory(plain) == []


def inventory_ran(listed: lists.Inventory):
    held: dict = {}
    exec(compile(snippets.plain_script(plain_steps.inventory(listed)), "plain", "exec"), held)
    return held["slides"]
