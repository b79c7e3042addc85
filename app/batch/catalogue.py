"""A batch's folder as a STAC collection: an item beside the files of every event that was done."""

import json

from app import config
from app.batch import following
from app.batch.event import EVENTS, RESULT
from app.batch.outputs import Outputs
from app.batch.rows import DONE, EventRow
from app.errors import BatchError
from app.export import stac
from app.grid import BBox

ITEM = "item.json"
_PROVENANCE = "provenance.json"


def write(place: Outputs) -> int:
    """Write an item into the folder of every event done, and the collection over them; returns how many events.

    Raises BatchError where no batch was ever begun there, nothing is done yet, or the place cannot be written.
    """
    done = [row for row in following.look(place).rows if row.outcome == DONE]
    if not done:
        raise BatchError(f"No event is done yet in {place}; wait for the batch, or begin it again.")
    folders = []
    for row in done:
        one = _described(place, row)
        place.put(f"{EVENTS}/{row.folder}/{ITEM}", stac.text(stac.item(one)))
        folders.append((f"./{EVENTS}/{row.folder}/{ITEM}", one))
    about = f"What changed at {len(done):,} events, found by a batch of {config.software()}."
    place.put(stac.COLLECTION, stac.text(stac.collection("scarp-batch", about, folders)))
    return len(done)


def _described(place: Outputs, row: EventRow) -> stac.Described:
    at = f"{EVENTS}/{row.folder}"
    held = json.loads(place.get(f"{at}/{_PROVENANCE}") or b"{}")
    patch = {name: str(value) for name, value in (held.get("patch") or {}).items()}
    told = ("t1_scenes", "t2_scenes", "composite", "processing_baseline", "attribution")
    said = {
        "title": f"{'SIMULATED ' if row.simulated else ''}change at event {row.event}",
        "event_id": row.event, "event_date": row.date, "source": row.source, "t1": row.t1, "t2": row.t2,
        **{name: patch.get(name, "") for name in told},
        "methods": ", ".join(one.ran for one in row.methods),
        "model_sha256": ", ".join(one.model_sha256 for one in row.methods if one.model_sha256),
        "simulated": "true" if row.simulated else "false", "warnings": " ".join(row.warnings),
    }  # fmt: skip
    files = [name for name in place.names(at) if name not in (ITEM, RESULT)]
    kept = {name: text for name, text in said.items() if text}
    return stac.Described(f"event-{row.folder}", _box(held), row.t1, row.t2, kept, files)


def _box(held: dict) -> BBox | None:
    box = (held.get("spec") or {}).get("bbox")
    if not isinstance(box, list) or len(box) != 4:
        return None
    west, south, east, north = map(float, box)
    return west, south, east, north
