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
from app.series import breaks, spans, values
from app.series.breaks import Breaks
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
        """The same for equal scenes, whatever the pair that is looked at."""
        spec = self.spec
        place = (spec.source, spec.event_id, spec.bbox, spec.resolution_deg, spec.on, spec.options, spec.bands)
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
def _breaks() -> Shelf[Breaks]:
    return Shelf(BREAKS_BYTES, lambda found: found.told.size * 34)  # bytes a pixel


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


def map_of_breaks(asked: AskedScenes, followed: Followed, of: str) -> Breaks | None:
    """Return the break of every pixel if it is known already, else None."""
    return _breaks().get(f"{asked.key} {of} {len(followed.stack['time'])}")


def find_breaks(asked: AskedScenes, followed: Followed, of: str) -> Breaks:
    """Return the break of every pixel, looked for under a bar; raises as ``values.layers``."""
    place = st.empty()

    def make() -> Breaks:
        stack = followed.stack
        tell = _bar(place, "Looking for breaks")
        return breaks.find(values.layers(stack, of), stack["time"].values, stack["CLM"].values == 0, tell)

    try:
        return _breaks().get_or_make(f"{asked.key} {of} {len(followed.stack['time'])}", make)
    finally:
        place.empty()


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
