"""Command lines: how every program of Scarp takes its arguments, and how it ends."""

import argparse
import sys
from typing import Any, NoReturn

DONE, PARTLY_FAILED, UNUSABLE = 0, 1, 2  # exit codes


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors, and those of its commands, are one line that says what to do."""

    def add_argument(self, *names: str, **says: Any) -> argparse.Action:
        """Add an argument; one of few words without an option is called by these words where it is missing."""
        if "choices" in says and not names[0].startswith("-"):
            says.setdefault("metavar", "{" + ",".join(says["choices"]) + "}")
        return super().add_argument(*names, **says)

    def error(self, message: str) -> NoReturn:
        """End with ``UNUSABLE``."""
        self.exit(UNUSABLE, f"{self.prog}: {message}. `{self.prog} --help` lists what it takes.\n")


def refused(called: str, reason: object) -> int:
    """Say in one line on standard error why what was ``called`` ends here; returns ``UNUSABLE``."""
    print(f"{called}: {reason}", file=sys.stderr)
    return UNUSABLE
