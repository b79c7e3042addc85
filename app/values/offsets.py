"""The +1000 that digital numbers carry since baseline 04.00: taken off where numbers and papers agree on it."""

from collections.abc import Sequence

import numpy as np

from app.values import plausible
from app.values.units import DN_PER_REFLECTANCE, OFFSET_DAY, Date

ADDED = 1000  # BOA_ADD_OFFSET, ESA, S2 Products, 25 January 2022
_NEAR = 0.035  # of reflectance: how far from it a shift may be, for season and sun


def take_off(dates: Sequence[Date], clear: np.ndarray, newer: Sequence[bool | None]) -> list[str]:
    """Subtract the offset in place from the date that has it for certain; returns notes on what cannot be told.

    Certain it is where all bands of one date are brighter by about 0.1 in nearly every pixel, its
    numbers are digital numbers no offset was taken off, and what the files state, or else their
    days, put it alone after baseline 04.00. ``newer`` says that of T1 and T2, None where nothing
    does; ``clear`` is bool (y, x). A shift that is not certain stays for ``app.values.plausible`` to tell.
    """
    t1, t2 = ({band: _some(stored.values, clear) for band, stored in one.bands.items()} for one in dates)
    shift = plausible.common_shift(t1, t2)
    if shift is None or abs(abs(shift.size) - plausible.OFFSET) > _NEAR:
        return _untold(dates, newer, t1)
    number = 1 if shift.size > 0 else 0
    one = dates[number]
    digital = one.digital >= set(one.bands)
    if not (shift.whole and digital and newer[number] is True and newer[1 - number] is False):
        return []
    for stored in one.bands.values():
        stored.do("plus", -ADDED / DN_PER_REFLECTANCE)
    one.doubts.append(
        f"{one.name}: {ADDED:,} was subtracted from its digital numbers, which since baseline 04.00 ({OFFSET_DAY}) "
        f"carry as much: all bands were brighter by about {abs(shift.size):.3f} in nearly every pixel."
    )
    return []


def _untold(dates: Sequence[Date], newer: Sequence[bool | None], seen: dict[str, np.ndarray]) -> list[str]:
    """Return a note where only the papers speak of an offset and there is too little to see it in."""
    judged = len(seen) >= 3 and min(values.size for values in seen.values()) >= plausible.FEWEST
    if judged or list(newer) != [False, True] or not all(one.digital for one in dates):
        return []
    return [
        f"T2 is from after {OFFSET_DAY}, when digital numbers began to carry +1000 (baseline 04.00); "
        "subtract it first unless that was done."
    ]


def _some(values: np.ndarray, clear: np.ndarray) -> np.ndarray:
    """Return some of the clear pixels, the same ones of every band and date."""
    step = max(1, int((values.size / 100_000) ** 0.5))
    return values[::step, ::step][clear[::step, ::step]]
