"""Where the verdicts of an installation are: as Streamlit's secrets name it, else as SCARP_DATABASE does."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app import config, review
from app.errors import ReviewError
from app.ui import choices, keys
from app.ui.review import database
from tests.test_pages import ENTRY, assert_sound, visit
from tests.test_review_page import file, kept, press  # noqa: F401  (the database of SCARP_DATABASE)

HELD = "streamlit.runtime.secrets.secrets_singleton._secrets"  # which st.connection reads


@pytest.fixture(autouse=True)
def no_connection_yet():
    """Every test makes its own: Streamlit keeps one a name for the whole process."""
    st.cache_resource.clear()


def opened(**named: object) -> AppTest:
    app = AppTest.from_file(ENTRY, default_timeout=60)
    app.secrets["connections"] = {"review": named}
    return visit(app.run(), "review", **{choices.EVENT: "171"})


def test_the_database_that_the_secrets_name_is_used(tmp_path, monkeypatch):
    there = f"sqlite:///{tmp_path / 'team.sqlite'}"
    named = {"connections": {"review": {"url": there}}}
    monkeypatch.setattr(HELD, named)
    app = opened(url=there)
    assert_sound(app)
    app.text_input(key=keys.REVIEWER).input("Ada").run()
    assert kept(press(app, "Confirmed"))
    assert [one.reviewer for one in review.Reviews(there).all()] == ["Ada"]
    assert review.Reviews(config.settings().database_url).count() == 0


@pytest.mark.parametrize("named", [{"url": "nonsense"}, {"dialect": "postgresql"}])
def test_secrets_that_name_no_database_are_a_sentence(monkeypatch, named):
    monkeypatch.setattr(HELD, {"connections": {"review": named}})
    with pytest.raises(ReviewError, match=r"\[connections.review\] in the secrets names no database"):
        database.address()


def test_without_such_secrets_it_is_scarps_own_setting(monkeypatch):
    monkeypatch.setattr(HELD, {"connections": {"other": {"url": "x"}}})
    assert database.address() == config.settings().database_url
