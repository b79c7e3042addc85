"""Polygons as files: GeoJSON, GeoPackage, FlatGeobuf, and a zipped shapefile for those who must."""

import json
import math
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.errors import InputError
from app.files import written_whole
from app.grid import EPSG_4326
from app.terrain import relief
from app.values.cells import defused

if TYPE_CHECKING:
    import geopandas

Feature = dict[str, Any]  # a GeoJSON Feature, or the geometry of one

LAYER = "landslides"
_TOGETHER = 50_000  # features a GeoPackage takes at once
_NAME_LENGTH, _TEXT_BYTES = 10, 254  # what a shapefile holds of a column's name, and of a text
_FIELDS = "landslides_fields.txt"
# name of a column -> what it is called in a shapefile, where cutting it off would not do
_SHORT = {
    "mean_slope_deg": "slope_deg", "aspect_deg": "aspect_deg", "height_range_m": "height_m", "length_m": "length_m",
    "model_sha256": "netw_sha", "min_slope_deg": "min_slope", "processing_baseline": "baseline",
    "min_area_m2": "min_area", "attribution": "attrib",
}  # fmt: skip


def write_polygons(features: Iterable[Feature], path: Path | str, attrs: Mapping[str, object]) -> None:
    """Write features to ``path``, by its ending one of ``POLYGON_ENDINGS``; every one also carries ``attrs``.

    ``attrs`` is what ``run.labels`` says of the detection: method, dates, source, simulated. A ``.zip`` is a
    shapefile, with the full names and texts of its columns in a file beside it. In tables, texts that a spreadsheet
    would run are defused. The file appears whole or not at all. Raises InputError for another ending or where the
    place cannot be written.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in _WRITERS:
        raise InputError(f"{path.name} should end in {in_words()}.")
    labelled = ({**feature, "properties": {**feature["properties"], **attrs}} for feature in features)
    with written_whole(path) as beside:
        _WRITERS[ending](labelled, beside, attrs)


def in_words() -> str:
    """Return the endings that there are, in words."""
    return f"{', '.join(POLYGON_ENDINGS[:-1])} or {POLYGON_ENDINGS[-1]}"


def _write_geojson(features: Iterable[Feature], path: Path, attrs: Mapping[str, object]) -> None:
    about = json.dumps({"type": "FeatureCollection", "metadata": dict(attrs)}, ensure_ascii=False)
    with path.open("w", encoding="utf-8") as out:
        out.write(f'{about[:-1]}, "features": [')
        for number, feature in enumerate(features):
            out.write(f"{', ' if number else ''}{json.dumps(feature, ensure_ascii=False)}")
        out.write("]}")


def _write_gpkg(features: Iterable[Feature], path: Path, attrs: Mapping[str, object]) -> None:
    texts, several = {name: str(value) for name, value in attrs.items()}, iter(features)
    _to_file(_frame(list(islice(several, _TOGETHER)), attrs), path, "GPKG", layer_metadata=texts)
    while some := list(islice(several, _TOGETHER)):
        _to_file(_frame(some, attrs), path, "GPKG", mode="a")


def _write_flatgeobuf(several: Iterable[Feature], path: Path, attrs: Mapping[str, object]) -> None:
    features = list(several)
    _to_file(_frame(features, attrs), path, "FlatGeobuf", SPATIAL_INDEX="NO" if not features else "YES")


def _write_shapefile(features: Iterable[Feature], path: Path, attrs: Mapping[str, object]) -> None:
    frame = _frame(list(features), attrs)
    names = short_names([str(name) for name in frame.columns if name != "geometry"])
    with tempfile.TemporaryDirectory(prefix="scarp-") as held, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        folder = Path(held)
        cut = frame.rename(columns=names)
        for name, value in attrs.items():
            cut[names[name]] = _fitting(str(defused(str(value))))
        _to_file(cut, folder / f"{LAYER}.shp", "ESRI Shapefile", ENCODING="UTF-8")
        (folder / _FIELDS).write_text(_about(names, attrs), encoding="utf-8")
        for part in sorted(folder.iterdir()):
            out.write(part, part.name)


def short_names(names: Sequence[str]) -> dict[str, str]:
    """Return name -> what a shapefile calls it: at most ten characters, no two alike."""
    given: dict[str, str] = {}
    for name in names:
        short, n = _SHORT.get(name, name)[:_NAME_LENGTH], 2
        while short in given.values():
            short, n = f"{name[: _NAME_LENGTH - 2]}_{n}", n + 1
        given[name] = short
    return given


def _about(names: Mapping[str, str], attrs: Mapping[str, object]) -> str:
    """Return what the columns of a shapefile are, and the texts whole that it may cut off."""
    rows = [f"{short:<{_NAME_LENGTH}}  {name}" for name, short in names.items()]
    whole = [f"{name}: {value}" for name, value in attrs.items()]
    return "\n".join(
        ["Columns of landslides.shp, whose names have ten characters at most:", "", *rows, "",
         f"What is the same of all of them; the table holds the first {_TEXT_BYTES} bytes of a text:", "", *whole, ""]
    )  # fmt: skip


def _fitting(text: str) -> str:
    return text.encode()[:_TEXT_BYTES].decode(errors="ignore")


def _frame(features: list[Feature], attrs: Mapping[str, object]) -> "geopandas.GeoDataFrame":
    """Return features as a table: numbers as numbers, ``attrs`` as texts that no spreadsheet runs."""
    import geopandas
    from shapely.geometry import shape

    columns: dict[str, type] = {
        "area_m2": float,
        "mean_score": float,
        "max_score": float,
        "pixels": int,
        **{name: float for name in relief.MEASURES if features and name in features[0]["properties"]},
        **dict.fromkeys(attrs, str),
    }
    rows: dict[str, object] = {
        name: [_valued(feature["properties"][name], kind) for feature in features] or np.array([], kind)
        for name, kind in columns.items()
    }
    geometry = [shape(feature["geometry"]) for feature in features]
    return geopandas.GeoDataFrame(rows, geometry=geometry, crs=EPSG_4326)


def _to_file(frame: "geopandas.GeoDataFrame", path: Path, driver: str, **options: object) -> None:
    frame.to_file(
        path,
        driver=driver,
        layer=LAYER,
        engine="pyogrio",
        geometry_type="MultiPolygon",
        promote_to_multi=True,
        **options,
    )


def _valued(value: object, kind: type) -> object:
    """Return a value of a column, NaN for a number that is not known."""
    if kind is str:
        return defused(str(value))
    return math.nan if value is None else kind(value)


_WRITERS: dict[str, Callable[[Iterable[Feature], Path, Mapping[str, object]], None]] = {
    ".geojson": _write_geojson, ".gpkg": _write_gpkg, ".fgb": _write_flatgeobuf, ".zip": _write_shapefile,
}  # fmt: skip

POLYGON_ENDINGS = tuple(_WRITERS)
