"""Any number of dated files of one place: which days they are of, and one of these days read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app.bands import CLOUD_MASK
from app.errors import BandMissingError, DateOrderError, InputError
from app.grid import Grid
from app.sources.own import pairing, reading
from app.sources.own.headers import ImageHeader
from app.sources.own.pairing import DateUnderstood
from app.sources.own.stated import PairStated

if TYPE_CHECKING:
    import xarray as xr

MOST_DAYS = 400


def days_in(held: Sequence[ImageHeader]) -> tuple[str, ...]:
    """Return the days of some files, oldest first: of tags, times of cubes, or names.

    Raises DateOrderError where a file says no day, or all are of one, and InputError for too many.
    """
    days: set[str] = set()
    for header in held:
        found = header.days or pairing.days_of(header)
        if not found or "NaT" in found:
            raise DateOrderError(
                f"Nothing says of which day {header.name} is; put it into its name or the folder's, like 2021-05-06."
            )
        days.update(header.days or found[:1])
    if len(days) < 2:
        raise DateOrderError(f"All files are of one day, {min(days)}; bring those of others as well.")
    if len(days) > MOST_DAYS:
        raise InputError(f"The files are of {len(days)} days, over {MOST_DAYS}; bring those of a shorter time.")
    return tuple(sorted(days))


def understood(held: Sequence[ImageHeader], stated: PairStated, days: Sequence[str]) -> list[DateUnderstood]:
    """Return what each day's files hold; raises as ``pairing.understood`` does."""
    return [pairing.understood("T2", held, replace(stated, days=("", day))) for day in days]


def of_day(
    first: Sequence[ImageHeader], files: Sequence[ImageHeader], stated: PairStated, day: str, bands: tuple[str, ...],
    on: Grid,
) -> xr.Dataset:  # fmt: skip
    """Return one day of ``files`` as bands and CLM (time, y, x), one time, read beside T1, whose numbers say units.

    Raises BandMissingError where it lacks one of ``bands``, and as ``reading.read`` does.
    """
    one, other = (
        pairing.understood(name, held, replace(stated, days=(stated.days[0], day)))
        for name, held in (("T1", first), ("T2", files))
    )
    missing = [band for band in bands if band not in other.bands]
    if missing:
        raise BandMissingError(f"it holds no {', '.join(missing)}, which the other dates do.")
    earlier, later = (other, one) if other.day < one.day else (one, other)
    patch, _ = reading.read(earlier, later, stated, on=on)
    at = int(later is other)
    return patch[[*bands, CLOUD_MASK]].isel(time=[at]).assign_attrs(simulated=patch.attrs["simulated"])
