"""What a folder says of itself is a valid STAC item, and the collection over many a valid collection."""

import pystac
import pytest

from app.export import stac

SAID = {"title": "SIMULATED change", "t1_scenes": "S2A", "simulated": "true", "attribution": "Copernicus"}
ONE = stac.Described(
    "SIMULATED_event7", (8.0, 46.0, 8.1, 46.1), "2020-01-01", "2021-01-02", SAID,
    ["SIMULATED_event7_T1.tif", "SIMULATED_event7.gpkg", "SIMULATED_event7_T1.qml"],
    {"SIMULATED_event7_T1.tif": ["B04", "CLM"]},
)  # fmt: skip


def test_an_item_is_valid_and_names_every_file_with_its_kind_and_bands():
    document = stac.item(ONE)
    item = pystac.Item.from_dict(document)
    assert item.validate() == ["https://schemas.stacspec.org/v1.1.0/item-spec/json-schema/item.json"]
    assert {name: one.href for name, one in item.assets.items()} == {
        "T1.tif": "./SIMULATED_event7_T1.tif", "gpkg": "./SIMULATED_event7.gpkg", "T1.qml": "./SIMULATED_event7_T1.qml",
    }  # fmt: skip
    assert item.assets["T1.tif"].media_type == pystac.MediaType.COG
    assert document["assets"]["T1.tif"]["bands"] == [{"name": "B04"}, {"name": "CLM"}]
    assert item.bbox == [8.0, 46.0, 8.1, 46.1] and item.geometry["type"] == "Polygon"
    days = [str(day)[:10] for day in (item.common_metadata.start_datetime, item.common_metadata.end_datetime)]
    assert days == ["2020-01-01", "2021-01-02"]
    assert item.properties["scarp:simulated"] == "true" and item.properties["scarp:t1_scenes"] == "S2A"


@pytest.mark.parametrize(("first", "last"), [("unknown", "unknown"), ("", "2021-01-02"), ("NaT", "NaT")])
def test_a_folder_of_unknown_days_or_place_is_a_valid_item_that_says_so(first, last):
    item = pystac.Item.from_dict(stac.item(stac.Described("pair", None, first, last, {}, ["pair.nc"])))
    item.validate()
    assert item.geometry is None and "not known" in item.properties["scarp:days"]


@pytest.mark.parametrize("bbox", [(179.98, -17.0, 180.02, -16.9), (-180.02, -17.0, -179.98, -16.9)])
def test_a_patch_across_the_180th_meridian_is_cut_there_as_geojson_asks(bbox):
    one = stac.Described("event9", bbox, "2020-01-01", "2021-01-02", {}, [])
    item = pystac.Item.from_dict(stac.item(one))
    item.validate()
    assert item.bbox == pytest.approx([179.98, -17.0, -179.98, -16.9])
    assert [part[0][0][0] for part in item.geometry["coordinates"]] == pytest.approx([180.0, -179.98])
    made = pystac.Collection.from_dict(stac.collection("scarp", "Events.", [("./a.json", one)]))
    assert made.extent.spatial.bboxes == [[-180.0, -17.0, 180.0, -16.9]]


def test_a_collection_is_valid_and_reaches_as_far_as_its_items():
    other = stac.Described("event8", (-70.0, -30.0, -69.9, -29.9), "2019-01-01", "2019-02-01", {}, [])
    made = pystac.Collection.from_dict(stac.collection("scarp", "Events.", [("./a.json", ONE), ("./b.json", other)]))
    assert made.validate() == ["https://schemas.stacspec.org/v1.1.0/collection-spec/json-schema/collection.json"]
    assert made.extent.spatial.bboxes == [[-70.0, -30.0, 8.1, 46.1]]
    assert [str(day)[:10] for day in made.extent.temporal.intervals[0]] == ["2019-01-01", "2021-01-02"]
    assert [link.href for link in made.get_links("item")] == ["./a.json", "./b.json"]
    assert [one.name for one in made.providers] == ["Copernicus"]
