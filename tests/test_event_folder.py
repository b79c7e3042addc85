"""Everything of one event lies in one folder, opens, and is named by its item."""

import json
from dataclasses import replace
from xml.etree import ElementTree as Xml

import geopandas
import numpy as np
import pystac
import pytest
import rasterio
import xarray as xr

from app import patches
from app.detection.marking import marked
from app.export import event_folder
from app.grid import UNPLACED, Grid
from tests.small import T1, T2, patch

METHODS = ("band-difference:B04:0.1", "index-drop:NDVI:0.05")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of a simulated pair in which two by two pixels became brighter."""
    brighter = np.full((6, 6), 0.1)
    brighter[2:4, 1:3] = 0.4
    pair = patch(size=6, simulated=True, B04=(0.1, brighter))
    out = tmp_path_factory.mktemp("out") / "SIMULATED_event1"
    every = [marked(pair, name) for name in METHODS]
    event_folder.write(
        pair, every, out, "SIMULATED_event1", event_folder.View("NDVI", "", "confirmed", "detect?event=1", zarr=True)
    )
    return out


def test_the_item_names_every_file_there_is_and_every_name_begins_with_simulated(folder):
    item = pystac.Item.from_file(str(folder / "SIMULATED_event1.json"))
    item.validate()
    named = {one.href.removeprefix("./") for one in item.assets.values()}
    assert named == {path.name for path in folder.iterdir()} - {"SIMULATED_event1.json"}
    assert all(name.startswith("SIMULATED_event1") for name in named)
    said = item.properties
    assert said["scarp:verdict"] == "confirmed" and said["scarp:link"] == "detect?event=1"
    assert said["scarp:methods"] == ", ".join(METHODS)


def test_each_method_has_its_mask_score_and_polygons_with_the_verdict(folder):
    for stem in ("band-difference_B04_0_1", "index-drop_NDVI_0_05"):
        with rasterio.open(folder / f"SIMULATED_event1_{stem}_mask.tif") as file:
            assert file.read(1).sum() == 4 and file.tags()["verdict"] == "confirmed"
        for ending in (".geojson", ".gpkg", ".fgb", ".shp.zip"):
            frame = geopandas.read_file(folder / f"SIMULATED_event1_{stem}{ending}")
            assert len(frame) == 1 and frame["verdict"][0] == "confirmed"
        assert (folder / f"SIMULATED_event1_{stem}.qml").is_file()


def test_the_patch_itself_is_there_with_the_link_of_the_view(folder):
    again = patches.read(folder / "SIMULATED_event1.nc")
    assert again.attrs["link"] == "detect?event=1" and patches.is_simulated(again)


def test_the_patch_as_zarr_is_equal_to_the_netcdf(folder):
    stored, zipped = (xr.open_dataset(folder / f"SIMULATED_event1.{one}") for one in ("zarr", "nc"))
    assert {"B02", "B03", "B04", "B08", "CLM"} <= set(stored) and stored.attrs["link"] == "detect?event=1"
    xr.testing.assert_equal(stored.load(), zipped.load())
    stored.close(), zipped.close()


def test_a_qgis_project_shows_outlines_over_pictures_and_each_of_its_files_is_there(folder):
    root = Xml.fromstring((folder / "SIMULATED_event1.qgs").read_text("utf-8").partition("\n")[2])
    sources = [one.text.partition("|")[0] for one in root.findall("projectlayers/maplayer/datasource")]
    assert all((folder / one).is_file() for one in sources)
    assert {one.rpartition(".")[2] for one in sources[:2]} == {"gpkg"} and sources[-1].endswith("event1_T1.tif")
    shown = [one.get("source") for one in root.iter("layer-tree-layer") if one.get("checked") == "Qt::Checked"]
    assert [one.partition("|")[0] for one in shown[2:]] == [
        f"./SIMULATED_event1_NDVI_{one}.tif" for one in ("T2", "T1")
    ]


def test_the_layers_of_a_project_are_called_by_what_they_show(folder):
    root = Xml.fromstring((folder / "SIMULATED_event1.qgs").read_text("utf-8").partition("\n")[2])
    assert [one.get("name").removesuffix(" (SIMULATED)") for one in root.iter("layer-tree-layer")] == [
        "Outlines: Index drop NDVI, at or above 0.05 index value",
        "Outlines: Band difference B04, increases, at or above 0.1 reflectance",
        "Mask: Index drop NDVI, at or above 0.05 index value",
        "Mask: Band difference B04, increases, at or above 0.1 reflectance",
        "Score: Index drop NDVI (index value)",
        "Score: Band difference B04, increases (reflectance)",
        f"T2, {T2}: NDVI (B08, B04)",
        f"T1, {T1}: NDVI (B08, B04)",
        f"T2, {T2}: all bands",
        f"T1, {T1}: all bands",
    ]
    assert all(one.get("name").endswith(" (SIMULATED)") for one in root.iter("layer-tree-layer"))
    labels = [one.get("label") for one in root.iter("paletteEntry") if one.get("value") == "1"]
    assert labels == ["changed, at or above 0.05 index value", "changed, at or above 0.1 reflectance"]


def test_the_legend_of_a_figure_says_the_smallest_slope():
    one = marked(patch(size=6), METHODS[0])
    assert "slope" not in event_folder.outlined(one).words
    steep = replace(one, detection=replace(one.detection, min_slope_deg=10.0))
    assert event_folder.outlined(steep).words.endswith("reflectance, slope 10° or more")
    cleaned = replace(steep, min_area_m2=1500.0, opening_px=2)
    assert event_folder.outlined(cleaned).words.endswith("slope 10° or more, 1,500 m² or more, opened by 2 px")


def test_every_file_of_a_mask_says_by_what_small_and_narrow_objects_were_taken_away(tmp_path):
    pair = patch(size=6)
    one = marked(pair, METHODS[0], min_area_m2=150)
    assert one.min_area_m2 == 150
    event_folder.write(pair, [replace(one, opening_px=1)], tmp_path, "event1", event_folder.View())
    (mask,) = tmp_path.glob("*_mask.tif")
    with rasterio.open(mask) as file:
        assert (file.tags()["min_area_m2"], file.tags()["opening_px"]) == ("150", "1")
    (outlines,) = tmp_path.glob("event1_*.geojson")
    assert "min_area_m2" in outlines.read_text() or not json.loads(outlines.read_text())["features"]
    assert "changed, " in (path := next(tmp_path.glob("*_mask.qml"))).read_text() and "150 m²" in path.read_text()


def test_a_pair_at_no_place_has_no_project(tmp_path):
    on, layer = Grid(0, 0, 1, 1, 4, 4, UNPLACED), np.full((2, 4, 4), 0.2, np.float32)
    bands = dict.fromkeys(("B02", "B03", "B04"), layer)
    pair = patches.build(on, [T1, T2], bands, np.zeros((2, 4, 4), np.uint8), {"simulated": False})
    event_folder.write(pair, [marked(pair, METHODS[0])], tmp_path, "event1", event_folder.View())
    assert (tmp_path / "event1.nc").is_file() and not list(tmp_path.glob("*.qgs"))


def test_a_collection_lies_over_folders_and_pystac_walks_it(folder):
    described = json.loads((folder / "SIMULATED_event1.json").read_text())
    one = event_folder.stac.Described("SIMULATED_event1", tuple(described["bbox"]), "2022-09-17", "2023-02-24", {}, [])
    event_folder.write_collection(folder.parent, "scarp", "Events.", [(f"./{folder.name}/SIMULATED_event1.json", one)])
    made = pystac.Collection.from_file(str(folder.parent / "collection.json"))
    assert [item.id for item in made.get_items()] == ["SIMULATED_event1"]
