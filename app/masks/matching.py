"""Which file of one folder belongs to which of another: by what identifies the event in their names."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from app.errors import InputError

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
# words of the file's kind, which tell nothing of the event
_KIND = re.compile(
    r"(?:^|(?<=[_\-. ]))(?:gt|ground[_\-. ]?truth|truth|labels?|masks?|pred(?:icted|ictions?|s)?|annotations?|"
    r"landslides?|change|seg(?:mentation)?|manual|reference|ref|event)(?=[_\-. ]|$)",
    re.IGNORECASE,
)
_MOST_NUMBERS = 8  # in a name that are tried
Key = Callable[[str], str]
Told = dict[str, list[Path]]  # event -> its files on one side


@dataclass(frozen=True)
class Matched:
    """Files that belong together, and those left over."""

    pairs: tuple[tuple[str, Path, Path], ...]  # event, left, right; in the order of events
    only_left: tuple[tuple[str, Path], ...]
    only_right: tuple[tuple[str, Path], ...]
    doubled: tuple[tuple[str, str], ...]  # event, and why it is in no pair
    how: str = ""  # where the names had to be read closely


def match(left: Sequence[Path], right: Sequence[Path], known: Collection[str] = ()) -> Matched:
    """Return which files of two folders are of the same event.

    Names belong together that end in the same number, or are the same but for words of their kind
    (``GT_7``, ``7_mask``); else those that share a number in one place, as ``task-7-annotation-12``
    and ``7`` do. ``known`` are the inventory's ids, which settle what the names leave open. Raises
    InputError where two ways of reading the names are as good and pair the files otherwise.
    """
    ways = list(_ways(left, right))
    named = [way for way in ways if way.by_name]
    best = max(ways, key=lambda way: way.worth(known))  # of those as good the first, so names come before numbers
    if not best.by_name:
        if 2 * len(best.both) < min(len(left), len(right)):  # a number here and there is the same by chance
            best = named[0]
        else:
            _require_plain(best, [way for way in ways if way.worth(known) == best.worth(known)])
    return best.matched()


def of_event(files: Sequence[Path], event: str) -> Path | None:
    """Return the file of one event by its name, read as ``match`` reads names; None where none is of it.

    Raises InputError where several may be.
    """
    wanted = str(int(event)) if event.isdecimal() else event
    for key in (event_of, _whole):
        held = _told(files, key).get(wanted if key is event_of else wanted.casefold(), [])
        if held:
            return _only(held, event)
    ways = [_told(files, key) for key in _keys(files)]
    plain = {told[wanted][0] for told in ways if wanted in told and len(told) == len(files)}
    return _only(sorted(plain), event) if plain else None


def _only(files: Sequence[Path], event: str) -> Path:
    if len(files) > 1:
        raise InputError(f"{' and '.join(one.name for one in files[:3])} may all be of event {event}; keep one.")
    return files[0]


def natural(event: str) -> tuple[int, int, str]:
    """Return what sorts events: numbers by size, then names."""
    return (0, int(event), event) if event.isdecimal() else (1, 0, event)


def event_of(name: str) -> str:
    """Return what a name without its ending says of its event: the number it ends in, else all but its kind."""
    plain = _without_kind(name)
    at_end = re.search(r"(?:^|[_\- ])(\d+)$", plain)
    return at_end[1] if at_end else plain


@dataclass(frozen=True)
class _Way:
    """One way of reading the names of both sides."""

    ours: Told
    theirs: Told
    by_name: bool

    @cached_property
    def both(self) -> frozenset[str]:
        """The events with one file on each side."""
        ours, theirs = ({name for name, files in held.items() if len(files) == 1} for held in (self.ours, self.theirs))
        return frozenset(ours & theirs)

    @property
    def pairs(self) -> frozenset[tuple[Path, Path]]:
        """The files that belong together."""
        return frozenset((self.ours[name][0], self.theirs[name][0]) for name in self.both)

    def worth(self, known: Collection[str]) -> tuple[int, int]:
        """How many events it pairs, and how many of these the inventory holds."""
        return len(self.both), len(self.both & set(known))

    def matched(self) -> Matched:
        """Return what belongs together, and what is left."""
        events = sorted(self.ours.keys() | self.theirs.keys(), key=natural)
        doubled = {
            event: f"{' and '.join(one.name for one in held[event][:3])} are all of event {event}; keep one."
            for held in (self.ours, self.theirs)
            for event in events
            if len(held.get(event, ())) > 1
        }
        plain = [event for event in events if event not in doubled]
        pairs = tuple((one, self.ours[one][0], self.theirs[one][0]) for one in plain if one in self.both)
        how = "" if self.by_name or not pairs else _said(*pairs[0])
        return Matched(
            pairs,
            tuple((event, self.ours[event][0]) for event in plain if event not in self.theirs),
            tuple((event, self.theirs[event][0]) for event in plain if event not in self.ours),
            tuple(doubled.items()),
            how,
        )


def _said(event: str, one: Path, other: Path) -> str:
    return f"Files were matched by a number within their names: {one.name} and {other.name} are of event {event}."


def _ways(left: Sequence[Path], right: Sequence[Path]) -> Iterator[_Way]:
    for key in (event_of, _whole):
        yield _Way(_told(left, key), _told(right, key), True)
    ours, theirs = ([_told(side, key) for key in _keys(side)] for side in (left, right))
    for one in ours:
        for other in theirs:
            yield _Way(one, other, False)


def _keys(files: Sequence[Path]) -> list[Key]:
    """Return ways to read names by one of their numbers, counted from the front and from the end."""
    most = min(max((len(_NUMBER.findall(path.stem)) for path in files), default=0), _MOST_NUMBERS)
    return [_numbered(place) for place in (*range(most), *range(-most, 0))]


def _whole(name: str) -> str:
    return _without_kind(name).casefold()


def _without_kind(name: str) -> str:
    """Return a name without words of its kind; one that is nothing else stays."""
    return re.sub(r"[_\-. ]{2,}", "_", _KIND.sub("", name)).strip("_-. ") or name


def _numbered(place: int) -> Key:
    def key(name: str) -> str:
        numbers = _NUMBER.findall(name)
        return numbers[place] if -len(numbers) <= place < len(numbers) else ""

    return key


def _told(files: Sequence[Path], key: Key) -> Told:
    """Return event -> the files a way of reading names says are of it; what it cannot read goes by its whole name."""
    told: Told = {}
    for path in files:
        name = key(path.stem) or path.stem
        told.setdefault(str(int(name)) if name.isdecimal() else name, []).append(path)
    return told


def _require_plain(best: _Way, as_good: Sequence[_Way]) -> None:
    """Raise InputError where another way of reading the names is as good and pairs other files."""
    for way in as_good:
        if way.pairs != best.pairs:
            (one, first), (other, second) = min(best.pairs - way.pairs), min(way.pairs - best.pairs)
            raise InputError(
                f"Which files belong together is not plain: {one.name} and {first.name} share a number in their names, "
                f"and so do {other.name} and {second.name}; name both after the event, like 41.png and 41.tif."
            )
