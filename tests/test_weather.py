"""What is marked in snow and cloud: dates are found with the clear one beside them, and only that ground counts."""

import numpy as np
import pytest

from app.testsets import real
from models import weather

SIDE = 16
SNOW, GROUND = 11, 4


@pytest.fixture
def cube(monkeypatch):
    """Four dates of dark ground, the third with snow on its upper half, which is bright."""
    images = np.full((4, len(real.BANDS), SIDE, SIDE), 0.05, np.float32)
    classes = np.full((4, SIDE, SIDE), GROUND, np.uint8)
    images[2, :, : SIDE // 2], classes[2, : SIDE // 2] = 0.6, SNOW
    monkeypatch.setattr(weather, "_cube", lambda: (images, classes))
    return images, classes


def test_a_date_with_snow_stands_beside_the_nearest_clear_one(cube):
    assert list(weather.dates(*cube, "snow")) == [(2, 1)] and not list(weather.dates(*cube, "cloud"))


def test_snow_that_came_is_marked_by_brightness_and_snow_that_went_is_not(cube):
    found = weather.shares(["band-difference:B04:0.05"])
    half = SIDE * SIDE // 2
    assert found == {
        ("snow", "T1"): (half, {"band-difference:B04:0.05": 0}),
        ("snow", "T2"): (half, {"band-difference:B04:0.05": 100}),
    }
    assert "| band-difference:B04:0.05 | 0.0 | 100.0 |" in weather.table(found)


def test_the_forest_has_dates_of_each_class(shared):
    images, classes = weather._cube()
    assert all(list(weather.dates(images, classes, kind)) for kind in weather.CLASSES)
