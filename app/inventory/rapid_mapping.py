"""Packages of Copernicus rapid mapping: which layer is of what was observed, and on which days its images were taken.

Source: Joint Research Centre (2020), Manual for CEMS-Rapid Mapping Products, JRC121741, its data model.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

_OBSERVED = re.compile(r"observed_?event", re.IGNORECASE)
_AREA = re.compile(r"area_?of_?interest", re.IGNORECASE)
_SOURCE = re.compile(r"source", re.IGNORECASE)
_IMAGE_OF, _IMAGE = "dmg_src_id", "src_id"  # of an outline, the image it was drawn from; of that image, its number
_NAME, _DAY, _PHASE = "source_nam", "src_date", "eventphase"
_FIRST_DAY = date(2015, 6, 23)  # of Sentinel-2: an older image before the event bounds nothing that can be looked at
DATE, SCENE, SCENE_DAY, SCENE_BEFORE = "event_date", "scene", "scene_date", "scene_before"
Columns = Mapping[str, Sequence[str]]


def observed(layers: Iterable[str]) -> tuple[str, ...]:
    """Return those of a package's layers that hold what was observed: not the map sheet, its sources or roads."""
    return tuple(one for one in layers if _OBSERVED.search(one))


def looked_at(layers: Iterable[str]) -> tuple[str, ...]:
    """Return those of a package's layers that hold the ground that was looked at."""
    return tuple(one for one in layers if _AREA.search(one))


def source_of(layer: str, others: Iterable[str]) -> str:
    """Return which of the other names is of the table of images that belongs to a layer; empty without one."""
    found = _OBSERVED.search(layer)
    if not found:
        return ""
    before = layer[: found.start()].lower()
    return next((one for one in others if one.lower().startswith(before) and _SOURCE.match(one[len(before) :])), "")


def dated(outlines: Columns, images: Columns) -> dict[str, list[str]]:
    """Return columns that say of each outline from which image, of which day, it was drawn, and when it may have slid.

    ``event_date`` is a span of days where an image of before the event is known, from the day after the latest such
    image to the day of the image that shows the outline; else that day alone. Empty texts where nothing is known.
    """
    held = {title.lower(): texts for title, texts in outlines.items()}
    known = _images({title.lower(): texts for title, texts in images.items()})
    if _IMAGE_OF not in held or not any(day for _, day, _ in known.values()):
        return {}
    before = max((day for _, day, early in known.values() if early and day and day >= _FIRST_DAY), default=None)
    drawn = [known.get(number, ("", None, False)) for number in held[_IMAGE_OF]]
    made = {
        SCENE: [name for name, _, _ in drawn],
        SCENE_DAY: [_text(day) for _, day, _ in drawn],
        SCENE_BEFORE: [_text(before) if day else "" for _, day, _ in drawn],
    }
    return made if DATE in held else {DATE: [_span(before, day) for _, day, _ in drawn], **made}


def note(made: Columns) -> str:
    """Return what to say of the columns of ``dated``; empty where there are none."""
    if DATE not in made:
        return ""
    count, of, early = sum(map(bool, made[DATE])), len(made[DATE]), max(made[SCENE_BEFORE])
    said = f"Of {count:,} of {of:,} outlines the package says on which day the image that shows them was taken."
    if early:
        return f"{said} They are dated to the days from the last image before the event ({early}) to that one."
    return f"{said} They are dated to it, though they may be older: it holds no day of an image before the event."


def _images(table: Columns) -> dict[str, tuple[str, date | None, bool]]:
    """Return number -> name, day, and whether it is of before the event, of each image."""
    numbers = table.get(_IMAGE, ())
    name, day, phase = (table.get(title, [""] * len(numbers)) for title in (_NAME, _DAY, _PHASE))
    rows = zip(numbers, name, day, phase, strict=True)
    return {number: (called, _day(text), said.lower().startswith("pre")) for number, called, text, said in rows}


def _day(text: str) -> date | None:
    """Return a day as the manual has it, 20/05/2023, or as later packages may, 2023-05-20; None for anything else."""
    for written in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text.strip()[:10], written).date()
        except ValueError:
            continue
    return None


def _span(before: date | None, seen: date | None) -> str:
    if seen is None:
        return ""
    first = before + timedelta(days=1) if before else seen
    return f"{first}/{seen}" if first < seen else str(seen)


def _text(day: date | None) -> str:
    return str(day) if day else ""
