"""Days of the images of a rapid mapping, on packages laid out as the service's manual says; no real one was at hand."""

import struct
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

import geopandas
import pandas
import pytest
from shapely.geometry import box

from app import inventory
from app.inventory import rapid_mapping, truth_file

STEM = "EMSR664_AOI01_DEL_PRODUCT"
OBSERVED = geopandas.GeoDataFrame(
    {
        "event_type": ["6-Mass Movement", "6-Mass Movement", "5-Flood"],
        "obj_desc": ["Landslide", "Landslide", "Riverine flood"],
        "det_method": ["Photo-interpretation"] * 3,
        "notation": ["Landslide", "Landslide", "Flooded area"],
        "dmg_src_id": [2, 3, 9],
        "area": [1.2, 0.8, 40.0],
    },
    geometry=[box(11.70, 44.20, 11.703, 44.204), box(11.71, 44.20, 11.713, 44.204), box(11.8, 44.3, 11.81, 44.31)],
    crs=4326,
)
AREA = geopandas.GeoDataFrame({"locality": ["Brisighella"]}, geometry=[box(11.6, 44.1, 11.9, 44.4)], crs=4326)
IMAGES = pandas.DataFrame(
    {
        "source_nam": ["Sentinel-2A/B", "Pleiades-1A/B", "GeoEye-1", "Open Street Map"],
        "src_date": ["28/04/2023", "20/05/2023", "23/05/2023", "Not Applicable"],
        "source_tm": ["T10:00:31Z", "T10:21:05Z", "T10:02:44Z", ""],
        "sensor_gsd": ["10", "0.5", "0.5", ""],
        "eventphase": ["Pre-event", "Post-event", "Post-event", "Not Applicable"],
        "src_id": [1, 2, 3, 901],
    }
)


def dbf(table: pandas.DataFrame) -> bytes:
    """Return a table as dBase III text fields: the service's table of images has no .shp beside it."""
    rows = table.astype(str).to_numpy().tolist()
    widths = [max(10, *(len(row[n]) for row in rows)) for n in range(len(table.columns))]
    head = struct.pack("<BBBBIHH20x", 3, 123, 5, 25, len(rows), 33 + 32 * len(widths), 1 + sum(widths))
    fields = b"".join(
        struct.pack("<11sc4xBB14x", name.encode(), b"C", wide, 0)
        for name, wide in zip(table.columns, widths, strict=True)
    )
    cells = b"".join(
        b" " + b"".join(text.ljust(wide).encode() for text, wide in zip(row, widths, strict=True)) for row in rows
    )
    return head + fields + b"\r" + cells + b"\x1a"


def package(folder: Path, ending: str, images: pandas.DataFrame = IMAGES) -> tuple[bytes, str]:
    """Return a package as the service packs it (shapefiles or JSON), or as one GeoPackage with layers."""
    layers = {"observedEventA": OBSERVED, "areaOfInterestA": AREA, "imageFootprintA": AREA}
    if ending == ".gpkg":
        for name, frame in layers.items():
            frame.to_file(folder / "p.gpkg", layer=f"{name}_v1")
        geopandas.GeoDataFrame(images.assign(geometry=None), crs=4326).to_file(folder / "p.gpkg", layer="source_v1")
        return (folder / "p.gpkg").read_bytes(), f"{STEM}_v1.gpkg"
    for name, frame in layers.items():
        frame.to_file(folder / f"{STEM}_{name}_v1{ending}")
    if ending == ".shp":
        (folder / f"{STEM}_source_v1.dbf").write_bytes(dbf(images))
    else:
        geopandas.GeoDataFrame(images.assign(geometry=None), crs=4326).to_file(
            folder / f"{STEM}_source_v1.json", driver="GeoJSON"
        )
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in sorted(folder.iterdir()):
            archive.write(one, one.name)
    return out.getvalue(), f"{STEM}_v1.zip"


@pytest.mark.parametrize("ending", [".shp", ".json", ".gpkg"])
def test_each_outline_is_dated_by_the_image_it_was_drawn_from_and_the_last_one_before(tmp_path, ending):
    found = inventory.read(*package(tmp_path, ending))
    assert [(one.date, one.last_day) for one in found.events] == [
        (date(2023, 4, 29), date(2023, 5, 20)), (date(2023, 4, 29), date(2023, 5, 23)), (None, None)
    ]  # fmt: skip
    assert [one.category for one in found.events][::2] == ["6-Mass Movement", "5-Flood"]
    said = " ".join(found.notes)
    assert "Of 2 of 3 outlines the package says on which day" in said and "(2023-04-28)" in said
    assert dict(zip(found.along.titles, found.along.rows[0], strict=True))["scene"] == "Pleiades-1A/B"


def test_without_an_image_before_an_outline_has_the_day_it_was_seen_and_that_is_said(tmp_path):
    found = inventory.read(*package(tmp_path, ".shp", IMAGES.iloc[1:]))
    assert [one.date for one in found.events] == [date(2023, 5, 20), date(2023, 5, 23), None]
    assert "they may be older" in " ".join(found.notes)


def test_an_image_older_than_sentinel_2_bounds_nothing():
    made = rapid_mapping.dated({"dmg_src_id": ["2"]}, IMAGES.assign(src_date=["01/01/2012", *IMAGES.src_date[1:]])
                               .astype(str).to_dict("list"))  # fmt: skip
    assert made["event_date"] == ["2023-05-20"] and made["scene_before"] == [""]


def test_dates_that_the_outlines_have_of_themselves_stay_and_tables_without_days_add_nothing():
    images = IMAGES.astype(str).to_dict("list")
    made = rapid_mapping.dated({"dmg_src_id": ["2"], "event_date": ["2023-05-17"]}, images)
    assert "event_date" not in made and made["scene_date"] == ["2023-05-20"]
    assert rapid_mapping.dated({"notation": ["x"]}, images) == {}
    assert rapid_mapping.dated({"dmg_src_id": ["2"]}, {"src_id": ["2"]}) == {}
    assert rapid_mapping.dated({"dmg_src_id": ["2"]}, {}) == {}


def test_the_table_of_images_is_that_of_the_layers_own_product():
    others = ["EMSR664_AOI02_DEL_PRODUCT_source_v1", "EMSR664_AOI01_DEL_PRODUCT_source_r1_v1", "resources"]
    assert rapid_mapping.source_of("EMSR664_AOI01_DEL_PRODUCT_observedEventA_v1", others) == others[1]
    assert rapid_mapping.source_of("roads", others) == ""


@pytest.mark.parametrize("ending", [".shp", ".json", ".gpkg"])
def test_the_area_of_interest_of_a_package_is_the_ground_that_was_looked_at(tmp_path, ending):
    data, name = package(tmp_path, ending)
    path = tmp_path / name
    path.write_bytes(data)
    slides, ground = truth_file.slides_and_ground(path)
    assert "observedEvent" in slides and "areaOfInterest" in ground
    assert not truth_file.is_mapped_ground(path.stem)  # its product's name says which area of many it is of
