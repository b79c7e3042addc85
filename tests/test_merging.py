"""Two inventories become one: pairs by place and day, ids that say where they came from, nothing lost."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from pyproj import Geod

from app import __main__ as command_line
from app import inventory
from app.errors import InputError
from app.inventory import changes, merging
from tests.test_inventories import again, any_inventory, assert_same

FIRST = b"""id,event_date,latitude,longitude,category,Remarks
1,2021-05-04,46.5,11.3,slide,by the road
2,,45.9,10.8,,steep
3,2020-01-01,45,10,fall,
"""
SECOND = b"""id,event_date,latitude,longitude,category,Remarks,Depth
1,2021-05-06,46.503,11.3,flow,by the river,3
7,2021-01-01,45.9,10.801,fall,steep,4
8,2020-01-09,45,10,fall,,5
9,2010-01-01,-10,170,fall,far,6
"""


def pair_of(first: bytes = FIRST, second: bytes = SECOND):
    return inventory.read(first, "ours.csv"), inventory.read(second, "theirs.csv")


def test_events_near_in_place_and_day_are_pairs_with_the_distance_on_the_ground():
    pairs = merging.near(*pair_of())
    assert [(pair.first, pair.second, pair.apart_days) for pair in pairs] == [("1", "1", 2), ("2", "7", None)]
    true_m = Geod(ellps="WGS84").inv(11.3, 46.5, 11.3, 46.503)[2]
    assert pairs[0].apart_m == pytest.approx(true_m) and 333 < true_m < 334
    assert merging.surely_one(pairs) == pairs[:1]


@pytest.mark.parametrize(
    ("near_m", "near_days", "expected"),
    [(1000, 10, {("1", "1"), ("2", "7"), ("3", "8")}), (333, 3, {("2", "7")}), (334, 3, {("1", "1"), ("2", "7")}),
     (0, 10, {("3", "8")}), (1000, 1, {("2", "7")})],
)  # fmt: skip
def test_the_limits_are_those_given(near_m, near_days, expected):
    assert {(pair.first, pair.second) for pair in merging.near(*pair_of(), near_m, near_days)} == expected


@pytest.mark.parametrize(("near_m", "near_days"), [(-1, 3), (1e6, 3), (float("nan"), 3), (1000, -1), (1000, 9999)])
def test_a_limit_that_is_none_is_refused(near_m, near_days):
    with pytest.raises(InputError, match="Near is from 0"):
        merging.near(*pair_of(), near_m, near_days)


def test_places_on_both_sides_of_the_antimeridian_and_at_a_pole_are_near():
    one = inventory.read(b"lat,lon\n0,179.9999\n90,0\n", "a.csv")
    other = inventory.read(b"lat,lon\n90,-120\n0,-179.9999\n", "b.csv")
    assert {(pair.first, pair.second) for pair in merging.near(one, other)} == {("0", "1"), ("1", "0")}


def test_no_event_is_in_two_pairs_and_the_nearer_day_goes_before_the_nearer_place():
    one = inventory.read(b"id,lat,lon,date\na,45,10,2020-01-01\n", "a.csv")
    rows = b"id,lat,lon,date\nx,45,10,2020-01-03\ny,45.001,10,2020-01-01\n"
    assert [pair.second for pair in merging.near(one, inventory.read(rows, "b.csv"))] == ["y"]


def test_spans_that_meet_are_no_days_apart():
    one = inventory.read(b"lat,lon,date\n45,10,2020-01-01/2020-01-31\n", "a.csv")
    other = inventory.read(b"lat,lon,date\n45,10,2020-01-15\n45,10,2020-02-02\n", "b.csv")
    assert [pair.apart_days for pair in merging.near(one, other)] == [0]


def test_both_are_kept_with_ids_that_say_where_they_came_from_and_all_columns():
    found = merging.merged(*pair_of())
    assert [event.id for event in found.events] == ["1", "2", "3", *(f"theirs:{n}" for n in (1, 7, 8, 9))]
    assert found.along.titles == ("Remarks", "Depth", "came_from", "also")
    assert dict(found.along.of(found.event("theirs:9"))) == {"Remarks": "far", "Depth": "6", "came_from": "theirs.csv"}
    assert dict(found.along.of(found.event("3")))["came_from"] == "ours.csv"


def test_kept_once_an_event_has_the_first_ones_values_what_only_the_second_knows_and_what_it_told():
    one, other = pair_of()
    found = merging.merged(one, other, merging.near(one, other))
    assert len(found.events) == 5
    first, filled = found.event("1"), found.event("2")
    assert (first.date, first.category) == (date(2021, 5, 4), "slide")
    cells = dict(found.along.of(first))
    assert cells["Remarks"] == "by the road | by the river" and cells["Depth"] == "3"
    assert cells["came_from"] == "ours.csv, theirs.csv"
    assert cells["also"] == "theirs:1; 2021-05-06; flow; 46.50300, 11.30000"
    assert (filled.date, filled.category) == (date(2021, 1, 1), "fall")
    assert dict(found.along.of(filled))["Remarks"] == "steep"  # the same text is not told twice


def test_the_doubts_and_changes_of_both_come_along_under_the_new_ids():
    one, other = pair_of(second=SECOND + b"10,soon,46.5,11.3,slide,,\n11,2020-01-01,99,0,slide,,\n")
    log = changes.made(other.event("9"), {"category": "flow"}, "A. Expert")
    found = merging.merged(one, changes.changed(other, {"9": log}))
    assert found.changes == {"theirs:9": log} and found.event("theirs:9").category == "flow"
    assert "soon" in found.warnings_for("theirs:10")[0].message
    assert len(found.skipped) == 1 and "theirs.csv" in found.skipped[0].reason
    undone = changes.undone(found, "theirs:9")
    assert undone.event("theirs:9").category == "fall"


def test_an_inventory_merged_with_itself_has_each_event_once_and_merged_again_its_ids_stay_unique():
    one, _ = pair_of()
    assert len(merging.merged(one, one, merging.near(one, one)).events) == 3
    twice = merging.merged(merging.merged(one, one), one)
    assert len({event.id for event in twice.events}) == 9


@given(any_inventory(), any_inventory())
@settings(max_examples=60, deadline=None)
def test_any_two_inventories_merged_are_taken_away_and_read_again_as_they_were(one, other):
    found = merging.merged(one, other)
    assert len(found.events) == len(one.events) + len(other.events)
    assert len({event.id for event in found.events}) == len(found.events)
    assert_same(again(found, ".csv"), found)


# --- the command -----------------------------------------------------------------------------


@pytest.fixture
def merge(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command_line, "COMMANDS", {"inventory": "check"})
    (tmp_path / "ours.csv").write_bytes(FIRST)
    (tmp_path / "theirs.csv").write_bytes(SECOND)

    def called(*more: str):
        files = [str(tmp_path / "ours.csv"), "--merge", str(tmp_path / "theirs.csv")]
        code = command_line.main(["inventory", *files, *more])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return called


@pytest.mark.parametrize(("keep", "events", "once"), [("known", 6, 1), ("once", 5, 2), ("both", 7, 0)])
def test_the_command_lists_the_pairs_and_writes_all_events(merge, tmp_path, keep, events, once):
    code, out, _ = merge("--out", str(tmp_path / "all.gpkg"), "--keep", keep, "--json")
    told = json.loads(out)
    assert code == 0 and (told["events"], told["once"]) == (events, once)
    assert told["pairs"][0] == {"first": 1, "second": 1, "apart_m": 333.5, "apart_days": 2,
                                "kept": "both" if keep == "both" else "once"}  # fmt: skip
    assert len(inventory.read_file(tmp_path / "all.gpkg").events) == events


def test_a_person_reads_the_pairs(merge, tmp_path):
    _, out, _ = merge("--out", str(tmp_path / "all.csv"), "--near-days", "10")
    assert "2 and 7: 78 m, day not known, kept both" in out and "3 pairs within 1000 m and 10 days" in out


@pytest.mark.parametrize("more", [[], ["--out", "x.shp"], ["--out", "x.csv", "--propose-dates"]])
def test_what_is_asked_wrongly_is_one_line(merge, more):
    code, _, err = merge(*more)
    assert code == 2 and err.count("\n") == 1
