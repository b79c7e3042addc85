"""What commands that open the pairs of events and detect on them ask for alike, and how they do it."""

import argparse
import math
import sys
from typing import TYPE_CHECKING

from app import config, grid
from app.commands import inventory_file
from app.commands.patch import day_of, options_of
from app.commands.terminal import printable
from app.detection import methods
from app.errors import InputError, ReviewError

if TYPE_CHECKING:
    from collections.abc import Callable

    import xarray as xr

    from app.detection.marking import Marked
    from app.inventory import Event, Inventory
    from app.patches import PatchSpec
    from app.review import Verdict

    Entries = Callable[[Event], "tuple[Verdict, ...] | None"]

_USUAL = "band-difference:B04:0.05"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare where pairs come from, of which dates and size, and what is detected on them."""
    inventory_file.add_with_source(parser)
    parser.add_argument(
        "--method", action="append", default=[], metavar="NAME",
        help=f"once for each method, {methods.in_words()} (default: {_USUAL})",
    )  # fmt: skip
    parser.add_argument("--composition", default="", help="what pictures show: true-colour, NDVI, B12-B8A-B04, ...")
    parser.add_argument("--device", choices=methods.DEVICES, default="auto", help="where a network may run")
    parser.add_argument("--min-area", type=float, default=0.0, metavar="M2", help="leave out smaller changes")
    parser.add_argument("--min-slope", type=float, default=0.0, metavar="DEG", help="leave out gentler hillsides")
    parser.add_argument("--buffer", type=float, metavar="DEG", help=f"degrees each way (default: {grid.BUFFER_DEG:g})")
    parser.add_argument("--t1", metavar="DATE", help="for every event; default: the event's last pre date")
    parser.add_argument("--t2", metavar="DATE", help="for every event; default: the event's first post date")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="for one source only")


def check(args: argparse.Namespace) -> None:
    """Refuse what cannot work before anything is read; raises InputError, or what a method's name raises."""
    from app.detection import steep
    from app.pictures import compositions

    steep.require_usable(args.min_slope)
    if not 0 <= args.min_area < math.inf:
        raise InputError("--min-area is an area in square metres, 0 or more.")
    if args.composition:
        compositions.parse(args.composition)
    for name in args.method:
        methods.runner(methods.parse(name))


def events(args: argparse.Namespace, inventory: "Inventory") -> "list[Event]":
    """Return the events asked for, all where none is, or the one that the source holds.

    Raises InputError for one that is not there.
    """
    from app.sources import open_source

    own = open_source(args.source).describe().event
    if own is None:
        return [inventory.event(name) for name in dict.fromkeys(args.event)] if args.event else list(inventory.events)
    if args.event and args.event != [own.id]:
        print(f"The source {args.source} holds one place only; this is {own.id}.", file=sys.stderr)
    return [own]


def entries(inventory: "Inventory") -> "Entries":
    """Return what finds the verdicts on an event, newest first; None where they cannot be read, which is said."""
    from app.review import Reviews

    try:
        reviews = Reviews(config.settings().database_url)
        reviews.count()
    except ReviewError as error:
        print(printable(f"Without verdicts: {error}"), file=sys.stderr)
        return lambda event: None

    def on(event: "Event") -> "tuple[Verdict, ...] | None":
        try:
            return reviews.on(event, inventory.name)
        except ReviewError as error:
            print(printable(f"event {event.id}: without its verdicts: {error}"), file=sys.stderr)
            return None

    return on


def spec_of(args: argparse.Namespace, event: "Event") -> "PatchSpec":
    """Return which patch is opened for an event, with heights where ``--dem`` or ``--min-slope`` wants them."""
    from app.sources import spec_for

    return spec_for(
        event, args.source, t1=day_of(args.t1, "--t1"), t2=day_of(args.t2, "--t2"), buffer_deg=args.buffer,
        options=options_of(args.option), heights=bool(args.dem or args.min_slope),
    )  # fmt: skip


def marked(args: argparse.Namespace, patch: "xr.Dataset", spec: "PatchSpec | None" = None) -> "list[Marked]":
    """Return what each method marks on a patch; those that know the season read earlier years by ``spec``."""
    from app.export import event_folders

    methods = args.method or [_USUAL]
    return event_folders.marked_by(patch, methods, spec, args.device, args.min_area, args.min_slope)
