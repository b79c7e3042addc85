"""Method names: one text says which change detection runs, on what, and where its threshold stands."""

import math
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import PurePath
from types import ModuleType

import numpy as np

from app import bands
from app.detection import indices
from app.errors import InputError, MethodError

DEVICES = ("auto", "gpu", "cpu")
DIRECTIONS = ("increase", "decrease", "both")
OTSU = "otsu"  # in place of a number: Otsu's threshold, from the scores themselves
_LARGEST = 1e6  # a threshold: percent is the smallest unit there is
INDICES = indices.detecting()
REFLECTANCE, INDEX, PERCENT, PROBABILITY = "reflectance", "index value", "percent", "probability"
RECONSTRUCTION = "reconstruction error"  # of networks that rebuild a date: 0 to 1, but no probability
DEVIATIONS = "robust deviations"  # of a pixel's own values in the same season of earlier years
SPREADS = "spreads of the scene"  # of the change of all clear pixels between the two dates
DECIDED = "decided"  # 0 or 1: no threshold is left to choose
BY_NAME = ("network", "file")  # targets that are files, named by their name or path


@dataclass(frozen=True)
class Kind:
    """One family of methods; ``module`` has ``score(patch, method, device, progress) -> Scored``."""

    name: str
    title: str
    summary: str
    module: str
    target: str = ""  # what its second part names: a band, an index, a network, a file, or nothing
    default_target: str = ""
    threshold: float = math.nan  # the default, in ``unit``; NaN where the network brings its own
    unit: str = REFLECTANCE
    directed: bool = False  # whether increases and decreases can be told apart
    by_pixel: bool = False  # whether a pixel's score is made of its own values alone, so that parts make the whole


_TABLE = (
    Kind(
        "band-difference",
        "Band difference",
        "One band at T2 minus T1; a landslide lays bare soil, which is brighter in red.",
        "app.detection.threshold",
        by_pixel=True,
        target="band",
        default_target="B04",
        threshold=0.05,
        directed=True,
    ),
    Kind(
        "all-bands",
        "All bands",
        "The largest difference among all bands of the patch: changed where any band changed.",
        "app.detection.threshold",
        by_pixel=True,
        threshold=0.05,
        directed=True,
    ),
    Kind(
        "index-drop",
        "Index drop",
        "A spectral index at T1 minus T2: how much of it was lost.",
        "app.detection.index_change",
        by_pixel=True,
        target="index",
        default_target="NDVI",
        threshold=0.2,
        unit=INDEX,
    ),
    Kind(
        "index-rise",
        "Index rise",
        "A spectral index at T2 minus T1: how much of it was gained.",
        "app.detection.index_change",
        by_pixel=True,
        target="index",
        default_target="BSI",
        threshold=0.1,
        unit=INDEX,
    ),
    Kind(
        "rdndvi",
        "Relative NDVI loss",
        "HazMapper's rdNDVI with its sign turned, so that a larger score is more vegetation lost.",
        "app.detection.index_change",
        by_pixel=True,
        threshold=20.0,
        unit=PERCENT,
    ),
    Kind(
        "cva",
        "Change vector",
        "The length of the change vector over all bands of the patch, whatever its direction.",
        "app.detection.threshold",
        by_pixel=True,
        threshold=0.1,
    ),
    Kind(
        "ratio-anomaly",
        "Ratio anomaly",
        "Ratios of T2 to T1 towards bare ground, against what the whole scene did; with B08 where the patch has it.",
        "app.detection.ratio_anomaly",
        threshold=1.25,
        unit=SPREADS,
    ),
    Kind(
        "season-anomaly",
        "Season anomaly",
        "T2 against the same season of earlier years, in robust deviations of each pixel, towards bare ground.",
        "app.detection.season",
        target="band or index",
        default_target="NDVI",
        threshold=3.0,
        unit=DEVIATIONS,
    ),
    Kind(
        "file",
        "Brought detections",
        "What others detected: masks, scores or outlines, brought and laid beside.",
        "app.detection.elsewhere.run",
        target="file",
        unit=PROBABILITY,
    ),
    Kind(
        "onnx",
        "Neural network",
        "A network in an ONNX file.",
        "app.detection.network.run",
        target="network",
        unit=PROBABILITY,
    ),
)

KINDS: dict[str, Kind] = {kind.name: kind for kind in _TABLE}


@dataclass(frozen=True)
class Method:
    """A method with its parameters; ``str(method)`` is its canonical name and parses back to it."""

    kind: str
    target: str = ""  # a band, an index, or the name or path of a network or of files
    threshold: float | None = None  # None: Otsu's, or the network's own
    direction: str = "increase"
    otsu: bool = False

    def __str__(self) -> str:
        number = OTSU if self.otsu else "" if self.threshold is None else _number(self.threshold)
        turned = "" if self.direction == "increase" else self.direction
        return ":".join(part for part in (self.kind, self.target, number, turned) if part)

    @property
    def unit(self) -> str:
        """The unit of its scores and threshold."""
        return KINDS[self.kind].unit

    @property
    def short(self) -> str:
        """Its name for a table or a file: of a file that is named by its path, what that ends in."""
        if KINDS[self.kind].target not in BY_NAME or not set(self.target) & {"/", "\\"}:
            return str(self)
        return str(replace(self, target=PurePath(self.target.replace("\\", "/")).stem))

    @property
    def title(self) -> str:
        """Words for a heading, for example ``Band difference B04, increases``."""
        about = f" {self.target}" if self.target else ""
        turned = {"increase": ", increases", "decrease": ", decreases", "both": ", both ways"}[self.direction]
        return f"{KINDS[self.kind].title}{about}{turned if KINDS[self.kind].directed else ''}"

    def at(self, threshold: float) -> "Method":
        """Return the same method with another threshold."""
        return replace(self, threshold=_positive(str(threshold), str(self)), otsu=False)


@dataclass(frozen=True, eq=False)
class Scored:
    """What running a method gave, before any threshold.

    ``score`` is float32 (y, x), NaN where nothing can be said; ``measured`` is bool (y, x),
    True where every value the method reads is there, at the ``dates`` it reads. ``threshold`` is the one to use where
    the method names none.
    """

    score: np.ndarray
    measured: np.ndarray
    threshold: float
    unit: str
    device: str = "cpu"
    provider: str = "numpy"
    fallback: str = ""  # why it did not run as asked, in words
    model_sha256: str = ""  # of the file it came from
    note: str = ""  # what a reader should know of how it ran
    warnings: tuple[str, ...] = ()  # what a reader should doubt of it, a sentence each
    dates: tuple[int, ...] = (0, 1)  # positions of the dates it reads: these have to be clear


def examples() -> tuple[str, ...]:
    """Return one canonical method name of each kind without a file, with its defaults, the thesis's first."""
    return tuple(str(parse(kind.name)) for kind in KINDS.values() if kind.target not in BY_NAME)


def in_words() -> str:
    """Return how a method is named, for the help of a command: an example of each kind, and what an index may be."""
    named = f"for example {', '.join(examples())}, onnx:NAME, file:PATH"
    return f"{named}; an index is one of {', '.join(INDICES)}"


def parse(text: str) -> Method:
    """Return the method that ``text`` names, with defaults for the parts left out.

    ``band-difference:B04:0.05[:increase|decrease|both]``, ``all-bands:0.05[:direction]``,
    ``index-drop:NDVI:0.2``, ``index-rise:BSI:0.1``, ``rdndvi:20``, ``cva:0.1``, ``ratio-anomaly:1.25``,
    ``season-anomaly:NDVI:3``, ``onnx:NAME``, ``file:NAME``;
    ``otsu`` may stand for any number. Raises MethodError naming the choices.
    """
    name, _, rest = text.strip().partition(":")
    kind = KINDS.get(name.strip().lower())
    if kind is None:
        raise MethodError(f"There is no method {name!r}. Choose from {', '.join(KINDS)}.")
    if kind.target in BY_NAME:
        return _named(text, kind, rest)
    parts = [part.strip() for part in rest.split(":")] if rest.strip() else []
    target = _target(text, kind, parts)
    return Method(kind.name, target, *_settings(text, kind, parts))


def runner(method: Method) -> ModuleType:
    """Return the module that runs ``method``."""
    return import_module(KINDS[method.kind].module)


def _target(text: str, kind: Kind, parts: list[str]) -> str:
    """Take the band or index off the front of ``parts`` and return its standard name."""
    if not kind.target:
        return ""
    named = parts.pop(0) if parts and not _is_threshold(parts[0]) else ""
    if kind.target == "band or index" and (named or kind.default_target).lower() in map(str.lower, indices.TABLE):
        return {one.lower(): one for one in indices.TABLE}[(named or kind.default_target).lower()]
    if kind.target == "index":
        index = {one.lower(): one for one in INDICES}.get((named or kind.default_target).lower())
        if index is None:
            raise MethodError(f"{text!r} names no index Scarp knows. Choose from {', '.join(INDICES)}.")
        return index
    try:
        (band,) = bands.parse(named or kind.default_target)
    except (InputError, ValueError):
        choices = ", ".join([*(indices.TABLE if kind.target == "band or index" else ()), *bands.ALL_BANDS])
        raise MethodError(f"{text!r} names no {kind.target} of Sentinel-2 L2A. Choose one from {choices}.") from None
    return band


def _settings(text: str, kind: Kind, parts: list[str]) -> tuple[float | None, str, bool]:
    """Return threshold, direction and whether Otsu chooses, from what is left of the name."""
    parts = [part for part in parts if part]
    direction = "increase"
    if parts and parts[-1].lower() in DIRECTIONS and kind.directed:
        direction = parts.pop().lower()
    if len(parts) > 1 or (parts and not _is_threshold(parts[0])):
        raise MethodError(f"{text!r} is not understood; write it like {_pattern(kind)}.")
    if parts and parts[0].lower() == OTSU:
        return None, direction, True
    return _positive(parts[0], text) if parts else kind.threshold, direction, False


def _named(text: str, kind: Kind, rest: str) -> Method:
    """Return the method of a file; the file's own threshold holds unless the name ends in one."""
    target, _, last = rest.strip().rpartition(":")
    if not target or not _is_threshold(last):
        target, last = rest.strip(), ""
    if not target:
        path = "/path/to/model.onnx" if kind.target == "network" else "./masks"
        raise MethodError(f"{text!r} names no {kind.target}; write {kind.name}:NAME or {kind.name}:{path}.")
    if last.lower() == OTSU:
        return Method(kind.name, target, otsu=True)
    threshold = _positive(last, text) if last else None
    if kind.target == "network" and threshold is not None and threshold > 1:
        raise MethodError(f"A network's scores are 0 to 1, and none reaches the threshold {last} of {text!r}.")
    return Method(kind.name, target, threshold)


def _is_threshold(part: str) -> bool:
    try:
        float(part)
    except ValueError:
        return part.lower() == OTSU
    return True


def _positive(number: str, text: str) -> float:
    value = float(number)
    if not 0 < value <= _LARGEST:
        most = f" and no more than {_LARGEST:,.0f}" if value > 0 else ""
        least = f"The threshold {number} in {text!r} must be above zero"
        raise MethodError(f"{least}{most}; losses are named by direction.")
    return value


def _number(value: float) -> str:
    return repr(float(value)).removesuffix(".0")


def _pattern(kind: Kind) -> str:
    parts = [kind.name, kind.default_target, _number(kind.threshold)]
    pattern = ":".join(part for part in parts if part)
    return f"{pattern} or {pattern}:both" if kind.directed else f"{pattern} or {pattern.rpartition(':')[0]}:otsu"
