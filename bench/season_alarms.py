"""False alarms of a method that knows the season on SIMULATED farmland, beside B04 and rdNDVI.

    python -m bench.season_alarms [--places 8]

Each place has its pair and, from the simulated passes of the years before, the dates that ``app.series.earlier`` takes.
Thresholds are chosen the same way for all: on the places of the validation zones, each at which half of the pixels that
slid are found; false alarms are then counted on those of the test zones, over fields clear at both dates that did not
slide. Prints a Markdown table.
"""

import sys
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from app import truth
from app.arguments import DONE, Parser
from app.detection import run
from app.grid import around
from app.patches import PatchSpec, clear_shares
from app.series import earlier
from app.simulate.scene import farmed
from app.sources import open_source
from app.testsets.simulated import SimulatedPlace, simulated_places
from models.farmland import PIXEL_KM2, counted

if TYPE_CHECKING:
    import xarray as xr

METHODS = ("band-difference:B04:0.05", "rdndvi:20", "season-anomaly:NDVI:3", "season-anomaly:B04:3")
FOUND = 0.5  # share of the pixels that slid, at which thresholds are chosen
BUFFER_DEG = 0.003
SINCE = date(2019, 6, 1)  # T2 from then on: three and more years of passes before
CLEAR = 0.5


def opened(split: str, count: int) -> list[tuple["xr.Dataset", np.ndarray]]:
    """Return the first pairs of a split that slid and are half clear, with earlier dates, and where each is farmed."""
    found = []
    for place in simulated_places(split, 40 * count):
        if place.event is None or place.t2 < SINCE or len(found) == count:
            continue
        spec = _spec(place)
        fields, patch = farmed(spec.grid), open_source("demo").open(spec)
        if fields.mean() < 0.05 or min(clear_shares(patch)) < CLEAR or not truth.read(patch)[0].any():
            continue
        found.append((earlier.attached(spec, patch), fields))
        print(f"{split} {len(found)}: {place.t1} and {place.t2}", file=sys.stderr)
    return found


def _spec(place: SimulatedPlace) -> PatchSpec:
    box = around(place.latitude, place.longitude, BUFFER_DEG)
    return PatchSpec("demo", "season", box, place.t1, place.t2, place.event, ("B02", "B03", "B04", "B08"))


def scored(patch: "xr.Dataset", method: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the score and where it counts: clear at both dates, whatever the method reads, and a number."""
    found = run.detect(patch, method, "cpu")
    both = (patch["CLM"].values == 0).all(axis=0)
    return found.score, found.clear & both & np.isfinite(found.score)


def threshold(places: list[tuple["xr.Dataset", np.ndarray]], method: str) -> float:
    """Return the threshold at which ``FOUND`` of the pixels that slid are marked."""
    slid = []
    for patch, _ in places:
        score, counts = scored(patch, method)
        slid.append(score[counts & truth.read(patch)[0]])
    return float(np.quantile(np.concatenate(slid), 1 - FOUND))


def alarms(places: list[tuple["xr.Dataset", np.ndarray]], method: str, least: float) -> tuple[int, int, int, float]:
    """Return groups and pixels marked on fields, how many pixels were judged there, and the share of slides found."""
    groups = pixels = judged = 0
    slid = []
    for patch, fields in places:
        score, counts = scored(patch, method)
        landslide = truth.read(patch)[0]
        on = fields & counts & ~landslide
        found = counted((score >= least) & counts, on)
        groups, pixels, judged = groups + int(found[0]), pixels + int(found[1]), judged + int(on.sum())
        slid.append(score[counts & landslide] >= least)
    return groups, pixels, judged, float(np.concatenate(slid).mean())


def main() -> int:
    """Open, choose thresholds, count, and print the table."""
    parser = Parser(description=__doc__.splitlines()[0])
    parser.add_argument("--places", type=int, default=8, help="simulated places of either split")
    args = parser.parse_args()
    tuning, testing = opened("validation", args.places), opened("test", args.places)
    print(f"SIMULATED farmland, {args.places} places to choose thresholds and {args.places} others to count\n")
    print("| method | threshold | false alarms on fields | groups per km² | slid pixels found |\n|---|---|---|---|---|")
    for method in METHODS:
        usual = float(method.rpartition(":")[2])
        for least, said in ((threshold(tuning, method), "chosen"), (usual, "usual")):
            groups, pixels, judged, found = alarms(testing, method, least)
            per_km2 = groups / (judged * PIXEL_KM2)
            name = f"`{method.rpartition(':')[0]}` | {least:.3g} ({said})"
            print(f"| {name} | {pixels / judged:.2%} | {per_km2:.0f} | {found:.0%} |")
    print(f"\n{judged * PIXEL_KM2:.2f} km² of fields were judged")
    return DONE


if __name__ == "__main__":
    sys.exit(main())
