"""Masks of every common kind are understood, others refused in a sentence, and pixels brought to other grids."""

import numpy as np
import pytest
from PIL import Image

from app import masks
from app.errors import InputError
from tests.handmade import tiff


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
    assert masks.read_mask(tiff(tmp_path / "mask.tif", stored, dtype=dtype, nodata=nodata)).tolist() == meant


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
def test_black_and_white_pictures_are_masks(tmp_path, mode):
    picture = Image.fromarray(np.array([[0, 255, 0]], np.uint8)).convert(mode)
    picture.save(tmp_path / "mask.png")
    assert masks.read_mask(tmp_path / "mask.png").tolist() == [[0, 1, 0]]


def test_what_is_no_mask_is_refused(tmp_path):
    with pytest.raises(InputError, match="values such as 7, 128"):
        masks.read_mask(tiff(tmp_path / "m.tif", [[0, 7, 128]], dtype="uint8"))
    (tmp_path / "m.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match="cannot be read as a PNG"):
        masks.read_mask(tmp_path / "m.png")


def test_resampling_takes_the_nearest_pixel():
    small = np.array([[1, 0], [0, 255]], np.uint8)
    large = masks.to_shape(small, (4, 6))
    assert large.tolist() == [[1] * 3 + [0] * 3] * 2 + [[0] * 3 + [255] * 3] * 2
    assert masks.to_shape(large, (2, 2)).tolist() == small.tolist()
