"""The pixel inspector as a reader meets it on Compare, without a browser."""

import csv
import json

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app.inventory import builtin
from app.sources import spec_for
from app.ui import choices, keys
from app.ui.viewer import Pick
from tests.conftest import ROOT
from tests.test_pages import assert_sound, visit, words


@pytest.fixture
def app() -> AppTest:
    st.cache_resource.clear()  # scores are shared by all who look at a patch, other tests of this process too
    return AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()


def picked(app: AppTest, column: int, row: int) -> AppTest:
    """Compare on event 171 with a pixel clicked."""
    chosen = {choices.EVENT: "171", choices.METHODS: ["band-difference:B04:0.05"]}
    key = spec_for(builtin().event("171"), "demo").key
    return visit(app, "compare", **chosen, **{keys.PIXEL: (key, Pick(column, row))})


def tables(app: AppTest) -> dict[str, list]:
    return {frame.value.columns[0]: frame.value for frame in app.dataframe}


def test_without_a_pixel_the_page_says_how_to_choose_one(app):
    visit(app, "compare", **{choices.EVENT: "171"})
    assert "Click a pixel" in words(app)


def test_a_pixel_shows_place_mask_truth_indices_and_both_spectra(app):
    picked(app, 20, 30)
    assert_sound(app)
    text = words(app)
    assert "Pixel column 20, row 30" in text
    assert "T1 clear" in text
    assert "truth: " in text
    assert list(tables(app)["index"]["index"])[:2] == ["NDVI", "NDMI"]
    assert len(tables(app)["band"]) == 12
    chart = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert [trace["name"] for trace in chart["data"][:2]] == ["T1", "T2"]
    assert chart["data"][2]["type"] == "bar"


def test_no_method_is_run_for_the_inspector_and_one_that_has_been_is_shown(app):
    picked(app, 20, 30)
    assert "method" not in tables(app)
    assert "No method has been run" in words(app)
    visit(app, "detect")
    visit(app, "compare")
    scores = tables(app)["method"]
    assert list(scores["method"]) == ["Band difference B04, increases"]
    assert scores["verdict"][0] in ("change", "no change")


def test_the_threshold_shown_is_the_one_the_session_chose(app):
    picked(app, 20, 30)
    visit(app, "detect")
    visit(app, "compare", **{choices.METHODS: ["band-difference:B04:0.175"]})
    assert tables(app)["method"]["threshold"][0] == pytest.approx(0.175)


def test_the_csv_holds_one_line_of_names_and_one_of_values(app):
    picked(app, 20, 30)
    names, values = csv.reader(next(code.value for code in app.code if "latitude" in code.value).splitlines())
    line = dict(zip(names, values, strict=True))
    assert (line["event"], line["column"], line["simulated"]) == ("171", "20", "True")
    assert 0 <= float(line["B04_t1"]) <= 1


def test_a_pixel_of_another_patch_is_not_shown_in_this_one(app):
    picked(app, 20, 30)
    visit(app, "compare", **{choices.EVENT: "173"})
    assert "Pixel column" not in words(app)


def test_an_area_shows_the_means_of_its_clear_pixels():
    def page():
        import numpy as np

        from app.inventory import builtin
        from app.sources import spec_for
        from app.ui import cached, state
        from app.ui.compare import inspector

        state.begin()
        spec = spec_for(builtin().event("171"), "demo")
        mask = np.zeros(spec.grid.shape, bool)
        mask[10:14, 20:25] = True
        cached.detect(spec, "band-difference:B04:0.05")  # without one, a link to Detect is drawn, which is not here
        inspector.area(spec, cached.patch(spec), mask, title="Box 1")

    app = AppTest.from_function(page, default_timeout=60).run()
    assert_sound(app)
    assert "Box 1: mean of 20 clear pixels of 20" in words(app).replace("*", "")
    chart = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert all(np.isfinite(trace["error_y"]["array"]).all() for trace in chart["data"][:1])
