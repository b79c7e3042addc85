"""A series of 60 scenes, from the cache or open already, drawn, and the breaks of a whole patch of them.

    python -m bench.bench_series [--repeat 5]

Scenes are simulated once and kept in a cache. Each run opens them from there and draws, beside reading them one by one;
and takes the series of a pixel and of an area with their breaks of open scenes, and makes the figure as
it is sent to the page. Prints one JSON document with medians in seconds.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from statistics import median

import numpy as np

from app.arguments import Parser

SCENES = 60


def main() -> None:
    """Open the scenes, then time what a reader waits for."""
    parser = Parser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=5, help="runs of each, of which the median counts")
    parser.add_argument("--no-map", action="store_true", help="without the breaks of all pixels, which take longest")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="scarp-bench-") as home:
        os.environ["SCARP_HOME"] = home  # before settings are read
        print(json.dumps(measured(args.repeat, not args.no_map)))


def measured(repeat: int, with_map: bool = True) -> dict[str, float]:
    """Return seconds by what was done."""
    import xarray as xr

    from app import cache
    from app.cache.stacking import open_stack
    from app.inventory import builtin
    from app.series import breaks, values
    from app.sources import choosing, demo, scenes, spec_for
    from app.ui.compare import years_figure

    described = demo.Demo.describe
    demo.Demo.describe = lambda self: replace(described(self), cacheable=True)
    event = builtin().event("171")
    spec = replace(spec_for(event, "demo"), bands=("B04", "B08"))
    found, _ = choosing.thinned(scenes.open_scenes(spec, date(2018, 1, 1), date(2021, 12, 31)), SCENES)
    kept = open_stack(spec, found)
    area = np.zeros(spec.grid.shape, bool)
    area[100:120, 100:120] = True

    def one_by_one() -> None:
        for scene in found:
            cache.load_scene(spec, scene)

    def cached_and_drawn() -> None:
        drawn(open_stack(spec, found))

    def drawn(kept: xr.Dataset = kept) -> None:
        series = {"pixel": values.at(kept, "NDVI", 90, 90), "area": values.over(kept, "NDVI", area)}
        told = {name: one.broke() for name, one in series.items()}
        lines = years_figure.Lines(event.date, spec.t1, spec.t2)
        years_figure.over_time(series, told, lines, True).to_json()

    def mapped() -> None:
        breaks.find(values.layers(kept, "NDVI"), kept["time"].values, kept["CLM"].values == 0)

    read_s, cached_s = seconds(one_by_one, repeat), seconds(cached_and_drawn, repeat)
    return {
        "scenes": float(len(found)),
        "cached_one_by_one_s": read_s,
        "cached_opened_and_drawn_s": cached_s,
        "cached_opened_and_drawn_processor_s": seconds(cached_and_drawn, repeat, time.process_time),
        "ratio": round(cached_s / read_s, 2),
        "two_places_drawn_s": seconds(drawn, repeat),
        **({"breaks_of_222x222_s": seconds(mapped, repeat)} if with_map else {}),
    }


def seconds(work: Callable[[], None], repeat: int, clock: Callable[[], float] = time.perf_counter) -> float:
    """Return the median time of some runs, by a clock of time or of processors."""
    times = []
    for _ in range(repeat):
        started = clock()
        work()
        times.append(clock() - started)
    return round(median(times), 3)


if __name__ == "__main__":
    main()
