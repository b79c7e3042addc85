"""Heights on the pages: asked for, a smallest slope on Detect, the list of objects, and the inspector."""

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.inventory import builtin
from app.pictures.shapes import Shape
from app.scoring import slope_counts
from app.sources import spec_for
from app.ui import choices, keys
from app.ui.choices import texts
from app.ui.detect import listing
from app.ui.metrics import slope_figure
from app.ui.viewer import Pick
from tests.conftest import ROOT

RISE = "band-difference:B04:0.05"


def page(name: str, **chosen) -> AppTest:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    for key, value in {choices.EVENT: "171", choices.METHODS: [RISE], **chosen}.items():
        app.session_state[key] = value
    return app.switch_page(f"pages/{name}.py").run()


def with_heights(name: str, **chosen) -> AppTest:
    return page(name, **{choices.HEIGHTS: texts.ON, **chosen})


def slope_slider(app: AppTest):
    return next(one for one in app.slider if one.label.startswith("Smallest slope"))


def area(app: AppTest) -> str:
    return next(one.value for one in app.metric if one.label == "Changed area")


def heights_toggle(app: AppTest):
    return next(one for one in app.toggle if one.label == "Heights of the ground")


def test_detect_without_heights_offers_to_fetch_them_and_then_holds_methods_to_a_slope():
    app = page("detect", **{keys.FOUND_PART: "ran"})
    assert not app.exception
    assert slope_slider(app).disabled
    before = area(app)
    app = heights_toggle(app).set_value(True).run()
    assert not app.exception
    assert not slope_slider(app).disabled
    assert area(app) == before
    app = slope_slider(app).set_value(25.0).run()
    assert not app.exception
    assert area(app) != before
    assert any("on hillsides of 25° and more" in one.value for one in app.caption)
    assert any("--min-slope 25" in one.value for one in app.code)


def test_a_link_brings_the_smallest_slope_and_the_heights_along():
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    app.query_params.update({"event": "171", "method": RISE, "dem": "on", "min_slope": "12.5"})
    app = app.run().switch_page("pages/detect.py").run()
    assert slope_slider(app).value == 12.5
    assert not slope_slider(app).disabled


def table(app: AppTest):
    return next(one.value for one in app.dataframe if "mean_slope_deg" in one.value)


def test_the_list_of_objects_says_how_each_lies_and_is_filtered_by_it():
    app = with_heights("detect", **{keys.FOUND_PART: "polygons"})
    rows = table(app)
    assert {"mean_slope_deg", "aspect_deg", "height_range_m", "length_m", "h_over_l", "drop_deg"} <= set(rows)
    app.session_state[listing._BY] = "mean_slope_deg"
    app = app.run()
    app = next(one for one in app.number_input if one.label == "from").set_value(15.0).run()
    assert not app.exception
    kept = table(app)
    assert 0 < len(kept) < len(rows)
    assert (kept["mean_slope_deg"] >= 15).all()
    assert any("SIMULATED" in one.value and "objects" in one.value for one in app.caption)


def test_the_inspector_tells_height_slope_and_where_the_ground_faces():
    app = with_heights("compare")
    spec = spec_for(builtin().event("171"), "demo", heights=True)
    app.session_state[keys.PIXEL] = (spec.key, Pick(100, 100))
    app = app.run()
    assert not app.exception
    said = next(one.value for one in app.markdown if "Pixel column 100, row 100" in one.value)
    assert re.search(r"\d+ m high, slope \d+°, faces [NESW]+ \(\d+°\)", said)


def test_the_patches_page_asks_for_heights_and_says_where_they_are_from():
    app = page("patches")
    assert not any("Heights:" in one.value for one in app.caption)
    app = heights_toggle(app).set_value(True).run()
    assert not app.exception
    assert any("Heights: SIMULATED" in one.value for one in app.caption)
    assert app.query_params["dem"] == "on"


def test_the_light_of_the_hillshade_is_chosen_and_the_colours_looked_at_are_explained():
    app = with_heights("compare", **{choices.MODE: "side", choices.LEFT: "aspect", choices.RIGHT: "curvature"})
    app = next(one for one in app.selectbox if one.label == "Light of the hillshade").set_value("t2").run()
    assert not app.exception
    assert app.query_params["sun"] == "t2"
    assert any("Light of the sun at T2," in one.value for one in app.caption)
    app = next(one for one in app.selectbox if one.label == "Light of the hillshade").set_value("own").run()
    app = next(one for one in app.slider if one.label.startswith("Azimuth")).set_value(90.0).run()
    assert not app.exception
    assert app.query_params["sun_azimuth"] == "90.0"
    assert any("Light 45° high at azimuth 90°" in one.value for one in app.caption)
    assert any("Pale grey: level ground" in one.value for one in app.caption)
    assert any("98th percentile of this patch" in one.value for one in app.caption)


@pytest.mark.parametrize("name", ["compare", "metrics", "review"])
def test_pages_of_a_patch_draw_it_with_heights(name):
    assert not with_heights(name).exception


def test_the_sample_has_no_heights_and_the_page_says_so():
    app = with_heights("detect", **{choices.SOURCE: "sample"})
    assert not app.exception
    assert slope_slider(app).disabled
    assert any("There are no heights" in one.value for one in app.warning)


def test_light_on_slopes_is_chosen_on_patches_and_said_there():
    app = with_heights("patches")
    app = next(one for one in app.selectbox if one.label == "Light on slopes").set_value("scs+c").run()
    assert not app.exception
    assert app.query_params["light"] == "scs+c"
    assert any("Light: SCS+C correction" in one.value for one in app.caption)
    changed = next(one.value for one in app.dataframe if "T1 evened out" in one.value)
    red = changed.set_index("Band").loc["B04"]
    assert red["T1 as measured"] > 0.2 > 0.1 > abs(red["T1 evened out"])


def test_metrics_by_slope_ask_for_heights_and_then_show_classes_and_the_sweep():
    app = page("metrics", **{choices.SCORED: [RISE], choices.PART: "slope"})
    assert not app.exception
    assert any("without heights, not counted" in one.value for one in app.caption)
    app = heights_toggle(app).set_value(True).run()
    assert not app.exception
    shown = next(one.value for one in app.dataframe if "slope" in one.value and "pixels" in one.value)
    assert shown["slope"].tolist()[::5] == ["0 to 5°", "30° and more"]
    assert shown["pixels"].sum() > 10_000
    assert any("F1 is highest" in one.value for one in app.markdown)
    assert "share landslide" in shown


def test_the_figure_of_slopes_says_in_which_unit_its_threshold_is_and_that_a_mark_is_one():
    counts = slope_counts.count(
        np.zeros((4, 4), np.float32), np.full((4, 4), 12.0), np.eye(4) > 0, np.ones((4, 4), bool), [0, 0.1]
    )
    drawn = slope_figure.classes_and_sweep(counts, 0.1, "reflectance")
    assert drawn.layout.xaxis2.title.text == "threshold (reflectance)"
    assert "its own threshold, 0.1" in [one.name for one in drawn.data]


def test_scores_by_class_of_slope_are_those_at_the_threshold_that_is_named():
    app = with_heights("metrics", **{choices.SCORED: ["band-difference:B04:0.0522"], choices.PART: "slope"})
    shown = next(one.value for one in app.dataframe if "false pixels" in one.value)
    at_a_step = with_heights("metrics", **{choices.SCORED: [RISE], choices.PART: "slope"})
    others = next(one.value for one in at_a_step.dataframe if "false pixels" in one.value)
    assert shown["false pixels"].sum() < others["false pixels"].sum()


def test_compare_draws_the_profile_between_the_two_points_drawn_last():
    app = with_heights("compare")
    assert any("Draw two points or more for the profile" in one.value for one in app.caption)
    spec = spec_for(builtin().event("171"), "demo", heights=True)
    two = [Shape("point", ((40.5, 40.5),)), Shape("point", ((90.5, 120.5),))]
    app.session_state[keys.DRAWN] = {spec.key: (1, two)}
    app = app.run()
    assert not app.exception
    said = next(one.value for one in app.markdown if "Profile between the two points" in one.value)
    assert re.search(r"\d+ m long, (falls|rises) \d+ m, \d+° on the whole", said)
    app.session_state[keys.DRAWN] = {spec.key: (2, [*two, Shape("point", ((20.5, 120.5),))])}
    app = app.run()
    app = next(one for one in app.radio if one.label == "Profile").set_value("all").run()
    assert not app.exception and not app.error
    assert any("Profile along 3 points" in one.value for one in app.markdown)
    assert app.query_params["profile"] == "all"
    page_without = page("compare")
    assert not any("profile" in one.value for one in page_without.caption)
