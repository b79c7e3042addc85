"""Over the years on the Compare page: places over time, their breaks, a scene taken, the map."""

import json
from datetime import date

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app.series import breaks
from app.sources import open_source, spec_for
from app.ui import choices, keys
from app.ui.compare import years_figure
from app.ui.viewer import Pick
from tests.conftest import ROOT
from tests.test_pages import assert_sound, visit, words

FELLED = Pick(53, 59)


@pytest.fixture
def app() -> AppTest:
    """Return the Compare page with the sample."""
    st.cache_resource.clear()  # scenes are shared by all who look at a place, other tests of this process too
    opened = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    opened.session_state[choices.SOURCE] = "sample"
    return visit(opened, "compare")


def followed(app: AppTest) -> AppTest:
    app.button(key="years.open").click().run()
    assert_sound(app)
    return app


def chart(app: AppTest, number: int = 0) -> dict:
    return json.loads(app.get("plotly_chart")[number].proto.spec)


def test_nothing_is_opened_before_the_reader_asks(app):
    assert "Opens up to 150 scenes of this place from 2014-07-11" in words(app)
    assert not app.get("plotly_chart")


def test_the_place_of_the_event_is_followed_with_clear_scenes_apart_from_cloudy_ones(app):
    clear, cloudy = chart(followed(app))["data"]
    assert len(clear["x"]) + len(cloudy["x"]) == 29 and cloudy["opacity"] < 0.5
    lines = [shape for shape in chart(app)["layout"]["shapes"] if shape["type"] == "line"]
    assert [line["x0"] for line in lines] == ["2017-07-11", "2019-07-06"]
    assert "**Event**" in words(app)


def test_a_clicked_pixel_is_followed_and_its_break_is_told(app):
    followed(app)
    spec = spec_for(open_source("sample").describe().event, "sample")
    app.session_state[keys.PIXEL] = (spec.key, FELLED)
    app.run()
    assert_sound(app)
    assert f"Pixel {FELLED.column}, {FELLED.row}" in words(app)


def test_a_scene_is_taken_as_t2_and_the_pair_is_then_of_that_day(app):
    followed(app)
    app.selectbox(key="years.day").set_value(date(2018, 7, 1)).run()
    app.button(key="years.take.t2").click().run()
    assert_sound(app)
    assert app.session_state[choices.T2] == date(2018, 7, 1)
    lines = [shape for shape in chart(app)["layout"]["shapes"] if shape["type"] == "line"]
    assert lines[-1]["x0"] == "2018-07-01"


def test_a_scene_before_t1_is_not_taken_as_t2_and_the_page_says_why(app):
    followed(app)
    app.selectbox(key="years.day").set_value(date(2016, 4, 7)).run()
    app.button(key="years.take.t2").click().run()
    assert "has to come before T2" in "\n".join(one.value for one in app.error)
    assert "T2 2019-07-06" in "\n".join(one.value for one in app.sidebar.caption)


def test_another_band_is_followed_without_opening_anything_again(app):
    followed(app)
    app.selectbox(key=choices.FOLLOWED).set_value("B04").run()
    assert_sound(app)
    assert chart(app)["layout"]["yaxis"]["title"]["text"] == "B04"


def test_the_map_shows_the_years_in_which_pixels_changed(app):
    followed(app)
    app.button(key="years.map").click().run()
    assert_sound(app)
    assert "pixels with dates enough show a break in NDVI" in words(app)
    assert [trace["type"] for trace in chart(app, 1)["data"]] == ["heatmap", "heatmap"]


def test_a_source_of_pairs_alone_says_where_years_can_be_followed():
    def page():
        from dataclasses import replace

        import streamlit as st

        from app.sources import open_source, spec_for
        from app.ui import state
        from app.ui.compare import years

        state.begin()
        st.session_state["source"] = "sample"
        spec = spec_for(open_source("sample").describe().event, "sample")
        years.draw(replace(spec, source="published"))

    shown = AppTest.from_function(page, default_timeout=60).run()
    assert_sound(shown)
    assert "choose one of demo, sample" in words(shown)


def test_the_span_that_is_followed_comes_with_the_link_and_goes_into_it():
    opened = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    opened.query_params.update({"event": "171", "source": "sample", "follow_from": "2016-05-01"})
    app = visit(opened, "compare")
    assert_sound(app)
    assert "from 2016-05-01 to " in words(app) and app.query_params["follow_from"] == "2016-05-01"
    one = next(one for one in app.date_input if one.label == "From")
    one.set_value(date(2016, 8, 1)).run()
    assert "from 2016-08-01 to " in words(app) and app.query_params["follow_from"] == "2016-08-01"
    app.session_state[choices.SOURCE] = "demo"  # another place, whose span is its own
    app.run()
    assert "from 2016-08-01" not in words(app)


def test_a_search_for_breaks_that_was_stopped_shows_its_part_and_offers_to_go_on(app, monkeypatch):
    monkeypatch.setattr(breaks, "_BLOCK", 2000)
    monkeypatch.setattr(breaks.Search, "done", property(lambda self: self._next >= 1))  # as a press of stop leaves it
    followed(app).button(key="years.map").click().run()
    assert_sound(app)
    assert "Stopped after" in words(app) and app.button(key="years.map").label == "Go on looking for breaks"
    monkeypatch.undo()
    app.button(key="years.map").click().run()
    assert_sound(app)
    assert "Stopped after" not in words(app) and "show a break in NDVI" in words(app)


def test_the_names_of_the_days_lie_apart_where_the_days_are_near():
    drawn = years_figure.over_time(
        {}, {}, years_figure.Lines(date(2023, 2, 6), date(2023, 2, 5), date(2023, 2, 7)), True
    )
    assert len({(one.xanchor, one.y) for one in drawn.layout.annotations}) == len(drawn.layout.annotations) == 3
