"""What patches take from an account of Sentinel Hub, in processing units and requests."""

from dataclasses import replace
from typing import NamedTuple

from app.patches import PatchSpec, Span
from app.sources import choosing, sentinelhub_heights
from app.sources.compositing import needed
from app.sources.sentinelhub_request import CLASSIC, on_own_grid, tile_px, variables


class Cost(NamedTuple):
    """What a patch takes from the account."""

    units: float  # processing units
    requests: int


def estimate(spec: PatchSpec, scenes: tuple[int, int] | None = None) -> Cost:
    """Return the processing units and requests that opening ``spec`` takes, failed tries not counted.

    xcube-sh asks once per variable, tile and date, and once for heights where they are wanted. ``scenes`` says of how
    many T1 and T2 are composed; without it, of as many as a span has days, up to the most that are taken.
    Source: Sentinel Hub's processing unit definition; docs/SENTINELHUB.md has the formula.
    """
    parts = [
        of_scenes(_read_for(spec, span), count)
        for span, count in zip(spec.spans, scenes or _most_scenes(spec), strict=True)
    ]
    ground = of_heights(spec) if spec.heights else Cost(0.0, 0)
    return Cost(*(sum(part) for part in zip(*parts, ground, strict=True)))


def of_scenes(spec: PatchSpec, scenes: int) -> Cost:
    """Return what so many scenes of a spec take, each opened by itself, without heights."""
    asked = on_own_grid(spec)
    height, width = asked.grid.shape
    tiles = -(-height // tile_px(height)) * -(-width // tile_px(width))
    requests = scenes * tiles * len(variables(asked, CLASSIC))
    return Cost(requests * units_per_request(asked), requests)


def of_heights(spec: PatchSpec) -> Cost:
    """Return what the heights of a spec take: one picture, whatever the bands."""
    return Cost(_units(*sentinelhub_heights.asked(spec.grid).shape), 1)


def units_per_request(spec: PatchSpec) -> float:
    """Return the processing units of one band of one tile in xcube-sh's binary format (factor 1.4)."""
    return _units(*(tile_px(side) for side in spec.grid.shape))


def _units(height: int, width: int) -> float:
    return max(0.005, max(0.01, width * height / 512**2) / 3 * 1.4)


def _read_for(spec: PatchSpec, span: Span | None) -> PatchSpec:
    """Return a spec with the bands that a date reads: a span's way may need some that nobody wants."""
    more = needed(spec.composite) if span else ()
    return replace(spec, bands=(*spec.bands, *(name for name in more if name not in spec.bands)))


def _most_scenes(spec: PatchSpec) -> tuple[int, int]:
    """Return of how many scenes either date is made at most."""
    days = [1 if span is None else (span[1] - span[0]).days + 1 for span in spec.spans]
    return min(choosing.MOST_COMPOSED, days[0]), min(choosing.MOST_COMPOSED, days[1])
