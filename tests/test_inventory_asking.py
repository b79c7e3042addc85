"""The form of the Inventory page for files that do not say which column is what, in which layer, of which system."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import config, inventory, workspace
from app.config import ROOT
from app.ui import choices, keys
from tests.test_inventory_formats import SLIDES, parts, written, zipped
from tests.test_pages import assert_sound, visit, words

METRES = "Slide_No,Rechtswert,Hochwert,Occurred,MoveType\nA,500000,5040000,2021-05-04,flow\nB,500900,5040100,,fall\n"


@pytest.fixture
def app(tmp_path, monkeypatch):
    monkeypatch.setenv("SCARP_HOME", str(tmp_path / "home"))
    config.settings.cache_clear()
    made = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    made.session_state[keys.WORKSPACE] = workspace.new_id()
    yield made.run()
    monkeypatch.undo()
    config.settings.cache_clear()


def bring(app: AppTest, path: Path) -> AppTest:
    visit(app, "inventory")
    number = app.session_state[keys.UPLOAD] if keys.UPLOAD in app.session_state else 0  # noqa: SIM401
    app.text_input(key=f"upload.{number}.path").input(str(path)).run()
    assert not app.exception
    return app


def choose(app: AppTest, name: str, value: str) -> AppTest:
    box = next(one for one in app.selectbox if str(one.key).startswith(f"ask.{name}."))
    box.set_value(value).run()
    assert not app.exception
    return app


def system(app: AppTest, text: str) -> AppTest:
    next(one for one in app.text_input if str(one.key).startswith("ask.crs.")).input(text).run()
    assert not app.exception
    return app


def use(app: AppTest) -> AppTest:
    app.button(key="ask.use").click().run()
    assert not app.exception
    return app


def events(app: AppTest):
    return app.session_state[keys.INVENTORY].events


def a_table(tmp_path: Path, text: str = METRES, name: str = "liste.csv") -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


def test_a_table_that_is_not_understood_is_shown_with_a_form_and_the_list_stays(app, tmp_path):
    bring(app, a_table(tmp_path))
    assert "no column for latitude and longitude" in words(app)
    assert "what is in which column" in words(app)
    assert '"label":"Slide_No"' in app.dataframe[0].proto.columns.replace('": "', '":"')
    assert app.button(key="ask.use").disabled
    assert keys.INVENTORY not in app.session_state or app.session_state[keys.INVENTORY] is None
    assert_sound(app)


def test_columns_that_are_chosen_with_their_system_give_events(app, tmp_path):
    bring(app, a_table(tmp_path))
    system(app, "EPSG:32632")
    choose(app, "latitude", "Hochwert")
    choose(app, "longitude", "Rechtswert")
    assert "So it gives **2 events**, 1 of them with a date" in words(app)
    use(app)
    first, second = events(app)
    assert (first.id, first.category, str(first.date)) == ("A", "flow", "2021-05-04")
    assert (first.latitude, first.longitude) == pytest.approx((45.5, 9.0), abs=0.05)
    assert second.date is None
    assert "what is in which column" not in words(app)


def test_what_was_said_of_columns_is_remembered_for_files_with_the_same_ones(app, tmp_path):
    bring(app, a_table(tmp_path))
    system(app, "EPSG:32632")
    choose(app, "latitude", "Hochwert")
    use(choose(app, "longitude", "Rechtswert"))
    bring(app, a_table(tmp_path, METRES + "C,500500,5040500,2020-01-02,flow\n", "another.csv"))
    assert len(events(app)) == 3
    assert "as you said of a file with the same ones" in words(app)


def test_what_was_said_of_a_file_holds_for_the_next_session_of_the_same_browser(app, tmp_path):
    bring(app, a_table(tmp_path))
    system(app, "EPSG:32632")
    choose(app, "latitude", "Hochwert")
    use(choose(app, "longitude", "Rechtswert"))
    again = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60)
    again.session_state[keys.WORKSPACE] = app.session_state[keys.WORKSPACE]
    visit(again.run(), "inventory")
    assert [one.id for one in events(again)] == ["A", "B"]
    assert events(again)[0].latitude == pytest.approx(45.5, abs=0.05)


def test_a_wrong_guess_is_changed_without_bringing_the_file_again(app, tmp_path):
    text = "lat,lon,date,reported\n45,9,2019-01-01,2020-02-02\n46,9,2019-01-03,2020-02-04\n"
    bring(app, a_table(tmp_path, text))
    app.button(key="ask.change").click().run()
    choose(app, "date", "reported")
    use(app)
    assert [str(one.date) for one in events(app)] == ["2020-02-02", "2020-02-04"]


def test_a_column_can_be_said_to_hold_nothing_of_the_kind(app, tmp_path):
    bring(app, a_table(tmp_path, "lat,lon,date\n45,9,2019-01-01\n46,9,2019-01-03\n"))
    app.button(key="ask.change").click().run()
    use(choose(app, "date", ""))
    assert [one.date for one in events(app)] == [None, None]


def test_a_layer_is_chosen_where_there_are_several(app, tmp_path):
    path = tmp_path / "years.gpkg"
    SLIDES.iloc[:1].to_file(path, layer="2018")
    SLIDES.to_file(path, layer="2019")
    bring(app, path)
    assert "holds several layers" in words(app) and app.button(key="ask.use").disabled
    choose(app, "layer", "2019")
    use(app)
    assert len(events(app)) == len(SLIDES)


def test_a_shapefile_without_its_system_asks_for_it(app, tmp_path):
    written(SLIDES.iloc[:1].to_crs(32632), tmp_path, ".shp")
    path = tmp_path / "slides.zip"
    path.write_bytes(zipped({name: part for name, part in parts(tmp_path).items() if not name.endswith(".prj")}))
    bring(app, path)
    assert "does not say in which reference system" in words(app)
    system(app, "EPSG:1")
    assert "is no reference system" in words(app)
    system(app, "EPSG:32632")
    use(app)
    assert events(app)[0].latitude == pytest.approx(45.5, abs=1e-3)


def test_a_form_that_is_left_changes_nothing(app, tmp_path):
    bring(app, a_table(tmp_path))
    app.button(key="ask.leave").click().run()
    assert "what is in which column" not in words(app)
    assert keys.INVENTORY not in app.session_state or app.session_state[keys.INVENTORY] is None


def test_what_a_file_says_besides_is_found_and_shown_with_its_event(app, tmp_path):
    text = "id,lat,lon,date,Remarks\n1,45,9,2019-01-01,below the *old* road\n2,46,9,2019-01-03,\n"
    bring(app, a_table(tmp_path, text))
    app.text_input(key=choices.FIND).input("OLD road").run()
    assert "1 of 2 events pass" in words(app)
    app.session_state[choices.EVENT] = "1"
    app.run()
    assert "below the" in words(app) and "Remarks" in words(app)


def test_the_texts_of_an_event_are_those_of_its_own_row():
    text = b"id,lat,lon,date,Remarks\n1,189,9,2019-01-01,skipped\n2,46,9,2019-01-03,kept\n"
    found = inventory.read(text, "a.csv")
    assert [found.along.of(one) for one in found.events] == [[("Remarks", "kept")]]
