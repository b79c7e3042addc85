"""A module of Scarp run to its end in a process of its own, which what a stranger wrote may bring down."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from app import config


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code, negative where a signal ended it, and what it wrote."""

    code: int
    wrote: bytes


def ended(
    module: str,
    *given: str,
    patience_s: float | None = None,
    environ: Mapping[str, str] | None = None,
    complaints: bool = False,
) -> Ended:
    """Run a module with arguments, without input, and return how it ended.

    It has no secret in its environment, or the ``environ`` it is given. What it writes to standard output is returned,
    with ``complaints`` what it writes to standard error; the other is thrown away, for it may be endless. Raises
    TimeoutError where it takes longer than ``patience_s``; it is killed then.
    """
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    try:
        done = subprocess.run(
            [sys.executable, "-m", module, *given], cwd=config.ROOT, check=False, timeout=patience_s, stdin=nowhere,
            env=config.without_secrets() if environ is None else environ,
            stdout=nowhere if complaints else pipe, stderr=pipe if complaints else nowhere,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    return Ended(done.returncode, done.stderr if complaints else done.stdout)
