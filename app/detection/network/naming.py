"""What the names of a network's inputs say of the dates they take."""

import re

from app.detection.network.contract import DATES

_BEFORE, _AFTER = {"pre", "before", "prior", "earlier", "old", "past"}, {"post", "after", "later", "new"}
_TOGETHER = {"pair", "pairs", "both", "stack", "stacked", "bitemporal"}


def in_time_order(names: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
    """Return two input names with T1's first, and whether the names themselves tell; others as they are, and False.

    Words tell (pre and post, before and after, a and b), or numbers in names that are otherwise alike.
    """
    if len(names) != 2:
        return names, False
    parts = [_parts(name) for name in names]
    later = [_is_later(one, other) for one, other in (parts, parts[::-1])]
    if later[0] == later[1]:
        return names, False
    return (names[::-1] if later[0] else names), True


def dates_of(name: str) -> tuple[str, ...]:
    """Return which dates the name of a single input speaks of, empty where it does not tell."""
    words = set(_parts(name))
    first, second = (bool(re.search(rf"(?<![a-z0-9])t{n}(?![0-9])", name.lower())) for n in (1, 2))
    before, after = bool(_BEFORE & words) or first, bool(_AFTER & words) or second
    if _TOGETHER & words or (before and after):
        return DATES
    return ("t2",) if after else ()


def _parts(name: str) -> list[str]:
    return re.findall(r"[a-z]+|[0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())


def _is_later(one: list[str], other: list[str]) -> bool | None:
    """Whether the name of these parts is that of T2; None where they do not tell."""
    votes = [bool(_AFTER & set(parts) or any(part.startswith("post") for part in parts))
             - bool(_BEFORE & set(parts) or any(part.startswith("pre") for part in parts))
             for parts in (one, other)]  # fmt: skip
    if votes[0] != votes[1]:
        return votes[0] > votes[1]
    differing = [pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]]
    if len(one) != len(other) or len(differing) != 1:
        return None
    (mine, theirs) = differing[0]
    if mine.isdigit() and theirs.isdigit():
        return int(mine) > int(theirs)
    return mine == "b" if {mine, theirs} == {"a", "b"} else None
