"""Whether the middle of a date's images holds numbers too large for reflectance times 10,000, before all is read."""

from __future__ import annotations

import numpy as np

from app.bands import BANDS
from app.sources.own import headers
from app.sources.own.pairing import DateUnderstood
from app.values import plausible
from app.values.units import DIGITAL

_SIDE = 256  # of the window that is read, in pixels


def too_bright(one: DateUnderstood) -> tuple[str, ...]:
    """Return the bands of a date, whole numbers of 16 bits, whose middle is too bright to be digital numbers.

    As where 65,535 stands for a reflectance of 1. Empty for cubes and other numbers. Raises InputError for a file
    that is damaged.
    """
    return tuple(
        role for role, channel in one.channels.items()
        if role in BANDS and not channel.header.cube and _bright(channel.header, channel.number)
    )  # fmt: skip


def _bright(header: headers.ImageHeader, number: int) -> bool:
    from rasterio.windows import Window

    with headers.opened(header.brought) as source:
        if source.dtypes[number - 1] not in ("uint16", "int16"):
            return False
        width, height = min(_SIDE, source.width), min(_SIDE, source.height)
        at = Window((source.width - width) // 2, (source.height - height) // 2, width, height)
        values = source.read(number, window=at, masked=True).compressed()
    measured = values[values > 0].astype(np.float64)
    return measured.size > 0 and plausible.is_too_bright(measured / DIGITAL)
