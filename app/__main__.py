"""The command line: ``python -m app inventory | patch | detect | evaluate | ...``."""

import argparse
import logging
import os
import sys
from contextlib import suppress
from importlib import import_module
from types import ModuleType

from app import config, logs
from app.arguments import DONE, PARTLY_FAILED, Parser, refused
from app.errors import Cancelled, ScarpError
from app.redact import redacted

# command -> what --help says of it; app/commands/<command>.py has add_arguments and run
COMMANDS = {
    "inventory": "check a landslide inventory and report every fault",
    "patch": "open the Sentinel-2 pair of one event and write it to a file",
    "scenes": "list every scene around one event, with how clear each is over its patch",
    "series": "follow a pixel or an area over every scene, and tell when it changed",
    "detect": "run one change-detection method on a patch or a pair of rasters",
    "evaluate": "score methods against mapped landslides",
    "batch": "do all of it for every event of an inventory, here or on a Dask cluster",
    "review": "take verdicts away, bring them in, or say how far reviewers agree",
    "export": "write everything of events as files that open elsewhere, with a STAC collection over them",
    "report": "put what is known, seen, detected and judged of events on one page, HTML or PDF",
    "models": "list the networks there are, or check an .onnx file before it is run",
    "fetch": "download published data, or the patches of many events ahead of need",
    "serve": "open the pages in a browser: for yourself, or with --class for everybody on this network",
    "quiz": "make a quiz that a link carries, say what one asks, or take its answers away",
    "cache": "list, verify or clear the patches kept on disk",
}


class _Version(argparse.Action):
    """Print the version and end; nothing is read for it unless somebody asks."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(config.software(), flush=True)
        parser.exit(DONE)


def parser() -> Parser:
    """Return the whole command line's parser."""
    main_parser = Parser(prog="python -m app", description="Scarp: landslides seen by Sentinel-2.")
    main_parser.add_argument("--version", action=_Version, nargs=0, help="print Scarp's version and end")
    commands = main_parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        sub = commands.add_parser(name, help=summary, description=summary)
        _module(name).add_arguments(sub)
    return main_parser


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code (0 done, 1 partly failed, 2 unusable input)."""
    called = "python -m app"
    _open_what_is_closed()
    _escape_what_cannot_be_shown()
    try:
        args = parser().parse_args(argv)
        called = f"{called} {args.command}"
        logs.set_up(config.settings().log_level)
        code = _module(args.command).run(args)
        sys.stdout.flush()  # here, where a full disk or a closed pipe can still be told
        return code
    except Cancelled as stopped:
        print(stopped, file=sys.stderr)
        return PARTLY_FAILED
    except ScarpError as error:
        return refused(called, error)
    except BrokenPipeError:  # whoever read the output has seen enough
        _write_nothing_more()
        return DONE
    except KeyboardInterrupt:
        print("Stopped; nothing half-done was kept.", file=sys.stderr)
        return PARTLY_FAILED
    except Exception as error:  # no traceback for a person; whoever mends it asks for one
        logging.getLogger(__name__).debug("This is where it happened.", exc_info=True)
        code = refused(called, _unforeseen(error))
        _write_nothing_more()
        return code


def _open_what_is_closed() -> None:
    """Have words go nowhere where an output was closed (``>&-``): else a file opened next would take its place."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  # as long as the program


def _escape_what_cannot_be_shown() -> None:
    """Write a character that standard output has no code for as an escape, as standard error does."""
    if sys.stdout is not None and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")


def _unforeseen(error: Exception) -> str:
    """Return a sentence for an error that nothing closer to it knew."""
    if isinstance(error, OSError):
        at = f" {error.filename}" if error.filename else ""
        reason = f"the system refuses{at} ({error.strerror or error})"
        return f"{reason}. Check that files can be read, and that there is room and right to write."
    if isinstance(error, MemoryError):
        return "memory ran out. Choose a smaller patch, fewer bands or a coarser resolution."
    said = redacted(f"{type(error).__name__}: {error}")
    return f"an unforeseen fault ({said}). SCARP_LOG=DEBUG shows where it happened."


def _write_nothing_more() -> None:
    """Drop what standard output still holds: Python would try again at its end, and fail aloud."""
    with suppress(OSError, ValueError):  # it may be no file at all
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _module(command: str) -> ModuleType:
    return import_module(f"app.commands.{command.replace('-', '_')}")


if __name__ == "__main__":
    sys.exit(main())
