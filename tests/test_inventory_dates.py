"""The order of day, month and year is decided for a whole column, and said."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import inventory
from app.inventory import dates


def read(text: str) -> inventory.Inventory:
    return inventory.read(text.encode(), "test.csv")


def days(*texts: str, more: str = "", cells: str = "") -> tuple[list[str], str]:
    """Return the dates of a file whose column "date" holds ``texts``, and the notes as one text."""
    held = read(f"lat;lon;date{more}\n" + "".join(f"{n};2;{text}{cells}\n" for n, text in enumerate(texts)))
    return [str(event.date) for event in held.events], " ".join(held.notes)


@pytest.mark.parametrize(
    "text",
    [
        "2020-03-05",
        "2020/3/5",
        "2020.03.05",
        "20200305",
        "20200305T101112",
        "2020-03-05T10:11:12Z",
        "2020-03-05 10:11:12.123+01:00",
        "5 March 2020",
        "5-Mar-20",
        "5th Mar 2020",
        "March 5, 2020",
        "Mar. 5 2020 10:00 AM",
        "2020-Mar-05",
        "Thu Mar 05 2020 00:00:00 GMT+0000 (Coordinated Universal Time)",
    ],
)
def test_a_date_that_can_mean_one_day_only_is_that_day_in_every_order(text):
    assert dates.readings(text) == (date(2020, 3, 5),) * 3


@pytest.mark.parametrize(
    "text",
    [
        "2020",
        "2020-03",
        "5/3/020",
        "0000-01-01",
        "1/2",
        "2020-3/5",
        "x" * 10_000,
        "1" * 10_000,
        "٢٠٢٠-٠٣-٠٥",
        "32/13/2020",
        "2020-02-30",
        "soon",
        "5 Mayor 2020",
        "2020-03-05 to 2020-03-09",
        "43210",
        "2020-03-05 about noon",
    ],
)
def test_what_names_no_single_day_is_no_date(text):
    assert dates.readings(text) == (None, None, None)


@pytest.mark.parametrize(
    ("texts", "expected", "said"),
    [
        (["25/03/2020", "01/02/2020"], ["2020-03-25", "2020-02-01"], "day/month/year"),
        (["03/25/2020", "01/02/2020"], ["2020-03-25", "2020-01-02"], "month/day/year"),
        (["3/25/20 14:00", "1/2/20 2:00"], ["2020-03-25", "2020-01-02"], "month/day/year"),
        (["31.12.99", "1.2.05"], ["1999-12-31", "2005-02-01"], "day/month/year"),
        (["99-12-31", "05-02-01"], ["1999-12-31", "2005-02-01"], "year/month/day"),
        (["2020-03-25", "01/02/2020", "13/02/2020"], ["2020-03-25", "2020-02-01", "2020-02-13"], "day/month/year"),
        (["03/03/2020", "04/04/2020"], ["2020-03-03", "2020-04-04"], "day/month/year"),
    ],
)
def test_a_value_above_twelve_decides_for_the_whole_column(texts, expected, said):
    found, notes = days(*texts)
    assert found == expected
    assert notes == f"The dates in 'date' were read as {said}."


def test_a_date_impossible_in_the_order_of_its_column_is_unreadable_rather_than_turned_round():
    found, notes = days("03/25/2020", "04/26/2020", "26/04/2020", "01/02/2020")
    assert found == ["2020-03-25", "2020-04-26", "None", "2020-01-02"]
    assert "month/day/year" in notes


def test_where_nothing_decides_the_day_is_taken_first_and_the_reader_is_told():
    found, notes = days("01/02/2020", "03/04/2020")
    assert found == ["2020-02-01", "2020-04-03"]
    assert "Nothing in the file says" in notes
    assert "2017-05-20" in notes


def test_another_column_of_dates_in_the_file_decides_where_the_events_do_not():
    found, notes = days("01/02/2020", more=";created_date", cells=";11/20/2020 15:17")
    assert found == ["2020-01-02"]
    assert notes == "The dates in 'date' were read as month/day/year."


def test_columns_of_year_and_month_decide_where_the_dates_do_not():
    assert days("01/02/2020", more=";year;month", cells=";2020;1")[0] == ["2020-01-02"]
    assert days("01-02-03", more=";year", cells=";2001")[0] == ["2001-02-03"]


def test_dates_all_in_iso_need_no_note():
    assert days("2020-01-02", "2020/03/04")[1] == ""


def test_a_date_in_three_columns_is_put_together():
    held = read("lat,lon,Year,Month,Day\n1,2,2020,3,5\n1,3,2020,13,5\n1,4,,,\n")
    assert [event.date for event in held.events] == [date(2020, 3, 5), None, None]
    assert held.columns["date"] == "Year, Month, Day"


@pytest.mark.shared
def test_foreign_inventories_are_read_in_their_own_order_of_dates(shared):
    folder = shared / "data" / "inventories"
    bangladesh = inventory.read_file(folder / "bangladesh.csv")
    assert bangladesh.events[0].date == date(2007, 6, 11)  # 11-06-07, year and month_number say so
    assert "day/month/year" in " ".join(bangladesh.notes)
    for name, first in (("2016", date(2007, 1, 2)), ("2018", date(2008, 8, 1))):
        nasa = inventory.read_file(folder / f"nasa_glc_{name}_schema.csv")
        assert nasa.events[0].date == first
        assert "month/day/year" in " ".join(nasa.notes)
        assert all(event.date for event in nasa.events)


FORMATS = {
    "day/month/year": "{d.day}/{d.month}/{d.year:04}",
    "month/day/year": "{d.month:02}-{d.day:02}-{d.year:04}",
    "year/month/day": "{d.year:04}/{d.month}/{d.day}",
}


@given(st.lists(st.dates(), min_size=1, max_size=6), st.sampled_from(list(FORMATS)))
def test_a_column_with_one_day_above_twelve_is_read_as_it_was_written(column, order):
    texts = [FORMATS[order].format(d=day) for day in [*column, date(2019, 6, 25)]]
    read = [dates.readings(text) for text in texts]
    choice = dates.choose_order(read)
    assert choice.certain
    assert [reading[dates.ORDERS.index(choice.order)] for reading in read] == [*column, date(2019, 6, 25)]


def test_a_date_that_reads_alike_either_way_says_nothing_of_the_order_of_another_column():
    notes = " ".join(read("lat;lon;start date;end date\n1;2;03/04/2019;04/04/2019\n").notes)
    assert "Nothing in the file says in which order 'start date'" in notes


def test_a_column_that_contradicts_itself_on_the_order_of_day_and_month_says_so():
    notes = " ".join(read("lat;lon;date\n1;2;03/04/2019\n2;3;25/06/2019\n3;4;07/28/2019\n").notes)
    assert (
        "'date' holds dates in more than one order: it was read as day/month/year, in which 1 text is no date" in notes
    )
    assert "Nothing in the file says" not in notes
    once = " ".join(read("lat;lon;date\n1;2;25/06/2019\n2;3;26/06/2019\n3;4;07/28/2019\n").notes)
    assert "in more than one order" in once
    sound = " ".join(read("lat;lon;date\n1;2;25/06/2019\n2;3;31/02/2019\n").notes)
    assert "in more than one order" not in sound  # 31 February is a day in no order
