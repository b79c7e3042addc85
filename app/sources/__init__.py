"""Where patches come from: one protocol, one table of names, loaded only when chosen."""

from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

import xarray as xr

from app.errors import SourceError
from app.inventory import Event
from app.patches import PatchSpec, Progress, no_progress

# name -> module, how to install what it needs beyond requirements.txt
SOURCES: dict[str, tuple[str, str]] = {
    "demo": ("app.sources.demo", ""),
    "sample": ("app.sources.sample", ""),
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
    simulated: bool = False
    event: Event | None = None  # the one place and pair of dates it holds, where it holds only one


class PatchSource(Protocol):
    """A source of patches; each module of the table makes one with ``source()``."""

    def describe(self) -> SourceInfo:
        """Return what the source is, needs, costs and cannot do; opens no connection."""

    def open(self, spec: PatchSpec, progress: Progress = no_progress) -> xr.Dataset:
        """Return the patch on ``spec.grid``, loaded; raises SourceError, or Cancelled from progress."""


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
