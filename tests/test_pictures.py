"""The controls of a picture as a reader meets them on Compare, without a browser."""

import pytest
from streamlit.testing.v1 import AppTest

from app.pictures import compositions
from app.ui import choices
from tests.conftest import ROOT
from tests.test_pages import assert_sound, visit, words


@pytest.fixture
def compare() -> AppTest:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    return visit(app, "compare", **{choices.EVENT: "171"})


def family(app: AppTest, name: str) -> AppTest:
    return app.button_group(key="picture.family").set_value(name).run()


def test_every_family_shows_its_picture_and_stands_in_the_address(compare):
    for name, composition in (
        ("short-wave", "short-wave"), ("index", "NDVI"), ("one", "B08"), ("false-colour", "false-colour"),
    ):  # fmt: skip
        family(compare, name)
        assert_sound(compare)
        assert compare.session_state[choices.COMPOSITION] == composition
        assert compare.query_params["composition"] in (composition, [composition])
        assert compositions.parse(composition).title in words(compare)


def test_three_bands_start_from_those_shown_and_take_any_other(compare):
    family(compare, "false-colour")
    family(compare, "three")
    assert [compare.selectbox(key=f"picture.{one}").value for one in ("red", "green", "blue")] == ["B08", "B04", "B03"]
    compare.selectbox(key="picture.red").select("B12").run()
    assert_sound(compare)
    assert compare.session_state[choices.COMPOSITION] == "B12-B04-B03"
    assert "red B12 short-wave infrared 2" in words(compare)


def test_every_index_can_be_chosen_and_shows_its_colours(compare):
    family(compare, "index")
    for name in compositions.INDICES:
        compare.selectbox(key="picture.index").select(name).run()
        assert_sound(compare)
        assert compare.session_state[choices.COMPOSITION] == name
        assert any("linear-gradient" in str(html.proto.body) for html in compare.get("html"))


@pytest.mark.parametrize("name", ["B12-B8A-B02", "B05", "NBR"])
def test_a_composition_from_a_link_sets_the_controls(compare, name):
    visit(compare, "compare", **{choices.COMPOSITION: name})
    assert_sound(compare)
    composition = compositions.parse(name)
    held = {box.key: box.value for box in compare.selectbox}
    assert set(composition.bands if not composition.index else [name]) <= set(held.values())


def test_a_composition_the_patch_cannot_show_says_which_bands_to_open_and_stays_chosen(compare):
    visit(compare, "compare", **{choices.BANDS: ["B02", "B03", "B04"], choices.COMPOSITION: "NBR"})
    assert_sound(compare)
    assert any("with B08, B12 among the bands" in info.value for info in compare.info)
    assert compare.session_state[choices.COMPOSITION] == "NBR"
    assert "True colour" in words(compare)


def test_a_source_that_has_not_got_a_band_is_not_asked_for_it_again(compare):
    visit(compare, "compare", **{choices.SOURCE: "sample", choices.COMPOSITION: "short-wave"})
    assert_sound(compare)
    assert any("needs B12, which sample has not got" in info.value for info in compare.info)


def test_a_patch_of_one_unusual_band_still_has_a_picture(compare):
    visit(compare, "compare", **{choices.BANDS: ["B05"]})
    assert_sound(compare)
    assert "B05 red edge 1" in words(compare)


def test_percentiles_gamma_and_each_date_by_itself_are_in_the_name_and_in_words(compare):
    compare.slider(key="picture.percentiles").set_value((5.0, 95.0)).run()
    compare.slider(key="picture.gamma").set_value(1.4).run()
    compare.toggle(key="picture.apart").set_value(True).run()
    assert_sound(compare)
    assert compare.session_state[choices.STRETCH] == "percentile:5:95:gamma1.4:each"
    assert "each date by itself" in words(compare)
    compare.button(key="picture.reset").click().run()
    assert compare.session_state[choices.STRETCH] == "percentile"


def test_a_fixed_range_takes_numbers_and_refuses_what_cannot_be(compare):
    compare.button_group(key="picture.kind").set_value("fixed").run()
    assert compare.session_state[choices.STRETCH] == "fixed"
    compare.number_input(key="picture.high").set_value(0.2).run()
    assert compare.session_state[choices.STRETCH] == "fixed:0:0.2"
    compare.number_input(key="picture.low").set_value(0.5).run()
    assert_sound(compare)
    assert any("not usable" in warning.value for warning in compare.warning)
    assert compare.session_state[choices.STRETCH] == "fixed:0:0.2"


def test_a_range_of_reflectance_does_not_carry_over_to_an_index(compare):
    visit(compare, "compare", **{choices.STRETCH: "fixed:0:0.2:gamma1.5"})
    family(compare, "index")
    assert compare.session_state[choices.STRETCH] == "fixed:gamma1.5"


def test_the_difference_follows_the_composition_until_one_is_chosen(compare):
    assert compare.selectbox(key="picture.change").value == "B04"
    visit(compare, "compare", **{choices.COMPOSITION: "NDMI"})
    assert compare.selectbox(key="picture.change").value == "NDMI"
    compare.selectbox(key="picture.change").select("B12").run()
    assert_sound(compare)
    assert compare.session_state[choices.CHANGE] == "B12"
    visit(compare, "compare", **{choices.COMPOSITION: "NDVI"})
    assert compare.selectbox(key="picture.change").value == "B12"
