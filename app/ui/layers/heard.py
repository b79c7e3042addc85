"""Places that a browser says a reader pressed or drew: checked like any other input."""

import math

Point = tuple[float, float]  # longitude, latitude, in degrees
_MOST_CORNERS = 400


def points(geometry: object) -> list[Point]:
    """Return the corners of a GeoJSON point or of a polygon's outer ring, none of anything else."""
    held = geometry.get("coordinates") if isinstance(geometry, dict) else None
    corners: list = held[0] if isinstance(held, list) and held and isinstance(held[0], list) else [held]
    if len(corners) > _MOST_CORNERS + 1 or not all(map(_is_place, corners)):
        return []
    return [(float(longitude), float(latitude)) for longitude, latitude, *_ in corners]


def _is_place(one: object) -> bool:
    if not isinstance(one, list) or len(one) < 2 or not all(type(number) in (int, float) for number in one[:2]):
        return False
    return all(map(math.isfinite, one[:2])) and abs(one[0]) <= 180 and abs(one[1]) <= 90
