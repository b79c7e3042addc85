"""Numbers too large for digital numbers are noticed in the middle of an image, before all of it is read."""

import numpy as np
import pytest

from app.sources.own import headers, pairing, probing
from app.sources.own.stated import SILENT
from app.sources.own.unpacking import BroughtFile
from tests.handmade import tiff
from tests.test_own_pair import PLACE, UTM


def date_of(path, values, dtype):
    file = tiff(path, np.asarray(values), ["B04", "B08"], dtype=dtype, crs=UTM, transform=PLACE)
    return pairing.understood("T1", [headers.read(BroughtFile(file, file.name))], SILENT)


@pytest.mark.parametrize(
    ("red", "infrared", "dtype", "bright"),
    [
        (600, 3000, "uint16", ()),
        (3900, 19_700, "uint16", ("B08",)),  # the same where 65,535 stands for 1
        (12_000, 11_500, "uint16", ()),  # snow and cloud
        (0.06, 0.3, "float32", ()),
        (0, 0, "uint16", ()),  # nothing was measured
    ],
)
def test_what_is_too_bright_to_be_digital_numbers_is_told_by_band(tmp_path, red, infrared, dtype, bright):
    values = np.stack([np.full((300, 300), red), np.full((300, 300), infrared)])
    assert probing.too_bright(date_of(tmp_path / "a.tif", values, dtype)) == bright


def test_zeros_where_nothing_was_seen_do_not_hide_bright_ground(tmp_path):
    values = np.zeros((2, 300, 300))
    values[:, 100:120] = 30_000
    assert probing.too_bright(date_of(tmp_path / "a.tif", values, "uint16")) == ("B04", "B08")
