"""``python -m app review``: take verdicts away, bring them in, and say how far reviewers agree."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app import config
from app.arguments import DONE, PARTLY_FAILED
from app.commands.terminal import printable, strict_json
from app.errors import InputError

if TYPE_CHECKING:
    from app.review import Reviews, Verdict


@dataclass(frozen=True)
class _Sorted:
    """What a file holds beside what the database holds already."""

    new: "list[Verdict]"
    known: int
    conflicts: list[str]  # uids that stand for something else here


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("do", choices=("export", "import", "agreement", "backup"), help="what to do")
    parser.add_argument("file", nargs="?", type=Path, help="import: .csv, .parquet or .geojson that export wrote")
    parser.add_argument("--out", type=Path, metavar="FILE", help="export: .csv, .parquet, .geojson; backup: the copy")
    parser.add_argument(
        "--format", choices=("glad4cd", "polygons"),
        help="export to --out DIR: corrected outlines as labelled pairs, or the detected polygons that were kept",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """Do it; return 1 where entries of a file were not taken. Raises ScarpError."""
    if (args.do == "import") != (args.file is not None):
        raise InputError("A FILE belongs to `review import`, and `review import` needs one.")
    if (args.do in ("export", "backup")) != (args.out is not None):
        raise InputError("--out FILE belongs to `review export` and `review backup`, and both need it.")
    if args.format and args.do != "export":
        raise InputError("--format belongs to `review export`.")
    from app.review import Reviews

    reviews = Reviews(config.settings().database_url)
    return {"export": _export, "import": _import, "agreement": _agreement, "backup": _backup}[args.do](args, reviews)


def _export(args: argparse.Namespace, reviews: "Reviews") -> int:
    if args.format:
        return {"glad4cd": _corrected_folder, "polygons": _kept_polygons}[args.format](args, reviews)
    from app.export import verdict_files

    verdict_files.ending(args.out)
    entries = reviews.all()
    verdict_files.write(entries, args.out)
    _tell(args, {"entries": len(entries), "out": str(args.out)}, f"Written: {args.out}, {len(entries):,} entries")
    return DONE


def _corrected_folder(args: argparse.Namespace, reviews: "Reviews") -> int:
    from app.export import glad4cd
    from app.review import corrected

    found = corrected.corrections(reviews.all())
    if not found:
        raise InputError("No verdict holds a corrected outline; correct one on the Review page first.")
    told, faults = glad4cd.write(found, args.out)
    skipped = [{"event": event, "reason": reason} for event, reason in faults]
    lines = [
        f"Written: {args.out}, {len(told):,} labelled pairs",
        *(f"Not written: event {printable(event)}: {printable(reason)}" for event, reason in faults),
    ]
    _tell(args, {"events": told, "skipped": skipped, "out": str(args.out)}, "\n".join(lines))
    return PARTLY_FAILED if faults else DONE


def _kept_polygons(args: argparse.Namespace, reviews: "Reviews") -> int:
    from app.export import kept_polygons
    from app.review import pieces

    found = pieces.kept(reviews.all())
    if not found:
        raise InputError("No detected polygon was judged; walk through some on the Review page first.")
    told = kept_polygons.write(found, args.out)
    number = sum(len(one.verdicts) for one in found)
    text = f"Written: {args.out}, {number:,} polygons kept, {len(told):,} masks"
    _tell(args, {"polygons": number, "masks": told, "out": str(args.out)}, text)
    return DONE


def _import(args: argparse.Namespace, reviews: "Reviews") -> int:
    from app.export import verdict_files

    entries, faults = verdict_files.read(args.file)
    found = _beside(entries, reviews.all())
    reviews.add_all(reversed(found.new))
    document = {
        "added": len(found.new), "known": found.known, "conflicts": found.conflicts, "skipped": faults,
    }  # fmt: skip
    lines = [
        f"{len(found.new):,} entries added, {found.known:,} were there already.",
        *(f"Not taken: {uid} says something else here; both files name it." for uid in found.conflicts),
        *(f"Not taken: {printable(fault)}" for fault in faults),
    ]
    _tell(args, document, "\n".join(lines))
    return PARTLY_FAILED if found.conflicts or faults else DONE


def _beside(entries: "Sequence[Verdict]", here: "Sequence[Verdict]") -> _Sorted:
    """Sort the entries of a file by what the database says under their names; of a name twice the first counts."""
    held = {one.uid: one for one in here}
    new, known, conflicts = [], 0, []
    for one in entries:
        there = held.get(one.uid)
        if there is None:
            held[one.uid] = one
            new.append(one)
        elif there == one:
            known += 1
        else:
            conflicts.append(one.uid)
    return _Sorted(new, known, conflicts)


def _agreement(args: argparse.Namespace, reviews: "Reviews") -> int:
    from app.review import agreement, standing

    items = agreement.rated(standing(reviews.all()))
    told = agreement.summary(list(items.values()))
    apart = [_apart(item, said) for item, said in items.items() if len(set(said.values())) > 1]
    kappas = "\n".join(
        f"  Cohen's kappa, {printable(pair)}: {value:.3f}" for pair, value in told["cohen_kappa"].items()
    )
    lines = [
        f"{told['items']:,} items judged by two reviewers or more; {told['percent']:.1f} % of pairs of verdicts agree.",
        kappas,
        f"  Fleiss' kappa: {told['fleiss_kappa']:.3f}; Krippendorff's alpha: {told['krippendorff_alpha']:.3f}",
        *(f"  {printable(one['event'])} {one['kind']} {printable(one['subject'])}: "
          + printable("; ".join(f"{who}: {what}" for who, what in one["verdicts"].items())) for one in apart),
    ]  # fmt: skip
    _tell(args, {**told, "disagreements": apart}, "\n".join(line for line in lines if line))
    return DONE


def _apart(item: tuple[str, str, str, str], said: dict[str, str]) -> dict:
    event, where, kind, subject = item
    return {"event": event, "where": where, "kind": kind, "subject": subject, "verdicts": said}


def _backup(args: argparse.Namespace, reviews: "Reviews") -> int:
    reviews.backup(args.out)
    _tell(args, {"entries": reviews.count(), "out": str(args.out)}, f"Written: {args.out}")
    return DONE


def _tell(args: argparse.Namespace, document: dict[str, object], text: str) -> None:
    print(strict_json(document) if args.json else text)
