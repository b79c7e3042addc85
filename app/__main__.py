"""The command line: ``python -m app inventory | patch | detect | evaluate | ...``."""

import argparse
import logging
import os
import sys
from importlib import import_module

from app import config
from app.errors import Cancelled, ScarpError

# command -> what --help says of it; app/commands/<command>.py has add_arguments and run
COMMANDS = {
    "inventory": "check a landslide inventory and report every fault",
    "patch": "open the Sentinel-2 pair of one event and write it to a file",
    "detect": "run one change-detection method on a patch or a pair of rasters",
    "evaluate": "score methods against mapped landslides",
    "models": "list the networks there are, or check an .onnx file before it is run",
    "fetch": "download published data, or the patches of many events ahead of need",
    "cache": "list, verify or clear the patches kept on disk",
}

DONE, PARTLY_FAILED, UNUSABLE = 0, 1, 2


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line that says what to do."""

    def error(self, message: str) -> None:
        self.exit(UNUSABLE, f"{self.prog}: {message}. `{self.prog} --help` lists what it takes.\n")


def parser() -> argparse.ArgumentParser:
    """Return the whole command line's parser."""
    main_parser = _Parser(prog="python -m app", description="Scarp: landslides seen by Sentinel-2.")
    commands = main_parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        sub = commands.add_parser(name, help=summary, description=summary)
        _module(name).add_arguments(sub)
    return main_parser


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code (0 done, 1 partly failed, 2 unusable input)."""
    args = parser().parse_args(argv)
    try:
        level = config.settings().log_level
        logging.basicConfig(level=level, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
        return _module(args.command).run(args)
    except Cancelled as stopped:
        print(stopped, file=sys.stderr)
        return PARTLY_FAILED
    except ScarpError as error:
        print(f"python -m app {args.command}: {error}", file=sys.stderr)
        return UNUSABLE
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        print("Stopped; nothing half-done was kept.", file=sys.stderr)
        return PARTLY_FAILED


def _module(command: str):
    return import_module(f"app.commands.{command.replace('-', '_')}")


if __name__ == "__main__":
    sys.exit(main())
