"""What pages do with a pair, without Scarp: pictures, differences, indices, detections and scores as lines of Python.

Each takes ``pair``, as ``app.library.plain_pair`` opens it. What has no such lines is said in a comment instead.
"""

from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from app import grid, patches
from app.bands import CLOUD_MASK, TRUTH
from app.detection import methods
from app.detection.methods import Method
from app.library import plain_network, plain_slope
from app.pictures import compositions
from app.pictures.contrast import Stretch
from app.truth import UNKNOWN

if TYPE_CHECKING:
    import xarray as xr

    from app.inventory import Inventory

# an index as the last lines of a function of ``date``, whose bands are held to zero and more
_INDICES = {
    "NDVI": ["return (date['B08'] - date['B04']) / (date['B08'] + date['B04'])"],
    "NDMI": ["return (date['B08'] - date['B11']) / (date['B08'] + date['B11'])"],
    "NBR": ["return (date['B08'] - date['B12']) / (date['B08'] + date['B12'])"],
    "BSI": [
        "bare, covered = date['B11'] + date['B04'], date['B08'] + date['B02']",
        "return (bare - covered) / (bare + covered)",
    ],
    "EVI": [
        "below = date['B08'] + 6 * date['B04'] - 7.5 * date['B02'] + 1",
        "return (2.5 * (date['B08'] - date['B04']) / below).where(below > 0).clip(-1, 1)",
    ],
    "brightness": ["return ((date['B02'] ** 2 + date['B03'] ** 2 + date['B04'] ** 2) / 3) ** 0.5"],
}
_UNKNOWN = "# the index {} has no lines of its own here; app/detection/indices.py holds its formula"
_CHANGE = {"index-drop": "at_t1 - at_t2", "index-rise": "at_t2 - at_t1", "rdndvi": "100 * (at_t1 - at_t2) / root"}
_DIRECTED = {"increase": "t2{0} - t1{0}", "decrease": "t1{0} - t2{0}", "both": "abs(t2{0} - t1{0})"}
_TABLES = {".csv": "read_csv", ".xlsx": "read_excel"}
_SHAPES = (".geojson", ".gpkg", ".fgb", ".shp")
_DATES = [
    "t1, t2 = pair.isel(time=0, drop=True), pair.isel(time=1, drop=True)",
    f"clear = (pair['{CLOUD_MASK}'] == 0).all('time')",
]


def inventory(listed: "Inventory") -> list[str]:
    """Return the lines that open an inventory; empty where only Scarp knows which columns hold the positions."""
    name, given = PurePath(listed.name).name, listed.given
    said = dict(given.columns)
    crs = given.crs or grid.EPSG_4326
    if not listed.raw:
        name, said = "app/data/inventory.csv", {"latitude": "latitude", "longitude": "longitude"}
    suffix = PurePath(name).suffix.lower()
    if suffix in _TABLES and {"latitude", "longitude"} <= set(said):
        return [
            "import geopandas as gpd",
            "import pandas as pd",
            "",
            f"table = pd.{_TABLES[suffix]}({name!r}){'' if listed.raw else '  # in the folder of Scarp'}",
            f"points = gpd.points_from_xy(table[{said['longitude']!r}], table[{said['latitude']!r}])",
            f"slides = gpd.GeoDataFrame(table, geometry=points, crs={crs!r}).to_crs('EPSG:4326')",
            "print(slides.head())",
        ]
    if suffix in _SHAPES:
        layer = f", layer={given.layer!r}" if given.layer else ""
        placed = f".set_crs({given.crs!r}, allow_override=True)" if given.crs else ""
        return [
            "import geopandas as gpd",
            "",
            f"slides = gpd.read_file({name!r}{layer}){placed}.to_crs('EPSG:4326')",
            "print(slides.head())",
        ]
    return []


def pictures(composition: str, stretch: Stretch) -> list[str]:
    """Return the lines that draw both dates of ``pair`` by the numbers of a stretch."""
    made = compositions.parse(composition)
    if made.index and made.index not in _INDICES:
        return [_UNKNOWN.format(made.index)]
    ends = [[tuple(round(float(end), 6) for end in limit) for limit in stretch.at(when)] for when in (0, 1)]
    grey = ["# in grey: the colours of an index are in app/pictures/colours.py"] if made.index else []
    channels = "index(date)" if made.index else ", ".join(f"date[{band!r}]" for band in made.bands)
    return [
        "import numpy as np",
        "from PIL import Image",
        "",
        *(_index(made.index) if made.index else []),
        *grey,
        *(
            [f"limits = {ends[0]!r}  # one stretch for both dates", "for when in (0, 1):"]
            if ends[0] == ends[1]
            else [f"for when, limits in enumerate({ends!r}):"]
        ),
        "    date = pair.isel(time=when)",
        "    bright = [",
        f"        255 * ((one - low) / (high - low)).fillna(0).clip(0, 1){_gamma(stretch.gamma)}",
        f"        for one, (low, high) in zip([{channels}], limits)",
        "    ]",
        "    picture = np.rint(np.stack(bright * (3 // len(bright)), axis=-1)).astype('uint8')",
        "    Image.fromarray(picture).save(f't{when + 1}.png')",
    ]


def _index(name: str) -> list[str]:
    """Return the lines of a function ``index`` of one date."""
    lines = ["date = date.clip(min=0)", *_INDICES[name]]
    return ["", "def index(date):", f'    """{name} of reflectance."""', *(f"    {line}" for line in lines), "", ""]


def _gamma(gamma: float) -> str:
    return "" if gamma == 1 else f" ** {1 / gamma:.6g}"


def detections(patch: "xr.Dataset", found: Iterable[tuple[str, float, float, int, float]]) -> list[str]:
    """Return the lines that detect on ``pair``, each method with its threshold, and outline what the last one found.

    ``found`` are method, threshold, smallest area in square metres, opening in pixels and smallest slope in degrees,
    for which ``pair`` has to hold heights.
    """
    found = list(found)
    held = [*plain_slope.hillside(patches.grid_of(patch)), ""] if any(slope for *_, slope in found) else []
    lines = [*held, *_DATES]
    for method, threshold, area, opening, slope in found:
        said = _scored(patch, methods.parse(method))
        lines += ["", f"# {method}", *said]
        if _has_score(said):
            steep = f" & (hillside >= {slope:g})" if slope else ""
            lines.append(f"found = (score >= {float(threshold)!r}) & clear{steep}")
            lines += _cleaned(patch, area, opening)
            lines.append("print(int(found.sum()), 'pixels changed')")
    return [*lines, *_outlined(patch)] if any(line.startswith("found") for line in lines) else lines


def scores(patch: "xr.Dataset", found: Sequence[tuple[str, float]]) -> list[str]:
    """Return the lines that hold each method, with its threshold, against the truth of ``pair``."""
    lines = [
        *_DATES,
        f"truth = pair['{TRUTH}']  # (y, x): 1 landslide, 0 not, {UNKNOWN} unknown; any array on the grid of the pair",
    ]
    for method, threshold in found:
        said = _scored(patch, methods.parse(method))
        lines += ["", f"# {method}", *said]
        if _has_score(said):
            lines += [
                f"counted = clear & (truth != {UNKNOWN}) & score.notnull()",
                f"found, slid = (score >= {float(threshold)!r}) & counted, (truth == 1) & counted",
                "tp, fp, fn = (int(one.sum()) for one in (found & slid, found & ~slid, ~found & slid))",
                "print(f'precision {tp / max(tp + fp, 1):.3f}, recall {tp / max(tp + fn, 1):.3f}, '",
                "      f'F1 {2 * tp / max(2 * tp + fp + fn, 1):.3f}')",
            ]
    return lines


def _has_score(lines: Sequence[str]) -> bool:
    return any(line.startswith("score = ") for line in lines)


def _scored(patch: "xr.Dataset", method: Method) -> list[str]:
    """Return the lines that make ``score``, larger where change is likelier; a comment alone where there are none."""
    if method.kind in ("band-difference", "all-bands", "cva"):
        return _of_bands(patch, method)
    if method.kind in _CHANGE:
        return _of_index(method)
    if method.kind == "onnx":
        return plain_network.lines(patch, method)
    return [f"# {method.kind} has no lines without Scarp: docs/SERIES.md and docs/METRICS.md say what it does"]


def _of_bands(patch: "xr.Dataset", method: Method) -> list[str]:
    if method.kind == "band-difference":
        return [f"score = {_DIRECTED[method.direction].format(f'[{method.target!r}]')}"]
    bands = f"bands = {list(patches.band_names(patch))!r}"
    if method.kind == "cva":
        change = "change = (t2[bands] - t1[bands]).to_dataarray()"
        return [bands, change, "score = (change**2).sum('variable', skipna=False) ** 0.5"]
    change = _DIRECTED[method.direction].format("[bands]")
    return [bands, f"score = ({change}).to_dataarray().max('variable', skipna=False)"]


def _of_index(method: Method) -> list[str]:
    name = method.target or "NDVI"
    if name not in _INDICES:
        return [_UNKNOWN.format(name)]
    root = ["total = at_t1 + at_t2", "root = total.where(total > 0) ** 0.5"] if method.kind == "rdndvi" else []
    return [*_index(name), "at_t1, at_t2 = index(t1), index(t2)", *root, f"score = {_CHANGE[method.kind]}"]


def _cleaned(patch: "xr.Dataset", area: float, opening: int) -> list[str]:
    """Return the lines that take small and narrow objects out of ``found``."""
    lines = []
    if opening:
        lines += [
            "from scipy import ndimage",
            "cross = ndimage.generate_binary_structure(2, 1)",
            f"found.values = ndimage.binary_opening(found, cross, iterations={opening})",
        ]
    if area:
        on = patches.grid_of(patch)
        pixel_m2 = on.area_m2(np.ones(on.shape, bool)) / (on.width * on.height)
        lines += [
            "import numpy as np",
            "from scipy import ndimage",
            "labels, number = ndimage.label(found, np.ones((3, 3)))",
            f"sizes = np.bincount(labels.ravel()) * {pixel_m2:.6g}  # square metres a pixel on the ground",
            f"found.values = (sizes >= {area:.10g})[labels] & found.values",
        ]
    return lines


def _outlined(patch: "xr.Dataset") -> list[str]:
    on = patches.grid_of(patch)
    return [
        "import geopandas as gpd",
        "from affine import Affine",
        "from rasterio import features",
        "",
        f"place = Affine{on.transform}",
        "shapes = features.shapes(found.values.astype('uint8'), found.values, connectivity=8, transform=place)",
        "records = [{'type': 'Feature', 'geometry': shape, 'properties': {}} for shape, _ in shapes]",
        "if records:",
        f"    gpd.GeoDataFrame.from_features(records, crs={on.crs!r}).to_file('change.gpkg')",
    ]
