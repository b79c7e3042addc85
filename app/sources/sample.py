"""The sample source: one real place on many dates that ships with Scarp, so that something real opens offline."""

from datetime import date
from functools import cache

import numpy as np
import xarray as xr

from app import config, patches
from app.errors import BandMissingError, SceneMissingError
from app.grid import Grid
from app.inventory import Event
from app.patches import CLEAR, PatchSpec, Progress, no_progress
from app.sources import SourceInfo, scl
from app.sources.scenes import SceneInfo

FILE = config.DATA / "sample" / "romania_forest.nc"
T1, T2 = date(2017, 7, 11), date(2019, 7, 6)
LATITUDE, LONGITUDE = 45.20478, 22.15221
EDGES = (22.14493, 45.19961, 22.15949, 45.20996)  # west, south, east, north around the square
BANDS = ("B02", "B03", "B04", "B08", "B8A", "B11")
CRS = "EPSG:3035"
ATTRIBUTION = (
    "Contains modified Copernicus Sentinel data (2015 to 2020); cut from the test data of nrt 0.2.1, "
    "European Commission, Joint Research Centre, EUPL-1.2"
)
_SCALE = np.float32(1e-4)  # digital numbers to reflectance; all dates precede baseline 04.00


class Sample:
    """Serves the dates in ``app/data/sample``, resampled to the grid asked for."""

    def describe(self) -> SourceInfo:
        """Return what the place shows, with it and its usual pair as an event."""
        return SourceInfo(
            name="sample",
            title="Sample (real)",
            summary="One real place: felled stands in a forest in western Romania, which look like fresh scars.",
            needs="nothing",
            cost="free; at once",
            limits=(
                f"1 km x 1 km, {len(days())} dates from {days()[0]} to {days()[-1]}, bands {', '.join(BANDS)}; no "
                "landslide, so no truth."
            ),
            attribution=ATTRIBUTION,
            bands=BANDS,
            local=True,
            buffer_deg=0.005,
            cacheable=False,
            scenes=True,
            days=days(),
            event=Event("sample", 0, None, LATITUDE, LONGITUDE, "felled forest", "exact", "nrt", (T1,), T2),
        )

    def open(self, spec: PatchSpec, progress: Progress = no_progress) -> xr.Dataset:
        """Return two of its dates on ``spec.grid``: the nearest pixel, NaN and CLM 255 outside the square.

        Raises BandMissingError for a band it does not hold, SceneMissingError for a date it does not hold or a
        box that does not meet it.
        """
        _check(spec)
        progress(0.1, "reading the sample")
        with xr.open_dataset(FILE, engine="netcdf4") as opened:
            held = opened.isel(time=[days().index(day) for day in (spec.t1, spec.t2)]).load()
        progress(0.5, "resampling to the grid")
        bands = {name: _reflectance(held[name], spec.grid) for name in spec.bands}
        attrs = {
            "simulated": False,
            "t1_scenes": _scene_id(spec.t1),
            "t2_scenes": _scene_id(spec.t2),
            "processing_baseline": "before 04.00",
            "attribution": ATTRIBUTION,
        }
        patch = patches.assemble(spec, bands, _cloud_mask(held["SCL"], spec.grid), attrs)
        progress(1.0, "done")
        return patch

    def scenes(
        self, spec: PatchSpec, first: date, last: date, progress: Progress = no_progress
    ) -> tuple[SceneInfo, ...]:
        """Return the dates of the file from one day to another; raises as ``open`` does."""
        _check_place(spec)
        progress(0.1, "looking at the sample's dates")
        with xr.open_dataset(FILE, engine="netcdf4") as opened:
            classes = _on_grid(opened["SCL"].load(), spec.grid)
        found = [
            SceneInfo(day, _scene_id(day), float(np.mean(scl.cloud_mask(one) == CLEAR)), snow=_snow(one))
            for day, one in zip(days(), classes, strict=True)
        ]
        return tuple(sorted((one for one in found if first <= one.date <= last), key=lambda one: one.date))

    def open_scene(self, spec: PatchSpec, scene: SceneInfo, progress: Progress = no_progress) -> xr.Dataset:
        """Return one date of the file on ``spec.grid``; raises as ``open`` does."""
        _check_place(spec)
        if scene.date not in days():
            raise SceneMissingError(f"The sample holds no scene of {scene.date}; list its scenes for those it has.")
        progress(0.1, f"reading the sample of {scene.date}")
        with xr.open_dataset(FILE, engine="netcdf4") as opened:
            held = opened.isel(time=[days().index(scene.date)]).load()
        bands = {name: _reflectance(held[name], spec.grid) for name in spec.bands}
        attrs = {
            "title": "Sentinel-2 L2A scene of the sample", "simulated": False, "scene": scene.id,
            "processing_baseline": "before 04.00", "attribution": ATTRIBUTION,
        }  # fmt: skip
        return patches.build(spec.grid, [scene.date], bands, _cloud_mask(held["SCL"], spec.grid), attrs)


def source() -> Sample:
    """Return the sample source."""
    return Sample()


@cache
def days() -> tuple[date, ...]:
    """Return the dates the sample holds, oldest first."""
    with xr.open_dataset(FILE, engine="netcdf4") as opened:
        return tuple(_day(value) for value in opened["time"].values)


def _scene_id(day: date) -> str:
    return f"Sentinel-2 L2A {day}"


def _day(value: np.datetime64) -> date:
    return date.fromisoformat(str(value)[:10])


def _check(spec: PatchSpec) -> None:
    _check_place(spec)
    missing = [day for day in (spec.t1, spec.t2) if day not in days()]
    if missing:
        raise SceneMissingError(
            f"The sample holds no scene of {' and '.join(map(str, missing))}; its usual pair is {T1} and {T2}, and all "
            f"it holds are {', '.join(map(str, days()))}."
        )


def _check_place(spec: PatchSpec) -> None:
    missing = [name for name in spec.bands if name not in BANDS]
    if missing:
        raise BandMissingError(
            f"The sample holds {', '.join(BANDS)} but not {', '.join(missing)}; choose among those it holds."
        )
    west, south, east, north = spec.bbox
    if west >= EDGES[2] or east <= EDGES[0] or south >= EDGES[3] or north <= EDGES[1]:
        raise SceneMissingError(
            f"The sample is one square kilometre around {LATITUDE}° N, {LONGITUDE}° E, outside this box; "
            "choose the event called sample, or another source."
        )


def _reflectance(numbers: xr.DataArray, grid: Grid) -> np.ndarray:
    """Return reflectance (dates, height, width) on the grid; digital number 0 is nodata."""
    found = _on_grid(numbers, grid)
    return np.where(found == 0, np.float32(np.nan), found * _SCALE)


def _cloud_mask(classes: xr.DataArray, grid: Grid) -> np.ndarray:
    """Return the cloud mask (dates, height, width) that Sen2Cor's classes stand for."""
    return scl.cloud_mask(_on_grid(classes, grid))


def _snow(classes: np.ndarray) -> float | None:
    share = scl.snow_share(classes)
    return None if np.isnan(share) else share


def _on_grid(values: xr.DataArray, grid: Grid) -> np.ndarray:
    """Return (dates, height, width) values at the nearest pixel, 0 outside the square."""
    from rasterio import Affine
    from rasterio.warp import Resampling, reproject

    y, x = (values[dim].values for dim in values.dims[1:])
    step = float(x[1] - x[0])
    out = np.zeros((len(values), *grid.shape), np.float32)
    reproject(
        values.values.astype(np.float32),
        out,
        src_transform=Affine(step, 0, x[0] - step / 2, 0, -step, y[0] + step / 2),
        src_crs=CRS,
        dst_transform=Affine(*grid.transform),
        dst_crs=grid.crs,
        resampling=Resampling.nearest,
    )
    return out
