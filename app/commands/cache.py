"""``python -m app cache``: list, check or clear the patches kept on disk."""

import argparse
from typing import TYPE_CHECKING, Any

from app import config
from app.arguments import DONE, PARTLY_FAILED
from app.commands.terminal import clear_line, printable, progress, strict_json
from app.errors import InputError
from app.files import size_words

if TYPE_CHECKING:
    from app.cache.zarr_store import ListedEntry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("do", choices=("list", "verify", "clear"), help="what to do")
    parser.add_argument("--source", metavar="NAME", help="clear: only patches of this source")
    parser.add_argument("--event", metavar="ID", help="clear: only patches of this event")
    parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """List, check or clear; return 1 where damaged entries were found. Raises CacheError and SourceError."""
    if args.do != "clear" and (args.source or args.event):
        raise InputError("--source and --event belong to `cache clear`.")
    if args.source:
        from app.sources import open_source

        open_source(args.source)  # a name written wrongly would clear nothing, and seem to have
    return {"list": _list, "verify": _verify, "clear": _clear}[args.do](args)


def _list(args: argparse.Namespace) -> int:
    from app import cache

    rows = [_row(listed) for listed in cache.entries()]
    total = sum(row["bytes"] for row in rows)
    if args.json:
        limit = round(config.settings().cache_gb * 1e9)
        print(strict_json({"entries": rows, "bytes": total, "limit_bytes": limit}))
        return DONE
    for row in rows:
        simulated = " SIMULATED" if row["simulated"] else ""
        size = f"{row['width']} x {row['height']}, {len(row['bands'])} bands"
        print(
            f"{row['key']}  {row['source']:<16} event {printable(row['event']):<8} {row['t1']} {row['t2']}  "
            f"{size:<22} {size_words(row['bytes']):>9}  used {row['used']}{simulated}"
        )
    print(f"{len(rows)} patches, {total / 1e9:.2f} of {config.settings().cache_gb:g} GB")
    return DONE


def _row(listed: "ListedEntry") -> dict[str, Any]:
    entry = listed.entry
    return {
        "key": entry.key,
        "source": entry.source,
        "event": entry.event_id,
        "t1": entry.t1,
        "t2": entry.t2,
        "bands": list(entry.bands),
        "width": entry.width,
        "height": entry.height,
        "bytes": entry.nbytes,
        "simulated": entry.simulated,
        "used": listed.used.isoformat(timespec="seconds"),
        "zarr": listed.location,
    }


def _verify(args: argparse.Namespace) -> int:
    from app import cache

    found = cache.verify(progress)
    clear_line()
    if args.json:
        print(strict_json({"whole": len(found.whole), "damaged": found.damaged, "leftovers": found.leftovers}))
    else:
        for key, reason in found.damaged.items():
            print(f"{printable(key)}: {reason}; set aside, it is fetched again when asked for")
        print(f"{len(found.whole)} whole, {len(found.damaged)} damaged, {found.leftovers} leftovers removed")
    return PARTLY_FAILED if found.damaged else DONE


def _clear(args: argparse.Namespace) -> int:
    from app import cache

    removed, freed = cache.clear(args.source, args.event)
    if args.json:
        print(strict_json({"removed": removed, "bytes": freed}))
    else:
        print(f"{removed} patches removed, {size_words(freed)}")
    return DONE
