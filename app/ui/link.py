"""The address of a page: choices read from it, choices written to it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from math import isfinite
from urllib.parse import quote, unquote

import streamlit as st

from app import bands, compositions, contrast
from app.detection import methods
from app.errors import InputError, MethodError
from app.listing import DOUBTS
from app.sources import SOURCES
from app.ui import keys, state
from app.ui.scoring.parts import PARTS

MOST_SCORED = 12  # methods scored at once
LEFT_OUT = "left-out"  # doubtful truth, in a link


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
    from app.detection.models import is_name

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
    return [_text(unquote(part, errors="strict")) for part in text.split(",") if part][:50]


def _quoted(values: list[str]) -> str:
    return ",".join(quote(value, safe=" ") for value in values)


def _years(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    span = int(first), int(last or first)
    if not 1 <= span[0] <= span[1] <= 9999:
        raise ValueError("give two years, the earlier first, such as 2016-2020")
    return span


def _text(text: str) -> str:
    if len(text) > 200:
        raise ValueError("it is too long")
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
    keys.RESOLUTION: _Parameter(_number(0.00001, 0.0005)),
    keys.BANDS: _Parameter(_bands, _words),
    keys.CATALOGUE: _Parameter(_catalogue),
    keys.COMPOSITION: _Parameter(_composition),
    keys.STRETCH: _Parameter(_stretch),
    keys.CHANGE: _Parameter(_change),
    keys.MODE: _Parameter(_one_of("side", "swipe", "blink", "opacity")),
    keys.METHODS: _Parameter(_methods(6), _words),
    keys.MIN_AREA: _Parameter(_number(0, 1e6)),
    keys.OPENING: _Parameter(_whole(0, 5)),
    keys.REGION: _Parameter(_one_of("whole", "box")),
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
}


def adopt() -> None:
    """Take over the choices of an address that somebody opened, typed or went back to.

    A value that cannot be used is left out with a note; the page still opens.
    """
    address = st.query_params.to_dict()
    if not address or address == st.session_state.get(keys.LINK):
        return
    for name, text in address.items():
        parameter = PARAMETERS.get(name)
        if parameter is None:
            continue
        try:
            st.session_state[name] = parameter.parse(text)
        except ValueError as error:
            note(f"The link's `{name}` was ignored: {error}.")


def publish(names: tuple[str, ...]) -> None:
    """Write the session's choices among ``names`` into the address, those left at their default out."""
    address = {
        name: PARAMETERS[name].show(st.session_state[name])
        for name in names
        if st.session_state.get(name) not in (None, "", [], state.DEFAULTS.get(name))
    }
    if address != st.query_params.to_dict():
        st.query_params.from_dict(address)
    st.session_state[keys.LINK] = address


def note(sentence: str) -> None:
    """Keep a sentence for the frame to show once."""
    st.session_state.setdefault(keys.NOTES, []).append(sentence)


def take_notes() -> list[str]:
    """Return and forget the sentences kept."""
    return st.session_state.pop(keys.NOTES, [])
