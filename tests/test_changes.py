"""Events are changed by what a reader types, each change is told, and can be undone."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import inventory
from app.errors import InputError
from app.inventory import changes
from app.inventory.events import Event
from app.inventory.log import FIELDS, Change, from_text, to_text
from tests.test_inventories import any_inventory

CSV = b"id,event_date,latitude,longitude,pre1,pre2,post1,category\nA,2020-05-04,46.5,11.3,2020-01-01,2020-02-02,,fall\n"
CSV += b"B,soon,45.9,10.8,,,,\n"


def held():
    return inventory.read(CSV, "slides.csv")


def edited(found, event_id, **typed):
    event = found.event(event_id)
    wanted = {field: changes.typed(event, field, text) for field, text in typed.items()}
    return changes.changed(found, {event_id: changes.made(event, wanted, "A. Expert")})


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("date", "2021-06-01", "2021-06-01"), ("date", "1 June 2021", "2021-06-01"), ("date", "", ""),
        ("date", "2021-06-01 to 2021-06-03", "2021-06-01/2021-06-03"), ("date", "June 2021", "2021-06-01/2021-06-30"),
        ("t1", "2020-03-03", "2020-01-01 2020-03-03"), ("t1", "", ""), ("t2", "31.12.2020", "2020-12-31"),
        ("category", " '=flow ", "=flow"), ("position", "45°30'N 9°15'E", "45.5, 9.25"),
        ("position", "46.50000, 11.30000", "46.5, 11.3"),
    ],
)  # fmt: skip
def test_what_is_typed_is_read_as_a_person_writes_it(field, text, told):
    assert changes.typed(held().event("A"), field, text) == told


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("date", "soon", "is no date"), ("date", "04/05/2020", "two ways"), ("t1", "June 2020", "write it as"),
        ("t2", "2020-13-01", "is no date"), ("position", "here", "no place"), ("position", "95, 200", "no place"),
        ("category", "x" * 301, "301 characters"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_sentence(field, text, said):
    with pytest.raises(InputError, match=said):
        changes.typed(held().event("A"), field, text)


def test_a_change_is_told_with_both_values_name_and_time_and_doubts_are_told_anew():
    found = edited(held(), "A", t2="2020-05-01", category="flow")
    event = found.event("A")
    assert (event.t2, event.category, event.t1) == (date(2020, 5, 1), "flow", date(2020, 2, 2))
    assert [warning.code for warning in found.warnings_for("A")] == ["t2-not-after-event"]
    told = {change.field: change for change in found.changes["A"]}
    assert (told["t2"].before, told["t2"].after, told["category"].before) == ("", "2020-05-01", "fall")
    assert told["t2"].by == "A. Expert" and told["t2"].when.endswith("+00:00")
    assert found.event("B") == held().event("B")


def test_a_date_that_could_not_be_read_is_no_longer_doubted_once_it_is_given_and_is_again_when_that_is_undone():
    assert "soon" in held().warnings_for("B")[0].message
    found = edited(held(), "B", date="2021-01-01")
    assert not found.warnings_for("B")
    undone = changes.undone(found, "B")
    assert undone.events == held().events and undone.warnings == held().warnings and not undone.changes


def test_what_was_changed_at_one_time_is_undone_at_once_and_what_was_changed_before_stays():
    found = edited(held(), "A", category="flow")
    first = tuple(replace(change, when="2020-01-01T00:00:00+00:00") for change in found.changes["A"])
    found = edited(changes.with_logs(found, {"A": first}), "A", t1="2020-03-03", t2="2020-08-08")
    undone = changes.undone(found, "A")
    assert (undone.event("A").category, undone.event("A").t1_options) == ("flow", held().event("A").t1_options)
    assert undone.changes == {"A": first}


def test_nothing_changed_is_no_change():
    found = edited(held(), "A", date="2020-05-04", position="46.5, 11.3", category="fall")
    assert not found.changes and found.events == held().events


def test_a_date_taken_away_is_said():
    assert [one.code for one in edited(held(), "A", date="").warnings_for("A")] == ["date-unreadable"]


@pytest.mark.parametrize("after", ["x", "/", "2020-01-01/", "95.0, 200.0", "nan, 1.0"])
@pytest.mark.parametrize("field", ["date", "t1", "t2", "position"])
def test_a_log_that_holds_no_value_changes_nothing_else(field, after):
    if (field, after) == ("date", "2020-01-01/"):
        return
    logs = {"A": (Change(field, "", after),), "nobody": (Change("category", "", "x"),)}
    found = changes.with_logs(held(), logs)
    assert found.events == held().events and "nobody" not in found.changes


@given(any_inventory(), st.sampled_from(FIELDS))
def test_the_text_of_any_value_gives_the_same_value(any_one, field):
    for event in any_one.events:
        assert changes.with_text(event, field, changes.text_of(event, field)) == event


@given(st.lists(st.builds(Change, st.sampled_from(FIELDS), *[st.text(max_size=9)] * 5)).map(tuple))
def test_a_log_written_as_text_is_read_as_it_was(log):
    assert from_text(to_text(log)) == log


@pytest.mark.parametrize("text", ["{}", "[1]", '[{"field": "date"}]', "[", "[" * 100_000, '[{"field": 1}]'])
def test_what_is_no_log_is_none(text):
    assert from_text(text) is None


def test_the_day_of_an_event_beyond_every_scene_is_taken_all_the_same():
    event = changes.with_text(Event("A", 0, None, 0.0, 0.0), "date", "1840-01-01/1841-01-01")
    assert (event.date, event.date_end) == (date(1840, 1, 1), date(1841, 1, 1))
