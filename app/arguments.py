"""Command lines: how every program of Scarp takes its arguments, and how it ends."""

import argparse
import sys
from collections.abc import Callable, Iterable
from copy import copy
from typing import Any, NoReturn

from app.errors import InputError

DONE, PARTLY_FAILED, UNUSABLE = 0, 1, 2  # exit codes


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors, and those of its commands, are one line that says what to do."""

    _commands = _mixing = False

    def add_argument(self, *names: str, **says: Any) -> argparse.Action:
        """Add an argument; one of few words without an option is called by these words where it is missing."""
        if "choices" in says and not names[0].startswith("-"):
            says.setdefault("metavar", "{" + ",".join(says["choices"]) + "}")
        return super().add_argument(*names, **says)

    def add_subparsers(self, **says: Any) -> Any:
        """Add commands; each parses its own words."""
        self._commands = True
        return super().add_subparsers(**says)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Return what arguments say, and those that are not known; options may stand before, between and after words.

        argparse alone takes all words at the first of them: of ``check --suggest FILE`` it left the file over.
        """
        found = super().parse_known_args(args, copy(namespace))
        if not found[1] or self._commands or self._mixing:
            return found
        self._mixing = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._mixing = False

    def error(self, message: str) -> NoReturn:
        """End with ``UNUSABLE``."""
        self.exit(UNUSABLE, f"{self.prog}: {message}. `{self.prog} --help` lists what it takes.\n")


def require_unused(
    args: argparse.Namespace, add_arguments: Callable[[argparse.ArgumentParser], None], names: Iterable[str], why: str
) -> None:
    """Raise InputError, ``--NAME`` and then ``why``, for the first of these options that says anything of its own.

    For those that would be passed over in silence; ``add_arguments`` declares what each says where nobody gives it.
    """
    usual = Parser()
    add_arguments(usual)
    for name in names:
        if getattr(args, name) != usual.get_default(name):
            raise InputError(f"--{name.replace('_', '-')} {why}")


def refused(called: str, reason: object) -> int:
    """Say in one line on standard error why what was ``called`` ends here; returns ``UNUSABLE``."""
    print(f"{called}: {reason}", file=sys.stderr)
    return UNUSABLE
