"""A pair as a person names it, on the command line or to a page, opened in this process."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import InputError
from app.patches import Progress, no_progress
from app.sources.own import large, reading, unpacking
from app.sources.own.naming import NONE
from app.sources.own.pairing import DateUnderstood
from app.sources.own.stated import PairStated, role_of

if TYPE_CHECKING:
    import xarray as xr

Understood = tuple[DateUnderstood, DateUnderstood]


def paths(text: str) -> tuple[str, ...]:
    """Return the files of one date: one that is there under the whole text, else those between its commas.

    Raises InputError where none is named: an empty path would be the folder one is in.
    """
    if not text.replace(",", " ").strip():
        raise InputError("No file is named; give a file, several with commas between them, a zip or a folder.")
    if "," not in text or Path(text).exists():
        return (text,)
    return tuple(part.strip() for part in text.split(",") if part.strip())


def channels(text: str) -> tuple[str, ...]:
    """Return what the channels of a file are said to be; raises InputError for what is no band."""
    return tuple(role_of(part) if part.strip() != NONE else NONE for part in text.split(","))


@contextmanager
def understood(t1: Sequence[Path | str], t2: Sequence[Path | str], stated: PairStated) -> Iterator[Understood]:
    """Yield what both dates hold, told from names and headers; what archives hold is unpacked as long as this lasts.

    Raises InputError, and BandsUnknownError where the bands have to be stated.
    """
    with tempfile.TemporaryDirectory(prefix="scarp-pair-") as folder:
        first, second = (unpacking.listed(given, Path(folder, name)) for name, given in (("t1", t1), ("t2", t2)))
        yield reading.understand(first, second, stated)


@contextmanager
def of_any_size(
    t1: Sequence[Path | str], t2: Sequence[Path | str], stated: PairStated, progress: Progress = no_progress
) -> Iterator[large.LargeOpened]:
    """Yield a pair as a patch, notes, and what says later doubts; a large one is read as it is asked for, as long as
    this lasts. Raises as ``understood`` does.
    """  # fmt: skip
    with understood(t1, t2, stated) as (first, second):
        if large.fits(first, second, stated):
            with large.opened(first, second, stated, progress) as found:
                yield found
        else:
            patch, notes = reading.read(first, second, stated, progress=progress)
            yield patch, notes, tuple


def opened(
    t1: Sequence[Path | str], t2: Sequence[Path | str], stated: PairStated, progress: Progress = no_progress
) -> tuple[xr.Dataset, tuple[str, ...]]:
    """Return a pair as a patch in reflectance, with notes on how it was read; raises as ``understood`` does."""
    with understood(t1, t2, stated) as (first, second):
        return reading.read(first, second, stated, progress=progress)
