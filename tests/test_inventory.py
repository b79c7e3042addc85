"""What an inventory holds, whichever file it came from."""

import csv
import io
import os
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import config, inventory
from app.errors import EventUnknownError, InventoryError, ScarpError
from app.inventory import reading
from app.inventory.rows import NAMES

HEADER = "id,event_date,latitude,longitude,pre1,pre2,post1\n"


def read(text: str, header: str = HEADER) -> inventory.Inventory:
    return inventory.read((header + text).encode(), "test.csv")


def codes(text: str, header: str = HEADER) -> list[tuple[str, str]]:
    return [(warning.event, warning.code) for warning in read(text, header).warnings]


def test_the_built_in_list_is_ten_published_events_with_their_own_ids_and_no_fault():
    held = inventory.builtin()
    assert [event.id for event in held.events] == ["0", "1", "2", "3", "4", "169", "170", "171", "172", "173"]
    assert (held.skipped, held.warnings) == ((), ())
    second = held.event("2")
    assert (second.latitude, second.longitude) == (35.864314, -121.430499)
    assert (second.t1, second.date, second.t2) == (date(2017, 5, 17), date(2017, 5, 20), date(2017, 5, 27))


@pytest.mark.shared
def test_the_published_list_is_174_events_with_exactly_its_four_known_faults(shared):
    held = inventory.read_file(shared / "data" / "inventory.csv")
    assert [event.id for event in held.events] == [str(row) for row in range(174)]
    assert held.skipped == ()
    assert [(warning.event, warning.code) for warning in held.warnings] == [
        ("96", "t1-not-before-event"),
        ("116", "t2-not-after-event"),
        ("147", "t2-not-after-event"),
        ("159", "t1-not-before-event"),
    ]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ("2020-06-10,{},2020-01-01,2020-06-09,2020-06-11", []),
        ("2020-06-10,{},2020-01-01,2020-06-10,2020-06-11", ["t1-not-before-event"]),
        ("2020-06-10,{},2020-06-12,2020-06-09,2020-06-11", []),  # pre1 is not the T1 used
        ("2020-06-10,{},2020-06-12,,2020-07-11", ["t1-not-before-event"]),  # here it is
        ("2020-06-10,{},,2020-06-09,2020-06-10", ["t2-not-after-event"]),
        ("2020-06-10,{},,2021-01-01,2020-01-01", ["t1-not-before-event", "t2-not-after-event", "t1-not-before-t2"]),
        (",{},,2020-06-09,2020-06-09", ["date-unreadable", "t1-not-before-t2"]),
        ("2020-06-10,{},,2015-06-22,2020-07-01", ["before-sentinel2"]),
        ("2020-06-10,{},,2015-06-23,2020-07-01", []),
        ("2015-06-22,{},,,", ["before-sentinel2"]),
        ("2007-06-22,{},,2007-06-01,2007-08-01", ["before-sentinel2"]),
        ("some day,{},,,", ["date-unreadable"]),
        ("2020-02-30,{},,,", ["date-unreadable"]),
        ("2020-06-10,{},2020-01-01,before,", ["date-unreadable"]),
        ("2020-06-10,{},nan,NaT,-", []),
    ],
)
def test_dates_in_the_wrong_place_are_named_by_code(dates, expected):
    row = "7," + dates.format("45.0,9.0")
    assert codes(row) == [("7", code) for code in expected]


def test_an_event_is_where_its_rounded_position_is_and_nowhere_else():
    (event,) = inventory.read(b"lat,lon\n45.123456,9.654321\n", "x.csv").events
    assert event.is_at(45.12346, 9.65432) and not event.is_at(45.12350, 9.65432) and not event.is_at(45.12346, 9.6544)


def test_an_event_without_a_readable_date_stays():
    event = read("7,soon,45,9,,,2020-01-01").event("7")
    assert (event.date, event.t1, event.t2) == (None, None, date(2020, 1, 1))


def test_same_place_and_date_as_an_earlier_event_is_a_duplicate_whatever_the_spelling():
    text = "a,2020-06-10,45.0,9,,,\nb,2020-06-11,45,9,,,\nc,2020/06/10,45.000001,9.0,,,\nd,,45,9,,,\ne,,45,9,,,\n"
    held = read(text)
    assert [(w.event, w.code) for w in held.warnings if w.code == "duplicate"] == [("c", "duplicate")]
    assert "event a" in held.warnings_for("c")[0].message


@pytest.mark.parametrize(
    ("latitude", "longitude", "said"),
    [
        ("200", "9", "latitude 200 is outside -90 to 90"),
        ("45", "-180.5", "longitude -180.5 is outside -180 to 180"),
        ("101.7", "3.1", "may be swapped"),
        ("45", "250", "subtract 360"),
        ("5074000", "500000", "metres"),
        ("1e300", "9", "outside"),
        ("", "9", "latitude missing"),
        ("nan", "NaN", "latitude and longitude missing"),
        ("inf", "9", "'inf' is no number"),
        ("1_0", "9", "'1_0' is no number"),
        ("north", "9", "'north' is no number"),
        ("45°61'", "9", "decimal degrees such as"),
        ("45 E", "9", "decimal degrees such as"),
    ],
)
def test_a_row_without_a_usable_position_is_skipped_with_the_reason(latitude, longitude, said):
    held = read(f"a,2020-06-10,45,9,,,\nb,2020-06-10,{latitude},{longitude},,,\n")
    assert [event.id for event in held.events] == ["a"]
    assert [skipped.row for skipped in held.skipped] == [1]
    assert said in held.skipped[0].reason
    out_of_range = "outside" in held.skipped[0].reason
    assert [w.code for w in held.warnings_for("b")] == (["position-out-of-range"] if out_of_range else [])


def test_positions_on_the_edge_of_the_globe_are_usable():
    held = read("a,,90,180,,,\nb,,-90,-180,,,\nc,,0,0,,,\n")
    assert [(event.latitude, event.longitude) for event in held.events] == [(90, 180), (-90, -180), (0, 0)]


def test_a_place_at_0_0_is_kept_and_doubted():
    held = read("a,2020-01-01,0,0,,,\nb,2020-01-01,0.0,10,,,\nc,2020-01-02,-0.0000,0.0,,,\n")
    assert [(w.event, w.code) for w in held.warnings] == [("a", "null-island"), ("c", "null-island")]


@pytest.mark.parametrize(
    ("text", "header", "ids", "column"),
    [
        ("x,1,2\ny,3,4\n", "id,lat,lon\n", ["x", "y"], "id"),
        ("x,1,2\nx,3,4\n", "id,lat,lon\n", ["0", "1"], None),
        ("x,1,2\n,3,4\n", "Id,lat,lon\n", ["0", "1"], None),
        ("x,9,1,2\nx,8,3,4\n", "id,Event ID,lat,lon\n", ["9", "8"], "Event ID"),
        ("a/b c,1,2\n../x,3,4\n", "id,lat,lon\n", ["a/b c", "../x"], "id"),
        (f"{'x' * 65},1,2\ny,3,4\n", "id,lat,lon\n", ["0", "1"], None),
        ("a\x1b[2J,1,2\ny,3,4\n", "id,lat,lon\n", ["0", "1"], None),
        ("x,,\nx,1,2\n\ny,3,4\n", "id,lat,lon\n", ["x", "y"], "id"),  # a skipped row's id does no harm
    ],
)
def test_events_are_named_by_a_unique_id_column_or_else_by_row(text, header, ids, column):
    held = read(text, header)
    assert [event.id for event in held.events] == ids
    assert held.columns.get("id") == column
    assert bool(held.notes) == (column is None)


def test_an_unknown_event_is_answered_with_ids_like_it():
    with pytest.raises(EventUnknownError, match=r"no event '17' among its 10\..*171"):
        inventory.builtin().event("17")
    with pytest.raises(EventUnknownError, match="holds no events"):
        read("a,,200,9,,,").event("a")


def test_the_frame_has_one_line_an_event_with_real_dates():
    held = read("a,2020-06-10,45,9,,2020-06-10,2020-06-09\nb,soon,46,10,,,\nc,0900-01-01,1,2,,,\n")
    frame = held.frame()
    assert ", ".join(frame.columns) == (
        "id, date, date_end, latitude, longitude, category, accuracy, source, t1, t2, warnings, row"
    )
    assert frame["date"].dt.year.fillna(0).tolist() == [2020, 0, 900]
    assert frame["warnings"].tolist() == [
        "t1-not-before-event, t2-not-after-event, t1-not-before-t2",
        "date-unreadable",
        "before-sentinel2",
    ]
    assert (frame["row"].tolist(), frame["latitude"].tolist()) == ([0, 1, 2], [45.0, 46.0, 1.0])
    assert frame.dtypes["t1"] == frame.dtypes["date"]  # also where no event has a T1


def test_the_frame_of_no_events_has_the_same_columns_and_types():
    empty, full = read("a,,200,9,,,").frame(), inventory.builtin().frame()
    assert len(empty) == 0
    assert empty.dtypes.equals(full.dtypes)


def test_source_titles_explain_what_is_known_and_keep_what_is_not():
    known = {name: inventory.source_title(name) for name in ("Tukey", "EMS", "UT", "<script>")}
    assert known == {"Tukey": "Turkey", "EMS": "Copernicus EMS", "UT": "UT", "<script>": "<script>"}
    assert inventory.builtin().event("169").source == "Tukey"


def test_text_that_is_code_elsewhere_is_kept_as_text():
    hostile = ["<script>alert(1)</script>", "${alert(1)}", "{{7*7}}", "javascript:alert(1)", "'; DROP TABLE events;--"]
    out = io.StringIO()
    csv.writer(out).writerows([["lat", "lon", "category", "source"], *([1, 2, text, text] for text in hostile)])
    held = inventory.read(out.getvalue().encode(), "test.csv")
    assert [event.category for event in held.events] == hostile


def test_a_file_over_the_limit_is_refused_by_its_size_before_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(200_000_000)  # sparse: it takes no room
    monkeypatch.setattr(reading, "_bounded", lambda path: pytest.fail("the file was read"))
    with pytest.raises(InventoryError, match=r"200 MB; Scarp reads tables of up to 50 MB"):
        inventory.read_file(path)


def test_uploaded_bytes_over_the_limit_are_refused_too(monkeypatch):
    monkeypatch.setattr(config, "settings", lambda: replace(config.read({}), max_csv_mb=0))
    with pytest.raises(InventoryError, match="up to 0 MB"):
        read("a,,1,2,,,")


def test_a_device_a_pipe_and_what_the_system_makes_up_are_never_read(tmp_path):
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero"), Path("/dev/tty")):
        with pytest.raises(InventoryError, match=r"is a device or a pipe, no file"):
            inventory.read_file(path)
    with pytest.raises(InventoryError, match="is empty"):
        inventory.read_file(Path("/proc/self/environ"))


def test_a_file_that_grows_while_it_is_read_is_read_to_the_limit_only(tmp_path, monkeypatch):
    path = tmp_path / "log.csv"
    path.write_bytes(b"lat,lon\n" + b"1,2\n" * 300_000)
    monkeypatch.setattr(config, "settings", lambda: replace(config.read({}), max_csv_mb=1))
    assert len(reading._bounded(path)) == 1_000_001


@pytest.mark.parametrize("place", ["missing.csv", ".", "bad\0name.csv", "x" * 5000])
def test_a_path_that_is_no_readable_file_is_one_sentence(tmp_path, place):
    with pytest.raises(InventoryError, match="Name a") as caught:
        inventory.read_file(tmp_path / place)
    assert len(str(caught.value)) < 500


cell = st.one_of(
    st.sampled_from(["", "45", "9.5", "-121.4", "200", "nan", "2020-06-10", "13/05/2019", "5/13/19", "=cmd()", "'=x"]),
    st.sampled_from(["POINT (9 45)", "45°30'", "2019", "2019-05/2019-06", "43210", "5 to 9 May 2019", "POLYGON (("]),
    st.sampled_from(["a", "b", '"', '"a', ",", ";", "\n", "'", "<script>", "1e400", "٣", "-", "2019-13-01", "\u2028"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12),
)
names = st.sampled_from([name for known in NAMES.values() for name in known[:2]])
header = st.lists(names | cell, min_size=1, max_size=9)


@given(header, st.lists(st.lists(cell, max_size=10), min_size=1, max_size=8), st.sampled_from(",;\t|"))
@settings(max_examples=300, deadline=None)
def test_every_row_of_any_table_is_an_event_or_is_skipped(titles, rows, delimiter):
    rows = [row for row in rows if row]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([["lat", "lon", *titles], *rows])
    try:
        held = inventory.read(out.getvalue().encode(), "any.csv")
    except InventoryError as error:
        assert not rows or "CRS" in str(error), error  # positions all in metres are refused
        return
    assert len(held.events) + len(held.skipped) == len(rows)
    assert sorted([event.row for event in held.events] + [one.row for one in held.skipped]) == list(range(len(rows)))
    assert max(Counter(event.id for event in held.events).values(), default=1) == 1
    assert held.frame().shape[0] == len(held.events)


def test_what_was_guarded_against_a_spreadsheet_is_read_as_it_was():
    held = inventory.read(b"id,lat,lon,category,source\n'=1+1,1,2,'=cmd(),'@x\n-7,3,4,-5,'y\n", "test.csv")
    first, second = ((one.id, one.category, one.source) for one in held.events)
    assert first == ("=1+1", "=cmd()", "@x") and second == ("-7", "-5", "'y")


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused_with_a_sentence(data):
    for tail in (data, b"lat,lon,date\n" + data):
        try:
            inventory.read(tail, "any.bin")
        except ScarpError as error:
            assert str(error).endswith((".", ")."))
