"""Count false alarms on farmland with and without a smallest slope: ``python -m models.farmland``, for the cards.

The farmland is SIMULATED, at the places kept for testing: no real pair of farmland comes with heights.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app import truth
from app.arguments import DONE, Parser, refused
from app.config import ROOT
from app.detection import run, steep
from app.errors import NetworkError, ScarpError
from app.grid import BUFFER_DEG, around
from app.patches import PatchSpec
from app.testsets.real import BANDS
from app.testsets.simulated import SimulatedPlace, simulated_places
from models import cards

if TYPE_CHECKING:
    import xarray as xr

CALLED = "python -m models.farmland"
PIXEL_KM2 = 1e-4  # 10 m pixels
SLOPES_DEG = (0.0, 5.0, 10.0)
PLACES = 24
PLAIN = ("band-difference:B04:0.05", "band-difference:B04:0.1", "index-drop:NDVI:0.33")
BEGIN, END = "<!-- farmland: python -m models.farmland -->", "<!-- end of farmland -->"


def counted(marked: np.ndarray, fields: np.ndarray) -> np.ndarray:
    """Return how many separate groups of marked pixels lie on fields, and how many pixels, int64 (2,); corners join.

    Both are bool (y, x).
    """
    from scipy.ndimage import label

    groups, number = label(marked & fields, np.ones((3, 3)))
    return np.array([number, np.count_nonzero(groups)])


def opened(place: SimulatedPlace) -> tuple["xr.Dataset", np.ndarray]:
    """Return the simulated pair of a place with its heights, and where it is farmed, bool (y, x)."""
    from app.cache import loading
    from app.simulate.scene import farmed

    box = around(place.latitude, place.longitude, BUFFER_DEG)
    spec = PatchSpec("demo", "farmland", box, place.t1, place.t2, place.event, BANDS, heights=True)
    return loading.load(spec), farmed(spec.grid)


def alarms(methods: Sequence[str], count: int, seed: int = 0) -> tuple[float, dict[str, np.ndarray]]:
    """Return the farmland that was judged in square kilometres, and what each method marked on it.

    That is int64 (slopes, 2): what ``counted`` returns, for each of ``SLOPES_DEG``.
    Judged are fields that are clear at both dates and did not slide. Raises NetworkError where a network cannot run.
    """
    km2, found = 0.0, {method: np.zeros((len(SLOPES_DEG), 2), int) for method in methods}
    for place in simulated_places("test", count, seed):
        patch, fields = opened(place)
        fields = fields & ~truth.read(patch)[0] & (patch["CLM"].values == 0).all(axis=0)
        km2 += fields.sum() * PIXEL_KM2
        if not fields.any():
            continue
        hillside = steep.hillside(patch)
        for method, sums in found.items():
            detection = run.detect(patch, method, "cpu")
            if detection.fallback:
                raise NetworkError(f"{method} did not run: {detection.fallback}")
            for n, least in enumerate(SLOPES_DEG):
                sums[n] += counted(run.mask(steep.by_slope(detection, hillside, least)), fields)
    return km2, found


def table(km2: float, found: dict[str, np.ndarray], count: int) -> str:
    """Return the false alarms as a Markdown table."""
    lines = [
        f"**SIMULATED farmland: false alarms per km², and the share they cover** ({count} places of the simulated "
        f"test set, {km2:.1f} km² of fields, clear and not slid)\n",
        "| method | no smallest slope | " + " | ".join(f"{least:g}° and more" for least in SLOPES_DEG[1:]) + " |",
        "|---" * (1 + len(SLOPES_DEG)) + "|",
    ]
    for method, sums in found.items():
        named = "this network" if method.startswith("onnx:") else method
        lines.append(f"| {named} | {' | '.join(_cell(int(one[0]), int(one[1]), km2) for one in sums)} |")
    return "\n".join([*lines, ""])


def _cell(groups: int, pixels: int, km2: float) -> str:
    return f"{groups / km2:.2f} ({100 * pixels * PIXEL_KM2 / km2:.2f} %)"


def write_card(card: Path, text: str) -> None:
    """Put the table between its marks in a model card; raises NetworkError where it has none."""
    cards.put(card, (BEGIN, END), text, "farmland")


def parser() -> Parser:
    """Return the command line's parser."""
    made = Parser(prog=CALLED, description="Count false alarms on simulated farmland with and without a slope filter.")
    made.add_argument("models", nargs="*", metavar="NAME", help="networks of models/, such as bit")
    made.add_argument("--places", type=int, default=PLACES, metavar="N", help=f"simulated places ({PLACES})")
    made.add_argument("--write", action="store_true", help="write the tables into the networks' cards")
    return made


def main(argv: list[str] | None = None) -> int:
    """Count, print, and return the exit code: 0 done, 2 a network or card cannot be used."""
    args = parser().parse_args(argv)
    networks = {name: f"onnx:{ROOT / 'models' / name}.onnx" for name in args.models}
    try:
        km2, found = alarms([*networks.values(), *PLAIN], args.places)
        for name, method in networks.items() or [("", "")]:
            text = table(km2, {one: sums for one, sums in found.items() if one in (method, *PLAIN)}, args.places)
            print(f"{name}\n{text}" if name else text)
            if args.write and name:
                write_card(ROOT / "models" / f"{name}.md", text)
    except ScarpError as error:
        return refused(CALLED, error)
    return DONE


if __name__ == "__main__":
    sys.exit(main())
