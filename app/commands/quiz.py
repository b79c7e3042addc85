"""``python -m app quiz``: make a quiz that a link carries, say what one asks, or take its answers away."""

import argparse
import sys
from pathlib import Path
from urllib.parse import urlencode

from app import config
from app.arguments import DONE
from app.commands.terminal import printable
from app.errors import InputError
from app.files import is_among, written_whole

ADDRESS = "http://127.0.0.1:8501/learn"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument("do", choices=("make", "show", "answers"), help="what to do")
    parser.add_argument(
        "what", nargs="+", metavar="WHAT",
        help="make: questions, each SCENE.NUMBER.KIND as haze.3.draw; show, answers: the link of a quiz",
    )  # fmt: skip
    parser.add_argument("--title", help="make: the title of the quiz")
    parser.add_argument("--lang", help="make, show: the language it opens in, by default en")
    parser.add_argument("--address", metavar="URL", help=f"make: where your class opens Learn, by default {ADDRESS}")
    parser.add_argument(
        "--table", type=Path, action="append", metavar="FILE",
        help="answers: a table that was handed in, once for each; by default the one in Scarp's own folder",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, metavar="FILE", help="answers: write them there, not on the screen")


def run(args: argparse.Namespace) -> int:
    """Do it. Raises InputError for a question, a link or a table that cannot be read."""
    if args.do != "make" and (args.title or args.address):
        raise InputError("--title and --address belong to `quiz make`.")
    if args.do != "answers" and (args.table or args.out):
        raise InputError("--table and --out belong to `quiz answers`.")
    if args.do == "answers" and args.lang:
        raise InputError("--lang belongs to `quiz make` and `quiz show`.")
    if args.do != "make" and len(args.what) > 1:
        raise InputError(f"`quiz {args.do}` takes one link. Put it between quotes.")
    return {"make": _make, "show": _show, "answers": _answers}[args.do](args)


def _make(args: argparse.Namespace) -> int:
    from app.lessons import linked
    from app.lessons.words import words

    words(args.lang or "en")  # or it is said that there is none
    text = linked.write(linked.parse("-".join(args.what)), args.title or "")
    query = {"learn": "quiz", **({"lang": args.lang} if args.lang else {}), linked.NAME: text}
    print(f"{args.address or ADDRESS}?{urlencode(query)}")
    return DONE


def _show(args: argparse.Namespace) -> int:
    from app.lessons import linked
    from app.lessons.words import said

    language, held = args.lang or "en", linked.of_address(args.what[0])
    quiz = linked.quiz(held, language)
    print(printable(quiz.title))
    for n, (one, question) in enumerate(zip(held.asked, quiz.questions, strict=True), start=1):
        scene, kind = said("traps", one.scene, "title", language=language), said("kinds", one.kind, language=language)
        line = said("making", "line", language=language).format(n=n, scene=scene, number=one.number, kind=kind)
        print(line + (f": {' / '.join(question.options)}" if question.options else ""))
    return DONE


def _answers(args: argparse.Namespace) -> int:
    from app.lessons import classroom, linked, quiz

    held = linked.of_address(args.what[0])
    tables = args.table or [config.settings().home / classroom.ANSWERS]
    missing = next((one for one in tables if not one.is_file()), None)
    if missing is not None:
        raise InputError(f"There is no table of answers at {missing}. Name the one that was handed in: --table FILE.")
    if args.out is not None and is_among(args.out, tables):
        raise InputError(f"--out {args.out} is a table of answers itself: those of other quizzes would be lost.")
    found = [row for table in tables for row in quiz.rows(table, held.id)]
    if args.out is None:
        quiz.write_rows(found, sys.stdout)
        return DONE
    with written_whole(args.out) as beside, beside.open("w", newline="", encoding="utf-8") as out:
        quiz.write_rows(found, out)
    print(f"Written: {args.out}, {len(found):,} answers")
    return DONE
