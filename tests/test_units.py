"""The numbers of a pair mean what they are, file by file and band by band, whatever tags and types say."""

from pathlib import Path

import numpy as np
import pytest
import rasterio

from app import patches, rasters
from app.detection import run
from app.errors import InputError
from app.stored import channels
from app.values import fill, units
from tests.handmade import tiff

CASES = Path(__file__).parent / "cases"
NAMES = ["B02", "B03", "B04", "B08"]
FOREST, SCAR = [0.03, 0.05, 0.04, 0.30], [0.10, 0.13, 0.17, 0.24]


def reflectance(side=40, scar=False, seed=0):
    """(band, y, x) of a forest, with a scar of 200 pixels at T2."""
    values = np.array(FOREST)[:, None, None] + np.random.default_rng(seed).normal(0, 0.001, (4, side, side))
    if scar:
        values[:, 10:20, 10:30] = np.array(SCAR)[:, None, None]
    return values


def pair(folder, first=lambda v: v, second=None, kinds=("float32", "float32"), tags=(None, None), **days):
    """Two files of the scene with what ``first`` and ``second`` make of its reflectance, and per-band scale tags."""
    paths = []
    for number, change in enumerate((first, second or first)):
        name = f"t{number + 1}"
        stored = change(reflectance(scar=number == 1, seed=number))
        day = {"date": days[name]} if name in days else {}
        path = tiff(folder / f"{name}.tif", stored, NAMES, dtype=kinds[number], **day)
        if tags[number]:
            with rasterio.open(path, "r+") as file:
                file.scales, file.offsets = tags[number]
        paths.append(path)
    return paths


def read(paths, names=None):
    """Return the changed and clear pixels of the red difference, the notes and the warnings."""
    patch, notes = rasters.read_pair(*paths, names)
    found = run.detect(patch, "band-difference:B04:0.05")
    return int(run.mask(found).sum()), int(found.clear.sum()), " ".join(notes), " ".join(patches.warnings(patch))


def digital(values):
    return np.round(values * 10_000)


@pytest.mark.parametrize("method", ["band-difference:B04:0.05", "cva:0.1"])
def test_digital_numbers_and_reflectance_of_two_files_are_told_apart(method):
    folder = CASES / "02-mixed-units"
    patch, notes = rasters.read_pair(folder / "t1_float_dn.tif", folder / "t2_reflectance.tif")
    assert run.mask(run.detect(patch, method)).sum() == 200 and patches.warnings(patch) == ()
    assert "digital numbers" in notes[0] and "reflectance" in notes[1]


def test_a_stale_scale_is_not_believed_and_this_is_said():
    folder = CASES / "03-scale-tags"
    changed, clear, _, said = read([folder / "stale_t1.tif", folder / "stale_t2.tif"])
    assert (changed, clear) == (200, 3600)
    assert "B02, B03, B04, B08 state a scale of 0.0001" in said and "not believed" in said


def test_undeclared_fill_is_not_clear_and_counted():
    folder = CASES / "04-undeclared-fill"
    changed, clear, _, said = read([folder / "t1_m9999.tif", folder / "t2.tif"])
    assert (changed, clear) == (200, 3000)
    assert "T1: 600 pixels hold -9999, which no tag declares" in said


def test_an_alpha_band_of_16_bits_hides_pixels():
    folder = CASES / "04-undeclared-fill"
    paths = [folder / "alpha_t1.tif", folder / "alpha_t2.tif"]
    changed, clear, notes, said = read(paths, [*NAMES, "-"])
    assert (changed, clear, said) == (200, 3000, "")
    assert "T1: 600 pixels are left out by an alpha or mask band." in notes


def test_an_offset_without_dates_is_warned_of_in_words():
    folder = CASES / "05-offset-before-2022"
    changed, _, _, said = read([folder / "t1.tif", folder / "t2_plus1000.tif"])
    assert changed == 3600 and "T2 is brighter than T1 by about 0.100 in all bands" in said and "+1000" in said


@pytest.mark.parametrize(("t1", "t2"), [("2021-06-01", "2022-06-01"), ("2019-01-01", "2024-01-01")])
def test_an_offset_that_numbers_and_dates_agree_on_is_taken_off(tmp_path, t1, t2):
    paths = pair(tmp_path, digital, lambda v: digital(v) + 1000, ("uint16", "uint16"), t1=t1, t2=t2)
    changed, _, _, said = read(paths)
    assert changed == 200 and "T2: 1,000 was subtracted from its digital numbers" in said


def test_no_offset_is_taken_off_where_the_dates_speak_of_one_and_the_numbers_do_not(tmp_path):
    paths = pair(tmp_path, digital, None, ("uint16", "uint16"), t1="2021-06-01", t2="2022-06-01")
    changed, _, notes, said = read(paths)
    assert changed == 200 and said == "" and "+1000" not in notes


def test_a_baseline_in_the_files_name_counts_more_than_its_day(tmp_path):
    first, second = pair(tmp_path, lambda v: digital(v) + 1000, digital, ("uint16", "uint16"), t1="2019-01-01")
    first = first.rename(tmp_path / "S2A_MSIL2A_20190101T000000_N0500_R051.tif")
    second = second.rename(tmp_path / "S2A_MSIL2A_20190301T000000_N0211_R051.tif")
    changed, _, _, said = read([first, second])
    assert changed == 200 and "T1: 1,000 was subtracted" in said


SCALE, OFFSET = ((1e-4,) * 4, (0.0,) * 4), ((1e-4,) * 4, (-0.1,) * 4)
RIGHT = {
    "16-bit integers": {"first": digital, "kinds": ("uint16", "int16")},
    "floats of digital numbers": {"first": lambda v: v * 10_000},
    "integers and reflectance": {"first": digital, "second": lambda v: v, "kinds": ("uint16", "float32")},
    "a scale stated": {"first": digital, "kinds": ("int16", "int16"), "tags": (SCALE, SCALE)},
    "an offset stated": {"first": lambda v: digital(v) + 1000, "kinds": ("int16", "int16"), "tags": (OFFSET, OFFSET)},
    "an offset stated by one": {
        "first": digital,
        "second": lambda v: digital(v) + 1000,
        "kinds": ("int16", "int16"),
        "tags": (None, OFFSET),
    },
    "a scale stated by one": {"first": digital, "kinds": ("int16", "int16"), "tags": (SCALE, None)},
    "percent": {"first": lambda v: v * 100},
    "percent and reflectance": {"first": lambda v: v * 100, "second": lambda v: v},
    "percent by a scale": {
        "first": digital,
        "kinds": ("int16", "int16"),
        "tags": (((0.01,) * 4, (0.0,) * 4), ((0.01,) * 4, (0.0,) * 4)),
    },
    "an offset stated in digital numbers": {
        "first": lambda v: digital(v) + 1000,
        "kinds": ("int16", "int16"),
        "tags": (((1e-4,) * 4, (-1000.0,) * 4), OFFSET),
    },
    "an offset taken off before": {"first": digital, "kinds": ("int16", "int16"), "tags": (OFFSET, OFFSET)},
    "a scale ten times too large": {
        "first": digital,
        "kinds": ("int16", "int16"),
        "tags": (((1e-3,) * 4, (0.0,) * 4), SCALE),
    },
    "a scale on one band": {
        "first": digital,
        "kinds": ("int16", "int16"),
        "tags": (((1e-4, 1, 1, 1), (0.0,) * 4), None),
    },
    "one band in digital numbers": {
        "first": lambda v: v * np.array([1, 1, 1, 10_000])[:, None, None],
    },
    "red in digital numbers": {
        "first": lambda v: v,
        "second": lambda v: v * np.array([1, 1, 10_000, 1])[:, None, None],
    },
}


@pytest.mark.parametrize("how", RIGHT.values(), ids=RIGHT)
def test_the_scar_is_found_however_the_pair_is_stored(tmp_path, how):
    paths = pair(tmp_path, **how)
    patch, _ = rasters.read_pair(*paths)
    assert int(run.mask(run.detect(patch, "band-difference:B04:0.05")).sum()) == 200
    for n, name in enumerate(NAMES):
        assert float(np.median(patch[name].values[0])) == pytest.approx(FOREST[n], abs=0.002), name


@pytest.mark.parametrize(
    ("how", "word"),
    [
        ("percent", "read as percent"),
        ("an offset taken off before", "taken off already"),
        ("one band in digital numbers", "not stored alike"),
        ("a scale on one band", "not stored alike"),
    ],
)
def test_what_was_guessed_is_said(tmp_path, how, word):
    assert word in read(pair(tmp_path, **RIGHT[how]))[3]


@pytest.mark.parametrize(("kind", "to"), [("uint16", 255), ("float32", 255)])
def test_values_of_pictures_are_refused_whatever_type_holds_them(tmp_path, kind, to):
    def picture(values):
        return np.clip(values / 0.31 * to, 0, to)

    with pytest.raises(InputError, match="as 8-bit pictures do"):
        rasters.read_pair(*pair(tmp_path, picture, kinds=(kind, kind)))


@pytest.mark.parametrize(
    ("fill", "kind", "scale"),
    [
        (-9999, "float32", 1),
        (-9999, "int16", 10_000),
        (-32768, "int16", 10_000),
        (65535, "uint16", 10_000),
        (32767, "int16", 10_000),
        (3.4e38, "float32", 1),
        (-3.4028235e38, "float32", 10_000),
        (1e20, "float32", 1),
        (np.inf, "float32", 1),
        (-999, "int16", 10_000),
        (255, "float32", 1),
        (-1, "float32", 1),
        (0, "uint16", 10_000),
        (0, "float32", 1),
        (np.nan, "float32", 1),
    ],
)
def test_fill_of_every_kind_is_neither_clear_nor_change(tmp_path, fill, kind, scale):
    def stored(values):
        values = values * scale
        values[:, :5] = fill
        return values

    changed, clear, _, said = read(pair(tmp_path, stored, lambda v: v * scale, (kind, kind)))
    assert (changed, clear) == (200, 1600 - 200)
    assert np.isnan(fill) or "200 pixels" in said


def test_fill_of_two_kinds_in_two_files_is_left_out_of_both(tmp_path):
    def nan(values):
        values[:, :5] = np.nan
        return values

    def zero(values):
        values[:, -5:] = 0
        return values

    changed, clear, _, said = read(pair(tmp_path, nan, zero))
    assert (changed, clear) == (200, 1600 - 400) and "T2: 200 pixels are 0 in every band" in said


def test_a_bright_roof_and_a_clipped_cloud_are_no_fill():
    values = reflectance()[2].astype(np.float32)
    values[0, :3] = 0.9
    values[1, :] = np.linspace(0.3, 1.0, values.shape[1])
    values[2, :] = 1.0
    assert fill.take_out(values) == []


@pytest.mark.parametrize("names", [["B04"], NAMES])
def test_two_colours_without_any_noise_are_no_fill(tmp_path, names):
    quiet, slid = np.full((len(names), 40, 40), 500), np.full((len(names), 40, 40), 500)
    slid[:, 10:20, 10:30] = 1800
    paths = [tiff(tmp_path / f"t{n}.tif", one, names, dtype="uint16") for n, one in enumerate((quiet, slid))]
    assert read(paths)[:2] == (200, 1600)


def test_a_band_that_says_which_pixels_hold_data_hides_the_others(tmp_path):
    paths = []
    for number in (0, 1):
        seen = np.ones((1, 40, 40))
        seen[0, :5] = number
        stored = np.concatenate([reflectance(scar=number == 1, seed=number), seen])
        paths.append(tiff(tmp_path / f"t{number}.tif", stored, [*NAMES, "dataMask"]))
    assert read(paths)[:2] == (200, 1400)


def test_an_internal_mask_hides_pixels(tmp_path):
    paths = pair(tmp_path, digital, None, ("uint16", "uint16"))
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(paths[0], "r+") as file:
        seen = np.ones((40, 40), bool)
        seen[:5] = False
        file.write_mask(seen)
    assert read(paths)[:2] == (200, 1400)


def test_a_band_in_the_place_of_an_alpha_band_is_a_band(tmp_path):
    paths = pair(tmp_path, digital, None, ("uint16", "uint16"))
    from rasterio.enums import ColorInterp

    for path in paths:
        with rasterio.open(path, "r+") as file:
            file.colorinterp = [ColorInterp.red, ColorInterp.green, ColorInterp.blue, ColorInterp.alpha]
            dark = file.read(4)
            dark[:5] = 0
            file.write(dark, 4)
    patch, _ = rasters.read_pair(*paths, NAMES)
    assert np.isfinite(patch["B04"].values).all()


def test_a_negative_offset_of_a_dark_lake_is_kept(tmp_path):
    def lake(values):
        values[:, :8] = 0.0
        return digital(values) + 990 + np.arange(8 * 5).repeat(40).reshape(1, 40, 40)[:, :40, :40] % 20

    paths = pair(tmp_path, lake, None, ("int16", "int16"), (OFFSET, OFFSET))
    patch, _ = rasters.read_pair(*paths)
    assert patches.warnings(patch) == () and (patch["B04"].values[0, :8] < 0).any()


def test_whole_percent_is_not_read_in_silence(tmp_path):
    paths = pair(tmp_path, lambda v: np.round(v * 100), kinds=("int16", "int16"))
    assert "nearly black" in read(paths)[3]


def test_a_dark_band_of_a_file_in_percent_is_in_percent_too(tmp_path):
    paths = pair(tmp_path, lambda v: v * np.array([30, 100, 100, 100])[:, None, None])
    patch, _ = rasters.read_pair(*paths)
    assert float(patch["B02"].median()) == pytest.approx(0.009, abs=0.001)


def test_a_refused_pair_is_named_by_its_date(tmp_path):
    paths = pair(tmp_path, digital, lambda v: np.clip(v / 0.31 * 255, 0, 255), ("uint16", "float32"))
    with pytest.raises(InputError, match="T2 holds values up to 2"):
        rasters.read_pair(*paths)


def eight_bit(values):
    return np.clip(values / 0.31 * 255, 0, 255)


STORED = {
    "reflectance": (lambda v: v, "float32", None),
    "integers": (digital, "uint16", None),
    "integers with the offset": (lambda v: digital(v) + 1000, "uint16", None),
    "integers with the offset, stated": (lambda v: digital(v) + 1000, "int16", OFFSET),
    "integers with the offset, only the scale stated": (lambda v: digital(v) + 1000, "int16", SCALE),
    "integers with a stale offset": (digital, "int16", OFFSET),
    "integers with the offset's sign turned": (digital, "int16", ((1e-4,) * 4, (0.1,) * 4)),
    "reflectance with a stale scale": (lambda v: v, "float32", SCALE),
    "reflectance less the offset": (lambda v: v - 0.1, "float32", None),
    "percent": (lambda v: v * 100, "float32", None),
    "percent in integers": (lambda v: np.round(v * 100), "int16", None),
    "a picture in floats": (eight_bit, "float32", None),
    "thousandths": (lambda v: np.round(v * 1000), "int16", None),
    "all of 16 bits": (lambda v: np.round(v * 65535), "uint16", None),
    "a scale ten times too large": (digital, "int16", ((1e-3,) * 4, (0.0,) * 4)),
    "another satellite's": (lambda v: np.round((v + 0.2) / 2.75e-5), "uint16", None),
}


@pytest.mark.parametrize("second", STORED)
@pytest.mark.parametrize("first", STORED)
def test_no_two_ways_of_storing_make_a_wrong_pair_in_silence(tmp_path, first, second):
    (to_first, kind1, tag1), (to_second, kind2, tag2) = STORED[first], STORED[second]
    paths = pair(tmp_path, to_first, to_second, (kind1, kind2), (tag1, tag2))
    try:
        patch, _ = rasters.read_pair(*paths)
    except InputError:
        return
    found = run.detect(patch, "band-difference:B04:0.05")
    middles = [np.median(patch[name].values[0]) for name in NAMES]
    right = int(run.mask(found).sum()) == 200 and np.allclose(middles, FOREST, atol=0.003)
    assert right or patches.warnings(patch) or found.warnings


def test_minus_one_in_every_band_is_fill_and_not_black_ground(tmp_path):
    def cut(values):
        stored = digital(values)
        stored[:, :5] = -1
        return stored

    paths = pair(tmp_path, digital, cut, kinds=("int16", "int16"))
    changed, clear, _, said = read(paths)
    assert (changed, clear) == (200, 1600 - 200) and "T2: 200 pixels are -1 in every band" in said


@pytest.mark.parametrize("one", [65535, 32767, -9999])
def test_a_date_that_is_one_fill_value_from_edge_to_edge_is_not_measured(one):
    values = np.full((8, 8), one, np.float32)
    assert fill.take_out(values, units.DIGITAL) == [(one, 64)] and np.isnan(values).all()
    level = np.full((8, 8), 3000, np.float32)
    assert fill.take_out(level, units.DIGITAL) == [] and (level == 3000).all()


@pytest.mark.parametrize(
    ("said", "band"),
    [("S2-L2A-B04", "B04"), ("S2_B8A", "B8A"), ("SENTINEL2_L1C_B4 red", "B04"), ("s2a-b12", "B12"),
     ("S2D_B04", "B04"),
     ("LANDSAT8-B04", "-"), ("S1-SIGMA0-VH", "-"), ("S2-L2A-SCL", "-")],
)  # fmt: skip
def test_a_channel_that_names_its_sensor_is_a_band_where_that_is_sentinel_2(said, band):
    assert channels.described(said) == band
