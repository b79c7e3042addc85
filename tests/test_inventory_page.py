"""The Inventory page over files of many kinds: what stands beside the list, and that no years or words break it."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import inventory
from app.ui import choices, keys
from app.ui.inventory import chooser
from tests.conftest import ROOT
from tests.test_pages import PAGES, assert_sound, visit, words


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()


def bring(app: AppTest, folder: Path, text: str | bytes) -> AppTest:
    """Bring a file by its path, as one who sits at the machine does."""
    path = folder / "list.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    visit(app, "inventory")
    app.text_input(key="upload.0.path").input(str(path)).run()
    assert not app.exception
    return app


def beside(app: AppTest) -> str:
    """Return what a reader sees without opening the panel of the file."""
    inside = {
        str(one.value) for panel in app.get("popover") for kind in ("caption", "error") for one in panel.get(kind)
    }
    return "\n".join(line for line in words(app).splitlines() if line not in inside)


def test_a_file_of_which_every_row_is_skipped_says_so_and_why_beside_the_list(app, tmp_path):
    bring(app, tmp_path, "lat,lon\n189,9\n,\n45,north\n")
    assert "Every one of the 3 rows was skipped" in beside(app)
    assert "latitude 189 is outside" in beside(app)
    assert "No event passes" not in words(app)
    assert not app.get("plotly_chart")
    visit(app, "compare")
    assert not app.exception


def test_a_file_without_a_column_of_dates_says_so_beside_the_list_and_draws_no_timeline(app, tmp_path):
    bring(app, tmp_path, "lat,lon\n45,9\n46,10\n")
    assert "No event has a date: the file has no column known as a date" in beside(app)
    assert "there is no timeline" in beside(app)
    assert not app.get("plotly_chart")
    assert_sound(app)


def test_a_file_whose_dates_cannot_be_read_says_so_beside_the_list(app, tmp_path):
    bring(app, tmp_path, "lat,lon,when,date\n45,9,,soon\n46,10,,later\n")
    assert "none of the dates in date can be read" in beside(app)


def test_events_that_are_not_on_the_timeline_are_counted_under_it(app, tmp_path):
    bring(app, tmp_path, "lat,lon,date\n45,9,2019-01-01\n46,10,\n")
    assert app.get("plotly_chart") and "1 event shown above without a date" in words(app)


def test_how_a_file_was_understood_stands_beside_the_list(app, tmp_path):
    bring(app, tmp_path, "POINT_X,POINT_Y,start date,end date\n9,45,2019-01-01,2019-01-03\n")
    assert "longitude from 'POINT\\_X'" in beside(app)
    assert "T1 has to lie before" in beside(app)
    app.session_state[choices.EVENT] = "0"
    app.run()
    assert "2019-01-01 to 2019-01-03" in words(app)
    assert_sound(app)


@pytest.mark.parametrize(
    "text", ["TOKEN=hunter2\nKEY=hunter3\n", "user,hunter2\nroot,hunter3\n", "[a]\nb = 'hunter2, x'\n"]
)
def test_a_path_to_a_file_that_is_no_table_shows_nothing_of_it(app, tmp_path, text):
    bring(app, tmp_path, text)
    assert "no column for latitude and longitude" in words(app) and "stays as it was" in words(app)
    assert (
        "hunter" not in words(app) and "TOKEN" not in words(app) and "user" not in words(app).split("list.csv")[1][:200]
    )


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/tty", "/proc/self/environ"])
def test_a_path_to_what_is_no_file_is_a_sentence_at_once(app, path):
    visit(app, "inventory")
    app.text_input(key="upload.0.path").input(path).run()
    assert not app.exception
    assert any("stays as it was" in error.value for error in app.error)


AGES = (
    "id,lat,lon,date,pre2,post1,category\n"
    + "a,45,9,1600-05-01,1599-01-01,1601-01-01,slide\nb,46,9,2300-05-01,2299-01-01,2301-01-01,slide\n"
    + "c,46,9,0900-05-01,0899-01-01,0901-01-01,slide\nd,46,9,9999-05-01,9998-01-01,9999-12-31,slide\n"
)


@pytest.mark.parametrize("event", ["a", "b", "c", "d"])
def test_an_event_of_another_age_breaks_no_page(app, event):
    held = inventory.read(AGES.encode(), "ages.csv")
    for page in PAGES:
        visit(app, page, **{keys.INVENTORY: held, choices.EVENT: event})
        assert not app.exception
        assert not any("Something went wrong" in error.value for error in app.error)


def test_events_of_all_ages_are_filtered_and_counted_by_month(app):
    header, *rows = AGES.splitlines()
    many = "\n".join([header, *(row.replace(row[0], f"{row[0]}{n}", 1) for n in range(200) for row in rows)])
    held = inventory.read(many.encode(), "ages.csv")
    visit(app, "inventory", **{keys.INVENTORY: held, choices.EVENT: "a0", choices.YEARS: (900, 1600)})
    assert "400 of 800 events pass the filters" in words(app)
    visit(app, "inventory", **{choices.YEARS: None, choices.EVENT: "d1"})
    assert_sound(app)


def test_the_inventory_is_taken_away_whole_or_as_filtered_in_three_formats(app, tmp_path):
    bring(app, tmp_path, "id,lat,lon,Remarks\nA,45,9,steep\nB,46,10,flat\n")
    assert [one.label for one in app.get("download_button")][-3:] == ["CSV", "GeoPackage", "GeoJSON"]
    assert "2 events with dates" in words(app)
    app.text_input(key=choices.FIND).input("steep").run()
    assert "1 event with dates" in words(app)
    app.checkbox(key="taken.shown").uncheck().run()
    assert "2 events with dates" in words(app)
    assert_sound(app)


def test_how_many_events_are_shown_is_said_of_one_too():
    assert chooser._all_shown(1, 0) == "The only event is shown."
    assert chooser._all_shown(1, 1) == "The only event is shown, with warnings."
    assert chooser._all_shown(1740, 0) == "All 1,740 events are shown."
    assert chooser._all_shown(3, 2) == "All 3 events are shown, 2 with warnings."


def test_an_area_drawn_lists_its_events_alone_until_everywhere_is_asked_for_and_the_address_says_so(app):
    box = (36.0, 36.0, 38.0, 39.0)
    visit(app, "inventory")
    origin = app.session_state[keys.LISTING].origin
    visit(app, "inventory", **{keys.AREA: (origin, box)})
    app.button(key="filters.within").click().run()
    assert "3 of 10 events pass the filters, within the area drawn on the map" in words(app)
    assert app.query_params["within"] == "36.0,36.0,38.0,39.0"
    assert app.button(key="filters.within").label == "Everywhere again"
    app.button(key="filters.within").click().run()
    assert "All 10 events are shown" in words(app)
    assert "within" not in app.query_params


def test_a_box_of_another_list_is_not_offered(app):
    visit(app, "inventory", **{keys.AREA: ("another list 3", (0.0, 0.0, 1.0, 1.0))})
    assert not [one for one in app.button if one.key == "filters.within"]


@pytest.mark.parametrize(("brought", "asks"), [(b"\x89PNG\r\n\x1a\n", False), (b"name,when\na,2020-01-01\n", True)])
def test_a_file_that_cannot_be_merged_is_sent_to_be_asked_about_only_where_asking_helps(app, brought, asks):
    visit(app, "inventory")
    (merge,) = (one for one in app.get("file_uploader") if one.label == "The inventory to add")
    merge.set_value(("more", brought, "text/csv")).run()
    (said,) = (one.value for one in app.error)
    assert ("Open it alone first" in said) is asks
