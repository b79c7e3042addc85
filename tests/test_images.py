"""A patch as images: every pixel, band and word of it is read back by GDAL, and QGIS finds a style beside."""

import shutil
import subprocess

import numpy as np
import pytest
import rasterio

from app import patches, rasters
from app.detection import run
from app.export import archives, images
from app.grid import Grid
from app.pictures import render
from tests.small import patch

SAID = {"t1_scenes": "S2A_one, S2A_two", "t2_scenes": "S2B_three", "processing_baseline": "05.09"}


@pytest.fixture(scope="module")
def pair():
    first = np.linspace(0.05, 0.4, 36).reshape(6, 6)
    cloudy = np.zeros((6, 6))
    cloudy[0, 0], cloudy[5, 5] = patches.NODATA, patches.CLOUDY
    holed = np.where(cloudy == patches.NODATA, np.nan, first[::-1])
    made = patch(size=6, simulated=True, B04=(first, holed), CLM=(0, cloudy))
    return made.assign_attrs(SAID)


def structure(path) -> dict:
    with rasterio.open(path) as file:
        return file.tags(ns="IMAGE_STRUCTURE")


def test_each_date_holds_every_band_to_the_last_digit_and_says_what_it_is(pair, tmp_path):
    found = images.dates(pair, tmp_path, "event1", "true-colour", "", "compare?event=1")
    assert [path.name for path in found] == ["event1_T1.tif", "event1_T2.tif"]
    for at, (path, day) in enumerate(zip(found, ("2022-09-17", "2023-02-24"), strict=True)):
        with rasterio.open(path) as file:
            assert file.descriptions == ("B02", "B03", "B04", "B08", "CLM") and np.isnan(file.nodata)
            for number, name in enumerate(file.descriptions, start=1):
                assert np.array_equal(file.read(number), pair[name].values[at].astype("f4"), equal_nan=True)
            assert file.tags(3)["wavelength_nm"] and file.tags(3)["scale"] == "1" and file.scales[2] == 1
            told = file.tags()
            assert file.crs.to_epsg() == 4326 and tuple(file.bounds) == pytest.approx(patches.grid_of(pair).bbox)
        assert (told["t1"], told["t2"], told["date"], told["of"]) == ("2022-09-17", "2023-02-24", day, images.NAMES[at])
        assert told["simulated"] == "true" and told["link"] == "compare?event=1"
        assert {name: told[name] for name in SAID} == SAID
        assert path.with_suffix(".qml").is_file()


def test_both_dates_are_a_pair_again(pair, tmp_path):
    again, _ = rasters.read_pair(*images.dates(pair, tmp_path, "e", "true-colour", ""))
    assert np.array_equal(again["B04"].values, pair["B04"].values, equal_nan=True)
    assert np.array_equal(again["CLM"].values, pair["CLM"].values)
    assert patches.is_simulated(again) and patches.dates(again) == patches.dates(pair)


def test_a_picture_is_the_one_that_was_seen_and_clear_where_there_are_no_data(pair, tmp_path):
    found = images.pictures(pair, tmp_path, "e", "true-colour", "fixed:0:0.3")
    shown = render.pair(pair, "true-colour", render.stretch_for(pair, "true-colour", "fixed:0:0.3"))
    for path, picture in zip(found, shown, strict=True):
        with rasterio.open(path) as file:
            assert np.array_equal(np.moveaxis(file.read((1, 2, 3)), 0, -1), picture)
            told = file.tags()
        assert told["composition"] == "true-colour" and told["stretch"].startswith("fixed range: ")
    with rasterio.open(found[1]) as file:
        assert file.colorinterp[3].name == "alpha" and file.read(4)[0, 0] == 0 and file.read(4)[1:].min() == 255


def test_a_mask_and_a_score_keep_their_numbers_and_the_mask_its_colours(pair, tmp_path):
    found = run.detect(pair, "band-difference:B04:0.1")
    mask = run.mask(found)
    drawn, scored = images.change(pair, found, mask, tmp_path, "e", run.labels(pair, found))
    with rasterio.open(drawn) as file:
        assert np.array_equal(file.read(1) == 1, mask) and np.array_equal(file.read(1) == 255, ~found.clear)
        assert file.colormap(1)[1] == rasters.MASK_COLOURS[1] and file.colormap(1)[255][3] == 0
        assert file.tags()["t1_scenes"] == "S2A_one, S2A_two" and file.tags()["method"] == "band-difference:B04:0.1"
    with rasterio.open(scored) as file:
        assert np.array_equal(file.read(1), found.score, equal_nan=True)


def test_every_image_is_cloud_optimised_with_overviews_that_hold_no_new_number(pair, tmp_path):
    found = run.detect(pair, "band-difference:B04:0.1")
    written = [
        *images.dates(pair, tmp_path, "e", "NDVI", ""),
        *images.pictures(pair, tmp_path, "e", "NDVI", ""),
        *images.change(pair, found, run.mask(found), tmp_path, "e", {}),
    ]
    assert [structure(path)["LAYOUT"] for path in written] == ["COG"] * 6
    large = np.zeros((600, 600), bool)
    large[::3, ::3] = True
    rasters.write_mask(tmp_path / "large.tif", large, np.ones_like(large), Grid(36, 37, 9e-5, 9e-5, 600, 600))
    with rasterio.open(tmp_path / "large.tif") as file:
        assert file.overviews(1) == [2] and file.profile["tiled"]
        assert set(np.unique(file.read(1, out_shape=(300, 300)))) <= {0, 1}


@pytest.mark.skipif(shutil.which("gdalinfo") is None, reason="GDAL's programs are not installed")
def test_gdalinfo_reads_names_days_and_layout(pair, tmp_path):
    path = images.dates(pair, tmp_path, "e", "true-colour", "")[0]
    said = subprocess.run(["gdalinfo", path], capture_output=True, text=True, check=True).stdout
    for words in ("LAYOUT=COG", "Description = B08", "NoData Value=nan", "t1=2022-09-17", "simulated=true"):
        assert words in said


def test_a_folder_is_zipped_with_its_folders(tmp_path):
    import io
    import zipfile

    def fill(folder):
        (folder / "in").mkdir()
        (folder / "in" / "a.txt").write_text("a")

    assert zipfile.ZipFile(io.BytesIO(archives.zipped(fill))).namelist() == ["in/a.txt"]
