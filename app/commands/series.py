"""``python -m app series EVENT``: what a pixel or an area measured on every date, and when it changed."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.arguments import DONE
from app.commands import scenes
from app.commands.patch import DATE_FORM, day_of
from app.commands.terminal import printable, progress, strict_json
from app.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

    from app.inventory import Event
    from app.patches import PatchSpec
    from app.series.values import Series


_MOVING = (".gif", ".apng")
_CLEAR_SHARE = 0.6  # of the patch, from which a date is in the moving picture


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    scenes.add_place(parser)
    parser.add_argument("--of", default="NDVI", metavar="NAME", help="a band or an index (default: %(default)s)")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--at", metavar="LAT,LON", help="the pixel at a place in degrees (default: that of the event)")
    where.add_argument("--outline", metavar="FILE.geojson", help="the area inside an outline")
    parser.add_argument("--mean", action="store_true", help="the mean of an area's pixels, not their median")
    parser.add_argument("--from", dest="first", metavar="DATE", help=f"{DATE_FORM}; default: three years before")
    parser.add_argument("--to", dest="last", metavar="DATE", help=f"{DATE_FORM}; default: over a year after T2")
    parser.add_argument("--out", type=Path, metavar="FILE.csv", help="write the series as a table")
    parser.add_argument(
        "--animation", type=Path, metavar="FILE.gif|.apng", help="write all clear dates as a moving picture"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """Open the scenes, read the place on each, tell when it changed; raises ScarpError."""
    from app.patches import is_simulated
    from app.series import values
    from app.sources.scenes import source_of_scenes

    of = values.named(args.of)
    if args.out is not None and args.out.suffix != ".csv":
        raise InputError(f"--out {args.out.name} should end in .csv.")
    if args.animation is not None and args.animation.suffix not in _MOVING:
        raise InputError(f"--animation {args.animation.name} should end in {' or '.join(_MOVING)}.")
    if args.mean and not args.outline:
        raise InputError("--mean goes with --outline FILE: a pixel has no others to take the mean with.")
    at = _place(args.at)
    source_of_scenes(args.source)  # before an event of another source is looked for
    event = scenes.event_of(args)
    spec, stack = _stack(args, event, values.needed(of))
    series = values.over(stack, of, _mask(args, at, event, stack), "mean" if args.mean else "median")
    if args.out is not None:
        _write(args.out, series, spec)
    if args.animation is not None:
        _write_moving(args.animation, stack, of)
    if is_simulated(stack):
        print("SIMULATED: these scenes were not measured.", file=sys.stderr)
    print(strict_json(_document(series)) if args.json else "\n".join(map(printable, _sentences(series))))
    return DONE


def _place(text: str | None) -> tuple[float, float] | None:
    """Return latitude and longitude of ``--at``, None where it is left out; raises InputError for no place."""
    if text is None:
        return None
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError:
        raise InputError(f"--at {text[:40]!r} is no place; write it like --at 45.2048,22.1522.") from None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise InputError(f"--at {text[:40]!r} is no place on earth; latitude comes first, -90 to 90, then longitude.")
    return latitude, longitude


def _stack(args: argparse.Namespace, event: "Event", needed: tuple[str, ...]) -> "tuple[PatchSpec, xr.Dataset]":
    """Return the scenes of the span that is asked for, and the patch they lie on; what is missing is told."""
    from app import patches
    from app.cache.stacking import open_stack
    from app.series import spans
    from app.sources import choosing

    first, last = spans.usual(event, day_of(args.first, "--from"), day_of(args.last, "--to"))
    spec = replace(scenes.spec_of(args, event, first, last), bands=needed)
    found, broken = scenes.listed(spec, first, last)
    if not found:
        raise InputError(broken or f"{spec.source} has no scene from {first} to {last}; give another --from and --to.")
    chosen, thinned = choosing.thinned(found, spans.MOST_SCENES)
    stack = open_stack(spec, chosen, progress)
    for doubt in (broken, thinned, *patches.warnings(stack)):
        if doubt:
            print(printable(doubt), file=sys.stderr)
    return spec, stack


def _mask(
    args: argparse.Namespace, at: tuple[float, float] | None, event: "Event", stack: "xr.Dataset"
) -> "np.ndarray":
    """Return the pixels that are asked for, bool (y, x)."""
    import numpy as np

    from app.masks import outlines
    from app.patches import grid_of
    from app.series import values

    on = grid_of(stack)
    if args.outline:
        mask, (_, *notes) = outlines.rasterised(args.outline, on)  # the first is on what is no landslide
        for note in notes:
            print(printable(note), file=sys.stderr)
        return mask == 1
    mask = np.zeros(on.shape, bool)
    mask[values.pixel_of(on, *(at or (event.latitude, event.longitude)))] = True
    return mask


def _document(series: "Series") -> dict[str, Any]:
    broke = series.broke()
    document: dict[str, Any] = {
        "of": series.of,
        "points": [
            {"date": str(one.date), "value": one.value, "clear": one.clear, "scene": one.scene}
            for one in series.points
        ],
        "break": broke and {
            "after": str(broke.after), "before": str(broke.before), "size": broke.size, "confidence": broke.confidence,
        },
    }  # fmt: skip
    return {**document, "simulated": True} if series.simulated else document


def _write(out: Path, series: "Series", spec: "PatchSpec") -> None:
    from app.export import csv_safe
    from app.files import written_whole
    from app.series import tables

    with written_whole(out) as beside:
        beside.write_bytes(csv_safe(tables.rows({"place": series}, spec)))


def _write_moving(out: Path, stack: "xr.Dataset", of: str) -> None:
    from app.export import animation
    from app.files import written_whole
    from app.patches import grid_of

    shots, told = animation.of_stack(stack, of, _CLEAR_SHARE)
    with written_whole(out) as beside:
        beside.write_bytes(animation.draw(shots, told, grid_of(stack), out.suffix[1:]))


def _sentences(series: "Series") -> tuple[str, str]:
    from app.series import tables

    simulated = "SIMULATED: " if series.simulated else ""
    span = f"{series.points[0].date} to {series.points[-1].date}"
    held = f"{simulated}{series.of} on {len(series.points)} dates from {span}, {len(series.clear)} of them clear."
    return held, tables.in_words(series)
