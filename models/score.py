"""Score a network and the plain methods on the same data: ``python -m models.score``; every number of a card."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app import truth
from app.arguments import DONE, Parser, refused
from app.config import ROOT
from app.detection import polygons, run
from app.detection.methods import PROBABILITY
from app.errors import InputError, NetworkError, ScarpError
from app.patches import grid_of
from app.scoring import metrics
from app.scoring.metrics import Confusion
from app.testsets import SETS
from app.testsets.making import as_patch, patch_of
from app.testsets.scars import Pair
from models import cards, data

if TYPE_CHECKING:
    import xarray as xr

CALLED = "python -m models.score"
COUNTS = {"validation": 60, "simulated": 60, "painted": 60, "forest": 60, "farmland": 60}
CALIBRATED = ("simulated", "painted")
BINS = 10
PIXEL_KM2 = 1e-4  # 10 m pixels
SCORES = ("precision", "recall", "F1 (micro)", "95 % interval", "IoU")
BEGIN, END = "<!-- scores: python -m models.score -->", "<!-- end of scores -->"
# plain method -> thresholds among which the validation data choose; with one, it is as published
PLAIN: dict[str, tuple[float, ...]] = {
    "band-difference:B04:0.05": (0.05,),
    "band-difference:B04:0.1": (0.1,),
    "band-difference:B04": tuple(np.arange(0.005, 0.2, 0.005).round(3).tolist()),
    "index-drop:NDVI": tuple(np.arange(0.05, 0.8, 0.02).round(2).tolist()),
    "rdndvi": tuple(np.arange(2, 90, 2.0).tolist()),
    "cva": tuple(np.arange(0.02, 0.5, 0.01).round(2).tolist()),
    "ratio-anomaly": tuple(np.arange(0.4, 4, 0.05).round(2).tolist()),
}


@dataclass(frozen=True)
class SetScore:
    """One method on one set: counts by patch, and by patch the number of separate objects it marked."""

    method: str
    threshold: float
    counts: tuple[Confusion, ...]
    objects: tuple[int, ...]

    @property
    def km2(self) -> float:
        """Area that was judged."""
        return metrics.micro(self.counts).n * PIXEL_KM2

    def as_dict(self) -> dict[str, object]:
        """Return pooled counts and scores, the interval of F1 over patches, and false alarms where nothing changed."""
        pooled = metrics.micro(self.counts)
        found = {"method": self.method, "threshold": self.threshold, "n": len(self.counts), "km2": self.km2}
        if pooled.tp + pooled.fn:
            return {**found, **pooled.as_dict(), "interval_f1": metrics.bootstrap_f1(self.counts)}
        return {**found, "objects_per_km2": sum(self.objects) / self.km2, "share": pooled.fp / pooled.n}


def score(
    file: Path,
    counts: dict[str, int],
    seed: int = 0,
    sets: tuple[str, ...] = tuple(SETS),
    alone: bool = False,
    min_area_m2: float = 0.0,
) -> dict[str, object]:
    """Return the scores of the network in ``file`` and of every plain method on every set, as plain values.

    ``counts`` is how many patches of each set are drawn at most, and of "validation". Thresholds of the plain methods
    are those with the best pooled F1 on the validation pairs; the network's is its own. ``sets`` are those to score
    on; ``alone`` leaves the plain methods out; smaller objects than ``min_area_m2`` are left out, as ``detect`` does,
    when scores are counted, not when thresholds are chosen. Raises NetworkError where the network cannot run,
    InputError without the real data or for an unknown set.
    """
    network = f"onnx:{file}"
    if unknown := [name for name in sets if name not in SETS]:
        raise InputError(f"There is no set {unknown[0]!r}; choose from {', '.join(SETS)}.")
    many = counts["validation"]
    levels = {} if alone else thresholds(data.validation_pairs(seed, many, many))
    found: dict[str, Any] = {"model": file.name, "thresholds": levels, "sets": {}, "calibration": {}}
    for name, held in ((name, SETS[name]) for name in sets):
        results: dict[str, list[tuple[Confusion, int]]] = {method: [] for method in (network, *levels)}
        level_of, observed = dict(levels), np.zeros((BINS, 3))
        for case in held.cases(counts[name], seed):
            patch = patch_of(case)
            for method, counted in results.items():
                detection = _detected(patch, method)
                level_of.setdefault(method, detection.threshold)
                counted.append(_counted(patch, detection, level_of[method], min_area_m2))
                if method == network and detection.unit == PROBABILITY:
                    landslide, known = truth.read(patch)
                    judged = detection.clear & known
                    observed += binned(detection.score[judged], landslide[judged])
                if method == network:
                    found["sha256"] = detection.model_sha256
        found["sets"][name] = [
            _scored(method, level_of[method], counted).as_dict() for method, counted in results.items()
        ]
        if observed.any():
            found["calibration"][name] = observed.tolist()
    return found


def binned(score: np.ndarray, slid: np.ndarray) -> np.ndarray:
    """Return, for each tenth of the score, how many pixels have it, the sum of their scores, and how many slid."""
    which = np.clip((score * BINS).astype(int), 0, BINS - 1)
    return np.stack([np.bincount(which, weights, BINS) for weights in (None, score, slid)], axis=1)


def thresholds(pairs: list[Pair]) -> dict[str, float]:
    """Return the threshold of each plain method with the best pooled F1 over the pairs."""
    swept: dict[str, list[list[Confusion]]] = {method: [] for method in PLAIN}
    for pair in pairs:
        patch = as_patch(pair, "2020-01-01", "2021-01-01")
        for method, levels in PLAIN.items():
            found = _detected(patch, method)
            swept[method].append(metrics.sweep(found.score, pair.truth, found.clear, levels))
    return {method: levels[_best(swept[method])] for method, levels in PLAIN.items()}


def _best(swept: list[list[Confusion]]) -> int:
    pooled = [metrics.micro(list(counts)).f1 for counts in zip(*swept, strict=True)]
    return int(np.nanargmax(pooled))


def _detected(patch: "xr.Dataset", method: str) -> run.Detection:
    found = run.detect(patch, method, "cpu")
    if found.fallback:
        raise NetworkError(f"{method} did not run: {found.fallback}")
    return found


def _counted(patch: "xr.Dataset", detection: run.Detection, level: float, min_area_m2: float) -> tuple[Confusion, int]:
    from scipy.ndimage import label

    marked = polygons.clean(run.mask(detection, level), grid_of(patch), min_area_m2)
    landslide, known = truth.read(patch)
    counts = metrics.confusion(marked, landslide, detection.clear & known)
    return counts, int(label(marked, np.ones((3, 3)))[1])


def _scored(method: str, level: float, held: list[tuple[Confusion, int]]) -> SetScore:
    named = "this network" if method.startswith("onnx:") else method
    return SetScore(named, level, tuple(counts for counts, _ in held), tuple(objects for _, objects in held))


def tables(found: dict[str, Any]) -> str:
    """Return the scores as Markdown: which file, one table a set, and what the network's scores stand for."""
    lines = [f"File `{found['model']}`, sha256 `{found['sha256']}`.\n"]
    lines += [line for name, rows in found["sets"].items() for line in _table(name, rows)]
    return "\n".join([*lines, *_calibration(found["calibration"])])


def _calibration(observed: dict[str, list]) -> Iterator[str]:
    """Yield the lines of one table: the share of pixels that slid among those with a score in each tenth."""
    told = [name for name in SETS if name in CALIBRATED and name in observed]
    if not told:  # an error of reconstruction is no share of anything
        return
    yield "**Of the pixels with this score, how many slid, %** (clear pixels, pooled; a calibrated score would be it)\n"
    yield f"| score | {' | '.join(told)} |"
    yield "|---" * (1 + len(told)) + "|"
    yield from shares([observed[name] for name in told])
    yield ""


def shares(observed: list) -> Iterator[str]:
    """Yield the rows of a table, a tenth of the score each, then the error; ``observed`` are results of ``binned``."""
    for tenth in range(BINS):
        rows = (one[tenth] for one in observed)
        cells = (f"{100 * slid / pixels:.1f} of {pixels:,.0f}" if pixels else "none" for pixels, _, slid in rows)
        yield f"| {tenth / BINS:.1f} to {(tenth + 1) / BINS:.1f} | {' | '.join(cells)} |"
    yield f"| expected calibration error, % | {' | '.join(f'{100 * calibration_error(one):.2f}' for one in observed)} |"


def calibration_error(observed: list) -> float:
    """Return by how much mean score and share that slid differ, averaged over all pixels: 0 where scores are shares.

    ``observed`` is what ``binned`` returns. Source: Naeini et al. (2015), with bins of a tenth.
    """
    pixels, scores, slid = np.asarray(observed).T
    return float(np.abs(scores - slid).sum() / pixels.sum())


def _table(name: str, rows: list[dict]) -> Iterator[str]:
    """Yield the lines of one table: scores where something slid, false alarms where nothing did."""
    unchanged = not SETS[name].landslides
    area = f", {rows[0]['km2']:.1f} km²" if unchanged else ""
    yield f"**{SETS[name].title}** (n = {rows[0]['n']}{area}; whole patches, clear pixels)\n"
    titles = ("false alarms per km²", "area marked, %") if unchanged else SCORES
    yield f"| method | threshold | {' | '.join(titles)} |"
    yield "|---" * (2 + len(titles)) + "|"
    for row in rows:
        cells = _false_alarms(row) if unchanged else _accuracy(row)
        yield f"| {row['method']} | {row['threshold']:.3g} | {' | '.join(cells)} |"
    yield ""


def _false_alarms(row: dict) -> tuple[str, ...]:
    return f"{row['objects_per_km2']:.2f}", f"{100 * row['share']:.2f}"


def _accuracy(row: dict) -> tuple[str, ...]:
    low, high = row["interval_f1"]
    span = f"{low:.3f} to {high:.3f}" if np.isfinite(low) else "one patch"
    return *(f"{row[key]:.3f}" for key in ("precision", "recall", "f1")), span, f"{row['iou']:.3f}"


def write_card(card: Path, text: str) -> None:
    """Put the tables between the marks of a model card; raises NetworkError where it has none."""
    cards.put(card, (BEGIN, END), text, "scores")


def parser() -> Parser:
    """Return the command line's parser."""
    made = Parser(prog=CALLED, description="Score a network beside the plain methods; prints the card's tables.")
    made.add_argument("--model", type=Path, default=ROOT / "models" / "bit.onnx", metavar="FILE.onnx")
    made.add_argument("--card", type=Path, metavar="FILE.md", help="write the tables into this model card")
    made.add_argument("--sets", default=",".join(SETS), metavar="NAME,...", help="the sets to score on (all)")
    made.add_argument("--alone", action="store_true", help="the network alone, without the plain methods")
    made.add_argument("--min-area", type=float, default=0.0, metavar="M2", help="leave out smaller objects (0)")
    made.add_argument("--json", action="store_true", help="print JSON instead of tables")
    made.add_argument("--seed", type=int, default=0)
    for name, count in COUNTS.items():
        made.add_argument(f"--{name}", type=int, default=count, metavar="N", help=f"most patches of {name} ({count})")
    return made


def main(argv: list[str] | None = None) -> int:
    """Score, print, and return the exit code: 0 done, 2 the network or the data cannot be used."""
    args = vars(parser().parse_args(argv))
    try:
        counts = {
            "clearings": 1,
            **{name: args[name] for name in ("validation", "simulated", "painted", "forest", "farmland")},
        }
        sets = tuple(args["sets"].split(","))
        found = score(args["model"].resolve(), counts, args["seed"], sets, args["alone"], args["min_area"])
        if args["card"]:
            write_card(args["card"], tables(found))
    except ScarpError as error:
        return refused(CALLED, error)
    print(json.dumps(found) if args["json"] else tables(found))
    return DONE


if __name__ == "__main__":
    sys.exit(main())
