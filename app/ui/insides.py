"""What Scarp touches of Streamlit beneath its documented interface: here and nowhere else, each with a test."""

import ctypes
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakValueDictionary

from starlette.exceptions import HTTPException
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.runtime import RuntimeState
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.state import SafeSessionState

from app.export import page
from app.ui import sweeping

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Sequence
    from types import CoroutineType

    from streamlit.runtime.scriptrunner_utils.script_requests import RerunData
    from streamlit.runtime.uploaded_file_manager import UploadedFile as UploadedFile  # what an uploader hands over
    from streamlit.runtime.uploaded_file_manager import UploadedFileRec

MOST_UPLOADS = 200  # files one session may hold at once
_LOOK_S = 30.0  # how often it is looked whether sessions have ended
_UNCUT, _ONE = threading.local(), threading.Lock()
_TURNS: "WeakValueDictionary[int, Any]" = WeakValueDictionary()  # of a session whose callbacks run: whose turn it is
MAIN = "[data-testid=stMain]"  # the part of a page that scrolls, for scripts in it
SIDEBAR = "[data-testid=stSidebar]"

# the layout of Streamlit's own parts, by their test ids
PAGE_STYLE = f"<style>\n{Path(__file__).with_suffix('.css').read_text('utf-8')}</style>"


def media_address(data: bytes, media: str, place: str) -> str:
    """Return where the browser finds bytes it keeps between reruns: named by content, sent once.

    ``place`` is unlike any other on the page: what was there before is let go. Without Streamlit's store of
    media, the bytes themselves as an address.
    """
    if runtime.exists():
        return runtime.get_instance().media_file_mgr.add(data, media, place)
    return page.as_address(data, media)


def is_served() -> bool:
    """Whether there is a server, and not a test or a command that runs a page by itself."""
    return runtime.exists()


def leave_to_the_browser(seconds: float) -> None:
    """Wait, where there is a browser, so that it draws what it was sent before it is sent more."""
    if runtime.exists():
        time.sleep(seconds)


@cache  # once a process
def keep_fragments_on_their_page() -> None:
    """Make a part of a page that runs again after the reader left for another page name the page that is there.

    Streamlit 1.67 would name the page left: the browser empties the one it shows, and whatever it is sent next breaks.
    """
    run = ScriptRunner._run_script

    def run_here(self: ScriptRunner, rerun_data: "RerunData") -> None:
        if rerun_data.fragment_id_queue:
            rerun_data = replace(rerun_data, page_script_hash=self._get_script_run_ctx().page_script_hash)
        run(self, rerun_data)
        sweeping.after_run()

    ScriptRunner._run_script = run_here  # type: ignore[method-assign]


@cache  # once a process
def let_callbacks_finish() -> None:
    """Have callbacks, and what runs within ``uncut``, done to their end, one press after the other.

    Streamlit 1.67 ends a callback at its next look at the session where another press waits, and begins those of the
    next press in a thread beside it: half of one is done then, as an event chosen with the dates of the one before it,
    or a verdict stored and the next event not shown, so that the next press judges the same event once more.
    """
    look, begin = ScriptRunner._maybe_handle_execution_control_request, SafeSessionState.on_script_will_rerun

    def look_where_it_may(self: ScriptRunner) -> None:
        if not getattr(_UNCUT, "depth", 0):
            look(self)

    def begin_alone(self: SafeSessionState, *args: Any, **kwargs: Any) -> None:
        with _whole_of(self._state):
            begin(self, *args, **kwargs)

    ScriptRunner._maybe_handle_execution_control_request = look_where_it_may  # type: ignore[method-assign]
    SafeSessionState.on_script_will_rerun = begin_alone  # type: ignore[method-assign]


@contextmanager
def uncut() -> Iterator[None]:
    """Let no press of the reader end what is done within, or begin beside it (see ``let_callbacks_finish``)."""
    context = get_script_run_ctx(suppress_warning=True)
    with _whole_of(context.session_state._state if context else None):
        yield


@contextmanager
def _whole_of(state: object) -> Iterator[None]:
    _UNCUT.depth = getattr(_UNCUT, "depth", 0) + 1
    try:
        with _turn_of(state):
            yield
    finally:
        _UNCUT.depth -= 1


def _turn_of(state: object) -> AbstractContextManager[object]:
    if state is None:
        return nullcontext()
    with _ONE:
        return cast("AbstractContextManager[object]", _TURNS.setdefault(id(state), threading.RLock()))


class Values(Mapping[str, Any]):
    """What a session holds, each value looked up when it is asked for."""

    def __init__(self, state: SafeSessionState) -> None:
        self._state = state

    def __getitem__(self, name: str) -> Any:
        return self._state[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_whole(self._state))

    def __len__(self) -> int:
        return len(_whole(self._state))

    def __repr__(self) -> str:
        return repr(_whole(self._state))


_whole = cast("Callable[[SafeSessionState], dict[str, Any]]", cast(property, SafeSessionState.filtered_state).fget)


@cache  # once a process
def look_up_one_value() -> None:
    """Have a widget that asks whether its value is None read that one alone.

    Streamlit 1.67 gathers all a session holds for each such widget, which was a twentieth of a page's run.
    """
    SafeSessionState.filtered_state = property(Values)  # type: ignore[assignment]


@cache  # once a process
def bound_uploads(most_bytes: int, most_together: int) -> None:
    """Refuse, as too large (413), what would have one session, or all together, hold more bytes or files than they may.

    Streamlit keeps whatever is sent until the session ends, and limits each file alone.
    """
    if not runtime.exists():
        return
    manager = cast(MemoryUploadedFileManager, runtime.get_instance().uploaded_file_mgr)
    add = manager.add_file

    def add_where_it_fits(session_id: str, file: "UploadedFileRec") -> None:
        held = list(manager.file_storage.get(session_id, {}).values())
        if len(held) >= MOST_UPLOADS or sum(len(one.data) for one in held) + len(file.data) > most_bytes:
            raise HTTPException(413, "This session holds as much as it may; open the page anew.")
        together = sum(len(one.data) for files in list(manager.file_storage.values()) for one in list(files.values()))
        if together + len(file.data) > most_together:
            raise HTTPException(413, "The sessions of this server hold as much as they may; try again later.")
        add(session_id, file)

    manager.add_file = add_where_it_fits  # type: ignore[method-assign]


def sessions() -> tuple[str, set[str]]:
    """Return the id of this session, and those of all whose tabs are open; without a server this one is alone."""
    context = get_script_run_ctx(suppress_warning=True)
    own = context.session_id if context else ""
    if not runtime.exists():
        return own, {own}
    return own, {one.session.id for one in runtime.get_instance()._session_mgr.list_active_sessions()}


def let_go(files: "Sequence[UploadedFile]") -> None:
    """Forget the bytes of uploads that were read: Streamlit would keep them until the session ends."""
    context = get_script_run_ctx(suppress_warning=True)
    if runtime.exists() and context is not None:
        for one in files:
            manager = cast(MemoryUploadedFileManager, runtime.get_instance().uploaded_file_mgr)
            manager.remove_file(context.session_id, one.file_id)


@cache  # once a process
def give_back_what_ended() -> None:
    """Have what sessions held given back to the system some minutes after they ended, whether anybody comes or not.

    Streamlit keeps a session two minutes for its tab to come back, and then until another one ends.
    """
    if runtime.exists():
        threading.Thread(target=_give_back, args=(runtime.get_instance(),), daemon=True).start()


def _give_back(of: runtime.Runtime) -> None:
    held = before = 0
    while of.state is not RuntimeState.STOPPED:
        time.sleep(_LOOK_S)
        with suppress(Exception):  # it is stopping
            before, held = held, given_back(of, max(held, before))  # twice: what ends a session holds it a while


def given_back(of: runtime.Runtime, before: int) -> int:
    """Let ended sessions go, and their memory where there are fewer than ``before``; returns how many are left."""
    kept, done = of._session_mgr._session_storage._cache, threading.Event()  # type: ignore[attr-defined]

    def expire() -> None:  # in the thread that ends sessions
        try:
            kept.expire()
            _forget_the_last(of)
        finally:
            done.set()

    of._get_async_objs().eventloop.call_soon_threadsafe(expire)
    done.wait(_LOOK_S)
    now = of._session_mgr.num_active_sessions() + len(kept)
    if now < before:
        sweeping.sweep()
        trim()
    return now


def _forget_the_last(of: runtime.Runtime) -> None:
    """Have Streamlit's loop let go of the session it sent to last where that one has ended; in the loop's own thread.

    Streamlit 1.67 leaves it in a variable of the loop until another tab comes, with all that session holds.
    """
    loop = cast("CoroutineType[Any, Any, None]", cast("asyncio.Task[None]", of._loop_coroutine_task).get_coro())
    last = loop.cr_frame.f_locals.get("active_session_info") if loop.cr_frame else None
    if last is not None and last.session is not None and of._session_mgr.get_session_info(last.session.id) is None:
        last.session = None


def trim() -> None:
    """Give memory that is free within this process back to the system, where its allocator can be told to (glibc)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
