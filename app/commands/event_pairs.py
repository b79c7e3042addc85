"""What commands that open the pairs of events and detect on them ask for alike, and how they do it."""

import argparse
from typing import TYPE_CHECKING

from app import grid
from app.commands import inventory_file
from app.commands.patch import day_of, options_of
from app.detection import methods
from app.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

    from app.detection.marking import Marked
    from app.inventory import Event
    from app.patches import PatchSpec

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
    if not args.min_area >= 0:
        raise InputError("--min-area is an area in square metres, 0 or more.")
    if args.composition:
        compositions.parse(args.composition)
    for name in args.method:
        methods.runner(methods.parse(name))


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
