"""The WGS 84 ellipsoid: where places lie on it, and how large it is between them."""

import numpy as np

_A_M = 6_378_137.0
_B_M = 6_356_752.314245
_E = 0.081819190842621


def geocentric_m(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Return where places given in degrees lie, in metres from the earth's centre, float64 (..., 3)."""
    lon, lat = np.radians(longitude), np.radians(latitude)
    normal = _A_M / np.sqrt(1 - (_E * np.sin(lat)) ** 2)
    around = normal * np.cos(lat)
    return np.stack([around * np.cos(lon), around * np.sin(lon), normal * (1 - _E**2) * np.sin(lat)], axis=-1)


def zone_m2_per_radian(latitude_rad: np.ndarray) -> np.ndarray:
    """Return the square metres between the equator and a latitude per radian of longitude, below 0 in the south.

    Source: Snyder (1987), Map Projections, USGS PP 1395, eq. 3-12.
    """
    sin, e = np.sin(latitude_rad), _E
    return _B_M**2 / 2 * (sin / (1 - (e * sin) ** 2) + np.log((1 + e * sin) / (1 - e * sin)) / (2 * e))


def meridian_radius_m(latitude_deg: float) -> float:
    """Return the radius of curvature of the meridian in metres (Snyder 1987, eq. 4-18)."""
    e2 = _E**2
    return _A_M * (1 - e2) / (1 - e2 * np.sin(np.radians(latitude_deg)) ** 2) ** 1.5
