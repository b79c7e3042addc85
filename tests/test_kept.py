"""What is there again for the next session of the same browser: two AppTests that know one workspace."""

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from app import config, workspace
from app.config import ROOT
from app.ui import choices, keys

CSV = b"id,event_date,latitude,longitude\nA1,2021-05-04,46.5,11.3\nB2,,45.9,10.8\n"


@pytest.fixture
def browser(tmp_path, monkeypatch) -> str:
    """The id a browser knows, in a home folder of the test's own."""
    monkeypatch.setenv("SCARP_HOME", str(tmp_path))
    config.settings.cache_clear()
    yield workspace.new_id()
    monkeypatch.undo()
    config.settings.cache_clear()


@pytest.fixture
def page(browser):
    """Return a function that opens a page as a tab of that browser would: with its cookie, and an address."""

    def opened(path: str = "", **address: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
        app.session_state[keys.WORKSPACE] = browser
        for name, text in address.items():
            app.query_params[name] = text
        if path:
            app.switch_page(f"pages/{path}.py")
        return app.run()

    return opened


def _ways(app: AppTest) -> str:
    """Return what stands on the buttons that bring something; the first says which inventory is in use."""
    return "\n".join(one.proto.popover.label for one in app.get("popover"))


def _brought(browser: str, data: bytes = CSV, name: str = "mine.csv") -> None:
    """Keep an inventory as the page does, from a script of its own."""

    def script(data, name):
        import streamlit as st  # noqa: F401

        from app import inventory
        from app.ui import state

        state.begin()
        state.use_inventory(inventory.read(data, name))

    app = AppTest.from_function(script, kwargs={"data": data, "name": name}, default_timeout=60)
    app.session_state[keys.WORKSPACE] = browser
    assert not app.run().exception


def _words(app: AppTest) -> str:
    """Return what stands on the page, as a reader sees it."""
    told = (one.value for kind in ("caption", "markdown", "warning", "info") for one in app.get(kind))
    return "\n".join(told).replace("\\", "")


def test_an_inventory_brought_in_one_tab_is_there_in_the_next(browser, page):
    _brought(browser)
    app = page("inventory")
    assert app.session_state[keys.INVENTORY].name == "mine.csv"
    assert [event.id for event in app.session_state[keys.INVENTORY].events] == ["A1", "B2"]


def test_another_browser_has_the_built_in_list(browser, page):
    _brought(browser)
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    assert keys.INVENTORY not in app.session_state


def test_a_reload_of_an_address_with_a_place_finds_the_event_in_the_inventory_kept(browser, page):
    _brought(browser)
    app = page("patches", event="A1", at="46.5,11.3,2021-05-04", t1="2021-04-01", t2="2021-06-01")
    assert app.session_state[keys.INVENTORY].name == "mine.csv" and app.session_state[choices.EVENT] == "A1"
    assert "The link" not in _words(app)


def test_a_link_to_a_built_in_event_shows_that_one_and_says_that_the_own_inventory_is_kept(browser, page):
    _brought(browser, CSV + b"171,2021-01-01,10,10\n")
    app = page("patches", event="171")
    assert "37.00437" in _words(app) and "mine.csv is kept" in _words(app)
    app.switch_page("pages/inventory.py").run()
    app.button(key="yours.back").click().run()
    assert app.session_state[keys.INVENTORY].name == "mine.csv"


def test_going_back_to_the_built_in_list_keeps_the_inventory_and_opens_the_next_page_without_it(browser, page):
    _brought(browser)
    app = page("inventory")
    next(one for one in app.button if one.label == "Back to the built-in events").click().run()
    again = page("inventory")
    assert keys.INVENTORY not in again.session_state or again.session_state[keys.INVENTORY] is None
    again.button(key="yours.back").click().run()
    assert again.session_state[keys.INVENTORY].name == "mine.csv"
    assert page().session_state[keys.INVENTORY].name == "mine.csv"


def test_a_tab_that_shows_the_built_in_list_and_no_event_takes_over_what_another_brings(browser, page):
    tab = page("inventory")
    _brought(browser)
    assert tab.run().session_state[keys.INVENTORY].name == "mine.csv"


def test_a_tab_that_looks_at_an_event_keeps_it_when_another_brings_an_inventory(browser, page):
    tab = page("inventory", event="171")
    _brought(browser)
    tab.run()
    assert tab.session_state[choices.EVENT] == "171"


@pytest.mark.parametrize("break_it", [lambda file: file.unlink(), lambda file: file.write_bytes(b"\x00\x01")])
def test_an_inventory_that_cannot_be_read_again_is_said_once(browser, page, break_it):
    _brought(browser)
    (file,) = (workspace.find(browser).folder / "files").iterdir()
    break_it(file)
    app = page("inventory")
    assert "mine.csv" in _words(app) and "bring it again" in _words(app)
    assert "The built-in list · 10 events" in _ways(app)
    assert "bring it again" not in _words(page("inventory"))


@pytest.mark.parametrize("said", ["[]", '{"name": "a", "file": "../../secret"}', '{"name": 1}', "{"])
def test_what_is_kept_about_an_inventory_is_checked_like_any_input(browser, page, said):
    _brought(browser)
    (workspace.find(browser).folder / "inventory.json").write_text(said)
    app = page("inventory")
    assert not app.exception and "The built-in list · 10 events" in _ways(app)


def test_dates_typed_for_an_event_without_any_stay_with_it(browser, page):
    _brought(browser)
    app = page("patches", event="B2", at="45.9,10.8")
    app.session_state[choices.T1], app.session_state[choices.T2] = date(2020, 5, 1), date(2020, 9, 1)
    app.run()
    app.button(key="step.Previous").click().run()
    assert (app.session_state[choices.EVENT], app.session_state[choices.T1]) == ("A1", None)
    app.button(key="step.Next").click().run()
    assert (app.session_state[choices.T1], app.session_state[choices.T2]) == (date(2020, 5, 1), date(2020, 9, 1))
    again = page("patches", event="B2", at="45.9,10.8")
    assert (again.session_state[choices.T1], again.session_state[choices.T2]) == (date(2020, 5, 1), date(2020, 9, 1))


def test_dates_typed_stay_through_a_change_of_source(browser, page):
    _brought(browser)
    app = page("patches", event="B2", at="45.9,10.8", t1="2020-05-01", t2="2020-09-01")
    for source in ("sample", "stac", "demo"):
        app.session_state[choices.SOURCE] = source
        app.run()
        assert (app.session_state[choices.T1], app.session_state[choices.T2]) == (date(2020, 5, 1), date(2020, 9, 1))
    assert "T1 2020-05-01" in _words(app)


def test_a_link_without_dates_shows_the_events_own_whatever_was_chosen_here_before(browser, page):
    app = page("patches", event="171", t1="2022-09-07")
    assert app.session_state[choices.T1] == date(2022, 9, 7)
    again = page("patches", event="171")
    assert again.session_state[choices.T1] == date(2022, 9, 17)


def test_the_sample_shows_its_own_dates_and_the_chosen_ones_wait(page):
    app = page("patches", event="171", t1="2022-09-07", source="sample")
    assert "T1 2022-09-07" not in _words(app)
    assert app.query_params["t1"] == "2022-09-07"
    app.session_state[choices.SOURCE] = "demo"
    assert "T1 2022-09-07" in _words(app.run())


def test_bands_chosen_stay_chosen_through_a_source_that_holds_fewer(page):
    app = page("patches", event="171", bands="B01,B04,B08,B12")
    app.session_state[choices.SOURCE] = "sample"
    assert "has no" in _words(app.run())
    app.session_state[choices.SOURCE] = "demo"
    app.run()
    assert app.multiselect(key="patch.bands").value == ["B01", "B04", "B08", "B12"]
    assert app.session_state[choices.BANDS] == ["B01", "B04", "B08", "B12"]


def test_a_band_left_out_on_a_source_that_holds_fewer_is_the_only_one_left_out(page):
    app = page("patches", event="171", source="sample")
    app.multiselect(key="patch.bands").unselect("B04").run()
    app.session_state[choices.SOURCE] = "demo"
    app.run()
    assert "B04" not in app.session_state[choices.BANDS] and len(app.session_state[choices.BANDS]) == 11


def test_the_name_given_once_is_there_in_the_next_session(page):
    app = page("review", event="171")
    app.session_state[keys.REVIEWER] = "Ada"
    app.run()
    assert page("review", event="171").session_state[keys.REVIEWER] == "Ada"


def _drawn_on_the_map(browser: str, *starts: int) -> AppTest:
    """Draw a polygon on the map at each start, in one new session that opens no viewer."""

    def script(starts):
        import numpy as np
        import streamlit as st

        from app.grid import Grid
        from app.pictures import shapes
        from app.ui import viewer

        on = Grid(0.0, 0.0, 1e-4, 1e-4, 100, 100)
        for start in starts:
            corners = np.array([[start, start], [start + 20, start], [start, start + 20]]) / 1e4
            viewer.add("k", on, shapes.polygon_at(corners, on))
        viewer.take_up("k", on)
        st.session_state["drawn"] = len(viewer.drawn("k"))

    app = AppTest.from_function(script, kwargs={"starts": starts}, default_timeout=60)
    app.session_state[keys.WORKSPACE] = browser
    app.run()
    assert not app.exception, app.exception
    return app


def test_a_polygon_drawn_on_the_map_joins_what_was_drawn_before_the_session(browser):
    assert _drawn_on_the_map(browser, 10, 40).session_state["drawn"] == 2
    assert _drawn_on_the_map(browser, 60).session_state["drawn"] == 3
    assert _drawn_on_the_map(browser).session_state["drawn"] == 3


def test_a_place_added_to_the_built_in_list_leaves_the_way_back_to_the_inventory_kept(browser, page):
    _brought(browser)
    app = page("inventory", event="171")
    assert any("mine.csv" in one.label for one in app.button)
    app.text_input(key="place.text").input("45.1, 9.8")
    app.button(key="place.add").click().run()
    assert any("mine.csv" in one.label for one in app.button)


def test_what_is_kept_can_be_looked_at_and_forgotten(browser, page):
    _brought(browser)
    app = page()
    app.session_state[keys.REVIEWER] = "Ada"
    app.run()
    assert any("Kept for you" in one.label for one in app.expander) and "mine.csv" in _words(app)
    app.button(key="yours.forget").click().run()
    assert not workspace.find(browser).folder.exists()
    assert not any("Kept for you" in one.label for one in app.expander)
    assert "mine.csv" not in _words(app)
    assert keys.INVENTORY not in page().session_state or page().session_state[keys.INVENTORY] is None


def test_a_workspace_that_cannot_be_written_is_said_once_and_the_session_goes_on(browser, page, tmp_path):
    (tmp_path / "workspaces").write_bytes(b"")
    app = page("review", event="171")
    app.session_state[keys.REVIEWER] = "Ada"
    assert "cannot be kept" in _words(app.run())
    app.session_state[keys.REVIEWER] = "Adam"
    assert "cannot be kept" not in _words(app.run()) and not app.exception


def test_a_page_without_a_workspace_of_its_own_makes_nothing_on_disk(page, tmp_path):
    page("compare", event="171")
    assert not (tmp_path / "workspaces").exists()
