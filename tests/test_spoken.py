"""Which language a page speaks is said to screen readers, and the page is called by its name in it."""

import json

from streamlit.testing.v1 import AppTest

from app.lessons.words import codes, said
from tests.conftest import ROOT


def opened(page: str, **address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    app.query_params.update(address)
    return app.switch_page(f"pages/{page}.py").run()


def marked(app: AppTest) -> list[dict]:
    """Return what is said to the browser of the page's language."""
    every = [one.proto for one in app.get("bidi_component")]
    return [json.loads(one.json) for one in every if one.component_name == "scarp_spoken"]


def test_an_english_session_marks_nothing():
    assert marked(opened("learn")) == []


def test_a_german_page_is_marked_and_called_so_and_what_is_english_on_it_too():
    app = opened("learn", lang="de")
    assert marked(app) == [{"page": "de", "parts": [["[data-testid=stSidebar]", "en"], [".st-key-named_learn", "de"]]}]
    assert app.title[0].value == "Lernen"
    assert [one.proto.label for one in app.sidebar.get("page_link")][-2:] == ["Review", "Lernen"]


def test_another_page_is_english_again_and_so_is_learn_once_english_is_chosen():
    app = opened("learn", lang="it")
    app.switch_page("pages/inventory.py").run()
    assert marked(app)[0]["page"] == "en" and app.title[0].value == "Inventory"
    app.switch_page("pages/learn.py").run()
    assert marked(app)[0]["page"] == "it"
    app.selectbox(key="lang").set_value("en").run()
    assert marked(app)[0]["page"] == "en" and app.title[0].value == "Learn"


def test_every_language_has_a_name_of_its_own_for_the_page():
    assert len({said("page", "title", language=code) for code in codes()}) == len(codes())
