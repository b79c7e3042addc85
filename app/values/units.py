"""What the numbers of one date's file mean: digital numbers, percent or reflectance, told band by band."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from app.errors import InputError
from app.values import fill

DN_PER_REFLECTANCE = 10_000  # Sentinel-2 L2A's quantification value
OFFSET_DAY = "2022-01-25"  # from this day on digital numbers carry +1000 (baseline 04.00)

_WRONGLY_DARK = -0.02  # of a median: an offset subtracted twice puts forests below
_BLACK = 0.004  # of the brightest hundredth of all bands: a scale applied twice
_LEAST_PERCENT = 5.0  # percent that reach no higher would be of black ground

REFLECTANCE, PERCENT, DIGITAL = 1.0, 100.0, float(DN_PER_REFLECTANCE)
EMPTY = (0, -1)  # in every band of three or more: no data

Step = tuple[str, float]  # one thing done to all numbers of a band: a name of _DOING, and its number


@dataclass
class StoredBand:
    """One band of one date as its file holds it: float32 (y, x), NaN where declared nodata; changed in place.

    ``steps`` is what was done to its values on the way to reflectance: done to others of the same band and date
    (``redone``), it gives the same. That pixels are empty in every band is no step of one of them.
    """

    values: np.ndarray
    integer: bool = False
    scale: float = 1.0
    offset: float = 0.0
    steps: list[Step] = field(default_factory=list)

    def do(self, doing: str, number: float) -> None:
        """Change all values, and keep what was done."""
        self.steps.append((doing, number))
        _DOING[doing](self.values, np.float32(number))

    @property
    def tagged(self) -> bool:
        """Whether the file states a scale or an offset."""
        return (self.scale, self.offset) != (1.0, 0.0)


@dataclass
class Date:
    """The bands of one date, and what was found out about them."""

    name: str  # T1 or T2
    bands: dict[str, StoredBand]
    said: list[str] = field(default_factory=list)  # how each band was read
    doubts: list[str] = field(default_factory=list)  # what was guessed against, or without, the file's word
    digital: set[str] = field(default_factory=set)  # bands read as digital numbers, with no offset taken off


@dataclass(frozen=True)
class _Look:
    """Some of a band's numbers at a glance; zeros are left out, for many files fill with them."""

    low: float
    middle: float
    high: float
    whole: bool

    @property
    def empty(self) -> bool:
        return math.isnan(self.high)


def to_reflectance(pair: Iterable[Date]) -> None:
    """Take fill out of the bands of both dates and bring every band to reflectance, in place.

    What a file states of a scale is believed where reflectance comes of it. Raises InputError
    where the numbers are neither reflectance, percent nor digital numbers.
    """
    dates = list(pair)
    for one in dates:
        _without_fill(one)
    looks = [{band: _look(stored) for band, stored in one.bands.items()} for one in dates]
    for number, one in enumerate(dates):
        other = looks[1 - number] if len(dates) == 2 else {}
        _convert(one, looks[number], other)


def redone(values: np.ndarray, steps: Iterable[Step]) -> np.ndarray:
    """Return float32 values after all that was done to others of the same band; changed in place."""
    for doing, number in steps:
        _DOING[doing](values, np.float32(number))
    return values


def strays(steps: Sequence[Step]) -> tuple[float, ...]:
    """Return which numbers that programs write as fill would become of ``steps`` what is never measured."""
    if ("over", DIGITAL) not in steps:
        return ()  # of floats, any number may be far off
    gone = {number for doing, number in steps if doing == "without"}
    made = {value: float(redone(np.array([value], np.float32), steps)[0]) for value in fill.KNOWN if value not in gone}
    return tuple(value for value, number in made.items() if not fill.DARKEST <= number <= fill.BRIGHTEST)


def _without(values: np.ndarray, number: np.float32) -> None:
    values[values == number] = np.nan


_DOING: dict[str, Callable[[np.ndarray, np.float32], object]] = {
    "without": _without,
    "times": lambda values, number: np.multiply(values, number, out=values),
    "over": lambda values, number: np.divide(values, number, out=values),
    "plus": lambda values, number: np.add(values, number, out=values),
}


def readings(dates: Iterable[Date]) -> list[str]:
    """Return how the bands of both dates were read, once where it is the same."""
    first, second = (" ".join(one.said) for one in dates)
    return [f"Both dates: {first}"] if first == second else [f"T1: {first}", f"T2: {second}"]


def _unit_of(high: float) -> float:
    return REFLECTANCE if high <= _LEAST_PERCENT else PERCENT if high <= 110 else DIGITAL


def _without_fill(one: Date) -> None:
    """Make NaN of undeclared fill, and of pixels that are 0, or -1, in every one of three bands or more."""
    _without_zeros(one)
    found: dict[float, int] = {}
    unit = _unit_of(max((fill.inner_high(stored.values) for stored in one.bands.values()), default=0.0))
    for stored in one.bands.values():
        for value, count in fill.take_out(stored.values, unit):
            stored.steps.append(("without", value))
            found[value] = max(count, found.get(value, 0))
    for value, count in found.items():
        one.doubts.append(
            f"{one.name}: {count:,} pixels hold {_number(value)}, which no tag declares; they were taken as nodata."
        )


def _without_zeros(one: Date) -> None:
    if len(one.bands) < 3:
        return
    for value in EMPTY:  # integers of -1 are reflectance of -0.0001: black ground to whoever compares dates
        empty = np.logical_and.reduce([stored.values == value for stored in one.bands.values()])
        count = int(np.count_nonzero(empty))
        if not count:
            continue
        for stored in one.bands.values():
            stored.values[empty] = np.nan
        one.doubts.append(f"{one.name}: {count:,} pixels are {value} in every band; they were taken as nodata.")


def _look(stored: StoredBand) -> _Look:
    some = fill.sample(stored.values)
    some = some[np.isfinite(some) & (some != 0)]
    if not some.size:
        return _Look(math.nan, math.nan, math.nan, stored.integer)
    low, middle, high = (float(edge) for edge in np.percentile(some, (1, 50, 99)))
    whole = stored.integer or (bool((some == np.round(some)).all()) and high >= 2)
    return _Look(low, middle, high, whole)


def _convert(one: Date, looks: Mapping[str, _Look], other: Mapping[str, _Look]) -> None:
    """Convert every band of a date, those of one tag together."""
    words: dict[str, list[str]] = {}
    tags: dict[tuple[float, float], list[str]] = {}
    for band, stored in one.bands.items():
        tags.setdefault((stored.scale, stored.offset), []).append(band)
    for (scale, offset), names in tags.items():
        tagged = (scale, offset) != (1.0, 0.0)
        said = _by_tag(one, names, looks, scale, offset) if tagged else None
        if said is not None:
            words.setdefault(said, []).extend(names)
            continue
        for said, part in _untagged(one, names, looks, other).items():
            words.setdefault(said, []).extend(part)
    if len(words) == 1:
        one.said.append(next(iter(words)))
        return
    for said, part in words.items():
        one.said.append(f"{_listed(part)}: {said}")
    one.doubts.append(f"{one.name}: its bands are not stored alike; {' '.join(one.said)}")


def _by_tag(one: Date, names: list[str], looks: Mapping[str, _Look], scale: float, offset: float) -> str | None:
    """Convert bands by the scale and offset their file states, as far as these make sense; None where they do not."""
    measured = [looks[band] for band in names if not looks[band].empty]
    tag = f"a scale of {scale:g}" + (f" and an offset of {offset:g}" if offset else "")
    if not measured:
        return f"{tag} stated by the file was used."
    if not (math.isfinite(scale) and math.isfinite(offset) and scale > 0):
        one.doubts.append(f"{one.name}: {_listed(names)} state {tag}, which is no scale; it was left out.")
        return None
    ways = [(scale, offset, "")]
    if offset and abs(offset) >= 1 and scale != 1:
        ways.append((scale, offset * scale, ", the offset in digital numbers"))
    if offset:
        ways.append((scale, 0.0, ""))
    for way_scale, way_offset, how in ways:
        unit = _credible(measured, way_scale, way_offset)
        if unit is None:
            continue
        for band in names:
            one.bands[band].do("times", way_scale / unit)
            one.bands[band].do("plus", way_offset / unit)
        if not way_offset:
            one.digital.update(names)
        if offset and not way_offset:
            one.doubts.append(
                f"{one.name}: the offset of {offset:g} that {_listed(names)} state would make most of a band negative; "
                "it seems to be taken off already and was left out."
            )
            return f"scaled to reflectance by the scale of {scale:g} the file states."
        return f"scaled to reflectance by the scale and offset the file states{how}."
    one.doubts.append(
        f"{one.name}: {_listed(names)} state {tag}, from which no reflectance comes; the tag was not believed."
    )
    return None


def _credible(looks: list[_Look], scale: float, offset: float) -> float | None:
    """Return the unit that scaled numbers are in, None where they are in none that makes sense."""
    highs = [look.high * scale + offset for look in looks]
    middles = [look.middle * scale + offset for look in looks]
    unit = _unit_of(max(highs))
    if not _BLACK <= max(highs) / unit <= 2 or min(middles) / unit < _WRONGLY_DARK:
        return None
    return unit


def _untagged(
    one: Date, names: list[str], looks: Mapping[str, _Look], other: Mapping[str, _Look]
) -> dict[str, list[str]]:
    """Convert bands by their own numbers; returns how -> bands."""
    highest = max((look.high for look in (looks[band] for band in names) if not look.empty), default=0.0)
    words: dict[str, list[str]] = {}
    for band in names:
        unit, said = _unit(one, band, looks[band], highest, other.get(band))
        if unit != REFLECTANCE:
            one.bands[band].do("over", unit)
        if unit == DIGITAL:
            one.digital.add(band)
        words.setdefault(said, []).append(band)
    percent = [band for said, part in words.items() if "percent" in said for band in part]
    if percent:
        one.doubts.append(
            f"{one.name}: {_listed(percent)} reach {highest:.3g}, too much for reflectance and too little for digital "
            "numbers; read as percent."
        )
    return words


def _unit(one: Date, band: str, look: _Look, highest: float, other: _Look | None) -> tuple[float, str]:
    """Return what one reflectance is in a band's numbers, and the words for it."""
    integers = f"integers read as digital numbers, divided by {DN_PER_REFLECTANCE:,} to reflectance."
    floats = f"floats far above 1 read as digital numbers, divided by {DN_PER_REFLECTANCE:,} to reflectance."
    if one.bands[band].integer:
        if 100 < highest <= 255 and not _near(look, other, DIGITAL):
            raise InputError(_picture(one.name, highest))
        return DIGITAL, integers
    percent = _LEAST_PERCENT < highest <= 110 and look.high >= _LEAST_PERCENT / 10
    if look.empty or (look.high <= _LEAST_PERCENT and not look.whole and not percent):
        return REFLECTANCE, "values read as reflectance."
    if highest > 300 or _near(look, other, DIGITAL) or (look.whole and highest <= _LEAST_PERCENT):
        return DIGITAL, floats
    if highest <= 110:
        return PERCENT, "values read as percent, divided by 100 to reflectance."
    raise InputError(_picture(one.name, highest))


def _near(look: _Look, other: _Look | None, unit: float) -> bool:
    """Whether the same band of the other date holds numbers of this size and surely in this unit."""
    if other is None or other.empty or look.empty or _unit_of(other.high) != unit or other.high <= 300:
        return False
    return 0.1 <= look.high / other.high <= 10


def _picture(name: str, highest: float) -> str:
    return (
        f"{name} holds values up to {highest:.0f}, as 8-bit pictures do: neither reflectance (0 to 1) nor digital "
        "numbers (0 to 10,000). Give reflectance or 16-bit digital numbers, or state what they are by a scale "
        "(gdal_edit.py -scale 0.0001)."
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _number(value: float) -> str:
    return f"{value:.0f}" if value == round(value) and abs(value) < 1e9 else f"{value:g}"
