"""Scenes over the years that pages share: opened under a bar, held by what was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import streamlit as st

from app.cache.stacking import open_stack
from app.errors import InputError
from app.files import digest
from app.patches import PatchSpec, Progress, warnings
from app.series import spans, values
from app.series.breaks import Breaks, Search
from app.sources import choosing, scenes
from app.ui.shelf import Shelf

if TYPE_CHECKING:
    import xarray as xr

STACK_BYTES = 1_500_000_000
BREAKS_BYTES = 200_000_000


@dataclass(frozen=True)
class AskedScenes:
    """Which scenes are wanted: those of a patch's place between two days, in some bands."""

    spec: PatchSpec
    first: date
    last: date

    @property
    def key(self) -> str:
        """The same for equal scenes, whatever the pair that is looked at; simulated ones follow the event's day."""
        spec = self.spec
        event = (spec.source, spec.event_id, spec.event_date)
        place = (*event, spec.bbox, spec.resolution_deg, spec.on, spec.options, spec.bands)
        return digest(f"{place} {self.first} {self.last}")[:20]


@dataclass(frozen=True, eq=False)
class Followed:
    """Scenes that were opened, and what a reader should know of those that were not."""

    stack: xr.Dataset
    told: tuple[str, ...]


@st.cache_resource(show_spinner=False)
def _stacks() -> Shelf[Followed]:
    return Shelf(STACK_BYTES, lambda held: held.stack.nbytes)


@st.cache_resource(show_spinner=False)
def _breaks() -> Shelf[Search]:
    return Shelf(BREAKS_BYTES, lambda search: search.nbytes)


def held(asked: AskedScenes) -> Followed | None:
    """Return the scenes if they are open already, else None."""
    return _stacks().get(asked.key)


def opened(asked: AskedScenes) -> Followed:
    """Return the scenes, opened now under a bar where they are not open yet; a press of stop ends that.

    Raises InputError where there is none, and what the source raises.
    """
    place = st.empty()
    try:
        return _stacks().get_or_make(asked.key, lambda: _open(asked, _bar(place, "Asking which scenes there are")))
    finally:
        place.empty()


def map_of_breaks(asked: AskedScenes, followed: Followed, of: str) -> tuple[Breaks, float] | None:
    """Return the break of every pixel as far as they were looked for, and that share, 0 to 1; None before."""
    search = _breaks().get(_named(asked, followed, of))
    return (search.found(), search.share) if search is not None and search.share > 0 else None


def find_breaks(asked: AskedScenes, followed: Followed, of: str) -> None:
    """Look for the break of every pixel under a bar, on from where it was stopped; raises as ``values.layers``.

    A press of the page's stop, as of anything else, ends it; what was found stays.
    """
    stack = followed.stack
    search = _breaks().get_or_make(
        _named(asked, followed, of),
        lambda: Search(values.layers(stack, of), stack["time"].values, stack["CLM"].values == 0),
    )
    place = st.empty()
    try:
        tell = _bar(place, "Looking for breaks")
        while not search.done:
            search.step()
            tell(search.share, f"Looking for breaks, {search.share:.0%} of the pixels")
    finally:
        place.empty()


def _named(asked: AskedScenes, followed: Followed, of: str) -> str:
    return f"{asked.key} {of} {len(followed.stack['time'])}"


def _bar(place: st.delta_generator.DeltaGenerator, begin: str) -> Progress:
    bar = place.progress(0.0, text=begin)

    def progress(share: float, doing: str) -> None:
        bar.progress(min(1.0, max(0.0, share)), text=doing)

    return progress


def _open(asked: AskedScenes, progress: Progress) -> Followed:
    broken = ""
    try:
        found = scenes.open_scenes(asked.spec, asked.first, asked.last, progress)
    except scenes.ScenesBrokenOffError as error:
        found, broken = error.scenes, str(error)
    if not found:
        raise InputError(
            broken or f"There is no scene from {asked.first} to {asked.last}; choose a longer span, or another source."
        )
    chosen, thinned = choosing.thinned(found, spans.MOST_SCENES)
    stack = open_stack(asked.spec, chosen, progress)
    for variable in stack.variables.values():
        if hasattr(variable.data, "setflags"):
            variable.data.setflags(write=False)
    return Followed(stack, tuple(one for one in (broken, thinned, *warnings(stack)) if one))
