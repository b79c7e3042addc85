"""Over the years: what places of a patch did on every scene, when they changed, and a scene taken as T1 or T2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from app import config, export, patches
from app.bands import SENTINEL2_LAUNCH
from app.errors import DateOrderError
from app.files import file_word
from app.patches import PatchSpec
from app.pictures import shapes
from app.series import spans, tables, values
from app.sources import scenes
from app.sources.own import records
from app.ui import cached, choices, chosen_patch, faults, keys, stacks, viewer, words
from app.ui.compare import moving, years_figure
from app.ui.faults import guarded
from app.ui.keys import KEEP
from app.ui.metrics import downloads

if TYPE_CHECKING:
    import xarray as xr

    from app.inventory import Event
    from app.series.breaks import Break
    from app.series.values import Series
    from app.ui.stacks import AskedScenes, Followed

_CHART, _MAP = "years", "years-map"
_DAY, _SPAN = "years.day", "years.span"
_MOST_NAMED = 6  # dates of one's own pair that are told one by one
_SHOWN = "held.years_shown"  # the place shown last, and the event chosen then


@dataclass(frozen=True)
class _Said:
    """What a figure of the years says of itself."""

    spec: PatchSpec
    of: str
    simulated: bool

    @property
    def words(self) -> str:
        begun = "SIMULATED: " if self.simulated else ""
        return f"{begun}{self.of}, event {self.spec.event_id}, {self.spec.source}"

    def file(self, name: str, ending: str = "") -> str:
        stem = file_word(f"event{self.spec.event_id}_{self.spec.source}_{self.of}_{name}")
        return f"{'SIMULATED_' if self.simulated else ''}{stem}{ending}"


def draw(spec: PatchSpec) -> None:
    """Draw the section: what to follow and from when, then the places over time, their breaks and the map."""
    event = chosen_patch.subject()
    if event is None:
        return
    st.subheader("Over the years", anchor=False)
    if not scenes.can_list(spec.source):
        st.caption(
            f"The source {words.plain(spec.source)} opens pairs alone. To follow a place over the years, choose one of "
            f"{', '.join(scenes.sources_with_scenes())} on the Patches page."
        )
        return
    with faults.shown_errors(stop=False):
        one, two = st.columns(2)
        with one:
            of = _of(spec)
        with two:
            asked = _asked(spec, of, _span(event))
        followed = _followed(asked)
        if followed is not None:
            _show(spec, event, asked, followed, of)


def _of(spec: PatchSpec) -> str:
    """Let the reader choose what is followed, among what the source has bands for."""
    info = cached.source_info(spec.source)
    possible = values.possible(spec.bands if info.brought else info.bands)
    if st.session_state[choices.FOLLOWED] not in possible:
        st.session_state[choices.FOLLOWED] = possible[0]
    return st.selectbox("Follow", possible, key=choices.FOLLOWED, **KEEP)


def _span(event: Event) -> tuple[date, date]:
    """Let the reader choose from when to when; each event has its own, and a link carries it."""
    usual = spans.usual(event)
    names = (choices.FOLLOW_FROM, choices.FOLLOW_TO)
    shown = (event.id, st.session_state.get(choices.EVENT))
    before, st.session_state[_SHOWN] = st.session_state.get(_SHOWN, shown), shown
    if before[0] != shown[0] and before[1] == shown[1]:  # another source, which shows another place
        st.session_state.update(dict.fromkeys(names))
    for column, title, name, day in zip(st.columns(2), ("From", "To"), names, usual, strict=True):
        key = f"{_SPAN}.{title}.{event.id}"
        st.session_state[key] = held = st.session_state.get(name) or day
        column.date_input(
            title, key=key, format="YYYY-MM-DD", min_value=min(day, SENTINEL2_LAUNCH, held),
            max_value=max(day, date.today(), held), on_change=guarded(_choose_span), args=(name, key, day), **KEEP,
        )  # fmt: skip
    return spans.usual(event, *(st.session_state.get(name) or day for name, day in zip(names, usual, strict=True)))


def _choose_span(name: str, key: str, usual: date) -> None:
    day = st.session_state.get(key)
    st.session_state[name] = None if day == usual else day


def _asked(spec: PatchSpec, of: str, span: tuple[date, date]) -> AskedScenes:
    """Return which scenes are wanted: of a local source in all its bands, of any other in those followed alone."""
    info = cached.source_info(spec.source)
    needed = values.needed(of)
    more = spec.bands if info.local and set(needed) <= set(spec.bands) else needed
    return stacks.AskedScenes(replace(spec, bands=more, heights=False, light=""), *span)


def _followed(asked: AskedScenes) -> Followed | None:
    """Return the scenes if they are open; else offer to open them."""
    found = stacks.held(asked)
    if found is None:
        pressed = st.button("Follow over the years", icon=":material/timeline:", key="years.open")
        st.caption(_will_open(asked))
        found = stacks.opened(asked) if pressed else None
        if found is not None:
            st.rerun()
    return found


def _will_open(asked: AskedScenes) -> str:
    """Say what is opened: of a pair that was brought the dates it holds, of a source at most so many scenes."""
    record = records.find(asked.spec.event_id) if asked.spec.source == records.SOURCE else None
    if record is not None:
        days = [str(day) for day in record.days if asked.first <= day <= asked.last]
        more = "" if record.more else " Further dates of the place can be brought with it, on Patches."
        listed = f": {', '.join(days)}" if 0 < len(days) <= _MOST_NAMED else ""
        held = words.counted(len(days), "date")
        return f"Your pair holds {held} from {asked.first} to {asked.last}{listed}.{more}"
    where = "" if cached.source_info(asked.spec.source).local else " Scenes opened before come from the cache."
    return f"Opens up to {spans.MOST_SCENES} scenes of this place from {asked.first} to {asked.last}.{where}"


def _show(spec: PatchSpec, event: Event, asked: AskedScenes, followed: Followed, of: str) -> None:
    for sentence in followed.told:
        st.warning(words.plain(sentence), icon=":material/cloud_off:")
    places = _places(spec, event, followed.stack)
    series = {name: values.over(followed.stack, of, mask) for name, mask in places.items()}
    found = {name: one.broke() for name, one in series.items()}
    said = _Said(spec, of, patches.is_simulated(followed.stack))
    lines = years_figure.Lines(event.date, spec.t1, spec.t2)
    downloads.figure(
        years_figure.over_time(series, found, lines, event.latitude >= 0), _CHART, said,
        f"{of} of {words.counted(len(series), 'place')} over time", on_select=guarded(_clicked),
    )  # fmt: skip
    st.caption(
        "Dots: clear scenes; faint rings: cloud or shadow. Bars at the foot: between which dates a place changed. "
        "Yellow: summer, blue: winter. Click a dot to take its scene as T1 or T2; click another pixel or draw shapes "
        f"above to follow them as well, {years_figure.MOST_PLACES} at once."
    )
    _breaks(series, found, event)
    _scene(spec, series)
    with st.container(horizontal=True):
        st.download_button(
            "Series (CSV)", lambda: export.csv_safe(tables.rows(series, spec)), said.file("series", ".csv"), "text/csv",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip
        moving.of_many(said.file("dates"), followed.stack, of)
    _map(asked, followed, said)


def _places(spec: PatchSpec, event: Event, stack: xr.Dataset) -> dict[str, np.ndarray]:
    """Return the places that are followed: the pixel clicked and the shapes drawn, else that of the event."""
    on = patches.grid_of(stack)
    found: dict[str, np.ndarray] = {}
    of, pick = st.session_state.get(keys.PIXEL, ("", None))
    if pick is not None and of == spec.key:
        found[f"Pixel {pick.column}, {pick.row}"] = _one(on.shape, pick.row, pick.column)
    for n, shape in enumerate(viewer.drawn(spec.key), start=1):
        found[f"{shape.kind.capitalize()} {n}"] = shapes.mask(shape, on)
    if not found:
        found["Event"] = _one(on.shape, *values.pixel_of(on, event.latitude, event.longitude))
    return dict(list(found.items())[: years_figure.MOST_PLACES])


def _one(shape: tuple[int, int], row: int, column: int) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[row, column] = True
    return mask


def _breaks(series: Mapping[str, Series], found: Mapping[str, Break | None], event: Event) -> None:
    """Say of each place when it changed, beside the inventory's date."""
    for name, one in series.items():
        broke = found[name]
        beside = _beside(broke, event.date) if broke and event.date else ""
        st.markdown(f"**{words.plain(name)}**: {words.plain(tables.in_words(one))}{beside}")


def _beside(broke: Break, day: date) -> str:
    if broke.after < day <= broke.before:
        return f" The inventory's date, {day}, lies between."
    apart = (broke.after - day).days if day <= broke.after else (day - broke.before).days
    when = "before" if day <= broke.after else "after"
    return f" The inventory says {day}, {words.counted(apart, 'day')} {when} these dates."


def _scene(spec: PatchSpec, series: Mapping[str, Series]) -> None:
    """Let the reader take a scene as T1 or T2: the dot clicked, or one of the list."""
    points = {point.date: point for one in series.values() for point in one.points}
    clicked = st.session_state.pop(keys.FOLLOWED_DAY, None)
    if clicked in points:
        st.session_state[_DAY] = clicked
    if st.session_state.get(_DAY) not in points:
        st.session_state[_DAY] = min(points, key=lambda day: abs((day - spec.t2).days))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        day = st.selectbox(
            "Scene", sorted(points), key=_DAY, width=300, **KEEP,
            format_func=lambda one: f"{one} ({'clear' if points[one].clear else 'cloud or shadow'})",
        )  # fmt: skip
        for name, title in ((choices.T1, "T1"), (choices.T2, "T2")):
            st.button(
                f"Take as {title}", key=f"years.take.{name}", on_click=guarded(_take), args=(spec, name, day),
                disabled=day == (spec.t1 if name == choices.T1 else spec.t2),
            )  # fmt: skip


def _clicked() -> None:
    chosen = st.session_state.get(downloads.chart_key(_CHART), {}).get("selection", {}).get("points", [])
    if chosen:
        st.session_state[keys.FOLLOWED_DAY] = date.fromisoformat(str(chosen[0]["x"])[:10])


def _take(spec: PatchSpec, name: str, day: date) -> None:
    """Take a day as T1 or T2; the pixel and the shapes of the patch before go along."""
    pair = {choices.T1: spec.t1, choices.T2: spec.t2, name: day}
    if pair[choices.T1] >= pair[choices.T2]:
        raise DateOrderError(
            f"T1 ({pair[choices.T1]}) has to come before T2 ({pair[choices.T2]}); choose the other date first."
        )
    st.session_state.update(pair)
    taken = chosen_patch.spec()
    if taken is None or taken.key == spec.key or not taken.grid.same_as(spec.grid):
        return
    of, pick = st.session_state.get(keys.PIXEL, ("", None))
    if of == spec.key:
        st.session_state[keys.PIXEL] = (taken.key, pick)
    known = viewer.drawn(taken.key)
    for shape in viewer.drawn(spec.key):
        if shape not in known:
            viewer.add(taken.key, taken.grid, shape)


def _map(asked: AskedScenes, followed: Followed, said: _Said) -> None:
    """Draw when each pixel changed, where the reader asks for it."""
    known = stacks.map_of_breaks(asked, followed, said.of)
    if known is None or known[1] < 1:
        label = "Map of when it changed" if known is None else "Go on looking for breaks"
        if st.button(label, icon=":material/map:", key="years.map"):
            st.button("Stop and show what was found", icon=":material/stop_circle:", key="years.stop")
            stacks.find_breaks(asked, followed, said.of)
            st.rerun()  # without the buttons
    if known is None:
        return
    found, share = known
    if share < 1:
        st.caption(f":orange[Stopped after {share:.0%} of the pixels; the rest is white.]")
    st.caption("Colours: the year of the break. Grey: no break stands out. White: too few clear dates.")
    told, enough = int(found.told.sum()), int(found.enough.sum())
    on = patches.grid_of(followed.stack)
    st.markdown(
        f"**When it changed**: {told:,} of {enough:,} pixels with dates enough show a break in {said.of}"
        + (f"; {found.enough.size - enough:,} pixels have too few clear dates." if enough < found.enough.size else ".")
    )
    downloads.figure(
        years_figure.when_changed(found, on), _MAP, said, f"When each pixel's {said.of} changed, {config.software()}"
    )
