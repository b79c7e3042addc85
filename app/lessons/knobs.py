"""The knobs of the bench: what each may be, the landscapes there are, and the scenes set beforehand."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from app.detection import methods
from app.errors import InputError
from app.grid import Grid
from app.simulate.staged import Staging

SIDE_PX = 128
YEAR = 2021  # of T1
SAMPLE = "sample"  # the landscape that is real
_PIXEL_DEG = 0.00009  # 10 m
# a landscape -> middles of places of the simulated world, (latitude, longitude)
PLACES: dict[str, tuple[tuple[float, float], ...]] = {
    "hills": ((46.3, 11.2), (47.134, 7.181), (45.716, 8.533), (47.513, 8.747), (47.294, 10.196), (46.264, 10.961)),
    "fields": ((47.105, 9.213), (46.409, 10.582), (48.675, 8.596), (48.486, 10.821), (45.928, 9.769)),
    "mountains": ((48.641, 10.764), (46.533, 8.967), (45.504, 8.681), (47.022, 9.853), (46.313, 8.3)),
}
LANDS = (*PLACES, SAMPLE)

_BANDS = ("B02", "B03", "B04", "B08", "B11", "B12")
HOWS: tuple[str, ...] = (
    *(f"band-difference:{band}" for band in _BANDS), "index-drop:NDVI", "index-drop:NDMI", "index-drop:NBR",
    "index-rise:BSI", "rdndvi", "cva", "all-bands", "onnx:bit", "onnx:cdrl",
)  # fmt: skip
COLOURS = ("true-colour", "false-colour", "short-wave", "NDVI")


@dataclass(frozen=True)
class Span:
    """What a knob may be: from, to, and the step from one to the next."""

    low: float
    high: float
    step: float = 1


SPANS: dict[str, Span] = {
    "scene": Span(0, 99),
    "month": Span(1, 12),
    "days": Span(5, 1100, 5),
    "haze": Span(0, 100, 5),
    "cloud": Span(0, 60, 5),
    "missed": Span(0, 100, 5),
    "harvest": Span(0, 100, 5),
    "aside": Span(0, 3, 0.25),
    "scars": Span(0, 12),
    "width": Span(20, 120, 10),
    "faint": Span(0, 90, 5),
    "smallest": Span(0, 10_000, 100),
}


@dataclass(frozen=True)
class Knobs:
    """Everything that can be set on the bench but the threshold; shares in per cent. Raises InputError out of range."""

    land: str = "hills"
    scene: int = 0  # the seed: which place of the landscape, and where scars, clouds and harvests fall
    month: int = 7  # of T1, on its 15th day
    days: int = 365  # from T1 to T2
    haze: int = 0
    cloud: int = 0
    missed: int = 0
    harvest: int = 0
    aside: float = 0.0  # pixels that T2 lies aside
    scars: int = 4
    width: int = 50  # m, of a scar
    faint: int = 0
    offset: bool = False
    how: str = "band-difference:B04"
    colours: str = "true-colour"
    smallest: int = 0  # m2

    def __post_init__(self) -> None:
        for name, span in SPANS.items():
            if not span.low <= getattr(self, name) <= span.high:
                raise InputError(f"The knob {name} goes from {span.low:g} to {span.high:g}.")
        for name, allowed in (("land", LANDS), ("how", HOWS), ("colours", COLOURS)):
            if getattr(self, name) not in allowed:
                raise InputError(f"The knob {name} is one of {', '.join(allowed)}.")

    @property
    def dates(self) -> tuple[date, date]:
        """T1 and T2 of a simulated scene."""
        first = date(YEAR, self.month, 15)
        return first, first + timedelta(days=self.days)

    @property
    def simulated(self) -> bool:
        """Whether the scene is simulated: all but the sample are."""
        return self.land != SAMPLE

    @property
    def grid(self) -> Grid:
        """The pixels of a simulated scene: 10 m a side, both ways."""
        places = PLACES[self.land]
        return square(*places[self.scene % len(places)])

    @property
    def staging(self) -> Staging:
        """What lies between the dates of a simulated scene."""
        return Staging(
            seed=self.scene,
            scars=self.scars,
            size_m=self.width,
            faint=self.faint / 100,
            haze=self.haze / 100,
            cloud=self.cloud / 100,
            missed=self.missed / 100,
            harvest=self.harvest / 100,
            shift_px=self.aside,
            offset=self.offset,
        )

    def scene_only(self) -> "Knobs":
        """Return the knobs that change the scene's own pixels, the others at their usual place."""
        usual = Knobs()
        return replace(self, how=usual.how, colours=usual.colours, smallest=usual.smallest)

    def with_(self, **changed: Any) -> "Knobs":
        """Return these knobs with some of them set otherwise; raises InputError where that cannot be."""
        return replace(self, **changed)


def square(latitude: float, longitude: float, side: int = SIDE_PX) -> Grid:
    """Return a grid around a point whose pixels are 10 m both ways on the ground."""
    wide = _PIXEL_DEG / float(np.cos(np.radians(latitude)))
    return Grid(longitude - side / 2 * wide, latitude - side / 2 * _PIXEL_DEG, wide, _PIXEL_DEG, side, side)


def usual_cut(how: str) -> float:
    """Return the threshold a method begins at, in the unit of its score."""
    if how in _OF_NETWORKS:
        return _OF_NETWORKS[how]
    return methods.KINDS[how.partition(":")[0]].threshold


_OF_NETWORKS = {"onnx:bit": 0.2, "onnx:cdrl": 0.62}  # near what their files say

# what fools a detector -> a scene in which it does so, and nothing else; their words stand with the others
TRAPS: dict[str, Knobs] = {
    "plain": Knobs(),
    "season": Knobs(days=185),
    "fields": Knobs(land="fields", harvest=40),
    "cloud": Knobs(cloud=25, missed=45),
    "haze": Knobs(haze=60),
    "aside": Knobs(land="fields", scene=1, aside=2.0),
    "light": Knobs(land="mountains", scene=2, month=3, days=270, how="band-difference:B11"),
    "faint": Knobs(scene=3, scars=8, width=30, faint=65),
    "offset": Knobs(offset=True),
    "real": Knobs(land=SAMPLE),
}
