"""From when to when a place is followed where nobody says."""

from datetime import date, timedelta

import pytest

from app.errors import DateOrderError
from app.inventory import Event
from app.series import spans

EVENT = Event("1", 0, date(2018, 6, 30), 45.0, 22.0, "", "", "", (date(2018, 6, 1),), date(2018, 8, 1))


def test_the_usual_span_reaches_from_three_years_before_the_pair_to_over_a_year_after():
    assert spans.usual(EVENT) == (date(2015, 6, 1), date(2018, 8, 1) + timedelta(450))


def test_what_is_given_stands_and_a_span_that_runs_backwards_is_refused():
    assert spans.usual(EVENT, date(2018, 1, 1), date(2018, 2, 1)) == (date(2018, 1, 1), date(2018, 2, 1))
    with pytest.raises(DateOrderError, match="swap its days"):
        spans.usual(EVENT, date(2018, 2, 1), date(2018, 1, 1))


def test_an_event_without_any_date_asks_for_a_span():
    with pytest.raises(DateOrderError, match="give --from and --to"):
        spans.usual(Event("1", 0, None, 45.0, 22.0, "", "", "", (), None))
