"""The source of one's own pairs: images that were brought, kept in the cache by what is in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.patches import PatchSpec, Progress, no_progress
from app.sources import SourceInfo
from app.sources.own import records

if TYPE_CHECKING:
    import xarray as xr


class OwnFiles:
    """Opens a pair again from the files it was made of, where these lie on this machine."""

    def describe(self) -> SourceInfo:
        """Return what it needs and how it looks."""
        return SourceInfo(
            name=records.SOURCE,
            title="Your own images",
            summary="A pair you bring: GeoTIFF, JPEG 2000, NetCDF, Zarr, SAFE products; a file a date, a file a band, "
            "or a zip of them.",
            needs="T1 and T2 as files, upload or path",
            cost="free; no network",
            limits="Sentinel-2 bands; the pixels both dates show, as they are stored.",
            attribution="Your own files.",
            local=True,
            brought=True,
        )

    def open(self, spec: PatchSpec, progress: Progress = no_progress) -> xr.Dataset:
        """Return the pair that ``spec`` names; raises SourceError, with the files to bring, where it cannot be."""
        from app.sources.own import apart

        record = records.required(spec.event_id)
        t1, t2, truth, dem = record.paths
        if not t1 or not all(Path(one).exists() for one in (*t1, *t2, *truth, *dem)):
            raise records.gone(record)
        patch, now = apart.read(apart.PairPaths(t1, t2, truth, dem), record.stated, progress)
        if now.name != record.name:
            raise records.gone(record)
        return patch


def source() -> OwnFiles:
    """Return the source of one's own pairs."""
    return OwnFiles()
