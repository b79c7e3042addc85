"""An inventory made ready to browse: filters, search, order, and what a map is told."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.export import inventories
from app.inventory import Event, EventWarning, Inventory, builtin, read
from app.inventory.browse import Filters, Listing, as_bits
from tests import nasa

EVENTS = (
    Event("a", 0, date(2016, 5, 1), 10.0, 20.0, "landslide", "exact", "EMS"),
    Event("b", 1, date(2018, 5, 1), -10.0, 25.0, "mudslide", "5km", "GLC"),
    Event("c", 2, None, 0.0, 30.0, "landslide", "", ""),
    Event("d", 3, date(2020, 5, 1), 5.0, -30.0, "rock_fall", "exact", "GLC"),
)
WARNED = (EventWarning("b", "duplicate", "The same as a."),)


@pytest.fixture
def listing() -> Listing:
    return Listing(Inventory("list.csv", EVENTS, (), {}, WARNED))


@pytest.mark.parametrize(
    ("filters", "passing"),
    [
        (Filters(), [0, 1, 2, 3]),
        (Filters(find="LANDSLIDE"), [0, 2]),
        (Filters(find="2018 glc"), [1]),
        (Filters(find="nothing of the kind"), []),
        (Filters(categories=("mudslide", "rock_fall")), [1, 3]),
        (Filters(sources=("GLC",), doubt="without"), [3]),
        (Filters(doubt="with warnings"), [1]),
        (Filters(within=(20.0, 0.0, 30.0, 10.0)), [0, 2]),  # west, south, east, north; its edge belongs to it
        (Filters(within=(-31.0, -10.0, 25.0, 9.0)), [1, 3]),
        (Filters(years=(2016, 2018)), [0, 1]),  # an event without a date lies in no span of years
    ],
)
def test_an_event_passes_where_it_meets_every_filter(listing, filters, passing):
    assert listing.passing(filters) == passing


def test_a_source_is_shown_by_one_word_and_found_by_either_while_files_keep_the_lists():
    listing = Listing(builtin())
    at = listing.position("169")
    assert listing.frame["source"][at] == "Turkey" and ", Turkey" in json.loads(listing.points)["text"][at]
    assert at in listing.passing(Filters(find="turkey")) and at in listing.passing(Filters(find="Tukey"))
    assert at in listing.passing(Filters(sources=("Tukey",)))  # as links have it
    assert b"Tukey" in inventories.WRITERS[".csv"](listing.inventory)


def test_next_and_previous_keep_to_what_is_shown_and_go_round_its_ends(listing):
    assert listing.step("a", 1, [0, 2, 3]) == "c"
    assert listing.step("d", 1, [0, 2, 3]) == "a"
    assert listing.step("a", -1, [0, 2, 3]) == "d"


def test_an_event_that_is_held_back_has_its_neighbours_in_the_order_of_the_file(listing):
    assert listing.step("b", 1, [0, 2, 3]) == "c"
    assert listing.step("b", -1, [0, 2, 3]) == "a"


def test_without_a_chosen_event_the_first_or_the_last_shown_comes_next(listing):
    assert (listing.step(None, 1, [1, 3]), listing.step(None, -1, [1, 3])) == ("b", "d")
    assert listing.step("a", 1, []) is None


@settings(deadline=None)
@given(st.sets(st.integers(0, 40)), st.integers(0, 40), st.sampled_from([1, -1]))
def test_stepping_reaches_every_event_shown_once_before_it_comes_back(shown, start, step):
    events = tuple(Event(str(n), n, None, 0.0, 0.0) for n in range(41))
    browsed, order = Listing(Inventory("list.csv", events, (), {}, ())), sorted(shown)
    at, seen = str(start), []
    for _ in order:
        at = browsed.step(at, step, order)
        seen.append(int(at))
    assert sorted(seen) == order


def test_the_extent_and_the_years_are_those_of_the_events(listing):
    assert listing.extent == (-30.0, -10.0, 30.0, 10.0)
    assert listing.years == (2016, 2020)


def test_an_empty_inventory_has_neither_extent_nor_years():
    empty = Listing(Inventory("list.csv", (), (), {}, ()))
    assert (empty.extent, empty.years, empty.passing(Filters())) == (None, None, [])


def test_the_points_hold_each_event_in_the_order_of_the_file(listing):
    document = json.loads(listing.points)
    assert document["lon"] == [20.0, 25.0, 30.0, -30.0] and document["doubt"] == [1]
    assert document["text"][2] == "c: landslide, no date"


def test_equal_events_have_the_same_key_and_others_another(listing):
    again = Listing(Inventory("copy.csv", EVENTS, (), {}, WARNED))
    fewer = Listing(Inventory("list.csv", EVENTS[:3], (), {}, WARNED))
    assert again.key == listing.key != fewer.key


@settings(deadline=None)
@given(st.sets(st.integers(0, 99)))
def test_bits_say_which_events_are_meant(positions):
    packed = as_bits(sorted(positions), 100)
    assert {n for n in range(100) if packed[n >> 3] >> (n & 7) & 1} == positions


def test_a_catalogue_in_the_shape_of_nasas_is_read_whole_and_its_hostile_words_stay_words():
    inventory = read(nasa.catalogue(800), "catalogue.csv")
    assert len(inventory.events) == 800 and not inventory.skipped
    listing = Listing(inventory)
    assert any("onerror" in text for text in json.loads(listing.points)["text"])
    assert listing.points.isascii() and b"<script>" in listing.points  # set as text in the map, never as markup


def test_a_changed_event_leaves_what_the_map_draws_of_outlines_as_it_was_made_and_other_outlines_are_drawn_anew():
    from dataclasses import replace

    import shapely

    outline = shapely.to_wkb(shapely.box(11, 46, 11.1, 46.1))
    event = Event("a", 0, None, 46.05, 11.05, outline=outline)
    first = Listing(Inventory("x", (event,), (), {}, ()))
    drawn = first.areas
    changed = replace(first.inventory, events=(replace(event, category="flow"),))
    assert Listing(changed, first).areas is drawn
    other = replace(event, outline=shapely.to_wkb(shapely.box(12, 46, 12.1, 46.1)))
    assert Listing(replace(changed, events=(other,)), first).areas != drawn
    assert Listing(replace(changed, events=()), first).areas == b""
