"""Two inventories merged on the command line: what is told in both is listed, and kept once or both."""

import argparse
from pathlib import Path

from app.arguments import DONE, PARTLY_FAILED
from app.commands.terminal import printable, strict_json
from app.errors import InputError
from app.inventory import Inventory, json_id, read_file
from app.inventory.merging import NEAR_DAYS, NEAR_M, Twins

_KEEP = ("known", "once", "both")
OPTIONS = ("near_m", "near_days", "keep")  # that say nothing of anything else


def add_arguments(parser: argparse._ActionsContainer) -> None:
    """Declare what merging takes."""
    parser.add_argument("--merge", type=Path, metavar="OTHER", help="add the events of another inventory, into --out")
    parser.add_argument("--near-m", type=float, default=NEAR_M, metavar="M", help="default: %(default)g")
    parser.add_argument("--near-days", type=int, default=NEAR_DAYS, metavar="N", help="default: %(default)s")
    parser.add_argument(
        "--keep", choices=_KEEP, default=_KEEP[0],
        help="of events near in place and day: once where both days are known (the default), once, or both",
    )  # fmt: skip


def run(args: argparse.Namespace, found: Inventory) -> int:
    """Merge, write and tell; return 1 where rows of either file were skipped. Raises ScarpError."""
    from app.export import inventories
    from app.inventory import merging

    if args.out is None:
        raise InputError("--merge needs --out FILE, where the merged inventory is written.")
    inventories.writer(args.out)
    other = read_file(args.merge)
    pairs = merging.near(found, other, args.near_m, args.near_days)
    once = {"known": merging.surely_one(pairs), "once": pairs, "both": ()}[args.keep]
    together = merging.merged(found, other, once)
    inventories.write(together, args.out)
    _tell(args, (found, other, together), pairs, set(once))
    return PARTLY_FAILED if together.skipped else DONE


def _tell(
    args: argparse.Namespace, read: tuple[Inventory, Inventory, Inventory], pairs: tuple[Twins, ...], once: set[Twins]
) -> None:
    found, other, together = read
    if args.json:
        document = {
            "events": len(together.events), "first": len(found.events), "second": len(other.events),
            "once": len(once), "skipped": len(together.skipped), "near_m": args.near_m, "near_days": args.near_days,
            "pairs": [_row(pair, pair in once) for pair in pairs], "out": str(args.out),
        }  # fmt: skip
        print(strict_json(document))
        return
    told = (f"{len(held.events):,} events of {printable(held.name)}" for held in (found, other))
    print(
        f"{' and '.join(told)}: "
        f"{len(pairs):,} pairs within {args.near_m:g} m and {args.near_days} days, {len(once):,} of them kept once."
    )
    for pair in pairs:
        days = "day not known" if pair.apart_days is None else f"{pair.apart_days} days"
        kept = "once" if pair in once else "both"
        print(f"  {printable(pair.first)} and {printable(pair.second)}: {pair.apart_m:,.0f} m, {days}, kept {kept}")
    print(f"Written: {args.out}, {len(together.events):,} events")


def _row(pair: Twins, once: bool) -> dict[str, object]:
    return {
        "first": json_id(pair.first), "second": json_id(pair.second), "apart_m": round(pair.apart_m, 1),
        "apart_days": pair.apart_days, "kept": "once" if once else "both",
    }  # fmt: skip
