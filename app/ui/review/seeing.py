"""What a reviewer has before them: the event, the pair of images and how they are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from app import patches
from app.errors import ReviewError, ScarpError
from app.files import digest
from app.review import NAME_LENGTH, Seen
from app.ui import cached, choices, chosen_patch, link, state, words

if TYPE_CHECKING:
    import xarray as xr

    from app.inventory import Event
    from app.patches import PatchSpec

PAGE = "pages/review.py"
BY_LINK = "The link"  # the name that state.use_place gives
_WAY_THERE = (choices.QUEUE, choices.SEED)  # how a reviewer came to an event is no part of what they saw


def seen_now(spec: PatchSpec, patch: xr.Dataset, composition: str, stretch: str) -> Seen:
    """Return what the reader has before them, as a verdict on it is kept."""
    event = subject()
    own = cached.source_info(spec.source).event is not None
    days = zip(patches.dates(patch), (spec.t1, spec.t2), strict=True)
    t1, t2 = (str(asked) if held == "NaT" else held for held, asked in days)
    return Seen(
        inventory=inventory_name(spec),
        event=event.id,
        source=spec.source,
        t1=t1,
        t2=t2,
        simulated=patches.is_simulated(patch),
        latitude=event.latitude,
        longitude=event.longitude,
        event_date=str(event.date or ""),
        inventory_id=spec.source if own else state.inventory().identity,
        composition=composition,
        stretch=stretch,
        link=_link(),
    )


def subject() -> Event:
    """Return the event that is judged; raises ReviewError without one."""
    found = chosen_patch.subject()
    if found is None:
        raise ReviewError("No event is chosen, so there is nothing to judge. Choose one in the inventory.")
    return found


def inventory_name(spec: PatchSpec) -> str:
    """Return what the verdicts are kept under: the inventory, or the source where it has a place of its own."""
    info = cached.source_info(spec.source)
    return (info.title if info.event is not None else state.inventory().name)[:NAME_LENGTH]


def named(seen: Seen) -> str:
    """Return what a verdict is kept under, as Markdown."""
    of = f"event **{words.plain(seen.event)}** of **{words.plain(seen.inventory)}**"
    if seen.inventory == BY_LINK:
        of += ", whose inventory is not here"
    elif seen.inventory_id == seen.source:
        of = f"**{words.plain(seen.inventory)}**, which has a place of its own"
    parts = [
        of,
        f"{seen.latitude:.5f}, {seen.longitude:.5f}",
        seen.event_date or "date not known",
        f"T1 {seen.t1}, T2 {seen.t2}",
        seen.source + (", SIMULATED" if seen.simulated else ""),
    ]
    return " · ".join(parts)


def place_of(seen: Seen) -> str:
    """Return what names the event judged in the keys of widgets: what is typed on it stays with it."""
    return short(seen.event, seen.latitude, seen.longitude)


def patch_of(seen: Seen) -> str:
    """Return what names the pair judged in the keys of buttons: a press of one that showed another keeps nothing."""
    shown = seen.inventory, seen.inventory_id, seen.event, seen.latitude, seen.longitude, seen.event_date
    return short(*shown, seen.source, seen.t1, seen.t2, seen.simulated)


def chosen_now() -> str:
    """Return what names what is chosen, before it is opened; empty where nothing is."""
    try:
        spec, event = chosen_patch.spec(), chosen_patch.subject()
    except ScarpError:
        return ""
    if spec is None or event is None:
        return ""
    return short(spec.key, inventory_name(spec), event.id, event.latitude, event.longitude, str(event.date or ""))


def short(*parts: object) -> str:
    """Return a few letters that follow from the parts."""
    return digest(repr(parts))[:12]


def _link() -> str:
    carried = [name for name in choices.CARRIED[PAGE] if name not in _WAY_THERE]
    return f"?{urlencode(link.address_of(tuple(carried)))}"
