"""Spans and scenes on the Patches page: what they say, and that each can be undone."""

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from app.ui import choices
from tests.conftest import ROOT

FEW = {choices.EVENT: "171", choices.BANDS: ["B02", "B03", "B04"], choices.BUFFER: 0.005}


def page(name: str = "patches", **given) -> AppTest:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    for key, value in {**FEW, **given}.items():
        app.session_state[key] = value
    return app.switch_page(f"pages/{name}.py").run()


def words(app: AppTest) -> str:
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error", "success")
    return "\n".join(str(element.value) for kind in kinds for element in app.get(kind))


def test_a_span_on_the_page_gives_a_composite_that_says_its_scenes_and_goes_into_the_link():
    app = page(**{choices.T1: date(2022, 9, 17), choices.T1_FROM: date(2022, 8, 20), choices.COMPOSITE: "greenest"})
    assert not app.exception and not app.error
    said = words(app)
    assert "2022-08-20/2022-09-17 and 2023-02-24" in said and "made of 5 scenes" in said
    assert app.query_params["t1_from"] == "2022-08-20" and app.query_params["composite"] == "greenest"
    app.button(key="spans.off").click().run()
    assert "made of" not in words(app) and "t1_from" not in app.query_params


@pytest.mark.parametrize("name", ["compare", "detect"])
def test_a_composite_is_seen_on_the_other_pages_with_its_span(name):
    app = page(name, **{choices.T1_FROM: date(2022, 8, 20), choices.METHODS: ["band-difference:B04:0.05"]})
    assert not app.exception and not app.error
    assert "T1 2022-08-20 to  \n2022-09-17" in words(app)


def test_a_span_over_the_event_or_backwards_is_one_sentence_and_the_choices_stay():
    for first, said in ((date(2023, 1, 1), "runs backwards"), (None, "")):
        app = page(**{choices.T1_FROM: first})
        assert not app.exception and said in " ".join(one.value for one in app.error)
        assert app.session_state[choices.T1_FROM] == first
    app = page(**{choices.T1: date(2023, 2, 20), choices.T1_FROM: date(2023, 1, 1)})
    assert "reaches over the event" in " ".join(one.value for one in app.error)


def test_a_composite_of_the_samples_days_is_real_and_a_span_of_another_event_waits():
    app = page(**{choices.SOURCE: "sample", choices.T1_FROM: date(2017, 6, 1), choices.BUFFER: 0.004})
    assert not app.exception and not app.error
    assert "2017-06-01/2017-07-11 and 2019-07-06" in words(app) and "made of" in words(app)
    app = page(**{choices.SOURCE: "sample", choices.T1_FROM: date(2022, 8, 20), choices.BUFFER: 0.004})
    assert not app.exception and not app.error and "2017-07-11 and 2019-07-06" in words(app)


def test_another_event_has_no_span_and_a_source_of_pairs_offers_none():
    app = page(**{choices.T1_FROM: date(2022, 8, 20)})
    app.query_params.clear()
    app.query_params["event"] = "169"
    app.run()
    assert app.session_state[choices.T1_FROM] is None
    assert "Spans" not in " ".join(one.label for one in page(**{choices.SOURCE: "published"}).expander)


def test_an_event_that_is_gone_back_to_has_its_spans_again():
    app = page("inventory", **{choices.T1_FROM: date(2022, 8, 20)})
    app.button(key="step.Next").click().run()
    assert app.session_state[choices.T1_FROM] is None
    app.button(key="step.Previous").click().run()
    assert app.session_state[choices.EVENT] == "171" and app.session_state[choices.T1_FROM] == date(2022, 8, 20)
