"""The patch that a session's choices name: of which place, days, bands and pixels."""

from dataclasses import replace
from datetime import date

import streamlit as st

from app.inventory import Event
from app.patches import PatchSpec
from app.sources import open_source, spec_for
from app.sources.own import records
from app.sources.own.records import PairRecord
from app.ui import choices, state
from app.ui.choices import texts


def spec() -> PatchSpec | None:
    """Return the patch the choices name, or None without a place or dates.

    Raises InputError where the choices contradict each other (T1 after T2, say).
    """
    place = subject()
    return spec_of(place, *dates(), *spans()) if place else None


def dates() -> tuple[date | None, date | None]:
    """Return T1 and T2 of the patch: of the source's own days where it holds one place only, else the event's."""
    own, place = own_event(), state.event()
    if own is not None:
        return _own_dates(own, open_source(st.session_state[choices.SOURCE]).describe().days)
    if st.session_state[choices.SOURCE] == records.SOURCE and place is not None:
        return _own_dates(place, brought_days())  # other days than those of its files are no choice
    return event_dates()


def spans() -> tuple[date | None, date | None]:
    """Return where the span of T1 begins and that of T2 ends; None for a single day, and where no scenes are listed."""
    info = open_source(st.session_state[choices.SOURCE]).describe()
    first, last = st.session_state.get(choices.T1_FROM), st.session_state.get(choices.T2_TO)
    if not info.scenes or (info.event is not None and not info.days) or (info.brought and not brought_days()):
        return None, None
    if info.event is None and not info.brought:
        return first, last
    t1, t2 = dates()  # a span of the inventory's event waits with that event's dates
    return (first if first and t1 and first <= t1 else None), (last if last and t2 and last >= t2 else None)


def bands(source: str) -> tuple[str, ...]:
    """Return the chosen bands that a source holds, or all of its own where it holds none of them."""
    held, chosen = open_source(source).describe().bands, st.session_state[choices.BANDS]
    return tuple(name for name in held if name in chosen) or held


def subject() -> Event | None:
    """Return what the patch is of: the source's own place where it holds only one, else the event."""
    return own_event() or state.event()


def own_event() -> Event | None:
    """Return the one place the source holds, or None where it has patches of any event."""
    return open_source(st.session_state[choices.SOURCE]).describe().event


def brought_days() -> tuple[date, ...]:
    """Return the days of the chosen event's files where more than two dates of it were brought; else none."""
    found = records.find(st.session_state.get(choices.EVENT) or "")
    return found.days if found is not None and found.more else ()


def event_dates() -> tuple[date | None, date | None]:
    """Return T1 and T2 of the chosen event: those picked, else its own; they wait while a source shows its own pair."""
    place = state.event()
    t1, t2 = st.session_state.get(choices.T1), st.session_state.get(choices.T2)
    return t1 or (place.t1 if place else None), t2 or (place.t2 if place else None)


def spec_of(
    place: Event, t1: date | None, t2: date | None, t1_from: date | None = None, t2_to: date | None = None
) -> PatchSpec | None:
    """Return the patch of an event at two dates or spans, all else as chosen; None without dates, or without files.

    Raises SourceError for a pair that was brought elsewhere.
    """
    source = st.session_state[choices.SOURCE]
    if source == records.SOURCE:
        files = st.session_state.get(choices.FILES) or ""
        return (
            _of_pair(records.required(place.id, files), t1, t2, t1_from, t2_to) if records.is_name(place.id) else None
        )
    if t1 is None or t2 is None:
        return None
    return spec_for(
        place,
        source,
        t1=t1,
        t2=t2,
        bands=bands(source),
        buffer_deg=buffer_deg(),
        resolution_deg=st.session_state[choices.RESOLUTION],
        options=source_options(source),
        heights=st.session_state[choices.HEIGHTS] == texts.ON,
        light=light(),
        t1_from=t1_from,
        t2_to=t2_to,
        composite=st.session_state[choices.COMPOSITE],
    )


def light() -> str:
    """Return how light is evened out over slopes; empty where it is as measured, and without heights."""
    chosen = st.session_state[choices.LIGHT]
    return "" if chosen == texts.MEASURED or st.session_state[choices.HEIGHTS] != texts.ON else chosen


def buffer_deg() -> float | None:
    """Return the distance chosen, or None where nobody chose one: the source's own, or as far as an outline asks."""
    chosen = st.session_state[choices.BUFFER]
    return None if chosen == choices.DEFAULTS[choices.BUFFER] else chosen


def source_options(source: str) -> dict[str, str]:
    """Return what the session chose that only this source understands."""
    catalogue = st.session_state.get(choices.CATALOGUE)
    return {"catalogue": catalogue} if source == "stac" and catalogue else {}


def _own_dates(own: Event, held: tuple[date, ...]) -> tuple[date | None, date | None]:
    """Return the pair of a place that has some days only: that picked among them, else its usual one."""
    picked = (st.session_state.get(choices.T1), st.session_state.get(choices.T2))
    t1, t2 = (day if day in held else usual for day, usual in zip(picked, (own.t1, own.t2), strict=True))
    return (t1, t2) if t1 is not None and t2 is not None and t1 < t2 else (own.t1, own.t2)


def _of_pair(
    record: PairRecord, t1: date | None, t2: date | None, t1_from: date | None, t2_to: date | None
) -> PatchSpec:
    """Return the patch that a brought pair is, or two of many dates; its light evened out as chosen with heights."""
    chosen, spec = st.session_state[choices.LIGHT], record.spec()
    if record.more and t1 and t2:
        made = st.session_state[choices.COMPOSITE] if t1_from or t2_to else ""
        spec = replace(spec, t1=t1, t2=t2, t1_from=t1_from, t2_to=t2_to, composite=made)
    return replace(spec, light=chosen) if record.dem_file and chosen != texts.MEASURED else spec
