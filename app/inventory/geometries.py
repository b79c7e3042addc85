"""Geometries of a file become positions in degrees, with their outlines; broken ones are repaired, and that is said."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.errors import InventoryError
from app.grid import EPSG_4326, transformer
from app.inventory.columns import plural
from app.inventory.positions import HALF_ROUND_DEG, METRES_BEYOND, Position, of_values, unbroken

if TYPE_CHECKING:
    from pyproj import CRS

_BESIDE_DEG = 3.0  # data of a zone of UTM often reaches into the next one
_LONG_UNIT_M = 100.0  # a map may count kilometres


class CrsNeededError(InventoryError):
    """A file does not say in which reference system its coordinates are, so it has to be asked."""


@dataclass(frozen=True)
class Shapes:
    """The position of each row, its outline as WKB in degrees (empty for a point), and what to say of them."""

    positions: list[Position]
    outlines: list[bytes]
    notes: tuple[str, ...]
    crs: str = EPSG_4326  # in which the file has them


def placed(geometries: Sequence[bytes | None], stated: str, given: str, name: str) -> Shapes:
    """Return where the geometries (WKB) are, from the reference system ``stated`` by the file, or ``given`` for it.

    Of a line or an area, the position is a point on it or inside it. Raises CrsNeededError where neither says, or
    what is said to be degrees is none, and InventoryError for a ``given`` that is not known.
    """
    import shapely

    crs, notes = _crs(stated, given, name)
    held = shapely.from_wkb(np.array(geometries, dtype=object), on_invalid="ignore")
    unread = np.array([bool(raw) for raw in geometries]) & shapely.is_missing(held)
    broken = ~shapely.is_missing(held) & ~shapely.is_valid(held)
    flat = shapely.force_2d(held)
    flat[broken] = shapely.make_valid(flat[broken])
    if crs is not None:
        check_lengths(shapely.get_coordinates(flat), crs, name)
    there = shapely.transform(flat, _to_degrees(crs)) if crs is not None else flat
    there = unbroken(there)
    areas = ~shapely.is_missing(there) & ~shapely.is_empty(there) & (shapely.get_dimensions(there) > 0)
    points = shapely.point_on_surface(there)
    full = np.where(shapely.is_empty(points), None, points)  # an empty point has no x
    x, y = shapely.get_x(full), shapely.get_y(full)
    positions = [_position(*one) for one in zip(shapely.is_missing(held), unread, x, y, strict=True)]
    _check_degrees(positions, crs, name)
    outlines = [raw if area else b"" for raw, area in zip(shapely.to_wkb(there), areas, strict=True)]
    notes += out_of_area(positions, crs) if crs is not None else []
    said = (*notes, *outline_notes(int(broken.sum()), int(areas.sum())))
    return Shapes(positions, outlines, said, crs_name(crs) if crs is not None else EPSG_4326)


def _crs(stated: str, given: str, name: str) -> tuple["CRS | None", list[str]]:
    """Return the reference system, None for degrees; what was given goes before what the file says."""
    ask = "Say in which they are, for example EPSG:2193; on the command line, --crs EPSG:2193."
    crs = known_crs(given) if given else _readable(stated)
    if crs is None:
        raise CrsNeededError(f"{name} does not say in which reference system (CRS) its coordinates are. {ask}")
    if _is_degrees(crs):
        return None, []
    return crs, [f"Positions were brought from {crs.name} to degrees."]


def known_crs(text: str) -> "CRS":
    """Return the reference system that a text names; raises InventoryError where none is known so."""
    crs = _readable(text)
    if crs is None:
        raise InventoryError(f"{text[:60]!r} is no reference system of a map that is known here; write EPSG:2193.")
    return crs


def crs_name(crs: "CRS") -> str:
    """Return the short name of a reference system, ``EPSG:2193``, or its title where it has none."""
    known = crs.to_authority()
    return ":".join(known) if known else str(crs.name)


def _readable(text: str) -> "CRS | None":
    """Return the system of a map or of degrees; None for what is neither, as the plane of a drawing."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        crs = CRS.from_user_input(text.strip())
    except CRSError:
        return None
    return crs if crs.is_geographic or crs.is_projected else None


def _is_degrees(crs: "CRS") -> bool:
    from pyproj import CRS

    return crs.equals(CRS(EPSG_4326), ignore_axis_order=True)


def _to_degrees(crs: "CRS") -> Callable[[np.ndarray], np.ndarray]:
    across = transformer(crs.to_wkt(), EPSG_4326)
    return lambda points: np.column_stack(across.transform(*points.T))


def _position(missing: bool, unread: bool, x: float, y: float) -> Position:
    if unread:
        return Position(problem="the geometry is damaged")
    if missing:
        return Position(problem="there is no geometry")
    if np.isnan(x) or np.isnan(y):
        return Position(problem="the geometry is empty")
    if np.isinf(x) or np.isinf(y):
        return Position(problem="the geometry lies outside the reference system of the file", out_of_range=True)
    x = float(x) - 2 * HALF_ROUND_DEG if HALF_ROUND_DEG < x <= 2 * HALF_ROUND_DEG else float(x)
    return of_values("", "", float(y), x)


def _check_degrees(positions: list[Position], crs: "CRS | None", name: str) -> None:
    """Ask for the reference system where most of what is said to be degrees is metres."""
    if crs is None and 2 * sum(at.metres for at in positions) > len(positions):
        raise CrsNeededError(
            f"{name} gives coordinates in metres or feet and says that they are degrees. Say in which reference "
            "system (CRS) they are, for example EPSG:2193; on the command line, --crs EPSG:2193."
        )


def check_lengths(points: np.ndarray, crs: "CRS", name: str) -> None:
    """Ask for the reference system where what is said to be metres or feet of a map are degrees.

    ``points`` is float (n, 2), x and y, NaN where unknown; raises CrsNeededError. No inventory lies so near to the
    origin of a map, where all events would be.
    """
    known = np.abs(points[np.isfinite(points).all(axis=1)])
    short = crs.is_projected and all(axis.unit_conversion_factor < _LONG_UNIT_M for axis in crs.axis_info)
    if short and len(known) and (known.max(axis=0) <= (METRES_BEYOND, HALF_ROUND_DEG)).all():
        raise CrsNeededError(
            f"The coordinates of {name} are degrees by their size, and {crs_name(crs)} ({crs.name}) counts metres or "
            "feet. Say in which they are, for degrees EPSG:4326; on the command line, --crs EPSG:4326."
        )


def out_of_area(positions: Sequence[Position], crs: "CRS") -> list[str]:
    """Return a sentence where positions brought from a reference system lie outside the area that it is made for."""
    from pyproj import CRS

    known = crs.to_authority()
    area = crs.area_of_use or (CRS.from_authority(*known).area_of_use if known else None)
    placed = [at for at in positions if not at.problem]
    if area is None or not placed:
        return []
    around = (area.east - area.west) % (2 * HALF_ROUND_DEG) or 2 * HALF_ROUND_DEG
    outside = sum(
        not (
            area.south - _BESIDE_DEG <= at.latitude <= area.north + _BESIDE_DEG
            and (at.longitude - area.west + _BESIDE_DEG) % (2 * HALF_ROUND_DEG) <= around + 2 * _BESIDE_DEG
        )
        for at in placed
    )
    if not outside:
        return []
    made_for = f"{crs_name(crs)} is made for ({area.name.split('. ')[0][:120]})"
    return [
        f"{outside:,} of {len(placed):,} positions lie outside the area that {made_for}: the reference system may be "
        "another one, or easting and northing exchanged. Look at the map."
    ]


def mended(outlines: Sequence[bytes]) -> tuple[list[bytes], int]:
    """Return outlines (WKB in degrees, empty for none), each valid and in one piece, and how many were repaired."""
    import shapely

    held = shapely.from_wkb(np.array([raw or None for raw in outlines], dtype=object), on_invalid="ignore")
    there = ~shapely.is_missing(held)
    broken = there & ~shapely.is_valid(held)
    held[broken] = shapely.make_valid(held[broken])
    held[there] = unbroken(held[there])
    return [raw if has else b"" for raw, has in zip(shapely.to_wkb(held), there, strict=True)], int(broken.sum())


def outline_notes(broken: int, areas: int) -> list[str]:
    """Return what to say of outlines: how many there are, and how many of them were repaired."""
    notes = []
    if areas:
        notes.append(
            f"{areas:,} {plural(areas, 'event')} {'has' if areas == 1 else 'have'} an outline or a line; the position "
            "is a point on it or inside it."
        )
    if broken:
        notes.append(
            f"{broken:,} {plural(broken, 'outline')} crossed {'itself' if broken == 1 else 'themselves'} or "
            f"{'was' if broken == 1 else 'were'} not closed, and {'was' if broken == 1 else 'were'} repaired."
        )
    return notes
