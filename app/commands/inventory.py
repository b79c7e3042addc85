"""``python -m app inventory``: check a landslide inventory and report every fault; propose dates; write it anew."""

import argparse
import sys
from collections import Counter
from pathlib import Path

from app.arguments import require_unused
from app.commands import inventory_file, merge, propose
from app.commands.terminal import printable, strict_json
from app.errors import InputError
from app.inventory import Inventory, json_id


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="a list of landslides; without it, the built-in one"
    )
    inventory_file.add_arguments(parser)
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="write the inventory as .csv, .gpkg or .geojson, with all its columns"
    )
    propose.add_arguments(parser.add_argument_group("dates"))
    merge.add_arguments(parser.add_argument_group("merging"))
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")


def run(args: argparse.Namespace) -> int:
    """Print the findings; return 0, or 1 where rows had to be skipped. Raises InventoryError."""
    _require_sense(args)
    found = inventory_file.named(args.file, args)
    if args.merge:
        return merge.run(args, found)
    if args.propose_dates:
        return propose.run(args, found)
    if args.out:
        from app.export import inventories

        inventories.write(found, args.out)
    if args.json:
        print(strict_json(document(found)))
        for note in found.notes:
            print(printable(note), file=sys.stderr)
    else:
        for line in report(found):
            print(printable(line))
    return 1 if found.skipped else 0


def _require_sense(args: argparse.Namespace) -> None:
    """Raise InputError for what cannot be together, or would do nothing."""
    if args.merge and args.propose_dates:
        raise InputError("--merge and --propose-dates are done one after the other: merge first.")
    if not args.propose_dates:
        require_unused(args, add_arguments, propose.OPTIONS, "goes with --propose-dates.")
    if not args.merge:
        require_unused(args, add_arguments, merge.OPTIONS, "goes with --merge OTHER.")


def document(found: Inventory) -> dict[str, object]:
    """Return what ``--json`` prints: what was read, skipped and used of the file, its warnings, and how it was read.

    ``spans`` counts the events that may have happened on several days, ``outlines`` those that are more than a point;
    ``crs`` is of the positions as the file has them, and ``notes`` are sentences.
    """
    return {
        "events": len(found.events),
        "spans": sum(event.date_end is not None for event in found.events),
        "outlines": sum(bool(event.outline) for event in found.events),
        "crs": found.crs,
        "skipped": [{"row": skipped.row, "reason": skipped.reason} for skipped in found.skipped],
        "columns": found.columns,
        "warnings": [
            {"event": json_id(warning.event), "code": warning.code, "message": warning.message}
            for warning in found.warnings
        ],
        "notes": list(found.notes),
    }


def report(found: Inventory) -> list[str]:
    """Return the findings as lines for a person."""
    rows = len(found.events) + len(found.skipped)
    counts = Counter(warning.code for warning in found.warnings)
    lines = [f"{found.name}: {rows:,} rows, {len(found.events):,} events, {len(found.skipped):,} skipped"]
    lines += ["Columns: " + ", ".join(f"{read} from {title!r}" for read, title in found.columns.items())]
    lines += list(found.notes)
    if found.skipped:
        lines += ["", "Skipped rows (counted from 0)"]
        lines += [f"  {skipped.row:>6}  {skipped.reason}" for skipped in found.skipped]
    lines += ["", "Warnings: " + (", ".join(f"{count} {code}" for code, count in counts.items()) or "none")]
    width = max((len(warning.event) for warning in found.warnings), default=0)
    lines += [f"  {warning.event:>{width}}  {warning.code:<22} {warning.message}" for warning in found.warnings]
    return lines
