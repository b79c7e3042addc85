"""Scarp's side of a process that does jobs: it is asked, watched while it works, and killed once it is not wanted.

One thread writes each job, one reads answers and one what the process says at last: whatever it does or does not
do, nobody here waits longer than he wants to.
"""

import queue
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import BinaryIO, Generic, TypeVar, cast

from app import config
from app.redact import redacted

TICK_S = 0.1  # how often a waiting caller may change its mind
_LAST_WORDS = 5  # lines
_LONGEST_LINE = 10_000  # bytes
Answer = TypeVar("Answer")


class EndedError(Exception):
    """The process has ended, or was ended for what it sent, and answers no more."""


class LateError(TimeoutError):
    """The time for an answer is up."""


class Worker(Generic[Answer]):
    """One process of a ``command``; not shared between threads while it works.

    ``read`` takes one answer from its standard output, None at the end; whoever sends what ``read`` fails on is
    killed. Without an ``environment`` the process has Scarp's own, accounts and keys included.
    """

    def __init__(
        self,
        command: Sequence[str],
        read: Callable[[BinaryIO], Answer | None],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=config.ROOT, env=environment, stdin=pipe, stdout=pipe, stderr=pipe)
        self._input = cast(BinaryIO, self.process.stdin)
        self._output, self._errors = cast(BinaryIO, self.process.stdout), cast(BinaryIO, self.process.stderr)
        self.fault: Exception | None = None  # what reading its answers failed on
        self._read = read
        self._answers: queue.Queue[Answer | None] = queue.Queue()
        self._words: deque[str] = deque(maxlen=_LAST_WORDS)
        self._listener = threading.Thread(target=self._read_last_words, daemon=True)
        self._listener.start()
        threading.Thread(target=self._read_answers, daemon=True).start()

    def send(self, write: Callable[[BinaryIO], None]) -> None:
        """Have a job written, without waiting for it; a process that is gone is noticed in ``answer``."""
        threading.Thread(target=self._write, args=(write,), daemon=True).start()

    def answer(self, ends: float, watch: Callable[[], None]) -> Answer:
        """Return the next answer; ``watch`` is called several times a second, and what it raises comes out here.

        Raises LateError when ``time.monotonic()`` reaches ``ends``, EndedError where no answer will come. After that,
        or an error of ``watch``, the process is in the middle of a job: kill it.
        """
        while True:
            watch()
            left = max(0.0, ends - time.monotonic())
            try:
                answer = self._answers.get(timeout=min(TICK_S, left))
            except queue.Empty:
                if time.monotonic() >= ends:
                    raise LateError from None
                continue
            if answer is None:
                self._answers.put(None)  # for whoever asks again
                raise EndedError
            return answer

    def alive(self) -> bool:
        """Whether the process can take a job."""
        return self.process.poll() is None

    def last_words(self) -> list[str]:
        """Return the last lines a process that has ended wrote to standard error, free of secrets."""
        self._listener.join(timeout=1.0)
        return list(self._words)

    def kill(self) -> None:
        """End the process at once, whatever it does."""
        self.process.kill()
        self.process.wait()
        with suppress(OSError):
            self._input.close()

    def _write(self, write: Callable[[BinaryIO], None]) -> None:
        with suppress(OSError, ValueError):  # the reader notices that the process is gone
            write(self._input)

    def _read_answers(self) -> None:
        try:
            while (answer := self._read(self._output)) is not None:
                self._answers.put(answer)
        except Exception as error:
            self.fault = error
        self.process.kill()  # it has ended, or sends what was not asked for
        self._answers.put(None)

    def _read_last_words(self) -> None:
        for line in iter(lambda: self._errors.readline(_LONGEST_LINE), b""):
            if said := line.decode("utf-8", "replace").strip():
                self._words.append(redacted(said)[:200])
