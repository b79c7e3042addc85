"""What lies along a line, on ground made by hand."""

import numpy as np
import pytest

from app import patches
from app.errors import HeightsMissingError, InputError
from app.pictures import profile
from app.terrain.heights import Heights, onto
from tests import small


def held():
    """Ground that falls by five metres a pixel to the south, and a red that rises to the east at T2."""
    size = 12
    patch = small.patch(("B04",), size=size, B04=(0.1, np.broadcast_to(0.1 + 0.01 * np.arange(size), (size, size))))
    ground = np.broadcast_to(500 - 5.0 * np.arange(size)[:, None], (size, size))
    return onto(patch, Heights(ground.astype(np.float32), "hand"))


def test_a_line_to_the_south_goes_down_as_the_ground_does():
    found = profile.along(held(), [(3.5, 1.5), (3.5, 9.5)], "B04")
    assert len(found.along_m) == 9
    assert found.height_m == pytest.approx(495 - 5.0 * np.arange(9))
    assert found.drop_m == pytest.approx(40)
    _, length = patches.grid_of(held()).pixel_m
    assert found.along_m == pytest.approx(length * np.arange(9), rel=1e-3)
    assert found.t1 == pytest.approx(0.1)
    assert found.t2 == pytest.approx(0.13)


def test_a_line_to_the_east_stays_level_and_tells_both_dates():
    found = profile.along(held(), [(0.5, 6.5), (11.5, 6.5)], "B04")
    assert np.ptp(found.height_m) == pytest.approx(0)
    assert found.t2 - found.t1 == pytest.approx(0.01 * np.arange(12), abs=1e-6)


def test_unknown_ground_along_a_line_is_unknown():
    patch = held()
    patch["DEM"].values[5, 3] = np.nan
    found = profile.along(patch, [(3.5, 1.5), (3.5, 9.5)], "B04")
    assert np.isnan(found.height_m[4])
    assert np.isfinite(found.height_m[[0, -1]]).all()


def test_one_point_is_no_line_and_a_patch_without_heights_has_no_profile():
    with pytest.raises(InputError, match="further apart"):
        profile.along(held(), [(3.5, 1.5), (3.5, 1.5)], "B04")
    with pytest.raises(HeightsMissingError):
        profile.along(held().drop_vars("DEM"), [(3.5, 1.5), (3.5, 9.5)], "B04")


def test_a_line_with_a_corner_goes_on_from_point_to_point():
    found = profile.along(held(), [(1.5, 1.5), (5.5, 1.5), (5.5, 4.5)], "B04")
    assert found.height_m == pytest.approx([495] * 5 + [490, 485, 480])
    width, length = patches.grid_of(held()).pixel_m
    assert found.along_m[[4, -1]] == pytest.approx([4 * width, 4 * width + 3 * length], rel=1e-3)
    assert found.pixels[0].tolist() == [1, 1, 1, 1, 1, 2, 3, 4] and found.pixels[1].tolist() == [1, 2, 3, 4, 5, 5, 5, 5]
