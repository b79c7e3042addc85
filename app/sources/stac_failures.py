"""What a STAC catalogue and the network raise, in one sentence that holds no address and no key."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from app.errors import InputError, SourceBusyError, SourceError

if TYPE_CHECKING:
    from types import TracebackType

T = TypeVar("T")


class plain_words:
    """Turn what is raised while a catalogue is asked into SourceError; ``title`` and ``host`` name it to the reader."""

    def __init__(self, title: str, host: str) -> None:
        self._name = f"The catalogue {title} ({host})"

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or isinstance(error, (SourceError, InputError)) or not isinstance(error, Exception):
            return
        if _status(error) == 429:
            from app.sources import limits_told

            raise SourceBusyError(self._sentence(error), limits_told.last_told()) from error
        raise SourceError(self._sentence(error)) from error

    def _sentence(self, error: Exception) -> str:
        import requests

        name, status = self._name, _status(error)
        if status == 429:
            return f"{name} asks for fewer requests (HTTP 429); try again in some minutes."
        if status in (401, 403):
            return f"{name} refuses this request (HTTP {status}); choose another catalogue."
        if status >= 500:
            return f"{name} has a fault of its own (HTTP {status}); try again later or choose another catalogue."
        if status:
            return f"{name} does not understand the request (HTTP {status}); check that it is a STAC API."
        if isinstance(error, requests.Timeout):
            return f"{name} does not answer; try again later or choose another catalogue."
        if isinstance(error, requests.ConnectionError) or "Max retries" in str(error):
            return f"{name} cannot be reached. Check the network; the sources demo and sample need none."
        return f"{name} gave an answer that is not STAC ({type(error).__name__}); choose another catalogue."


def _status(error: Exception) -> int:
    """Return the HTTP status behind an error, 0 where there was no answer."""
    answer = getattr(error, "response", None)
    status = getattr(error, "status_code", None) or getattr(answer, "status_code", None)
    match = re.search(r"too many (\d{3}) error", str(error))
    return int(status or (match[1] if match else 0))


def needing_packages(job: Callable[[], T]) -> Callable[[], T]:
    """Return the job with a sentence in place of a missing package."""

    def run() -> T:
        try:
            return job()
        except ModuleNotFoundError as error:
            raise SourceError(
                f"The source stac needs {error.name}, which is not installed. "
                "Install it with: pip install odc-stac pystac-client"
            ) from error

    return run
