"""Verdicts as COCO: an image is a pair of dates, an annotation a verdict on it, and each says all that Scarp keeps."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from app import config
from app.errors import ScarpError
from app.grid import BUFFER_DEG, RESOLUTION_DEG, Grid, around, for_bbox

if TYPE_CHECKING:
    from app.review import Verdict

_ENTRY = "scarp"  # the key of an annotation under which the whole entry stands


def document(entries: Sequence[Verdict], record: Mapping[str, Any]) -> bytes:
    """Return verdicts as one COCO document (Lin et al. (2014), doi:10.1007/978-3-319-10602-1_48).

    ``record`` names the columns and what they hold of a verdict. An image has the usual grid of a patch at the event's
    place, and says which; an outline is in pixels from its upper left corner, exteriors alone, and without one an
    annotation spans the image. Entries without a place have no image and no box.
    """
    images, annotations = _images(entries), []
    categories = {name: n for n, name in enumerate(dict.fromkeys(one.verdict for one in entries), start=1)}
    for n, one in enumerate(entries, start=1):
        number, grid = images.get(_key(one), (0, None))
        drawn = _drawn(one, grid) if grid else {"segmentation": [], "bbox": [], "area": 0.0}
        held = {name: value(one) for name, value in record.items()}
        annotations.append(
            {"id": n, "image_id": number, "category_id": categories[one.verdict], "iscrowd": 0, **drawn, _ENTRY: held}
        )
    held = {
        "info": {"description": "Verdicts of reviewers", "version": config.software()},
        "licenses": [],
        "images": [_image(number, key, grid) for key, (number, grid) in images.items()],
        "categories": [{"id": n, "name": name, "supercategory": "verdict"} for name, n in categories.items()],
        "annotations": annotations,
    }
    return json.dumps(held, ensure_ascii=False, allow_nan=False).encode()


def rows(data: bytes) -> list[dict[str, Any]]:
    """Return what ``document`` was told of each entry; raises ValueError for a document of another origin."""
    held = json.loads(data.decode("utf-8"))
    annotations = held.get("annotations") if isinstance(held, dict) else None
    if not isinstance(annotations, list):
        raise ValueError("no COCO document: it has no annotations")
    told = [one.get(_ENTRY) for one in annotations if isinstance(one, dict)]
    if not all(isinstance(one, dict) for one in told):
        raise ValueError("annotations of another program, which say nobody's verdict")
    return [one for one in told if isinstance(one, dict)]


def _key(one: Verdict) -> tuple:
    return one.event, one.latitude, one.longitude, one.source, one.t1, one.t2, *_sizes(one)


def _sizes(one: Verdict) -> tuple[float, float]:
    """Return how far a patch reached and its resolution in degrees, as the link of a verdict says."""
    asked = parse_qs(one.link.removeprefix("?"))
    found = []
    for name, usual in (("buffer", BUFFER_DEG), ("resolution", RESOLUTION_DEG)):
        try:
            found.append(float(asked.get(name, [usual])[0]))
        except ValueError:
            found.append(usual)
    return found[0], found[1]


def _images(entries: Iterable[Verdict]) -> dict[tuple, tuple[int, Grid]]:
    """Return image -> its number and grid, of the entries that have a place."""
    found: dict[tuple, tuple[int, Grid]] = {}
    for one in entries:
        if one.latitude is None or one.longitude is None or _key(one) in found:
            continue
        buffer_deg, resolution_deg = _sizes(one)
        with suppress(ScarpError):  # a place that no grid can be laid around
            grid = for_bbox(around(one.latitude, one.longitude, buffer_deg), resolution_deg)
            found[_key(one)] = len(found) + 1, grid
    return found


def _image(number: int, key: tuple, grid: Grid) -> dict[str, Any]:
    event, _, _, source, t1, t2, *_ = key
    return {
        "id": number, "file_name": f"{source}/{event}/{t1}_{t2}", "width": grid.width, "height": grid.height,
        "bbox_wgs84": list(grid.bbox), "date_captured": _day(t2), "t1": t1, "t2": t2,
    }  # fmt: skip


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _drawn(one: Verdict, grid: Grid) -> dict[str, Any]:
    rings = _rings(one)
    if not rings:
        whole = [0, 0, grid.width, grid.height]
        return {"segmentation": [], "bbox": whole, "area": float(grid.width * grid.height)}
    west, _, _, north = grid.bbox
    pixels = [[((x - west) / grid.res_x, (north - y) / grid.res_y) for x, y, *_ in ring] for ring in rings]
    xs, ys = ([point[axis] for ring in pixels for point in ring] for axis in (0, 1))
    return {
        "segmentation": [[value for point in ring for value in point] for ring in pixels],
        "bbox": [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)],
        "area": sum(map(_area, pixels)),
    }


def _rings(one: Verdict) -> list[list[Any]]:
    """Return the exteriors of an outline, none where there is none that has corners."""
    if not one.geometry or one.odd:
        return []
    held = json.loads(one.geometry)
    parts = [held["coordinates"]] if held["type"] == "Polygon" else held["coordinates"]
    return [part[0] for part in parts if part and len(part[0]) > 2]


def _area(ring: Sequence[tuple[float, float]]) -> float:
    sides = zip(ring, [*ring[1:], ring[0]], strict=True)
    return abs(sum(x * v - u * y for (x, y), (u, v) in sides)) / 2
