"""False alarms of a method that knows the season in the forest in Romania, beside B04 and rdNDVI, on real scenes.

    python -m bench.season_forest

Reads ``romania_forest_10m.nc`` of the real data. Thresholds are chosen the same way for all: where half of the felled
pixels are found between 2017-07-11 and 2019-07-06; the usual ones stand beside. False alarms are counted over the
pixels of untouched forest of every pair within 200 days that has three earlier dates of its season, felled pixels
found on another T2, 2019-08-20. Prints a Markdown table.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import xarray as xr

from app import config
from app.arguments import DONE
from app.detection import index_change, season
from app.series import earlier
from app.sources import open_source, scenes, spec_for
from tests import felled_forest

USUAL = {"band-difference:B04": 0.05, "rdndvi": 20.0, "season-anomaly:NDVI": 3.0, "season-anomaly:B04": 3.0}
APART_DAYS = 200
FOUND = 0.5
T1, TUNED, TESTED = "2017-07-11", "2019-07-06", "2019-08-20"


class Forest:
    """The cube as scores of pairs."""

    def __init__(self) -> None:
        self.ndvi, self.clear, self.when, number = felled_forest.cube()
        self.days = self.when.astype(object)
        with xr.open_dataset(config.settings().data / felled_forest.CUBE) as held:
            red = held["B4"].values
        self.red = red / 1e4 if np.nanmedian(red) > 2 else red
        self.felled = number > 0
        self.untouched = felled_forest.untouched(self.ndvi, self.clear, self.when) & ~self.felled
        self.listed = tuple(
            scenes.SceneInfo(day, str(k), float(self.clear[k].mean()))
            for k, day in enumerate(self.days)
            if self.clear[k].mean() > 0.3
        )

    def before(self, i: int, j: int) -> list[int]:
        """Return the dates that date ``j`` is held against, where T1 is date ``i``."""
        spec = spec_for(open_source("sample").describe().event, "sample")
        return [int(one.id) for one in earlier.chosen(replace(spec, t1=self.days[i], t2=self.days[j]), self.listed)]

    def scores(self, i: int, j: int) -> dict[str, np.ndarray] | None:
        """Return each method's score of a pair; None with too few earlier dates."""
        before = self.before(i, j)
        if len(before) < season.FEWEST:
            return None

        def beyond(values: np.ndarray) -> np.ndarray:
            return season.beyond(values[j], np.where(self.clear[before], values[before], np.nan))

        return {
            "band-difference:B04": self.red[j] - self.red[i],
            "rdndvi": index_change.rdndvi_loss(self.ndvi[i], self.ndvi[j]),
            "season-anomaly:NDVI": -beyond(self.ndvi),
            "season-anomaly:B04": beyond(self.red),
        }

    def pairs(self) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
        """Yield which untouched pixels count, and the scores, of every pair within the days."""
        usable = [k for k in range(len(self.days)) if self.clear[k].mean() > 0.9]
        for at, i in enumerate(usable):
            for j in usable[at + 1 :]:
                if (self.days[j] - self.days[i]).days > APART_DAYS:
                    continue
                found = self.scores(i, j)
                if found is not None:
                    numbers = np.logical_and.reduce([np.isfinite(one) for one in found.values()])
                    yield self.untouched & self.clear[i] & self.clear[j] & numbers, found

    def of_felled(self, t2: str) -> dict[str, np.ndarray]:
        """Return the scores of the felled pixels between T1 and a day."""
        named = list(self.when.astype(str))
        found = self.scores(named.index(T1), named.index(t2))
        assert found is not None
        return {name: one[self.felled & np.isfinite(one)] for name, one in found.items()}


def main() -> int:
    """Choose thresholds, count, and print the table."""
    forest = Forest()
    tuned, tested = forest.of_felled(TUNED), forest.of_felled(TESTED)
    least = {name: (float(np.quantile(tuned[name], 1 - FOUND)), usual) for name, usual in USUAL.items()}
    marked = {(name, at): 0 for name in USUAL for at in (0, 1)}
    judged = count = 0
    for counts, found in forest.pairs():
        judged, count = judged + int(counts.sum()), count + 1
        for name, at in marked:
            marked[name, at] += int((found[name][counts] >= least[name][at]).sum())
    print(f"Untouched forest, {count} pairs within {APART_DAYS} days, {judged:,} pixels\n")
    print("| method | threshold | false alarms | felled pixels found, T2 = 2019-08-20 |\n|---|---|---|---|")
    for (name, at), wrong in marked.items():
        said = ("chosen", "usual")[at]
        share = (tested[name] >= least[name][at]).mean()
        print(f"| `{name}` | {least[name][at]:.3g} ({said}) | {wrong / judged:.1%} | {share:.0%} |")
    return DONE


if __name__ == "__main__":
    sys.exit(main())
