"""Seven lessons: the scene of each step, what it asks for, and how an answer is judged.

The words stand in ``app.lessons.words``, under the same names.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from app.lessons import bench
from app.lessons.bench import Shot
from app.lessons.knobs import TRAPS, Knobs, usual_cut
from app.lessons.refusal import Refusal
from app.scoring.metrics import Confusion

CHOOSE, CUT, CLICK, DRAW, SET = "choose", "cut", "click", "draw", "set"  # how a step is answered
NEAR_PX = 1  # a click may miss by so much


@dataclass(frozen=True)
class Answer:
    """What a reader did: chose an option, put the threshold and knobs somewhere, clicked a pixel or drew."""

    knobs: Knobs
    cut: float
    option: int | None = None
    point: tuple[float, float] | None = None  # column and row, in pixels from the upper left corner
    outline: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Step:
    """One step of a lesson; ``passes`` says of an answer whether it is right, and what figures to tell."""

    lesson: str
    name: str
    asks: str
    knobs: Knobs
    passes: Callable[[Answer], tuple[bool, dict[str, float]]]
    free: tuple[str, ...] = ()  # knobs that the reader may turn here
    known: bool = False  # whether hits and misses are shown
    cut: float | None = None  # the threshold it begins at; None: the method's usual one
    right: int = -1  # of the options
    detects: bool = True  # whether a detector is shown: without, both images alone

    @property
    def start(self) -> float:
        """The threshold the step begins at."""
        return usual_cut(self.knobs.how) if self.cut is None else self.cut


@dataclass(frozen=True)
class Judgement:
    """Whether an answer was right, and the figures that its words name."""

    right: bool
    figures: Mapping[str, float]


def judge(step: Step, answer: Answer) -> Judgement:
    """Return whether an answer is right; raises InputError for one of another kind than the step asks for."""
    needed = {CHOOSE: answer.option, CLICK: answer.point, DRAW: answer.outline or None}
    if step.asks in needed and needed[step.asks] is None:
        raise Refusal("other_answer")
    right, figures = step.passes(answer)
    return Judgement(bool(right), figures)


def _counted(answer: Answer) -> Confusion:
    return bench.counts(_shot(answer), answer.cut, answer.knobs.smallest)


def _shot(answer: Answer) -> Shot:
    return bench.shot(answer.knobs)


def _figures(answer: Answer) -> dict[str, float]:
    counts = _counted(answer)
    sun = _shot(answer).scene.sun_deg
    return {
        "precision": _or_zero(counts.precision), "recall": _or_zero(counts.recall), "f1": _or_zero(counts.f1),
        "accuracy": _or_zero(counts.accuracy), "marked": counts.tp + counts.fp, "days": answer.knobs.days,
        "sun1": sun[0], "sun2": sun[1],
    }  # fmt: skip


def _or_zero(value: float) -> float:
    return float(value) if np.isfinite(value) else 0.0


def _when(test: Callable[[dict[str, float]], bool]) -> Callable[[Answer], tuple[bool, dict[str, float]]]:
    """Return what judges an answer by the figures of its threshold and knobs."""

    def passes(answer: Answer) -> tuple[bool, dict[str, float]]:
        figures = _figures(answer)
        return test(figures), figures

    return passes


def _option(right: int) -> Callable[[Answer], tuple[bool, dict[str, float]]]:
    return lambda answer: (answer.option == right, {})


def _within(area: Callable[[Answer], np.ndarray]) -> Callable[[Answer], tuple[bool, dict[str, float]]]:
    """Return what judges a click: whether it fell into an area, bool (y, x), or beside it by a pixel."""

    def passes(answer: Answer) -> tuple[bool, dict[str, float]]:
        mask = area(answer)
        assert answer.point is not None  # or ``judge`` had refused it
        column, row = (int(at) for at in answer.point)
        rows, columns = (slice(max(0, at - NEAR_PX), at + NEAR_PX + 1) for at in (row, column))
        return bool(mask[rows, columns].any()), {}

    return passes


def _alarms(answer: Answer) -> np.ndarray:
    seen = _shot(answer)
    return bench.marked(seen, answer.cut, answer.knobs.smallest) & ~seen.scene.truth


def _missed_cloud(answer: Answer) -> np.ndarray:
    seen = _shot(answer)
    return seen.scene.hidden & (seen.steps > 0)


def _drawn(answer: Answer) -> tuple[bool, dict[str, float]]:
    share = drawn_iou(_shot(answer).scene.truth, list(answer.outline))
    return share >= 0.5, {"iou": share}


def drawn_iou(truth: np.ndarray, outline: list[tuple[float, float]]) -> float:
    """Return the IoU of a drawn outline with the landslide it fits best; pixels that touch are one landslide."""
    from scipy import ndimage

    drawn = bench.outlined(outline, truth.shape)
    labels, number = ndimage.label(truth, np.ones((3, 3)))
    return max((bench.iou(labels == one, drawn) for one in range(1, number + 1)), default=0.0)


@lru_cache(maxsize=8)
def _best(knobs: Knobs) -> float:
    return bench.best_f1(bench.shot(knobs), knobs.smallest)


def _is_best(answer: Answer) -> tuple[bool, dict[str, float]]:
    figures, best = _figures(answer), _best(answer.knobs)
    return figures["f1"] >= best - 0.01, {**figures, "best": best}


def _is_network(answer: Answer) -> tuple[bool, dict[str, float]]:
    plain = answer.knobs.with_(how="band-difference:B04")
    before = bench.counts(bench.shot(plain), usual_cut(plain.how)).precision
    return answer.knobs.how == "onnx:bit", {**_figures(answer), "before": before}


def _choose(lesson: str, name: str, right: int, knobs: Knobs, **more: object) -> Step:
    return Step(lesson, name, CHOOSE, knobs, _option(right), right=right, **more)  # type: ignore[arg-type]


_PLAIN, _HILLS = TRAPS["plain"], Knobs(scars=6, width=60)
_FALSE_COLOUR = _HILLS.with_(colours="false-colour")
_FARM = Knobs(land="fields", scene=1, harvest=20)
_NUMBERS = Knobs(scene=4, scars=5)

_STEPS = (
    _choose("bands", "look", 1, _HILLS, detects=False),
    Step("bands", "infrared", SET, _HILLS, lambda a: (a.knobs.colours == "false-colour", {}), free=("colours",),
         detects=False),
    Step("bands", "find", CLICK, _FALSE_COLOUR, _within(lambda a: _shot(a).scene.truth), free=("colours",),
         detects=False),
    _choose("bands", "red", 0, _FALSE_COLOUR, free=("colours",), detects=False),
    Step("threshold", "all", CUT, _PLAIN, _when(lambda f: f["recall"] >= 0.97), known=True, cut=0.12),
    Step("threshold", "sure", CUT, _PLAIN, _when(lambda f: f["precision"] >= 0.95 and f["marked"] > 0), known=True,
         cut=0.02),
    Step("threshold", "best", CUT, _PLAIN, _is_best, known=True, cut=0.02),
    _choose("threshold", "rule", 0, _PLAIN, known=True),
    _choose("season", "winter", 1, Knobs(days=185, how="index-drop:NDVI"), free=("colours",)),
    Step("season", "same", SET, Knobs(days=185, how="index-drop:NDVI"),
         lambda a: (min(abs(a.knobs.days - years * 365) for years in (1, 2, 3)) <= 25, _figures(a)),
         free=("days", "colours"), known=True),
    Step("season", "field", CLICK, _FARM, _within(lambda a: _alarms(a) & _shot(a).scene.cut), known=True),
    _choose("season", "help", 1, _FARM, known=True),
    Step("cloud", "click", CLICK, TRAPS["cloud"], _within(_missed_cloud)),
    _choose("cloud", "why", 0, TRAPS["cloud"], known=True),
    _choose("cloud", "shadow", 1, TRAPS["cloud"], known=True),
    Step("cloud", "haze", SET, TRAPS["haze"].with_(how="band-difference:B02"), _when(lambda f: f["f1"] > 0.7),
         free=("how",), known=True),
    Step("light", "click", CLICK, TRAPS["light"], _within(_alarms), known=True),
    Step("light", "sun", SET, TRAPS["light"], _when(lambda f: abs(f["sun1"] - f["sun2"]) <= 5), free=("month", "days"),
         known=True),
    _choose("light", "ratio", 1, TRAPS["light"], free=("how",), known=True),
    Step("numbers", "nothing", CUT, _NUMBERS, _when(lambda f: f["marked"] == 0), known=True),
    Step("numbers", "equal", CUT, _NUMBERS,
         _when(lambda f: f["marked"] > 0 and abs(f["precision"] - f["recall"]) <= 0.05), known=True, cut=0.02),
    _choose("numbers", "count", 0, _NUMBERS, known=True),
    Step("numbers", "draw", DRAW, _NUMBERS.with_(width=90, scars=3), _drawn, free=("colours",), detects=False),
    _choose("numbers", "objects", 0, _NUMBERS, known=True),
    _choose("numbers", "interval", 1, _NUMBERS, known=True),
    Step("networks", "run", SET, _FARM, _is_network, free=("how",), known=True),
    Step("networks", "wrong", CLICK, _FARM.with_(how="onnx:bit"), _within(_alarms), known=True),
    Step("networks", "faint", SET, TRAPS["faint"].with_(how="onnx:bit"), _when(lambda f: f["f1"] > 0.4), free=("how",),
         known=True),
    _choose("networks", "trust", 1, TRAPS["faint"].with_(how="onnx:bit"), known=True),
    _choose("networks", "real", 2, TRAPS["real"].with_(how="onnx:bit"), free=("how", "colours")),
)  # fmt: skip

LESSONS: dict[str, tuple[Step, ...]] = {
    name: tuple(step for step in _STEPS if step.lesson == name) for name in dict.fromkeys(one.lesson for one in _STEPS)
}


# --- progress -----------------------------------------------------------------------------


def read_progress(text: str) -> frozenset[tuple[str, str]]:
    """Return the steps that are done, each by lesson and name, from what a link says of them; unknown ones left out.

    ``show_progress`` writes it: a lesson and the numbers of its steps, as ``bands.124-season.1``.
    """
    found = set()
    for part in text.split("-"):
        lesson, _, numbers = part.partition(".")
        steps = LESSONS.get(lesson, ())
        found |= {(lesson, steps[int(n) - 1].name) for n in numbers if n in "123456789" and int(n) <= len(steps)}
    return frozenset(found)


def show_progress(done: Iterable[tuple[str, str]]) -> str:
    """Return steps that are done as ``read_progress`` reads them."""
    held = set(done)
    numbers = {
        lesson: "".join(str(n) for n, step in enumerate(steps, start=1) if (lesson, step.name) in held)
        for lesson, steps in LESSONS.items()
    }
    return "-".join(f"{lesson}.{text}" for lesson, text in numbers.items() if text)
