"""The outline being corrected: the newest step counts, of this page or another; what is kept for it may be anything."""

import pytest
import streamlit as st

from app.ui import kept, keys, workspace
from app.ui.editor import Sent
from app.ui.review import drafts
from app.workspace import Workspace, new_id


@pytest.fixture(autouse=True)
def mine(tmp_path, monkeypatch):
    """A session and a workspace of the test's own."""
    held = Workspace(new_id(), tmp_path)
    monkeypatch.setattr(st, "session_state", {})
    monkeypatch.setattr(workspace, "current", lambda: held)
    return held


def test_a_step_is_there_after_a_reload_and_in_another_tab():
    drafts.keep("patch", Sent(3, b"\x80"))
    st.session_state.clear()
    assert drafts.of("patch") == Sent(3, b"\x80")
    assert drafts.of("another patch") == drafts.NONE


def test_the_newest_step_counts_wherever_it_was_made():
    drafts.keep("patch", Sent(5, b"\x80"))
    st.session_state[keys.OUTLINES]["patch"] = Sent(4, b"\x01")
    assert drafts.of("patch").revision == 5
    st.session_state[keys.OUTLINES]["patch"] = Sent(6, None)
    assert drafts.of("patch") == Sent(6, None)


def test_clearing_is_a_step_that_other_tabs_follow_and_of_nothing_it_is_none():
    drafts.clear("patch")
    assert drafts.of("patch") == drafts.NONE
    drafts.keep("patch", Sent(3, b"\x80"))
    drafts.clear("patch")
    assert drafts.of("patch") == Sent(4, None)


@pytest.mark.parametrize("said", [[], {"revision": "1"}, {"revision": 2, "bits": "%"}, {"revision": -1, "bits": ""}])
def test_what_a_workspace_holds_is_not_believed(mine, said):
    mine.keep(drafts._item("patch"), said)
    assert drafts.of("patch") == drafts.NONE


def test_outlines_are_counted_among_what_is_kept_while_there_is_something_in_them():
    drafts.keep("one", Sent(1, b"\x80"))
    drafts.keep("two", Sent(1, None))
    assert kept.held().outlines == 1
    drafts.forget()
    assert st.session_state[keys.OUTLINES] == {}
