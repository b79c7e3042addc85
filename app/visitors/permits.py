"""The one place that decides what a reader of a shared deployment (``SCARP_SHARED=1``) may do on this machine.

Pages ask it what to offer, and the functions that would read, bring or write ask it again: a link or a message made by
hand that gets round a page meets the same answer.
"""

from collections.abc import Callable
from enum import Enum

from app import config
from app.errors import PermitError


class Deed(Enum):
    """What meets this machine's own files, with the words a refusal begins with."""

    FOLDERS = "Scarp is shared here: files and folders of the server are read"
    NETWORKS = "Scarp is shared here: networks are brought"
    FILES = "Scarp is shared here: what a reader brings or writes is kept on the server"


_known: Callable[[], bool] | None = None  # whether the reader of the page that runs is; None: no pages, a command


def shared() -> bool:
    """Whether this installation is one for visitors (``SCARP_SHARED``): nobody is trusted who has not signed in."""
    return config.settings().shared


def tell_who_is_known(is_known: Callable[[], bool]) -> None:
    """Have the pages say whether the reader of the run under way is signed in, and listed where a list is set.

    Without pages, as in a command or a notebook, whoever runs Scarp sits at the machine.
    """
    global _known
    _known = is_known


def may() -> bool:
    """Whether the reader may do any deed now: always where Scarp is not shared, else once signed in."""
    return not shared() or _known is None or _known()


def refusal(deed: Deed) -> str:
    """Return why the reader may not do that, as one sentence; empty where they may."""
    return "" if may() else f"{deed.value} only for those who have signed in (SCARP_SHARED, docs/SECURITY.md)."


def require(deed: Deed) -> None:
    """Raise PermitError, with the sentence to show, where the reader may not do that."""
    if said := refusal(deed):
        raise PermitError(said)
