"""A corrected outline: a mask on the pixels of its patch, kept with a verdict as GeoJSON that gives the mask back."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from app.errors import GridError, ReviewError, ScarpError
from app.grid import MAX_SIDE_PX, Grid, transformer
from app.patches import PatchSpec
from app.review.standing import Item, standing

if TYPE_CHECKING:
    from app.review.records import Verdict

PARTS = ("polygon", "truth")  # kinds whose outline is a part of a label or a detection, and no label of its own
_DIGITS = 9  # of a degree: a tenth of a millimetre
_GRID, _PATCH = "grid", "patch"  # members of the geometry that GeoJSON leaves to whoever writes it (RFC 7946, 6.1)
_NUMBERS = ("west", "south", "res_x", "res_y")


@dataclass(frozen=True, eq=False)
class Correction:
    """What a reviewer says is landslide on a patch: bool (y, x) on ``grid``, with the verdict that holds it."""

    mask: np.ndarray
    grid: Grid
    verdict: Verdict


def geometry_of(mask: np.ndarray, grid: Grid, spec: PatchSpec | None = None) -> str:
    """Return a bool mask (y, x) as a GeoJSON MultiPolygon in degrees, without parts where nothing is marked.

    It also holds the grid, from which ``mask_of`` makes the same mask again, and ``spec``, which opens the pictures it
    was painted on. Raises GridError where the grid lies at no known place.
    """
    from app.detection import polygons

    if not grid.placed:
        raise GridError("These images lie at no known place, so an outline on them cannot be kept.")
    found = [one["geometry"] for one in polygons.polygons(mask, np.zeros(mask.shape, np.float32), grid)]
    parts = [part for one in found for part in _parts(one)]
    held: dict[str, object] = {"type": "MultiPolygon", "coordinates": _rounded(parts), _GRID: asdict(grid)}
    if spec is not None:
        held[_PATCH] = asdict(spec)
    return json.dumps(held, separators=(",", ":"), default=str)


def holds_mask(geometry: str) -> bool:
    """Whether an outline of a verdict is a mask on the pixels of a patch."""
    return geometry.endswith("}") and f'"{_GRID}":' in geometry


def mask_of(geometry: str, on: Grid | None = None) -> tuple[np.ndarray, Grid]:
    """Return the mask that an outline holds, bool (y, x), and the grid it lies on: its own, or ``on``.

    On another grid than its own a pixel is landslide where its middle lies inside. Raises ReviewError for an outline
    that is none of a patch.
    """
    from shapely import make_valid, transform
    from shapely.geometry import shape

    from app.masks import outlines

    try:
        held = json.loads(geometry)
        grid = on or _grid(held[_GRID])
        parts = [make_valid(shape({"type": "Polygon", "coordinates": part})) for part in _parts(held)]
        if not grid.in_degrees:
            across = transformer("EPSG:4326", grid.crs)
            parts = [transform(one, lambda at: np.column_stack(across.transform(*at.T))) for one in parts]
        return outlines.laid(parts, grid), grid
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ReviewError(
            f"The outline of a verdict is none on the pixels of a patch ({type(error).__name__}); it was not used."
        ) from error


def spec_of(geometry: str) -> PatchSpec:
    """Return what opens the pictures that an outline was painted on. Raises ReviewError where it does not say so."""
    try:
        held = json.loads(geometry)[_PATCH]
        west, south, east, north = map(float, held["bbox"])
        return PatchSpec(
            source=str(held["source"]), event_id=str(held["event_id"]), bbox=(west, south, east, north),
            t1=date.fromisoformat(held["t1"]), t2=date.fromisoformat(held["t2"]), event_date=_day(held, "event_date"),
            event_end=_day(held, "event_end"), bands=tuple(held["bands"]), resolution_deg=float(held["resolution_deg"]),
            options=tuple((str(name), str(value)) for name, value in held["options"]),
            on=_grid(held["on"]) if held.get("on") else None,
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, RecursionError, ScarpError) as error:
        raise ReviewError("The verdict does not say which pictures its outline was painted on.") from error


def corrections(entries: Iterable[Verdict]) -> dict[tuple[str, str], Correction]:
    """Return (event, where it is) -> the corrected outline that counts: the newest of a standing verdict on the whole.

    ``where`` is as ``standing`` has it. Of several reviewers the last one counts. An outline that cannot be read again
    is left out.
    """
    found: dict[tuple[str, str], Correction] = {}
    for (item, _), one in standing(entries).items():
        event, where, kind, _ = item
        if kind in PARTS or (event, where) in found or one.odd or not holds_mask(one.geometry):
            continue
        try:
            found[event, where] = Correction(*mask_of(one.geometry), one)
        except ReviewError:
            continue
    return found


def unreadable(entries: Iterable[Verdict], kinds: Collection[str]) -> dict[str, str]:
    """Return event -> why an outline of it cannot be read again, of the newest standing verdict on each such item."""
    newest: dict[Item, Verdict] = {}
    for (item, _), one in standing(entries).items():
        newest.setdefault(item, one)
    found: dict[str, str] = {}
    for item, one in newest.items():
        if item[2] in kinds and not one.odd and holds_mask(one.geometry):
            try:
                mask_of(one.geometry)
            except ReviewError as error:
                found[one.event] = str(error)
    return found


def _day(held: dict[str, Any], name: str) -> date | None:
    return date.fromisoformat(held[name]) if held.get(name) else None


def _parts(geometry: dict[str, Any]) -> list:
    held = geometry["coordinates"]
    return [held] if geometry["type"] == "Polygon" else held


def _rounded(parts: list) -> list:
    return [[[[round(x, _DIGITS), round(y, _DIGITS)] for x, y in ring] for ring in part] for part in parts]


def _grid(held: dict[str, Any]) -> Grid:
    numbers = {name: float(held[name]) for name in _NUMBERS}
    width, height = int(held["width"]), int(held["height"])
    sizes = 0 < width <= MAX_SIDE_PX and 0 < height <= MAX_SIDE_PX and numbers["res_x"] > 0 and numbers["res_y"] > 0
    if not sizes or not np.isfinite(list(numbers.values())).all():
        raise ValueError("no grid")
    return Grid(**numbers, width=width, height=height, crs=str(held["crs"]))
