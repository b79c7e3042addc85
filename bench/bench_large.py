"""A full Sentinel-2 tile of two dates through ``detect --pair``, beside reading the same bands with ``gdal_translate``.

``python -m bench.bench_large [--side 10980] [--methods NAME ...] [--folder DIR] [--json]``. SIMULATED scenes: one scene
of the simulator repeated over the tile, with noise of its own in every pixel, as Cloud Optimized GeoTIFFs of four bands
(uint16, deflate). Every run is a process of its own; its memory and its children's is looked at ten times a second.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np

from app.arguments import Parser

BANDS = ("B02", "B03", "B04", "B08")
METHODS = {  # method -> bands it reads
    "band-difference:B04:0.1": ("B04",),
    "index-drop:NDVI:0.3": ("B04", "B08"),
    "onnx:bit-int8": BANDS,
}
TILE, NOISE_DN, SEED = 10_980, 25, 16
DAYS = date(2020, 6, 5), date(2020, 7, 1), date(2021, 6, 10)  # T1, the event, T2


def main() -> int:
    """Print seconds, peak memory and the ratio to reading."""
    parser = Parser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=TILE, help="pixels")
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--folder", type=Path, help="keep the scenes there, and take them from there")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        for row in _measured(args, args.folder or Path(scratch), Path(scratch)):
            print(
                json.dumps(row) if args.json else "  ".join(f"{key} {value}" for key, value in row.items()), flush=True
            )
    return 0


def _measured(args: argparse.Namespace, folder: Path, scratch: Path) -> Iterator[dict]:
    pair = [folder / f"SIMULATED_{name}_{args.side}.tif" for name in ("T1", "T2")]
    if not all(path.exists() for path in pair):
        _scenes(pair, args.side)
    size = sum(path.stat().st_size for path in pair)
    yield {"what": "the pair on disk", "GB": round(size / 1e9, 2), "load": round(os.getloadavg()[0], 1)}
    for method in args.methods:
        reading = f"gdal_translate of {', '.join(METHODS[method])}"
        yield {"what": reading} | _reading(pair, METHODS[method], scratch)
        files_too = ("--out", "--polygons")
        for files in (files_too,) if method.startswith("onnx") else ((), files_too):
            yield _detected(pair, method, files, scratch) | {"load": round(os.getloadavg()[0], 1)}
        yield {"what": f"{reading}, again"} | _reading(pair, METHODS[method], scratch)


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _took(started: float, before: float) -> dict[str, float]:
    """Return the seconds by the clock and of the processor: the latter hardly change where others use the machine."""
    by_clock, processor = time.perf_counter() - started, _processor_s() - before
    return {"seconds": round(by_clock, 1), "processor_s": round(processor, 1)}


def _reading(pair: list[Path], bands: tuple[str, ...], scratch: Path) -> dict[str, float]:
    """Return what reading bands of both dates takes, written without compression."""
    chosen = [part for band in bands for part in ("-b", str(BANDS.index(band) + 1))]
    started, before = time.perf_counter(), _processor_s()
    for path in pair:
        out = scratch / "read.tif"
        subprocess.run(["gdal_translate", "-q", *chosen, str(path), str(out)], check=True)
        out.unlink()
    return _took(started, before)


def _detected(pair: list[Path], method: str, files: tuple[str, ...], scratch: Path) -> dict:
    named = {"--out": scratch / "mask.tif", "--polygons": scratch / "found.geojson"}
    command = [sys.executable, "-m", "app", "detect", "--pair", *map(str, pair), "--method", method, "--json"]
    command += [part for option in files for part in (option, str(named[option]))]
    if files:
        command += ["--min-area", "1000"]
    started, before = time.perf_counter(), _processor_s()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    peak = _Peak(process.pid)
    out, _ = process.communicate()
    took, told = _took(started, before), json.loads(out)
    written = {option: round(path.stat().st_size / 1e6, 1) for option, path in named.items() if path.exists()}
    for path in named.values():
        path.unlink(missing_ok=True)
    return {
        "what": f"detect {method} {' '.join(files)}".strip(), **took, "peak_GB": peak.stopped(),
        "changed": told["changed"], "fallback": told["fallback"], "MB": written,
    }  # fmt: skip


class _Peak:
    """Looks ten times a second at the resident memory of a process and all its children."""

    def __init__(self, pid: int) -> None:
        self.pid, self.most, self.over = pid, 0.0, threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self) -> None:
        import psutil

        while not self.over.wait(0.1):
            try:
                root = psutil.Process(self.pid)
                held = sum(one.memory_info().rss for one in (root, *root.children(recursive=True)))
            except psutil.Error:
                continue
            self.most = max(self.most, held)

    def stopped(self) -> float:
        """Return the most it was, in gigabytes."""
        self.over.set()
        self.thread.join()
        return round(self.most / 1e9, 2)


def _scenes(pair: list[Path], side: int) -> None:
    """Write both dates: one simulated scene, mirrored again and again, with noise."""
    import rasterio
    from rasterio.shutil import copy

    cell, noise = _cell(), np.random.default_rng(SEED)
    for number, path in enumerate(pair):
        path.parent.mkdir(parents=True, exist_ok=True)
        plain = path.with_suffix(".plain.tif")
        profile = {
            "driver": "GTiff", "width": side, "height": side, "count": len(BANDS), "dtype": "uint16", "tiled": True,
            "crs": "EPSG:32633", "transform": rasterio.Affine(10, 0, 500_000, 0, -10, 4_600_000),
        }  # fmt: skip
        with rasterio.open(plain, "w", **profile) as out:
            for start in range(0, side, 512):
                rows = np.arange(start, min(start + 512, side))
                values = cell[number][:, rows % cell.shape[2]][:, :, np.arange(side) % cell.shape[3]]
                values = values + noise.normal(0, NOISE_DN, values.shape).astype(np.float32)
                window = rasterio.windows.Window(0, start, side, len(rows))
                out.write(np.clip(values, 1, 20_000).astype(np.uint16), window=window)
            for at, band in enumerate(BANDS, 1):
                out.set_band_description(at, band)
            out.update_tags(date=str(DAYS[2 * number]), simulated="true")
        copy(str(plain), str(path), driver="COG", compress="DEFLATE", predictor="YES", num_threads="ALL_CPUS")
        plain.unlink()


def _cell() -> np.ndarray:
    """Return digital numbers (date, band, y, x) of one scene beside its mirror images, so that edges meet."""
    from app import patches, sources
    from app.grid import around

    spec = patches.PatchSpec("demo", "1", around(46.5, 13.5, 0.02), DAYS[0], DAYS[2], DAYS[1], bands=BANDS)
    patch = sources.open_source("demo").open(spec)
    values = 10_000 * np.stack([np.nan_to_num(patch[band].values, nan=0.1) for band in BANDS], axis=1)
    across = np.concatenate([values, values[..., ::-1]], axis=3)
    return np.concatenate([across, across[:, :, ::-1]], axis=2).astype(np.float32)


if __name__ == "__main__":
    shutil.which("gdal_translate") or sys.exit("This needs gdal_translate (GDAL's programs) beside Scarp.")
    sys.exit(main())
