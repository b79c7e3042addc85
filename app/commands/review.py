"""``python -m app review``: take verdicts away, bring them in, and say how far reviewers agree."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import config
from app.arguments import DONE, PARTLY_FAILED
from app.commands import inventory_file
from app.commands.terminal import printable, strict_json
from app.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.review import Reviews
    from app.review.incoming import Conflict
    from app.review.team import JudgedItem


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("do", choices=("export", "import", "agreement", "quality", "backup"), help="what to do")
    parser.add_argument("file", nargs="?", type=Path, help="import: a file that export wrote")
    parser.add_argument(
        "--out", type=Path, metavar="FILE",
        help="export: .csv, .parquet, .geojson, .gpkg, .json (COCO), or a folder; backup: the copy",
    )  # fmt: skip
    parser.add_argument(
        "--format", choices=("coco", "list", "glad4cd", "polygons"),
        help="export: COCO to FILE.json; a list of what was judged, as it stands, to FILE.csv; or to --out DIR "
        "corrected outlines as labelled pairs, or the detected polygons that were kept",
    )  # fmt: skip
    parser.add_argument("--look", action="store_true", help="import: say what would be taken, and write nothing")
    parser.add_argument(
        "--inventory", metavar="FILE", help="quality: whose labels were judged, by default the built-in list's"
    )
    inventory_file.add_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """Do it; return 1 where entries of a file were not taken. Raises ScarpError."""
    if (args.do == "import") != (args.file is not None):
        raise InputError("A FILE belongs to `review import`, and `review import` needs one.")
    if (args.do in ("export", "backup")) != (args.out is not None):
        raise InputError("--out FILE belongs to `review export` and `review backup`, and both need it.")
    if args.format and args.do != "export":
        raise InputError("--format belongs to `review export`.")
    if args.format == "coco" and args.out.suffix.lower() != ".json":
        raise InputError("--format coco belongs to `review export --out FILE.json`.")
    if args.format == "list" and args.out.suffix.lower() != ".csv":
        raise InputError("--format list belongs to `review export --out FILE.csv`.")
    if args.look and args.do != "import":
        raise InputError("--look belongs to `review import FILE`.")
    if args.do != "quality" and (args.inventory or args.columns or args.crs or args.layer):
        raise InputError("--inventory FILE, --columns, --crs and --layer belong to `review quality`.")
    from app.review import Reviews

    reviews = Reviews(config.settings().database_url)
    if reviews.remark:
        print(printable(reviews.remark), file=sys.stderr)
    does = {
        "export": _export, "import": _import, "agreement": _agreement, "quality": _quality, "backup": _backup,
    }  # fmt: skip
    return does[args.do](args, reviews)


def _export(args: argparse.Namespace, reviews: "Reviews") -> int:
    if args.format in ("glad4cd", "polygons"):
        return {"glad4cd": _corrected_folder, "polygons": _kept_polygons}[args.format](args, reviews)
    if args.format == "list":
        return _list(args, reviews)
    from app.export import verdict_files

    verdict_files.ending(args.out)
    entries = reviews.all()
    verdict_files.write(entries, args.out)
    _tell(args, {"entries": len(entries), "out": str(args.out)}, f"Written: {args.out}, {len(entries):,} entries")
    return DONE


def _list(args: argparse.Namespace, reviews: "Reviews") -> int:
    from app.export import judged
    from app.files import written_whole

    data = judged.list_csv(reviews.all())
    with written_whole(args.out) as beside:
        beside.write_bytes(data)
    _tell(args, {"out": str(args.out)}, f"Written: {args.out}")
    return DONE


def _corrected_folder(args: argparse.Namespace, reviews: "Reviews") -> int:
    from app.export import glad4cd
    from app.review import KINDS, corrected

    entries = reviews.all()
    found = corrected.corrections(entries)
    lost = corrected.unreadable(entries, set(KINDS) - set(corrected.PARTS))
    if not found and not lost:
        raise InputError("No verdict holds a corrected outline; correct one on the Review page first.")
    told, faults = glad4cd.write(found, args.out)
    faults += lost.items()
    skipped = [{"event": event, "reason": reason} for event, reason in faults]
    lines = [f"Written: {args.out}, {len(told):,} labelled pairs", *_not_written(faults)]
    _tell(args, {"events": told, "skipped": skipped, "out": str(args.out)}, "\n".join(lines))
    return PARTLY_FAILED if faults else DONE


def _kept_polygons(args: argparse.Namespace, reviews: "Reviews") -> int:
    from app.export import kept_polygons
    from app.review import corrected, pieces

    entries = reviews.all()
    found, lost = pieces.kept(entries), corrected.unreadable(entries, ("polygon",))
    if not found and not lost:
        raise InputError("No detected polygon was judged; walk through some on the Review page first.")
    told = kept_polygons.write(found, args.out)
    number = sum(len(one.verdicts) for one in found)
    skipped = [{"event": event, "reason": reason} for event, reason in lost.items()]
    lines = [f"Written: {args.out}, {number:,} polygons kept, {len(told):,} masks", *_not_written(lost.items())]
    _tell(args, {"polygons": number, "masks": told, "skipped": skipped, "out": str(args.out)}, "\n".join(lines))
    return PARTLY_FAILED if lost else DONE


def _not_written(faults: "Iterable[tuple[str, str]]") -> list[str]:
    return [f"Not written: event {printable(event)}: {printable(reason)}" for event, reason in faults]


def _import(args: argparse.Namespace, reviews: "Reviews") -> int:
    """Take what is new; what is in conflict is told first and taken by nobody. With ``--look`` nothing is written."""
    from app.export import verdict_files
    from app.review import incoming

    entries, faults = verdict_files.read(args.file)
    found = incoming.beside(entries, reviews.all())
    if not args.look:
        reviews.add_all(reversed(found.new))
    document = {
        "added": 0 if args.look else len(found.new), "new": len(found.new), "known": found.known,
        "conflicts": [one.uid for one in found.conflicts], "skipped": faults,
    }  # fmt: skip
    lines = [
        *(f"Not taken: {_told(one)}" for one in found.conflicts),
        *(f"Not taken: {printable(fault)}" for fault in faults),
        f"{len(found.new):,} entries {'are new' if args.look else 'added'}, {found.known:,} were there already.",
    ]
    _tell(args, document, "\n".join(lines))
    return PARTLY_FAILED if found.conflicts or faults else DONE


def _told(one: "Conflict") -> str:
    said = "; ".join(f"{name} {theirs!r} there, {ours!r} here" for name, (theirs, ours) in one.apart.items())
    return printable(f"{one.uid} of {one.ours.reviewer} says something else here: {said}")


def _agreement(args: argparse.Namespace, reviews: "Reviews") -> int:
    from app.review import agreement, standing, team

    entries = reviews.all()
    told = agreement.summary(list(agreement.rated(standing(entries)).values()))
    apart = [_apart(one) for one in team.items(entries) if one.is_apart]
    lines = [
        *_agreed(told),
        *(f"  {printable(one['event'])} {one['kind']} {printable(one['subject'])}: "
          + printable("; ".join(f"{who}: {what}" for who, what in one["verdicts"].items()))
          + (f"; decided: {printable(one['decided'])}" if one["decided"] else "") for one in apart),
    ]  # fmt: skip
    _tell(args, {**told, "disagreements": apart}, "\n".join(lines))
    return DONE


def _agreed(told: dict[str, Any]) -> list[str]:
    """Return how far reviewers agree, in lines."""
    if not told["items"]:
        return ["Nothing is judged by two reviewers yet, so there is no agreement to tell."]
    return [
        f"{told['items']:,} items judged by two reviewers or more; {told['percent']:.1f} % of pairs of verdicts agree.",
        *(f"  Cohen's kappa, {printable(pair)}: {value:.3f}" for pair, value in told["cohen_kappa"].items()),
        f"  Fleiss' kappa: {told['fleiss_kappa']:.3f}; Krippendorff's alpha: {told['krippendorff_alpha']:.3f}",
    ]


def _apart(one: "JudgedItem") -> dict:
    event, where, kind, subject = one.item
    said = {who: verdict.meaning for who, verdict in one.said.items()}
    decided = one.outcome if one.decision else None
    return {"event": event, "where": where, "kind": kind, "subject": subject, "verdicts": said, "decided": decided}


def _quality(args: argparse.Namespace, reviews: "Reviews") -> int:
    """Tell what share of an inventory's labels is usable, and why the others are not."""
    from app.review import VERDICTS, quality, team, truths

    inventory, entries = inventory_file.named(args.inventory, args), reviews.all()
    told, outlines = quality.of_inventory(entries, inventory), truths.quality_of(team.items(entries), inventory)
    low, high = (100 * end for end in told.interval)
    share = (
        f"{100 * told.share:.0f} % usable: {told.usable:,} of {told.judged:,} judged events (95 % interval {low:.0f} "
        f"to {high:.0f} %, where they are a random sample)"
    )  # fmt: skip
    lines = [
        *([f"SIMULATED scenes: of the events judged, {told.simulated:,} on them."] if told.simulated else []),
        f"{share if told.judged else 'No event is judged yet, so no share is usable or not'}.",
        *(f"  {VERDICTS.get(name, name)}: {number:,}" for name, number in told.reasons.items()),
        f"  Judged apart: {told.apart:,}; not judged: {told.unjudged:,}; in all {told.events:,} events of "
        f"{inventory.name}",
        *([truths.said(outlines) + "."] if outlines.events else []),
    ]
    _tell(
        args,
        {"inventory": inventory.name, **told.as_json(), "outlines": outlines.as_json()},
        "\n".join(map(printable, lines)),
    )
    return DONE


def _backup(args: argparse.Namespace, reviews: "Reviews") -> int:
    reviews.backup(args.out)
    _tell(args, {"entries": reviews.count(), "out": str(args.out)}, f"Written: {args.out}")
    return DONE


def _tell(args: argparse.Namespace, document: dict[str, object], text: str) -> None:
    print(strict_json(document) if args.json else text)
