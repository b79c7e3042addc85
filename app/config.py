"""Settings, read once from the environment; nothing else in Scarp looks there."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(__file__).resolve().parent / "data"


def available_cores() -> int:
    """Return the number of processor cores this process may use (containers grant fewer)."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


@dataclass(frozen=True)
class Settings:
    """What an installation may change; the README's table of variables mirrors this."""

    home: Path  # Scarp's own writable folder
    cache_url: str  # fsspec URL of the patch cache
    database_url: str  # SQLAlchemy URL of the review database
    log_level: str
    max_csv_mb: int = 50
    max_raster_mpx: int = 120  # per date: a whole 10 m Sentinel-2 tile is 120.6 megapixels


def read(environ: Mapping[str, str]) -> Settings:
    """Return the settings that ``environ`` asks for, with defaults inside ``SCARP_HOME``."""
    home = Path(environ.get("SCARP_HOME") or Path.home() / ".scarp").expanduser()
    return Settings(
        home=home,
        cache_url=environ.get("SCARP_CACHE") or str(home / "cache"),
        database_url=environ.get("SCARP_DATABASE") or f"sqlite:///{home / 'review.sqlite'}",
        log_level=(environ.get("SCARP_LOG") or "WARNING").upper(),
    )


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return this process's settings."""
    return read(os.environ)
