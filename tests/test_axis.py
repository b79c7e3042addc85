"""Days lie on the film's axis where they are in time, and never outside of it."""

from datetime import date

from app.ui.film import axis

YEAR = axis.TimeAxis(date(2021, 1, 1), date(2022, 1, 1))


def test_a_day_lies_at_its_share_of_the_span():
    assert YEAR.at(date(2021, 1, 1)) == 0 and YEAR.at(date(2022, 1, 1)) == 100
    assert YEAR.at(date(2021, 7, 2)) == round(100 * 182 / 365, 3)
    assert YEAR.at(date(2020, 1, 1)) == 0 and YEAR.at(date(2030, 1, 1)) == 100
    assert axis.TimeAxis(date(2021, 1, 1), date(2021, 1, 1)).at(date(2021, 1, 1)) == 0


def test_a_span_is_a_band_and_one_outside_is_none():
    assert YEAR.band(date(2021, 1, 1), date(2022, 1, 1)) == {"at": 0, "wide": 100}
    assert YEAR.band(date(2021, 7, 2), None)["wide"] == 0
    assert YEAR.band(date(2019, 1, 1), date(2020, 1, 1)) is None


def test_few_ticks_name_months_or_years():
    assert [tick["text"] for tick in axis.TimeAxis(date(2021, 1, 20), date(2021, 5, 3)).ticks()] == [
        "2021-02", "2021-03", "2021-04", "2021-05",
    ]  # fmt: skip
    long = axis.TimeAxis(date(2015, 7, 1), date(2024, 7, 1)).ticks()
    assert [tick["text"] for tick in long] == [str(year) for year in range(2016, 2025)]
    assert len(axis.TimeAxis(date(1990, 1, 1), date(2090, 1, 1)).ticks()) <= 11


def test_a_single_day_is_a_span_of_itself():
    day = date(2021, 5, 1)
    assert axis.spans(day, None, None, None) == ((day, day), None)
    assert axis.spans(day, day, date(2021, 4, 1), date(2021, 6, 1)) == (
        (date(2021, 4, 1), day),
        (day, date(2021, 6, 1)),
    )
