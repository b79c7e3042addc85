"""The source of one's own images: pairs and further dates that were brought, kept in the cache by what is in them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from app.bands import CLOUD_MASK
from app.patches import PatchSpec, Progress, is_simulated, no_progress
from app.sources import SourceInfo
from app.sources.own import records
from app.sources.own.records import PairRecord
from app.sources.scenes import SceneInfo

if TYPE_CHECKING:
    import xarray as xr


class OwnFiles:
    """Opens a pair again from the files it was made of, where these lie on this machine."""

    def describe(self) -> SourceInfo:
        """Return what it needs and how it looks."""
        return SourceInfo(
            name=records.SOURCE,
            title="Your own images",
            summary="A pair you bring, and as many further dates as you have: GeoTIFF, JPEG 2000, NetCDF, Zarr, SAFE "
            "products; a file a date, a file a band, or a zip of them.",
            needs="T1 and T2 as files, upload or path",
            cost="free; no network",
            limits="Sentinel-2 bands; the pixels both dates show, as they are stored.",
            attribution="Your own files.",
            local=True,
            brought=True,
            scenes=True,
        )

    def open(self, spec: PatchSpec, progress: Progress = no_progress) -> xr.Dataset:
        """Return the pair that ``spec`` names; raises SourceError, with the files to bring, where it cannot be."""
        from app.sources.own import apart

        record = records.required(spec.event_id)
        t1, t2, truth, dem, _ = record.paths
        if record.more:
            raise records.gone(record)
        if not t1 or not all(Path(one).exists() for one in (*t1, *t2, *truth, *dem)):
            raise records.gone(record)
        patch, now = apart.read(apart.PairPaths(t1, t2, truth, dem), record.stated, progress)
        if now.name != record.name:
            raise records.gone(record)
        return patch

    def scenes(
        self, spec: PatchSpec, first: date, last: date, progress: Progress = no_progress
    ) -> tuple[SceneInfo, ...]:
        """Return the dates that were brought, from one day to another; raises SourceError where they are not known."""
        record = records.required(spec.event_id)
        return tuple(SceneInfo(day, f"{record.name} {day}") for day in record.days if first <= day <= last)

    def open_scene(self, spec: PatchSpec, scene: SceneInfo, progress: Progress = no_progress) -> xr.Dataset:
        """Return one date with all its bands; raises SourceError, with the files to bring, where it cannot be."""
        from app.sources.own import apart

        record, day = records.required(spec.event_id), str(scene.date)
        found: xr.Dataset | None
        if day in (record.t1, record.t2) and not record.more:
            found = self.open(record.spec(), progress).isel(time=[int(day == record.t2)])
        else:
            if not record.paths[4] or not all(Path(one).exists() for files in record.paths for one in files):
                raise records.gone(record)
            found = apart.read_more(record, [day], progress)[0].get(day)
        if found is None:
            raise records.gone(record)
        return as_scene(record, found)


def as_scene(record: PairRecord, one: xr.Dataset) -> xr.Dataset:
    """Return a date that was read as a scene of what was brought: bands and CLM (time, y, x), one time, labelled."""
    simulated = is_simulated(one)
    attrs = {
        "title": f"{'SIMULATED ' if simulated else ''}image of your own", "simulated": simulated,
        "scene": f"{record.name} {str(one['time'].values[0])[:10]}", "attribution": "Your own files.",
    }  # fmt: skip
    held = one[[*record.bands, CLOUD_MASK]]
    held.attrs = attrs
    return held


def source() -> OwnFiles:
    """Return the source of one's own pairs."""
    return OwnFiles()
