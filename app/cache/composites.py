"""Pairs of which one date or both are composites: the scenes of a span, made into one image."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import numpy as np
import xarray as xr

from app.bands import ALL_BANDS, CLOUD_MASK
from app.cache import loading
from app.cache.stacking import SCENE, open_stack
from app.errors import SourceError
from app.patches import CLEAR, NODATA, WARNINGS, PatchSpec, Progress, assemble, is_simulated, no_progress, with_warnings
from app.sources import choosing, open_source, scenes, waiting
from app.sources.compositing import composed, needed
from app.sources.own import records
from app.sources.scenes import SceneInfo
from app.terrain import light

TOLERANCE_DAYS = 3  # how far from a single day beside a span a scene may lie where that day has none
_HOPELESS = 0.98  # so much cloud over patch or tile that the scene is not opened


@dataclass(frozen=True)
class _Side:
    """One date of the pair as it came out."""

    bands: dict[str, np.ndarray]  # float32 (y, x)
    count: np.ndarray  # uint16 (y, x)
    clm: np.ndarray  # uint8 (y, x)
    ids: tuple[str, ...]
    attrs: dict
    told: tuple[str, ...]


def load(spec: PatchSpec, progress: Progress = no_progress) -> xr.Dataset:
    """Return the patch that ``spec`` names, in memory, from the cache or else from its source.

    As ``loading.load`` says; a span is made of scenes that are each kept by itself, and the composite is kept as well.
    """
    return loading.load(spec, progress, open_pair if spec.composite or _of_many(spec) else loading.from_source)


def _of_many(spec: PatchSpec) -> bool:
    """Whether a pair is two of many dates that were brought, and not those it was brought with."""
    record = records.find(spec.event_id) if spec.source == records.SOURCE else None
    return record is not None and bool(record.more)


def open_pair(spec: PatchSpec, progress: Progress = no_progress) -> xr.Dataset:
    """Return a pair with composites: NaN and CLM 255 where no scene is clear, ``scene_count`` beside the bands.

    Raises SourceError where a span has no clear scene or the source lists none, InputError for more scenes than
    memory holds, and Cancelled from progress.
    """
    sides = [_side(spec, which, waiting.part(progress, start, start + 0.48)) for which, start in ((0, 0.0), (1, 0.48))]
    bands = {name: np.stack([side.bands[name] for side in sides]) for name in spec.bands}
    clm, counts = (np.stack(layers) for layers in ([side.clm for side in sides], [side.count for side in sides]))
    return assemble(spec, bands, clm, _attrs(spec, sides), _truth(spec), counts)


def count(spec: PatchSpec, progress: Progress = no_progress) -> tuple[int, int]:
    """Return of how many scenes T1 and T2 would be made, as the source's list says; opens none.

    Raises as ``open_pair`` does where a span has no scene that could be clear.
    """
    first, second = (
        len(_chosen(spec, which, waiting.part(progress, which / 2, (which + 1) / 2))[0]) for which in (0, 1)
    )
    return first, second


def cost(spec: PatchSpec, progress: Progress = no_progress) -> str:
    """Return in words what a composite takes from an account, the sum over its scenes; empty of a source that is free.

    Asks the source's list, which is free; raises as ``count``.
    """
    source = open_source(spec.source)
    if not spec.composite or not hasattr(source, "estimate"):
        return ""
    first, second = count(spec, progress)
    takes = source.estimate(spec, (first, second))
    return (
        f"T1 is made of {first} and T2 of {second} scenes: about {takes.units:,.2f} processing units and "
        f"{takes.requests:,} requests of your account; less where scenes are kept already."
    )


def _truth(spec: PatchSpec) -> np.ndarray | None:
    """Return what a simulated world knows to have changed between both dates; None of any other."""
    if not open_source(spec.source).describe().simulated:
        return None
    plain = replace(spec, t1_from=None, t2_to=None, composite="", bands=spec.bands[:1])
    pair = open_source(spec.source).open(plain)
    return pair["truth"].values if "truth" in pair else None


def _side(spec: PatchSpec, which: int, progress: Progress) -> _Side:
    span = spec.spans[which]
    tell = partial(_named, progress, ("T1", "T2")[which])
    found, told = _chosen(spec, which, waiting.part(tell, 0, 0.2))
    way = spec.composite if span else "latest"
    reading = replace(spec, bands=tuple(name for name in ALL_BANDS if name in {*spec.bands, *needed(way)}))
    stack = open_stack(reading, found, waiting.part(tell, 0.2, 0.95))
    clear = stack[CLOUD_MASK].values == CLEAR
    layers = {name: stack[name].values for name in reading.bands}
    if span is None:
        return _single(spec, stack, told)
    tell(0.95, f"making the {way} of {stack.sizes['time']} scenes")
    bands, count = composed(layers, clear, way)
    if not count.any():
        raise _no_clear_scene(spec, which, stack.sizes["time"])
    clm = np.where(count > 0, CLEAR, NODATA).astype(np.uint8)
    ids = tuple(str(one) for one in stack[SCENE].values)
    return _Side(bands, count, clm, ids, dict(stack.attrs), (*told, *_warned(stack)))


def _named(progress: Progress, name: str, share: float, doing: str) -> None:
    progress(share, f"{name}: {doing}")


def _single(spec: PatchSpec, stack: xr.Dataset, told: tuple[str, ...]) -> _Side:
    """Return a single day beside a span as it is: cloud stays cloud."""
    clm = stack[CLOUD_MASK].values[0]
    ids = (str(stack[SCENE].values[0]),)
    bands = {name: stack[name].values[0] for name in spec.bands}
    return _Side(bands, (clm == CLEAR).astype(np.uint16), clm, ids, dict(stack.attrs), (*told, *_warned(stack)))


def _chosen(spec: PatchSpec, which: int, progress: Progress) -> tuple[tuple[SceneInfo, ...], tuple[str, ...]]:
    """Return the scenes that a date is made of, and what to say of how they were chosen."""
    span = spec.spans[which]
    if span is None:
        return _of_day(spec, which, progress), ()
    broken = ""
    try:
        found = scenes.open_scenes(spec, *span, progress)
    except scenes.ScenesBrokenOffError as error:
        found, broken = error.scenes, str(error)
    hopeful = [scene for scene in found if choosing.cloud(scene) < _HOPELESS]
    if not hopeful:
        raise _no_clear_scene(spec, which, len(found))
    kept, thinned = choosing.thinned(hopeful, choosing.MOST_COMPOSED)
    return kept, tuple(f"{('T1', 'T2')[which]}: {text}" for text in (broken, thinned) if text)


def _of_day(spec: PatchSpec, which: int, progress: Progress) -> tuple[SceneInfo, ...]:
    """Return the scene of a single day, or the nearest within the tolerance that is not on the event's other side."""
    day = (spec.t1, spec.t2)[which]
    days = timedelta(days=TOLERANCE_DAYS)
    found = [scene for scene in scenes.open_scenes(spec, day - days, day + days, progress) if _fits(spec, which, scene)]
    nearest = min(found, key=lambda scene: (abs(scene.date - day), scene.date), default=None)
    if nearest is None:
        raise SourceError(
            f"The source {spec.source} has no scene of this place within {TOLERANCE_DAYS} days of {day}; choose "
            "another date, or a span."
        )
    return (nearest,)


def _fits(spec: PatchSpec, which: int, scene: SceneInfo) -> bool:
    if scene.date == (spec.t1, spec.t2)[which]:
        return True
    event, end = spec.event_date, spec.event_end or spec.event_date
    if which == 0:
        return scene.date < spec.t2 and not (event and spec.t1 < event <= scene.date)
    return scene.date > spec.t1 and not (end and scene.date <= end < spec.t2)


def _no_clear_scene(spec: PatchSpec, which: int, seen: int) -> SourceError:
    looked = f"{seen} scenes, none of them clear here" if seen else "no scene at all"
    return SourceError(
        f"The span of {('T1', 'T2')[which]}, {spec.when[which]}, holds {looked}; choose a longer span or another one."
    )


def _warned(stack: xr.Dataset) -> tuple[str, ...]:
    return tuple(line for line in str(stack.attrs.get(WARNINGS, "")).splitlines() if line)


def _attrs(spec: PatchSpec, sides: Sequence[_Side]) -> dict[str, object]:
    held = [side.attrs for side in sides]
    attrs: dict[str, object] = {
        "simulated": any(is_simulated(xr.Dataset(attrs=each)) for each in held),
        "attribution": "; ".join(dict.fromkeys(str(each.get("attribution", "")) for each in held)),
        "processing_baseline": ", ".join(dict.fromkeys(str(each.get("processing_baseline", "")) for each in held)),
    }
    for number, (name, side) in enumerate(zip(("t1", "t2"), sides, strict=True)):
        attrs[f"{name}_scenes"] = list(side.ids)
        attrs[f"{name}_scene_count"] = len(side.ids)
        if spec.spans[number] is None and side.attrs.get("sun"):
            attrs[light.sun_name(number)] = side.attrs["sun"]
    return with_warnings(attrs, [line for side in sides for line in side.told])
