"""Streamlit's and plotly's private insides: what Scarp relies on is there, and relied on in one place each."""

import asyncio
import gc
import inspect
import re
import threading
import tomllib
import weakref
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit
from streamlit.runtime import Runtime
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.exceptions import RerunException
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequest, ScriptRequestType
from streamlit.runtime.session_manager import ActiveSessionInfo
from streamlit.runtime.state import SafeSessionState, SessionState
from streamlit.runtime.websocket_session_manager import WebsocketSessionManager

from app.config import ROOT
from app.ui import faults, insides

IDS = sorted(set(re.findall(r"data-testid=(\w+)", insides.PAGE_STYLE + insides.MAIN + insides.SIDEBAR)))
PLACES = {  # what is private -> the one file that may name it
    r"data-testid|\bst[A-Z]\w+\b(?=\])": {"app/ui/insides.py", "app/ui/insides.css"},
    r"streamlit\.runtime|from streamlit import runtime|media_file_mgr": {"app/ui/insides.py"},
    r"/media/": {"app/ui/viewer/streamlit.js"},
    r"_modeBar|_fullLayout|js-plotly-plot": {"app/ui/metrics/plotly_bar.js"},
}


@lru_cache(maxsize=1)
def frontend() -> str:
    """Return all scripts that the installed Streamlit brings to a browser."""
    folder = Path(streamlit.__file__).parent / "static" / "static" / "js"
    return "\n".join(path.read_text("utf-8", "replace") for path in sorted(folder.glob("*.js")))


@pytest.mark.parametrize("name", IDS)
def test_the_installed_streamlit_still_has_the_part_that_is_laid_out(name):
    assert re.search(rf"""["'`]{name}["'`]""", frontend())


@pytest.mark.parametrize("name", ["_modeBar", "_fullLayout", "_context", "toImageButtonOptions", "js-plotly-plot"])
def test_the_plotly_in_it_still_has_the_bar_whose_camera_is_pressed(name):
    assert name in frontend()
    assert re.search(r"""name:["'`]toImage["'`]""", frontend())


def test_streamlits_store_of_media_still_takes_bytes_their_type_and_a_place():
    taken = list(inspect.signature(MediaFileManager.add).parameters)
    assert taken[1:4] == ["path_or_data", "mimetype", "coordinates"]


def test_a_part_that_runs_again_runs_on_the_page_that_is_there(monkeypatch):
    asked, swept = [], []
    insides.keep_fragments_on_their_page()
    monkeypatch.setattr(insides.sweeping, "after_run", lambda: swept.append(len(asked)))
    run = inspect.getclosurevars(ScriptRunner._run_script).nonlocals["run"]
    assert list(inspect.signature(run).parameters) == ["self", "rerun_data"]
    monkeypatch.setattr(ScriptRunner, "_get_script_run_ctx", lambda self: SimpleNamespace(page_script_hash="here"))
    monkeypatch.setattr(ScriptRunner._run_script.__closure__[0], "cell_contents", lambda self, data: asked.append(data))
    runner = object.__new__(ScriptRunner)
    runner._run_script(RerunData(page_script_hash="left", fragment_id_queue=["part"]))
    runner._run_script(RerunData(page_script_hash="next"))
    assert [one.page_script_hash for one in asked] == ["here", "next"]
    assert swept == [1, 2], "garbage is looked for once each has run"


def finishing(monkeypatch) -> None:
    for kind, name in ((ScriptRunner, "_maybe_handle_execution_control_request"),
                       (SafeSessionState, "on_script_will_rerun")):  # fmt: skip
        monkeypatch.setattr(kind, name, getattr(kind, name))  # as it was, for the other tests
    insides.let_callbacks_finish.__wrapped__()


def test_the_callbacks_of_two_presses_run_one_after_the_other(monkeypatch):
    """Streamlit begins a thread for the second while the first's is at work."""
    state, told, is_in, may_end = SessionState(), [], threading.Event(), threading.Event()

    def work(*_, **__) -> None:
        told.append("begins")
        is_in.set()
        may_end.wait(60)
        told.append("ends")

    monkeypatch.setattr(SafeSessionState, "on_script_will_rerun", work)
    finishing(monkeypatch)
    presses = [threading.Thread(target=SafeSessionState(state, lambda: None).on_script_will_rerun, args=(None,))
               for _ in range(2)]  # fmt: skip
    presses[0].start()
    assert is_in.wait(60)
    presses[1].start()
    may_end.set()
    for one in presses:
        one.join(60)
    assert told == ["begins", "ends"] * 2


def test_a_callback_is_done_to_its_end_though_another_press_waits(monkeypatch):
    """As in a choice of an event: cut off, it had the dates of the event before."""
    finishing(monkeypatch)
    runner, waiting = ScriptRunner.__new__(ScriptRunner), ScriptRequest(ScriptRequestType.RERUN, RerunData())
    monkeypatch.setattr(runner, "_is_in_script_thread", lambda: True, raising=False)
    monkeypatch.setattr(runner, "_execing", True, raising=False)
    monkeypatch.setattr(runner, "_requests", SimpleNamespace(on_scriptrunner_yield=lambda: waiting), raising=False)
    held = SafeSessionState(SessionState(), runner._maybe_handle_execution_control_request)

    def choose() -> None:
        held["event"] = "171"
        held["t1"] = "2022-09-17"

    with pytest.raises(RerunException):
        choose()
    faults.guarded(choose)()
    assert held._state.filtered_state == {"event": "171", "t1": "2022-09-17"}
    with pytest.raises(RerunException):  # what is no callback goes on being cut off
        choose()


def test_streamlit_leaves_the_search_for_garbage_to_scarp():
    assert "runner.postScriptGC" in inspect.getsource(ScriptRunner._on_script_finished)
    held = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert held["runner"] == {"postScriptGC": False}


def test_bytes_are_an_address_themselves_where_no_streamlit_runs():
    assert insides.media_address(b"abc", "image/png", "here") == "data:image/png;base64,YWJj"


class Held:
    """A session, whose widgets and callbacks hold one another."""

    id = "one"

    def __init__(self):
        self.itself = self


@contextmanager
def a_runtime(storage, last):
    """What Streamlit has of sessions, and its loop, which waits for another tab and has sent to one last."""

    async def begin():
        return asyncio.create_task(sending(last))

    async def sending(active_session_info):
        await asyncio.sleep(3600)

    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    manager = SimpleNamespace(
        _session_storage=storage, num_active_sessions=lambda: 0, get_session_info=lambda name: storage.get(name)
    )
    task = asyncio.run_coroutine_threadsafe(begin(), loop).result(60)
    yield SimpleNamespace(
        _session_mgr=manager, _get_async_objs=lambda: SimpleNamespace(eventloop=loop), _loop_coroutine_task=task
    )
    loop.call_soon_threadsafe(task.cancel)
    loop.call_soon_threadsafe(loop.stop)


def test_a_session_that_ended_is_given_back_though_nobody_comes_and_streamlits_loop_sent_to_it_last():
    session = Held()
    gc.freeze()  # as where a page imports a library while it is open
    ended, storage = weakref.ref(session), MemorySessionStorage(ttl_seconds=0)
    storage.save(SimpleNamespace(session=session))
    with a_runtime(storage, SimpleNamespace(session=session)) as of:
        del session
        assert ended() is not None
        assert insides.given_back(of, 1) == 0 and ended() is None
        assert insides.given_back(of, 1) == 0, "with nobody left there either"
    gc.unfreeze()


def test_a_session_whose_tab_may_come_back_stays_where_streamlits_loop_has_it():
    last, storage = SimpleNamespace(session=Held()), MemorySessionStorage(ttl_seconds=3600)
    storage.save(SimpleNamespace(session=last.session))
    with a_runtime(storage, last) as of:
        assert insides.given_back(of, 1) == 1 and isinstance(last.session, Held)


def test_streamlit_keeps_sessions_where_they_are_looked_for():
    assert "_session_mgr" in inspect.getsource(Runtime.__init__)
    assert "_session_storage" in inspect.getsource(WebsocketSessionManager.__init__)
    assert "session" in ActiveSessionInfo.__dataclass_fields__
    assert hasattr(WebsocketSessionManager, "list_active_sessions")
    assert "_loop_coroutine_task" in inspect.getsource(Runtime.__init__)
    sent = inspect.getsource(Runtime._loop_coroutine)
    assert "for active_session_info in self._session_mgr.list_active_sessions()" in sent
    assert inspect.signature(MemoryUploadedFileManager.add_file).parameters.keys() == {"self", "session_id", "file"}
    assert MemoryUploadedFileManager("").file_storage == {}


@pytest.mark.parametrize("private", PLACES)
def test_what_is_private_is_named_in_one_place(private):
    written = [path for kind in ("py", "js", "css", "html") for path in ROOT.glob(f"app/**/*.{kind}")]
    written += [ROOT / "streamlit_app.py", *ROOT.glob("pages/*.py")]
    found = {path.relative_to(ROOT).as_posix() for path in written if re.search(private, path.read_text("utf-8"))}
    assert found == PLACES[private]


def test_one_value_of_a_session_is_what_stands_among_all_of_them():
    insides.look_up_one_value()
    held = SafeSessionState(SessionState(), lambda: None)
    held["a"], held["b"] = 1, None
    found = held.filtered_state
    assert found["a"] == 1 and found["b"] is None and "c" not in found and dict(found) == {"a": 1, "b": None}
