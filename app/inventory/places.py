"""A place as a person types or pastes it: degrees, degrees and minutes, a pair, or the link of a map."""

import re
from urllib.parse import parse_qsl, unquote, urlsplit

from app.errors import InputError
from app.inventory import positions
from app.inventory.positions import Position

MOST_CHARACTERS = 2000  # links of maps are long
_HOW = "Type it as 45.1234, 9.8765 or 45°07.4'N 9°52.6'E, or paste the link of a map."
_NUMBER = r"[+-]?\d{1,3}(?:\.\d+)?"
# what the links of maps hold a place in: a marked one before the middle of what is seen
_MARKED = re.compile(rf"!3d(?P<lat>{_NUMBER})!4d(?P<lon>{_NUMBER})")  # Google Maps
_MIDDLES = (
    re.compile(rf"/@(?P<lat>{_NUMBER}),(?P<lon>{_NUMBER})[,/]"),  # Google Maps and Earth, the middle
    re.compile(rf"#(?:.*&)?map=[\d.]+/(?P<lat>{_NUMBER})/(?P<lon>{_NUMBER})"),  # OpenStreetMap
    re.compile(rf"#[\d.]+/(?P<lat>{_NUMBER})/(?P<lon>{_NUMBER})"),  # MapLibre and its kin
    re.compile(rf"^geo:(?P<lat>{_NUMBER}),(?P<lon>{_NUMBER})"),
)
_PAIRS = ("q", "query", "ll", "center", "daddr", "cp", "destination")  # one parameter with both
_LATITUDES, _LONGITUDES = ("mlat", "lat", "latitude"), ("mlon", "lng", "lon", "long", "longitude")
_LETTER = re.compile(r"(?<=[NSns])[\s,;]+(?=\S)|(?<=\S)[\s,;]+(?=[EWew]\s*[\d.])")


def parse(text: str) -> tuple[float, float]:
    """Return latitude and longitude in degrees, EPSG:4326; raises InputError for what is no place."""
    text = text.strip()
    if not text:
        raise InputError(f"No place was given. {_HOW}")
    if len(text) > MOST_CHARACTERS:
        raise InputError(f"{len(text):,} characters are no place. {_HOW}")
    link = re.match(r"(?:https?://|geo:|www\.)", text, re.IGNORECASE)
    found = _of_link(text) if link else _of_pair(text)
    if found is None:
        what = "This link holds no place that Scarp knows how to read" if link else "Scarp finds no place in this"
        raise InputError(f"{what}. {_HOW}")
    if found.problem:
        raise InputError(f"This is no place: {found.problem}. {_HOW}")
    return found.latitude, found.longitude


def _of_pair(text: str) -> Position | None:
    """Return the position of two parts, wherever they are parted; None where no way to part them gives two numbers."""
    for first, second in _halves(text):
        latitude, longitude = positions.degrees(first, "latitude"), positions.degrees(second, "longitude")
        if latitude is not None and longitude is not None:
            return positions.of_values(first, second, latitude, longitude)
        latitude, longitude = positions.degrees(second, "latitude"), positions.degrees(first, "longitude")
        if latitude is not None and longitude is not None and re.search("[EWew]", first):
            return positions.of_values(second, first, latitude, longitude)
    whole = positions.combined(text)
    return None if whole.problem and not whole.out_of_range else whole


def _halves(text: str) -> list[tuple[str, str]]:
    """Return each way to part a text into two: at a comma or semicolon, beside a letter, at the middle space."""
    ways = [re.split(r"\s*[;,]\s+|\s*;\s*|\t", text), _LETTER.split(text), text.split(",")]
    words = text.split()
    if len(words) % 2 == 0:
        ways.append([" ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])])
    return [(way[0].strip(), way[1].strip()) for way in ways if len(way) == 2]


def _of_link(text: str) -> Position | None:
    text = unquote(text)
    if marked := _MARKED.search(text):
        return positions.of_pair(marked["lat"], marked["lon"])
    try:
        parts = urlsplit(text)
        given = dict(parse_qsl(parts.query) + parse_qsl(parts.fragment.replace(";", "&")))
    except ValueError:
        return None
    latitude = next((given[name] for name in _LATITUDES if name in given), None)
    longitude = next((given[name] for name in _LONGITUDES if name in given), None)
    if latitude is not None and longitude is not None:
        return positions.of_pair(latitude, longitude)
    for name in _PAIRS:
        pair = re.match(rf"(?:loc:)?\s*({_NUMBER})\s*[,~ ]\s*({_NUMBER})", given.get(name, ""))
        if pair:
            return positions.of_pair(pair[1], pair[2])
    found = next(filter(None, (form.search(text) for form in _MIDDLES)), None)
    return positions.of_pair(found["lat"], found["lon"]) if found else None
