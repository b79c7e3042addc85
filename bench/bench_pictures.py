"""A new composition of a patch that is open: seconds to the encoded pictures of both dates, and their bytes.

    python -m bench.bench_pictures [--side 2048] [--repeat 5]

Each is drawn twice in the same run: whole arrays at a time, percentiles of every pixel and a JPEG
with halved colours, as Scarp did at first; and in blocks of rows, percentiles of a sample, without
loss where that is small. On a grid of 1 m, where ten pixels repeat each of the sensor's, and on one
of 10 m. The limits are 1 s and 8 MB, the bytes counted as text, which is how a page may carry them.
"""

import io
import time
from collections.abc import Callable
from statistics import median

import numpy as np
from PIL import Image

from app import patches
from app.arguments import Parser
from app.inventory import builtin
from app.patches import NODATA
from app.pictures import compositions, contrast, render
from app.sources import open_source, spec_for

EVENT = "171"
BANDS = ("B02", "B03", "B04", "B08", "B8A", "B11", "B12")
NAMES = ("true-colour", "false-colour", "short-wave", "B11-B08-B02", "B08", *compositions.INDICES)
CONTRASTS = ("percentile", "percentile:5:95:gamma1.4")
TEXT = 4 / 3  # bytes of base64 for each byte


def main() -> None:
    """Simulate both patches, then time, weigh and print every composition both ways."""
    parser = Parser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=2048, help="pixels a side")
    parser.add_argument("--repeat", type=int, default=5, help="runs of each, of which the median counts")
    args = parser.parse_args()
    for metres, degrees in ((1, 0.00001), (10, 0.00009)):
        patch = simulated(args.side, degrees)
        height, width = patch.sizes["y"], patch.sizes["x"]
        print(f"\n{width} x {height} pixels of {metres} m: seconds and MB of both dates, whole arrays -> blocks")
        for name in NAMES:
            row(patch, name, CONTRASTS[0], args.repeat)
        row(patch, "true-colour", CONTRASTS[1], args.repeat)
        changes(patch, args.repeat)


def row(patch, name: str, kind: str, repeat: int) -> None:
    """Print one composition: seconds and bytes of both ways, and how far the first is from what was drawn."""
    before_s, (plain, was) = timed(lambda: whole_arrays(patch, name, kind), repeat)
    after_s, (drawn, now) = timed(lambda: blocks(patch, name, kind), repeat)
    losses = " and ".join(f"{loss(*one):.1f}" for one in ((plain, was), (drawn, now)))
    print(
        f"{name:<14}{kind if kind != CONTRASTS[0] else '':<26}{before_s:6.3f} -> {after_s:5.3f} s "
        f"({before_s / after_s:4.1f} x){text_mb(was):7.2f} -> {text_mb(now):5.2f} MB   mean loss {losses} of 255"
    )


def changes(patch, repeat: int) -> None:
    """Print how long a picture of change takes."""
    for of in ("B04", "NDVI"):
        seconds, data = timed(lambda of=of: render.encode(render.change_picture(patch, of)[0], True)[0], repeat)
        print(f"change of {of:<8}{seconds:6.3f} s {len(data) * TEXT / 1e6:5.2f} MB")


def whole_arrays(patch, name: str, kind: str) -> tuple[list[np.ndarray], list[bytes]]:
    """Draw and encode both dates the first way."""
    composition, chosen = compositions.parse(name), contrast.parse(kind)
    clear = patches.clear_mask(patch)
    channels = [contrast.channel_values(patch, composition, n) for n in range(len(composition.channels))]
    ends = []
    for values in channels:
        usable = values[:, clear]
        ends.append(np.percentile(usable[np.isfinite(usable)], chosen.percentiles))
    drawn = []
    for when in (0, 1):
        shares = [
            np.clip((one[when] - low) / (high - low), 0, 1) for one, (low, high) in zip(channels, ends, strict=True)
        ]
        bright = [np.nan_to_num(255 * share ** (1 / chosen.gamma)).astype(np.uint8) for share in shares]
        picture = composition.ramp[bright[0]] if composition.ramp is not None else np.stack(bright, axis=-1)
        gaps = np.isnan(channels[0][when]) | (patch["CLM"].values[when] == NODATA)
        picture[gaps] = 170
        drawn.append(picture)
    return drawn, [jpeg(picture) for picture in drawn]


def blocks(patch, name: str, kind: str) -> tuple[list[np.ndarray], list[bytes]]:
    """Draw and encode both dates as the application does."""
    drawn = list(render.pair(patch, name, render.stretch_for(patch, name, kind)))
    return drawn, [render.encode(picture, True)[0] for picture in drawn]


def jpeg(picture: np.ndarray) -> bytes:
    """Return a picture as JPEG with halved colours."""
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=90)
    return out.getvalue()


def loss(drawn: list[np.ndarray], sent: list[bytes]) -> float:
    """Return the mean difference between T1 as drawn and as it arrives."""
    arrived = np.asarray(Image.open(io.BytesIO(sent[0])).convert("RGB"))
    return float(np.abs(arrived.astype(np.int16) - drawn[0]).mean())


def text_mb(sent: list[bytes]) -> float:
    """Return the megabytes of both dates written as text."""
    return sum(map(len, sent)) * TEXT / 1e6


def simulated(side: int, degrees: float):
    """Return a simulated patch of about ``side`` pixels each way."""
    event = builtin().event(EVENT)
    spec = spec_for(event, "demo", bands=BANDS, buffer_deg=side * degrees / 2, resolution_deg=degrees)
    return open_source("demo").open(spec)


def timed(action: Callable[[], object], repeat: int) -> tuple[float, object]:
    """Return the median seconds of an action after one to warm up, and what it returned last."""
    returned, seconds = action(), []
    for _ in range(repeat):
        started = time.perf_counter()
        returned = action()
        seconds.append(time.perf_counter() - started)
    return median(seconds), returned


if __name__ == "__main__":
    main()
