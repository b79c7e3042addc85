"""Sun, seasons and climate of a place: what the date and the latitude alone decide."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from app.simulate.noise import combine, rise, uniform

OVERPASS_HOUR = 10.5  # Sentinel-2's mean local solar time at the descending node


@dataclass(frozen=True)
class Climate:
    """How a place is covered and how it changes over the year; shares are 0 to 1."""

    name: str
    forest: float  # share of slopes under trees
    conifer: float  # share of those trees that keep their needles
    farm: float  # readiness to till gentle ground
    parcel_m: float  # usual width of a field
    dryness: float  # share of grass and scrub that is dry
    regrowth_years: float  # time in which a bare scar greens over by 1 - 1/e


CLIMATES = (
    Climate("tropical", 0.95, 0.02, 0.55, 55, 0.05, 2.0),
    Climate("arid", 0.03, 0.10, 0.35, 70, 0.80, 12.0),
    Climate("mediterranean", 0.72, 0.35, 0.75, 60, 0.40, 5.0),
    Climate("temperate", 0.85, 0.45, 0.90, 75, 0.12, 4.0),
    Climate("boreal", 0.95, 0.85, 0.35, 110, 0.10, 8.0),
)


def at(latitude: float, zone: int, seed: int) -> Climate:
    """Return the climate of a place: by latitude, with belts that shift a little from place to place."""
    row, column = int(np.floor(latitude / 2)), zone * 3
    lean = float(uniform(column, row, combine(seed, 11))[0])
    belt = abs(latitude) + 3 * (lean - 0.5)
    if belt < 22:
        return CLIMATES[0]
    if belt < 30:
        return CLIMATES[1] if lean < 0.6 else CLIMATES[2]
    return CLIMATES[2] if belt < 44 else CLIMATES[3] if belt < 56 else CLIMATES[4]


@dataclass(frozen=True)
class Sun:
    """Where the sun stands; azimuth in radians clockwise from north."""

    elevation: float
    azimuth: float


def sun(day: date, latitude: float) -> Sun:
    """Return the sun's position at the overpass, at least 12 degrees high (Sentinel-2 images no night).

    Declination after Cooper (1969), doi:10.1016/0038-092X(69)90047-4.
    """
    declination = np.radians(23.45) * np.sin(2 * np.pi * (284 + _day(day)) / 365)
    hour, phi = np.radians(15 * (OVERPASS_HOUR - 12)), np.radians(latitude)
    up = np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(hour)
    east = -np.cos(declination) * np.sin(hour)
    north = np.cos(phi) * np.sin(declination) - np.sin(phi) * np.cos(declination) * np.cos(hour)
    return Sun(float(max(np.arcsin(up), np.radians(12))), float(np.arctan2(east, north)))


@dataclass(frozen=True)
class Season:
    """The state of the vegetation and the water on one day; all 0 to 1."""

    phase: float  # share of the year since the local 1 January, moved by half a year in the south
    leaf: float  # broadleaved trees in leaf
    grass: float  # grass that is green
    water: float  # river stage


def season(day: date, latitude: float, climate: Climate) -> Season:
    """Return the season of a place, after the usual course of greenness in its climate."""
    phase = (_day(day) - 1) / 365 + (0.5 if latitude < 0 else 0)
    warm = np.cos(2 * np.pi * (phase - 0.55))  # 1 in mid-July in the north
    if climate.name == "tropical":
        wet = 0.5 + 0.5 * np.cos(4 * np.pi * (phase - 0.36))  # rains with the overhead sun, twice a year
        return Season(phase % 1, 1.0, 0.8 + 0.2 * wet, 0.25 + 0.6 * wet)
    if climate.name in ("mediterranean", "arid"):
        green = rise(-warm, -0.75, 0.6)
        evergreen = 0.75 + 0.25 * rise(warm, -0.6, 0.2)
        return Season(
            phase % 1, float(evergreen), float(0.1 + 0.8 * green * (1 - climate.dryness / 2)), float(0.15 + 0.7 * green)
        )
    leaf, grass = rise(warm, -0.45, 0.15), 0.3 + 0.6 * rise(warm, -0.6, 0.3)
    melt = np.exp(-(((phase % 1 - 0.38) / 0.09) ** 2))
    return Season(phase % 1, float(leaf), float(grass), float(0.3 + 0.6 * melt))


def _day(day: date) -> int:
    return day.timetuple().tm_yday
