"""What the page sends to the map, and what it takes back from it."""

import base64
import json
import re

import pytest
from streamlit.testing.v1 import AppTest

from app import inventory
from app.export import page
from app.inventory import Event, Inventory, builtin
from app.inventory.browse import Listing
from app.ui import choices, keys, map
from app.ui.layers import heard
from tests.conftest import ROOT


def listing(count: int = 3) -> Listing:
    events = tuple(Event(str(n), n, None, float(n), float(n)) for n in range(count))
    return Listing(Inventory("list.csv", events, (), {}, ()))


@pytest.mark.parametrize(
    "clicked",
    [
        None,
        "1",
        {"n": 1},
        {"n": 1, "list": "another"},
        {"n": -1, "list": None},
        {"n": 3, "list": None},
        {"n": "1", "list": None},
        {"n": 1.0, "list": None},
        {"n": True, "list": None},
    ],
)
def test_what_is_no_position_in_these_events_chooses_nothing(clicked):
    events = listing()
    if isinstance(clicked, dict) and "list" in clicked:
        clicked = {**clicked, "list": clicked["list"] or events.key}
    assert map._position(clicked, events) is None


def test_a_click_on_one_of_these_events_is_its_position():
    events = listing()
    assert map._position({"n": 2, "list": events.key}, events) == 2


@pytest.fixture
def app(monkeypatch) -> AppTest:
    return begun(monkeypatch)


def begun(monkeypatch) -> AppTest:
    """Return the application, with the bytes themselves in the addresses that its maps are told."""
    monkeypatch.setattr(map, "media_address", lambda data, media, place: page.as_address(data, media))
    return AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()


def arguments(app: AppTest) -> dict:
    """Return what the page hands to streamlit-folium."""
    (mounted,) = app.get("component_instance")
    return json.loads(mounted.proto.json_args)


def sent(app: AppTest) -> dict:
    """Return what the page tells the map beside the map itself."""
    (literal,) = re.findall(r'scarp\.update\(JSON\.parse\(atob\("([^"]*)"\)\)\)', arguments(app)["feature_group"])
    return json.loads(base64.b64decode(literal))


def events_sent(app: AppTest) -> bytes:
    """Return the events behind the address that the map is told."""
    media, data = sent(app)["events"].split(",")
    assert media == "data:application/json;base64"
    return base64.b64decode(data)


def test_a_filter_and_a_choice_leave_what_the_browser_keeps_as_it_was(app):
    app.switch_page("pages/inventory.py").run()
    before, first = events_sent(app), sent(app)
    app.text_input(key=choices.FIND).input("mudslide").run()
    app.session_state[choices.EVENT] = "0"
    app.run()
    assert not app.exception and not app.error
    assert events_sent(app) == before
    assert sent(app)["view"] == first["view"]  # the map stays where the reader left it
    assert first["shown"] == "" and base64.b64decode(sent(app)["shown"])[0] & 1
    assert sent(app)["chosen"] == 0


def test_the_map_is_told_where_the_chosen_patch_lies(app):
    app.session_state[choices.EVENT] = "171"
    app.switch_page("pages/inventory.py").run()
    west, south, east, north = sent(app)["patch"]["bbox"]
    assert west < 36.59091 < east and south < 37.00437 < north


def test_the_inventory_shows_a_patch_that_is_open_and_opens_none(app):
    app.session_state[choices.EVENT], app.session_state[choices.BUFFER] = "171", 0.006  # a size no other test opens
    app.switch_page("pages/inventory.py").run()
    assert sent(app)["patch"]["pictures"] == []
    app.switch_page("pages/compare.py").run()
    app.session_state[choices.COMPOSITION] = "B08"
    app.switch_page("pages/inventory.py").run()
    assert not app.exception and not app.error
    assert [one["label"][:15] for one in sent(app)["patch"]["pictures"]] == ["T1 · 2022-09-17", "T2 · 2023-02-24"]


def test_an_inventory_a_reader_brought_is_in_no_file_that_everybody_may_read(app, tmp_path):
    held = inventory.read(b"id,lat,lon,category\nsecret-place,45,9,a slide of mine\n", "mine.csv")
    app.session_state[keys.INVENTORY] = held
    app.switch_page("pages/inventory.py").run()
    assert b"secret-place" in events_sent(app)
    static = [path.read_bytes() for path in (ROOT / "static").rglob("*") if path.is_file()]
    assert not any(b"secret-place" in data for data in static)
    assert "secret-place" not in arguments(app)["script"] + arguments(app)["feature_group"]


def test_outlines_of_events_have_an_address_of_their_own_and_a_list_of_points_none(app):
    app.switch_page("pages/inventory.py").run()
    assert sent(app)["areas"] is None
    held = inventory.read(
        b"date,wkt\n2020-01-01,POINT (9 45)\n2020-01-01,'POLYGON ((9 45, 9.01 45, 9.01 45.01, 9 45))'\n".replace(
            b"'", b'"'
        ), "mine.csv",
    )  # fmt: skip
    app.session_state[keys.INVENTORY] = held
    app.run()
    assert not app.exception and not app.error
    told, text = sent(app)["areas"], arguments(app)["feature_group"]
    assert told["count"] == 1 and len(text) < 4000
    document = json.loads(base64.b64decode(told["src"].split(",")[1]))
    assert document["lines"] == [] and [one[:3] for one in document["areas"]] == [[1, 900000, 4500000]]


def test_the_map_itself_is_the_same_whatever_it_shows(app):
    app.switch_page("pages/inventory.py").run()
    first = arguments(app)
    app.session_state[choices.EVENT] = "171"
    app.text_input(key=choices.FIND).input("landslide").run()
    again = arguments(app)
    assert (again["script"], again["js_links"]) == (first["script"], first["js_links"])  # else the frame is made anew
    assert again["feature_group"] != first["feature_group"]


@pytest.mark.parametrize("name", ["{% raise %}.csv", "{{ 7 * 7 }}.csv", "${alert(1)}`</script>.csv"])
def test_a_name_that_a_template_would_run_breaks_no_map(app, name):
    app.session_state[keys.INVENTORY] = inventory.read(b"lat,lon,date\n45,9,2020-01-01\n", name)
    app.switch_page("pages/inventory.py").run()
    assert not app.exception and not app.error
    assert name in sent(app)["view"] and name not in arguments(app)["feature_group"]


@pytest.mark.parametrize(
    ("geometry", "points"),
    [
        ({"coordinates": [9, 45.5]}, [(9.0, 45.5)]),
        ({"coordinates": [[[9, 45], [10, 45], [10, 46], [9, 45]]]}, [(9, 45), (10, 45), (10, 46), (9, 45)]),
        ({"coordinates": [[9, 91]]}, []),
        ({"coordinates": [[[9, 45], "x"]]}, []),
        ({"coordinates": [True, 45]}, []),
        ({"coordinates": [float("nan"), 45]}, []),
        ({"coordinates": [[[9, 45]] * 500]}, []),
        ({"coordinates": None}, []),
        ({}, []),
        (None, []),
        ("x", []),
    ],
)
def test_what_is_no_place_on_earth_has_no_points(geometry, points):
    assert heard.points(geometry) == points


def test_nothing_the_map_is_sent_leads_outside(app):
    app.switch_page("pages/inventory.py").run()
    assert "http" not in json.dumps(sent(app)) and b"http" not in events_sent(app)
    given = arguments(app)
    links = given["js_links"] + given["css_links"]
    assert len(links) == 3 and all(one.startswith("../../app/static/") for one in links)
    addresses = set(re.findall(r"https?://[^/\"\\]+", json.dumps(given)))
    assert addresses == {  # backgrounds, which nothing adds to the map before a reader does, and what they credit
        "https://tile.openstreetmap.org",
        "https://www.openstreetmap.org",
        "https://tiles.maps.eox.at",
        "https://s2maps.eu",
    }


def test_the_table_keeps_its_place_and_marks_the_chosen_event_as_filters_and_choices_change(app):
    def marked() -> list[int]:
        return app.session_state[f"table.{Listing(builtin()).key}"]["selection"]["rows"]

    app.session_state[choices.EVENT] = "3"
    app.switch_page("pages/inventory.py").run()
    assert marked() == [3]
    app.button(key="step.Next").click().run()
    assert marked() == [4]
    app.text_input(key=choices.FIND).input("mudslide").run()  # 0 and 4
    assert marked() == [1]
    app.text_input(key=choices.FIND).input("GLC landslide").run()
    assert marked() == [] and app.session_state[choices.EVENT] == "4"
    assert not app.exception and not app.error


@pytest.fixture
def assets_anew():
    from app.ui import assets

    assets.use_local_assets.cache_clear()
    yield assets
    assets.use_local_assets.cache_clear()


def test_leaflet_is_put_where_the_application_serves_it(assets_anew, tmp_path, monkeypatch):
    monkeypatch.setattr(assets_anew, "VENDOR", tmp_path / "vendor")
    assets_anew.use_local_assets()
    held = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert {"vendor/first.js", "vendor/maps.js", "vendor/maps.css", "vendor/images/layers.png"} <= held
    for style in tmp_path.rglob("*.css"):
        for picture in re.findall(r"url\(['\"]?([^)'\"]+)", style.read_text("utf-8")):
            known = (style.parent / picture).is_file() or picture.startswith(("#", "data:"))
            assert known, f"{style.name} asks for {picture}"


def test_a_script_of_an_earlier_version_is_put_right(assets_anew, tmp_path, monkeypatch):
    monkeypatch.setattr(assets_anew, "VENDOR", tmp_path / "vendor")
    assets_anew.use_local_assets()
    held = tmp_path / "vendor" / "first.js"
    held.write_bytes(b" " * held.stat().st_size)
    assets_anew.use_local_assets.cache_clear()
    assets_anew.use_local_assets()
    assert held.read_bytes() == (ROOT / "app" / "ui" / "map" / "map.js").read_bytes()


def test_a_folder_that_cannot_be_written_is_a_sentence_and_the_table_stays(assets_anew, app, tmp_path, monkeypatch):
    (tmp_path / "vendor").write_text("a file where the folder should be")
    monkeypatch.setattr(assets_anew, "VENDOR", tmp_path / "vendor")
    app.switch_page("pages/inventory.py").run()
    assert not app.exception
    assert any("Use the table" in warning.value for warning in app.warning)
    assert len(app.dataframe) == 1
