"""How long a service asked to be left alone, told by the request that it refused, and how many ask it at once."""

import threading
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from urllib3.util import Retry

if TYPE_CHECKING:
    from typing import Self

    from urllib3 import BaseHTTPResponse

USUAL_S = 30.0  # where a service asks for fewer requests and does not say when
MOST_S = 600.0  # longer is no answer that anybody should wait for
_told = threading.local()
_at_once = 1


def share_with(others: int) -> None:
    """Let this process wait as many times longer between tries as there are processes that ask at once."""
    global _at_once
    _at_once = max(1, others)


def at_once() -> int:
    """Return how many processes ask the same service at once, this one included."""
    return _at_once


def seconds(retry_after: str | None) -> float:
    """Return the seconds in a header Retry-After, a number or a date; the usual ones where it says nothing usable."""
    text = (retry_after or "").strip()
    if text.isdecimal():
        return min(MOST_S, float(text))
    try:
        return min(MOST_S, max(0.0, parsedate_to_datetime(text).timestamp() - time.time()))
    except (ValueError, OverflowError):
        return USUAL_S


def last_told() -> float:
    """Return how long the service that refused this thread's last request asked to be left alone, in seconds."""
    found: float = getattr(_told, "seconds", USUAL_S)
    _told.seconds = USUAL_S
    return found


class TellingRetry(Retry):
    """Tries again as urllib3 does, and remembers what the last refusal said of when."""

    def increment(
        self, method: str | None = None, url: str | None = None, response: "BaseHTTPResponse | None" = None, *rest: Any,
        **more: Any,
    ) -> "Self":  # fmt: skip
        """Count a refusal; raises MaxRetryError where it was the last."""
        if response is not None and response.status == 429:
            _told.seconds = seconds(response.headers.get("Retry-After"))
        return super().increment(method, url, response, *rest, **more)
