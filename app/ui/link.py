"""The address of a page: choices read from it, choices written to it."""

import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from app.lessons.refusal import Refusal
from app.lessons.words import ENGLISH, said
from app.ui import choices, chosen_patch, keys, notes, spoken, state
from app.ui.choices.texts import Place

_LATE_S = 1.5  # how long a browser may still send the address it had before
_PRESSED_S = 60.0  # and where a press came with it: a busy browser shows what the presses before made much later
_MOST_LATE = 100
_OF_DATES = (
    choices.T1, choices.T2, choices.T1_FROM, choices.T2_TO, choices.FOLLOW_FROM, choices.FOLLOW_TO,
)  # fmt: skip
_OF_PLACE = frozenset((choices.PLACE, choices.LIST, choices.T1, choices.T2))  # said where a reader lacks the inventory


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
            st.session_state[name] = choices.DEFAULTS.get(name)
    anew = {
        name: text for name, text in address.items() if text not in (known.get(name), *(one.get(name) for one in late))
    }
    if choices.EVENT in anew and st.session_state.get(choices.EVENT) not in (None, anew[choices.EVENT]):
        state.choose_event(None)  # the dates of the one before are not this one's
        anew |= {name: address[name] for name in _OF_DATES if name in address}
    if choices.PLACE in anew:
        anew |= {choices.LIST: address.get(choices.LIST, "")}  # what another link said holds no more
    at = _adopt_each(anew)
    event = st.session_state.get(choices.EVENT)
    if at is not None and event is not None:
        if state.use_pair(event):
            _adopt_each({name: anew[name] for name in _OF_DATES if name in anew})  # choosing it took its usual dates
        elif state.use_place(event, at):
            notes.add(_not_here(event))
    if choices.EVENT in anew:
        state.resume_dates()


def _not_here(event: str) -> str:
    """Return what the reader of a link is told whose inventory is not in use here."""
    shown, name = "the place and the dates of the link are shown", st.session_state.get(choices.LIST)
    if not name:
        return f"Event {event} is not in the inventory in use: {shown}."
    return f"Event {event} is outlined in {name}, which is not in use here: {shown}. Bring {name} to see its outline."


def _adopt_each(texts: dict[str, str]) -> Place | None:
    """Take over each usable choice; returns the place of the event where one is given."""
    at = None
    for name, text in texts.items():
        if name not in choices.TABLE:
            continue
        try:
            value = choices.TABLE[name].parse(text)
        except ValueError as error:
            notes.add(_ignored(name, error, spoken.asked(st.session_state.get(keys.PAGE, ""))))
            continue
        if name == choices.PLACE:
            at = value
        else:
            st.session_state[name] = value
    return at


def _ignored(name: str, error: ValueError, language: str) -> str:
    """Return what is told of a value that cannot be used: why not, where the language has words for it."""
    cause = error.__cause__
    if language != ENGLISH and not isinstance(cause, Refusal):
        return said("refused", "link_odd", language=language).format(name=name)
    reason = cause.told(language) if isinstance(cause, Refusal) else str(error)
    return said("refused", "link", language=language).format(name=name, reason=reason.rstrip("."))


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
    chosen, usual = {name: st.session_state.get(name) for name in names}, dict(choices.DEFAULTS)
    place, own = (state.place() if choices.EVENT in names else None), state.event()
    if place is None and own is not None:
        usual |= {choices.T1: own.t1, choices.T2: own.t2}  # the Patches page chooses them for everybody who looks at it
    elif place is not None:
        chosen.update({choices.PLACE: place, choices.LIST: state.outlined_in()})
        chosen.update(dict(zip((choices.T1, choices.T2), chosen_patch.event_dates(), strict=True)))
    return {
        name: choices.TABLE[name].show(value)
        for name, value in chosen.items()
        if value not in (None, "", [], usual.get(name))
    }


def addresses(pages: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return ``address_of`` the choices of each of several pages, every choice put into words once."""
    with_event = [page for page in pages if choices.EVENT in choices.CARRIED[page]]
    names = {name for page in with_event for name in choices.CARRIED[page]}
    every = address_of(tuple(name for name in choices.TABLE if name in names))
    of_place = _OF_PLACE if choices.PLACE in every else frozenset()
    return {
        page: {name: text for name, text in every.items() if name in of_place or name in choices.CARRIED[page]}
        if page in with_event else address_of(choices.CARRIED[page])
        for page in pages
    }  # fmt: skip


def overrule(name: str) -> None:
    """Take what the address says of a choice as told already: a press has set it otherwise, and that counts."""
    said = st.query_params.get(name)
    if said is not None:
        st.session_state[keys.LINK] = {**(st.session_state.get(keys.LINK) or {}), name: said}


def query(page: str) -> str:
    """Return the session's choices as the end of a page's address: what a file that is taken away says of its view."""
    return f"{page.removesuffix('.py').rpartition('/')[2]}?{urlencode(address_of(choices.CARRIED[page]))}"


def count_as_published(name: str) -> None:
    """Count a choice as written into the address: the browser has done so itself."""
    published = st.session_state.get(keys.LINK)
    if published is None:
        return
    published.pop(name, None)
    value = st.session_state[name]
    if value not in (None, choices.DEFAULTS.get(name)):
        published[name] = choices.TABLE[name].show(value)


def to_page(path: str, label: str, address: dict[str, str] | None = None, **looks: Any) -> None:
    """Draw a link to a page whose address holds the session's choices; ``looks`` are those of ``st.page_link``.

    ``address`` is the page's of ``addresses``, where several are drawn.
    """
    said = address_of(choices.CARRIED[path]) if address is None else address
    st.page_link(path, label=label, query_params=said or None, **looks)


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
