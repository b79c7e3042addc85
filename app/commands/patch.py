"""``python -m app patch EVENT``: open the pair of one event and write it to a file."""

import argparse
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import bands, grid
from app.arguments import DONE
from app.commands import inventory_file, terminal
from app.errors import InputError, PatchFileError
from app.files import at_home
from app.patches import COMPOSITES, SPAN, require_days
from app.sources.own import records
from app.terrain import correction

if TYPE_CHECKING:
    import xarray as xr

    from app.patches import PatchSpec
    from app.sources.own.records import PairRecord

DATE_FORM = "a date like 2022-09-17"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("event", metavar="EVENT", help="the event's id in the inventory")
    inventory_file.add_with_source(parser)
    parser.add_argument("--bands", metavar="B02,B03,...", help="default: all the source holds")
    add_band_names(parser)
    parser.add_argument(
        "--buffer", type=float, metavar="DEG",
        help=f"degrees each way (default: {grid.BUFFER_DEG:g}; the sample's 0.005)",
    )  # fmt: skip
    parser.add_argument(
        "--resolution", type=float, default=grid.RESOLUTION_DEG, metavar="DEG", help="default: %(default)s"
    )
    _add_dates(parser)
    parser.add_argument(
        "--option", action="append", default=[], metavar="NAME=VALUE", help="for one source only: catalogue=NAME"
    )
    parser.add_argument(
        "--dem", nargs="?", const="", metavar="FILE.tif",
        help="with the heights of the ground, from the source or from a GeoTIFF of your own",
    )  # fmt: skip
    add_light(parser)
    parser.add_argument(
        "--earlier", action="store_true",
        help="with the same season of earlier years, which season-anomaly reads; the source has to list its scenes",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.nc|DIR.zarr")
    parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")


def _add_dates(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--t1", metavar="DATE|FROM/TO", help=f"{DATE_FORM}, or a span; default: the event's last pre date"
    )
    parser.add_argument(
        "--t2", metavar="DATE|FROM/TO", help=f"{DATE_FORM}, or a span; default: the event's first post date"
    )
    parser.add_argument(
        "--composite", choices=tuple(COMPOSITES), help="what is made of a span's clear pixels (default: median)"
    )


def add_light(parser: argparse.ArgumentParser) -> None:
    """Declare how light may be evened out over slopes."""
    parser.add_argument(
        "--light", choices=tuple(correction.WAYS), help="even the light out over slopes; needs heights (--dem)"
    )


def run(args: argparse.Namespace) -> int:
    """Open, write, and say what was written; raises ScarpError."""
    from app import cache, patches
    from app.cache import composites
    from app.series import earlier

    _require_sense(args)
    spec, cut = _spec(args)
    if spec.composite and not cache.cached(spec) and (takes := composites.cost(spec, terminal.progress)):
        print(terminal.printable(takes), file=sys.stderr)
    patch = cache.load(spec, terminal.progress)
    if args.dem:
        patch = evened(with_file(patch, args.dem), args.light)
    if args.earlier:
        patch = earlier.attached(spec, patch, terminal.progress)
    patches.write(patch, args.out)
    said = _said(spec, patch, args.out, cut)
    _tell(said, args)
    return DONE


def _require_sense(args: argparse.Namespace) -> None:
    """Raise ScarpError where options would do nothing, or cannot be together."""
    if args.out.suffix not in (".nc", ".zarr"):
        raise PatchFileError(f"--out {args.out.name} should end in .nc (NetCDF) or .zarr (Zarr folder).")
    require_used(args)
    if args.source == records.SOURCE and args.dem == "":
        raise InputError("--dem needs a file with --source files, which brings no heights: --dem FILE.tif.")
    if args.source == records.SOURCE and args.resolution != grid.RESOLUTION_DEG:
        raise InputError("--resolution does nothing with --source files: your files stay on their own pixels.")
    if args.light and args.dem is None:
        raise InputError("--light needs heights: give --dem, or --dem FILE.tif.")


def _tell(said: dict[str, Any], args: argparse.Namespace) -> None:
    for doubt in said["warnings"]:
        print(terminal.printable(doubt), file=sys.stderr)
    if args.json:
        print(terminal.strict_json(said))
    else:
        simulated = "SIMULATED, " if said["simulated"] else ""
        size = f"{said['width']} x {said['height']} pixels"
        print(f"{args.out}: {simulated}{size}, {', '.join(said['bands'])}, {said['t1']} and {said['t2']}")
        if said["dem"]:
            print(terminal.printable(f"Heights: {said['dem']}"))


def _spec(args: argparse.Namespace) -> "tuple[PatchSpec, tuple[str, ...]]":
    """Return the patch that is asked for, and what to say of an outline of which it holds a part only."""
    from app.inventory import mapped
    from app.sources import open_source, spec_for

    own = open_source(args.source).describe().event
    if args.source == records.SOURCE:
        return _of_files(args), ()
    inventory = inventory_file.named(args.inventory, args)
    if own is not None and args.event != own.id:
        print(
            f"The source {args.source} holds one place only; this is {own.id}, not event {args.event}.", file=sys.stderr
        )
    event = own or inventory.event(args.event)
    (t1_from, t1), (t2, last) = _days(args)
    spec = spec_for(
        event,
        args.source,
        t1=t1,
        t2=t2,
        t1_from=t1_from,
        t2_to=last,
        composite=args.composite or "median",
        bands=bands.parse(args.bands) if args.bands else None,
        buffer_deg=args.buffer,
        resolution_deg=args.resolution,
        options=options_of(args.option),
        heights=args.dem == "",
        light=(args.light or "") if args.dem == "" else "",
    )
    return spec, mapped.cut(event, spec.grid)


def add_band_names(parser: argparse.ArgumentParser) -> None:
    """Declare what the channels of one's own files may be said to be."""
    parser.add_argument(
        "--band-names", metavar="B02,B03,...",
        help="for --source files: the channels of each file in order, where it does not say; SCL, CLM, - allowed",
    )  # fmt: skip


def require_used(args: argparse.Namespace) -> None:
    """Raise InputError for an option that does nothing with the source that is named: nobody would notice."""
    from app.sources import open_source

    if args.source != records.SOURCE:
        if args.band_names:
            raise InputError("--band-names goes with --source files; other sources name their bands themselves.")
        if args.inventory and open_source(args.source).describe().event is not None:
            raise InputError(f"--inventory does nothing with --source {args.source}, which holds one place only.")
        return
    for name in ("buffer", "option", "inventory", "columns", "crs", "layer"):
        if getattr(args, name):
            raise InputError(
                f"--{name} does nothing with --source files: your own files are read whole, on their own pixels. Leave "
                "it away."
            )


def brought(text: str, band_names: str | None = None) -> "PairRecord":
    """Return what is known of one's own dated files: a folder, a zip, files between commas, or the name they got.

    ``band_names`` says what the channels of each file are, in order, where the files do not.

    Raises InputError and SourceError.
    """
    from app.cache.brought import bring
    from app.sources.own import opening

    if records.is_name(text):
        return records.required(text)
    channels = opening.channels(band_names) if band_names else ()
    return bring([str(at_home(one)) for one in opening.paths(text)], terminal.progress, channels)


def _days(args: argparse.Namespace) -> "tuple[tuple[date | None, date | None], tuple[date | None, date | None]]":
    """Return first and last day of T1 and of T2, None where nobody says; raises InputError."""
    (first, t1), (t2, last) = span_of(args.t1, "--t1"), span_of(args.t2, "--t2")
    t1_from, t1 = (first, t1) if t1 else (None, first)  # a single day is the first of what span_of returns
    if args.composite and not (t1_from or last):
        raise InputError("--composite needs a span: give --t1 or --t2 as FROM/TO, for example 2019-06-01/2019-09-15.")
    return (t1_from, t1), (t2, last)


def _of_files(args: argparse.Namespace) -> "PatchSpec":
    """Return two dates or spans of one's own dated files; raises InputError."""
    spec = brought(args.event, args.band_names).spec()
    (t1_from, t1), (t2, last) = _days(args)
    wanted = bands.parse(args.bands) if args.bands else spec.bands
    missing = [name for name in wanted if name not in spec.bands]
    if missing:
        raise InputError(f"The files hold {', '.join(spec.bands)} but not {', '.join(missing)}.")
    return replace(
        spec, t1=t1 or spec.t1, t2=t2 or spec.t2, t1_from=t1_from, t2_to=last, bands=wanted,
        composite=(args.composite or "median") if t1_from or last else "",
    )  # fmt: skip


def with_file(patch: "xr.Dataset", path: str) -> "xr.Dataset":
    """Return a patch with the heights in a file; raises InputError."""
    from app import patches
    from app.terrain import heights

    return heights.onto(patch, heights.from_file(path, patches.grid_of(patch)))


def evened(patch: "xr.Dataset", way: str | None) -> "xr.Dataset":
    """Return a patch with its light evened out over slopes, as it is where no way is named."""
    from app.series import earlier

    return earlier.evened(correction.corrected(patch, way)) if way else patch


def options_of(texts: list[str]) -> dict[str, str]:
    """Return what ``--option NAME=VALUE`` says, by name; raises InputError where it is written otherwise."""
    wrong = [text for text in texts if not text.partition("=")[2]]
    if wrong:
        raise InputError(f"--option {wrong[0]!r} should look like catalogue=cdse.")
    return dict(text.split("=", 1) for text in texts)


def _said(spec: "PatchSpec", patch: "xr.Dataset", out: Path, cut: tuple[str, ...]) -> dict[str, Any]:
    from app import patches
    from app.inventory import json_id
    from app.terrain import heights

    height, width = spec.grid.shape
    clear = patches.clear_shares(patch)
    return {
        "out": str(out),
        "event": json_id(spec.event_id),
        "source": spec.source,
        "simulated": patches.is_simulated(patch),
        "t1": spec.when[0],
        "t2": spec.when[1],
        **({"composite": composite_of(patch)} if spec.composite else {}),
        "bands": list(patches.band_names(patch)),
        "width": width,
        "height": height,
        "bbox": list(spec.grid.bbox),
        "crs": spec.grid.crs,
        "dem": heights.about(patch) or None,
        "light": correction.said(patch) or None,
        "clear": {"t1": clear[0], "t2": clear[1]},
        "warnings": [*patches.warnings(patch), *cut],
    }


def day_of(text: str | None, name: str) -> date | None:
    """Return the day that the option ``name`` gives, None where it is left out; raises InputError for no date."""
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{name} {text!r} is not {DATE_FORM}.") from None
    require_days(day, name=name)
    return day


def span_of(text: str | None, name: str) -> "tuple[date | None, date | None]":
    """Return first and last day of a span FROM/TO; of a single day the day and None; of nothing None twice."""
    first, between, last = (text or "").partition(SPAN)
    if not between:
        return day_of(text, name), None
    return day_of(first, name), day_of(last, name)


def composite_of(patch: "xr.Dataset") -> dict[str, object]:
    """Return how a composite was made: the way, the scenes of each date, and how many a pixel has at least and most."""
    from app.bands import SCENE_COUNT

    counts = patch[SCENE_COUNT].values
    return {
        "way": patch.attrs["composite"],
        "t1_scenes": str(patch.attrs["t1_scenes"]).split(", "),
        "t2_scenes": str(patch.attrs["t2_scenes"]).split(", "),
        "per_pixel": {
            name: {"least": int(one.min()), "most": int(one.max())}
            for name, one in zip(("t1", "t2"), counts, strict=True)
        },
    }
