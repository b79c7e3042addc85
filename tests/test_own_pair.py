"""One's own images: what names, headers and statements say of them, and the patch that comes of it."""

import json
import math
import zipfile
from pathlib import Path

import numpy as np
import pytest
import rasterio
import xarray as xr
from affine import Affine

from app import patches
from app.__main__ import main
from app.errors import BandMissingError, DateOrderError, GridError, InputError
from app.grid import EPSG_4326
from app.sources.own import clouds, naming, opening
from app.sources.own.pairing import BandsUnknownError
from app.sources.own.stated import COMMON_GRID, PairStated, from_json
from tests.handmade import tiff

UTM, PLACE = "EPSG:32633", Affine(10, 0, 500_000, 0, -10, 5_000_000)
SIDE, SCAR = 24, (slice(6, 12), slice(8, 12))  # 24 pixels of bare ground at T2
GROUND = {"B02": 400, "B03": 600, "B04": 500, "B08": 3000, "B8A": 3100, "B11": 1500}
DAYS = ("2020-05-01", "2021-05-06")


def image(band: str, after: bool, side: int = SIDE, add: int = 0) -> np.ndarray:
    """Digital numbers (side, side) of vegetation that varies a little, with a bare scar after."""
    values = GROUND[band] + np.arange(side * side).reshape(side, side) % 7 * 10
    if after:
        rows, columns = (slice(each.start * side // SIDE, each.stop * side // SIDE) for each in SCAR)
        values[rows, columns] += 1000
    return values + add


def one_date(path: Path, after: bool, bands=("B02", "B03", "B04", "B08"), **how) -> Path:
    how = {"dtype": "uint16", "crs": UTM, "transform": PLACE, "names": bands, **how}
    return tiff(path, [image(band, after) for band in bands], **how)


def a_file_a_band(folder: Path, after: bool, name: str, bands=("B02", "B03", "B04", "B08")) -> Path:
    for band in bands:
        path = folder / name.format(band=band)
        tiff(path, image(band, after), dtype="uint16", crs=UTM, transform=PLACE)
    return folder


def opened(t1, t2, **said):
    return opening.opened([t1], [t2], PairStated(**said))


def scar_of(patch: xr.Dataset, by: float = 0.05) -> np.ndarray:
    return (patch["B04"].values[1] - patch["B04"].values[0]) >= by


def jp2(path: Path, values: np.ndarray, transform: Affine = PLACE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    profile = {"driver": "JP2OpenJPEG", "height": values.shape[0], "width": values.shape[1], "count": 1}
    lossless = {"QUALITY": 100, "REVERSIBLE": "YES"}
    with rasterio.open(path, "w", dtype=values.dtype, crs=UTM, transform=transform, **profile, **lossless) as target:
        target.write(values, 1)
    return path


def product(folder: Path, day: str, after: bool, baseline: str = "0500", add: int = 1000) -> Path:
    """A folder like that of an L2A product: 10 m and 20 m, scene classes, a picture that is no band."""
    stamp = day.replace("-", "") + "T100031"
    top = folder / f"S2A_MSIL2A_{stamp}_N{baseline}_R122_T33UUP_{stamp[:8]}T134500.SAFE"
    images = top / "GRANULE" / f"L2A_T33UUP_A025000_{stamp}" / "IMG_DATA"
    for band in ("B02", "B03", "B04", "B08"):
        jp2(images / "R10m" / f"T33UUP_{stamp}_{band}_10m.jp2", image(band, after, add=add).astype(np.uint16))
    half = Affine(20, 0, 500_000, 0, -20, 5_000_000)
    for band in ("B04", "B8A", "B11"):
        jp2(
            images / "R20m" / f"T33UUP_{stamp}_{band}_20m.jp2",
            image(band, after, SIDE // 2, add).astype(np.uint16),
            half,
        )
    classes = np.full((SIDE // 2, SIDE // 2), 4, np.uint8)
    classes[0, :2] = 9
    jp2(images / "R20m" / f"T33UUP_{stamp}_SCL_20m.jp2", classes, half)
    jp2(images / "R10m" / f"T33UUP_{stamp}_TCI_10m.jp2", np.full((SIDE, SIDE), 90, np.uint8))
    return top


# --- names ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "channels"),
    [
        ("B04.tif", ("B04",)),
        ("download.B4.tif", ("B04",)),
        ("T33UUP_20200101T100401_B04_10m.jp2", ("B04",)),
        ("T33UUP_20200101T100401_B8A_20m.jp2", ("B8A",)),
        ("2020-01-01-00_00_2020-01-01-23_59_Sentinel-2_L2A_B04_(Raw).tiff", ("B04",)),
        ("2020-01-01-00_00_2020-01-01-23_59_Sentinel-2_L2A_B8A_(Raw).tiff", ("B8A",)),
        ("2020-01-01-00_00_2020-01-01-23_59_Sentinel-2_L2A_True_color.tiff", ("-",)),
        ("T33UUP_20200101T100401_SCL_20m.jp2", ("SCL",)),
        ("T33UUP_20200101T100401_TCI_10m.jp2", ("-",)),
        ("scene_B02_B03_B04.tif", ("B02", "B03", "B04")),
        ("S2B_33UUP_20200101_0_L2A/red.tif", ("B04",)),
        ("red_river_t1.tif", ()),
        ("t1.tif", ()),
        ("landslide.tif", ()),
    ],
)
def test_a_name_says_which_bands_a_file_holds(name, channels):
    assert naming.channels_in(name) == channels


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("T33UUP_20200101T100401_B04_10m.jp2", ["2020-01-01"]),
        ("2020-01-01-00_00_2020-01-01-23_59_Sentinel-2_L2A_B04_(Raw).tiff", ["2020-01-01"]),
        ("2020-01-01-00_00_2020-01-10-23_59_Sentinel-2_L2A_B04_(Raw).tiff", ["2020-01-01", "2020-01-10"]),
        ("S2A_MSIL2A_20200101T100401_N0213_R122_T33UUP_20200103T120101.SAFE/x/B04.jp2", ["2020-01-01"]),
        ("scene_2018_09_30.tif", ["2018-09-30"]),
        ("2020-13-41.tif", []),
        ("tile_120200101999.tif", []),
    ],
)
def test_a_name_says_of_which_day_a_file_is(name, days):
    assert [str(day) for day in naming.days_in(name)] == days


# --- how a date is given ---------------------------------------------------------------------


def test_two_files_with_all_bands_give_what_is_in_them(tmp_path):
    patch, notes = opened(one_date(tmp_path / "a.tif", False), one_date(tmp_path / "b.tif", True))
    assert patches.band_names(patch) == ("B02", "B03", "B04", "B08")
    assert scar_of(patch).sum() == 24 and scar_of(patch)[SCAR].all()
    assert patch.attrs["crs"] == UTM and patches.dates(patch) == ("NaT", "NaT")
    assert "digital numbers" in notes[0]


@pytest.mark.parametrize("name", ["{band}.tif", "download.{band}.tif", "T33UUP_20200501T100031_{band}_10m.tif"])
def test_a_folder_with_one_file_a_band_is_the_same_pair(tmp_path, name):
    before = a_file_a_band(tmp_path / "t1", False, name)
    after = a_file_a_band(tmp_path / "t2", True, name.replace("20200501", "20210506"))
    patch, _ = opened(before, after)
    assert scar_of(patch).sum() == 24
    assert patches.dates(patch) == (DAYS if "T33" in name else ("NaT", "NaT"))


def zipped(folder: Path, into: Path) -> Path:
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder.parent))
    return into


def test_a_zip_and_files_with_commas_are_the_same_pair_on_the_command_line(tmp_path, capsys):
    before = a_file_a_band(tmp_path / "t1", False, "2020-05-01-00_00_2020-05-01-23_59_Sentinel-2_L2A_{band}_(Raw).tiff")
    after = a_file_a_band(tmp_path / "t2", True, "2021-05-06-00_00_2021-05-06-23_59_Sentinel-2_L2A_{band}_(Raw).tiff")
    listed = ",".join(map(str, sorted(after.iterdir())))
    pair = ["--pair", str(zipped(before, tmp_path / "t1.zip")), listed]
    assert main(["detect", *pair, "--method", "band-difference:B04:0.05", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["t1"], document["t2"], document["changed"]) == (*DAYS, 24)


def test_the_days_given_go_before_those_of_the_files_and_choose_among_several(tmp_path, capsys):
    both = a_file_a_band(tmp_path / "both", False, "scene_20200501_{band}.tif")
    a_file_a_band(tmp_path / "both", True, "scene_20210506_{band}.tif")
    method = ["--method", "band-difference:B04:0.05", "--json"]
    assert main(["detect", "--pair", str(both), str(both), *method]) == 2
    assert "T1 holds files of several days (2020-05-01, 2021-05-06)" in capsys.readouterr().err
    assert main(["detect", "--pair", str(both), str(both), "--dates", *DAYS, *method]) == 0
    assert json.loads(capsys.readouterr().out)["changed"] == 24
    assert main(["detect", "--pair", str(both), str(both), "--dates", *reversed(DAYS), *method]) == 2
    assert "swap them" in capsys.readouterr().err


def test_dates_in_the_wrong_order_are_refused(tmp_path):
    files = (one_date(tmp_path / "a_20210506.tif", False), one_date(tmp_path / "b_20200501.tif", True))
    with pytest.raises(DateOrderError, match="swap them"):
        opened(*files)


def test_a_product_is_read_with_its_finest_bands_its_classes_and_its_offset(tmp_path):
    before = product(tmp_path / "t1", DAYS[0], False, "0214", add=0)
    after = product(tmp_path / "t2", DAYS[1], True)
    patch, notes = opened(before, after)
    assert patches.band_names(patch) == ("B02", "B03", "B04", "B08", "B8A", "B11")
    assert patches.dates(patch) == DAYS and patches.grid_of(patch).shape == (SIDE, SIDE)
    assert patch["B04"].values[1, 0, 5] == pytest.approx(patch["B04"].values[0, 0, 5], abs=1e-6), "+1000 is taken off"
    assert patch["CLM"].values[0, :2, :4].all() and patch["CLM"].values.sum() == 2 * 8
    assert scar_of(patch).sum() == 24
    assert any("scene classes" in note for note in notes) and any("finest" in note for note in notes)


def test_a_product_through_the_air_beside_one_without_it_is_doubted(tmp_path):
    before = one_date(tmp_path / "S2A_MSIL2A_20200501T100031_N0214_R122_T33UUP_20200501T120000.tif", False)
    after = {
        level: one_date(tmp_path / f"S2A_MSI{level}_20210506T100031_N0300_R122_T33UUP_20210506T120000.tif", True)
        for level in ("L1C", "L2A")
    }
    assert "T1 is a product of level L2A and T2 of L1C" in opened(before, after["L1C"])[0].attrs["warnings"]
    assert not opened(before, after["L2A"])[0].attrs["warnings"]


def test_a_zip_of_a_product_is_the_product(tmp_path):
    before, after = (zipped(product(tmp_path / "in", day, n), tmp_path / f"{n:d}.zip") for n, day in enumerate(DAYS))
    patch, _ = opened(before, after)
    assert patches.dates(patch) == DAYS and scar_of(patch).sum() == 24


@pytest.mark.parametrize("ending", ["nc", "zarr"])
def test_a_cube_of_two_times_is_a_pair_by_itself_and_one_of_more_asks_for_its_days(tmp_path, ending):
    one, _ = opened(one_date(tmp_path / "a.tif", False, date=DAYS[0]), one_date(tmp_path / "b.tif", True, date=DAYS[1]))
    path = tmp_path / f"pair.{ending}"
    patches.write(one, path)
    again, _ = opened(path, path)
    xr.testing.assert_allclose(again["B04"], one["B04"])
    assert patches.dates(again) == DAYS and again.attrs["crs"] == UTM
    three = xr.concat([one, one.isel(time=[1]).assign_coords(time=[np.datetime64("2022-05-01", "ns")])], "time",
                      data_vars="minimal", coords="minimal", compat="override", join="override")  # fmt: skip
    cube = tmp_path / f"cube.{ending}"
    three = three.drop_encoding()
    three.to_netcdf(cube) if ending == "nc" else three.to_zarr(cube, zarr_format=2)
    with pytest.raises(InputError, match="holds 3 times"):
        opened(cube, cube)
    chosen, _ = opened(cube, cube, days=(DAYS[0], "2022-05-01"))
    assert scar_of(chosen).sum() == 24


# --- pixels ----------------------------------------------------------------------------------


def test_a_flipped_image_is_the_same_image(tmp_path):
    straight, turned = tmp_path / "a.tif", tmp_path / "b.tif"
    one_date(straight, False)
    values = [image(band, True)[::-1] for band in ("B02", "B03", "B04", "B08")]
    flipped = Affine(10, 0, 500_000, 0, 10, 5_000_000 - 10 * SIDE)
    tiff(turned, values, ["B02", "B03", "B04", "B08"], dtype="uint16", crs=UTM, transform=flipped)
    patch, notes = opened(straight, turned)
    assert scar_of(patch).sum() == 24 and scar_of(patch)[SCAR].all()
    assert not any("mixed" in note for note in notes)


def test_an_image_that_lies_askew_is_laid_on_the_other_one(tmp_path):
    one_date(tmp_path / "a.tif", False)
    cosine, sine = 10 * math.cos(math.pi / 6), 10 * math.sin(math.pi / 6)  # turned by 30 degrees round its middle
    askew = Affine(cosine, sine, 500_120 - 20 * cosine - 20 * sine, sine, -cosine, 4_999_880 - 20 * sine + 20 * cosine)
    side = 40
    rows, columns = np.mgrid[:side, :side] + 0.5
    x, y = askew.a * columns + askew.b * rows + askew.c, askew.d * columns + askew.e * rows + askew.f
    bare = (x >= 500_080) & (x <= 500_120) & (y >= 4_999_880) & (y <= 4_999_940)
    values = [np.full((side, side), GROUND[band]) + 1000 * bare for band in ("B02", "B03", "B04", "B08")]
    tiff(tmp_path / "b.tif", values, ["B02", "B03", "B04", "B08"], dtype="uint16", crs=UTM, transform=askew)
    patch, notes = opened(tmp_path / "a.tif", tmp_path / "b.tif")
    assert patches.grid_of(patch).shape == (SIDE, SIDE)
    found = scar_of(patch)
    assert abs(int(found.sum()) - 24) <= 4 and found[7:11, 9:11].all()
    assert any("mixed from its neighbours" in note for note in notes)


def test_dates_that_cover_different_ground_are_cut_to_what_both_show(tmp_path):
    one_date(tmp_path / "a.tif", False)
    moved = Affine(10, 0, 500_040, 0, -10, 5_000_020)  # four pixels east, two north
    bands = ("B02", "B03", "B04", "B08")
    tiff(tmp_path / "b.tif", [np.full((SIDE, SIDE), GROUND[band]) for band in bands], bands, dtype="uint16", crs=UTM,
         transform=moved)  # fmt: skip
    patch, notes = opened(tmp_path / "a.tif", tmp_path / "b.tif")
    assert patches.grid_of(patch).shape == (22, 20)
    assert patches.grid_of(patch).bbox == (500_040, 4_999_780, 500_240, 5_000_000)
    assert patch["B04"].values[0, 0, 0] == pytest.approx(image("B04", False)[0, 4] / 10_000)
    assert any("do not cover the same ground" in note for note in notes)
    with pytest.raises(GridError, match="no ground in common"):
        one_date(tmp_path / "c.tif", True, transform=Affine(10, 0, 501_000, 0, -10, 5_000_000))
        opened(tmp_path / "a.tif", tmp_path / "c.tif")


def test_dates_of_different_pixels_lie_on_the_finer_ones_or_on_the_common_grid(tmp_path):
    one_date(tmp_path / "a.tif", False)
    bands = ("B02", "B03", "B04", "B08")
    coarse = [image(band, True, SIDE // 2) for band in bands]
    tiff(
        tmp_path / "b.tif", coarse, bands, dtype="uint16", crs=UTM, transform=Affine(20, 0, 500_000, 0, -20, 5_000_000)
    )
    patch, _ = opened(tmp_path / "a.tif", tmp_path / "b.tif")
    assert patches.grid_of(patch).shape == (SIDE, SIDE) and 16 <= scar_of(patch).sum() <= 32
    common, _ = opened(tmp_path / "a.tif", tmp_path / "b.tif", pixels=COMMON_GRID)
    assert common.attrs["crs"] == EPSG_4326 and patches.grid_of(common).res_x == pytest.approx(0.00009)


def test_nodata_of_one_date_is_mixed_into_no_pixel_beside_it(tmp_path):
    one_date(tmp_path / "a.tif", False)
    bands = ("B02", "B03", "B04", "B08")
    values = np.array([image(band, False, SIDE // 2) for band in bands])
    values[:, :6] = 0
    tiff(
        tmp_path / "b.tif",
        values,
        bands,
        dtype="uint16",
        nodata=0,
        crs=UTM,
        transform=Affine(20, 0, 500_000, 0, -20, 5_000_000),
    )
    patch, _ = opened(tmp_path / "a.tif", tmp_path / "b.tif")
    second = patch["B04"].values[1]
    assert np.isnan(second[:11]).all() and np.nanmin(second) > 0.045


def test_a_box_is_cut_out(tmp_path):
    files = one_date(tmp_path / "a.tif", False), one_date(tmp_path / "b.tif", True)
    whole, _ = opened(*files)
    west, south, east, north = patches.grid_of(whole).bbox_deg
    box = (west, south, (west + east) / 2, north)
    half, _ = opened(*files, box=box)
    assert patches.grid_of(half).shape[0] >= SIDE - 1 and 11 <= patches.grid_of(half).shape[1] <= 12


# --- what is stated, and what cannot be told -----------------------------------------------------


def test_bands_that_no_file_says_are_asked_for_and_can_be_stated(tmp_path):
    files = [one_date(tmp_path / f"{n}.tif", after, names=[]) for n, after in (("a", False), ("b", True))]
    with pytest.raises(BandsUnknownError, match="give --band-names") as caught:
        opened(*files)
    assert [header.name for header in caught.value.headers] == ["a.tif"]
    stated = (("", ("B02", "B03", "B04", "B08")),)
    assert scar_of(opened(*files, bands=stated)[0]).sum() == 24
    with pytest.raises(InputError, match="B99 is no band"):
        opening.channels("B02,B99")


def test_the_unit_that_is_stated_is_used_and_said(tmp_path):
    files = [one_date(tmp_path / f"{n}.tif", after) for n, after in (("a", False), ("b", True))]
    patch, notes = opened(*files, units=("digital numbers", "digital numbers"))
    assert patch["B04"].values[0, 0, 0] == pytest.approx(0.05) and any("was said to hold" in note for note in notes)


def test_what_is_stated_survives_json():
    said = PairStated((("a.tif", ("B04", "-")),), ("2020-01-01", ""), ("percent", ""), COMMON_GRID, (1, 2, 3, 4), True)
    assert from_json(json.loads(json.dumps(said.as_json()))) == said


def test_qa60_is_a_cloud_mask(tmp_path):
    bands = ("B02", "B03", "B04", "QA60")
    for name in ("a", "b"):
        values = np.array([image("B02", False), image("B03", False), image("B04", False), np.zeros((SIDE, SIDE), int)])
        values[3, 0, 0], values[3, 0, 1] = 1 << 10, 1 << 11
        tiff(tmp_path / f"{name}.tif", values, bands, dtype="uint16", crs=UTM, transform=PLACE)
    patch, _ = opened(tmp_path / "a.tif", tmp_path / "b.tif")
    assert patch["CLM"].values[0, 0, :3].tolist() == [1, 1, 0] and patch["CLM"].values.sum() == 4


def test_bands_that_only_one_date_has_are_left_out(tmp_path):
    first = one_date(tmp_path / "a.tif", False, ("B02", "B04"))
    second = one_date(tmp_path / "b.tif", True, ("B04", "B08"))
    assert patches.band_names(opened(first, second)[0]) == ("B04",)
    with pytest.raises(BandMissingError, match="no band in common"):
        opened(first, one_date(tmp_path / "c.tif", True, ("B08",)))


def test_clouds_are_not_looked_for_without_the_package_and_its_command_is_said(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(clouds, "_PACKAGE", "ukis_csmask_is_not_here")
    files = [str(one_date(tmp_path / f"{n}.tif", after)) for n, after in (("a", False), ("b", True))]
    assert main(["detect", "--pair", *files, "--find-clouds", "--method", "cva"]) == 2
    assert clouds.INSTALL in capsys.readouterr().err


def test_clouds_of_a_real_scene_are_found_and_those_of_a_clear_one_are_not(shared):
    cube = shared / "data" / "s2" / "romania_forest_10m.nc"
    found, notes = opened(cube, cube, days=("2017-07-11", "2018-08-15"), bands=(("", FOREST),), clouds=True)
    first, second = patches.clear_shares(found)
    assert first > 0.95 and second < 0.7
    assert sum("ukis-csmask" in note for note in notes) == 2


FOREST = ("B02", "B03", "B04", "B08", "-")

# --- hostile files ---------------------------------------------------------------------------------


def bomb(folder: Path) -> Path:
    path = folder / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("B04.tif", "w") as out:
        for _ in range(150):
            out.write(bytes(1_000_000))
    return path


def pointing(folder: Path) -> Path:
    path = folder / "B04.vrt"
    path.write_text(
        '<VRTDataset rasterXSize="1" rasterYSize="1"><SourceFilename>/etc/passwd</SourceFilename></VRTDataset>'
    )
    return path


def disguised(folder: Path) -> Path:
    return pointing(folder).rename(folder / "B04.tif")


def huge(folder: Path) -> Path:
    path = folder / "B04.tif"
    how = {"driver": "GTiff", "width": 60_000, "height": 60_000, "count": 1, "dtype": "uint16", "sparse_ok": True}
    with rasterio.open(path, "w", crs=UTM, transform=PLACE, tiled=True, compress="deflate", **how):
        pass
    return path


def broken(folder: Path) -> Path:
    path = one_date(folder / "B04.tif", False)
    path.write_bytes(path.read_bytes()[:200])
    return path


def cut_short(folder: Path) -> Path:
    path = one_date(folder / "scene.tif", False)
    path.write_bytes(path.read_bytes()[:-2000])
    return path


@pytest.mark.parametrize(
    ("hostile", "said"),
    [
        (bomb, "unpacks to 150 MB"),
        (pointing, "only names other files"),
        (disguised, "cannot be read as a GeoTIFF .it only names other files"),
        (huge, "60000 x 60000 pixels, over the limit"),
        (broken, "cannot be read as a GeoTIFF|damaged"),
        (cut_short, "damaged|cannot be read"),
        (lambda folder: folder, "holds no image"),
    ],
)
def test_a_hostile_file_is_refused_in_one_sentence(tmp_path, hostile, said):
    folder = tmp_path / "in"
    folder.mkdir()
    with pytest.raises(InputError, match=said) as caught:
        opened(hostile(folder), one_date(tmp_path / "b.tif", True))
    assert "\n" not in str(caught.value)


def test_names_in_an_archive_lead_nowhere_else(tmp_path):
    a_file_a_band(tmp_path / "t1", False, "{band}.tif")
    with zipfile.ZipFile(tmp_path / "out.zip", "w") as archive:
        for path in (tmp_path / "t1").iterdir():
            archive.write(path, f"../../../evil/{path.name}")
    patch, _ = opened(tmp_path / "out.zip", a_file_a_band(tmp_path / "t2", True, "{band}.tif"))
    assert scar_of(patch).sum() == 24 and not list(tmp_path.parent.rglob("evil"))


# --- real files ---------------------------------------------------------------------------------


def test_the_iburi_pair_gives_what_was_measured_on_it(shared, capsys):
    at = shared / "data" / "iburi2018_west"
    pair = ["--pair", str(at / "t1.tif"), str(at / "t2.tif"), "--truth", str(at / "landslide.tif")]
    days = ["--dates", "2018-04-20", "2018-10-01"]
    assert main(["detect", *pair, *days, "--method", "band-difference:B04:0.0137", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    rates = [document["truth"][rate] for rate in ("precision", "recall", "f1")]
    assert rates == pytest.approx([0.715, 0.659, 0.686], abs=0.002)
    assert (document["t1"], document["t2"]) == ("2018-04-20", "2018-10-01")


def test_a_real_product_of_one_file_a_band_is_read_by_the_names_of_its_files(shared):
    folder = shared / "data" / "s2" / "l2a_cog"
    patch, notes = opened(folder, folder, days=("2020-02-19", "2020-02-20"))
    assert set(patches.band_names(patch)) >= {"B02", "B03", "B04", "B08", "B8A", "B11", "B12"}
    assert any("scene classes" in note for note in notes)
    assert patch.attrs["crs"] == "EPSG:32629" and patches.dates(patch) == ("2020-02-19", "2020-02-20")
