"""``python -m app report EVENT...``: a report of events as one page that prints well, HTML or PDF."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.arguments import DONE, PARTLY_FAILED
from app.commands import event_pairs, inventory_file, scenes
from app.commands.terminal import printable, progress, strict_json
from app.errors import InputError, ScarpError

if TYPE_CHECKING:
    import numpy as np

    from app.commands.event_pairs import Entries
    from app.inventory import Event, Inventory
    from app.patches import PatchSpec
    from app.report import Account

_ENDINGS = (".html", ".pdf")
_MOST = 500  # events; a page of that many is some 300 MB


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("event", nargs="*", metavar="EVENT", help="ids in the inventory; none: all its events")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.html|.pdf", help="PDF needs a Chromium")
    event_pairs.add_arguments(parser)
    parser.add_argument("--title", default="Landslide report", help="the heading (default: %(default)s)")
    parser.add_argument("--deck", action="store_true", help="one landscape page an event, for a meeting")
    parser.add_argument(
        "--series", metavar="NAME", help="a band or an index over the years, of what the first method marks"
    )
    parser.add_argument("--dem", action="store_true", help="with the ground: hillshade and slope")
    parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """Write the report; return 0, or 1 where an event has no pictures. Raises ScarpError."""
    _check(args)
    from app import report

    inventory = inventory_file.named(args.inventory, args)
    events = _events(args, inventory)
    entries = event_pairs.entries(inventory)
    accounts = []
    for number, event in enumerate(events):
        progress(number / len(events), f"event {event.id}")
        accounts.append(_account(args, inventory, event, entries))
    progress(1.0, "written")
    html = (report.deck if args.deck else report.page)(accounts, args.title)
    _write(args.out, html)
    return _told(args, accounts)


def _check(args: argparse.Namespace) -> None:
    """Refuse what cannot work before anything is read."""
    from app.report import printed
    from app.series import values

    if args.out.suffix.lower() not in _ENDINGS:
        raise InputError(f"--out {args.out.name} should end in .html or .pdf.")
    if args.out.suffix.lower() == ".pdf" and printed.browser() is None:
        printed.pdf(b"")  # says what to do
    event_pairs.check(args)
    if args.series:
        values.named(args.series)


def _events(args: argparse.Namespace, inventory: "Inventory") -> "list[Event]":
    """Return the events asked for, as ``event_pairs.events`` does; raises InputError for none or too many."""
    events = event_pairs.events(args, inventory)
    if not events:
        raise InputError("The inventory holds no event to report on.")
    if len(events) > _MOST:
        raise InputError(f"{len(events):,} events are more than one report holds ({_MOST}); name those that matter.")
    return events


def _account(args: argparse.Namespace, inventory: "Inventory", event: "Event", entries: "Entries") -> "Account":
    """Return what there is to say of an event; where its patch cannot be opened, the reason is in it."""
    from app import cache, report

    judged = entries(event)
    try:
        spec = event_pairs.spec_of(args, event)
        patch = cache.load(spec)
        every = event_pairs.marked(args, patch, spec)
        told = report.of_event(inventory, event, spec, patch, every, args.composition, judged)
        return _with_years(told, args, spec, every[0].mask) if args.series else told
    except ScarpError as error:
        print(printable(f"event {event.id}: no pictures: {error}"), file=sys.stderr)
        return report.without_patch(inventory, event, str(error), judged)


def _with_years(told: "Account", args: argparse.Namespace, spec: "PatchSpec", marked: "np.ndarray") -> "Account":
    """Return an account with what the pixels marked measured over the years, or with the reason why it has not."""
    from app import patches, report
    from app.cache.stacking import open_stack
    from app.series import spans, values
    from app.sources import choosing

    of, event = values.named(args.series), told.event
    try:
        first, last = spans.usual(event)
        on = replace(scenes.spec_of(args, event, first, last), bands=values.needed(of))
        found, broken = scenes.listed(on, first, last)
        stack = open_stack(on, choosing.thinned(found, spans.MOST_SCENES)[0], progress)
        where = "the median of what the first method marks" if marked.any() else "the median of the whole patch"
        series = values.over(stack, of, marked if marked.any() else ~marked)
    except ScarpError as error:
        return replace(told, doubts=(*told.doubts, f"Without its years: {error}"))
    days = {"T1": spec.t1, "event": event.date, "T2": spec.t2}
    doubts = (f"{of} over the years: {one}" for one in (broken, *patches.warnings(stack)) if one)
    return replace(told, years=report.followed(series, where, days), doubts=(*told.doubts, *doubts))


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
