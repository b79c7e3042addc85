"""Files of polygons: read back by geopandas and GDAL's programs, with all that is known, and run by no table."""

import json
import shutil
import subprocess
import zipfile

import geopandas
import numpy as np
import pyogrio
import pytest

from app.detection import polygon_files, polygons
from app.errors import InputError
from tests.test_polygons import PIXEL_M2, UTM, square

ATTRS = {
    "method": "onnx:bit", "event_id": "=HYPERLINK(1)", "event_date": "2018-06-01", "t1": "2018-05-07",
    "t2": "2018-10-24", "source": "demo", "simulated": "true", "model_sha256": "ab" * 32,
    "t1_scenes": ", ".join(["S2A_é"] * 90),
    "model_name": "x", "model_namely": "y", "verdict": "confirmed",
}  # fmt: skip


def features_of(mask):
    return polygons.polygons(mask, np.ones((6, 6), np.float32), UTM)


@pytest.mark.parametrize("ending", [".geojson", ".gpkg", ".fgb"])
def test_a_file_of_polygons_carries_method_dates_and_simulated(tmp_path, ending):
    attrs = {"method": "cva:0.1", "t1": "2018-05-07", "t2": "2018-10-24", "source": "demo", "simulated": "true"}
    features = features_of(square())
    out = tmp_path / f"new folder/changes{ending}"
    for _ in range(2):  # written again, it is replaced and not added to
        polygon_files.write_polygons(features, out, attrs)
    frame = pyogrio.read_dataframe(out)
    assert len(frame) == 1 and frame.crs.to_epsg() == 4326
    row = frame.iloc[0]
    assert {name: str(row[name])[: len(text)] for name, text in attrs.items()} == attrs  # dates come with an hour
    assert row["area_m2"] == pytest.approx(4 * PIXEL_M2) and row["pixels"] == 4
    assert [path.name for path in out.parent.iterdir()] == [out.name]


def test_a_geojson_says_what_it_is_at_its_head(tmp_path):
    polygon_files.write_polygons([], tmp_path / "none.geojson", {"simulated": "true"})
    document = json.loads((tmp_path / "none.geojson").read_text(encoding="utf-8"))
    assert document["type"] == "FeatureCollection" and document["metadata"] == {"simulated": "true"}


def test_no_polygons_still_make_a_whole_geopackage(tmp_path):
    polygon_files.write_polygons([], tmp_path / "none.gpkg", {"method": "cva:0.1"})
    info = pyogrio.read_info(tmp_path / "none.gpkg")
    assert info["features"] == 0 and "area_m2" in info["fields"]


def test_another_ending_or_a_place_that_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"\.geojson, \.gpkg, \.fgb or \.zip"):
        polygon_files.write_polygons([], tmp_path / "x.shp", {})
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="choose another place"):
        polygon_files.write_polygons([], tmp_path / "file" / "x.geojson", {})


def test_an_ending_in_capitals_is_the_same_ending(tmp_path):
    polygon_files.write_polygons([], tmp_path / "NONE.GEOJSON", {"simulated": "true"})
    assert (tmp_path / "NONE.GEOJSON").is_file()


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Return one change of four pixels on sloping ground in every kind of file."""
    folder = tmp_path_factory.mktemp("files")
    slope = np.tile(np.arange(6) * 5.0, (6, 1))
    features = polygons.polygons(square(), np.full((6, 6), 0.5, np.float32), UTM, slope)
    paths = [folder / f"change{ending}" for ending in (".geojson", ".gpkg", ".fgb", ".shp.zip")]
    for path in paths:
        polygon_files.write_polygons(features, path, ATTRS)
    return dict(zip(("geojson", "gpkg", "fgb", "shp"), paths, strict=True))


def test_every_kind_of_file_has_the_same_outline_area_score_slope_and_verdict(written):
    read = {kind: geopandas.read_file(path) for kind, path in written.items()}
    for kind, frame in read.items():
        assert len(frame) == 1 and frame.crs.to_epsg() == 4326
        row = frame.iloc[0]
        slope = row["slope_deg" if kind == "shp" else "mean_slope_deg"]
        assert slope == pytest.approx(26.565, abs=0.05) and row["verdict"] == "confirmed"
        assert row["area_m2"] == pytest.approx(4 * PIXEL_M2) and row["mean_score"] == pytest.approx(0.5)
        assert str(row["event_date"])[:10] == "2018-06-01"
        assert frame.geometry.iloc[0].symmetric_difference(read["geojson"].geometry.iloc[0]).area < 1e-15


def test_what_a_spreadsheet_would_run_is_defused_in_tables_and_as_it_is_in_geojson(written):
    said = {kind: geopandas.read_file(path)["event_id"][0] for kind, path in written.items()}
    assert said == {"geojson": "=HYPERLINK(1)", **dict.fromkeys(("gpkg", "fgb", "shp"), "'=HYPERLINK(1)")}


def test_a_shapefile_says_in_a_file_beside_what_its_short_names_and_cut_texts_are(written):
    with zipfile.ZipFile(written["shp"]) as packed:
        names, told = packed.namelist(), packed.read("landslides_fields.txt").decode()
    assert {f"landslides.{one}" for one in ("shp", "shx", "dbf", "prj", "cpg")} <= set(names)
    frame = geopandas.read_file(written["shp"])
    assert max(len(name) for name in frame.columns if name != "geometry") <= 10
    assert {"netw_sha", "model_name", "model_na_2"} <= set(frame.columns)
    assert "model_na_2  model_namely" in told and f"t1_scenes: {ATTRS['t1_scenes']}" in told
    assert ATTRS["t1_scenes"].startswith(frame["t1_scenes"][0]) and len(frame["t1_scenes"][0].encode()) <= 254
    assert frame["netw_sha"][0] == "ab" * 32


@pytest.mark.parametrize("ending", [".fgb", ".shp.zip"])
def test_no_polygons_still_make_a_whole_file(tmp_path, ending):
    polygon_files.write_polygons([], tmp_path / f"none{ending}", {"method": "cva:0.1"})
    frame = geopandas.read_file(tmp_path / f"none{ending}")
    assert len(frame) == 0 and "area_m2" in frame.columns


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="GDAL's programs are not installed")
def test_ogrinfo_reads_them_all(written):
    for path in written.values():
        called = ["ogrinfo", "-al", "-so", path]
        said = subprocess.run(called, capture_output=True, text=True, check=True).stdout
        assert "Feature Count: 1" in said and "verdict: String" in said and "WGS 84" in said
