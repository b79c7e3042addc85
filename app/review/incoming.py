"""Entries of a file beside those of the database: what is new, what is known, and what says something else here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from app.review.records import Verdict


@dataclass(frozen=True)
class Conflict:
    """One name that stands for two entries: as the file has it, and as it is here."""

    theirs: Verdict
    ours: Verdict

    @property
    def uid(self) -> str:
        """The name."""
        return self.ours.uid

    @property
    def apart(self) -> dict[str, tuple[object, object]]:
        """What differs: field -> the file's value and the one here."""
        names = [one.name for one in fields(Verdict) if one.compare]
        both = {name: (getattr(self.theirs, name), getattr(self.ours, name)) for name in names}
        return {name: values for name, values in both.items() if values[0] != values[1]}


@dataclass(frozen=True)
class Sorted:
    """What a file holds beside what the database holds already."""

    new: list[Verdict]
    known: int
    conflicts: list[Conflict]


def beside(entries: Sequence[Verdict], here: Sequence[Verdict]) -> Sorted:
    """Sort the entries of a file by what the database says under their names; of a name twice the first counts.

    A file of a Scarp before 0.8 has no names and times in whole seconds: its entries are known where one of the
    same second says the same.
    """
    held, said = {one.uid: one for one in here}, {_said(one) for one in here}
    new: list[Verdict] = []
    known, conflicts = 0, []
    for one in entries:
        there = held.get(one.uid)
        if there is not None and there != one:
            conflicts.append(Conflict(one, there))
        elif there is not None or (_is_of_whole_second(one) and _said(one) in said):
            known += 1
        else:
            held[one.uid] = one
            new.append(one)
    return Sorted(new, known, conflicts)


def _is_of_whole_second(one: Verdict) -> bool:
    return one.made_at is not None and not one.made_at.microsecond


def _said(one: Verdict) -> tuple[object, ...]:
    when: datetime | None = one.made_at.replace(microsecond=0) if one.made_at else None
    return when, one.reviewer, one.inventory, one.event, one.verdict, one.note, one.source, one.t1, one.t2
