"""Many dated files of one place: each date read once and kept as a scene of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from app import limits
from app.cache import loading
from app.errors import InputError
from app.files import digest
from app.patches import PatchSpec, Progress, no_progress
from app.sources import files, waiting
from app.sources.own import apart, records
from app.sources.own.apart import PairPaths
from app.sources.own.records import PairRecord
from app.sources.own.stated import SILENT
from app.sources.scenes import SceneInfo

if TYPE_CHECKING:
    import xarray as xr


def bring(paths: Sequence[str], progress: Progress = no_progress, channels: Sequence[str] = ()) -> PairRecord:
    """Return what is known of dated files, the first and the last date its usual pair; each date is kept as a scene.

    Files, folders and zips whose names, tags or times say the days; ``channels`` says what those of each file are
    where the files do not. What was brought before, unchanged, is not read again. Raises InputError.
    """
    said = replace(SILENT, bands=(("", tuple(channels)),)) if channels else SILENT
    days, name = apart.dates(paths, said)
    held = records.find(name)
    if held is not None and all(loading.has_scene(*one) for one in _scenes(held)):
        return held
    stated, given = replace(said, days=(days[0], days[-1])), tuple(paths)
    patch, record = apart.read(PairPaths(given, given), stated, waiting.part(progress, 0, 0.2))
    if record.name != name:  # the pair itself is other files
        name = f"pair-{digest(f'{record.name} {name}')[:16]}"
    record = replace(record, name=name, paths=(given, given, (), (), given))
    return with_more(record, patch, given, waiting.part(progress, 0.2, 1))


def with_more(
    record: PairRecord, patch: xr.Dataset, paths: Sequence[str], progress: Progress = no_progress
) -> PairRecord:
    """Return what is known of a pair with the dates of ``paths`` beside it; pair and dates are kept, and known by name.

    Raises InputError where the files say no days, where all dates take more than memory may, or none can be read.
    """
    days, name = apart.dates(paths, replace(record.stated, days=("", "")))
    wanted = [day for day in days if day not in (record.t1, record.t2)]
    height, width = record.grid.shape
    limits.require_bearable(
        len(days) * height * width * (4 * len(record.bands) + 1),
        f"{len(days)} dates of {width} x {height} pixels and {len(record.bands)} bands",
    )
    record = replace(record, name=name, paths=(*record.paths[:4], tuple(paths)))
    found, left = apart.read_more(record, wanted, progress) if wanted else ({}, ())
    if wanted and not found:
        raise InputError(f"None of the further dates can be read: {left[0]}")
    record = replace(record, more=tuple(found), notes=(*record.notes, *left))
    patch = patch.assign_attrs(event_id=name)
    own = {day: patch.isel(time=[at]) for at, day in enumerate((record.t1, record.t2))}
    records.keep(record)
    for (spec, scene), day in zip(_scenes(record), map(str, record.days), strict=True):
        loading.keep_scene(spec, scene, files.as_scene(record, (own | found)[day]))
    loading.keep(record.spec(), patch)
    return record


def _scenes(record: PairRecord) -> list[tuple[PatchSpec, SceneInfo]]:
    spec = record.spec()
    return [(spec, one) for one in files.source().scenes(spec, record.days[0], record.days[-1])]
