"""The address of a page: choices read from it, choices written to it."""

import re
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from math import isfinite
from urllib.parse import quote, unquote

import streamlit as st

from app import bands
from app.detection import methods
from app.errors import InputError, MethodError
from app.grid import THESIS_RESOLUTION_DEG
from app.inventory.browse import DOUBTS
from app.pictures import compositions, contrast
from app.sources import SOURCES
from app.ui import keys, state, viewer
from app.ui.metrics.parts import PARTS

MOST_SCORED = 12  # methods scored at once
LEFT_OUT = "left-out"  # doubtful truth, in a link
_MOST_PHRASES = 50
_LATE_S = 1.5  # how long a browser may still send the address it had before
_PRESSED_S = 60.0  # and where a press came with it: a busy browser shows what the presses before made much later
_MOST_LATE = 100


def _one_of(*allowed: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"choose from {', '.join(allowed)}")
        return text

    return parse


def _number(low: float, high: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        value = float(text)
        if not (isfinite(value) and low <= value <= high):
            raise ValueError(f"it has to lie between {low} and {high}")
        return value

    return parse


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not low <= int(text) <= high:
            raise ValueError(f"it has to lie between {low} and {high}")
        return int(text)

    return parse


def _bands(text: str) -> list[str]:
    try:
        return list(bands.parse(text))
    except InputError as error:
        raise ValueError(str(error)) from error


def _composition(text: str) -> str:
    try:
        return compositions.parse(text).name
    except InputError as error:
        raise ValueError(str(error)) from error


def _stretch(text: str) -> str:
    try:
        return str(contrast.parse(_text(text)))
    except InputError as error:
        raise ValueError(str(error)) from error


def _change(text: str) -> str:
    try:
        return compositions.change_of(text)
    except InputError as error:
        raise ValueError(str(error)) from error


def _catalogue(text: str) -> str:
    from app.sources.stac_catalogue import catalogue

    try:
        return catalogue(text).name
    except InputError as error:
        raise ValueError(str(error)) from error


def method(text: str) -> str:
    """Return a method's canonical name; raises ValueError for one a page may not run, such as a file's path."""
    try:
        parsed = methods.parse(_text(text))
        methods.runner(parsed)
    except MethodError as error:
        raise ValueError(str(error)) from error
    if methods.KINDS[parsed.kind].target == "model" and not _is_model_name(parsed.target):
        raise ValueError("a page runs networks by their name only, never a file's path")
    return str(parsed)


def _is_model_name(text: str) -> bool:
    from app.detection.network.registry import is_name

    return is_name(text)


def _methods(most: int) -> Callable[[str], list[str]]:
    return lambda text: list(dict.fromkeys(method(part) for part in text.split(",")))[:most]


def _data(text: str) -> str:
    if not re.fullmatch(r"event|simulated|folder|masks|set-[a-z0-9]{1,30}", text):
        raise ValueError("choose event, simulated, folder, masks or set- with a test set's name")
    return text


def _doubt(text: str) -> bool:
    if text != LEFT_OUT:
        raise ValueError(f"it can only be {LEFT_OUT}")
    return True


def _words(values: list[str]) -> str:
    return ",".join(values)


def _phrases(text: str) -> list[str]:
    """Return the words of a list in which each was quoted, so that none can hold the comma between them."""
    return [_text(unquote(part, errors="strict")) for part in text.split(",") if part][:_MOST_PHRASES]


def _quoted(values: list[str]) -> str:
    return ",".join(quote(value, safe=" ", errors="replace") for value in values)


def _years(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    span = int(first), int(last or first)
    if not 1 <= span[0] <= span[1] <= 9999:
        raise ValueError("give two years, the earlier first, such as 2016-2020")
    return span


def _place(text: str) -> state.Place:
    latitude, longitude, *when = text.split(",")
    position = _number(-90, 90)(latitude), _number(-180, 180)(longitude)
    if len(when) > 2:
        raise ValueError("give latitude, longitude and, where they are known, a date or the first and the last")
    days = list(map(date.fromisoformat, when))
    if days != sorted(set(days)):
        raise ValueError("give the first day before the last")
    return *position, *(days or [None])


def _at(place: state.Place) -> str:
    return ",".join(str(part) for part in place if part is not None)


def _text(text: str) -> str:
    if len(text) > 200:
        raise ValueError("it is too long")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise ValueError("it holds characters that cannot be shown")
    return text


@dataclass(frozen=True)
class _Parameter:
    parse: Callable[[str], object]  # raises ValueError with the reason
    show: Callable[[object], str] = str


PARAMETERS: dict[str, _Parameter] = {
    keys.EVENT: _Parameter(_text),
    keys.SOURCE: _Parameter(_one_of(*SOURCES)),
    keys.T1: _Parameter(date.fromisoformat),
    keys.T2: _Parameter(date.fromisoformat),
    keys.BUFFER: _Parameter(_number(0.002, 0.05)),
    keys.RESOLUTION: _Parameter(_number(THESIS_RESOLUTION_DEG, 0.0005)),
    keys.BANDS: _Parameter(_bands, _words),
    keys.CATALOGUE: _Parameter(_catalogue),
    keys.COMPOSITION: _Parameter(_composition),
    keys.STRETCH: _Parameter(_stretch),
    keys.CHANGE: _Parameter(_change),
    **{name: _Parameter(*both) for name, both in viewer.CHOICES.items()},
    keys.METHODS: _Parameter(_methods(6), _words),
    keys.MIN_AREA: _Parameter(_number(0, 1e6)),
    keys.OPENING: _Parameter(_whole(0, 5)),
    keys.REGION: _Parameter(_one_of("whole", "box")),
    keys.OPEN_METHOD: _Parameter(_whole(0, 5)),
    keys.PLACE: _Parameter(_place, _at),
    keys.FIND: _Parameter(_text),
    keys.CATEGORY: _Parameter(_phrases, _quoted),
    keys.ORIGIN: _Parameter(_phrases, _quoted),
    keys.YEARS: _Parameter(_years, lambda span: f"{span[0]}-{span[1]}"),
    keys.WARNINGS: _Parameter(_one_of(*DOUBTS)),
    keys.DATA: _Parameter(_data),
    keys.SCORED: _Parameter(_methods(MOST_SCORED), _words),
    keys.COUNT: _Parameter(_whole(1, 500)),
    keys.DOUBT: _Parameter(_doubt, lambda _: LEFT_OUT),
    keys.PART: _Parameter(_one_of(*PARTS)),
    keys.CELL: _Parameter(_text),
    keys.BY: _Parameter(method),
}


def adopt(carries: tuple[str, ...] = ()) -> None:
    """Take over what an address says anew: one that somebody opened, typed or went back to.

    What stood in it already is left to the session, where a press may just have changed it. A
    choice that has gone from the address is at its default again; ``carries`` names those the
    page has there. A value that cannot be used is left out with a note; the page still opens.
    """
    address = st.query_params.to_dict()
    if not address:
        return
    known, late = st.session_state.get(keys.LINK) or {}, _late()
    for name in carries:
        if name in known and name not in address and all(name in one for one in late):
            st.session_state[name] = state.DEFAULTS.get(name)
    anew = {
        name: text for name, text in address.items() if text not in (known.get(name), *(one.get(name) for one in late))
    }
    if keys.EVENT in anew and st.session_state.get(keys.EVENT) not in (None, anew[keys.EVENT]):
        state.choose_event(None)  # the dates of the one before are not this one's
        anew |= {name: address[name] for name in (keys.T1, keys.T2) if name in address}
    at = _adopt_each(anew)
    event = st.session_state.get(keys.EVENT)
    if at is not None and event is not None and state.use_place(event, at):
        note(f"Event {event} is not in the inventory in use: the place and the dates of the link are shown.")
    if keys.EVENT in anew:
        state.resume_dates()


def _adopt_each(texts: dict[str, str]) -> state.Place | None:
    """Take over each usable choice; returns the place of the event where one is given."""
    at = None
    for name, text in texts.items():
        if name not in PARAMETERS:
            continue
        try:
            value = PARAMETERS[name].parse(text)
        except ValueError as error:
            note(f"The link's `{name}` was ignored: {error}.")
            continue
        if name == keys.PLACE:
            at = value
        else:
            st.session_state[name] = value
    return at


def publish(names: tuple[str, ...]) -> None:
    """Write the session's choices among ``names`` into the address, those left at their default out.

    Of an event of the reader's own inventory, place and dates go along: who opens the link lacks the file.
    """
    address, before = address_of(names), st.query_params.to_dict()
    if address != before:
        st.query_params.from_dict(address)
        shown, now = st.session_state.get(keys.LINK) or {}, time.monotonic()
        st.session_state[keys.LATE] = [*_recent(_PRESSED_S), (before, now), (shown, now)][-_MOST_LATE:]
    st.session_state[keys.LINK], st.session_state[keys.LINKED] = address, names


def address_of(names: tuple[str, ...]) -> dict[str, str]:
    """Return what ``publish`` writes: the session's choices among ``names`` as texts, defaults left out."""
    chosen, usual = {name: st.session_state.get(name) for name in names}, dict(state.DEFAULTS)
    place, own = (state.place() if keys.EVENT in names else None), state.event()
    if place is None and own is not None:
        usual |= {keys.T1: own.t1, keys.T2: own.t2}  # the Patches page chooses them for everybody who looks at it
    elif place is not None:
        chosen.update({keys.PLACE: place, **dict(zip((keys.T1, keys.T2), state.event_dates(), strict=True))})
    return {
        name: PARAMETERS[name].show(value)
        for name, value in chosen.items()
        if value not in (None, "", [], usual.get(name))
    }


def to_page(path: str, label: str, **looks: object) -> None:
    """Draw a link to a page whose address holds the session's choices; ``looks`` are those of ``st.page_link``."""
    st.page_link(path, label=label, query_params=address_of(keys.CARRIED[path]) or None, **looks)


def _late() -> list[dict[str, str]]:
    """Return what stood in the address before each of the last choices, as long as a browser may still send that."""
    return [address for address, _ in _recent(_PRESSED_S if _pressed() else _LATE_S)]


def _pressed() -> bool:
    """Whether a choice is another one than was published: who goes back in the browser presses nothing on the page."""
    known = st.session_state.get(keys.LINK)
    return known is not None and known != address_of(st.session_state.get(keys.LINKED) or ())


def _recent(seconds: float) -> list[tuple[dict[str, str], float]]:
    now = time.monotonic()
    return [one for one in st.session_state.get(keys.LATE) or [] if now - one[1] < seconds]


def note(sentence: str) -> None:
    """Keep a sentence for the frame to show once."""
    st.session_state.setdefault(keys.NOTES, []).append(sentence)


def take_notes() -> list[str]:
    """Return and forget the sentences kept."""
    return st.session_state.pop(keys.NOTES, [])
