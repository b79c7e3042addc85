"""Masks of every common kind are understood, others refused in a sentence, and pixels brought to other grids."""

import struct
import zlib

import numpy as np
import pytest
import rasterio
from PIL import Image
from rasterio.enums import ColorInterp

from app import masks
from app.errors import InputError
from app.grid import UNPLACED
from tests.handmade import altered, tiff


@pytest.mark.parametrize(
    ("stored", "dtype", "nodata", "meant"),
    [
        ([[0, 1]], "uint8", None, [[0, 1]]),
        ([[0, 255]], "uint8", None, [[0, 1]]),
        ([[0, 1, 255]], "uint8", None, [[0, 1, 255]]),
        ([[0, 255]], "uint8", 255, [[0, 255]]),
        ([[0, 1]], "uint8", 0, [[0, 1]]),
        ([[0, 0]], "uint8", None, [[0, 0]]),
        ([[0.2, 0.5, np.nan]], "float32", None, [[0, 1, 255]]),
        ([[-9999, 1]], "float32", -9999, [[255, 1]]),
    ],
)
def test_masks_of_every_common_kind_are_understood(tmp_path, stored, dtype, nodata, meant):
    assert masks.read(tiff(tmp_path / "mask.tif", stored, dtype=dtype, nodata=nodata)).values.tolist() == meant


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
def test_black_and_white_pictures_are_masks(tmp_path, mode):
    picture = Image.fromarray(np.array([[0, 255, 0]], np.uint8)).convert(mode)
    picture.save(tmp_path / "mask.png")
    assert masks.read(tmp_path / "mask.png").values.tolist() == [[0, 1, 0]]


def test_what_is_no_mask_is_refused(tmp_path):
    with pytest.raises(InputError, match="values such as 7, 128"):
        masks.read(tiff(tmp_path / "m.tif", [[0, 7, 128]], dtype="uint8"))
    (tmp_path / "m.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match="cannot be read as a PNG"):
        masks.read(tmp_path / "m.png")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(40))
def test_a_mask_with_bytes_changed_anywhere_is_read_or_refused_in_a_sentence(tmp_path, seed):
    tiff(tmp_path / "mask.tif", [[0, 1, 1, 0]] * 4, dtype="uint8")
    Image.fromarray(np.array([[0, 255, 255, 0]] * 4, np.uint8)).save(tmp_path / "mask.png")
    for name in ("mask.tif", "mask.png"):
        try:
            masks.read(altered(tmp_path / name, seed))
        except InputError as error:
            assert "\n" not in str(error) and str(tmp_path) not in str(error)


def test_resampling_takes_the_nearest_pixel():
    small = np.array([[1, 0], [0, 255]], np.uint8)
    large = masks.to_shape(small, (4, 6))
    assert large.tolist() == [[1] * 3 + [0] * 3] * 2 + [[0] * 3 + [255] * 3] * 2
    assert masks.to_shape(large, (2, 2)).tolist() == small.tolist()


SCAR = np.array([[1, 0, 0], [0, 0, 0]])


def picture(path, values, mode, palette=None, **how):
    made = Image.fromarray(np.asarray(values, np.uint8), mode if mode != "P" else "L")
    if palette:
        made = Image.fromarray(np.asarray(values, np.uint8), "L").copy()
        made.putpalette([number for colour in palette for number in colour])
    made.save(path, **how)
    return path


def painted(mark, ground):
    return np.where(SCAR[..., None] == 1, mark, ground)


@pytest.mark.parametrize("kind", ["tif", "png"])
@pytest.mark.parametrize(
    ("mark", "ground"),
    [((255, 0, 0), (255, 255, 255)), ((255, 0, 0), (0, 0, 0)), ((0, 90, 200), (128, 128, 128))],
)
def test_the_colour_beside_white_black_or_grey_is_landslide_in_tiff_and_png_alike(tmp_path, kind, mark, ground):
    colours = painted(mark, ground)
    path = tmp_path / f"m.{kind}"
    if kind == "tif":
        tiff(path, np.moveaxis(colours, -1, 0), dtype="uint8")
    else:
        picture(path, colours, "RGB")
    read = masks.read(path)
    assert read.values.tolist() == SCAR.tolist() and "two colours" in read.notes[0] and str(mark) in read.notes[0]


@pytest.mark.parametrize(
    "palette", [[(255, 255, 255), (0, 0, 0)], [(0, 0, 0), (128, 0, 0)], [(68, 1, 84), (253, 231, 37)]]
)
def test_the_numbers_of_a_palette_count_and_not_its_colours(tmp_path, palette):
    read = masks.read(picture(tmp_path / "m.png", SCAR, "P", palette))
    assert read.values.tolist() == SCAR.tolist() and "not the colours" in read.notes[0]
    read = masks.read(picture(tmp_path / "m.png", SCAR, "P", palette, transparency=0))
    assert read.values.tolist() == SCAR.tolist()  # a transparent background is background
    path = tiff(tmp_path / "m.tif", SCAR, dtype="uint8")
    with rasterio.open(path, "r+") as file:
        file.write_colormap(1, {index: (*colour, 255) for index, colour in enumerate(palette)})
    assert masks.read(path).values.tolist() == SCAR.tolist()


def test_a_palette_of_other_numbers_is_read_by_its_colours(tmp_path):
    colours = [(0, 0, 0)] * 4 + [(255, 255, 255)]
    assert masks.read(picture(tmp_path / "m.png", SCAR * 4, "P", colours)).values.tolist() == SCAR.tolist()
    colours[4] = (200, 30, 30)
    assert masks.read(picture(tmp_path / "m.png", SCAR * 4, "P", colours)).values.tolist() == SCAR.tolist()


def test_alpha_says_what_is_known(tmp_path):
    seen = [[255, 255, 0], [255, 255, 255]]
    grey = np.dstack([SCAR * 255, seen])
    read = masks.read(picture(tmp_path / "m.png", grey, "LA"))
    assert read.values.tolist() == [[1, 0, 255], [0, 0, 0]] and read.unknown == 1 and "transparent" in read.notes[0]
    assert masks.read(picture(tmp_path / "m.png", np.dstack([grey[..., :1]] * 3 + [seen]), "RGBA")).values[0, 2] == 255
    path = tiff(tmp_path / "m.tif", [SCAR, seen], dtype="uint8")
    with rasterio.open(path, "r+") as file:
        file.colorinterp = [ColorInterp.gray, ColorInterp.alpha]
    assert masks.read(path).values.tolist() == [[1, 0, 255], [0, 0, 0]]


def test_an_alpha_band_that_repeats_the_mask_hides_nothing(tmp_path):
    overlay = np.dstack([SCAR * 255, SCAR * 0, SCAR * 0, SCAR * 255])  # red where opaque, all else transparent
    read = masks.read(picture(tmp_path / "m.png", overlay, "RGBA"))
    assert read.values.tolist() == SCAR.tolist() and "alpha band shows what another band shows" in read.notes[0]
    path = tiff(tmp_path / "m.tif", np.moveaxis(overlay, -1, 0), dtype="uint8")
    assert masks.read(path).values.tolist() == SCAR.tolist()


def test_equal_bands_are_one_and_the_only_one_that_varies_is_the_mask(tmp_path):
    read = masks.read(tiff(tmp_path / "m.tif", [SCAR] * 4, dtype="uint8"))
    assert read.values.tolist() == SCAR.tolist() and "bands are equal and were read as one" in read.notes[-1]
    read = masks.read(tiff(tmp_path / "m.tif", [SCAR * 0, SCAR, SCAR * 0 + 7, SCAR * 0], dtype="uint8"))
    assert read.values.tolist() == SCAR.tolist() and "bands 2 was used" in read.notes[0]


def test_a_band_a_class_is_understood_where_there_are_two_and_asked_about_where_there_are_more(tmp_path):
    read = masks.read(tiff(tmp_path / "m.tif", [1 - SCAR, SCAR], dtype="uint8"))
    assert read.values.tolist() == SCAR.tolist() and "the second" in read.notes[0]
    with pytest.raises(InputError, match="which of them is landslide is not said"):
        masks.read(tiff(tmp_path / "m.tif", [SCAR, 1 - SCAR], dtype="uint8"))  # mostly landslide: no scar is
    water = np.array([[0, 1, 0], [0, 0, 0]])
    bands = [1 - SCAR - water, SCAR, water]
    with pytest.raises(InputError, match="3 classes"):
        masks.read(tiff(tmp_path / "m.tif", bands, dtype="uint8"))
    read = masks.read(tiff(tmp_path / "m.tif", bands, ["background", "Landslide", "water"], dtype="uint8"))
    assert read.values.tolist() == SCAR.tolist() and "described as 'Landslide'" in read.notes[0]


@pytest.mark.parametrize(
    ("bands", "said"),
    [
        ([SCAR, SCAR.T.reshape(2, 3)[::-1]], "2 bands that differ"),
        (np.moveaxis(painted((255, 0, 0), (0, 255, 0)), -1, 0), "which of them is landslide is not plain"),
        (np.arange(18).reshape(3, 2, 3) * 9, "picture of 6 colours"),
    ],
)
def test_bands_that_do_not_say_which_is_the_mask_are_refused_with_a_way_out(tmp_path, bands, said):
    with pytest.raises(InputError, match=f"{said}.*write one band of 0 and 1"):
        masks.read(tiff(tmp_path / "m.tif", bands, dtype="uint8"))


def test_sixteen_bits_are_understood(tmp_path):
    Image.fromarray((SCAR * 65535).astype(np.uint16)).save(tmp_path / "m.png")
    assert masks.read(tmp_path / "m.png").values.tolist() == SCAR.tolist()


def test_a_mask_on_a_mere_plane_has_no_place(tmp_path):
    read = masks.read(tiff(tmp_path / "m.tif", SCAR, dtype="uint8", crs=UNPLACED))
    assert read.grid is None and read.values.tolist() == SCAR.tolist()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def stuffed(path):
    """A PNG whose text swells to 80 MB when it is read."""
    whole = picture(path, SCAR, "L").read_bytes()
    head = whole[:33]  # signature and IHDR
    path.write_bytes(head + chunk(b"zTXt", b"note\0\0" + zlib.compress(bytes(80_000_000))) + whole[33:])


def vast(path):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b""))


def cut(path):
    whole = picture(path, np.random.default_rng(0).integers(0, 2, (200, 200)) * 255, "L").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def cut_tiff(path):
    tiff(path, np.random.default_rng(0).integers(0, 2, (200, 200)), dtype="uint8")
    path.write_bytes(path.read_bytes()[:2000])


BAD = [
    ("7.png", stuffed, "cannot be read as a PNG"),
    ("7.png", vast, "60000 x 60000 pixels|cannot be read as a PNG"),
    ("7.png", cut, "cannot be read as a PNG"),
    ("7.tif", cut_tiff, "cannot be read as a GeoTIFF"),
    ("7.tif", lambda path: path.write_bytes(b""), "cannot be read as a GeoTIFF"),
    ("7.png", lambda path: path.write_bytes(b"PK"), "cannot be read as a PNG"),
    ("7.tif", lambda path: path.mkdir(), "is a folder"),
    ("7.tif", lambda path: path.symlink_to(path.parent / "gone.tif"), "link to a file that is not there"),
]


@pytest.mark.parametrize(("name", "make", "said"), BAD)
def test_a_bad_file_of_any_kind_is_refused_in_a_sentence(tmp_path, name, make, said):
    make(tmp_path / name)
    with pytest.raises(InputError, match=said):
        masks.read(tmp_path / name)


def test_a_file_that_may_not_be_read_is_refused_in_a_sentence(tmp_path, monkeypatch):
    path = picture(tmp_path / "7.png", SCAR, "L")

    def refused(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Image, "open", refused)
    with pytest.raises(InputError, match="Permission denied"):
        masks.read(path)
