"""What counts now: of each reviewer the newest verdict on each item that they did not take back."""

from collections.abc import Iterable, Iterator

from app.review.records import DECISION, UNDONE, Verdict

Item = tuple[str, str, str, str]  # event, where it is, kind, subject

SAME_DEG = 2e-5  # two metres: what two rounded positions of one event may be apart
_CELL_DEG = 1e-4  # of the cells in which entries are looked for


def standing(entries: Iterable[Verdict]) -> dict[tuple[Item, str], Verdict]:
    """Return (item, reviewer) -> the verdict that counts, newest first, of entries as ``Reviews.all`` has them.

    An item is an event or a part of it, under whatever names inventories have it (see ``is_on``), and named as the
    newest entry names it. Without a place, as in Scarp's first edition, it is the event of that id in the inventory
    named. An entry that its reviewer took back does not count, so that the one before it counts again; what a third
    reviewer decided is no verdict of this kind (see ``decided``).
    """
    newest: dict[tuple[Item, str], Verdict] = {}
    for item, one in _with_items(entries):
        if one.role != DECISION:
            newest.setdefault((item, one.reviewer), one)
    return newest


def decided(entries: Iterable[Verdict]) -> dict[Item, Verdict]:
    """Return item -> the newest decision of a third reviewer that was not taken back; items as in ``standing``."""
    newest: dict[Item, Verdict] = {}
    for item, one in _with_items(entries):
        if one.role == DECISION:
            newest.setdefault(item, one)
    return newest


def not_taken_back(entries: Iterable[Verdict]) -> list[Verdict]:
    """Return the verdicts that their reviewers left standing, in their order."""
    every = tuple(entries)
    gone = {(one.undoes, one.reviewer) for one in every if one.verdict == UNDONE}
    return [one for one in every if one.verdict != UNDONE and (one.uid, one.reviewer) not in gone]


def _with_items(entries: Iterable[Verdict]) -> Iterator[tuple[Item, Verdict]]:
    met: dict[tuple[str, str, int, int], list[tuple[Verdict, str]]] = {}
    for one in not_taken_back(entries):
        if one.latitude is None or one.longitude is None:
            yield (one.event, one.inventory, one.kind, one.subject), one
            continue
        row, column = round(one.latitude / _CELL_DEG), round(one.longitude / _CELL_DEG)
        around = [(row + y, column + x) for y in (0, -1, 1) for x in (0, -1, 1)]
        near = (each for cell in around for each in met.get((one.kind, one.subject, *cell), ()))
        first, where = next((each for each in near if _is_same(each[0], one)), (one, ""))
        if not where:
            where = f"{one.latitude:.5f},{one.longitude:.5f}"
            met.setdefault((one.kind, one.subject, row, column), []).append((one, where))
        yield (first.event, where, one.kind, one.subject), one


def _is_same(first: Verdict, other: Verdict) -> bool:
    """Whether two entries with places are on one event (see ``is_on``), but for rounding."""
    apart = abs((first.latitude or 0) - (other.latitude or 0)), abs((first.longitude or 0) - (other.longitude or 0))
    named = first.event == other.event or (bool(first.event_date) and first.event_date == other.event_date)
    return named and max(apart) < SAME_DEG
