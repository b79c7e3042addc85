"""What commands show a person while they work: one line on a terminal, nothing in a pipe."""

import sys


def progress(share: float, doing: str) -> None:
    """Show how far the work is, over the line before."""
    if sys.stderr.isatty():
        print(f"\r\033[K{share:4.0%} {doing[:90]}", end="\n" if share >= 1 else "", file=sys.stderr, flush=True)
