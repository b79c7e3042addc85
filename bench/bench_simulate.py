"""Time the simulated pair: twelve bands at the usual size, and at the thesis's 2048 x 2048 with its memory.

    python -m bench.bench_simulate [--repeat 7]

Prints one JSON document: medians over the runs in seconds, wall clock and processor, and the
largest resident memory of this process in MB after the large pair.
"""

import json
import resource
import sys
import time
from statistics import median

from app import grid
from app.arguments import Parser
from app.inventory import builtin
from app.simulate.scene import simulate


def main() -> None:
    """Time both sizes and print the medians."""
    parser = Parser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--repeat", type=int, default=7, help="runs over the built-in events, of which the median counts"
    )
    args = parser.parse_args()
    events = builtin().events
    timed(events[0], grid.RESOLUTION_DEG)  # imports and first touches
    usual = [timed(events[k % len(events)], grid.RESOLUTION_DEG) for k in range(args.repeat)]
    large = timed(events[0], grid.THESIS_RESOLUTION_DEG)
    document = {
        "usual_wall_s": median(wall for wall, _ in usual),
        "usual_processor_s": median(processor for _, processor in usual),
        "thesis_2048_wall_s": large[0],
        "thesis_2048_processor_s": large[1],
        "largest_memory_mb": peak_mb(),
    }
    print(json.dumps({name: round(value, 3) for name, value in document.items()}, indent=2))


def timed(event, resolution_deg: float) -> tuple[float, float]:
    """Simulate one event's pair in all bands; return wall clock and processor seconds."""
    place = grid.for_bbox(grid.around(event.latitude, event.longitude), resolution_deg)
    wall, processor = time.perf_counter(), time.process_time()
    simulate(place, (event.t1, event.t2), event.date)
    return time.perf_counter() - wall, time.process_time() - processor


def peak_mb() -> float:
    """Return this process's largest resident memory in MB (the system counts in kB, macOS in bytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


if __name__ == "__main__":
    main()
