"""Every page as a reader meets it, without a browser: what it says, and that nothing breaks."""

import subprocess
import sys
from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from app import cache, config
from app.detection.run import detect
from app.export import figure
from app.inventory import builtin, read
from app.sources import open_source, spec_for
from app.ui import choices, keys, views
from app.ui.compare import printing
from tests.conftest import ROOT

ENTRY = str(ROOT / "streamlit_app.py")
# without the network, which is open at first
PLAIN = {choices.EVENT: "171", choices.METHODS: ["band-difference:B04:0.05"]}
PAGES = ("inventory", "patches", "compare", "detect", "metrics", "review")


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_file(ENTRY, default_timeout=60).run()


def visit(app: AppTest, page: str, **choices) -> AppTest:
    for name, value in choices.items():
        app.session_state[name] = value
    return app.switch_page(f"pages/{page}.py").run()


def words(app: AppTest) -> str:
    """Return everything a reader can read on the page."""
    kinds = ("title", "subheader", "markdown", "caption", "info", "warning", "error", "success")
    return "\n".join(str(element.value) for kind in kinds for element in app.get(kind))


def assert_sound(app: AppTest) -> None:
    assert not app.exception
    assert not app.error


def test_the_frame_of_every_page_starts_without_the_heavy_packages():
    heavy = ["xarray", "pandas", "rasterio", "scipy", "skimage", "onnxruntime", "geopandas", "zarr"]
    code = f"import sys, app.ui.frame; print(*[name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_the_start_page_offers_a_first_event(app):
    assert_sound(app)
    assert "SIMULATED" in words(app)
    assert any("Try it now" in button.label for button in app.button)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_without_an_event_and_says_what_to_do(app, page):
    visit(app, page)
    assert_sound(app)
    assert any("hoose" in info.value for info in app.info)
    assert config.software() in [caption.value for caption in app.sidebar.caption]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_on_a_chosen_event(app, page):
    visit(app, page, **{choices.EVENT: "171"})
    assert_sound(app)
    assert "Event 171" in words(app)


def test_the_chosen_event_survives_page_changes(app):
    visit(app, "inventory", **{choices.EVENT: "173"})
    for page in PAGES:
        visit(app, page)
        assert app.session_state[choices.EVENT] == "173"


def test_an_event_the_inventory_lacks_is_let_go_with_a_sentence(app):
    visit(app, "compare", **{choices.EVENT: "no such event"})
    assert not app.exception
    assert any("holds no event" in warning.value for warning in app.warning)


def test_stepping_through_events_goes_round_the_end(app):
    visit(app, "inventory", **{choices.EVENT: "173"})
    app.button(key="step.Next").click().run()
    assert app.session_state[choices.EVENT] == "0"
    app.button(key="step.Previous").click().run()
    assert app.session_state[choices.EVENT] == "173"


def test_next_and_previous_keep_to_the_filtered_list_on_every_page(app):
    visit(app, "inventory", **{choices.EVENT: "0"})
    app.text_input(key=choices.FIND).input("mudslide").run()  # 0 and 4
    assert "No. 1 of 2 events, filtered from 10" in words(app)
    visit(app, "compare")
    app.button(key="step.Next").click().run()
    assert app.session_state[choices.EVENT] == "4" and "2 of 2 events" in words(app)
    visit(app, "review", **{choices.EVENT: "3"})
    assert "Not among the 2 events, filtered from 10" in words(app)
    app.button(key="step.Next").click().run()
    assert app.session_state[choices.EVENT] == "4"
    visit(app, "inventory")
    app.button(key="filters.clear").click().run()
    assert "5 of 10 events" in words(app)
    assert_sound(app)


def test_a_filter_that_nothing_passes_says_so_and_another_inventory_starts_without_filters(app, shared):
    visit(app, "inventory")
    app.text_input(key=choices.FIND).input("no such landslide").run()
    assert any("No event passes the filters" in info.value for info in app.info)
    app.text_input(key="upload.0.path").input(str(shared / "data" / "inventory.csv")).run()
    assert_sound(app)
    assert "All 174 events are shown, 4 with warnings." in words(app)


def test_dates_in_the_wrong_order_are_a_sentence_and_the_choices_stay(app):
    from datetime import date

    visit(app, "patches", **{choices.EVENT: "171", choices.T1: date(2023, 5, 1), choices.T2: date(2022, 5, 1)})
    assert not app.exception
    assert any("must come before" in error.value for error in app.error)
    assert app.session_state[choices.T1] == date(2023, 5, 1)


def test_the_patches_page_says_size_and_pixels_before_opening(app):
    visit(app, "patches", **{choices.EVENT: "171"})
    assert "222 x 222 pixels" in words(app)
    assert "T1 scenes: SIMULATED" in words(app)


def test_a_simulated_scene_is_called_simulated_on_every_page_that_shows_it(app):
    for page in ("metrics", "review"):
        visit(app, page, **{choices.EVENT: "171"})
        assert "SIMULATED" in words(app)
    for page in ("compare", "detect"):
        visit(app, page)
        assert viewer_data(app)["simulated"] is True


def test_the_viewer_gets_both_dates_with_their_labels(app):
    visit(app, "compare", **{choices.EVENT: "171"})
    data = viewer_data(app)
    assert [picture["label"] for picture in data["pictures"][:2]] == [
        "T1 · 2022-09-17 · demo · SIMULATED",
        "T2 · 2023-02-24 · demo · SIMULATED",
    ]
    assert (data["width"], data["height"]) == (222, 222)
    assert {layer["id"] for layer in data["layers"]} >= {"cloud1", "cloud2", "truth", "change"}


def test_moving_the_threshold_changes_the_area_and_the_method_in_the_address(app):
    visit(app, "detect", **PLAIN)
    before = app.metric[0].value
    app.slider(key="method.threshold").set_value(0.1).run()
    assert_sound(app)
    assert app.metric[0].value != before
    assert app.session_state[choices.METHODS] == ["band-difference:B04:0.1"]
    assert app.query_params["method"] in ("band-difference:B04:0.1", ["band-difference:B04:0.1"])


@pytest.mark.parametrize("kind", ["all-bands", "index-drop", "index-rise", "rdndvi", "cva", "ratio-anomaly"])
def test_every_method_can_be_chosen_on_the_page(app, kind):
    visit(app, "detect", **PLAIN)
    app.selectbox(key="method.kind").select(kind).run()
    assert_sound(app)
    assert app.session_state[choices.METHODS][0].startswith(kind)


def test_otsu_sets_the_threshold_from_the_scores(app):
    visit(app, "detect", **PLAIN)
    app.toggle(key="method.otsu").set_value(True).run()
    assert_sound(app)
    assert app.session_state[choices.METHODS] == ["band-difference:B04:otsu"]
    assert app.slider(key="method.threshold").disabled


def test_a_band_the_patch_lacks_is_replaced_and_said(app):
    visit(
        app,
        "detect",
        **{choices.EVENT: "171", choices.BANDS: ["B02", "B03", "B04"], choices.METHODS: ["band-difference:B12:0.1"]},
    )
    assert_sound(app)
    assert "no B12" in words(app)


def test_the_sample_shows_its_own_place_whatever_event_is_chosen(app):
    visit(app, "compare", **{choices.EVENT: "171", choices.SOURCE: "sample"})
    assert_sound(app)
    assert viewer_data(app)["simulated"] is False
    visit(app, "patches")
    assert any("one place" in info.value for info in app.info)


def test_scores_are_labelled_with_region_and_number_of_events(app):
    visit(app, "metrics", **{choices.EVENT: "171"})
    text = words(app)
    assert "whole patch, n = 1" in text
    assert "Whole patch: every pixel clear at both dates counts" in text


def test_a_source_without_truth_says_that_nothing_can_be_scored(app):
    visit(app, "metrics", **{choices.SOURCE: "sample"})
    assert not app.exception
    assert any("cannot be scored" in info.value or "can be scored" in info.value for info in app.info)


def viewer_data(app: AppTest) -> dict:
    import json

    (mounted,) = [one for one in app.get("bidi_component") if one.proto.component_name == "scarp_viewer"]
    return json.loads(mounted.proto.json)


def test_an_inventory_is_read_from_a_path_where_the_reader_sits_at_the_machine(app, shared):
    visit(app, "inventory")
    app.text_input(key="upload.0.path").input(str(shared / "data" / "inventory.csv")).run()
    assert_sound(app)
    assert len(app.session_state[keys.INVENTORY].events) == 174
    visit(app, "inventory", **{choices.EVENT: "96"})
    assert "t1-not-before-event" in words(app)


def test_a_path_that_leads_nowhere_is_a_sentence_and_the_inventory_stays(app):
    visit(app, "inventory")
    app.text_input(key="upload.0.path").input("/no/such/file.csv").run()
    assert not app.exception
    assert any("stays as it was" in error.value for error in app.error)


def test_several_methods_are_compared_and_each_keeps_its_threshold(app):
    visit(app, "detect", **{choices.EVENT: "171", choices.METHODS: ["band-difference:B04:0.05", "index-drop:NDVI:0.2"]})
    assert_sound(app)
    app.radio(key="method.open").set_value(1).run()
    app.slider(key="method.threshold").set_value(0.3).run()
    assert_sound(app)
    assert app.session_state[choices.METHODS] == ["band-difference:B04:0.05", "index-drop:NDVI:0.3"]
    layers = {layer["id"]: layer["title"] for layer in viewer_data(app)["layers"]}
    assert layers["detected0"] == "Index drop NDVI" and layers["agreed"] == "All agree"


def test_a_method_is_added_and_removed(app):
    visit(app, "detect", **PLAIN)
    app.button(key="method.add.cva").click().run()
    assert app.session_state[choices.METHODS] == ["band-difference:B04:0.05", "cva:0.1"]
    app.button(key="method.remove").click().run()
    assert app.session_state[choices.METHODS] == ["band-difference:B04:0.05"]
    assert_sound(app)


def test_the_network_of_this_installation_is_what_detect_opens_with(app):
    visit(app, "detect", **{choices.EVENT: "171", keys.FOUND_PART: "ran"})
    assert_sound(app)
    assert app.radio(key="method.open").options[0] == "Neural network bit"
    assert "method" not in app.query_params
    assert any("onnx:bit" in line.value and "ran as" in line.value for line in app.markdown)


def test_a_network_whose_bands_the_patch_lacks_is_left_out_with_the_reason(app):
    visit(app, "detect", **{choices.EVENT: "171", choices.BANDS: ["B02", "B03", "B04"]})
    assert_sound(app)
    assert any("cannot run on this patch" in warning.value and "B08" in warning.value for warning in app.warning)
    assert "Band difference B04, increases" in str(app.dataframe[0].value)


def test_a_patch_that_no_chosen_method_can_read_says_so_and_still_shows_the_picture(app):
    chosen = {choices.BANDS: ["B02", "B03", "B04"], choices.METHODS: ["index-drop:NDVI:0.2"]}
    visit(app, "detect", **{choices.EVENT: "171"}, **chosen)
    assert_sound(app)
    assert any("None of the chosen methods" in info.value for info in app.info)
    assert viewer_data(app)["layers"]


def test_the_bands_chosen_are_in_the_link_of_every_page_that_shows_the_patch(app):
    for page in ("patches", "compare", "detect", "metrics", "review"):
        visit(app, page, **{**PLAIN, choices.BANDS: ["B02", "B03", "B04"]})
        assert app.query_params["bands"] in ("B02,B03,B04", ["B02,B03,B04"]), page


@pytest.mark.parametrize("method", ["band-difference:B04:0.8", "rdndvi:otsu"])
def test_a_threshold_beyond_the_usual_is_the_one_that_is_shown(app, method):
    visit(app, "detect", **{**PLAIN, choices.METHODS: [method]})
    assert_sound(app)
    found = detect(cache.load(spec_for(builtin().event("171"), "demo")), method)
    (slider,) = (one for one in app.slider if one.label.startswith("Threshold"))
    assert slider.value == pytest.approx(found.threshold)
    assert found.threshold > 0.4 or found.threshold < 0


def test_a_picture_of_a_simulated_pair_says_so_in_its_files_name(monkeypatch):
    names = []
    monkeypatch.setattr(printing.st, "download_button", lambda label, data, name, **_: names.append(name))
    monkeypatch.setattr(printing.chosen_patch, "subject", lambda: None)
    for event, source in ((builtin().event("171"), "demo"), (open_source("sample").describe().event, "sample")):
        spec = spec_for(event, source)
        printing._take(spec, cache.load(spec), figure.FigureLook("true-colour"), "png", None)
    assert names == ["SIMULATED_event171_demo_figure.png", "eventsample_sample_figure.png"]


def test_a_date_before_sentinel_2_that_a_link_holds_is_shown_and_kept(app):
    visit(app, "patches", **{**PLAIN, choices.T1: date(1990, 1, 1), choices.T2: date(2090, 1, 1)})
    assert_sound(app)
    assert [app.date_input(key=name).value for name in (choices.T1, choices.T2)] == [date(1990, 1, 1), date(2090, 1, 1)]
    assert app.session_state[choices.T1] == date(1990, 1, 1)


def test_a_setting_that_cannot_be_read_is_a_sentence_on_every_page(monkeypatch):
    monkeypatch.setenv("SCARP_CACHE_GB", "plenty")
    config.settings.cache_clear()
    try:
        app = AppTest.from_file(ENTRY, default_timeout=60).run()
    finally:
        monkeypatch.undo()
        config.settings.cache_clear()
    assert not app.exception
    assert "SCARP\\_CACHE\\_GB is 'plenty'; give a number of gigabytes" in app.error[0].value


@pytest.mark.parametrize("fault", [RuntimeError("told to nobody"), AttributeError("told to nobody")])
def test_a_fault_nobody_foresaw_is_a_sentence_without_its_details(app, monkeypatch, fault):
    def fails(*given, **named):
        raise fault

    monkeypatch.setattr(views, "comparison", fails)
    visit(app, "compare", **PLAIN)
    assert not app.exception
    assert "Something went wrong" in app.error[0].value and "told to nobody" not in words(app)


@pytest.mark.parametrize("page", ["patches", "compare", "detect"])
def test_a_link_to_a_patch_no_memory_holds_is_a_sentence(app, page):
    visit(app, page, **{**PLAIN, choices.BUFFER: 0.05, choices.RESOLUTION: 0.00001})
    assert not app.exception
    assert any("over the limit of" in error.value for error in app.error)


@pytest.fixture
def doubtful(monkeypatch):
    """Every patch that is opened now is one to doubt, for three reasons."""
    import streamlit as st

    st.cache_resource.clear()
    monkeypatch.setattr("app.values.plausible.doubts", lambda patch: ["T1 is odd.", "T2 is odd.", "Both are odd."])
    yield
    st.cache_resource.clear()


@pytest.mark.parametrize("page", ["patches", "compare", "detect", "review"])
def test_what_is_to_be_doubted_of_a_patch_is_on_every_page_that_shows_it_once_and_folded(app, doubtful, page):
    visit(app, page, **PLAIN)
    assert_sound(app)
    assert sum(element.value == "T2 is odd." for element in app.warning) == 1
    assert any("3 reasons to doubt" in fold.label for fold in app.expander)


def test_a_mask_of_nearly_everything_is_doubted_beside_its_area(app):
    visit(app, "detect", **{choices.EVENT: "171", choices.METHODS: ["cva:0.001"]})
    assert_sound(app)
    assert any("Nearly everything changed" in element.value for element in app.warning)


def test_a_small_patch_has_its_size_in_words_that_are_not_none(app):
    visit(app, "patches", **{choices.EVENT: "171", choices.BUFFER: 0.002, choices.BANDS: ["B04"]})
    assert_sound(app)
    assert "19 kB in memory" in words(app) and "0 MB" not in words(app)


def test_pictures_of_a_patch_in_the_north_are_as_narrow_as_its_ground(app):
    import io

    from PIL import Image

    from app.inventory import Event, Inventory
    from app.ui import cached

    event = Event("north", 0, date(2021, 7, 1), 60.0, 11.0, t1_options=(date(2021, 6, 1),), t2=date(2021, 8, 1))
    visit(app, "patches", **{keys.INVENTORY: Inventory("n.csv", (event,), (), {}, ()), choices.EVENT: "north"})
    assert_sound(app)
    spec = spec_for(event, "demo")
    for pane in cached.preview(spec, "true-colour", "percentile")[0]:
        picture = Image.open(io.BytesIO(pane.data))
        assert picture.height == 640 and picture.width == pytest.approx(320, abs=6)
        assert picture.info["Comment"] == "SIMULATED"


@pytest.mark.parametrize("page", PAGES)
def test_every_page_works_and_says_so_where_nothing_can_be_kept(tmp_path, monkeypatch, page):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("SCARP_HOME", str(tmp_path / "file" / "home"))
    config.settings.cache_clear()
    try:
        shown = visit(AppTest.from_file(ENTRY, default_timeout=60).run(), page, **PLAIN)
    finally:
        monkeypatch.undo()
        config.settings.cache_clear()
    assert not shown.exception
    assert "own folder cannot be written" in words(shown)


@pytest.mark.parametrize(("page", "said"), [("patches", "set T1 and T2 above"), ("compare", "on the Patches page")])
def test_a_reader_without_dates_is_sent_to_the_patches_page_but_not_by_itself(app, page, said):
    bare = read(b"id,lat,lon\n7,46.1,11.2\n", "bare.csv")
    visit(app, page, **{keys.INVENTORY: bare, choices.EVENT: "7"})
    assert_sound(app)
    assert any(said in info.value for info in app.info)
    assert ("on the Patches page" in words(app)) == (page != "patches")
