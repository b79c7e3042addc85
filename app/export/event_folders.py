"""Folders of many events, one after the other: then a list of all, and a STAC collection over them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app import config, patches
from app.detection import polygons
from app.detection.marking import Marked, marked
from app.export import event_folder, stac
from app.export.tables import csv_safe
from app.files import written_whole
from app.series import earlier

if TYPE_CHECKING:
    import xarray as xr

    from app.export.event_folder import View
    from app.inventory import Event
    from app.patches import PatchSpec

LIST = "events.csv"
DONE, FAILED = "done", "failed"
# columns of the list, one row an event; the areas of the methods follow
COLUMNS = (
    "event", "outcome", "reason", "folder", "latitude", "longitude", "event_date", "source", "t1", "t2", "simulated",
    "verdict",
)  # fmt: skip


@dataclass(frozen=True)
class TakenFolder:
    """An event's folder that was written: the address of its item, what that says, and its row of the list."""

    href: str
    described: stac.Described
    row: Mapping[str, object]


@dataclass(frozen=True)
class NotTaken:
    """An event that has no folder, and why."""

    event: str
    reason: str


def marked_by(
    patch: "xr.Dataset", methods: Sequence[str], spec: "PatchSpec | None" = None, device: str = "auto",
    min_area_m2: float = 0, min_slope_deg: float = 0, opening_px: int = 0,
) -> list[Marked]:  # fmt: skip
    """Return what each method marks on a patch; those that know the season read earlier years by ``spec``.

    Raises what ``app.detection.marking.marked`` raises.
    """
    limits = min_area_m2, min_slope_deg, opening_px
    return [
        marked(earlier.read_by(spec, patch, name) if spec else patch, name, device, *limits) for name in methods
    ]  # fmt: skip


def write(
    patch: "xr.Dataset", every: Sequence[Marked], out: Path, stem: str, view: "View", event: "Event | None" = None
) -> TakenFolder:
    """Write the folder ``stem`` of an event into ``out``; raises what ``event_folder.write`` raises."""
    described = event_folder.write(patch, every, out / stem, stem, view)
    grid, said = patches.grid_of(patch), described.said
    place = {"latitude": event.latitude, "longitude": event.longitude} if event is not None else {}
    areas = {f"{one.detection.method} m²": _area(one, patch) for one in every} if grid.placed else {}
    row = {
        "event": said.get("event_id", ""), "outcome": DONE, "folder": stem, **place,
        **{name: said.get(name, "") for name in ("event_date", "source", "t1", "t2", "simulated", "verdict")},
        **areas,
    }  # fmt: skip
    return TakenFolder(f"./{stem}/{stem}.json", described, row)


def finish(out: Path, name: str, taken: Sequence[TakenFolder], refused: Sequence[NotTaken] = ()) -> None:
    """Write the collection ``name`` over the folders in ``out``, and the list of all events, refused ones last.

    Raises InputError where ``out`` cannot be written.
    """
    about = f"Sentinel-2 pairs of events and what changed in them, written by {config.software()}."
    event_folder.write_collection(out, name, about, [(one.href, one.described) for one in taken])
    with written_whole(out / LIST) as draft:
        draft.write_bytes(list_csv(taken, refused))


def list_csv(taken: Sequence[TakenFolder], refused: Sequence[NotTaken]) -> bytes:
    """Return one row for each event, with the changed area by each method in square metres, empty where not known."""
    import pandas as pd

    rows = [dict(one.row) for one in taken]
    rows += [{"event": one.event, "outcome": FAILED, "reason": one.reason} for one in refused]
    areas = dict.fromkeys(name for row in rows for name in row if name not in COLUMNS)
    return csv_safe(pd.DataFrame(rows, columns=[*COLUMNS, *areas]))


def _area(one: Marked, patch: "xr.Dataset") -> float:
    return round(polygons.area_m2(one.mask, patches.grid_of(patch)), 1)
