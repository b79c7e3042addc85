"""GeoTIFF pairs become patches or one sentence says why not; what is written reads back."""

import os
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from app import config, masks, patches, rasters
from app.bands import ALL_BANDS
from app.errors import BandMissingError, DateOrderError, GridError, InputError, ScarpError
from app.sources.own import headers
from app.sources.own.unpacking import BroughtFile
from tests.full_disk import files_up_to
from tests.handmade import altered, grid, tiff

RED = [[0.10, 0.20], [0.30, 0.40]]


def pair(folder: Path, first=RED, second=RED, **how) -> tuple[Path, Path]:
    how = {"names": ["B04"], **how}
    return tiff(folder / "t1.tif", first, **how), tiff(folder / "t2.tif", second, **how)


def test_floats_are_reflectance_and_this_is_said(tmp_path):
    patch, notes = rasters.read_pair(*pair(tmp_path))
    assert patch["B04"].values[0] == pytest.approx(np.array(RED))
    assert "reflectance" in notes[0] and any("no cloud mask" in note for note in notes)
    assert patches.clear_mask(patch).all() and patches.grid_of(patch).shape == (2, 2)
    assert patches.grid_of(patch).bbox == pytest.approx(grid(2, 2).bbox)
    assert patch.attrs["crs"] == "EPSG:4326" and patch.attrs["source"] == "files"


def test_integers_are_digital_numbers_and_this_is_said(tmp_path):
    stored = np.array(RED) * 10_000
    patch, notes = rasters.read_pair(*pair(tmp_path, stored, stored, dtype="uint16"))
    assert patch["B04"].values[1] == pytest.approx(np.array(RED))
    assert "integers read as digital numbers, divided by 10,000" in notes[0]


def test_floats_far_above_one_are_digital_numbers_in_the_file_that_holds_them(tmp_path):
    patch, notes = rasters.read_pair(*pair(tmp_path, np.array(RED) * 10_000, RED))
    assert patch["B04"].values[0] == pytest.approx(np.array(RED))
    assert patch["B04"].values[1] == pytest.approx(np.array(RED))
    assert "floats far above 1" in notes[0] and "values read as reflectance" in notes[1]


def test_a_scale_and_offset_in_the_file_are_used(tmp_path):
    first, second = pair(tmp_path, [[2000]], [[3000]], dtype="int16")
    for path in (first, second):
        with rasterio.open(path, "r+") as file:
            file.scales, file.offsets = [0.0001], [-0.1]
    patch, notes = rasters.read_pair(first, second)
    assert patch["B04"].values.ravel() == pytest.approx([0.1, 0.2])
    assert "scale and offset" in notes[0]


def test_the_offset_of_2022_is_warned_of_where_the_dates_straddle_it(tmp_path):
    first = tiff(tmp_path / "t1.tif", [[1000]], ["B04"], dtype="uint16", date="2021-06-01")
    second = tiff(tmp_path / "t2.tif", [[2000]], ["B04"], dtype="uint16", date="2022-06-01")
    patch, notes = rasters.read_pair(first, second)
    assert any("+1000" in note for note in notes)
    assert patches.dates(patch) == ("2021-06-01", "2022-06-01")


def test_declared_nodata_is_not_clear_and_not_a_number(tmp_path):
    patch, _ = rasters.read_pair(*pair(tmp_path, [[0, 1000]], [[900, 900]], dtype="uint16", nodata=0))
    assert np.isnan(patch["B04"].values[0, 0, 0])
    assert patches.clear_mask(patch).tolist() == [[False, True]]


def test_undeclared_zero_is_a_measurement(tmp_path):
    patch, _ = rasters.read_pair(*pair(tmp_path, [[0, 1000]], [[900, 900]], dtype="uint16"))
    assert patch["B04"].values[0, 0, 0] == 0 and patches.clear_mask(patch).all()


def test_a_cloud_mask_is_read_as_it_stands_even_where_nodata_is_zero(tmp_path):
    names = ["B04", "CLM"]
    first = tiff(tmp_path / "t1.tif", [[[1000, 1000, 1000]], [[0, 1, 255]]], names, dtype="uint16", nodata=0)
    second = tiff(tmp_path / "t2.tif", [[[2000, 2000, 2000]], [[0, 0, 0]]], names, dtype="uint16", nodata=0)
    patch, notes = rasters.read_pair(first, second)
    assert patch["CLM"].values.tolist() == [[[0, 1, 255]], [[0, 0, 0]]]
    assert not any("no cloud mask" in note for note in notes)


def test_names_given_come_before_what_the_file_says(tmp_path):
    first, second = pair(tmp_path, [RED, RED, RED], [RED, RED, RED], names=["B02", "B03", "B04"])
    patch, _ = rasters.read_pair(first, second, ["b8", "-", "B11"])
    assert patches.band_names(patch) == ("B08", "B11")


def test_descriptions_may_be_short_or_go_on(tmp_path):
    patch, _ = rasters.read_pair(*pair(tmp_path, [RED, RED, RED], [RED, RED, RED], names=["B4", "B08 (nir)", "slope"]))
    assert patches.band_names(patch) == ("B04", "B08")


def test_dates_may_be_unknown(tmp_path):
    patch, _ = rasters.read_pair(*pair(tmp_path, TIFFTAG_DATETIME="2024:01:01 00:00:00"))
    assert patches.dates(patch) == ("NaT", "NaT"), "when a file was written is not when the scene was seen"


def other(name, **how):
    """Write t2.tif so that it does not go with t1.tif."""
    return lambda folder: tiff(folder / "t2.tif", **{"bands": RED, "names": ["B04"], **how})


@pytest.mark.parametrize(
    ("second", "error", "said"),
    [
        (other("size", bands=[[0.1, 0.2, 0.3]]), GridError, r"2 x 2 and 3 x 1"),
        (other("crs", crs="EPSG:32632"), GridError, "coordinate reference system"),
        (other("place", transform=Affine(0.0001, 0, 10.00002, 0, -0.0001, 1.0002)), GridError, "same ground"),
        (other("turned", transform=Affine(0.0001, 0.00001, 10, 0, -0.0001, 1.0002)), GridError, "north-up"),
        (other("nowhere", crs=None), GridError, "no coordinate reference system"),
        (other("names", names=[]), BandMissingError, "give --band-names"),
        (other("bands", names=["B08"]), BandMissingError, "no band in common"),
        (other("picture", bands=[[1, 2], [3, 4]], dtype="uint8"), InputError, "8-bit"),
        (lambda folder: folder / "t3.tif", InputError, "There is no file"),
        (lambda folder: folder, InputError, r"ending in \.tif"),
        (lambda folder: "https://example.org/t2.tif", InputError, "only files on this machine"),
        (lambda folder: "/vsicurl/https://example.org/t2.tif", InputError, "only files on this machine"),
        (lambda folder: "/vsizip/a.zip/t2.tif", InputError, "only files on this machine"),
    ],
)
def test_what_does_not_make_a_pair_is_refused_in_one_sentence(tmp_path, second, error, said):
    first = tiff(tmp_path / "t1.tif", RED, ["B04"])
    with pytest.raises(error, match=said) as caught:
        rasters.read_pair(first, second(tmp_path))
    assert "\n" not in str(caught.value)


def test_dates_in_the_wrong_order_are_refused(tmp_path):
    first = tiff(tmp_path / "t1.tif", RED, ["B04"], date="2020-02-01")
    second = tiff(tmp_path / "t2.tif", RED, ["B04"], date="2020-01-01")
    with pytest.raises(DateOrderError, match="swap them"):
        rasters.read_pair(first, second)


def test_wrong_numbers_of_names_and_wrong_names_are_refused(tmp_path):
    files = pair(tmp_path)
    with pytest.raises(InputError, match="has 1 channels and 2 were given"):
        rasters.read_pair(*files, ["B04", "B08"])
    with pytest.raises(InputError, match="B99 is no band"):
        rasters.read_pair(*files, ["B99"])


def test_a_raster_over_the_limit_is_refused_by_its_size_before_its_pixels(tmp_path):
    limit = config.settings().max_raster_mpx
    path = tmp_path / "large.tif"
    side = int((limit * 1_000_000) ** 0.5) + 1
    profile = {"driver": "GTiff", "width": side, "height": side, "count": 1, "dtype": "float32"}
    with rasterio.open(
        path, "w", **profile, crs="EPSG:4326", transform=Affine(1e-5, 0, 0, 0, -1e-5, 1), sparse_ok=True
    ):
        pass
    assert path.stat().st_size < 1_000_000, "no pixels were written"
    with pytest.raises(InputError, match=f"limit of {limit} million"):
        rasters.read_pair(path, path, ["B04"])


def test_a_pair_is_refused_by_the_bytes_of_all_its_bands_before_its_pixels_are_read(tmp_path):
    path = tmp_path / "sparse.tif"
    profile = {"driver": "GTiff", "width": 10_000, "height": 10_000, "count": 12, "dtype": "uint16"}
    place = {"crs": "EPSG:32633", "transform": Affine(10, 0, 5e5, 0, -10, 5e6)}
    with rasterio.open(path, "w", **profile, **place, sparse_ok=True, tiled=True, blockxsize=1024, blockysize=1024):
        pass
    assert path.stat().st_size < 100_000, "no pixels were written"
    with pytest.raises(InputError, match=r"would take 9.8 GB in memory, over the limit of 4.5 GB; cut a part out"):
        rasters.read_pair(path, path, list(ALL_BANDS))


@pytest.mark.parametrize(
    ("west", "size", "north", "said"),
    [
        (10.0, 0.0001, 189.0, "off the globe"),
        (10.0, 0.0001, -90.5, "off the globe"),
        (500.0, 0.0001, 45.0, "off the globe"),
        (float("nan"), 0.0001, 45.0, "states pixels of"),
        (10.0, float("inf"), 45.0, "states pixels of|not north-up"),
    ],
)
def test_a_position_that_is_nowhere_on_earth_is_refused(tmp_path, west, size, north, said):
    files = pair(tmp_path, transform=Affine(size, 0, west, 0, -size, north))
    with pytest.raises(GridError, match=said):
        rasters.read_pair(*files)


def test_a_projected_position_off_the_globe_is_refused(tmp_path):
    files = pair(tmp_path, crs="EPSG:32633", transform=Affine(10, 0, 5e12, 0, -10, 5e6))
    with pytest.raises(GridError, match="off the globe"):
        rasters.read_pair(*files)


@pytest.mark.parametrize("day", ["1600-01-01", "2300-01-01"])
def test_a_day_of_another_century_is_refused(tmp_path, day):
    with pytest.raises(DateOrderError, match=f"t1.tif is said to be of {day}"):
        rasters.read_pair(*pair(tmp_path, date=day))


@pytest.mark.parametrize(
    ("word", "meant"), [("true", True), ("1", True), ("YES", True), ("True", True), ("0", False), ("false", False)]
)
def test_a_simulated_file_makes_a_simulated_pair_however_it_says_so(tmp_path, word, meant):
    first = tiff(tmp_path / "t1.tif", RED, ["B04"])
    second = tiff(tmp_path / "t2.tif", RED, ["B04"], SIMULATED=word)
    assert patches.is_simulated(rasters.read_pair(first, second)[0]) is meant


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(40))
def test_a_geotiff_with_bytes_changed_anywhere_is_read_or_refused_in_a_sentence(tmp_path, seed):
    first, second = pair(tmp_path)
    altered(first, seed)
    try:
        rasters.read_pair(first, second)
    except ScarpError as error:
        assert "\n" not in str(error) and str(tmp_path) not in str(error)


def test_a_file_whose_own_name_is_no_utf_8_is_to_be_called_otherwise(tmp_path):
    path = tiff(tmp_path / "plain.tif", RED, names=["B04"]).rename(tmp_path / os.fsdecode(b"n\xe9.tif"))
    with pytest.raises(InputError, match="is no UTF-8; call it otherwise"):
        rasters.channels_described(path)
    with pytest.raises(InputError, match="is no UTF-8; call it otherwise"):
        headers.read(BroughtFile(path, path.name))


def test_a_channel_called_in_no_utf_8_is_a_sentence(tmp_path):
    first, second = pair(tmp_path, names=["B04 red"])
    first.write_bytes(first.read_bytes().replace(b"B04 red", b"B04 r\xe9d"))
    with pytest.raises(InputError, match=r"t1\.tif cannot be read as a GeoTIFF .*utf-8"):
        rasters.read_pair(first, second)


def test_what_only_ends_like_a_geotiff_is_refused(tmp_path):
    fake = tmp_path / "fake.tif"
    secret = tiff(tmp_path / "secret.tif", RED, ["B04"])
    points_elsewhere = (
        '<VRTDataset rasterXSize="2" rasterYSize="2"><SRS>EPSG:4326</SRS>'
        "<GeoTransform>10, 0.0001, 0, 1, 0, -0.0001</GeoTransform>"
        '<VRTRasterBand dataType="Float32" band="1"><SimpleSource>'
        f"<SourceFilename>{secret}</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    for content in ("", "not a tiff", points_elsewhere):
        fake.write_text(content)
        with pytest.raises(InputError, match="cannot be read as a GeoTIFF"):
            rasters.read_pair(fake, fake, ["B04"])


def test_files_of_one_name_are_told_apart_by_their_folder(tmp_path):
    first = tiff(tmp_path / "A" / "41.tif", RED, ["B04"])
    second = tiff(tmp_path / "B" / "41.tif", [[0.1]], ["B04"])
    with pytest.raises(GridError, match=r"A/41\.tif and B/41\.tif"):
        rasters.read_pair(first, second)


def test_a_mask_written_reads_back_with_unclear_as_unknown(tmp_path):
    mask, clear = np.array([[True, False, True]]), np.array([[True, True, False]])
    out = tmp_path / "new" / "mask.tif"
    rasters.write_mask(out, mask, clear, grid(1, 3), {"method": "cva:0.1", "simulated": "true"})
    with rasterio.open(out) as file:
        assert file.nodata == 255 and file.dtypes == ("uint8",) and file.crs.to_epsg() == 4326
        assert file.tags()["method"] == "cva:0.1" and file.tags()["simulated"] == "true"
        assert tuple(file.bounds) == pytest.approx(grid(1, 3).bbox)
    assert masks.read(out).values.tolist() == [[1, 0, 255]]
    assert [path.name for path in out.parent.iterdir()] == ["mask.tif"]


def test_a_score_written_keeps_its_numbers_and_nan_as_nodata(tmp_path):
    score = np.array([[0.25, np.nan]], np.float32)
    rasters.write_score(tmp_path / "score.tif", score, grid(1, 2))
    with rasterio.open(tmp_path / "score.tif") as file:
        assert np.isnan(file.nodata) and file.read(1)[0, 0] == 0.25 and file.read_masks(1).tolist() == [[255, 0]]


def test_a_place_that_cannot_be_written_is_refused_in_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    for out, said in ((tmp_path / "file" / "m.tif", "choose another"), ("/vsimem/m.tif", "address"), ("m.png", "tif")):
        with pytest.raises(InputError, match=said):
            rasters.write_score(out, np.zeros((1, 2)), grid(1, 2))
    with pytest.raises(GridError, match="patch's grid"):
        rasters.write_score(tmp_path / "m.tif", np.zeros((3, 3)), grid(1, 2))


@pytest.mark.parametrize("short", [1, 100, 1000])
def test_a_disk_that_is_full_at_the_very_end_of_a_file_is_a_sentence_and_leaves_nothing(tmp_path, short):
    score = np.random.default_rng(0).random((100, 100), np.float32)
    rasters.write_score(tmp_path / "whole.tif", score, grid(100, 100), {"method": "cva"})
    size = (tmp_path / "whole.tif").stat().st_size
    with files_up_to(size - short), pytest.raises(InputError, match="cannot be written"):
        rasters.write_score(tmp_path / "cut.tif", score, grid(100, 100), {"method": "cva"})
    assert [path.name for path in tmp_path.iterdir()] == ["whole.tif"]
