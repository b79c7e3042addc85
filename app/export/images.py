"""A patch as images that any GIS opens: each date with all its bands, and as the picture that was looked at."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app import config, patches, rasters
from app.bands import CLOUD_MASK
from app.export import styles
from app.files import file_word
from app.pictures import compositions, render
from app.terrain import correction, heights

if TYPE_CHECKING:
    import xarray as xr

    from app.detection.run import Detection

NAMES = ("T1", "T2")


def said(patch: "xr.Dataset", link: str = "") -> dict[str, str]:
    """Return what every image of a patch says of itself, as text; ``link`` leads to where it was seen."""
    t1, t2 = ("unknown" if day == "NaT" else day for day in patches.when(patch))
    told = {
        "title": str(patch.attrs.get("title", "")),
        "source": str(patch.attrs.get("source", "unknown")),
        "event_id": str(patch.attrs.get("event_id", "")),
        "t1": t1,
        "t2": t2,
        "composite": str(patch.attrs.get("composite", "")),
        **patches.origin(patch),
        "heights": heights.about(patch),
        "light": correction.said(patch),
        "simulated": "true" if patches.is_simulated(patch) else "false",
        "software": config.software(),
        "warnings": " ".join(patches.warnings(patch)),
        "link": link,
    }
    return {name: text for name, text in told.items() if text}


def dates(patch: "xr.Dataset", folder: Path, stem: str, composition: str, stretch: str, link: str = "") -> list[Path]:
    """Write T1 and T2 of a patch, each a GeoTIFF with its style beside it; returns the GeoTIFFs.

    The style draws them as ``composition`` through ``stretch`` (names as in ``app.pictures``), an index as its bands.
    """
    told, paths = said(patch, link), []
    for at, name in enumerate(NAMES):
        path = folder / f"{stem}_{name}.tif"
        rasters.write_date(path, patch, at, {**told, "of": name})
        styles.beside(path, _drawn(patch, composition, stretch, at))
        paths.append(path)
    return paths


def pictures(
    patch: "xr.Dataset", folder: Path, stem: str, composition: str, stretch: str, link: str = ""
) -> list[Path]:
    """Write T1 and T2 as the pictures that a composition makes of them, clear where there are no data."""
    limits = render.stretch_for(patch, composition, stretch)
    named = compositions.required(patch, composition)
    told = {**said(patch, link), "composition": named.name, "shows": named.heading, "stretch": str(limits)}
    seen, paths = patch[CLOUD_MASK].values != patches.NODATA, []
    for at, picture in enumerate(render.pair(patch, named.name, limits)):
        path = folder / f"{stem}_{file_word(named.name)}_{NAMES[at]}.tif"
        rasters.write_picture(path, picture, seen[at], patches.grid_of(patch), {**told, "of": NAMES[at]})
        styles.beside(path, styles.picture())
        paths.append(path)
    return paths


def change(
    patch: "xr.Dataset", found: "Detection", mask: np.ndarray, folder: Path, stem: str, tags: Mapping[str, str]
) -> list[Path]:
    """Write the mask, bool (y, x), and the score of a detection with their styles; returns the two GeoTIFFs."""
    grid = patches.grid_of(patch)
    drawn, scored = folder / f"{stem}_mask.tif", folder / f"{stem}_score.tif"
    rasters.write_mask(drawn, mask, found.clear, grid, tags)
    styles.beside(drawn, styles.mask())
    rasters.write_score(scored, found.score, grid, tags)
    styles.beside(scored, styles.score(*score_limits(found)))
    return [drawn, scored]


def score_limits(found: "Detection") -> tuple[float, float]:
    """Return the scores that are drawn darkest and brightest: the 1st and 99th percentile of the clear pixels."""
    scores = found.score[found.clear & np.isfinite(found.score)]
    low, high = (float(edge) for edge in np.percentile(scores, (1, 99))) if scores.size else (0.0, 1.0)
    return low, max(high, low + 1e-6)


def _drawn(patch: "xr.Dataset", composition: str, stretch: str, at: int) -> str:
    """Return how a date is drawn; an index, which no style computes from bands, as the first colours there are."""
    named = compositions.required(patch, composition)
    if named.index:
        plain = [name for name in compositions.available(patch) if not compositions.parse(name).index]
        named, stretch = compositions.parse((plain or patches.band_names(patch))[0]), ""
    held = patches.band_names(patch)
    limits = render.stretch_for(patch, named.name, stretch)
    return styles.bands([held.index(band) + 1 for band in named.bands], limits, at)
