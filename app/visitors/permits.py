"""The one place that decides what a reader of a shared deployment (``SCARP_SHARED=1``) may do on this machine.

Pages ask it what to offer, and the functions that would read, bring or write ask it again: a link or a message made by
hand that gets round a page meets the same answer.
"""

from collections.abc import Callable
from contextvars import ContextVar
from enum import Enum
from typing import TypeVar

from app import config
from app.errors import PermitError

T = TypeVar("T")


class Deed(Enum):
    """What meets this machine's files and accounts, or other people's work: what is done, and that nobody does it."""

    FOLDERS = "files and folders of the server are read", "no file or folder of the server is read"
    NETWORKS = "networks and detections are brought", "no network and no detections are brought"
    FILES = "what a reader brings or writes is kept on the server", "nothing that a reader brings or writes is kept"
    VERDICTS = "verdicts are shown", "nobody's verdicts are shown"
    ACCOUNTS = (
        "what is not kept here yet is fetched with an account of this installation",
        "nothing new is fetched with an account of this installation (other sources need none)",
    )


_known: Callable[[], bool] | None = None  # whether the reader of the page that runs is; None: no pages, a command
_sign_in: Callable[[], bool] | None = None  # whether anybody can sign in here
_settled: ContextVar[bool | None] = ContextVar("settled", default=None)  # what a thread beside a page was told of it


def shared() -> bool:
    """Whether this installation is one for visitors (``SCARP_SHARED``): nobody is trusted who has not signed in."""
    return config.settings().shared


def tell_who_is_known(is_known: Callable[[], bool], can_sign_in: Callable[[], bool]) -> None:
    """Have the pages say whether the reader of the run under way is signed in, and listed where a list is set.

    ``can_sign_in`` says whether this installation has a way to: a class has none. Without pages, as in a command or a
    notebook, whoever runs Scarp sits at the machine.
    """
    global _known, _sign_in
    _known, _sign_in = is_known, can_sign_in


def may() -> bool:
    """Whether the reader may do any deed now: always where Scarp is not shared, else once signed in."""
    settled = _settled.get()
    return not shared() or _known is None or (_known() if settled is None else settled)


def as_now(work: Callable[[], T]) -> Callable[[], T]:
    """Return work for a thread of its own that may do what the reader may now: such a thread knows nobody."""
    allowed = may()

    def done() -> T:
        token = _settled.set(allowed)
        try:
            return work()
        finally:
            _settled.reset(token)

    return done


def refusal(deed: Deed) -> str:
    """Return why the reader may not do that, as one sentence; empty where they may."""
    if may() or (deed is Deed.ACCOUNTS and config.settings().shared_accounts):
        return ""
    done, nobody = deed.value
    if _sign_in is not None and _sign_in():
        return f"Scarp is shared here: {done} only for those who have signed in (SCARP_SHARED, docs/SECURITY.md)."
    return f"Scarp is shared here, so {nobody}; that needs a Scarp of your own (SCARP_SHARED, docs/SECURITY.md)."


def require(deed: Deed) -> None:
    """Raise PermitError, with the sentence to show, where the reader may not do that."""
    if said := refusal(deed):
        raise PermitError(said)
