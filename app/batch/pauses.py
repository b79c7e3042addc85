"""A service that asked for fewer requests is left alone by all workers of a batch: its folder tells them."""

import json
import random
import time
from collections.abc import Callable
from typing import TypeVar

from app.batch.outputs import Outputs
from app.errors import SourceBusyError
from app.sources import limits_told

T = TypeVar("T")
TRIES = 5  # of one event, with a wait between any two
SPREAD_S = 0.5  # times the number of workers: they do not all come back in one moment
_FOLDER = "waits"


def heeding(place: Outputs, source: str, ask: Callable[[], T]) -> T:
    """Return what ``ask`` does, once nobody was told to wait; raises the last refusal of a service that stays busy."""
    for left in reversed(range(TRIES)):
        wait(place, source)
        try:
            return ask()
        except SourceBusyError as error:
            if not left:
                raise
            tell(place, source, error.after_s * 2 ** (TRIES - 1 - left))
    raise AssertionError("a try either returns or raises")


def tell(place: Outputs, source: str, after_s: float) -> None:
    """Have all workers leave a source alone for so many seconds."""
    until = time.time() + min(after_s, limits_told.MOST_S)
    place.put(f"{_FOLDER}/{source}.json", json.dumps({"until": until}).encode())


def wait(place: Outputs, source: str) -> None:
    """Wait as long as any worker was told to; a clock that is wrong makes nobody wait longer than may be asked."""
    while (left := _left_s(place, source)) > 0:
        time.sleep(left + random.uniform(0, SPREAD_S * (limits_told.at_once() - 1)))


def _left_s(place: Outputs, source: str) -> float:
    content = place.get(f"{_FOLDER}/{source}.json")
    try:
        left = float(json.loads(content)["until"]) - time.time() if content else 0.0
    except (ValueError, KeyError, TypeError):
        return 0.0
    return left if left <= limits_told.MOST_S else 0.0
