"""Count what methods mark in snow, cloud and shadow that a mask missed: ``python -m models.weather FILE.onnx ...``.

The pairs are real: dates of the forest in Romania, kept for testing, of which one shows snow or cloud and the other is
the nearest clear one. Nothing slid, so all that is marked is false.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from app import config
from app.arguments import Parser
from app.detection import run
from app.errors import InputError, NetworkError
from app.testsets import real
from app.testsets.making import as_patch
from app.testsets.scars import Pair
from models import cards

CALLED = "python -m models.weather"
PLACE = "romania"
# as the scene classification of Level-2A names them
CLASSES = {"snow": (11,), "cloud": (8, 9), "thin cirrus": (10,), "shadow of cloud": (3,)}
GROUND = (4, 5, 6)
PLAIN = (
    "band-difference:B04:0.05",
    "band-difference:B04:0.1",
    "index-drop:NDVI:0.33",
    "rdndvi:42",
    "cva:0.12",
    "ratio-anomaly:1.25",
)
LEAST, MOST = 0.1, 8  # share of a date that a class has to cover, and dates taken of each class
BEGIN, END = "<!-- weather: python -m models.weather -->", "<!-- end of weather -->"


def dates(images: np.ndarray, classes: np.ndarray, kind: str) -> Iterator[tuple[int, int]]:
    """Yield the number of a date that shows ``kind`` and of the nearest one before or after it that is clear ground.

    ``images`` is reflectance (dates, bands, y, x), ``classes`` (dates, y, x), in order of time. At most ``MOST``,
    spread over all dates.
    """
    shown = (np.isin(classes, CLASSES[kind])).mean(axis=(1, 2))
    ground = (np.isin(classes, GROUND) & (images[:, 0] < real.BRIGHT)).mean(axis=(1, 2))
    clear, found = np.flatnonzero(ground > 0.9), np.flatnonzero(shown >= LEAST)
    taken = found[np.unique(np.linspace(0, len(found) - 1, MOST).round().astype(int))] if len(found) else found
    for date in taken:
        yield int(date), int(clear[np.argmin(np.abs(clear - date))])


def shares(methods: Sequence[str]) -> dict[tuple[str, str], tuple[int, dict[str, float]]]:
    """Return (kind, "T1" or "T2", where it is) -> pixels of it, and method -> share of them that it marks, in percent.

    The mask calls all clear, as if it had missed the whole. Raises InputError where the images are not there,
    NetworkError where a network cannot run.
    """
    images, classes = _cube()
    cases = [(kind, when, *at) for kind in CLASSES for at in dates(images, classes, kind) for when in ("T1", "T2")]
    there = [np.isin(classes[date], CLASSES[kind]) & np.isin(classes[clear], GROUND) for kind, _, date, clear in cases]
    pixels = Counter[tuple[str, str]]()
    for (kind, when, *_), where in zip(cases, there, strict=True):
        pixels[kind, when] += int(np.count_nonzero(where))
    marked = {method: Counter[tuple[str, str]]() for method in methods}
    for method, counts in marked.items():  # one after the other: few networks stay set up at once
        for (kind, when, date, clear), where in zip(cases, there, strict=True):
            first, second = (date, clear) if when == "T1" else (clear, date)
            counts[kind, when] += int(np.count_nonzero(_mask(images[first], images[second], method) & where))
    return {
        at: (number, {method: 100 * counts[at] / number for method, counts in marked.items()})
        for at, number in pixels.items()
        if number
    }


def _mask(t1: np.ndarray, t2: np.ndarray, method: str) -> np.ndarray:
    every = np.ones(t1.shape[1:], bool)
    detection = run.detect(as_patch(Pair(t1, t2, ~every, every), "2019-01-01", "2020-01-01"), method, "cpu")
    if detection.fallback:
        raise NetworkError(f"{method} did not run: {detection.fallback}")
    return run.mask(detection)


def _cube() -> tuple[np.ndarray, np.ndarray]:
    """Return every whole date of the forest, reflectance (dates, bands, y, x), and its classes (dates, y, x)."""
    import xarray as xr

    file = real.PLACES[PLACE][1]
    if reason := real.absent(file):
        raise InputError(reason)
    with xr.open_dataset(config.settings().data / file) as opened:
        cube = opened.sortby("time")
        images = np.stack([cube[band.replace("0", "")].values for band in real.BANDS], axis=1) * np.float32(1e-4)
        classes = cube["SCL"].values
    whole = np.isfinite(images).all(axis=(1, 2, 3)) & (classes > 0).all(axis=(1, 2))
    return images[whole].astype(np.float32), classes[whole].astype(np.uint8)


def table(found: dict[tuple[str, str], tuple[int, dict[str, float]]]) -> str:
    """Return the shares as a Markdown table, a method a row."""
    lines = [
        "**Real snow and cloud over the forest in Romania, as if the mask had missed them: share of its pixels that is "
        f"marked, %** (up to {MOST} dates of each, beside the nearest clear one; the other date is ground)\n",
        "| method | " + " | ".join(f"{kind} at {when}" for kind, when in found) + " |",
        "|---" * (1 + len(found)) + "|",
        "| pixels | " + " | ".join(f"{pixels:,}" for pixels, _ in found.values()) + " |",
    ]
    for method in next(iter(found.values()))[1]:
        named = Path(method.partition(":")[2]).stem if method.startswith("onnx:") else method
        lines.append(f"| {named} | " + " | ".join(f"{marked[method]:.1f}" for _, marked in found.values()) + " |")
    return "\n".join([*lines, ""])


def main(argv: list[str] | None = None) -> int:
    """Count, print, and return the exit code: 0 done, 2 a network, card or the images cannot be used."""
    made = Parser(prog=CALLED, description="Count what methods mark in snow and cloud that a mask missed.")
    return cards.measured(made, argv, lambda given, _: table(shares([*given, *PLAIN])), (BEGIN, END), "weather")


if __name__ == "__main__":
    sys.exit(main())
