"""``python -m app scenes EVENT``: every scene a source has around one event, and how clear each is over its patch."""

import argparse
import sys
from typing import TYPE_CHECKING, Any

from app import grid
from app.arguments import DONE, PARTLY_FAILED
from app.commands import inventory_file, patch, terminal
from app.errors import InputError
from app.sources.own import records

if TYPE_CHECKING:
    from datetime import date

    from app.inventory import Event
    from app.patches import PatchSpec
    from app.sources.scenes import SceneInfo


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_place(parser)
    parser.add_argument("--from", dest="first", metavar="DATE", help="first day (default: a year before the event)")
    parser.add_argument("--to", dest="last", metavar="DATE", help="last day (default: a year after the event)")
    parser.add_argument("--most", type=int, metavar="N", help="of more scenes, the least cloudy of N stretches of time")
    parser.add_argument("--no-looks", action="store_true", help="only the catalogue's list; no file is read")
    parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")


def add_place(parser: argparse.ArgumentParser) -> None:
    """Declare which event of which inventory is meant, and where its scenes come from."""
    parser.add_argument("event", metavar="EVENT", help="the event's id in the inventory, or your dated files")
    inventory_file.add_with_source(parser)
    patch.add_band_names(parser)
    parser.add_argument("--buffer", type=float, metavar="DEG", help=f"degrees each way (default: {grid.BUFFER_DEG:g})")
    parser.add_argument(
        "--option", action="append", default=[], metavar="NAME=VALUE", help="for one source only: catalogue=NAME"
    )


def run(args: argparse.Namespace) -> int:
    """List, look, and say what was found; return 1 where a part of it could not be had. Raises ScarpError."""
    from app.series import looks
    from app.sources import choosing

    if args.most is not None and args.most < 1:
        raise InputError(f"--most is {args.most}; give a whole number from 1.")
    event = event_of(args)
    first, last = choosing.span_of(event, patch.day_of(args.first, "--from"), patch.day_of(args.last, "--to"))
    spec = spec_of(args, event, first, last)
    found, broken = listed(spec, first, last)
    kept, thinned = choosing.thinned(found, args.most or choosing.MOST_SCENES)
    unseen = ""
    if not args.no_looks:
        kept, unseen = looks.with_clear(spec, kept, terminal.progress)
    notes = [note for note in (broken, thinned, unseen) if note]
    for note in notes:
        terminal.clear_line()
        print(terminal.printable(note), file=sys.stderr)
    _tell(args, _said(spec, first, last, len(found), kept, notes))
    return PARTLY_FAILED if broken or unseen else DONE


def event_of(args: argparse.Namespace) -> "Event":
    """Return the event that is meant, the source's own where it holds one place only; raises InputError."""
    from app.sources import open_source

    patch.require_used(args)
    if args.source == records.SOURCE:
        return patch.brought(args.event, args.band_names).event(0)
    own = open_source(args.source).describe().event
    if own is not None and args.event != own.id:
        said = f"The source {args.source} holds one place only; this is {own.id}, not event {args.event}."
        print(terminal.printable(said), file=sys.stderr)
    return own or inventory_file.named(args.inventory, args).event(args.event)


def spec_of(args: argparse.Namespace, event: "Event", first: "date", last: "date") -> "PatchSpec":
    """Return the patch over which scenes are looked at: of the event's dates, or of the span's where it has none."""
    from datetime import timedelta

    from app.sources import spec_for

    if args.source == records.SOURCE:
        return records.required(event.id).spec()
    t1, t2 = event.t1 or first, event.t2 or last
    if t1 >= t2:
        t1, t2 = first, max(last, first + timedelta(days=1))
    return spec_for(event, args.source, t1=t1, t2=t2, buffer_deg=args.buffer, options=patch.options_of(args.option))


def listed(spec: "PatchSpec", first: "date", last: "date") -> "tuple[tuple[SceneInfo, ...], str]":
    """Return the source's scenes, and why the list ends early where it does; raises SourceError where there is none."""
    from app.sources import scenes

    try:
        return scenes.open_scenes(spec, first, last, terminal.progress), ""
    except scenes.ScenesBrokenOffError as error:
        return error.scenes, str(error)


def _said(
    spec: "PatchSpec", first: "date", last: "date", count: int, kept: "tuple[SceneInfo, ...]", notes: list[str]
) -> dict[str, Any]:
    from app.inventory import json_id
    from app.sources import open_source

    return {
        "event": json_id(spec.event_id),
        "source": spec.source,
        "simulated": open_source(spec.source).describe().simulated,
        "from": str(first),
        "to": str(last),
        "found": count,
        "scenes": [_row(scene) for scene in kept],
        "notes": notes,
    }


def _row(scene: "SceneInfo") -> dict[str, object]:
    return {
        "date": str(scene.date),
        "id": scene.id,
        "clear": None if scene.clear is None else round(scene.clear, 4),
        "cloud_pct": None if scene.cloud_pct is None else round(scene.cloud_pct, 1),
        "sensor": scene.sensor or None,
        "snow": None if scene.snow is None else round(scene.snow, 4),
    }


def _tell(args: argparse.Namespace, said: dict[str, Any]) -> None:
    if args.json:
        print(terminal.strict_json(said))
        return
    for row in said["scenes"]:
        clear = "not looked at" if row["clear"] is None else f"{row['clear']:.0%} clear"
        snow = f"{row['snow']:.0%} snow" if row["snow"] else ""
        print(f"{row['date']}  {clear:>13}  {snow:>9}  {terminal.printable(row['id'])}")
    simulated = " SIMULATED" if said["simulated"] else ""
    print(f"{len(said['scenes'])} of {said['found']}{simulated} scenes from {said['from']} to {said['to']}.")
