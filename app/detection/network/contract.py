"""What a change-detection network file must say of itself so that it can be run: one definition for export and use."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, get_args, get_origin

from app.bands import BANDS, HEIGHT
from app.errors import NetworkError

KEY = "scarp"  # of the one metadata entry of an .onnx file; its value is the contract as JSON
FORMAT = 1  # raised when a field changes its meaning

DTYPES = ("float32", "uint8", "uint16", "int16")
DIGITAL = ("uint16", "int16")  # take digital numbers
SLOPE = "SLOPE"
TERRAIN = (SLOPE, HEIGHT)  # beside the bands: degrees and metres, the same at both dates
CHANNELS = (*BANDS, *TERRAIN)  # what ``bands`` may name
EACH = "percentile-each"
STRETCHES = ("reflectance", "percentile", EACH)
OUTPUTS = ("logits", "probability", "decided", "reconstruction")
DATES = ("t1", "t2")
READ = (DATES, ("t2",))  # the dates a network may read
LAYOUTS = ("channels-first", "channels-last")
# What a stranger's file may name at most: each costs time or memory, or stands on a page.
LONGEST_JSON = 200_000  # characters
LONGEST_NAME, LONGEST_WORDS, LONGEST_LIST = 200, 2000, 64
LARGEST_NUMBER, SMALLEST_STEP = 1e6, 1e-6
LARGEST_CLASS, LARGEST_SIDE, LARGEST_BLUR_PX = 255, 65_536, 32
_WORDS = {"name": LONGEST_NAME, "version": LONGEST_NAME, "licence": LONGEST_WORDS, "training_data": LONGEST_WORDS,
          "source": LONGEST_WORDS}  # fmt: skip


@dataclass(frozen=True)
class Contract:
    """What goes into a network and what comes out of it, checked when it is made.

    Input. One tensor a date, or one with the channels of T1 and then of T2, or one of T2 alone, as ``dates`` says,
    (N, C, H, W), or (N, H, W, C) with the ``layout`` channels-last, which then holds for the output too. Channel c
    is band c stretched to 0..1, ``s = clip((reflectance - low) / (high - low), 0, 1)``, then for
    float32 ``(s - mean) / std``, for uint8 ``round(255 s)``. ``low`` and ``high`` are reflectance, or,
    with the stretch ``percentile``, percentiles of each band over the dates read together, so that equal
    numbers mean equal reflectance at T1 and T2; with ``percentile-each`` of each date by itself, so that light, haze
    and an unknown unit of either do not count. uint16 and int16 take digital numbers as Level-2A has them, without
    its offset: ``round(10000 reflectance)``, held to what the type holds. Tuples of one value hold for all channels.
    Beside bands, ``SLOPE`` (degrees) and ``DEM`` (metres above the sea) may be named; their ``low`` and ``high`` are in
    that unit, with every stretch.

    Output. ``logits``: (N, 2, H, W), softmax gives the score, or (N, 1, H, W), the sigmoid does, both of
    ``slope`` times the logit plus ``shift``: how sure a trained network is to be taken to be (Platt 1999).
    ``probability``: (N, 1 or more, H, W), the score is channel ``changed``. ``decided``: (N, 1, H, W) of class
    numbers, as ArgMax gives them; the score is 1 where the number is ``changed``, else 0. These three may also be
    (N, H, W) where there is one channel. ``reconstruction``:
    (N, C, H, W) within -1 to 1, in input units; the score is half the absolute difference from the
    input of the date ``reconstructs``, clipped to -1 to 1, averaged over the channels. With ``weights`` it is half
    the weighted sum of the date less its reconstruction, cut to 0 to 1: change in one direction alone.
    ``blur_px`` is the standard deviation of a Gaussian that smooths the difference first, for a reconstruction is
    less sharp than a scene. With ``log_floor`` above zero the logarithms of ``s + log_floor`` are subtracted instead of
    input units: a change by half counts alike in shade and in the sun. With ``spread_floor`` above zero the tile's
    median is taken from the sum (or mean), and the rest is divided by the median absolute deviation plus
    ``spread_floor``: what all of a scene did is no change, and a restless scene is trusted less. The mask is
    score >= ``threshold``.

    Every field is a key of the JSON, and is bounded; what cannot be shown of a text is replaced. Raises NetworkError
    naming the field and what it may hold.
    """

    name: str
    bands: tuple[str, ...]  # in channel order; empty where nobody said: a person has to, before it can run
    output: str
    threshold: float
    version: str = "1"
    inputs: tuple[str, ...] = ("t1", "t2")  # tensor names, T1 first; a single one holds all dates read
    dates: tuple[str, ...] = DATES  # which are read, T1 first: both, or T2 alone
    layout: str = "channels-first"
    dtype: str = "float32"
    stretch: str = "reflectance"
    low: tuple[float, ...] = (0.0,)
    high: tuple[float, ...] = (1.0,)
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    answer: str = ""  # name of the output tensor; empty: the first
    changed: int = 1  # channel, or where it is decided number, of the class "changed"
    slope: float = 1.0  # of the logit
    shift: float = 0.0
    reconstructs: str = "t2"  # which date a reconstruction is compared with
    weights: tuple[float, ...] = ()  # of the channels' differences, below zero too; empty: all alike, without sign
    blur_px: float = 0.0
    spread_floor: float = 0.0  # zero: errors count as they are, whatever the rest of the tile shows
    log_floor: float = 0.0  # zero: values are subtracted, not their logarithms
    tile: int = 256  # pixels a side that the network was trained on
    overlap: int = 32  # pixels that neighbouring tiles share
    size_multiple: int = 1  # height and width must be multiples of this
    licence: str = "not stated"
    training_data: str = "not stated"
    source: str = ""  # paper, repository or person

    def __post_init__(self) -> None:
        self._check_types()
        for name, longest in _WORDS.items():
            _require(len(getattr(self, name)) <= longest, name, f"at most {longest} characters", getattr(self, name))
            object.__setattr__(self, name, clean(getattr(self, name)))
        self._check_words()
        self._check_scaling()
        self._check_numbers()

    @property
    def stacked(self) -> bool:
        """Whether both dates go into one input."""
        return len(self.inputs) == 1 and not self.alone

    @property
    def alone(self) -> bool:
        """Whether T2 is all it reads: then T1 decides nothing, and need not be clear."""
        return self.dates == ("t2",)

    @property
    def spectral(self) -> tuple[str, ...]:
        """The bands it reads, without slope and elevation."""
        return tuple(band for band in self.bands if band in BANDS)

    @property
    def terrain(self) -> tuple[str, ...]:
        """What it reads of the ground: slope, elevation, or nothing."""
        return tuple(band for band in self.bands if band in TERRAIN)

    def with_bands(self, bands: tuple[str, ...]) -> "Contract":
        """Return the contract with the bands a person named; raises NetworkError where they do not fit."""
        return replace(self, bands=tuple(bands))

    def to_json(self) -> str:
        """Return the contract as one line of JSON that ``from_json`` reads back equal."""
        return json.dumps({"format": FORMAT, **asdict(self)}, ensure_ascii=False)

    def to_metadata(self) -> dict[str, str]:
        """Return the metadata entry an .onnx file carries."""
        return {KEY: self.to_json()}

    def _check_types(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            _require(_has_type(value, field.type), field.name, f"{_type_name(field.type)}", value)

    def _check_words(self) -> None:
        choices = {"dtype": DTYPES, "stretch": STRETCHES, "output": OUTPUTS, "reconstructs": DATES, "layout": LAYOUTS}
        for field, allowed in choices.items():
            _require(getattr(self, field) in allowed, field, f"one of {', '.join(allowed)}", getattr(self, field))
        _require(bool(self.name.strip()), "name", "a name", self.name)
        unknown = [band for band in self.bands if band not in CHANNELS]
        _require(not unknown, "bands", f"some of {', '.join(CHANNELS)}", self.bands)
        _require(len(set(self.bands)) == len(self.bands), "bands", "each band once", self.bands)
        named = len(self.inputs) in (1, 2) and len(set(self.inputs)) == len(self.inputs) and all(self.inputs)
        _require(named, "inputs", "one or two different tensor names", self.inputs)
        self._check_dates()
        for field, names in (("inputs", self.inputs), ("answer", (self.answer,))):
            plain = all(len(name) <= LONGEST_NAME and name.isprintable() for name in names)
            _require(plain, field, f"plain names of at most {LONGEST_NAME} characters", names)

    def _check_dates(self) -> None:
        _require(self.dates in READ, "dates", '["t1", "t2"], or ["t2"] for T2 alone', self.dates)
        fits = not self.alone or len(self.inputs) == 1 or self.inputs == Contract.inputs  # as where nobody named any
        _require(fits, "inputs", "one tensor name where dates is T2 alone", self.inputs)
        fits = not self.alone or self.output != "reconstruction" or self.reconstructs == "t2"
        _require(fits, "reconstructs", "t2 where dates is T2 alone", self.reconstructs)

    def _check_scaling(self) -> None:
        for field in ("low", "high", "mean", "std", "weights"):
            _require(len(getattr(self, field)) <= LONGEST_LIST, field, f"at most {LONGEST_LIST} numbers", "more")
        lengths = {len(getattr(self, field)) for field in ("low", "high", "mean", "std")} - {1}
        if self.bands:
            lengths.add(len(self.bands))
        for field in ("low", "high", "mean", "std"):
            values = getattr(self, field)
            fits = len(values) == 1 or (len(lengths) == 1 and len(values) in lengths)
            _require(fits, field, "one number, or one for each band", values)
        pairs = zip(_spread(self.low, self.high), _spread(self.high, self.low), strict=True)
        apart = all(high - low >= SMALLEST_STEP for low, high in pairs)
        _require(apart, "low", f"less than high ({_short(repr(self.high))}), by {SMALLEST_STEP:g} or more", self.low)
        _require(all(value >= SMALLEST_STEP for value in self.std), "std", "more than zero (1e-06 or more)", self.std)
        if self.stretch != "reflectance":
            within = all(0 <= value <= 100 for value in (*self._of_bands(self.low), *self._of_bands(self.high)))
            _require(within, "low and high", "percentiles from 0 to 100", (self.low, self.high))
        if self.dtype != "float32":
            plain = self.mean == (0.0,) and self.std == (1.0,)
            _require(plain, "mean and std", f"0 and 1 where dtype is {self.dtype}", (self.mean, self.std))
        if self.dtype in DIGITAL:
            self._check_digital()

    def _of_bands(self, values: tuple[float, ...]) -> tuple[float, ...]:
        """Return those of some limits that are of bands, not of slope or elevation."""
        if len(values) == 1 or not self.bands:
            return values
        return tuple(value for value, band in zip(values, self.bands, strict=True) if band in BANDS)

    def _check_digital(self) -> None:
        """Refuse a stretch of digital numbers, which are given as they are, and slope or elevation among them."""
        plain = self.low == (0.0,) and self.high == (1.0,) and self.stretch == "reflectance"
        what = f"0 and 1 of reflectance where dtype is {self.dtype}, which takes digital numbers as they are"
        _require(plain, "low and high", what, (self.low, self.high, self.stretch))
        _require(not self.terrain, "bands", f"bands alone where dtype is {self.dtype}", self.bands)

    def _check_numbers(self) -> None:
        _require(self.size_multiple >= 1, "size_multiple", "1 or more", self.size_multiple)
        _require(self.tile <= LARGEST_SIDE, "tile", f"at most {LARGEST_SIDE} pixels", self.tile)
        fits = self.tile >= 1 and self.tile % self.size_multiple == 0
        _require(fits, "tile", f"a multiple of size_multiple ({self.size_multiple})", self.tile)
        _require(0 <= self.overlap < self.tile, "overlap", f"from 0 to less than the tile ({self.tile})", self.overlap)
        _require(self.slope > 0, "slope", "more than zero", self.slope)
        fits = 0 <= self.blur_px <= LARGEST_BLUR_PX
        _require(fits, "blur_px", f"zero or more pixels, at most {LARGEST_BLUR_PX}", self.blur_px)
        _require(self.spread_floor >= 0, "spread_floor", "zero or more", self.spread_floor)
        _require(self.log_floor >= 0, "log_floor", "zero or more", self.log_floor)
        fits = not self.log_floor or self.dtype == "float32"
        _require(fits, "log_floor", f"zero where dtype is {self.dtype}", self.log_floor)
        fits = not self.weights or not self.bands or len(self.weights) == len(self.bands)
        _require(fits, "weights", "one number for each band, or none", self.weights)
        fits = 0 <= self.changed <= LARGEST_CLASS
        _require(fits, "changed", f"a channel number, from 0 to {LARGEST_CLASS}", self.changed)


def from_json(text: str, where: str = "The network's contract") -> Contract:
    """Return the contract that ``text`` holds; ``where`` names the file in messages.

    Fields that have a default may be left out. Raises NetworkError saying what is missing, unknown or wrong.
    """
    if len(text) > LONGEST_JSON:
        raise NetworkError(
            f"{where} is too long to be a contract ({len(text):,} characters, {LONGEST_JSON:,} at most)."
        )
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NetworkError(
            f"{where} is not JSON ({_short(str(error))}). Write it as `Contract.to_json` does."
        ) from error
    if not isinstance(values, dict):
        raise NetworkError(f"{where} must be a JSON object with the keys {', '.join(_names())}.")
    stated = values.pop("format", FORMAT)
    if stated != FORMAT:
        raise NetworkError(
            f"{where} has format {_short(repr(stated))}, this Scarp reads format {FORMAT}. Update Scarp or export anew."
        )
    _check_keys(values, where)
    given: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    try:
        return Contract(**given)
    except NetworkError as error:
        raise NetworkError(f"{where}: {error}") from error


def from_metadata(metadata: Mapping[str, str], where: str = "The network's contract") -> Contract | None:
    """Return the contract in an .onnx file's metadata, or None where it carries none."""
    return from_json(metadata[KEY], where) if KEY in metadata else None


def clean(text: str) -> str:
    """Return a stranger's text without what a page or a terminal cannot show, half characters among it."""
    return "".join(one if one.isprintable() or one in "\n\t" else "\ufffd" for one in text)


def _check_keys(values: Mapping[str, object], where: str) -> None:
    unknown = sorted(set(values) - set(_names()))
    if unknown:
        raise NetworkError(
            f"{where} has unknown keys: {_short(', '.join(unknown))}. It may hold {', '.join(_names())}."
        )
    missing = [name for name in ("name", "bands", "output", "threshold") if name not in values]
    if missing:
        raise NetworkError(f"{where} does not state {', '.join(missing)}. Add them, or fill in the form instead.")


def _names() -> tuple[str, ...]:
    return tuple(field.name for field in fields(Contract))


def _require(holds: bool, field: str, wanted: str, found: object) -> None:
    if not holds:
        raise NetworkError(f"{field} must be {wanted}, not {_short(repr(found))}.")


def _short(text: str) -> str:
    """Return what fits a message of a text that a stranger's file may have made very long."""
    return clean(text if len(text) <= 100 else f"{text[:100]}...")


def _has_type(value: object, wanted: Any) -> bool:
    if get_origin(wanted) is tuple:
        item = get_args(wanted)[0]
        return isinstance(value, tuple) and all(_has_type(v, item) for v in value)
    if wanted is float:  # not a number is not within
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST_NUMBER
    return isinstance(value, wanted) and not isinstance(value, bool)


def _type_name(wanted: Any) -> str:
    names = {str: "text", int: "a whole number", float: f"a number (at most {LARGEST_NUMBER:,.0f})"}
    if get_origin(wanted) is tuple:
        return f"a list, each item {names[get_args(wanted)[0]]}"
    return names[wanted]


def _spread(values: tuple[float, ...], other: tuple[float, ...]) -> tuple[float, ...]:
    return values * len(other) if len(values) == 1 else values
