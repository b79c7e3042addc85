"""A composite takes of each pixel what it says, of clear scenes alone: held against numpy, pixel by pixel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from app.patches import COMPOSITES
from app.sources import compositing

REFLECTANCE = st.floats(0, 1, width=32)


@st.composite
def stacks(draw):
    """Handmade stacks of two bands, 1 to 7 scenes, cloud anywhere, gaps in either band."""
    shape = draw(st.tuples(st.integers(1, 7), st.integers(1, 3), st.integers(1, 3)))
    red, infrared = (
        draw(arrays.arrays(np.float32, shape, elements=st.one_of(REFLECTANCE, st.just(np.float32(np.nan)))))
        for _ in range(2)
    )
    return {"B04": red, "B08": infrared}, draw(arrays.arrays(bool, shape))


def usable(bands, clear):
    return clear & np.isfinite(bands["B04"]) & np.isfinite(bands["B08"])


@given(stacks())
@settings(max_examples=300, deadline=None)
def test_the_median_is_numpys_own_of_the_clear_pixels(stack):
    bands, clear = stack
    made, count = compositing.composed(bands, clear, "median")
    held = usable(bands, clear)
    np.testing.assert_array_equal(count, held.sum(axis=0))
    for name, values in bands.items():
        assert made[name].dtype == np.float32
        for at in np.ndindex(count.shape):
            kept = values[:, *at][held[:, *at]]
            expected = np.median(kept) if kept.size else np.float32(np.nan)
            np.testing.assert_array_equal(made[name][at], expected)


@given(stacks())
@settings(max_examples=200, deadline=None)
def test_the_greenest_and_the_latest_are_one_clear_scene_of_each_pixel_in_all_bands(stack):
    bands, clear = stack
    held = usable(bands, clear)
    for way in ("greenest", "latest"):
        made, count = compositing.composed(bands, clear, way)
        for at in np.ndindex(count.shape):
            scenes = np.flatnonzero(held[:, *at])
            if not scenes.size:
                assert np.isnan(made["B04"][at]) and np.isnan(made["B08"][at])
                continue
            red, infrared = bands["B04"][:, *at], bands["B08"][:, *at]
            chosen = [one for one in scenes if (red[one], infrared[one]) == (made["B04"][at], made["B08"][at])]
            if way == "latest":
                assert scenes[-1] in chosen
            else:
                total = infrared + red
                green = np.where(total > 0, (infrared - red) / np.where(total > 0, total, 1), -1)
                assert max(green[chosen]) == max(green[scenes])


def test_the_input_is_left_as_it_was_and_a_lone_scene_is_itself():
    values = np.array([[[0.25, np.nan]]], np.float32)
    clear = np.ones(values.shape, bool)
    for way in COMPOSITES:
        made, count = compositing.composed({"B04": values, "B08": values}, clear, way)
        np.testing.assert_array_equal(made["B04"], values[0])
        assert count.tolist() == [[1, 0]] and clear.all() and values[0, 0, 0] == np.float32(0.25)


@pytest.mark.parametrize("way", COMPOSITES)
def test_every_way_that_is_offered_is_there(way):
    assert callable(compositing._WAYS[way]) and set(compositing._WAYS) == set(COMPOSITES)
    assert set(compositing.needed(way)) <= {"B04", "B08"}
