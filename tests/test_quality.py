"""The quality of labels: shares of what is judged, with what is open told apart."""

import math

import pytest

from app.review import quality


def test_the_share_is_of_what_is_judged_and_the_reasons_say_why_not():
    told = ["confirmed"] * 6 + ["rejected"] * 2 + ["wrong-date", "apart", None, None]
    found = quality.summary(told, "apart")
    assert (found.events, found.judged, found.usable, found.apart, found.unjudged) == (12, 9, 6, 1, 2)
    assert found.reasons == {"rejected": 2, "wrong-date": 1} and found.share == pytest.approx(6 / 9)


def test_the_interval_is_wilsons_and_stays_between_nothing_and_all():
    low, high = quality.summary(["confirmed"] * 8 + ["cloud"] * 2, "apart").interval
    assert (low, high) == (pytest.approx(0.4902, abs=5e-4), pytest.approx(0.9433, abs=5e-4))  # as tables have it
    assert quality.summary(["confirmed"] * 5, "apart").interval[1] == pytest.approx(1)
    assert quality.summary(["cloud"] * 5, "apart").interval[0] == pytest.approx(0)


def test_nothing_judged_is_no_share():
    found = quality.summary([None, "apart"], "apart")
    assert math.isnan(found.share) and math.isnan(found.interval[0]) and found.events == 2
