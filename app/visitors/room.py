"""How many readers a server takes at once: who is in stays in, and whoever leaves makes room."""

import threading
from collections.abc import Collection


class Room:
    """Who was let in, of those who are here; all of a process share one."""

    def __init__(self) -> None:
        self._inside: set[str] = set()
        self._one_at_a_time = threading.Lock()

    def takes(self, who: str, here: Collection[str], most: int) -> bool:
        """Return whether ``who`` is in, or comes in since fewer than ``most`` of those ``here`` are."""
        with self._one_at_a_time:
            self._inside &= set(here)
            if who not in self._inside and len(self._inside) < most:
                self._inside.add(who)
            return who in self._inside
