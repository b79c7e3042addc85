"""``python -m app detect``: run one change-detection method on a patch or a pair of rasters."""

import argparse
import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.arguments import DONE
from app.bands import HEIGHT, TRUTH
from app.commands import inventory_file
from app.commands.patch import add_light, evened, with_file
from app.commands.terminal import printable, progress, strict_json
from app.detection import methods, polygon_files
from app.detection.polygon_files import POLYGON_ENDINGS
from app.errors import InputError
from app.files import is_among, local
from app.rasters import TIFF_ENDINGS

if TYPE_CHECKING:
    import numpy as np
    import xarray as xr

    from app.detection.run import Detection
    from app.sources.own.large import LargeOpened, Late
    from app.sources.own.stated import PairStated

_RATES = {"precision": "precision", "recall": "recall", "F1": "f1"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("patch", nargs="?", metavar="PATCH", help="a patch that `patch` wrote: .nc or .zarr")
    parser.add_argument(
        "--pair", nargs=2, metavar=("T1", "T2"),
        help="one's own images instead: each a file, several with commas between them, a zip or a folder",
    )  # fmt: skip
    parser.add_argument("--band-names", metavar="B02,B03,...", help="the channels of the pair in order; CLM, - allowed")
    parser.add_argument("--find-clouds", action="store_true", help="in a pair without a cloud mask (ukis-csmask)")
    parser.add_argument("--dates", nargs=2, metavar=("DATE", "DATE"), help="the days of T1 and T2 of the pair")
    parser.add_argument("--method", required=True, metavar="NAME", help=methods.in_words())
    parser.add_argument(
        "--device", choices=methods.DEVICES, default="auto", help="where a network may run (default auto)"
    )
    parser.add_argument("--min-area", type=float, default=0.0, metavar="M2", help="leave out smaller changes")
    add_slope(parser)
    add_light(parser)
    parser.add_argument("--out", metavar="MASK.tif", help="write the mask")
    parser.add_argument("--score", metavar="SCORE.tif", help="write the scores")
    parser.add_argument(
        "--polygons", metavar="FILE", help=f"write the outlines, {polygon_files.in_words()}, which is a shapefile"
    )
    parser.add_argument("--truth", metavar="FILE", help="score against a mask, or the outlines of an inventory")
    parser.add_argument(
        "--mapped",
        metavar="FILE",
        help="polygons or a mask of what was looked at for the truth; the rest is unknown",
    )
    parser.add_argument("--all-touched", action="store_true", help="every pixel an outline touches, not its middle")
    inventory_file.add_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a line")


def add_slope(parser: argparse.ArgumentParser, dem: str = "heights of the ground for a patch without them") -> None:
    """Declare the smallest slope, and where heights are from."""
    parser.add_argument(
        "--min-slope", type=float, default=0.0, metavar="DEG", help="leave out hillsides that are less steep"
    )
    parser.add_argument("--dem", metavar="FILE.tif", help=dem)


def run(args: argparse.Namespace) -> int:
    """Detect, write what was asked for and print the figures; raises ScarpError for unusable input."""
    _check(args)
    with _open(args) as (patch, notes, late):
        return _run(args, patch, notes, late)


def _run(args: argparse.Namespace, patch: "xr.Dataset", notes: tuple[str, ...], late: "Late") -> int:
    from app import patches
    from app.detection import polygons, steep
    from app.detection import run as detection
    from app.terrain import heights

    patch, made, said = _with_truth(args, patch)
    notes = (*notes, *said)
    if args.dem:
        patch = with_file(patch, args.dem)
    patch = evened(patch, args.light)
    if args.min_slope:
        heights.of(patch)  # before a method runs in vain
    found = steep.limited(detection.detect(patch, args.method, args.device, progress), patch, args.min_slope)
    patch = patch.assign_attrs(patches.with_warnings(patch.attrs, late()))
    grid = patches.grid_of(patch)
    changed = polygons.clean(detection.mask(found), grid, args.min_area)
    _write(args, patch, found, changed)
    notes = (*notes, found.note) if found.note else notes
    document = _document(patch, found, changed, polygons.area_m2(changed, grid), notes)
    if TRUTH in patch:
        document["truth"] = _against_truth(patch, found, changed) | made
    for note in (*notes, *document["warnings"], found.fallback):
        if note:
            print(printable(note), file=sys.stderr)
    print(strict_json(document) if args.json else printable(_sentence(document)))
    return DONE


def _check(args: argparse.Namespace) -> None:
    """Refuse what cannot work before anything is read."""
    from app.detection import steep

    if bool(args.patch) == bool(args.pair):
        raise InputError("Give either a PATCH file or --pair T1 T2.")
    for option, given in (
        ("--band-names", args.band_names),
        ("--dates", args.dates),
        ("--find-clouds", args.find_clouds),
    ):
        if given and not args.pair:
            raise InputError(f"{option} goes with --pair; a patch says it itself.")
    if not args.truth and (args.all_touched or args.columns or args.crs or args.layer or args.mapped):
        raise InputError("--all-touched, --columns, --crs, --layer and --mapped go with --truth FILE.")
    steep.require_usable(args.min_slope)
    if not 0 <= args.min_area < math.inf:
        raise InputError("--min-area is an area in square metres, 0 or more.")
    _check_written(args)
    methods.runner(methods.parse(args.method))


def _check_written(args: argparse.Namespace) -> None:
    """Refuse files that would be no such ones, or take the place of another one."""
    from app.sources.own import opening

    images = (one for text in args.pair or () for one in opening.paths(text))
    read = [one for one in (args.patch, args.dem, args.truth, args.mapped, *images) if one]
    for option, path, endings in (
        ("--out", args.out, TIFF_ENDINGS),
        ("--score", args.score, TIFF_ENDINGS),
        ("--polygons", args.polygons, POLYGON_ENDINGS),
    ):
        if path and not path.lower().endswith(endings):
            raise InputError(f"{option} {path} should end in {_listed(endings)}.")
        if path and is_among(path, read):
            raise InputError(f"{option} {path} is a file that is read here, and would be lost; name another one.")
    if args.out and args.score and Path(args.out) == Path(args.score):
        raise InputError(f"--out and --score name the same file, {args.out}; the scores would lie where the mask was.")


def _listed(endings: tuple[str, ...]) -> str:
    return f"{', '.join(endings[:-1])} or {endings[-1]}"


@contextmanager
def _open(args: argparse.Namespace) -> "Iterator[LargeOpened]":
    from app import patches
    from app.sources.own import opening
    from app.values import plausible

    if args.pair:
        t1, t2 = map(opening.paths, args.pair)
        with opening.of_any_size(t1, t2, _stated(args), progress) as found:
            yield found
    else:
        yield plausible.told(patches.read(local(args.patch))), (), tuple


def _stated(args: argparse.Namespace) -> "PairStated":
    """Return what the command line says of the pair; raises InputError for days that are none, or in no order."""
    from app.commands.patch import day_of
    from app.errors import wrong_order
    from app.sources.own import opening
    from app.sources.own.stated import PairStated

    first, second = (day_of(text, "--dates") for text in args.dates or (None, None))
    if first and second and first >= second:
        said = f"--dates {first} {second}: the day of T1 has to come before that of T2"
        raise wrong_order(said, first, second)
    bands = (("", opening.channels(args.band_names)),) if args.band_names else ()
    return PairStated(bands=bands, days=(str(first or ""), str(second or "")), clouds=args.find_clouds)


def _with_truth(args: argparse.Namespace, patch: "xr.Dataset") -> "tuple[xr.Dataset, dict, tuple[str, ...]]":
    """Return the patch with the truth that was named, what that is made of, and notes on it."""
    if not args.truth:
        return patch, {"made_of": "patch"}, ()
    from app.inventory.truth_file import ground_in, slides_and_ground, with_file, with_layers, within

    alone = not (args.mapped or args.layer or args.columns or args.crs)
    if alone and (layers := slides_and_ground(local(args.truth))):
        return with_layers(patch, local(args.truth), layers, args.all_touched)
    patch, made, notes = with_file(
        patch, local(args.truth), lambda path: inventory_file.named(path, args), args.all_touched
    )
    if not args.mapped:
        return patch, made, notes
    patch, more = within(patch, local(args.mapped), ground_in)
    return patch, made, (*notes, *more)


def _against_truth(patch: "xr.Dataset", found: "Detection", changed: "np.ndarray") -> dict[str, Any]:
    """Return counts and rates of the change class over clear pixels of known truth; ``not_counted`` are the others."""
    from app import truth
    from app.scoring import metrics

    landslide, known = truth.read(patch)
    counts = metrics.confusion(changed, landslide, found.clear & known)
    wanted, rates = ("tp", "fp", "fn", "tn", "precision", "recall", "f1", "iou"), counts.as_dict()
    plain = {name: rates[name] if math.isfinite(rates[name]) else None for name in wanted}
    return {**plain, "not_counted": int(changed.size) - counts.n}


def _write(args: argparse.Namespace, patch: "xr.Dataset", found: "Detection", changed: "np.ndarray") -> None:
    from app import patches, rasters
    from app.detection import large_outlines as outlines
    from app.detection import run as detection
    from app.terrain import heights

    grid = patches.grid_of(patch)
    labels = {**detection.labels(patch, found), "min_area_m2": f"{args.min_area:.10g}"}
    if args.out:
        rasters.write_mask(args.out, changed, found.clear, grid, labels)
    if args.score:
        rasters.write_score(args.score, found.score, grid, labels)
    if args.polygons:
        height = heights.of(patch) if HEIGHT in patch else None
        traced = outlines.features(changed, found.score, grid, height, progress)
        polygon_files.write_polygons(traced, args.polygons, labels)


def _document(
    patch: "xr.Dataset", found: "Detection", changed: "np.ndarray", area_m2: float, notes: tuple[str, ...]
) -> dict[str, Any]:
    """Return what ``--json`` prints; ``pixels`` counts all, ``clear`` those that could be judged."""
    from app import patches
    from app.detection import run as detection
    from app.terrain import correction, heights

    labels = detection.labels(patch, found)
    return {
        "method": found.method,
        "ran": found.ran,
        "device": found.device,
        "provider": found.provider,
        "fallback": found.fallback,
        "seconds": round(found.seconds, 4),
        "threshold": found.threshold if math.isfinite(found.threshold) else None,
        "unit": found.unit,
        "min_slope_deg": found.min_slope_deg,
        "dem": heights.about(patch) or None,
        "light": correction.said(patch) or None,
        "pixels": int(changed.size),
        "clear": int(found.clear.sum()),
        "changed": int(changed.sum()),
        "area_m2": area_m2 if math.isfinite(area_m2) else None,  # of pixels at no known place
        "model_sha256": found.model_sha256,
        "t1": labels["t1"],
        "t2": labels["t2"],
        "source": labels["source"],
        "simulated": patches.is_simulated(patch),
        "notes": list(notes),
        "warnings": [*patches.warnings(patch), *found.warnings],
    }


def _days(document: dict[str, Any]) -> str:
    if "unknown" in (document["t1"], document["t2"]):
        return f"T1 (day {document['t1']}) and T2 (day {document['t2']})"
    return f"{document['t1']} and {document['t2']}"


def _sentence(document: dict[str, Any]) -> str:
    simulated = "SIMULATED scene: " if document["simulated"] else ""
    area = "area not known" if document["area_m2"] is None else f"{document['area_m2']:,.0f} m2"
    least = document["min_slope_deg"]
    slope = f" where the hillside has {least:g} degrees or more" if least else ""
    return (
        f"{simulated}{document['ran']} on the {document['device'].upper()} ({document['provider']}) "
        f"in {document['seconds']:.2f} s: {document['changed']:,} of {document['clear']:,} clear pixels changed "
        f"between {_days(document)}{slope}, {area}.{_rates(document)}"
    )


def _rates(document: dict[str, Any]) -> str:
    """Return how what was found compares with the truth, in words; nothing where none is known."""
    if "truth" not in document:
        return ""
    rates = ((title, document["truth"][name]) for title, name in _RATES.items())
    said = ", ".join(f"{title} {'-' if rate is None else f'{rate:.3f}'}" for title, rate in rates)
    return f" Against the truth: {said}."
