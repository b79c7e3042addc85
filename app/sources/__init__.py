"""Where patches come from: one protocol, one table of names, loaded only when chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from app import grid, visitors
from app.bands import ALL_BANDS
from app.errors import DateOrderError, InputError, SourceError
from app.inventory import Event, mapped
from app.patches import PatchSpec, Progress, no_progress
from app.visitors import Deed

if TYPE_CHECKING:
    import xarray as xr

    from app.terrain.heights import Heights

# name -> module, how to install what it needs beyond requirements.txt
SOURCES: dict[str, tuple[str, str]] = {
    "demo": ("app.sources.demo", ""),
    "sample": ("app.sources.sample", ""),
    "stac": ("app.sources.stac", "pip install odc-stac pystac-client"),
    "published": ("app.sources.published", ""),
    "files": ("app.sources.files", ""),
    "sentinelhub": ("app.sources.sentinelhub", ""),
    "sentinelhub-cdse": ("app.sources.sentinelhub_cdse", ""),
}


@dataclass(frozen=True)
class SourceInfo:
    """What a person should know before choosing a source."""

    name: str
    title: str
    summary: str
    needs: str
    cost: str
    limits: str
    attribution: str
    bands: tuple[str, ...] = ALL_BANDS  # those it can deliver
    simulated: bool = False
    local: bool = False  # opens without network, account or cost: a page may open it unasked
    cacheable: bool = True  # False where opening is as quick as reading from disk
    variant: str = ""  # what of this installation's settings changes the pixels; part of the cache's key
    buffer_deg: float = grid.BUFFER_DEG  # event to edge where nobody says otherwise
    event: Event | None = None  # the one place and pair of dates it holds, where it holds only one
    heights: str = ""  # which heights of the ground (DEM) it can bring along; empty where none
    days: tuple[date, ...] = ()  # all it holds of that place, any two of which are a pair; empty: the event's alone
    scenes: bool = False  # lists every scene of a place and opens each by itself (see app.sources.scenes)
    brought: bool = False  # holds pairs that were brought, each an event of its own with its own pixels
    options: tuple[str, ...] = ()  # names of what only it understands


class PatchSource(Protocol):
    """A source of patches; each module of the table makes one with ``source()``."""

    def describe(self) -> SourceInfo:
        """Return what the source is, needs, costs and cannot do; opens no connection."""

    def open(self, spec: PatchSpec, progress: Progress = no_progress) -> xr.Dataset:
        """Return the patch on ``spec.grid``, loaded; raises SourceError, or Cancelled from progress."""


def uses_account(spec: PatchSpec) -> bool:
    """Whether fetching a patch takes from an account of this installation; a source that may says so of each patch."""
    asked: Callable[[PatchSpec], bool] | None = getattr(open_source(spec.source), "uses_account", None)
    return asked is not None and asked(spec)


def require_account(title: str) -> None:
    """Raise SourceError where the reader may not have that fetched which an account of this installation pays for."""
    if said := visitors.refusal(Deed.ACCOUNTS):
        raise SourceError(f"{title} needs an account. {said}")


class WithHeights(PatchSource, Protocol):
    """A source that can bring the heights of the ground as well."""

    def heights(self, spec: PatchSpec, progress: Progress = no_progress) -> Heights:
        """Return heights on ``spec.grid``; raises SourceError, or Cancelled from progress."""


def open_heights(spec: PatchSpec, progress: Progress = no_progress) -> Heights:
    """Return the heights that a patch's source has for its grid.

    Raises SourceError where it has none or cannot deliver, saying what to do.
    """
    source = open_source(spec.source)
    if not source.describe().heights:
        raise SourceError(
            f"The source {spec.source} has no heights of the ground; on the command line, give a file of them "
            "(--dem FILE.tif)."
        )
    return cast(WithHeights, source).heights(spec, progress)


def open_source(name: str) -> PatchSource:
    """Return the source called ``name``.

    Raises SourceError for an unknown name, or with the command that installs what is missing.
    """
    if name not in SOURCES:
        raise SourceError(f"There is no source called {name!r}. Choose from {', '.join(SOURCES)}.")
    module, install = SOURCES[name]
    try:
        return import_module(module).source()
    except ModuleNotFoundError as error:
        advice = f"Install it with: {install}" if install else "Run `make run` to complete the installation."
        raise SourceError(f"The source {name} needs {error.name}, which is not installed. {advice}") from error


def require_known(info: SourceInfo, options: Mapping[str, str]) -> None:
    """Raise InputError for an option that a source would pass over in silence."""
    for name in options:
        if name not in info.options:
            takes = f"; it takes {' and '.join(info.options)}" if info.options else ", nor any other"
            raise InputError(f"The source {info.name} takes no option {name[:40]!r}{takes}.")


def spec_for(
    event: Event,
    source: str,
    *,
    t1: date | None = None,
    t2: date | None = None,
    bands: tuple[str, ...] | None = None,
    buffer_deg: float | None = None,
    resolution_deg: float = grid.RESOLUTION_DEG,
    options: dict[str, str] | None = None,
    heights: bool = False,
    light: str = "",
    t1_from: date | None = None,
    t2_to: date | None = None,
    composite: str = "",
) -> PatchSpec:
    """Return the spec of a patch around an event; dates left out are the event's own.

    Bands left out are all the source holds; a buffer left out is the source's own, or larger where
    the event's outline asks for it. ``options`` are what only that source understands, such as the
    catalogue of ``stac``. With ``t1_from`` T1 is the span from then to ``t1``, with ``t2_to`` T2 that from ``t2`` to
    then, and ``composite`` what is made of it. Raises DateOrderError where the event has no such date and none is
    given, and for spans that cannot be, InputError for options that the source does not know, and GridError for a box
    that cannot be.
    """
    t1, t2 = t1 or event.t1, t2 or event.t2
    if t1 is None or t2 is None:
        missing = "T1" if t1 is None else "T2"
        raise DateOrderError(
            f"Event {event.id} has no date for {missing}; give one, for example --{missing.lower()} 2022-09-17."
        )
    info = open_source(source).describe()
    require_known(info, options or {})
    reach = mapped.buffer_deg(event, info.buffer_deg) if buffer_deg is None else buffer_deg
    box = grid.around(event.latitude, event.longitude, reach)
    chosen = tuple(name for name in ALL_BANDS if name in bands) if bands else info.bands
    extra = tuple(sorted((options or {}).items()))
    return PatchSpec(
        source, event.id, box, t1, t2, event.date, chosen, resolution_deg, extra,
        event_end=event.date_end, heights=heights, light=light, t1_from=t1_from, t2_to=t2_to,
        composite=composite if t1_from or t2_to else "",
    )  # fmt: skip
