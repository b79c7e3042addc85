"""A pair understood and read by a process of its own: what is asked, watched while it works, and taken back."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from app import config, patches
from app.bands import CLOUD_MASK, HEIGHT, TRUTH
from app.errors import InputError
from app.grid import Grid
from app.inventory import kinds
from app.patches import Progress, no_progress
from app.processes.parent import EndedError, LateError, Worker
from app.sources.own.headers import DRIVERS
from app.sources.own.records import PairRecord
from app.sources.own.stated import PairStated
from app.sources.own.worker import ARRAYS
from app.terrain import heights
from app.terrain.heights import Heights

if TYPE_CHECKING:
    import xarray as xr

_LOOK_S, _READ_S, _A_DAY_S = 120.0, 600.0, 30.0
_ROOM_BYTES = 2_000_000_000  # beside the pair itself: libraries, and one band that is laid on other pixels
_MOST_LINE = 20_000_000
# beside the drivers of images: what masks and outlines laid beside a pair are read with
_TRUTH_DRIVERS = ("PNG", "MEM")


@dataclass(frozen=True)
class PairPaths:
    """The files of a pair on this machine."""

    t1: tuple[str, ...]
    t2: tuple[str, ...]
    truth: tuple[str, ...] = ()
    dem: tuple[str, ...] = ()  # heights of the ground: one GeoTIFF
    more: tuple[str, ...] = ()  # further dates


def look(pair: PairPaths, stated: PairStated) -> dict[str, Any]:
    """Return what the files of both dates hold, from names and headers, as ``app.sources.own.worker`` says it.

    Under ``why`` it says what hinders the pair from being opened. Raises InputError for files that are no images.
    """
    with _asked("look", pair, stated) as folder:
        return _answer(folder, _LOOK_S, no_progress)


def read(pair: PairPaths, stated: PairStated, progress: Progress = no_progress) -> tuple[xr.Dataset, PairRecord]:
    """Return a pair as a patch, and what is known of it; raises InputError, and what ``progress`` raises."""
    with _asked("read", pair, stated) as folder:
        told = _answer(folder, _READ_S, progress)
        patch = _patch(told, folder / ARRAYS)
    first, second = told["files"]
    days = patches.dates(patch)
    return patch, PairRecord(
        str(told["name"]), days[0], days[1], tuple(first), tuple(second), _truth_name(pair),
        patches.band_names(patch), _grid(told), stated, tuple(told["notes"]),
        (pair.t1, pair.t2, pair.truth, pair.dem, pair.more),
        Path(pair.dem[0]).name if pair.dem else "",
    )  # fmt: skip


def dates(files: Sequence[str], stated: PairStated) -> tuple[tuple[str, ...], str]:
    """Return the days of dated files, oldest first, and the name of what they are together; raises InputError."""
    with _asked("dates", PairPaths(tuple(files), ()), stated) as folder:
        told = _answer(folder, _READ_S, no_progress)
    return tuple(map(str, told["days"])), str(told["name"])


def read_more(
    record: PairRecord, days: Sequence[str], progress: Progress = no_progress
) -> tuple[dict[str, xr.Dataset], tuple[str, ...]]:
    """Return dates brought beside a pair on its pixels, a day each, and what is to be said of those left out.

    Bands and CLM, dims (time, y, x) with one time. Reads the files ``record.paths`` names, each day beside T1, whose
    numbers say what units are. Raises InputError, and what ``progress`` raises.
    """
    on, (t1, _, _, _, more) = record.grid, record.paths
    stated = replace(record.stated, days=(record.t1, record.stated.days[1]))
    grid = [on.west, on.south, on.res_x, on.res_y, on.width, on.height, on.crs]
    with _asked("more", PairPaths(t1, more), stated, days=list(days), bands=record.bands, grid=grid) as folder:
        told = _answer(folder, _READ_S + _A_DAY_S * len(days), progress)
        found = {str(one["day"]): _one_date(folder / f"{ARRAYS}-{one['day']}", record, one) for one in told["done"]}
    return found, tuple(map(str, told["left"]))


def _one_date(folder: Path, record: PairRecord, said: Mapping[str, Any]) -> xr.Dataset:
    shape = (1, *record.grid.shape)
    bands = {name: _array(folder, name, shape) for name in record.bands}
    attrs = {"simulated": bool(said["simulated"])}
    return patches.build(record.grid, [str(said["day"])], bands, _array(folder, CLOUD_MASK, shape), attrs)


def _truth_name(pair: PairPaths) -> str:
    names = [Path(one).name for one in pair.truth]
    main = [name for name in names if not kinds.is_beside(name)]
    return ", ".join(main or names[:1])[:200]


@contextmanager
def _asked(doing: str, pair: PairPaths, stated: PairStated, **more: object) -> Iterator[Path]:
    """Yield a folder with the question in it, which goes with whatever is put there."""
    question = {"doing": doing, **asdict(pair), "stated": stated.as_json(), **more}
    with tempfile.TemporaryDirectory(prefix="scarp-pair-") as made:
        folder = Path(made)
        (folder / "asked.json").write_text(json.dumps(question), "utf-8")
        yield folder


def _answer(folder: Path, patience_s: float, progress: Progress) -> dict[str, Any]:
    """Have a folder's question answered; the process is gone when this returns, or raises."""
    most = int(2 * config.settings().patch_gb * 1e9 + _ROOM_BYTES)
    called = [sys.executable, "-m", "app.sources.own.worker", str(folder), str(most)]
    progress(0.0, "looking at the files")
    worker: Worker[dict[str, Any]] = Worker(called, _line, _environment())
    share, doing, ends = 0.0, "looking at the files", time.monotonic() + patience_s

    def watch() -> None:
        progress(share, doing)

    try:
        while True:
            told = worker.answer(ends, watch)
            if "share" not in told:
                break
            share, doing = float(told["share"]), str(told["doing"])
    except LateError:
        raise InputError(f"The pair was not read within {patience_s:.0f} seconds; cut a part out.") from None
    except EndedError:
        raise InputError("The pair cannot be read: a file is damaged, or takes more memory than a pair may.") from None
    finally:
        worker.kill()
    if "error" in told:
        raise InputError(str(told["error"]))
    return told["done"]


def _line(output: BinaryIO) -> dict[str, Any] | None:
    line = output.readline(_MOST_LINE)
    return json.loads(line) if line.endswith(b"\n") else None


def _environment() -> Mapping[str, str]:
    """Return the surroundings in which GDAL knows no other format than images', and no address."""
    nowhere = "127.0.0.1:9"
    return config.without_secrets() | _limits() | {
        "GDAL_SKIP": ",".join(_drivers_beside()),
        "GDAL_HTTP_PROXY": nowhere, "GDAL_HTTPS_PROXY": nowhere, "NO_PROXY": "", "no_proxy": "",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}", "PROJ_NETWORK": "OFF",
    }  # fmt: skip


def _limits() -> dict[str, str]:
    """Return the settings by which the process holds files to what this one does."""
    return {"SCARP_PATCH_GB": f"{config.settings().patch_gb:g}"}


@cache
def _drivers_beside() -> tuple[str, ...]:
    import rasterio

    with rasterio.Env() as known:
        return tuple(sorted(set(known.drivers()) - {*DRIVERS.values(), *_TRUTH_DRIVERS}))


def _grid(told: Mapping[str, Any]) -> Grid:
    west, south, res_x, res_y, width, height, crs = told["grid"]
    return Grid(float(west), float(south), float(res_x), float(res_y), int(width), int(height), str(crs))


def _patch(told: Mapping[str, Any], folder: Path) -> xr.Dataset:
    """Return the patch whose arrays lie in a folder; they are held to what was said of them."""
    on = _grid(told)
    bands = {str(name): _array(folder, str(name), (2, *on.shape)) for name in told["bands"]}
    truth = _array(folder, TRUTH, on.shape) if (folder / f"{TRUTH}.npy").is_file() else None
    days: Sequence[str] = [str(day) for day in told["days"]]
    patch = patches.build(on, days, bands, _array(folder, CLOUD_MASK, (2, *on.shape)), told["attrs"], truth)
    return _with_heights(patch, told["dem"], folder) if told.get("dem") else patch


def _with_heights(patch: xr.Dataset, said: Mapping[str, Any], folder: Path) -> xr.Dataset:
    """Return the patch with the heights that came with it; what is doubted of them is among its warnings already."""
    simulated = patches.told_simulated(said.get("simulated", 0))
    values = _array(folder, HEIGHT, patches.grid_of(patch).shape)
    return heights.onto(patch, Heights(values, str(said["source"]), str(said["vertical_datum"]), simulated))


def _array(folder: Path, name: str, shape: tuple[int, ...]) -> np.ndarray:
    values = np.load(folder / f"{name}.npy", allow_pickle=False)
    if values.shape != shape:
        raise InputError(f"The pair cannot be read: {name} came back as {values.shape}, not {shape}.")
    return values
