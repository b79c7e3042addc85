"""A batch begun in a process of its own, which outlives whoever begins it; all that is known of it is in its folder."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app import config
from app.batch import lease
from app.batch.following import LOG
from app.batch.outputs import Outputs
from app.detection import methods as naming
from app.detection.network import registry
from app.errors import BatchError
from app.export import inventories
from app.inventory import Inventory
from app.visitors import Deed, require

EVENTS_FILE = "inputs/inventory.geojson"
NETWORKS = "inputs/networks"


def folder() -> Path:
    """Return where batches that are begun on a page lie."""
    return config.settings().home / "batches"


def start(
    inventory: Inventory,
    source: str,
    methods: Sequence[str],
    out: Path,
    *,
    workers: int = 0,
    min_slope_deg: float = 0.0,
    catalogue: str = "",
) -> None:
    """Begin a batch over all events of an inventory; returns at once. What it says goes to ``log.txt`` in its folder.

    Networks that are the reader's own are copied there, since nobody else finds them where they are kept. Raises
    BatchError where the folder cannot be written, or a batch is running there.
    """
    require(Deed.FILES)
    place = Outputs(str(out))
    place.require_writable()
    if lease.running(place):
        raise BatchError(f"A batch is running in {out}; stop it, wait until it has ended, or name another folder.")
    place.put(EVENTS_FILE, inventories.as_geojson(inventory))
    methods = [_carried(one, place, out) for one in methods]
    command = [
        sys.executable, "-m", "app", "batch", "--inventory", str(out / EVENTS_FILE), "--source", source,
        "--out", str(out), *(part for one in methods for part in ("--method", one)),
    ]  # fmt: skip
    command += ["--workers", str(workers)] if workers > 1 else []
    command += ["--min-slope", f"{min_slope_deg:g}"] if min_slope_deg else []
    command += ["--option", f"catalogue={catalogue}"] if catalogue else []
    try:
        with (out / LOG).open("wb") as log:
            subprocess.Popen(
                command, cwd=config.ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )  # fmt: skip
    except OSError as error:
        raise BatchError(f"The batch cannot be begun in {out} ({error.strerror or error}).") from error


def _carried(method: str, place: Outputs, out: Path) -> str:
    """Return a method whose network lies in the batch's folder, with its contract, if it is one of the reader's own."""
    asked = naming.parse(method)
    if naming.KINDS[asked.kind].target != "network" or not registry.is_own(asked.target):
        return method
    path = registry.find(asked.target).path
    for one in (path, path.with_suffix(".json")):
        if one.is_file():
            place.put(f"{NETWORKS}/{one.name}", one.read_bytes())
    published = registry.PUBLISHED if asked.target.endswith(registry.PUBLISHED) else ""
    return str(replace(asked, target=f"{out / NETWORKS / path.name}{published}"))
