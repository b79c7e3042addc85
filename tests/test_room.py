"""A server takes as many readers at once as it is told, keeps those it took, and says so to the others."""

import pytest
from streamlit.testing.v1 import AppTest

from app import config
from app.ui import insides
from app.visitors.room import Room
from tests.conftest import ROOT


def test_who_is_in_stays_and_who_leaves_makes_room():
    room = Room()
    assert room.takes("ann", {"ann"}, 1) and not room.takes("bob", {"ann", "bob"}, 1)
    assert room.takes("ann", {"ann", "bob"}, 1)
    assert room.takes("bob", {"bob"}, 1) and not room.takes("ann", {"ann", "bob"}, 1)


@pytest.fixture
def for_one(monkeypatch):
    monkeypatch.setenv("SCARP_SESSIONS", "1")
    config.settings.cache_clear()
    yield
    monkeypatch.undo()
    config.settings.cache_clear()


def test_a_reader_too_many_is_told_and_let_in_once_there_is_room(for_one, monkeypatch):
    here = {"other", "me"}
    monkeypatch.setattr(insides, "sessions", lambda: ("other", here))
    assert not AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run().error
    monkeypatch.setattr(insides, "sessions", lambda: ("me", here))
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    [said] = app.error
    assert "as many readers as it takes at once (1, SCARP_SESSIONS)" in said.value and not app.title
    here.remove("other")
    [again] = app.button
    again.click().run()
    assert not app.error and app.title
