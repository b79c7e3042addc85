"""What the film's component is told: the scenes as pictures in a row, and as dots on a time axis."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.files import digest
from app.inventory import Event
from app.patches import PatchSpec
from app.sources import SourceInfo, choosing
from app.sources.scenes import SceneInfo
from app.ui import chosen_patch
from app.ui.film import axis, glimpses


@dataclass(frozen=True)
class Film:
    """The scenes of one place and span, and what has to be said of the list."""

    spec: PatchSpec
    first: date
    last: date
    scenes: tuple[SceneInfo, ...]
    notes: tuple[str, ...]


def can_pick(info: SourceInfo, listed: Film) -> bool:
    """Whether T1 and T2 are a choice: a source of one place may hold its pair and no other day."""
    return (info.event is None and not info.brought) or len(listed.scenes) > 2


def data(event: Event, info: SourceInfo, listed: Film, passing: Sequence[SceneInfo]) -> dict[str, object]:
    """Return what the film's script draws: the scenes that pass its limits, and its time axis with all of them."""
    t1, t2 = chosen_patch.dates()
    spans = axis.spans(t1, t2, *chosen_patch.spans())
    items: list[dict[str, object]] = [_item(scene, info, listed.spec, spans) for scene in passing]
    if event.date is not None:
        at = sum(scene.date < event.date for scene in passing)
        items.insert(at, {"event": f"event {event.when}"})
    along = axis.TimeAxis(listed.first, listed.last)
    shown = {scene.date for scene in passing}
    told: dict[str, object] = {
        "items": items,
        "pick": can_pick(info, listed),
        "ticks": along.ticks(),
        "event": along.band(event.date, event.last_day) if event.date else None,
        "spans": [along.band(*span) for span in spans if span and span[0] < span[1]],
        "marks": [
            {"which": name, "date": str(day), "at": along.at(day)}
            for name, day in (("t1", t1), ("t2", t2))
            if day and listed.first <= day <= listed.last
        ],
        "dots": [_dot(glimpses.seen(listed.spec, scene), along, scene.date in shown) for scene in listed.scenes],
    }
    return {"key": digest(repr(told))[:16], **told}


def _item(
    scene: SceneInfo, info: SourceInfo, spec: PatchSpec, spans: Sequence[tuple[date, date] | None]
) -> dict[str, object]:
    look = glimpses.held(spec, scene)
    first, second = (span is not None and span[0] <= scene.date <= span[1] for span in spans)
    return {
        "date": str(scene.date),
        "id": scene.id[:200],
        "sensor": scene.sensor[:20],
        "cloud": _cloud_words(scene),
        "src": f"data:image/jpeg;base64,{base64.b64encode(look.jpeg).decode('ascii')}" if look and look.jpeg else "",
        "simulated": info.simulated,
        "t1": first,
        "t2": second,
    }


def _dot(scene: SceneInfo, along: axis.TimeAxis, shown: bool) -> dict[str, object]:
    title = f"{scene.date}, {_cloud_words(scene)}"
    return {
        "date": str(scene.date), "at": along.at(scene.date), "shown": shown, "title": title,
        "cloud": round(choosing.cloud(scene), 2),
    }  # fmt: skip


def _cloud_words(scene: SceneInfo) -> str:
    if scene.clear is not None:
        return f"{scene.clear:.0%} clear" + (f", {scene.snow:.0%} snow" if scene.snow and scene.snow >= 0.005 else "")
    return "cloud not known" if scene.cloud_pct is None else f"tile {scene.cloud_pct:.0f}% cloud"
