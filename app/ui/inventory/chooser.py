"""Choosing an event: filters, and a map, a table and a timeline that follow each other."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from app.errors import ScarpError
from app.grid import BBox
from app.inventory import Event, source_title
from app.inventory.browse import DOUBTS, Listing
from app.ui import choices, chosen_patch, code, insides, keys, places, placing, state, takeaway, words
from app.ui.faults import guarded, sent
from app.ui.inventory import batches, proposals, timeline
from app.ui.keys import KEEP
from app.ui.layers.placed import Placed
from app.ui.map import event_map
from app.ui.review import hiding

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure
    from streamlit.delta_generator import DeltaGenerator

_TURN, _SPAN = "held.turn", "filter.years"
_HEAD_START_S = 0.3  # of a new map before the timeline
_TABLE_PX = 300
# a day whole in a wide font too, and three of them on a phone, beside the box that chooses a row and an event's name
DAY_PX, ID_PX, ROW_PX = 93, 56, 33
_MAP = "event-map"


def filtered(listing: Listing) -> list[int]:
    """Draw the search box and the filters and return the positions of the events that pass them all."""
    _clean_filters(listing)
    years = [1.2] if listing.years else []  # a list of one year leaves no gap where others have the slider
    find, one, two, *slider, four, five = st.container(key="filters").columns(
        [1.3, 1, 1, *years, 0.9, 0.9], vertical_alignment="bottom"
    )
    find.text_input(
        "Find", key=choices.FIND, type="search", live="400ms", max_chars=200, placeholder="id, category, source, date",
        **KEEP,
    )  # fmt: skip
    one.multiselect("Category", listing.categories, placeholder="all", key=choices.CATEGORY, **KEEP)
    two.multiselect("Source", listing.sources, placeholder="all", key=choices.ORIGIN, format_func=source_title, **KEEP)
    _years(slider, listing)
    four.selectbox("Warnings", DOUBTS, key=choices.WARNINGS, **KEEP)
    five.selectbox("Verdict", ["all", *hiding.TITLES], key=choices.OUTCOME,
                   format_func=lambda name: hiding.TITLES.get(name, name), **KEEP)  # fmt: skip
    shown = state.shown()
    with st.container(key="passing", horizontal=True, vertical_alignment="center"):
        if state.filters().active:
            where = ", within the area drawn on the map" if st.session_state.get(choices.WITHIN) else ""
            of = f"{len(shown):,} of {len(listing.events):,} events pass the filters{where}"
            st.caption(f"{of}; Previous and Next keep to them.", width="content")
            st.button("Show all", key="filters.clear", on_click=guarded(state.clear_filters), type="tertiary")
        else:
            st.caption(_all_shown(len(listing.events), len(listing.doubtful)), width="content")
        _within()
    return shown


def _within() -> None:
    """Offer to list only what lies within the box drawn on the map, and the way back."""
    if box := places.area_drawn():
        text, icon = "Only within the area drawn", ":material/select_all:"
    elif st.session_state.get(choices.WITHIN):
        text, icon = "Everywhere again", ":material/public:"
    else:
        return
    st.button(text, key="filters.within", icon=icon, type="tertiary", on_click=guarded(_only_within), args=(box,))


def _only_within(box: BBox | None) -> None:
    st.session_state[choices.WITHIN] = box


@dataclass(frozen=True)
class ToldOfEvents:
    """What is known of events beside the list they are in: event -> how it was judged, how it ended in a batch."""

    judged: Mapping[str, str]
    ended: Mapping[str, str]


def told(listing: Listing, batch: batches.FollowedBatch | None) -> ToldOfEvents:
    """Return what map and table say of the events, read once for both."""
    return ToldOfEvents(standing(listing), batches.outcomes(listing, batch))


def _all_shown(events: int, doubtful: int) -> str:
    """Return how many events are shown where nothing is filtered, and of how many there are warnings."""
    if events == 1:
        return f"The only event is shown{', with warnings' if doubtful else ''}."
    warned = f", {doubtful:,} with warnings" if doubtful else ""
    return f"All {words.counted(events, 'event')} are shown{warned}."


def on_map(listing: Listing, shown: list[int], known: ToldOfEvents) -> None:
    """Draw the map; a click on a point chooses that event."""
    chosen, placed = st.session_state.get(choices.EVENT), _placed()
    event_map(
        listing, shown, chosen, key=_MAP, choose=_choose, patch=placed, place=places.press,
        drawn=places.draw_among_events, judged={**known.judged, **known.ended},
    )  # fmt: skip
    takeaway.button(listing, shown, chosen, placed, _MAP)


def in_table(listing: Listing, shown: list[int], known: ToldOfEvents) -> None:
    """Draw the table; selecting a row chooses that event, and the chosen one is selected."""
    if not shown:
        st.info("No event passes the filters; loosen one of them.", icon=":material/filter_alt_off:")
        return
    at = listing.position(st.session_state.get(choices.EVENT))
    rank = bisect_left(shown, at) if at is not None else len(shown)
    key = f"table.{listing.key}"  # the same through choices and filters: sorting and scrolling stay
    selected = [rank] if rank < len(shown) and shown[rank] == at else []
    if st.session_state.get(key, {}).get("selection", {}).get("rows") != selected:
        st.session_state[key] = {"selection": {"rows": selected, "columns": [], "cells": []}}
    frame, told = _with_told(listing, known)
    st.container(key="events").dataframe(
        frame if len(shown) == len(listing.events) else frame.iloc[shown],
        key=key,
        hide_index=True,
        placeholder="",
        height=_TABLE_PX,
        on_select=guarded(lambda: _from_table(key, listing, shown)),
        selection_mode="single-row",
        column_order=_table_columns(listing, told),
        column_config={
            "id": st.column_config.TextColumn("event", width=ID_PX),
            "date": st.column_config.DateColumn(width=DAY_PX),
            "date_end": st.column_config.DateColumn("last day", width=DAY_PX),
            "t1": st.column_config.DateColumn("T1", width=DAY_PX),
            "t2": st.column_config.DateColumn("T2", width=DAY_PX),
            "warnings": st.column_config.TextColumn(width="medium"),
            "latitude": st.column_config.NumberColumn(format="%.5f"),
            "longitude": st.column_config.NumberColumn(format="%.5f"),
        },
    )
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(
            "Click a heading to sort; the glass at the top right searches all columns. The event of the row chosen is "
            "changed above.", width="content",
        )  # fmt: skip
        with st.container(horizontal=True, width="content"):
            takeaway.table(listing, shown)
            code.of_inventory(listing.inventory)


def standing(listing: Listing) -> Mapping[str, str]:
    """Return how the events stand after their review, nothing where the database cannot be used: Review says why."""
    try:
        return hiding.outcomes(listing.inventory)
    except ScarpError:
        return {}


def _with_told(listing: Listing, known: ToldOfEvents) -> tuple[pd.DataFrame, list[str]]:
    """Return the table with what was proposed and changed of the events, and the titles of those columns."""
    frame, used = listing.frame, listing.inventory
    waiting = proposals.pending(used)
    told: dict[str, list[str]] = {}
    judged, ended = known.judged, known.ended
    if judged:
        titles = (judged.get(event.id, "") for event in listing.events)
        told["verdict"] = [hiding.TITLES.get(name, name) for name in titles]
    if ended:
        told["batch"] = [ended.get(event.id, "") for event in listing.events]
    if waiting:
        told["proposed"] = [proposals.dates_of(waiting.get(event.id)) for event in listing.events]
    if used.changes:
        logs = (used.changes.get(event.id, ()) for event in listing.events)
        told["changed"] = [", ".join(dict.fromkeys(change.field for change in log)) for log in logs]
    return (frame.assign(**told) if told else frame), list(told)


def _table_columns(listing: Listing, told: list[str]) -> list[str]:
    last = ["date_end"] if listing.lasting else []
    return [
        "id",
        "date",
        *last,
        "t1",
        "t2",
        *told,
        "category",
        "source",
        "warnings",
        "latitude",
        "longitude",
        "accuracy",
    ]


def on_timeline(listing: Listing, shown: list[int]) -> None:
    """Draw the events over time; a click on a point chooses that event, on a month of many its year."""
    _leave_to_the_map(listing)
    chosen = st.session_state.get(choices.EVENT)
    key = f"timeline.{st.session_state.get(_TURN, 0)}.{len(shown)}"
    events = [listing.events[n] for n in shown]
    if not timeline.dated(events):
        if events:
            st.info("None of the events shown has a date, so there is no timeline.", icon=":material/event_busy:")
        return
    if len(events) > timeline.MOST_POINTS:
        figure, told = _counted(listing, shown, events, chosen), partial(_from_months, key)
    else:
        figure, ids = timeline.points(events, chosen)
        told = partial(_from_timeline, key, ids)
    st.plotly_chart(
        figure, key=key, on_select=guarded(told), selection_mode="points",
        config={"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]},
    )  # fmt: skip
    without = sum(event.date is None for event in events)
    if without:
        st.caption(f"{words.counted(without, 'event')} shown above without a date: not on the timeline.")


def _leave_to_the_map(listing: Listing) -> None:
    """Wait a moment where a map is new on the page: it and the chart are drawn by one thread of the browser."""
    if st.session_state.get(keys.MAPPED) != listing.key:
        st.session_state[keys.MAPPED] = listing.key
        insides.leave_to_the_browser(_HEAD_START_S)


def _counted(listing: Listing, shown: list[int], events: list[Event], chosen: str | None) -> Figure:
    """Return the counts by month; made anew only where other events are shown, or one of another day is chosen."""
    at = listing.position(chosen)
    day = listing.events[at].date if at is not None else None
    held = st.session_state.get(keys.COUNTED)
    if held is None or held[0] is not shown or held[1] != day:
        held = st.session_state[keys.COUNTED] = (shown, day, timeline.counts(events, day))
    return held[2]


def _clean_filters(listing: Listing) -> None:
    """Drop what a link or another inventory left in the filters and this one does not hold."""
    for name, known in ((choices.CATEGORY, listing.categories), (choices.ORIGIN, listing.sources)):
        wanted = st.session_state[name]
        unknown = [word for word in wanted if word not in known]
        if unknown:
            st.session_state[name] = [word for word in wanted if word in known]
            st.caption(f":orange[No event has the {name} {words.plain(', '.join(unknown)[:80])}; that filter is off.]")
    ends, span = listing.years, st.session_state.get(choices.YEARS)
    if ends and span and (span[1] < ends[0] or span[0] > ends[1]):
        st.session_state[choices.YEARS] = None
        st.caption(f":orange[No event lies between {span[0]} and {span[1]}; that filter is off.]")


def _years(places: Sequence[DeltaGenerator], listing: Listing) -> None:
    """Draw the span of years where there is a place for it; the widest lets events without a date pass as well."""
    ends = listing.years
    if ends is None:
        st.session_state[choices.YEARS] = None
        return
    first, last = st.session_state.get(choices.YEARS) or ends
    st.session_state[_SPAN] = (min(max(first, ends[0]), ends[1]), max(min(last, ends[1]), ends[0]))
    span: object = places[0].slider("Years", *ends, key=_SPAN, **KEEP)  # two years, as its value in the session has
    st.session_state[choices.YEARS] = None if span == ends else span


def _placed() -> Placed | None:
    """Return the chosen event's patch in its place, without opening it."""
    try:
        spec = chosen_patch.spec() if chosen_patch.subject() is state.event() else None
        return placing.at_hand(spec) if spec else None
    except ScarpError:
        return None


def _choose(event_id: str | None) -> None:
    state.choose_event(event_id)
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def _from_table(key: str, listing: Listing, shown: list[int]) -> None:
    told = sent(key, "selection")
    if told is None:
        return
    rows = told.rows
    chosen = listing.events[shown[rows[0]]].id if rows else None
    state.choose_event(chosen)


def _from_timeline(key: str, ids: list[str]) -> None:
    points = getattr(sent(key, "selection"), "points", None)
    if points:
        _choose(ids[points[0]["point_index"]])


def _from_months(key: str) -> None:
    points = getattr(sent(key, "selection"), "points", None)
    if points:
        year = int(str(points[0]["x"])[:4])
        st.session_state[choices.YEARS] = (year, year)
