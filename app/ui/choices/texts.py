"""How a link says a choice: texts read, each checked as it is read, and written.

What reads a text raises ValueError with the reason where it says nothing that can be chosen.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from math import isfinite
from urllib.parse import quote, unquote

from app import bands
from app.detection import methods
from app.errors import InputError, MethodError
from app.grid import BBox
from app.pictures import compositions, contrast

Place = tuple[float, float, date | None] | tuple[float, float, date, date]  # latitude, longitude, day or first and last

OFF, ON = "off", "on"
MEASURED = "measured"  # of light: as it came
_LEFT_OUT = "left-out"  # doubtful truth
_CORRECTED = "corrected"  # truth
_MOST_PHRASES = 50
_MOST_CHARACTERS = 200


def text(said: str) -> str:
    """Return a text as it stands, unless it is too long or cannot be shown."""
    if len(said) > _MOST_CHARACTERS:
        raise ValueError("it is too long")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in said):
        raise ValueError("it holds characters that cannot be shown")
    return said


def one_of(*allowed: str) -> Callable[[str], str]:
    """Return what reads one of a few names."""

    def parse(said: str) -> str:
        if said not in allowed:
            raise ValueError(f"choose from {', '.join(allowed)}")
        return said

    return parse


def token(said: str) -> str:
    """Return a name made of what is kept on one machine: twelve letters and digits."""
    if not re.fullmatch(r"[0-9a-f]{12}", said):
        raise ValueError("it is no name of anything kept")
    return said


def day(said: str) -> date:
    """Return a day; raises ValueError with the reason."""
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise ValueError("it has to be a day, such as 2023-02-06") from None


def number(low: float, high: float) -> Callable[[str], float]:
    """Return what reads a number from ``low`` to ``high``."""

    def parse(said: str) -> float:
        try:
            value = float(said)
        except ValueError:
            raise ValueError(f"it has to be a number from {low:,} to {high:,}") from None
        if not (isfinite(value) and low <= value <= high):
            raise ValueError(f"it has to lie between {low:,} and {high:,}")
        return value

    return parse


def whole(low: int, high: int) -> Callable[[str], int]:
    """Return what reads a whole number from ``low`` to ``high``."""

    def parse(said: str) -> int:
        try:
            value = int(said)
        except ValueError:
            raise ValueError(f"it has to be a whole number from {low:,} to {high:,}") from None
        if not low <= value <= high:
            raise ValueError(f"it has to lie between {low:,} and {high:,}")
        return value

    return parse


def progress(said: str) -> str:
    """Return which steps of lessons are done, those there are not left out."""
    from app.lessons import course

    return course.show_progress(course.read_progress(text(said)))


def quiz(said: str) -> str:
    """Return what stands for a quiz in a link, checked to be whole; empty for none."""
    from app.lessons import linked

    if not said:
        return said
    try:
        linked.read(said)
    except InputError as error:
        raise ValueError(str(error).rstrip(".")) from error
    return said


def questions(said: str) -> str:
    """Return the questions of a quiz that is being made."""
    from app.lessons import linked

    try:
        return linked.show(linked.parse(said))
    except InputError as error:
        raise ValueError(str(error).rstrip(".")) from error


def short(value: float) -> str:
    """Write a number in four digits."""
    return f"{value:.4g}"


def joined(names: Iterable[str]) -> str:
    """Write names that hold no comma."""
    return ",".join(names)


def phrases(said: str) -> list[str]:
    """Return the words of a list in which each was quoted, so that none can hold the comma between them."""
    return [text(unquote(part, errors="strict")) for part in said.split(",") if part][:_MOST_PHRASES]


def quoted(values: list[str]) -> str:
    """Write words as ``phrases`` reads them."""
    return ",".join(quote(value, safe=" ", errors="replace") for value in values)


# --- the patch and its pictures ----------------------------------------------------------


def band_names(said: str) -> list[str]:
    """Return names of bands, each canonical."""
    try:
        return list(bands.parse(said))
    except InputError as error:
        raise ValueError(str(error)) from error


def catalogue_name(said: str) -> str:
    """Return the name of a catalogue of the source stac."""
    from app.sources.stac_catalogue import catalogue

    try:
        return catalogue(said).name
    except InputError as error:
        raise ValueError(str(error)) from error


def composition(said: str) -> str:
    """Return a composition's canonical name."""
    try:
        return compositions.parse(said).name
    except InputError as error:
        raise ValueError(str(error)) from error


def stretch(said: str) -> str:
    """Return a contrast's canonical name."""
    try:
        return str(contrast.parse(text(said)))
    except InputError as error:
        raise ValueError(str(error)) from error


def change(said: str) -> str:
    """Return the band or index whose difference is shown."""
    try:
        return compositions.change_of(said)
    except InputError as error:
        raise ValueError(str(error)) from error


def followed(said: str) -> str:
    """Return the band or index that is followed over the years."""
    from app.series import values

    try:
        return values.named(text(said))
    except InputError as error:
        raise ValueError(str(error)) from error


# --- methods and what they are scored on -------------------------------------------------


def method(said: str) -> str:
    """Return a method's canonical name; refuses one a page may not run, such as a file's path."""
    try:
        parsed = methods.parse(text(said))
        methods.runner(parsed)
    except MethodError as error:
        raise ValueError(str(error)) from error
    target = methods.KINDS[parsed.kind].target
    if (target == "network" and not _is_network_name(parsed.target)) or (
        target == "file" and not _is_collection_name(parsed.target)
    ):
        raise ValueError("a page runs what lies in files by its name only, never a file's path")
    return str(parsed)


def some_methods(most: int) -> Callable[[str], list[str]]:
    """Return what reads a list of methods, each once and the first ``most`` of them."""
    return lambda said: list(dict.fromkeys(method(part) for part in said.split(",")))[:most]


def _is_network_name(said: str) -> bool:
    from app.detection.network.registry import is_name

    return is_name(said)


def _is_collection_name(said: str) -> bool:
    from app.detection.elsewhere.collections import is_name

    return is_name(said)


def data(said: str) -> str:
    """Return which data are scored: the event's, those with outlines, made ones, those of a folder, or a test set's."""
    if not re.fullmatch(r"event|outlines|simulated|folder|masks|set-[a-z0-9]{1,30}", said):
        raise ValueError("choose event, outlines, simulated, folder, masks or set- with a test set's name")
    return said


def doubt(said: str) -> bool:
    """Return whether events with doubtful truth are left out; that they are not is said by silence."""
    if said != _LEFT_OUT:
        raise ValueError(f"it can only be {_LEFT_OUT}")
    return True


def show_doubt(left_out: bool) -> str:
    """Write what ``doubt`` reads; empty where no event is left out."""
    return _LEFT_OUT if left_out else ""


def corrected(said: str) -> bool:
    """Return whether outlines that reviewers corrected replace the labels; that they do not is said by silence."""
    if said != _CORRECTED:
        raise ValueError(f"it can only be {_CORRECTED}")
    return True


def show_corrected(chosen: bool) -> str:
    """Write what ``corrected`` reads; empty where labels count as they are."""
    return _CORRECTED if chosen else ""


# --- events ------------------------------------------------------------------------------


def years(said: str) -> tuple[int, int]:
    """Return the first and the last year."""
    first, _, last = said.partition("-")
    try:
        span = int(first), int(last or first)
    except ValueError:
        span = 0, 0
    if not 1 <= span[0] <= span[1] <= 9999:
        raise ValueError("give two years, the earlier first, such as 2016-2020")
    return span


def show_years(span: tuple[int, int]) -> str:
    """Write what ``years`` reads."""
    return f"{span[0]}-{span[1]}"


def area(said: str) -> BBox:
    """Return a box on the map: west, south, east and north in degrees."""
    parts = said.split(",")
    if len(parts) != 4:
        raise ValueError("give west, south, east and north in degrees, with commas between them")
    (west, east), (south, north) = map(number(-180, 180), parts[::2]), map(number(-90, 90), parts[1::2])
    if not (west < east and south < north):
        raise ValueError("give west before east and south before north")
    return west, south, east, north


def show_area(box: BBox) -> str:
    """Write what ``area`` reads."""
    return ",".join(map(str, box))


def place(said: str) -> Place:
    """Return where an event is and when it was, as far as its day or days are known."""
    position, when = said.split(",")[:2], said.split(",")[2:]
    if len(position) < 2 or len(when) > 2:
        raise ValueError("give latitude, longitude and, where they are known, a date or the first and the last")
    at = number(-90, 90)(position[0]), number(-180, 180)(position[1])
    days = list(map(day, when))
    if days != sorted(set(days)):
        raise ValueError("give the first day before the last")
    if len(days) == 2:
        return *at, days[0], days[1]
    return *at, days[0] if days else None


def show_place(at: Place) -> str:
    """Write what ``place`` reads."""
    return ",".join(str(part) for part in at if part is not None)
