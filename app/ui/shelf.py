"""Open patches in memory, shared by every session: bounded, least recently used goes first."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Shelf(Generic[T]):
    """A thread-safe store of at most ``max_bytes``; each key is made by one thread at a time.

    What is put here is shared: treat it as read-only. The newest value is always kept, even
    where it alone is over the limit.
    """

    def __init__(self, max_bytes: int, size: Callable[[T], int]) -> None:
        self._max_bytes = max_bytes
        self._size = size
        self._held: OrderedDict[str, T] = OrderedDict()
        self._lock = threading.Lock()
        self._making: dict[str, threading.Lock] = {}

    def get(self, key: str) -> T | None:
        """Return the value held under ``key``, or None."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def get_or_make(self, key: str, make: Callable[[], T]) -> T:
        """Return the value under ``key``, made now where it is not held.

        A second caller of the same key waits for the first. Where ``make`` raises, nothing is
        kept and the next caller tries again.
        """
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            held = self.get(key)
            if held is None:
                held = make()
                self._put(key, held)
        with self._lock:
            self._making.pop(key, None)
        return held

    def held(self, prefix: str = "") -> list[T]:
        """Return the values whose key begins with ``prefix``, the least recently used first; none is touched."""
        with self._lock:
            return [value for key, value in self._held.items() if key.startswith(prefix)]

    @property
    def nbytes(self) -> int:
        """Bytes held now, as ``size`` counts them."""
        with self._lock:
            return sum(self._size(value) for value in self._held.values())

    def _put(self, key: str, value: T) -> None:
        with self._lock:
            self._held[key] = value
            used = sum(self._size(one) for one in self._held.values())
            while used > self._max_bytes and len(self._held) > 1:
                _, dropped = self._held.popitem(last=False)
                used -= self._size(dropped)
