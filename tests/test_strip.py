"""The strip of thumbnails: what it shows, and that it never fetches anything by itself."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from app import cache, sources
from app.bands import DEFAULT_BANDS
from app.inventory import builtin
from app.pictures import thumbnail
from app.ui import choices, keys, strip
from tests import counted_source, small
from tests.conftest import ROOT


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()


@pytest.fixture
def counted(monkeypatch):
    """A source that is on no list to be opened unasked, and counts how often it is."""
    monkeypatch.setitem(sources.SOURCES, "counted", ("tests.counted_source", ""))
    counted_source.opened.clear()
    return counted_source.opened


def visit(app: AppTest, page: str, **choices) -> AppTest:
    for name, value in choices.items():
        app.session_state[name] = value
    return app.switch_page(f"pages/{page}.py").run()


def items(app: AppTest) -> list[dict]:
    (mounted,) = [one for one in app.get("bidi_component") if one.proto.component_name == "scarp_strip"]
    return json.loads(mounted.proto.json)["items"]


def picture(item: dict) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(item["src"].split(",")[1])))


def test_a_thumbnail_shows_t1_on_the_left_and_t2_on_the_right_through_one_contrast():
    patch = small.patch(size=40, B04=(0.05, 0.3), B03=(0.3, 0.05), B02=(0.05, 0.05), simulated=True)
    made = thumbnail.make(patch)
    image = Image.open(io.BytesIO(made.data))
    assert image.size == (2 * 90 + 2, 112) and made.simulated and image.info["comment"] == b"SIMULATED"
    left, right = (np.asarray(image)[50, x].astype(int) for x in (40, 140))
    assert left[1] > left[0] + 100 and right[0] > right[1] + 100  # green, then red


def test_a_thumbnail_of_a_large_patch_is_a_few_kilobytes():
    noise = np.random.default_rng(0).random((700, 700), np.float32)
    patch = small.patch(size=700, B04=(noise, noise), B03=(noise, noise), B02=(noise, noise))
    made = thumbnail.make(patch)
    assert len(made.data) < 25_000 and not made.simulated


def test_a_patch_without_blue_and_green_is_shown_in_what_it_has():
    made = thumbnail.make(small.patch(bands=("B08",), size=30))
    assert Image.open(io.BytesIO(made.data)).size == (182, 112)


def test_a_thumbnail_in_the_north_is_as_narrow_as_its_ground():
    at_60 = small.patch(size=30).assign_coords(y=60 - np.arange(30) * 0.00009)
    width, height = Image.open(io.BytesIO(thumbnail.make(at_60).data)).size
    assert ((width - 2) / 2 / height) == pytest.approx(0.5, abs=0.02)


def test_the_strip_holds_the_neighbours_in_the_list_and_pictures_only_of_what_is_open(app):
    visit(app, "compare", **{choices.EVENT: "171", choices.BUFFER: 0.007})  # a size no other test opens
    assert not app.exception and not app.error
    assert [item["id"] for item in items(app)] == ["4", "169", "170", "171", "172", "173"]
    shown = {item["id"]: bool(item["src"]) for item in items(app)}
    assert shown["171"] and not shown["4"]
    (chosen,) = [item for item in items(app) if item["chosen"]]
    assert chosen["id"] == "171" and chosen["simulated"]


def test_the_button_makes_the_others_and_says_that_they_are_simulated(app):
    visit(app, "compare", **{choices.EVENT: "2", choices.BUFFER: 0.005})
    app.button(key="strip.make").click().run()
    visit(app, "compare")
    assert not app.exception and not app.error
    assert all(item["src"] and item["simulated"] for item in items(app))
    assert picture(items(app)[0]).info["comment"] == b"SIMULATED"
    assert not [button for button in app.button if button.key == "strip.make"]  # nothing is left to make


def test_the_strip_follows_the_filters(app):
    visit(app, "compare", **{choices.EVENT: "4", choices.FIND: "mudslide"})
    assert [item["id"] for item in items(app)] == ["0", "4"]


def test_nothing_is_fetched_for_the_strip_and_what_is_kept_already_is_shown(app, counted):
    kept = sources.spec_for(builtin().event("170"), "counted", bands=tuple(DEFAULT_BANDS))
    cache.load(kept)
    assert sum(counted.values()) == 1
    visit(app, "compare", **{choices.EVENT: "171", choices.SOURCE: "counted"})
    assert any("not open yet" in info.value for info in app.info)
    shown = {item["id"]: bool(item["src"]) for item in items(app)}
    assert shown == {"4": False, "169": False, "170": True, "171": False, "172": False, "173": False}
    assert sum(counted.values()) == 1
    assert not [button for button in app.button if button.key == "strip.make"]


def test_what_has_left_the_cache_since_it_was_looked_for_is_not_fetched_again(app, counted):
    kept = sources.spec_for(builtin().event("169"), "counted", bands=tuple(DEFAULT_BANDS), buffer_deg=0.02)
    cache.load(kept)
    assert strip._kept(kept.key, kept)  # what is believed for some seconds
    cache.clear("counted")
    visit(app, "compare", **{choices.EVENT: "171", choices.SOURCE: "counted", choices.BUFFER: 0.02})
    assert not app.exception and not app.error
    assert not any(item["src"] for item in items(app) if item["id"] == "169")
    assert sum(counted.values()) == 1


def test_an_event_without_dates_has_a_place_in_the_strip_but_no_picture(app):
    from app.inventory import read

    rows = "id,event_date,latitude,longitude,pre1,pre2,post1\n"
    rows += "<b>one</b>,2022-01-05,10,10,2021-01-01,2021-02-01,2022-02-01\ntwo,2022-01-05,12,12,,,\n"
    visit(app, "compare", **{keys.INVENTORY: read(rows.encode(), "two.csv"), choices.EVENT: "<b>one</b>"})
    assert not app.exception and not app.error
    assert [(item["id"], item["why"]) for item in items(app)] == [("<b>one</b>", "not open yet"), ("two", "no dates")]


def test_a_source_of_one_place_has_no_strip(app):
    visit(app, "compare", **{choices.EVENT: "171", choices.SOURCE: "sample"})
    assert not [one for one in app.get("bidi_component") if one.proto.component_name == "scarp_strip"]
