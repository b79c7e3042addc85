"""Corrected outlines as a folder of labelled pairs in GLaD4CD's layout, each with where it comes from."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app import cache, config, rasters
from app.datasets import AFTER, BEFORE, LABEL, LABELLED_PARTS
from app.errors import GridError, InputError, ScarpError
from app.export import folders
from app.files import file_word
from app.patches import PatchSpec, grid_of, is_simulated
from app.review import corrected
from app.review.corrected import Correction
from app.sources import open_source

if TYPE_CHECKING:
    import xarray as xr

PART = LABELLED_PARTS[-1]
PROVENANCE, OUTLINES = "provenance.json", "outlines.geojson"
Opener = Callable[[PatchSpec], "xr.Dataset"]


def open_at_hand(spec: PatchSpec) -> "xr.Dataset":
    """Return a patch that asks nobody: of the cache, or of a source on this machine.

    Raises InputError for one that would have to be fetched, and what opening it raises.
    """
    if not cache.cached(spec) and not open_source(spec.source).describe().local:
        raise InputError(
            f"Its pictures ({spec.source}, {spec.t1} and {spec.t2}) are not kept on this machine; open the event on "
            "the Review page once, then export again."
        )
    return cache.load(spec)


def write(
    found: Mapping[tuple[str, str], Correction], out: Path, opener: Opener = open_at_hand
) -> tuple[list[dict[str, object]], list[tuple[str, str]]]:
    """Write corrected outlines under ``out``, as ``corrections`` returns them; returns what was written and was not.

    ``out/TEST`` then holds A, B and LABEL, a GeoTIFF an event, ``out/outlines.geojson`` the outlines and
    ``out/provenance.json`` whose verdict each is of and on which pictures it was painted, as returned. What was not
    written comes as (event, reason). Raises InputError for a folder that holds something already.
    """
    folders.require_empty(out)
    told: list[dict[str, object]] = []
    faults: list[tuple[str, str]] = []
    for (event, _), one in found.items():
        name = f"{file_word(event)}.tif"
        if any(each["file"] == name for each in told):
            faults.append((event, "Another event of this id, elsewhere, is in the folder already; one is kept."))
            continue
        try:
            told.append(_write_one(one, out / PART, name, opener))
        except ScarpError as error:
            faults.append((event, str(error)))
    folders.write_json(out / PROVENANCE, {"software": config.software(), "layout": "GLaD4CD", "events": told})
    by_uid = {one.verdict.uid: one for one in found.values()}
    outlines = [_feature(by_uid[str(each["uid"])], each) for each in told]
    folders.write_json(out / OUTLINES, {"type": "FeatureCollection", "features": outlines})
    return told, faults


def _write_one(one: Correction, part: Path, name: str, opener: Opener) -> dict[str, object]:
    patch = opener(corrected.spec_of(one.verdict.geometry))
    if not grid_of(patch).same_as(one.grid):
        raise GridError("Its pictures have other pixels now than the outline was painted on; correct it again.")
    told = _provenance(one, patch, name)
    tags = {key: value for key, value in told.items() if value not in ("", None)}
    for kind in (BEFORE, AFTER, LABEL):
        (part / kind).mkdir(parents=True, exist_ok=True)
    rasters.write_date(part / BEFORE / name, patch, 0, tags)
    rasters.write_date(part / AFTER / name, patch, 1, tags)
    rasters.write_mask(part / LABEL / name, one.mask, np.ones_like(one.mask), one.grid, tags)
    return told


def _provenance(one: Correction, patch: "xr.Dataset", name: str) -> dict[str, object]:
    """Return where a label comes from; SIMULATED where the pictures are."""
    said = one.verdict
    return {
        "event": said.event,
        "file": name,
        "inventory": said.inventory,
        "latitude": said.latitude,
        "longitude": said.longitude,
        "event_date": said.event_date,
        "source": said.source,
        "t1": said.t1,
        "t2": said.t2,
        "simulated": is_simulated(patch),
        "attribution": str(patch.attrs.get("attribution", "")),
        "label": "corrected by a reviewer" + (" on a SIMULATED scene" if is_simulated(patch) else ""),
        "reviewer": said.reviewer,
        "verdict": said.verdict,
        "confidence": said.confidence,
        "note": said.note,
        "made_at": said.made_at.isoformat() if said.made_at else "",
        "uid": said.uid,
        "pixels": int(np.count_nonzero(one.mask)),
        "area_m2": round(one.grid.area_m2(one.mask), 1),
    }


def _feature(one: Correction, told: dict[str, object]) -> dict[str, object]:
    held = json.loads(one.verdict.geometry)
    geometry = {name: held[name] for name in ("type", "coordinates")}
    return {"type": "Feature", "geometry": geometry, "properties": told}
