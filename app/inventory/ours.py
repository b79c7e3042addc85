"""The columns of a file that Scarp wrote: what is known of an event stands in these, all else came along."""

import re
from collections.abc import Sequence

PUBLISHED = (
    "id", "event_date", "accuracy", "category", "latitude", "longitude", "source", "pre1", "pre2", "post1"
)  # fmt: skip
OUTLINE = "outline"  # in text alone; in a file of shapes it is the shape
CHANGE_LOG = "change_log"
TOLD = ("doubts", "changed", "changed_by", "changed_at", CHANGE_LOG, "software")
GUARDED = re.compile(r"'[=+\-@＝＋－＠]")  # what app.export puts before a text that a spreadsheet would run

_OURS = (*PUBLISHED, OUTLINE, *TOLD)
_SIGNS = frozenset(("id", "event_date", "latitude", "longitude", CHANGE_LOG, "software"))
_RESERVED = frozenset((*_OURS, "fid", "geom", "ogc_fid", "ogr_style"))  # the last ones have a meaning to GeoPackage
_READ_AS = {"event_date": "date", OUTLINE: "position"}
_ALONG = re.compile(r"along\d*:", re.IGNORECASE)


def is_ours(header: Sequence[str]) -> bool:
    """Whether these are the columns of a file that Scarp wrote, whatever was added or moved since."""
    return {title.strip() for title in header} >= _SIGNS


def columns(header: Sequence[str]) -> dict[str, list[int]]:
    """Return what Scarp reads -> the place of the column that holds it, as ``columns.candidates`` does."""
    places = {title.strip(): place for place, title in reversed(list(enumerate(header)))}
    wanted = [title for title in (*PUBLISHED, OUTLINE) if title in places]
    return {_READ_AS.get(title, title): [places[title]] for title in wanted}


def told(header: Sequence[str]) -> set[int]:
    """Return the places of the columns that Scarp made up when it wrote the file: no part of what came along."""
    return {place for place, title in enumerate(header) if title.strip() in TOLD}


def written(titles: Sequence[str]) -> list[str]:
    """Return titles of what came along as a file has them: none is taken for another one, nor for Scarp's own.

    SQLite, which GeoPackages are, knows no capitals in the name of a column.
    """
    taken, given = set(_RESERVED), []
    for title in titles:
        name, count = title, 1
        while name.casefold() in taken or (name == title and _ALONG.match(title)):
            name, count = f"along{count if count > 1 else ''}:{title}", count + 1
        taken.add(name.casefold())
        given.append(name)
    return given


def read(title: str) -> str:
    """Return a title as it was before ``written``."""
    return _ALONG.sub("", title, count=1) if _ALONG.match(title) else title


def unguarded(text: str) -> str:
    """Return a cell or a title without what keeps a spreadsheet from running it, and without space around."""
    text = text.strip()
    return text[1:] if text.startswith("'") and GUARDED.match(text) else text
