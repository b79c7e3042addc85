"""Sentinel Hub on the Copernicus Data Space: the same call through xcube-sh, another service and account."""

from app.sources.sentinelhub import SentinelHubSource
from app.sources.sentinelhub_request import CDSE


def source() -> SentinelHubSource:
    """Return Sentinel Hub on Copernicus Data Space; the account comes from the settings."""
    return SentinelHubSource(CDSE)
