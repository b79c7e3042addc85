"""``python -m app fetch``: download published data, or the patches of many events ahead of need."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app import bands, config, grid
from app.arguments import DONE, PARTLY_FAILED, require_unused
from app.commands import inventory_file
from app.commands.terminal import clear_line, printable, progress, strict_json
from app.errors import InputError, ScarpError
from app.files import size_words

if TYPE_CHECKING:
    from app.cache.prefetch import Prefetch
    from app.patches import PatchSpec

_OF_PATCHES = ("source", "inventory", "columns", "crs", "layer", "event", "bands", "buffer", "resolution", "at_once")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("what", choices=("inventory", "glad4cd", "patches"), help="what to fetch")
    parser.add_argument("--out", type=Path, metavar="PATH", help="inventory: the file; glad4cd: the folder")
    parser.add_argument("--version", type=int, default=1, metavar="1|2", help="of glad4cd: 1 is 2.0 GB, 2 is 295 MB")
    wanted = parser.add_argument_group("patches, which go into the cache")
    wanted.add_argument("--source", default="stac", metavar="NAME", help="where from (default: %(default)s)")
    wanted.add_argument(
        "--inventory", type=Path, metavar="FILE", help="a list of landslides (default: the built-in events)"
    )
    inventory_file.add_arguments(wanted)
    wanted.add_argument("--event", action="append", metavar="ID", help="one event; may be repeated (default: all)")
    wanted.add_argument("--bands", metavar="B02,B03,...", help="default: all the source holds")
    wanted.add_argument("--buffer", type=float, default=grid.BUFFER_DEG, metavar="DEG", help="default: %(default)s")
    wanted.add_argument("--resolution", type=float, default=grid.RESOLUTION_DEG, metavar="DEG")
    wanted.add_argument("--at-once", type=int, default=6, metavar="N", help="patches at a time (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """Fetch and say what came; return 1 where some patches failed. Raises ScarpError."""
    if args.what == "patches":
        require_unused(args, add_arguments, ("out",), "goes with inventory and glad4cd; patches go into the cache.")
    else:
        require_unused(args, add_arguments, _OF_PATCHES, "goes with `fetch patches`.")
    if args.what != "glad4cd":
        require_unused(args, add_arguments, ("version",), "goes with `fetch glad4cd`.")
    return _patches(args) if args.what == "patches" else _files(args)


def _files(args: argparse.Namespace) -> int:
    from app.sources import download

    if args.what == "inventory":
        fetched = [download.inventory(args.out or config.settings().home / "inventory.csv", progress)]
    else:
        fetched = download.glad4cd(args.version, args.out or _published_folder(), progress)
    if args.json:
        files = [{"path": str(each.path), "bytes": each.size, "had": each.had, "note": each.note} for each in fetched]
        print(strict_json({"files": files}))
    else:
        for each in fetched:
            state = "was there" if each.had else "downloaded"
            print(f"{each.path}: {state}, {size_words(each.size)}, {each.note}")
    return DONE


def _published_folder() -> Path:
    place = config.settings().published
    return place.parent if place.suffix.lower() == ".zip" else place


def _patches(args: argparse.Namespace) -> int:
    from app.cache import prefetch

    if args.at_once < 1:
        raise InputError(f"--at-once is {args.at_once}; give a whole number from 1.")
    specs, failed = _specs(args)
    shown: set[str] = set()
    statuses = prefetch.prefetch(specs, args.at_once, lambda running: _watch(running, shown))
    rows = [
        {"event": each.spec.event_id, "state": str(each.state), "key": each.spec.key, "error": each.error}
        for each in statuses
    ] + failed
    bad = [row for row in rows if row["state"] == prefetch.State.FAILED]
    if args.json:
        counts = {state: sum(row["state"] == state for row in rows) for state in ("fetched", "had", "failed")}
        print(strict_json({**counts, "patches": rows}))
    else:
        print(f"{len(rows) - len(bad)} of {len(rows)} patches are in the cache, {len(bad)} failed.")
    return PARTLY_FAILED if bad else DONE


def _specs(args: argparse.Namespace) -> "tuple[list[PatchSpec], list[dict[str, str]]]":
    """Return the specs of the events chosen, and a row for each event that has none."""
    from app.sources import open_source, spec_for

    info = open_source(args.source).describe()
    if not info.cacheable:
        raise InputError(f"The source {args.source} opens as quickly as a cache would, so there is nothing to fetch.")
    read = inventory_file.named(args.inventory, args)
    events = [read.event(name) for name in args.event] if args.event else read.events
    chosen = bands.parse(args.bands) if args.bands else None
    specs, failed = [], []
    for event in events:
        try:
            specs.append(
                spec_for(event, args.source, bands=chosen, buffer_deg=args.buffer, resolution_deg=args.resolution)
            )
        except ScarpError as error:
            failed.append({"event": event.id, "state": "failed", "key": "", "error": str(error)})
    for row in failed:
        print(f"event {printable(row['event'])}: failed: {printable(row['error'])}", file=sys.stderr)
    return specs, failed


def _watch(running: "Prefetch", shown: set[str]) -> None:
    """Say of every patch once how it went, and in a terminal how far the whole is."""
    for each in running.statuses:
        if each.state in ("had", "fetched", "failed") and each.spec.key not in shown:
            shown.add(each.spec.key)
            clear_line()
            error = f": {printable(each.error)}" if each.error else ""
            print(f"event {printable(each.spec.event_id)}: {each.state}{error}", file=sys.stderr)
    under_way = ", ".join(each.spec.event_id for each in running.statuses if each.state == "fetching")
    progress(running.share, f"fetching {under_way}" if under_way else "done")
