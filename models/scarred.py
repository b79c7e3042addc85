"""Score networks and plain methods on real scars with their near infrared, for the cards: ``python -m models.scarred``.

Four scenes with hand-drawn scars are T2. Of none is an earlier date at hand, so T1 is made: the scene without its
scars, once in the light of T2 and once in another season, sky and light. Where nothing slid, places without a mask are
shown twice, T1 restyled.
"""

import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from scipy.ndimage import label

from app.arguments import Parser
from app.detection import run
from app.errors import NetworkError
from app.scoring import curves, metrics
from app.scoring.curves import Curve
from app.scoring.metrics import Confusion
from app.testsets.making import as_patch
from app.testsets.scars import Pair
from models import cards, chips, iburi, infrared, paint, plots
from models.weather import PLAIN as CHOSEN

CALLED = "python -m models.scarred"
# plain methods at thresholds chosen elsewhere: as published, or best on the validation pairs of ``models.score``
PLAIN = ("band-difference:B04:0.05", "band-difference:B04:0.055", *CHOSEN[1:])
LOOKS = 4  # ways in which T1 of a scene, or of a place, is made
LEVELS = 1000  # thresholds among which the best is looked for
PIXEL_KM2 = 1e-4
T1, T2 = "2020-01-01", "2021-01-01"  # of pairs whose days nobody recorded, and which no method here looks at
BEGIN, END = "<!-- scarred: python -m models.scarred -->", "<!-- end of scarred -->"


@dataclass(frozen=True)
class TriedMethod:
    """One row: what it is called, and the method for scenes of each half, which may have learnt from the other."""

    name: str
    of_half: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class OnScars:
    """One row on the scenes: its thresholds (of two halves two), counts over all, by scene, and its curve."""

    method: str
    thresholds: tuple[float, ...]
    counts: Confusion
    by_scene: tuple[Confusion, ...]
    curve: Curve


@dataclass(frozen=True)
class OnPlaces:
    """One row where nothing slid: objects marked per km², share of the area, and of ground that was filled, percent."""

    name: str
    per_km2: float
    share: float
    filled: float


@cache
def with_scars(restyled: bool) -> tuple[tuple[int, Pair], ...]:
    """Return (number of the scene, pair), each scene ``LOOKS`` times; T1 without its scars, ``restyled`` or as T2."""
    made = []
    for number, scene in enumerate(infrared.scenes()):
        for look in range(LOOKS):
            rng = np.random.default_rng([scene.number, look, 8])
            t1 = chips.without(scene.image, scene.scars, scene.scars, rng)
            if restyled:
                t1 = infrared.moved(paint.restyled(t1, rng), rng)
            made.append((number, Pair(t1, scene.image, scene.scars, np.ones_like(scene.scars))))
    return tuple(made)


@cache
def without_scars() -> tuple[tuple[Pair, np.ndarray], ...]:
    """Return places twice, T1 restyled, and where T1 is filled with ground from elsewhere in it, bool (y, x)."""
    made = []
    for number, place in enumerate(infrared.places()):
        rng = np.random.default_rng([number, 9])
        holes = infrared.scenes()[number % len(infrared.scenes())].scars
        filled = chips.without(place, holes, holes, rng)
        t1 = infrared.moved(paint.restyled(filled, rng), rng)
        made.append((Pair(t1, place, np.zeros_like(holes), np.ones_like(holes)), holes))
    return tuple(made)


def on_scars(entry: TriedMethod, restyled: bool) -> OnScars:
    """Return what a row does on the scenes; raises NetworkError where a network cannot run."""
    shown = with_scars(restyled)
    found = [_detected(pair, entry, number) for number, pair in shown]
    truth = np.stack([pair.truth for _, pair in shown])
    score, marked = np.stack([one.score for one in found]), np.stack([run.mask(one) for one in found])
    valid = np.isfinite(score)
    levels = np.unique(np.quantile(score[valid], np.linspace(0, 1, LEVELS)).astype(np.float32))
    of_scene = np.array([number for number, _ in shown])
    parts = [
        metrics.confusion(marked[of_scene == k], truth[of_scene == k], valid[of_scene == k])
        for k in range(len(infrared.scenes()))
    ]
    curve = curves.count(score, truth, valid, levels, found[0].unit)
    levels_of = tuple(dict.fromkeys(one.threshold for one in found))
    return OnScars(entry.name, levels_of, metrics.micro(parts), tuple(parts), curve)


def on_places(entry: TriedMethod) -> OnPlaces:
    """Return what a row marks where nothing slid; raises NetworkError where a network cannot run."""
    objects = marked_px = px = in_holes = holes_px = 0
    for pair, holes in without_scars():
        mask = run.mask(_detected(pair, entry, 0))
        objects += int(label(mask & ~holes, np.ones((3, 3)))[1])
        marked_px += int(np.count_nonzero(mask & ~holes))
        in_holes, holes_px = in_holes + int(np.count_nonzero(mask & holes)), holes_px + int(np.count_nonzero(holes))
        px += int(np.count_nonzero(~holes))
    return OnPlaces(entry.name, objects / (px * PIXEL_KM2), 100 * marked_px / px, 100 * in_holes / max(holes_px, 1))


def _detected(pair: Pair, entry: TriedMethod, number: int) -> run.Detection:
    half = next(k for k, held in enumerate(infrared.HALVES) if number in held)
    method = entry.of_half[min(half, len(entry.of_half) - 1)]
    found = run.detect(as_patch(pair, T1, T2), method, "cpu")
    if found.fallback:
        raise NetworkError(f"{method} did not run: {found.fallback}")
    return found


def table(as_t2: list[OnScars], restyled: list[OnScars], places: list[OnPlaces]) -> str:
    """Return all of it as Markdown."""
    return "\n".join([*_scores(as_t2, False), "", *_scores(restyled, True), "", *_alarms(places), ""])


def _scores(found: list[OnScars], restyled: bool) -> Iterator[str]:
    counts = found[0].counts
    how = "in another season, sky and light, misregistered (SIMULATED)" if restyled else "in the light of T2"
    yield (
        f"**Real scars of {len(infrared.scenes())} scenes, T1 made: without them, {how}** "
        f"({LOOKS} T1 each, {counts.n:,} pixels, {counts.tp + counts.fn:,} slid; thresholds chosen without these "
        "scenes; the best one chosen on them, for comparison)\n"
    )
    numbers = " | ".join(f"F1, scene {scene.number}" for scene in infrared.scenes())
    yield f"| method | threshold | precision | recall | F1 | {numbers} | F1 at the best threshold | average precision |"
    yield "|---" * (7 + len(infrared.scenes())) + "|"
    for one in found:
        at = one.counts
        cells = (at.precision, at.recall, at.f1, *(part.f1 for part in one.by_scene), float(np.nanmax(one.curve.f1)))
        told = " | ".join(f"{cell:.3f}" for cell in (*cells, curves.average_precision(one.curve)))
        chosen = ", ".join(f"{level:.3g}" for level in one.thresholds)
        yield f"| {one.method} | {chosen} | {told} |"


def _alarms(found: list[OnPlaces]) -> Iterator[str]:
    yield (
        f"**{len(infrared.places())} mountain places twice, T1 restyled and misregistered (SIMULATED), nothing slid** "
        "(filled: ground of T1 that was replaced by other ground of it, as scars are taken out)\n"
    )
    yield "| method | false alarms per km² | area marked, % | of what was filled, marked, % |"
    yield "|---" * 4 + "|"
    for one in found:
        yield f"| {one.name} | {one.per_km2:.2f} | {one.share:.2f} | {one.filled:.2f} |"


def _measured(networks: list[str], args: Namespace) -> str:
    entries = [TriedMethod(Path(method.partition(":")[2]).stem, (method,)) for method in networks]
    if args.halves:
        held = tuple(f"onnx:{file.resolve()}" for file in args.halves)
        entries.append(TriedMethod("trained on the other half", held))
    entries += [TriedMethod(method, (method,)) for method in PLAIN]
    as_t2, restyled = ([on_scars(entry, how) for entry in entries] for how in (False, True))
    if args.picture:
        plots.write(args.picture, iburi.picture(restyled))
    return table(as_t2, restyled, [on_places(entry) for entry in entries if len(entry.of_half) == 1])


def main(argv: list[str] | None = None) -> int:
    """Score, print, and return the exit code: 0 done, 2 a network, a card or the scenes cannot be used."""
    made = Parser(prog=CALLED, description="Score networks on real scars with their near infrared; T1 is made.")
    made.add_argument(
        "--halves",
        nargs=2,
        type=Path,
        metavar=("FIRST.onnx", "SECOND.onnx"),
        help="two networks, each scored on the half of the scenes it has not learnt from",
    )
    made.add_argument("--picture", type=Path, metavar="FILE.svg", help="draw precision against recall, T1 restyled")
    return cards.measured(made, argv, _measured, (BEGIN, END), "real scars with infrared")


if __name__ == "__main__":
    sys.exit(main())
