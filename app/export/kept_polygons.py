"""What reviewers kept of detections, polygon by polygon: GeoJSON, and a mask for each event and method."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app import config, rasters
from app.export import folders
from app.files import file_word
from app.review import Verdict
from app.review.pieces import KeptDetection

POLYGONS, PROVENANCE = "polygons.geojson", "provenance.json"


def write(found: Sequence[KeptDetection], out: Path) -> list[dict[str, object]]:
    """Write kept detections under ``out``, an empty folder or a new one; returns what was written, mask by mask.

    ``out/METHOD/EVENT.tif`` is 1 where a polygon was kept, else 0; a folder of them is one that ``evaluate --pred``
    reads. Raises InputError where the folder holds something already or cannot be written.
    """
    folders.require_empty(out)
    told = [_write_mask(one, out) for one in found]
    features = [_feature(one) for each in found for one in each.verdicts]
    folders.write_json(out / POLYGONS, {"type": "FeatureCollection", "features": features})
    folders.write_json(out / PROVENANCE, {"software": config.software(), "masks": told})
    return told


def _write_mask(one: KeptDetection, out: Path) -> dict[str, object]:
    folder, stem, n = file_word(one.method), file_word(one.event), 2
    path = out / folder / f"{stem}.tif"
    while path.exists():  # another event of this id elsewhere, or another grid
        path, n = out / folder / f"{stem}_{n}.tif", n + 1
    simulated = any(each.simulated for each in one.verdicts)
    told = {
        "event": one.event,
        "method": one.method,
        "file": path.relative_to(out).as_posix(),
        "kept": len(one.verdicts),
        "dropped": one.dropped,
        "reviewers": ", ".join(sorted({each.reviewer for each in one.verdicts})),
        "simulated": simulated,
        "area_m2": round(one.grid.area_m2(one.mask), 1),
    }
    path.parent.mkdir(exist_ok=True)
    rasters.write_mask(path, one.mask, np.ones_like(one.mask), one.grid, told)
    return told


def _feature(one: Verdict) -> dict[str, object]:
    held = json.loads(one.geometry)
    said = ("event", "inventory", "method", "threshold", "model_sha256", "source", "t1", "t2", "simulated", "reviewer",
            "confidence", "note", "subject", "uid")  # fmt: skip
    told = {name: getattr(one, name) for name in said}
    told["made_at"] = one.made_at.isoformat() if one.made_at else ""
    return {
        "type": "Feature",
        "geometry": {name: held[name] for name in ("type", "coordinates")},
        "properties": told,
    }
