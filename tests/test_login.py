"""Who logged in judges under that name, and only those listed do; without a login a name is typed."""

import pytest
from streamlit.testing.v1 import AppTest

from app import config
from app.ui import choices
from tests.test_pages import ENTRY, assert_sound, visit, words
from tests.test_review_page import file, kept, press, stored  # noqa: F401  (the database of the test's own)


def opened(**user: object) -> AppTest:
    app = AppTest.from_file(ENTRY, default_timeout=60)
    app.user.update({"is_logged_in": False, **user})
    return visit(app.run(), "review", **{choices.EVENT: "171"})


def labels(app: AppTest) -> list[str]:
    return [one.label for one in app.text_input]


def test_who_logged_in_judges_under_their_address_and_types_no_name():
    app = opened(is_logged_in=True, email="ada@example.org", name="Ada")
    assert_sound(app)
    assert "Your name or initials" not in labels(app) and "**ada@example.org**" in words(app)
    press(app, "Confirmed")
    assert kept(app) and stored()[0].reviewer == "ada@example.org"


def test_an_address_that_nobody_confirmed_is_no_name():
    press(opened(is_logged_in=True, email="ada@example.org", email_verified=False, name="Mallory"), "Cloud")
    assert stored()[0].reviewer == "Mallory"


def test_nobody_judges_before_they_log_in():
    app = opened()
    assert_sound(app)
    assert any(one.label == "Log in to judge" for one in app.button)
    press(app, "Confirmed")
    assert stored() == () and any("Log in first" in one.value for one in app.error)


@pytest.mark.parametrize(("who", "may"), [("Ada@example.org", True), ("eve@example.org", False)])
def test_only_listed_reviewers_may_write(monkeypatch, who, may):
    monkeypatch.setenv("SCARP_REVIEWERS", "ada@example.org, bo@example.org")
    config.settings.cache_clear()
    app = press(opened(is_logged_in=True, email=who), "Confirmed")
    assert kept(app) == may == bool(stored())
    assert any("is not among the reviewers" in one.value for one in app.error) != may
