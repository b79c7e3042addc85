"""The files of one date understood: which channel of which file is which band, and of which day they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.bands import BANDS
from app.errors import BandMissingError, InputError
from app.patches import require_days
from app.sources.own import naming
from app.sources.own.headers import ImageHeader
from app.sources.own.naming import NONE, QA60, SCL, VALID
from app.sources.own.stated import PairStated
from app.stored import channels as stored

_MOST_NAMED = 5  # files that one sentence lists


class BandsUnknownError(BandMissingError):
    """No file of a date says which bands it holds; ``headers`` are those to be asked about."""

    def __init__(self, sentence: str, headers: Sequence[ImageHeader]) -> None:
        super().__init__(sentence)
        self.headers = tuple(headers)


@dataclass(frozen=True)
class ChannelUsed:
    """One channel that is read."""

    header: ImageHeader
    number: int  # from 1
    role: str  # a band, CLM, SCL, QA60, or valid: 0 where there is no data


@dataclass(frozen=True)
class DateUnderstood:
    """One date: its channels by role, its day, and what is to be said of it."""

    name: str  # T1 or T2
    channels: dict[str, ChannelUsed]
    day: str  # ISO date, NaT where nothing says it
    newer: bool | None  # see ``app.stored.channels``
    product: str  # the Sentinel-2 product whose own files these are; empty for any others
    at: int = 0  # which time of a cube
    notes: tuple[str, ...] = ()

    @property
    def bands(self) -> tuple[str, ...]:
        """The bands, in the order of wavelength."""
        return tuple(band for band in BANDS if band in self.channels)

    @property
    def files(self) -> tuple[ImageHeader, ...]:
        """The files that are read, each once."""
        return tuple({one.header.name: one.header for one in self.channels.values()}.values())


def understood(name: str, headers: Sequence[ImageHeader], stated: PairStated) -> DateUnderstood:
    """Return what the files of one date, T1 or T2, hold. What is stated goes before what files and names say.

    Raises BandsUnknownError where no band is known of any, and InputError where files contradict each other.
    """
    which = int(name == "T2")
    asked = stated.days[which]
    kept, days, left = _of_one_day(name, headers, asked)
    found = {header.name: roles(header, stated) for header in kept}
    unknown = [header for header in kept if not any(found[header.name])]
    channels, spare = _chosen(name, kept, found)
    if not set(channels) & set(BANDS):
        raise BandsUnknownError(_bandless(name, unknown or kept), unknown or kept)
    _require_numbers(channels)
    used = {one.header.name: one.header for one in channels.values()}
    products = {naming.product_in(each) for each in used}
    product = next(iter(products)) if len(products) == 1 else ""
    at = _time(used.values(), which, asked)
    day = asked or _day_of(used.values(), days, at)
    if day != "NaT":
        require_days(day, name=name)
    first = next(iter(used.values()))
    newer = stored.newer(product or first.name, first.tags, day)
    notes = [*left, *_left_out(name, unknown), *spare]
    return DateUnderstood(name, channels, day, newer, product, at, tuple(notes))


def _require_numbers(channels: dict[str, ChannelUsed]) -> None:
    for role, one in channels.items():
        if role in BANDS and one.header.eight_bit:
            raise InputError(
                f"{one.header.name} holds 8-bit values, a picture's; give reflectance or 16-bit digital numbers."
            )


def roles(header: ImageHeader, stated: PairStated) -> tuple[str, ...]:
    """Return what each channel of a file is, one of ``stated.ROLES``; empty texts where nothing says it."""
    count = len(header.described)
    said = stated.channels_of(header.name)
    if said:
        if len(said) != count:
            raise InputError(
                f"{header.name} has {count} channels and {len(said)} were given: name each in order, for example "
                "B02,B03,B04,B08,CLM, with - for one to leave out."
            )
        return said
    plain = [n for n, hides in enumerate(header.hides) if not hides]
    found = [VALID if hides else _described(header, n) for n, hides in enumerate(header.hides)]
    if not any(found[n] for n in plain):
        named = naming.channels_in(header.name)
        if len(named) == len(plain) or named == (NONE,):
            for n, role in zip(plain, named * len(plain), strict=False):
                found[n] = role
    return tuple(found)


def _described(header: ImageHeader, number: int) -> str:
    """Return what a file itself says a channel is, a band or a mask; empty where it says nothing known."""
    if header.described[number] != NONE:
        return header.described[number]
    title = header.titles[number].strip().upper()
    return title if title in (SCL, QA60) else ""


def _chosen(
    name: str, headers: Sequence[ImageHeader], roles: dict[str, tuple[str, ...]]
) -> tuple[dict[str, ChannelUsed], list[str]]:
    """Return role -> channel, of several of one band that with the smallest pixels; raises InputError for a tie."""
    found: dict[str, ChannelUsed] = {}
    coarser: list[str] = []
    for header in headers:
        for number, role in enumerate(roles[header.name], 1):
            if role in ("", NONE):
                continue
            if header.hides[number - 1] and role == VALID:
                continue  # read with the file it stands in
            one, held = ChannelUsed(header, number, role), found.get(role)
            if held is not None and _size(held.header) == _size(header):
                raise InputError(
                    f"{name} holds {role} twice, in {held.header.name} and in {header.name}; leave one of them out."
                )
            if held is not None:
                coarser.append(role)
            if held is None or _size(header) < _size(held.header):
                found[role] = one
    notes = [f"{name}: of {', '.join(dict.fromkeys(coarser))} the finest file was taken."] if coarser else []
    return found, notes


def _size(header: ImageHeader) -> float:
    """Return how large a pixel is, in the square of a file's own unit: files of one product have the same."""
    a, b, _, d, e, _ = header.transform
    return round(abs(a * e - b * d), 12)


def _of_one_day(
    name: str, headers: Sequence[ImageHeader], asked: str
) -> tuple[list[ImageHeader], dict[str, tuple[str, ...]], list[str]]:
    """Return the files of the day asked for, days by file, and what was left out for being of another."""
    days = {header.name: days_of(header) for header in headers}
    several = {found[0] for found in days.values() if found}
    if len(several) < 2:
        return list(headers), days, []
    if asked not in several:
        listed = ", ".join(sorted(several)[:_MOST_NAMED])
        raise InputError(f"{name} holds files of several days ({listed}); give the day that is {name}.")
    kept = [header for header in headers if not days[header.name] or days[header.name][0] == asked]
    return kept, days, [f"{name}: {len(headers) - len(kept)} files of other days than {asked} were left out."]


def days_of(header: ImageHeader) -> tuple[str, ...]:
    """Return the day of a file, or the first and the last, from its tags, else its name; none of a cube's times."""
    if header.days:
        return ()
    tagged = stored.day_in(header.name, header.tags)
    return (tagged,) if tagged != "NaT" else tuple(map(str, naming.days_in(header.name)))


def _time(headers: Iterable[ImageHeader], which: int, asked: str) -> int:
    """Return which time of a cube is meant: the one asked for, the only one, or the first or second of two."""
    cubes = [header for header in headers if len(header.days) > 1]
    if not cubes:
        return 0
    one = cubes[0]
    if asked in one.days:
        return one.days.index(asked)
    if len(one.days) == 2 and not asked:
        return which
    listed = ", ".join(one.days[:_MOST_NAMED]) + (", ..." if len(one.days) > _MOST_NAMED else "")
    said = f"not {asked}" if asked else "which one is meant has to be said"
    raise InputError(f"{one.name} holds {len(one.days)} times ({listed}); {said}: give the days of T1 and T2.")


def _day_of(headers: Iterable[ImageHeader], days: dict[str, tuple[str, ...]], at: int) -> str:
    for header in headers:
        if header.days:
            return header.days[at if len(header.days) > 1 else 0] or "NaT"
        if days[header.name]:
            return days[header.name][-1]  # of a mosaic of several days the last: what it shows was there by then
    return "NaT"


def _left_out(name: str, unknown: Sequence[ImageHeader]) -> list[str]:
    if not unknown:
        return []
    listed = ", ".join(header.name for header in unknown[:_MOST_NAMED])
    more = f" and {len(unknown) - _MOST_NAMED} more" if len(unknown) > _MOST_NAMED else ""
    return [f"{name}: {listed}{more} were left out, since nothing says which band they hold."]


def _bandless(name: str, headers: Sequence[ImageHeader]) -> str:
    first = headers[0]
    return (
        f"{first.name} does not say which bands its {len(first.described)} channels are; give --band-names, "
        "for example --band-names B02,B03,B04,B08,CLM."
        if len(headers) == 1
        else f"None of the {len(headers)} files of {name} says which band it holds; name them as B04.tif or B08.jp2."
    )
