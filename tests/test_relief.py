"""What is told of each object on a slope, on planes made by hand."""

import numpy as np
import pytest

from app.grid import Grid
from app.terrain import relief
from tests.test_slopes import tilted

ON = Grid(500_000, 5_000_000, 10.0, 10.0, 12, 10, "EPSG:32632")


def labelled(*boxes) -> np.ndarray:
    labels = np.zeros(ON.shape, int)
    for number, box in enumerate(boxes, start=1):
        labels[box] = number
    return labels


def test_an_object_on_a_plane_drops_where_the_plane_falls():
    heights = tilted(ON, 0.0, 0.5)  # falls to the south
    found = relief.of_objects(labelled(np.s_[2:7, 4:5]), 1, heights, ON)
    assert list(found) == list(relief.MEASURES)
    assert found["mean_slope_deg"] == pytest.approx([26.565], abs=0.05)
    assert found["aspect_deg"] == pytest.approx([180], abs=0.1)
    assert found["height_range_m"] == pytest.approx([20], abs=0.1)
    assert found["length_m"] == pytest.approx([40], abs=0.1)
    assert found["h_over_l"] == pytest.approx([0.5], abs=0.002)
    assert found["drop_deg"] == pytest.approx([180], abs=0.1)


def test_each_object_is_told_for_itself():
    heights = tilted(ON, 0.2, 0.0)  # falls to the west
    found = relief.of_objects(labelled(np.s_[1:2, 1:4], np.s_[5:6, 2:11]), 2, heights, ON)
    assert found["length_m"] == pytest.approx([20, 80], abs=0.1)
    assert found["height_range_m"] == pytest.approx([4, 16], abs=0.05)
    assert found["drop_deg"] == pytest.approx([270, 270], abs=0.1)


def test_a_level_object_has_no_direction_and_one_of_unknown_heights_nothing_at_all():
    heights = np.full(ON.shape, 50.0)
    heights[6:, :] = np.nan
    found = relief.of_objects(labelled(np.s_[1:3, 1:3], np.s_[8:9, 2:5]), 2, heights, ON)
    assert found["mean_slope_deg"][0] == 0
    assert found["height_range_m"][0] == 0
    assert np.isnan([found[name][0] for name in ("aspect_deg", "length_m", "h_over_l", "drop_deg")]).all()
    assert np.isnan([found[name][1] for name in relief.MEASURES]).all()


def test_a_single_pixel_has_a_slope_and_no_length():
    found = relief.of_objects(labelled(np.s_[4:5, 4:5]), 1, tilted(ON, 1.0, 0.0), ON)
    assert found["mean_slope_deg"] == pytest.approx([45], abs=0.1)
    assert np.isnan(found["length_m"]).all()
