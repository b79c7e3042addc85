"""What whoever brings a pair says of it where its files do not, or are not to be believed."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from app.bands import BANDS, CLOUD_MASK, normalise
from app.errors import InputError
from app.sources.own.naming import NONE, QA60, SCL, VALID

OWN_GRID, COMMON_GRID = "own", "common"
# unit -> scale and offset that make reflectance of the numbers; the first leaves it to the numbers themselves
UNITS: dict[str, tuple[float, float]] = {
    "": (1.0, 0.0),
    "digital numbers": (1e-4, 0.0),
    "digital numbers with 1000 added": (1e-4, -0.1),
    "percent": (0.01, 0.0),
    "65,535 is 1": (1 / 65_535, 0.0),
}
ROLES = (*BANDS, CLOUD_MASK, SCL, QA60, VALID, NONE)


@dataclass(frozen=True)
class PairStated:
    """Bands of files, days and units of both dates, the pixels wanted, and a box to cut out."""

    bands: tuple[tuple[str, tuple[str, ...]], ...] = ()  # name of a file, empty for all -> what its channels are
    days: tuple[str, str] = ("", "")  # ISO dates of T1 and T2, empty where the files say
    units: tuple[str, str] = ("", "")  # of T1 and T2, each one of UNITS
    pixels: str = OWN_GRID
    box: tuple[float, float, float, float] | None = None  # in degrees: west, south, east, north
    all_touched: bool = False  # how outlines that are the truth become pixels
    clouds: bool = False  # whether clouds are looked for at a date without a cloud mask

    def __post_init__(self) -> None:
        for day in filter(None, self.days):
            date.fromisoformat(day)
        if set(self.units) - set(UNITS):
            raise InputError(f"A unit has to be one of {', '.join(filter(None, UNITS))}.")

    def channels_of(self, name: str) -> tuple[str, ...]:
        """Return what the channels of a file were said to be, empty where nothing was said."""
        said = dict(self.bands)
        return said.get(name) or said.get("", ())

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return asdict(self)


SILENT = PairStated()


def from_json(said: dict[str, Any]) -> PairStated:
    """Return what ``as_json`` wrote."""
    box = said["box"]
    return PairStated(
        tuple((name, tuple(channels)) for name, channels in said["bands"]),
        (said["days"][0], said["days"][1]), (said["units"][0], said["units"][1]), said["pixels"],
        (box[0], box[1], box[2], box[3]) if box else None, bool(said["all_touched"]), bool(said.get("clouds")),
    )  # fmt: skip


def role_of(text: str) -> str:
    """Return what a channel is said to be, as ``ROLES`` has it; raises InputError for what is no band."""
    plain = re.sub(r"[^A-Za-z0-9-]", "", text)
    found = next((role for role in ROLES if role.lower() in (plain.lower(), normalise(plain).lower())), None)
    if found is None:
        raise InputError(f"{text.strip()[:40] or 'Nothing'} is no band; there are {', '.join(ROLES)}.")
    return found
