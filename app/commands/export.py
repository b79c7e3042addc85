"""``python -m app export EVENT...``: everything of events as files that open elsewhere, with a STAC collection over."""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.arguments import DONE, PARTLY_FAILED, require_unused
from app.commands import event_pairs, inventory_file
from app.commands.terminal import printable, progress, strict_json
from app.errors import InputError, ScarpError

if TYPE_CHECKING:
    import xarray as xr

    from app.commands.event_pairs import Entries
    from app.export.event_folders import NotTaken, TakenFolder
    from app.inventory import Event
    from app.patches import PatchSpec

# what is said of events alone, and what belongs to figures and to animations
_OF_EVENTS = ("source", "dem", "t1", "t2", "buffer", "option", "inventory", "columns", "crs", "layer")
_WITH = {"figure": ("width", "dpi"), "animation": ("seconds",)}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("event", nargs="*", metavar="EVENT", help="ids in the inventory")
    parser.add_argument("--patch", type=Path, metavar="FILE", help="a patch that `patch` wrote, instead of events")
    parser.add_argument("--batch", metavar="DIR|s3://...", help="make the folder of a batch a STAC collection")
    parser.add_argument("--out", type=Path, metavar="DIR", help="a folder for each event, and the collection over them")
    event_pairs.add_arguments(parser)
    parser.set_defaults(source=None)  # or one that is named beside a file could not be told from none
    parser.add_argument("--zarr", action="store_true", help="the patch as Zarr, beside the NetCDF")
    parser.add_argument("--stretch", default="", help="their contrast: percentile:2:98, fixed:0:0.3, ...")
    parser.add_argument("--dem", action="store_true", help="with the heights of the ground")
    parser.add_argument(
        "--figure", action="append", default=[], choices=("png", "svg", "pdf"), help="fit for print, too"
    )
    parser.add_argument("--width", type=float, default=180.0, metavar="MM", help="of a figure (default: %(default)g)")
    parser.add_argument(
        "--dpi", type=int, default=300, metavar="N", help="dots an inch of a figure (default: %(default)s)"
    )
    parser.add_argument(
        "--animation", action="append", default=[], choices=("gif", "apng"), help="T1 and T2 in turn, too"
    )
    parser.add_argument(
        "--seconds", type=float, default=1.0, metavar="S", help="that a date stays (default: %(default)g)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """Write the folders; return 0, or 1 where an event could not be exported. Raises ScarpError."""
    _check(args)
    if args.batch:
        return _over_batch(args)
    args.source = args.source or inventory_file.SOURCE
    from app.export import event_folders

    done: list[TakenFolder] = []
    failed: list[NotTaken] = []
    if args.patch:
        done.append(_of_file(args))
    else:
        _of_events(args, done, failed)
    if done:
        event_folders.finish(args.out, f"scarp-{args.source}" if not args.patch else "scarp-patch", done, failed)
    return _told(args, done, failed)


def _check(args: argparse.Namespace) -> None:
    """Refuse what cannot work before anything is read."""
    from app.export import animation
    from app.export.figure import FigureLook
    from app.pictures import contrast

    if sum(map(bool, (args.event, args.patch, args.batch))) != 1:
        raise InputError("Give EVENT..., --patch FILE or --batch DIR, one of them.")
    if not args.batch and args.out is None:
        raise InputError("--out DIR says where the folders are written.")
    if args.out is not None:
        _require_utf8(args.out)
    if args.batch and args.out is not None:
        raise InputError("--batch writes into the folder of the batch itself; leave --out out.")
    _require_unasked(args)
    event_pairs.check(args)
    if args.stretch:
        contrast.parse(args.stretch)
    FigureLook("", width_mm=args.width, dpi=args.dpi)
    animation.require_usable(args.seconds)
    for kind, options in _WITH.items():
        if not getattr(args, kind):
            require_unused(args, add_arguments, options, f"goes with --{kind}, of which none is asked for.")


def _require_utf8(out: Path) -> None:
    try:
        str(out).encode()
    except UnicodeEncodeError:
        said = f"--out {printable(str(out))} is no UTF-8, as the addresses in a STAC collection are; call it otherwise."
        raise InputError(said) from None


def _over_batch(args: argparse.Namespace) -> int:
    from app.batch import catalogue
    from app.batch.outputs import Outputs

    place = Outputs(args.batch)
    events = catalogue.write(place)
    document = {"out": str(place), "events": events}
    print(strict_json(document) if args.json else printable(f"Written: {place}/collection.json, {events:,} events."))
    return DONE


def _require_unasked(args: argparse.Namespace) -> None:
    """Refuse what would do nothing: for a file, how a patch is opened from a source; for a batch, all but its place."""
    if args.batch:
        others = vars(args).keys() - {"command", "event", "patch", "batch", "out", "json"}
        why = "does nothing with --batch DIR, whose files stay as they were written; leave it away."
        require_unused(args, add_arguments, sorted(others), why)
    for option in _OF_EVENTS if args.patch else ():
        if getattr(args, option):
            raise InputError(
                f"--{option} goes with EVENT...; --patch {args.patch.name} stays as it was written. Write it anew "
                f"with `patch EVENT --{option} ... --out FILE.nc`, or leave --{option} away."
            )


def _of_file(args: argparse.Namespace) -> "TakenFolder":
    from app import patches
    from app.export import event_folder
    from app.files import local
    from app.values import plausible

    patch = plausible.told(patches.read(local(args.patch)))
    return _written(args, patch, None, event_folder.stem_of(patch), "")


def _of_events(
    args: argparse.Namespace, done: "list[TakenFolder]", failed: "list[NotTaken]"
) -> None:  # fmt: skip
    from app.export.event_folders import NotTaken

    inventory = inventory_file.named(args.inventory, args)
    events, entries = event_pairs.events(args, inventory), event_pairs.entries(inventory)
    for number, event in enumerate(events):
        progress(number / len(events), f"event {event.id}")
        try:
            done.append(_of_event(args, event, entries))
        except ScarpError as error:
            failed.append(NotTaken(event.id, str(error)))
            print(printable(f"event {event.id}: {error}"), file=sys.stderr)
    progress(1.0, "written")


def _of_event(args: argparse.Namespace, event: "Event", entries: "Entries") -> "TakenFolder":
    from app import cache, patches
    from app.export import judged

    spec = event_pairs.spec_of(args, event)
    patch = cache.load(spec)
    return _written(args, patch, spec, patches.file_stem(spec, patch), judged.in_a_word(entries(event)), event)


def _written(
    args: argparse.Namespace, patch: "xr.Dataset", spec: "PatchSpec | None", stem: str, verdict: str,
    event: "Event | None" = None,
) -> "TakenFolder":  # fmt: skip
    from app.export import event_folder, event_folders

    every = event_pairs.marked(args, patch, spec)
    kinds = tuple(dict.fromkeys(args.figure))
    view = event_folder.View(
        args.composition, args.stretch, verdict, "", kinds, args.width, args.dpi,
        tuple(dict.fromkeys(args.animation)), args.seconds, args.zarr,
    )  # fmt: skip
    return event_folders.write(patch, every, args.out, stem, view, event)


def _told(args: argparse.Namespace, done: "list[TakenFolder]", failed: "list[NotTaken]") -> int:
    said = [one.described for one in done]
    simulated = sum(one.said.get("simulated") == "true" for one in said)
    results: list[dict[str, Any]] = [
        {"event": one.said.get("event_id", ""), "item": folder.href, "files": list(one.files)}
        for folder, one in zip(done, said, strict=True)
    ]
    document = {
        "out": str(args.out), "events": len(done) + len(failed), "failed": [asdict(one) for one in failed],
        "simulated": simulated, "results": results,
    }  # fmt: skip
    files = sum(len(one.files) for one in said)
    lines = [f"Written: {args.out}, {files:,} files of {len(done):,} event{'' if len(done) == 1 else 's'}."]
    if simulated:
        lines.append(f"SIMULATED scenes in {simulated:,} of them.")
    print(strict_json(document) if args.json else "\n".join(map(printable, lines)))
    return PARTLY_FAILED if failed else DONE
