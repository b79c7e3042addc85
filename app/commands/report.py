"""``python -m app report EVENT...``: a report of events as one page that prints well, HTML or PDF."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app import config, grid
from app.arguments import DONE, PARTLY_FAILED
from app.commands import inventory_file
from app.commands.patch import day_of, options_of
from app.commands.terminal import printable, progress, strict_json
from app.detection import methods
from app.errors import InputError, ReviewError, ScarpError

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.inventory import Event, Inventory
    from app.report import Account
    from app.review import Verdict

    Entries = Callable[[Event], "tuple[Verdict, ...]"]

_ENDINGS = (".html", ".pdf")
_USUAL = "band-difference:B04:0.05"
_MOST = 500  # events; a page of that many is some 300 MB


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("event", nargs="*", metavar="EVENT", help="ids in the inventory; none: all its events")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.html|.pdf", help="PDF needs a Chromium")
    parser.add_argument("--source", default="demo", help="where the scenes come from (default: %(default)s)")
    parser.add_argument(
        "--inventory", type=Path, metavar="FILE", help="a list of landslides (default: the built-in events)"
    )
    inventory_file.add_arguments(parser)
    parser.add_argument(
        "--method", action="append", default=[], metavar="NAME",
        help=f"once for each method, {methods.in_words()} (default: {_USUAL})",
    )  # fmt: skip
    parser.add_argument("--composition", default="", help="what both dates show: true-colour, NDVI, B12-B8A-B04, ...")
    parser.add_argument("--title", default="Landslide report", help="the heading (default: %(default)s)")
    parser.add_argument("--device", choices=methods.DEVICES, default="auto", help="where a network may run")
    parser.add_argument("--min-area", type=float, default=0.0, metavar="M2", help="leave out smaller changes")
    parser.add_argument("--min-slope", type=float, default=0.0, metavar="DEG", help="leave out gentler hillsides")
    parser.add_argument("--buffer", type=float, metavar="DEG", help=f"degrees each way (default: {grid.BUFFER_DEG:g})")
    parser.add_argument("--t1", metavar="DATE", help="for every event; default: the event's last pre date")
    parser.add_argument("--t2", metavar="DATE", help="for every event; default: the event's first post date")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="for one source only")
    parser.add_argument("--dem", action="store_true", help="with the ground: hillshade and slope")
    parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """Write the report; return 0, or 1 where an event has no pictures. Raises ScarpError."""
    _check(args)
    from app import report

    inventory = inventory_file.named(args.inventory, args)
    events = _events(args, inventory)
    entries = _entries(inventory)
    accounts = []
    for number, event in enumerate(events):
        progress(number / len(events), f"event {event.id}")
        accounts.append(_account(args, inventory, event, entries))
    progress(1.0, "written")
    html = report.page(accounts, args.title)
    _write(args.out, html)
    return _told(args, accounts)


def _check(args: argparse.Namespace) -> None:
    """Refuse what cannot work before anything is read."""
    from app.detection import steep
    from app.pictures import compositions
    from app.report import printed

    if args.out.suffix.lower() not in _ENDINGS:
        raise InputError(f"--out {args.out.name} should end in .html or .pdf.")
    if args.out.suffix.lower() == ".pdf" and printed.browser() is None:
        printed.pdf(b"")  # says what to do
    steep.require_usable(args.min_slope)
    if not args.min_area >= 0:
        raise InputError("--min-area is an area in square metres, 0 or more.")
    if args.composition:
        compositions.parse(args.composition)
    for name in args.method:
        methods.runner(methods.parse(name))


def _events(args: argparse.Namespace, inventory: "Inventory") -> "list[Event]":
    """Return the events asked for, or the one that the source holds; raises InputError for none or too many."""
    from app.sources import open_source

    own = open_source(args.source).describe().event
    if own is not None:
        if args.event and args.event != [own.id]:
            print(f"The source {args.source} holds one place only; this is {own.id}.", file=sys.stderr)
        return [own]
    events = [inventory.event(name) for name in args.event] if args.event else list(inventory.events)
    if not events:
        raise InputError("The inventory holds no event to report on.")
    if len(events) > _MOST:
        raise InputError(f"{len(events):,} events are more than one report holds ({_MOST}); name those that matter.")
    return events


def _account(args: argparse.Namespace, inventory: "Inventory", event: "Event", entries: "Entries") -> "Account":
    """Return what there is to say of an event; where its patch cannot be opened, the reason is in it."""
    from app import cache, report
    from app.series import earlier
    from app.sources import spec_for

    judged = entries(event)
    try:
        spec = spec_for(
            event, args.source, t1=day_of(args.t1, "--t1"), t2=day_of(args.t2, "--t2"), buffer_deg=args.buffer,
            options=options_of(args.option), heights=bool(args.dem or args.min_slope),
        )  # fmt: skip
        patch = cache.load(spec)
        marked = [
            report.marked(earlier.read_by(spec, patch, name), name, args.device, args.min_area, args.min_slope)
            for name in args.method or [_USUAL]
        ]
        return report.of_event(inventory, event, spec, patch, marked, args.composition, judged)
    except ScarpError as error:
        print(printable(f"event {event.id}: no pictures: {error}"), file=sys.stderr)
        return report.without_patch(inventory, event, str(error), judged)


def _entries(inventory: "Inventory") -> "Entries":
    """Return what finds the verdicts on an event; where the database cannot be used, that is said once."""
    from app.review import Reviews

    reviews = Reviews(config.settings().database_url)
    try:
        reviews.count()
    except ReviewError as error:
        print(printable(f"Without verdicts: {error}"), file=sys.stderr)
        return lambda event: ()
    return lambda event: reviews.on(event, inventory.name)


def _write(out: Path, html: bytes) -> None:
    from app.files import written_whole
    from app.report import printed

    data = printed.pdf(html) if out.suffix.lower() == ".pdf" else html
    with written_whole(out) as beside:
        beside.write_bytes(data)


def _told(args: argparse.Namespace, accounts: "list[Account]") -> int:
    failed = [{"event": one.event.id, "reason": one.missing} for one in accounts if one.missing]
    simulated = sum(one.simulated for one in accounts)
    document = {"out": str(args.out), "events": len(accounts), "failed": failed, "simulated": simulated}
    said = f"Written: {args.out}, {len(accounts):,} event{'' if len(accounts) == 1 else 's'}"
    lines = [said + (f", {len(failed):,} of them without pictures" if failed else "") + "."]
    if simulated:
        lines.append(f"SIMULATED scenes in {simulated:,} of them.")
    print(strict_json(document) if args.json else "\n".join(lines))
    return PARTLY_FAILED if failed else DONE
