"""Where the sun stands over a patch, and how much of its light each slope gets."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from app import patches
from app.errors import HeightsMissingError
from app.grid import Grid
from app.terrain import slopes

if TYPE_CHECKING:
    import xarray as xr

NODE_HOUR, INCLINATION_DEG = 10.5, 98.62  # mean local solar time of Sentinel-2's descending node, and its orbit (ESA)
LOWEST_DEG = 1.0  # a lower sun lights no scene


@dataclass(frozen=True)
class SunAngles:
    """Where the sun stands: both in degrees, the azimuth clockwise from north."""

    elevation_deg: float
    azimuth_deg: float

    @property
    def words(self) -> str:
        """The sun's place for a reader."""
        return f"{self.elevation_deg:.0f}° high at azimuth {self.azimuth_deg:.0f}°"


MAPMAKERS = SunAngles(45.0, 315.0)  # the light of printed maps: from the north-west, so that hills look like hills


def sun_name(date_number: int) -> str:
    """Return the attribute of a patch that says where the sun stood at T1 (0) or T2 (1)."""
    return f"t{date_number + 1}_sun"


def sun_words(elevation_deg: float, azimuth_deg: float) -> str:
    """Return what that attribute holds."""
    return f"{elevation_deg:.2f} {azimuth_deg:.2f}"


def of_patch(patch: "xr.Dataset") -> tuple["SunAngles", "SunAngles"]:
    """Return where the sun stood at T1 and at T2: as the scenes say, else where it stands at a usual overpass.

    Raises GridError for a patch at no known place, and HeightsMissingError for one whose dates are not known either.
    """
    stated = [_stated(str(patch.attrs.get(sun_name(number), ""))) for number in (0, 1)]
    if all(stated):
        return stated[0], stated[1]  # type: ignore[return-value]
    _, south, _, north = patches.grid_of(patch).required_place().bbox_deg
    days = patches.dates(patch)
    if "NaT" in days:
        raise HeightsMissingError("Neither the sun's place nor the days of this pair are known; give its dates.")
    first, second = (
        said or at_overpass(date.fromisoformat(day), (south + north) / 2)
        for said, day in zip(stated, days, strict=True)
    )
    return first, second


def _stated(text: str) -> "SunAngles | None":
    try:
        elevation, azimuth = map(float, text.split())
    except ValueError:
        return None
    whole = np.isfinite(azimuth) and 0 < elevation <= 90
    return SunAngles(elevation, azimuth % 360) if whole else None


def at_overpass(day: date, latitude: float) -> SunAngles:
    """Return where the sun stands when Sentinel-2 passes over a latitude in its descending orbit; at least 1° high.

    To a degree or two, as the swath is half an hour wide. Declination and the equation of time are those of Spencer
    (1971), Search 2 (5), 172; the day is later where the orbit, which leans, has not yet come to the equator.
    """
    declination, minutes = _declination_and_equation(day)
    hour = np.radians(15 * (NODE_HOUR + minutes / 60 - 12) + _before_node_deg(latitude))
    phi = np.radians(latitude)
    up = np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(hour)
    east = -np.cos(declination) * np.sin(hour)
    north = np.cos(phi) * np.sin(declination) - np.sin(phi) * np.cos(declination) * np.cos(hour)
    elevation = max(float(np.degrees(np.arcsin(up))), LOWEST_DEG)
    return SunAngles(elevation, float(np.degrees(np.arctan2(east, north)) % 360))


def _declination_and_equation(day: date) -> tuple[float, float]:
    """Return the sun's declination in radians and by how many minutes its noon is early."""
    angle = 2 * np.pi * (day.timetuple().tm_yday - 1) / 365
    turns = np.array([1, *(wave(k * angle) for k in (1, 2, 3) for wave in (np.cos, np.sin))])
    declination = (0.006918, -0.399912, 0.070257, -0.006758, 0.000907, -0.002697, 0.00148)
    equation = (0.000075, 0.001868, -0.032077, -0.014615, -0.040849, 0, 0)
    return float(turns @ np.array(declination)), float(229.18 * (turns @ np.array(equation)))


def _before_node_deg(latitude: float) -> float:
    """Return how far east of its node a descending orbit crosses a latitude, in degrees of longitude."""
    leaning = np.radians(INCLINATION_DEG)
    along = np.arcsin(np.clip(np.sin(np.radians(latitude)) / np.sin(leaning), -1, 1))
    return float(np.degrees(np.arctan(-np.cos(leaning) * np.tan(along))))


def incidence(height: np.ndarray, on: Grid, sun: SunAngles) -> np.ndarray:
    """Return the cosine of the angle between the sun and the upright of each slope, float32 (y, x), -1 to 1.

    Below 0 the ground turns away from the sun; shadows that hills throw are not in it. NaN where the slope is not
    known. Raises GridError where ``on`` lies at no known place.
    """
    east, north = slopes.gradient(height, on)
    high, azimuth = np.radians(sun.elevation_deg), np.radians(sun.azimuth_deg)
    towards = east * np.sin(azimuth) + north * np.cos(azimuth)
    return ((np.sin(high) - np.cos(high) * towards) / np.sqrt(1 + east**2 + north**2)).astype(np.float32)


def hillshade(height: np.ndarray, on: Grid, sun: SunAngles = MAPMAKERS) -> np.ndarray:
    """Return how bright each slope would be if it were white and even, float32 (y, x), 0 to 1, NaN as ``incidence``.

    Level ground has the sine of the sun's elevation. Source: Horn (1981), doi:10.1109/PROC.1981.11918.
    """
    return np.maximum(incidence(height, on, sun), np.float32(0))
