"""Dates proposed for the events of an inventory on the command line, kept as they are found, so that it can go on."""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from app.arguments import DONE, PARTLY_FAILED
from app.commands.terminal import clear_line, printable, progress, strict_json
from app.errors import InputError
from app.inventory import Event, Inventory, json_id

if TYPE_CHECKING:
    from app.sources.outcomes import Outcome
    from app.sources.proposing import Proposing

_SOURCE = "stac"  # the only one that can be searched
_KEPT = ".proposals.jsonl"  # behind the name of the file that is written
_LOOK_S = 0.3
OPTIONS = ("source", "option", "event", "at_once")  # that say nothing of anything else


def add_arguments(parser: argparse._ActionsContainer) -> None:
    """Declare what the search takes."""
    parser.add_argument(
        "--propose-dates", action="store_true",
        help="search a catalogue for T1 and T2 of the events that lack them, and write them to --out",
    )  # fmt: skip
    parser.add_argument("--source", default=_SOURCE, metavar="NAME", help="where to search (default: %(default)s)")
    parser.add_argument(
        "--option", action="append", default=[], metavar="KEY=VALUE", help="of the source: catalogue=NAME"
    )  # fmt: skip
    parser.add_argument("--event", action="append", metavar="ID", help="this one; may be repeated (default: all)")
    parser.add_argument("--at-once", type=int, default=0, metavar="N", help="searches at a time (default: 2)")


def run(args: argparse.Namespace, found: Inventory) -> int:
    """Search, write and tell; return 1 where a search failed or was stopped. Raises ScarpError."""
    from app.export import inventories
    from app.sources import outcomes as outcomes_of
    from app.sources import proposing

    inventories.writer(_out(args))
    catalogue = _catalogue(args)
    events = _asked(args, found)
    kept = _read(_kept_at(args.out))
    answered = outcomes_of.known(events, kept, catalogue)
    at_once = args.at_once or proposing.AT_ONCE
    running = proposing.Proposing(events, catalogue, answered, at_once).start()
    stopped = _watch(running, args.out, set(answered))
    outcomes = running.outcomes
    inventories.write(_with(found, outcomes.values()), args.out)
    _tell(args, found, events, outcomes, stopped)
    failed = any(one.state == outcomes_of.FAILED for one in outcomes.values())
    return PARTLY_FAILED if failed or stopped or found.skipped else DONE


def _out(args: argparse.Namespace) -> Path:
    if args.source != _SOURCE:
        raise InputError(f"Dates are proposed from --source {_SOURCE} alone; {args.source!r} cannot be searched.")
    if args.out is None:
        raise InputError("--propose-dates needs --out FILE, where the inventory is written with the dates.")
    if args.at_once < 0:
        raise InputError(f"--at-once is {args.at_once}; give a whole number from 1.")
    return args.out


def _catalogue(args: argparse.Namespace) -> str | None:
    """Return the name of the catalogue that was chosen, None for the usual one. Raises InputError."""
    from app.sources.stac_catalogue import catalogue

    chosen = None
    for text in args.option:
        key, _, chosen = text.partition("=")
        if key != "catalogue":
            raise InputError(f"--option {text[:60]!r} is none of {_SOURCE}'s; there is catalogue=NAME.")
    return catalogue(chosen).name


def _asked(args: argparse.Namespace, found: Inventory) -> Sequence[Event]:
    from app.sources.outcomes import lacking

    return lacking([found.event(name) for name in args.event] if args.event else found.events)


def _kept_at(out: Path) -> Path:
    return out.with_name(out.name + _KEPT)


def _read(path: Path) -> "list[Outcome]":
    """Return the outcomes kept by former calls; a line that cannot be read was never finished."""
    from app.sources.outcomes import from_json

    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        why = error.strerror or error
        raise InputError(f"{path} cannot be read ({why}); remove it, or name another --out.") from error
    found = []
    for line in lines:
        try:
            found.append(from_json(json.loads(line)))
        except (ValueError, RecursionError):
            continue
    return [one for one in found if one]


def _watch(running: "Proposing", out: Path, told: set[str]) -> bool:
    """Keep and say every outcome as it comes; return whether Ctrl-C stopped the rest."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with _kept_at(out).open("a", encoding="utf-8") as kept:
            return _watched(running, kept, told)
    except OSError as error:
        running.stop()
        raise InputError(f"{out} cannot be written ({error.strerror or error}); choose another place.") from error


def _watched(running: "Proposing", kept: TextIO, told: set[str]) -> bool:
    stopped = False
    while True:
        try:
            over = running.wait(_LOOK_S)
            for outcome in [one for one in running.outcomes.values() if one.event not in told]:
                _keep(outcome, kept)
                told.add(outcome.event)
            progress(running.share, "done" if over else "searching for dates of " + ", ".join(running.under_way))
            if over:
                return stopped
        except KeyboardInterrupt:
            running.stop()
            stopped = True


def _keep(outcome: "Outcome", kept: TextIO) -> None:
    from app.sources.outcomes import as_json

    kept.write(json.dumps(as_json(outcome)) + "\n")
    kept.flush()
    said = " and ".join(day for day in (outcome.t1, outcome.t2) if day) or f"{outcome.state}: {outcome.reason}"
    clear_line()
    print(f"event {printable(outcome.event)}: {printable(said)}", file=sys.stderr)


def _with(found: Inventory, outcomes: "Iterable[Outcome]") -> Inventory:
    """Return the inventory with all that was proposed as changes of its events."""
    from app.inventory import changes
    from app.sources import outcomes as outcomes_of

    made = {
        one.event: changes.made(found.event(one.event), outcomes_of.wanted(one), "", outcomes_of.told(one))
        for one in outcomes
    }
    return changes.changed(found, made)


def _tell(
    args: argparse.Namespace, found: Inventory, events: Sequence[Event], outcomes: "dict[str, Outcome]", stopped: bool
) -> None:
    from app.sources import outcomes as outcomes_of

    states = [outcomes[event.id].state if event.id in outcomes else "not-asked" for event in events]
    names = (outcomes_of.PROPOSED, outcomes_of.NOTHING, outcomes_of.IMPOSSIBLE, outcomes_of.FAILED, "not-asked")
    counts = {name.replace("-", "_"): states.count(name) for name in names}
    if args.json:
        rows = [_row(event, outcomes.get(event.id)) for event in events]
        told = {"events": len(found.events), "lacking": len(events), **counts, "stopped": stopped}
        print(strict_json({**told, "out": str(args.out), "proposals": rows}))
        return
    said = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items() if count)
    print(f"{len(events):,} of {len(found.events):,} events lacked T1 or T2: {said or 'nothing to search for'}.")
    print(f"Written: {args.out}")
    if counts["failed"] or counts["not_asked"]:
        print("Call it again to go on: what was answered is not asked again.")


def _row(event: Event, outcome: "Outcome | None") -> dict[str, object]:
    if outcome is None:
        return {"event": json_id(event.id), "state": "not-asked", "reason": "The search was stopped before."}
    return {
        "event": json_id(event.id), "state": outcome.state, "t1": outcome.t1 or None, "t2": outcome.t2 or None,
        "clear_t1": outcome.clear_t1, "clear_t2": outcome.clear_t2, "catalogue": outcome.catalogue or None,
        "reason": outcome.reason or None,
    }  # fmt: skip
