"""``python -m app serve``: open the pages in a browser; with ``--class`` for everybody on this network."""

import argparse
from pathlib import Path

from app import config, serve
from app.arguments import DONE
from app.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    serve.add_arguments(parser)
    parser.add_argument(
        "--class", dest="for_class", action="store_true",
        help="let everybody on this network in, and print the address with a code for phones",
    )  # fmt: skip
    parser.add_argument(
        "--quiz", type=Path, metavar="FILE", help="open a quiz on the Learn page; answers go to FILE with .answers.csv"
    )
    parser.add_argument("--host", help="with --class: the one address of this machine to listen at; all of them")


def run(args: argparse.Namespace) -> int:
    """Serve until stopped.

    Raises ScarpError where no port is free, no phone could reach this machine, or a file is no quiz.
    """
    from app.lessons import bench, classroom, quiz

    if args.quiz:
        classroom.CLASS.quiz = quiz.read(args.quiz)
        classroom.CLASS.answers = args.quiz.resolve().with_suffix(".answers.csv")
    if not args.for_class:
        if args.host:
            raise InputError("--host goes with --class: without it Scarp is open to this machine alone.")
        return serve.start(args.port, browser=not args.no_browser) or DONE
    host = args.host or classroom.EVERYWHERE
    reached = classroom.reached_at(host)
    classroom.share()

    def told(port: int) -> tuple[str, str]:
        address = f"http://{reached}:{port}/{classroom.PAGE}"
        classroom.CLASS.address = address
        return address, _text(address)

    names = classroom.addresses() if host == classroom.EVERYWHERE else (host,)
    browser = not args.no_browser
    return serve.start(args.port, browser=browser, host=host, names=names, told=told, then=bench.prepare) or DONE


def _text(address: str) -> str:
    from app.lessons import classroom

    return (
        f"{classroom.as_text(address)}\n"
        f"Scarp is open for everybody on this network at {address}\n"
        f"It takes {_readers()} (SCARP_SESSIONS).\n"
        "Links copied on this machine carry that address; the Learn page shows it with its code.\n"
        "Readers name, bring and keep no files of this machine and see none of its verdicts. Nothing is encrypted and\n"
        "nobody logs in: end it with Ctrl-C when the class ends.\n"
        f"Answers to quizzes made on the Learn page are added to {classroom.table_of_links()}"
    )


def _readers() -> str:
    most = config.settings().sessions
    return f"{most} readers at once, and tells one more to try again later" if most else "any number of readers"
