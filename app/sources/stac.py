"""Real scenes from open STAC catalogues: Sentinel-2 L2A files read straight onto the common grid."""

import logging
import re
import warnings
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any, TypeVar

import numpy as np
import xarray as xr

from app import config
from app.errors import InputError, SceneMissingError, SourceError
from app.grid import Grid
from app.patches import CLEAR, NODATA, PatchSpec, Progress, assemble, build, no_progress
from app.sources import SourceInfo, scl, stac_heights, stac_scenes, stac_search, waiting
from app.sources import stac_catalogue as catalogues
from app.sources.scenes import SNOW, SceneInfo
from app.sources.stac_catalogue import SCL, Catalogue
from app.sources.stac_failures import needing_packages
from app.sources.stac_files import read_item
from app.sources.stac_looks import Look, of_clearest_day, ranked
from app.sources.stac_search import Scene
from app.sources.waiting import Deadline
from app.terrain.heights import Heights

T = TypeVar("T")

TOLERANCE_DAYS = 3  # how far from the asked date a scene may be where that date has none
LOOK_PX = 128  # side of the look at the scene classes that decides which scene is best
THREADS = 8

_log = logging.getLogger(__name__)
_VISIBLE = ("B04", "B03", "B02", "B05", "B12")  # dark over forest: where an offset applied twice shows


class StacSource:
    """Sentinel-2 L2A by way of pystac-client and odc-stac."""

    def describe(self) -> SourceInfo:
        """Return what a person should know; opens no connection."""
        try:
            names = ", ".join(catalogues.catalogues())
        except InputError as error:  # a list of sources stays readable, whatever the settings
            names = str(error)
        return SourceInfo(
            name="stac",
            title="Open catalogues (STAC)",
            summary="Real Sentinel-2 L2A scenes from open archives, read in parts as files on the web.",
            needs=f"A network, no account. Catalogues: {names}.",
            cost="Free; a patch of 12 bands at 222 x 222 pixels reads about 10 MB in some 100 requests.",
            limits=f"Where a date has no scene, the clearest within {TOLERANCE_DAYS} days is taken and its date shown.",
            attribution="Contains modified Copernicus Sentinel data.",
            variant=config.settings().stac_url,
            heights=stac_heights.TITLE,
            scenes=True,
            options=("catalogue", "tolerance_days"),
        )

    def uses_account(self, spec: PatchSpec) -> bool:
        """Whether the spec's catalogue gives its files only to an account of this installation."""
        return catalogues.uses_account(catalogues.catalogue(dict(spec.options).get("catalogue")))

    def scenes(
        self, spec: PatchSpec, first: date, last: date, progress: Progress = no_progress
    ) -> tuple[SceneInfo, ...]:
        """Return the days of the spec's catalogue whose scenes touch the patch, as its list says them; reads no file.

        Raises as ``WithScenes`` says.
        """
        where = catalogues.catalogue(dict(spec.options).get("catalogue"))
        return stac_scenes.listed(where, spec.grid.bbox, first, last, progress)

    def open_scene(self, spec: PatchSpec, scene: SceneInfo, progress: Progress = no_progress) -> xr.Dataset:
        """Return one day on the spec's grid, its tiles mosaicked, the clearest on top. Raises as ``open`` does."""
        where = catalogues.catalogue(dict(spec.options).get("catalogue"))
        deadline = Deadline(config.settings().deadline_s, f"Reading the scene of {scene.date}")
        [tiles] = waiting.run_all(
            [needing_packages(partial(stac_scenes.tiles, where, spec.grid.bbox, scene))],
            waiting.part(progress, 0, 0.1), f"searching the scene of {scene.date}", deadline,
        )  # fmt: skip
        [sign] = waiting.run_all(
            [partial(catalogues.signer, where)], waiting.part(progress, 0.1, 0.1), "asking for access", deadline
        )
        reader = Reader(where, sign, deadline, THREADS)
        if len(tiles) > 1:
            looks = ranked(reader.looks(tiles, spec.grid, waiting.part(progress, 0.1, 0.2)))
            tiles = [look.scene for look in looks] or tiles[:1]
        return _single(reader, spec, tiles, waiting.part(progress, 0.2, 1.0))

    def heights(self, spec: PatchSpec, progress: Progress = no_progress) -> Heights:
        """Return the heights of the spec's catalogue on its grid; raises SourceError where it has none."""
        where = catalogues.catalogue(dict(spec.options).get("catalogue"))
        return needing_packages(partial(stac_heights.read, where, spec, read_item, progress))()

    def open(self, spec: PatchSpec, progress: Progress = no_progress) -> xr.Dataset:
        """Return the pair on the spec's grid: per date the clearest scene, its tiles mosaicked.

        Options of the spec: ``catalogue``, and ``tolerance_days`` where the date asked for has
        no scene. The dates of the patch are those of the scenes. Raises SourceError in plain
        words, InputError for options, and Cancelled from ``progress``, at once.
        """
        options = dict(spec.options)
        where = catalogues.catalogue(options.get("catalogue"))
        deadline = Deadline(config.settings().deadline_s, f"Fetching the patch of event {spec.event_id}")
        sides = _windows(spec, _tolerance(options))
        jobs = [partial(stac_search.search, where, spec.grid.bbox, first, last) for _, first, last in sides]
        found = waiting.run_all(
            [needing_packages(job) for job in jobs],
            waiting.part(progress, 0, 0.1),
            "searching scenes",
            deadline,
        )
        sign = waiting.run_all(
            [partial(catalogues.signer, where)], waiting.part(progress, 0.1, 0.1), "asking for access", deadline
        )[0]
        reader = Reader(where, sign, deadline, THREADS)
        chosen = []
        for number, ((asked, *_), scenes) in enumerate(zip(sides, found, strict=True)):
            tell = waiting.part(progress, 0.1 + 0.05 * number, 0.15 + 0.05 * number)
            chosen.append(_best(reader, spec.grid, asked, scenes, _tolerance(options), tell))
        return _patch(reader, spec, chosen, waiting.part(progress, 0.2, 1.0))


def source() -> StacSource:
    """Return the source; its packages load when a patch is opened."""
    return StacSource()


class Reader:
    """Reads bands of scenes onto a grid, several at once, with one deadline."""

    def __init__(self, where: Catalogue, sign: Callable[[str], str], deadline: Deadline, threads: int) -> None:
        self.where, self._sign, self._deadline, self._threads = where, sign, deadline, threads
        warnings.filterwarnings("ignore", "Dataset has no geotransform", module="rasterio.warp")

    def read(self, wanted: Sequence[tuple[Scene, str]], on: Grid, tell: Progress, doing: str) -> list[np.ndarray]:
        """Return the digital numbers (y, x) of each band wanted, nearest neighbour, 0 nodata."""
        jobs = [partial(self._read, scene, band, on) for scene, band in wanted]
        return waiting.run_all(jobs, tell, doing, self._deadline, self._threads)

    def looks(self, scenes: Sequence[Scene], on: Grid, tell: Progress) -> list[Look]:
        """Return a look at every scene over the patch, from its scene classes."""
        coarse = on.coarser(LOOK_PX)
        classes = self.read([(scene, SCL) for scene in scenes], coarse, tell, "looking for clouds")
        return [Look(*pair) for pair in zip(scenes, classes, strict=True)]

    def _read(self, scene: Scene, band: str, on: Grid) -> np.ndarray:
        import rasterio

        kind: dict[str, Any] = {"data_type": "uint8" if band == SCL else "uint16", "nodata": 0}
        try:
            return read_item(scene.item, scene.assets[band], on, kind, "nearest", self._sign)
        except rasterio.errors.RasterioError as error:
            raise SourceError(_unreadable(scene, band, error)) from None


def _windows(spec: PatchSpec, tolerance: int) -> list[tuple[date, date, date]]:
    """Return (asked, first, last) for T1 and T2; no window reaches over the event or the other date."""
    days = timedelta(days=tolerance)
    one = timedelta(days=1)
    middle = spec.t1 + (spec.t2 - spec.t1) / 2
    last_t1, first_t2 = min(spec.t1 + days, middle), max(spec.t2 - days, middle + one)
    if spec.event_date is not None and spec.t1 < spec.event_date:
        last_t1 = min(last_t1, spec.event_date - one)
    for last in (spec.event_date, spec.event_end):
        if last is not None and spec.t2 > last:
            first_t2 = max(first_t2, last + one)
    return [(spec.t1, spec.t1 - days, max(spec.t1, last_t1)), (spec.t2, min(spec.t2, first_t2), spec.t2 + days)]


def _best(
    reader: Reader, on: Grid, asked: date, scenes: Sequence[Scene], tolerance: int, tell: Progress
) -> list[Scene]:
    """Return the scenes of the best day, in the order in which they are to be laid."""
    looks = reader.looks([scene for scene in scenes if scene.day == asked], on, tell)
    order = ranked(looks)
    if not order:
        near = [scene for scene in scenes if scene.day != asked]
        order = of_clearest_day(reader.looks(near, on, tell), asked)
    if not order:
        raise SceneMissingError(
            f"{reader.where.title} has no Sentinel-2 L2A scene of this place within {tolerance} days of {asked}. "
            "Choose another date; the date search proposes clear ones."
        )
    return [look.scene for look in order]


def _patch(reader: Reader, spec: PatchSpec, chosen: list[list[Scene]], tell: Progress) -> xr.Dataset:
    """Read the bands of both dates, correct and lay them, and build the patch."""
    shape = (2, *spec.grid.shape)
    bands = {band: np.full(shape, np.nan, np.float32) for band in spec.bands}
    clm = np.full(shape, NODATA, np.uint8)
    notes = []
    for number, scenes in enumerate(chosen):
        part = waiting.part(tell, 0.5 * number, 0.5 * number + 0.5)
        used, classes = _masked(reader, spec.grid, scenes, waiting.part(part, 0, 0.1))
        clm[number] = scl.cloud_mask(classes)
        notes.append(_fill(reader, spec, used, {band: values[number] for band, values in bands.items()}, part))
    for values in bands.values():  # a clear pixel is measured in every band
        clm[np.isnan(values)] = NODATA
    patch = assemble(spec, bands, clm, _attrs(reader.where, spec, clm, notes))
    days = [note["day"] for note in notes]
    return patch.assign_coords(time=np.array([str(day) for day in days], "datetime64[ns]"))


def _single(reader: Reader, spec: PatchSpec, scenes: list[Scene], tell: Progress) -> xr.Dataset:
    """Read the bands of one day and build a dataset of one time."""
    bands = {band: np.full((1, *spec.grid.shape), np.nan, np.float32) for band in spec.bands}
    used, classes = _masked(reader, spec.grid, scenes, waiting.part(tell, 0, 0.1))
    clm = scl.cloud_mask(classes)
    note = _fill(reader, spec, used, {band: values[0] for band, values in bands.items()}, tell)
    for values in bands.values():
        clm[np.isnan(values[0])] = NODATA
    attrs = {
        "title": f"Sentinel-2 L2A scene around event {spec.event_id}",
        "simulated": False,
        "scene": stac_scenes.joined(note["scenes"]),
        SNOW: scl.snow_share(classes),
        "catalogue": reader.where.title,
        "offset": [f"{offset:g}" for offset in note["offsets"].values()],
        "sun": note["scenes"][0].sun,
        "processing_baseline": ", ".join(dict.fromkeys(_baseline(scene) for scene in note["scenes"])),
        "attribution": "Contains modified Copernicus Sentinel data",
    }
    return build(spec.grid, [note["day"]], bands, clm[None], attrs)


def _baseline(scene: Scene) -> str:
    return "{:02d}.{:02d}".format(*scene.baseline)


def _masked(reader: Reader, on: Grid, scenes: list[Scene], tell: Progress) -> tuple[list[Scene], np.ndarray]:
    """Return the scenes that give any pixel, and the scene classes (y, x) of their mosaic."""
    classes = np.zeros(on.shape, np.uint8)
    used = []
    for scene in scenes:
        [layer] = reader.read([(scene, SCL)], on, tell, f"reading the clouds of {scene.day}")
        new = (classes == 0) & (layer != 0)
        if new.any():
            used.append(scene)
            np.copyto(classes, layer, where=new)
        if classes.all():
            break
    return used or scenes[:1], classes


def _fill(reader: Reader, spec: PatchSpec, scenes: list[Scene], into: dict[str, np.ndarray], tell: Progress) -> dict:
    """Put reflectance into the arrays (y, x), the first scene on top; return what is worth saying."""
    offsets = {}
    for number, scene in enumerate(scenes):
        stac_search.require_bands(scene, spec.bands, reader.where)
        start = 0.1 + 0.9 * number / len(scenes)
        part = waiting.part(tell, start, start + 0.9 / len(scenes))
        wanted = [(scene, band) for band in spec.bands]
        numbers = reader.read(wanted, spec.grid, part, f"reading {len(wanted)} bands of {scene.day}")
        already = _corrected_already(scene, dict(zip(spec.bands, numbers, strict=True)))
        for band, values in zip(spec.bands, numbers, strict=True):
            offset = 0.0 if already else scene.offset(band)
            found = scl.reflectance(values, offset, scene.scale(band))
            np.copyto(into[band], found, where=np.isnan(into[band]))
            offsets[scene.id] = offset
    return {"day": scenes[0].day, "scenes": scenes, "offsets": offsets}


def _corrected_already(scene: Scene, numbers: dict[str, np.ndarray]) -> bool:
    band = next((name for name in _VISIBLE if name in numbers), None)
    if band is None or not scl.corrected_already(numbers[band], scene.offset(band)):
        return False
    _log.warning("Scene %s states an offset its pixels have had already; it is not subtracted again.", scene.id)
    return True


def _attrs(where: Catalogue, spec: PatchSpec, clm: np.ndarray, notes: list[dict]) -> dict[str, object]:
    attrs: dict[str, object] = {
        "simulated": False,
        "catalogue": where.title,
        "catalogue_host": catalogues.host(where),
        "resampling": "nearest",
        "attribution": "Contains modified Copernicus Sentinel data",
    }
    baselines = []
    for name, asked, note, mask in zip(("t1", "t2"), (spec.t1, spec.t2), notes, clm, strict=True):
        attrs[name] = str(note["day"])
        attrs[f"{name}_asked"] = str(asked)
        attrs[f"{name}_scenes"] = [scene.id for scene in note["scenes"]]
        attrs[f"{name}_offset"] = [f"{offset:g}" for offset in note["offsets"].values()]
        attrs[f"{name}_sun"] = note["scenes"][0].sun
        attrs[f"{name}_clear_pct"] = round(100 * float(np.mean(mask == CLEAR)), 1)
        baselines += [_baseline(scene) for scene in note["scenes"]]
    attrs["processing_baseline"] = ", ".join(dict.fromkeys(baselines))
    return attrs


def _tolerance(options: dict[str, str]) -> int:
    text = options.get("tolerance_days", str(TOLERANCE_DAYS))
    if not (text.isdecimal() and int(text) <= 60):
        raise InputError(f"tolerance_days is {text!r}; give whole days from 0 to 60.")
    return int(text)


def _unreadable(scene: Scene, band: str, error: Exception) -> str:
    """Say which file failed and with what status; the address itself may hold a signature."""
    status = re.search(r"(?:response code|HTTP error code)\D*(\d{3})", f"{error} {error.__cause__ or ''}")
    reason = f"HTTP {status[1]}" if status else "no answer or a damaged file"
    return f"{band} of scene {scene.id} could not be read ({reason}). Try again; if it stays so, choose another date."
