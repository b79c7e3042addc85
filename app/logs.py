"""The log: set up once for every logger of the process, and free of secrets whoever writes to it."""

import logging
import sys
import threading
from types import TracebackType
from typing import Any

from app import config
from app.redact import redacted

FORMAT = "%(levelname)s %(name)s: %(message)s"


class _Record(logging.LogRecord):
    """A record that no handler, present or to come, sees a secret in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.exc_info and self.exc_info[0] is not None:
            self.exc_text = redacted(logging.Formatter().formatException(self.exc_info))  # handlers take it as it is
        if self.stack_info:
            self.stack_info = redacted(self.stack_info)

    def getMessage(self) -> str:  # the name that logging calls it by
        return redacted(super().getMessage())


def set_up(level: str) -> None:
    """Log to standard error from ``level`` on; called again, it only changes the level."""
    config.know_secrets()
    if logging.getLogRecordFactory() is not _Record:
        logging.setLogRecordFactory(_Record)
        sys.excepthook = _told
        threading.excepthook = lambda fault: _told(fault.exc_type, fault.exc_value, fault.exc_traceback)
    logging.basicConfig(level=level, stream=sys.stderr, format=FORMAT)
    logging.getLogger().setLevel(level)


def _told(kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None) -> None:
    """Log what nobody caught, where Python would print it as it is."""
    if not issubclass(kind, (KeyboardInterrupt, SystemExit)):
        told = (kind, error, traceback)
        # a thread may end without an error, which logging bears and does not say
        logging.getLogger("app").critical("Nobody caught this", exc_info=told)  # type: ignore[arg-type]
