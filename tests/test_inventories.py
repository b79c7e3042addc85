"""An inventory that is taken away and read again is the same one, whatever it holds and in whichever form."""

import csv
import io
import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
import shapely
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app import config, export, inventory
from app.errors import InputError
from app.export import inventories
from app.inventory import Inventory, ours
from app.inventory.events import Along, Event
from app.inventory.log import FIELDS, Change

# --- any inventory that reading could have given -------------------------------------------


def stays(text: str) -> bool:
    """Whether a text is one that reading gives: nothing around it, and no guard of a formula before it."""
    return text == ours.unguarded(text)


letters = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
hostile = st.sampled_from(
    ["=1+1", "@SUM(A1)", "-x", "＝1", "", "nan", "NA", "null", "-5", "1e9", "a,b", 'say "so"', "two\nlines", "a\rb",
     "2018/01/02", "2018-01-02T00:00:00Z", "<script>", "[]", "{}", '{"a": 1}', "sep=;", "'quoted'", "''=1", "0x1",
     "\u202eevil", "名前", "true", "12:00", "POINT (1 2)", "along:x"]
)  # fmt: skip
texts = st.one_of(hostile, st.text(letters, max_size=20).map(str.strip)).filter(stays)
titles = st.one_of(
    st.sampled_from(["id", "ID", "date", "latitude", "lat", "start", "end", "wkt", "geometry", "software", "change_log",
                     "changed_by", "fid", "geom", "name", "Name", "along:id", "along2:id", "along:", "=1+1", "type",
                     "OGR_STYLE", "outline", "year", "pre1", "t2", "description", "Fehlerangabe (km)"]),
    texts,
).filter(bool)  # fmt: skip
ids = st.one_of(hostile, st.text(letters, max_size=30).map(str.strip)).filter(
    lambda text: stays(text) and 0 < len(text) <= 64 and text.isprintable()
)
days = st.dates(date(1, 1, 2), date(9998, 12, 30))
angles = st.floats(-1, 1, allow_nan=False)


@st.composite
def shapes(draw, longitude: float, latitude: float) -> bytes:
    """Return an outline round a place: none, a line, an area with or without a hole, several, or a mixture."""
    west, south = longitude - 0.01 - abs(draw(angles)) / 100, latitude - 0.01 - abs(draw(angles)) / 300
    size = 0.02 + abs(draw(angles)) / 3
    area = shapely.box(west, south, west + size, south + size)
    line = shapely.LineString([(west, south), (west + size / 3, south + size / 7), (west + size, south)])
    far = shapely.box(west + 2 * size, south, west + 3 * size, south + size)
    hole = area.difference(shapely.box(west + size / 3, south + size / 3, west + size / 2, south + size / 2))
    every = [None, line, area, hole, shapely.MultiPolygon([area, far]), shapely.MultiLineString([line, line]),
             shapely.GeometryCollection([far, line])]  # fmt: skip
    shape = draw(st.sampled_from(every))
    return shapely.to_wkb(shape) if shape is not None else b""


@st.composite
def events(draw, event_id: str, row: int) -> Event:
    latitude, longitude = draw(st.floats(-85, 85)), draw(st.floats(-175, 175))
    day = draw(st.none() | days)
    end = day + timedelta(draw(st.integers(1, 2000))) if day and day.year < 9000 and draw(st.booleans()) else None
    return Event(
        event_id, row, day, latitude, longitude, draw(texts), draw(texts), draw(texts),
        tuple(draw(st.lists(days, max_size=2))), draw(st.none() | days), end, draw(shapes(longitude, latitude)),
    )  # fmt: skip


@st.composite
def any_inventory(draw) -> Inventory:
    names = draw(st.lists(ids, min_size=1, max_size=5, unique=True))
    rows = draw(st.lists(st.integers(0, 50), min_size=len(names), max_size=len(names), unique=True).map(sorted))
    held = tuple(draw(events(name, row)) for name, row in zip(names, rows, strict=True))
    headings = tuple(draw(st.lists(titles, max_size=5, unique=True)))
    along = {row: tuple(draw(texts) for _ in headings) for row in rows}
    change = st.builds(Change, st.sampled_from(FIELDS), texts, texts, texts, texts, texts)
    logs = draw(st.dictionaries(st.sampled_from(names), st.lists(change, min_size=1, max_size=3).map(tuple)))
    return Inventory("any", held, (), {}, (), along=Along(headings, along), changes=logs)


def again(held: Inventory, ending: str) -> Inventory:
    return inventory.read(inventories.WRITERS[ending](held), f"taken{ending}")


def assert_same(found: Inventory, held: Inventory) -> None:
    rows = range(len(held.events))
    assert [replace(one, row=0) for one in found.events] == [replace(one, row=0) for one in held.events]
    assert [one.row for one in found.events] == list(rows) and not found.skipped
    assert found.along.titles == held.along.titles
    for mine, theirs in zip(found.events, held.events, strict=True):
        assert found.along.of(mine) == held.along.of(theirs)
    assert found.changes == held.changes


@given(any_inventory())
@settings(max_examples=150, deadline=None)
def test_any_inventory_taken_away_as_csv_and_read_again_is_the_same(held):
    assert_same(again(held, ".csv"), held)


@pytest.mark.parametrize("ending", [".gpkg", ".geojson"])
@given(held=any_inventory())
@settings(max_examples=10, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
def test_any_inventory_taken_away_as_a_file_of_shapes_and_read_again_is_the_same(ending, held):
    assert_same(again(held, ending), held)


# --- what stands in the files ---------------------------------------------------------------

CSV = b"""id,event_date,latitude,longitude,category,wkt,Remarks,changed_by
A,2021-05-04/2021-05-06,46.55,11.35,slide,"POLYGON ((11.3 46.5, 11.4 46.5, 11.4 46.6, 11.3 46.5))",=1+1,Jo
B,soon,45.9,10.8,fall,,quiet,
"""
CHANGE = Change("category", "fall", "flow", "A. Expert", "2026-11-29T08:00:00+00:00")


def held() -> Inventory:
    found = inventory.read(CSV, "slides.csv")
    return replace(found, changes={"B": (CHANGE,)})


def cells(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_a_list_of_which_nothing_else_is_known_is_taken_away_in_the_published_schema():
    plain = inventory.read(b"id,lat,lon,date\nA,1,2,2020-01-01\n", "x.csv")
    assert inventories.as_csv(plain).splitlines()[0].decode() == ",".join(ours.PUBLISHED)


def test_what_came_along_what_is_doubted_and_what_was_changed_stand_in_the_table():
    first, second = cells(inventories.as_csv(held()))
    assert first["event_date"] == "2021-05-04/2021-05-06" and first["Remarks"] == "'=1+1"
    assert first["outline"].startswith("POLYGON ((11.3 46.5, 11.4 46.5")
    assert first["along:changed_by"] == "Jo" and first["changed_by"] == ""  # theirs, and Scarp's
    assert (second["changed"], second["changed_by"], second["changed_at"]) == ("category", CHANGE.by, CHANGE.when)
    assert json.loads(second["change_log"])[0]["before"] == "fall"
    assert "soon" in second["doubts"]  # what could not be read is not lost without a word
    assert second["software"] == config.software()


def test_the_date_that_could_not_be_read_makes_a_plain_list_more_than_the_published_schema():
    plain = inventory.read(b"id,lat,lon,date\nA,1,2,soon\n", "x.csv")
    assert "soon" in cells(inventories.as_csv(plain))[0]["doubts"]


@pytest.mark.parametrize("ending", inventories.WRITERS)
def test_it_is_read_again_as_it_was_and_told_from_a_file_of_another_s_by_its_columns(ending):
    assert_same(again(held(), ending), held())


def test_a_point_that_was_moved_in_another_program_is_where_that_program_put_it():
    document = json.loads(inventories.as_geojson(held()))
    document["features"][1]["geometry"]["coordinates"] = [10.9, 45.8]
    moved = inventory.read(json.dumps(document).encode(), "x.geojson").events[1]
    assert (moved.longitude, moved.latitude) == (10.9, 45.8)


def test_dates_that_a_spreadsheet_wrote_its_own_way_are_read_all_the_same():
    taken = inventories.as_csv(held()).replace(b"2021-05-04/2021-05-06", b"31/05/2021")
    assert inventory.read(taken, "x.csv").events[0].date == date(2021, 5, 31)


def test_a_log_that_cannot_be_read_any_more_is_said():
    taken = inventories.as_csv(held()).replace(b'""field"": ""category""', b'""field"": ""colour""')
    found = inventory.read(taken, "x.csv")
    assert not found.changes and any("cannot be read any more" in note for note in found.notes)


def test_an_outline_too_long_for_a_cell_is_refused_as_csv_with_the_way_out_and_not_as_a_geopackage():
    round_one = shapely.Point(11, 46).buffer(0.1, quad_segs=15_000)
    event = Event("A", 0, None, 46.0, 11.0, outline=shapely.to_wkb(round_one))
    long = Inventory("long", (event,), (), {}, ())
    assert "GeoPackage" in inventories.too_long_for_csv(long) and not inventories.too_long_for_csv(held())
    with pytest.raises(InputError, match=r"\.gpkg"):
        inventories.as_csv(long)
    assert again(long, ".gpkg").events[0].outline == event.outline


@pytest.mark.parametrize("ending", inventories.WRITERS)
def test_an_inventory_without_events_can_be_written(ending):
    assert inventories.WRITERS[ending](Inventory("none", (), (), {}, ()))


def test_a_file_is_written_as_its_ending_says_and_another_ending_is_refused(tmp_path):
    inventories.write(held(), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == export.inventory_csv(held())
    with pytest.raises(InputError, match=r"\.csv, \.gpkg or \.geojson"):
        inventories.write(held(), tmp_path / "out.shp")
