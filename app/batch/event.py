"""One event of a batch from its scenes to its files: what a worker does, and what it tells of it.

A task is given paths, never pixels. Its files are written first and ``result.json`` last, each whole or not at all: a
task that runs twice, or is killed in the middle, changes nothing.
"""

import json
import logging
import math
import os
import socket
import tempfile
import time
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import config
from app.batch import pauses, rows
from app.batch.outputs import Outputs
from app.batch.plan import Plan, Task
from app.batch.rows import DONE, FAILED, SKIPPED, EventRow, MethodRow
from app.detection import methods as naming
from app.errors import BatchError, Cancelled, DateOrderError, ScarpError, SceneMissingError, TruthMissingError
from app.files import digest, file_word
from app.redact import redacted
from app.sources import limits_told

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

    from app.detection.run import Detection
    from app.inventory.mapped import OutlineIndex
    from app.patches import PatchSpec

RESULT = "result.json"
EVENTS = "events"
_log = logging.getLogger(__name__)


def run(task: Task, plan: Plan, place: Outputs) -> EventRow:
    """Do all of one event and return how it ended; raises nothing but Cancelled, and BatchError where the place fails.

    What is there under the same key is not done again: somebody else did it meanwhile.
    """
    started = time.perf_counter()
    if task.spec is None:
        return _written(_row(task, plan, SKIPPED, reason=task.reason), place, started)
    try:
        return _written(_done(task, plan, place), place, started)
    except (Cancelled, BatchError):
        raise
    except (SceneMissingError, DateOrderError) as error:
        return _written(_row(task, plan, SKIPPED, reason=str(error)), place, started)
    except ScarpError as error:
        return _written(_row(task, plan, FAILED, reason=str(error)), place, started)
    except Exception as error:  # nobody foresaw it, and it must not take the other events along
        _log.exception("Event %s of a batch failed.", task.event)
        said = redacted(" ".join(f"{type(error).__name__}: {error}".split()))[:300]
        return _written(_row(task, plan, FAILED, reason=f"An unforeseen fault ({said})."), place, started)


def failed(task: Task, plan: Plan, place: Outputs, reason: str) -> EventRow:
    """Record that an event failed without telling anything itself, as when it ends its process."""
    return _written(_row(task, plan, FAILED, reason=reason), place, time.perf_counter())


def unrecorded(task: Task, plan: Plan, reason: str) -> EventRow:
    """Return the row of an event whose folder cannot be written."""
    return _row(task, plan, FAILED, reason=reason)


def held(task: Task, place: Outputs) -> EventRow | None:
    """Return how an event ended before, under the same key; None where it is to be done, or failed."""
    found = rows.from_bytes(place.get(f"{EVENTS}/{task.folder}/{RESULT}"))
    return found if found and found.key == task.key and found.outcome != FAILED else None


def who() -> str:
    """Return the name of this process, as a row has it."""
    return f"{socket.gethostname()}:{os.getpid()}"


def _row(task: Task, plan: Plan, outcome: str, **known: Any) -> EventRow:
    days = {"t1": str(task.spec.t1), "t2": str(task.spec.t2)} if task.spec else {}
    return EventRow(
        event=task.event, outcome=outcome, key=task.key, source=plan.source, folder=task.folder, date=task.date,
        latitude=task.latitude, longitude=task.longitude, worker=who(), **{**days, **known},
    )  # fmt: skip


def _written(row: EventRow, place: Outputs, started: float) -> EventRow:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    row = replace(row, seconds=round(time.perf_counter() - started, 3), finished=now)
    place.put(f"{EVENTS}/{row.folder}/{RESULT}", json.dumps(row.as_json(), allow_nan=False).encode())
    return row


def _done(task: Task, plan: Plan, place: Outputs) -> EventRow:
    from app import patches

    assert task.spec is not None
    _same_networks(plan)
    units, requests = _cost(task)
    limits_told.share_with(plan.at_once)
    patch = _opened(task.spec, place)
    patch, doubts = _with_truth(patch, task, plan, place)
    with tempfile.TemporaryDirectory(prefix="scarp-batch-") as beside:
        folder = Path(beside)
        found = tuple(_method(task.spec, patch, name, plan, folder) for name in plan.methods)
        _pictured(patch, folder)
        t1, t2 = patches.dates(patch)
        row = _row(
            task, plan, DONE, units=units, requests=requests, simulated=patches.is_simulated(patch), t1=t1, t2=t2,
            warnings=(*patches.warnings(patch), *doubts), methods=found,
        )  # fmt: skip
        _provenance(patch, row, task, plan, folder)
        return replace(row, bytes=_placed(folder, task, place))


def _opened(spec: "PatchSpec", place: Outputs) -> "xr.Dataset":
    """Return the patch; a source over a network is left alone as long as any worker was told to."""
    from app import cache
    from app.sources import open_source

    if open_source(spec.source).describe().local or cache.cached(spec):
        return cache.load(spec)
    return pauses.heeding(place, spec.source, lambda: cache.load(spec))


def _same_networks(plan: Plan) -> None:
    """Raise ScarpError where a network of this machine is another file than that of whoever began the batch."""
    for name, version in zip(plan.methods, plan.versions, strict=True):
        if _version(name, _state(name)) != version:
            raise ScarpError(
                f"{name} on {socket.gethostname()} is another file than where the batch was begun, or is not there. "
                "Give all workers the same networks."
            )


def _state(name: str) -> str:
    from app.detection import run as detection

    return detection.file_state(naming.parse(name))


@lru_cache(maxsize=64)
def _version(name: str, _: str) -> str:
    from app.scoring import store

    return store.method_version(name)


def _cost(task: Task) -> tuple[float, int]:
    """Return the processing units and requests of an account that the patch takes, 0 where it is at hand or free."""
    from app import cache
    from app.sources import open_source

    assert task.spec is not None
    source = open_source(task.spec.source)
    if not hasattr(source, "estimate") or cache.cached(task.spec):
        return 0.0, 0
    cost = source.estimate(task.spec)
    return round(cost.units, 4), cost.requests


def _with_truth(patch: "xr.Dataset", task: Task, plan: Plan, place: Outputs) -> "tuple[xr.Dataset, tuple[str, ...]]":
    """Return the patch with the outlines of the named file as truth, where these hold any of this event."""
    from app import patches
    from app.inventory import mapped

    if not plan.truth:
        return patch, ()
    t1, t2 = (task.spec.t1, task.spec.t2) if task.spec else (None, None)
    try:
        made = _outlines(place.url, plan.truth).truth(patches.grid_of(patch), t1, t2, task.event)
    except TruthMissingError as error:
        return patch.drop_vars("truth", errors="ignore"), (f"Not scored: {error}",)
    return mapped.onto(patch, made), ()


@lru_cache(maxsize=2)
def _outlines(url: str, name: str) -> "OutlineIndex":
    from app.inventory import read
    from app.inventory.mapped import OutlineIndex

    content = Outputs(url).get(name)
    if content is None:
        raise BatchError(f"{Outputs(url)} lacks {name}, which holds the truth; begin the batch again with --truth.")
    return OutlineIndex(read(content, name.rpartition("/")[2]).events)


def _method(spec: "PatchSpec", patch: "xr.Dataset", name: str, plan: Plan, folder: Path) -> MethodRow:
    from app import patches, rasters
    from app.bands import HEIGHT
    from app.detection import polygon_files, polygons, steep
    from app.detection import run as detection
    from app.series import earlier
    from app.terrain import heights

    read = earlier.read_by(spec, patch, name)
    found = steep.limited(detection.detect(read, name, plan.device), patch, plan.min_slope_deg)
    changed, grid, labels = detection.mask(found), patches.grid_of(patch), detection.labels(patch, found)
    stem = _stem(name)
    rasters.write_mask(folder / f"mask_{stem}.tif", changed, found.clear, grid, labels)
    if plan.scores:
        rasters.write_score(folder / f"score_{stem}.tif", found.score, grid, labels)
    height = heights.of(patch) if HEIGHT in patch else None
    outlines = polygons.polygons(changed, found.score, grid, height)
    polygon_files.write_polygons(outlines, folder / f"polygons_{stem}.geojson", labels)
    area = polygons.area_m2(changed, grid)
    return MethodRow(
        method=name, ran=found.ran, device=found.device, fallback=found.fallback,
        threshold=float(found.threshold) if math.isfinite(found.threshold) else None, seconds=round(found.seconds, 4),
        clear=int(found.clear.sum()), changed=int(changed.sum()), area_m2=area if math.isfinite(area) else None,
        polygons=len(outlines), model_sha256=found.model_sha256, stem=stem, **_rates(patch, found, changed),
    )  # fmt: skip


def _stem(name: str) -> str:
    """Return what the files of a method are called; of two networks named by their paths never the same."""
    short = naming.parse(name).short
    told = file_word(short.replace(":", "_").replace(".", "_"))
    return told if short == name else f"{told}-{digest(name)[:8]}"


def _rates(patch: "xr.Dataset", found: "Detection", changed: "np.ndarray") -> dict[str, Any]:
    """Return counts and rates against the truth of the patch; nothing where it has none."""
    from app import truth
    from app.bands import TRUTH
    from app.scoring import metrics

    if TRUTH not in patch:
        return {}
    landslide, known = truth.read(patch)
    counts = metrics.confusion(changed, landslide, found.clear & known).as_dict()
    wanted = ("tp", "fp", "fn", "tn", "precision", "recall", "f1", "iou")
    return {name: counts[name] if math.isfinite(counts[name]) else None for name in wanted}


def _pictured(patch: "xr.Dataset", folder: Path) -> None:
    from app.pictures import thumbnail

    made = thumbnail.make(patch)
    (folder / f"{'SIMULATED_' if made.simulated else ''}thumbnail.jpg").write_bytes(made.data)


def _provenance(patch: "xr.Dataset", row: EventRow, task: Task, plan: Plan, folder: Path) -> None:
    """Write what it takes to do it again, and whose the data are."""
    said = {
        "software": config.software(), "event": row.event, "key": row.key, "simulated": row.simulated,
        "spec": asdict(task.spec) if task.spec else None, "plan": plan.as_json(), "versions": list(plan.versions),
        "patch": {str(name): str(value) for name, value in patch.attrs.items()},
        "methods": [asdict(one) for one in row.methods], "worker": row.worker,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
    }  # fmt: skip
    (folder / "provenance.json").write_text(json.dumps(said, default=str, indent=1), "utf-8")


def _placed(folder: Path, task: Task, place: Outputs) -> int:
    """Put the files where they belong and return their bytes."""
    nbytes = 0
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        place.put(f"{EVENTS}/{task.folder}/{path.name}", content)
        nbytes += len(content)
    return nbytes
