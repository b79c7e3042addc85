"""``python -m app evaluate``: score methods against mapped landslides."""

import argparse
import math
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app import config
from app.commands import detect, inventory_file
from app.commands.patch import day_of, options_of
from app.commands.terminal import printable, progress, strict_json
from app.detection import methods
from app.errors import InputError
from app.files import local
from app.inventory import mapped
from app.scoring.metrics import REGIONS, WHOLE
from app.scoring.objects import Objects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.inventory import Event, Inventory
    from app.patches import PatchSpec
    from app.scoring.evaluate import Case, Comparable, Evaluation, Skipped
    from app.scoring.outlined import OutlinedCases


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("--dataset", metavar="DIR", help="GLaD4CD's layout: VALIDATION or TEST with A, B and LABEL")
    parser.add_argument("--pred", metavar="DIR", help="masks made elsewhere, named by event, .png or .tif")
    parser.add_argument("--truth", metavar="DIR", help="the mapped landslides for --pred, named the same way")
    parser.add_argument(
        "--method",
        action="append",
        default=[],
        metavar="NAME",
        help=f"once for each method, {methods.in_words()}",
    )
    parser.add_argument("--band-names", metavar="B02,B03,...", help="the data set's channels in order; CLM, - allowed")
    parser.add_argument("--region", choices=REGIONS, default=WHOLE, help="whole patch or the published boxes")
    detect.add_slope(parser, "heights for --min-slope: one file, or a folder with one named by each event")
    parser.add_argument("--device", choices=methods.DEVICES, default="auto", help="where a network may run")
    parser.add_argument(
        "--inventory", metavar="FILE",
        help="the list the files' names count: adds what is known of events; with --source, its outlines are the truth",
    )  # fmt: skip
    inventory_file.add_arguments(parser)
    _add_outlines(parser)
    parser.add_argument(
        "--leave-out-doubtful", action="store_true", help="without events whose dates the inventory warns of"
    )
    parser.add_argument(
        "--corrected", action="store_true", help="what reviewers corrected is the truth, of the --inventory's events"
    )
    parser.add_argument(
        "--without-rejected", action="store_true", help="without events of the --inventory that reviewers rejected"
    )
    parser.add_argument("--fresh", action="store_true", help="run every method again, whatever scores were kept")
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")


def _add_outlines(parser: argparse.ArgumentParser) -> None:
    given = parser.add_argument_group("outlines of an inventory as truth")
    given.add_argument("--source", metavar="NAME", help="where the patches of the inventory's events come from")
    given.add_argument("--t1", metavar="DATE", help="for every event; default: the event's last pre date")
    given.add_argument("--t2", metavar="DATE", help="for every event; default: the event's first post date")
    given.add_argument("--buffer", type=float, metavar="DEG", help="degrees each way; default: as the outline asks")
    given.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="for one source only")
    given.add_argument("--all-touched", action="store_true", help="every pixel an outline touches, not its middle")
    given.add_argument(
        "--other-outlines", choices=mapped.OTHERS, help="what outlines of other days, or of none, are (default unknown)"
    )


def run(args: argparse.Namespace) -> int:
    """Print the scores; return 0, or 1 where an event could not be scored. Raises ScarpError."""
    _check(args)
    from app.scoring import evaluate, known
    from app.scoring import store as score_store

    listed = inventory_file.named_or_none(args.inventory, args)
    outlined = _outlined(args, listed) if args.source and listed else None
    cases, faults, names = _cases(args, listed) if outlined is None else (
        outlined.cases, outlined.skipped, evaluate.canonical(args.method)
    )  # fmt: skip
    cases, rejected, told = _judged(args, cases, listed)
    cases = _steep(args, cases)
    store = None if args.fresh else score_store.default()
    found = evaluate.evaluate(cases, names, args.region, progress, args.device, store)
    if args.leave_out_doubtful:
        found = evaluate.without_doubtful(found, known.doubtful(listed))
    about = (*(outlined.notes if outlined else ()), *told, *_slope_told(args))
    found = replace(
        found, skipped=(*faults, *found.skipped), notes=(*about, *found.notes), left_out=(*rejected, *found.left_out)
    )
    left_out = (f"Event {one.event} left out: {one.reason}" for one in (*found.skipped, *found.left_out))
    for line in (*found.notes, *found.warnings, *left_out):
        print(printable(line), file=sys.stderr)
    document = outlined.as_json(found.as_json()) if outlined else found.as_json()
    document["min_slope_deg"] = args.min_slope
    print(strict_json(document) if args.json else "\n".join(map(printable, _table(found))))
    return 1 if found.skipped else 0


def _judged(
    args: argparse.Namespace, cases: "list[Case]", listed: "Inventory | None"
) -> "tuple[list[Case], tuple[Skipped, ...], tuple[str, ...]]":
    """Return the cases as verdicts have them, those left out for being rejected, and what to say of corrected truth."""
    if listed is None or not (args.corrected or args.without_rejected):
        return cases, (), ()
    from app.review import Reviews
    from app.scoring import judged
    from app.sources import open_source

    entries = Reviews(config.settings().database_url).all()
    told: tuple[str, ...] = ()
    left_out: tuple[Skipped, ...] = ()
    if args.corrected:
        simulated = bool(args.source) and open_source(args.source).describe().simulated
        cases, told = judged.with_corrected(cases, entries, listed, simulated)
    if args.without_rejected:
        cases, left_out = judged.without(cases, judged.rejected(entries, listed))
    return cases, left_out, told


def _steep(args: argparse.Namespace, cases: "Sequence[Case]") -> "list[Case]":
    from app.scoring import steep_cases

    return steep_cases.held_to(cases, args.min_slope, local(args.dem) if args.dem else None)


def _slope_told(args: argparse.Namespace) -> tuple[str, ...]:
    least = f"{args.min_slope:g} degrees"
    return (f"Every mask is held to hillsides of {least} and more.",) if args.min_slope else ()


def _check(args: argparse.Namespace) -> None:
    from app.detection import steep

    steep.require_usable(args.min_slope)
    if args.dem and not args.min_slope:
        raise InputError("--dem goes with --min-slope DEG, which is what heights are needed for.")
    if bool(args.dataset) + bool(args.pred or args.truth) + bool(args.source) != 1:
        raise InputError(
            "Give either --dataset DIR with --method, --pred DIR with --truth DIR, or --inventory FILE with --source "
            "NAME and --method."
        )
    run_here = args.dataset or args.source
    if not run_here and not (args.pred and args.truth):
        raise InputError("--pred and --truth go together: a folder of masks each, named by event.")
    if args.source and not args.inventory:
        raise InputError("--source needs --inventory FILE, whose outlines are the truth.")
    if run_here and not args.method:
        raise InputError(f"Name at least one --method, for example --method {methods.examples()[0]}.")
    if (not args.dataset and args.band_names) or (not run_here and args.method):
        raise InputError("--method and --band-names go with --dataset; masks in --pred are scored as they are.")
    if args.leave_out_doubtful and not args.inventory:
        raise InputError("--leave-out-doubtful needs --inventory FILE, which says which dates are to be doubted.")
    if (args.corrected or args.without_rejected) and not args.inventory:
        raise InputError("--corrected and --without-rejected need --inventory FILE, whose events were reviewed.")
    if args.min_slope and not run_here:
        raise InputError("Masks in --pred are scored as they are; --min-slope goes with --dataset or --source.")
    given = (args.t1, args.t2, args.buffer, args.option, args.all_touched, args.other_outlines)
    if not args.source and any(given):
        raise InputError("--t1, --t2, --buffer, --option, --all-touched and --other-outlines go with --source.")


def _outlined(args: argparse.Namespace, listed: "Inventory") -> "OutlinedCases":
    """Return the events of an inventory that have outlines, as cases; raises InputError where none can be scored."""
    from app import cache
    from app.scoring.cases import PatchWithTruth
    from app.scoring.outlined import outline_cases
    from app.series import earlier
    from app.sources import open_source, spec_for

    open_source(args.source)
    index, rule = mapped.OutlineIndex(listed.events), mapped.Rule(args.all_touched, args.other_outlines or "unknown")
    if not len(index):
        raise InputError(
            f"{listed.name} holds no outline of an area to score against. Bring one whose landslides are polygons."
        )
    t1, t2, options = day_of(args.t1, "--t1"), day_of(args.t2, "--t2"), options_of(args.option)

    def spec_of(event: "Event") -> "PatchSpec":
        heights = bool(args.min_slope and not args.dem)
        return spec_for(event, args.source, t1=t1, t2=t2, buffer_deg=args.buffer, options=options, heights=heights)

    def opened(spec: "PatchSpec", made: mapped.Mapped) -> "Comparable":
        return PatchWithTruth(mapped.onto(cache.load(spec), made), reading=partial(earlier.read_by, spec))

    found = outline_cases(listed, index, rule, spec_of, opened)
    if not found.cases:
        raise InputError(found.skipped[0].reason)
    return found


def _cases(args: argparse.Namespace, listed: "Inventory | None") -> "tuple[list[Case], tuple[Skipped, ...], list[str]]":
    """Return the cases, what is missing of the folders, and the methods' names."""
    from app.scoring import evaluate

    if args.dataset:
        names = args.band_names.split(",") if args.band_names else None
        return *evaluate.dataset_cases(args.dataset, names, listed), evaluate.canonical(args.method)
    return *evaluate.mask_cases(args.pred, args.truth, listed), [f"masks:{Path(args.pred).resolve().name}"]


def _table(found: "Evaluation") -> list[str]:
    """Return the scores as lines for a person, averaging and region said first."""
    where = "the whole patch" if found.region == WHOLE else "the published boxes"
    lines = [
        f"Change class, inside {where}. Pooled (micro): every pixel weighs the same; mean (macro): every event "
        "does. Interval: 95 % over events. - is undefined.",
        f"{'method':<32} {'events':>6} {'pooled F1':>9} {'interval':>14} {'precision':>9} {'recall':>7} "
        f"{'IoU':>7} {'mean F1':>8}",
    ]
    if any(event.simulated for score in found.methods for event in score.events):
        lines.insert(0, "SIMULATED scenes are among the events.")
    for score in found.methods:
        pooled, (low, high) = score.micro, score.interval_f1
        interval = "-" if math.isnan(low) else f"{low:.3f} to {high:.3f}"
        lines.append(
            f"{score.method:<32} {len(score.events):>6} {_three(pooled.f1):>9} {interval:>14} "
            f"{_three(pooled.precision):>9} {_three(pooled.recall):>7} {_three(pooled.iou):>7} "
            f"{_three(score.macro.values['f1']):>8}"
        )
    return [*lines, *_closer(found), *_differences(found)]


def _closer(found: "Evaluation") -> list[str]:
    """Return what a threshold and the objects say, one line for each method."""
    lines = [
        "",
        "Average precision over all thresholds; F1 with each event at the threshold that is best on the others; "
        "landslides hit at all and by half; false objects per km2.",
        f"{'method':<32} {'average precision':>17} {'one-left-out F1':>15} {'hit':>9} {'half':>9} {'false/km2':>9}",
    ]
    for score in found.methods:
        objects = score.objects or Objects()
        hit, half = (f"{objects.hits(overlap)}/{sum(objects.mapped)}" for overlap in ("any", "50 %"))
        lines.append(
            f"{score.method:<32} {_three(score.average_precision):>17} {_three(score.leave_one_out_f1):>15} "
            f"{hit:>9} {half:>9} {_three(objects.false_per_km2):>9}"
        )
    return lines


def _differences(found: "Evaluation") -> list[str]:
    """Return one line for every two methods, over the events both were scored on."""
    pairs = [pair for pair in found.paired() if not math.isnan(pair.low)]
    if not pairs:
        return ["", "It takes two events with a defined F1 to tell methods apart."] if len(found.methods) > 1 else []
    lines = [""]
    for pair in pairs:
        interval = f"95 % interval {_signed(pair.low)} to {_signed(pair.high)} over {pair.n} events"
        verdict = "" if pair.told_apart else "; they cannot be told apart"
        lines.append(f"{pair.one} minus {pair.other}: pooled F1 {_signed(pair.difference)}, {interval}{verdict}")
    return lines


def _signed(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:+.3f}"


def _three(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"
