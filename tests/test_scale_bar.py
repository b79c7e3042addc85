"""The bar of a scale has a length that people read at a glance."""

import pytest

from app.pictures.scale_bar import length_words, round_length


@pytest.mark.parametrize(("most_m", "wanted"), [(999, 500), (1000, 1000), (0.35, 0.2), (4_999, 2_000), (5_000, 5_000)])
def test_a_bar_is_the_longest_of_1_2_and_5_times_a_power_of_ten_that_fits(most_m, wanted):
    assert round_length(most_m) == pytest.approx(wanted)


@pytest.mark.parametrize(("metres", "words"), [(500, "500 m"), (1000, "1 km"), (2500, "2.5 km"), (20_000, "20 km")])
def test_a_length_is_said_in_metres_below_a_kilometre(metres, words):
    assert length_words(metres) == words
