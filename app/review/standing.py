"""What counts now: of each reviewer the newest verdict on each item that they did not take back."""

from collections.abc import Iterable

from app.review.records import UNDONE, Verdict

Item = tuple[str, str, str, str]  # event, where it is, kind, subject

_SAME_DEG = 2e-5  # two metres: what two rounded positions of one event may be apart


def standing(entries: Iterable[Verdict]) -> dict[tuple[Item, str], Verdict]:
    """Return (item, reviewer) -> the verdict that counts, newest first, of entries as ``Reviews.all`` has them.

    An item is an event by its id and place, under whatever name of the inventory, or a part of it; without a place, as
    in Scarp's first edition, it is the event of that id in the inventory named. An entry that its reviewer took back
    does not count, so that the one before it counts again.
    """
    newest: dict[tuple[Item, str], Verdict] = {}
    places: dict[tuple[str, str, str], list[tuple[float, float]]] = {}
    for one in not_taken_back(entries):
        met = places.setdefault((one.event, one.kind, one.subject), [])
        newest.setdefault(((one.event, _where(one, met), one.kind, one.subject), one.reviewer), one)
    return newest


def not_taken_back(entries: Iterable[Verdict]) -> list[Verdict]:
    """Return the verdicts that their reviewers left standing, in their order."""
    every = tuple(entries)
    gone = {(one.undoes, one.reviewer) for one in every if one.verdict == UNDONE}
    return [one for one in every if one.verdict != UNDONE and (one.uid, one.reviewer) not in gone]


def _where(verdict: Verdict, met: list[tuple[float, float]]) -> str:
    """Return where an item is: the first place met that is the same but for rounding, or else its inventory."""
    if verdict.latitude is None or verdict.longitude is None:
        return verdict.inventory
    here = verdict.latitude, verdict.longitude
    found = next((one for one in met if all(abs(a - b) < _SAME_DEG for a, b in zip(one, here, strict=True))), None)
    if found is None:
        met.append(here)
    latitude, longitude = found or here
    return f"{latitude:.5f},{longitude:.5f}"
