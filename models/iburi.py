"""Score networks and plain methods on a real pair of real landslides, for the cards: ``python -m models.iburi``.

The pair is Iburi, west (Hokkaido, earthquake of 2018-09-06; outlines of Landslide4Sense), on which nothing is trained.
"""

import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from app import truth
from app.arguments import Parser
from app.bands import TRUTH
from app.config import settings
from app.detection import run
from app.detection.methods import PROBABILITY
from app.errors import InputError, NetworkError
from app.patches import band_names, grid_of
from app.scoring import curves, metrics, objects
from app.scoring.curves import Curve
from app.testsets import real
from models import cards, plots, score

if TYPE_CHECKING:
    import xarray as xr

CALLED = "python -m models.iburi"
FOLDER = "iburi2018_west"
DAYS = ("2018-04-15", "2018-10-15")  # assumed: none are recorded, and nothing here looks at them
# plain methods at thresholds chosen elsewhere: as published, or best on the validation pairs of ``models.score``
PLAIN = ("band-difference:B04:0.05", "band-difference:B04:0.1", "band-difference:B04:0.055", "ratio-anomaly:1.25")
SLOPES_DEG = ((0, 10), (10, 20), (20, 90))
LEVELS = 1000  # thresholds among which the best is looked for
BEGIN, END = "<!-- iburi: python -m models.iburi -->", "<!-- end of iburi -->"


@dataclass(frozen=True)
class OnIburi:
    """One method on the pair: counts at its own threshold, by slope too, its curve, and its objects there."""

    method: str
    threshold: float
    counts: metrics.Confusion
    curve: Curve
    by_slope: tuple[metrics.Confusion, ...]
    objects: objects.Objects
    tenths: np.ndarray | None  # what ``models.score.binned`` returns, of a score that is a probability


def opened() -> tuple["xr.Dataset", np.ndarray, np.ndarray]:
    """Return the pair as a patch with heights, where it is judged, bool (y, x), and the slope, float32 degrees (y, x).

    Judged are pixels that are labelled and measured at both dates, for networks of T2 alone too. Raises InputError
    where the pair is not there.
    """
    import rasterio

    from app.sources.own import opening
    from app.sources.own.stated import PairStated
    from app.terrain import heights

    for name in ("t1.tif", "t2.tif", "landslide.tif", "slope.tif", "dem.tif"):
        if reason := real.absent(f"{FOLDER}/{name}"):
            raise InputError(reason)
    at = settings().data / FOLDER
    patch, _ = opening.opened((str(at / "t1.tif"),), (str(at / "t2.tif"),), PairStated(days=DAYS))
    patch = heights.onto(patch, heights.from_file(str(at / "dem.tif"), grid_of(patch)))
    with rasterio.open(at / "landslide.tif") as labels, rasterio.open(at / "slope.tif") as slopes:
        patch[TRUTH] = (("y", "x"), labels.read(1))
        slope = slopes.read(1).astype(np.float32)
    measured = [np.isfinite(patch[band].values).all(axis=0) for band in band_names(patch)]
    judged = np.logical_and.reduce([truth.read(patch)[1], *measured])
    return patch, judged, slope


def scored(methods: list[str]) -> list[OnIburi]:
    """Return what each method does on the pair; raises NetworkError where a network cannot run."""
    patch, judged, slope = opened()
    return [_found(patch, judged, slope, method) for method in methods]


def _found(patch: "xr.Dataset", judged: np.ndarray, slope: np.ndarray, method: str) -> OnIburi:
    detection = run.detect(patch, method, "cpu")
    if detection.fallback:
        raise NetworkError(f"{method} did not run: {detection.fallback}")
    slid = truth.read(patch)[0]
    valid, marked = judged & np.isfinite(detection.score), run.mask(detection)
    levels = np.unique(np.quantile(detection.score[valid], np.linspace(0, 1, LEVELS)).astype(np.float32))
    told = detection.unit == PROBABILITY
    steep = [metrics.confusion(marked, slid, valid & (slope >= low) & (slope < high)) for low, high in SLOPES_DEG]
    return OnIburi(
        _name(method),
        detection.threshold,
        metrics.confusion(marked, slid, valid),
        curves.count(detection.score, slid, valid, levels, detection.unit),
        tuple(steep),
        objects.count(marked, slid, valid, grid_of(patch)),
        score.binned(detection.score[valid], slid[valid]) if told else None,
    )


def _name(method: str) -> str:
    return Path(method.partition(":")[2]).stem if method.startswith("onnx:") else method


def table(found: list[OnIburi]) -> str:
    """Return the scores as Markdown: at the threshold chosen elsewhere, at the best one, by object and by slope."""
    return "\n".join([*_pixels(found), "", *_objects(found), "", *_slopes(found), "", *_shares(found)])


def _pixels(found: list[OnIburi]) -> Iterator[str]:
    counts = found[0].counts
    yield (
        f"**Iburi, west, per pixel** ({counts.n:,} pixels labelled and measured at both dates, "
        f"{counts.tp + counts.fn:,} slid; n = 1; thresholds chosen without this pair; "
        "the best one chosen on it, for comparison)\n"
    )
    yield "| method | threshold | precision | recall | F1 | F1 at the best threshold | average precision |"
    yield "|---" * 7 + "|"
    for one in found:
        at = one.counts
        numbers = (at.precision, at.recall, at.f1, best(one.curve), curves.average_precision(one.curve))
        yield f"| {one.method} | {one.threshold:.3g} | {' | '.join(f'{number:.3f}' for number in numbers)} |"


def best(curve: Curve) -> float:
    """Return F1 at the threshold of a curve where it is largest."""
    return float(np.nanmax(2 * curve.tp / (2 * curve.tp + curve.fp + curve.fn)))


def _objects(found: list[OnIburi]) -> Iterator[str]:
    yield "**The same by object** (pixels that touch are one)\n"
    yield "| method | landslides hit | of them half or more | detected objects on a landslide | false per km² |"
    yield "|---" * 5 + "|"
    for one in found:
        it, mapped = one.objects, sum(one.objects.mapped)
        hits = f"{it.hits()} of {mapped} | {it.hits('50 %')}"
        yield f"| {one.method} | {hits} | {100 * it.precision:.0f} % of {sum(it.detected)} | {it.false_per_km2:.2f} |"


def _slopes(found: list[OnIburi]) -> Iterator[str]:
    yield "**F1 by slope**, at the threshold chosen elsewhere (30 m model)\n"
    yield f"| method | {' | '.join(f'{low}° to {high}°' for low, high in SLOPES_DEG)} |"
    yield "|---" * (1 + len(SLOPES_DEG)) + "|"
    for one in found:
        yield f"| {one.method} | {' | '.join(f'{counts.f1:.3f}' for counts in one.by_slope)} |"


def _shares(found: list[OnIburi]) -> Iterator[str]:
    told = {one.method: one.tenths for one in found if one.tenths is not None}
    if not told:
        return
    yield "**Of the pixels with this score, how many slid, %** (a calibrated score would be it)\n"
    yield f"| score | {' | '.join(told)} |"
    yield "|---" * (1 + len(told)) + "|"
    yield from score.shares(list(told.values()))
    yield ""


class WithCurve(Protocol):
    """A method with its counts at its own threshold, and its curve over all."""

    @property
    def method(self) -> str: ...
    @property
    def counts(self) -> metrics.Confusion: ...
    @property
    def curve(self) -> Curve: ...


def picture(found: Sequence[WithCurve]) -> str:
    """Return precision against recall of every method as SVG, a dot at the threshold chosen elsewhere.

    Of methods that are one score at several thresholds the first stands for all.
    """
    lines: dict[str, plots.PlottedLine] = {}
    for one in found:
        parted = one.method.rpartition(":")[0]
        name = one.method if one.curve.unit == PROBABILITY else parted or one.method
        title = f"{name}, AP {curves.average_precision(one.curve):.3f}"
        dot = one.counts.recall, one.counts.precision
        lines.setdefault(name, plots.PlottedLine(title, one.curve.recall[::4], one.curve.precision[::4], dot))
    return plots.svg(list(lines.values()), "recall", "precision")


def _measured(networks: list[str], args: Namespace) -> str:
    found = scored([*networks, *PLAIN])
    if args.picture:
        plots.write(args.picture, picture(found))
    return table(found)


def main(argv: list[str] | None = None) -> int:
    """Score, print, and return the exit code: 0 done, 2 a network, card or the pair cannot be used."""
    made = Parser(prog=CALLED, description="Score networks of the visible bands on a real pair of real landslides.")
    made.add_argument("--picture", type=Path, metavar="FILE.svg", help="draw precision against recall")
    return cards.measured(made, argv, _measured, (BEGIN, END), "Iburi")


if __name__ == "__main__":
    sys.exit(main())
