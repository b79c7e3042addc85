"""Outlines of the reader's inventory on the pages: truth of patches that have none, layer of those that have."""

import json

import numpy as np
import pytest
import shapely
from streamlit.testing.v1 import AppTest

from app import cache, inventory
from app.bands import TRUTH
from app.inventory.mapped import AS_LANDSLIDE
from app.ui import cached, choices, keys
from tests.test_pages import ENTRY, assert_sound, visit, words

PLAIN = ["band-difference:B04:0.05"]
WEST, SOUTH = 36.5909, 37.0044


def slides(side: float = 0.002) -> inventory.Inventory:
    """Two outlines beside each other: one slid between the dates, of the other nobody knows when."""
    features = []
    for number, day in enumerate(["2023-02-06", None]):
        west = WEST + 0.004 * number
        shape = shapely.box(west, SOUTH, west + side, SOUTH + side)
        said = {"id": f"s{number}", "date": day, "pre1": "2022-09-17", "post1": "2023-02-24"}
        features.append({"type": "Feature", "properties": said, "geometry": shapely.geometry.mapping(shape)})
    document = {"type": "FeatureCollection", "features": features}
    return inventory.read(json.dumps(document).encode(), "slides.geojson")


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_file(ENTRY, default_timeout=60).run()
    app.session_state[keys.INVENTORY] = slides()
    app.session_state[choices.EVENT] = "s0"
    return app


@pytest.fixture
def without_truth(monkeypatch):
    """Patches of a source that knows no truth, on shelves of their own."""
    from app.ui.shelf import Shelf

    shelves = Shelf(1e9, lambda patch: patch.nbytes), Shelf(1e9, lambda found: found.score.nbytes)
    monkeypatch.setattr(cached, "_patches", lambda: shelves[0])
    monkeypatch.setattr(cached, "_scores", lambda: shelves[1])
    opened = cache.load
    monkeypatch.setattr(cache, "load", lambda spec, progress: opened(spec, progress).drop_vars(TRUTH))


def rows(app: AppTest) -> dict:
    return next(one.value for one in app.dataframe if "threshold" in one.value).iloc[0].to_dict()


def test_detect_scores_against_the_outlines_and_says_by_which_rule(app, without_truth):
    visit(app, "detect", **{choices.METHODS: PLAIN})
    assert_sound(app)
    row = rows(app)
    assert {"precision", "recall", "F1"} <= set(row)
    assert "1 is landslide, 1 of other days or of none is unknown" in words(app)
    assert "knows nothing of the inventory's outlines" in words(app)
    app.session_state[choices.OTHERS], app.session_state[choices.TOUCHED] = AS_LANDSLIDE, "touched"
    app.run()
    assert_sound(app)
    assert "by every pixel they touch; 2 are landslide, whatever their day" in words(app)


def test_a_truth_of_the_patchs_own_goes_first_and_the_outlines_lie_beside_it(app):
    visit(app, "detect", **{choices.METHODS: PLAIN})
    assert_sound(app)
    assert "The truth is the patch's own" in words(app) and "other days or of none" not in words(app)
    (viewer,) = [one for one in app.get("bidi_component") if one.proto.component_name == "scarp_viewer"]
    assert "Outlines of the inventory" in str(viewer.proto)


def test_metrics_scores_the_chosen_event_and_the_whole_inventory(app, without_truth):
    visit(app, "metrics", **{choices.SCORED: PLAIN})
    assert_sound(app)
    assert "event s0, whole patch, n = 1" in words(app) and "1 of other days or of none is unknown" in words(app)
    app.session_state[choices.DATA] = "outlines"
    app.run()
    (button,) = (one for one in app.button if one.label == "Score these events")
    button.click().run()
    assert_sound(app)
    assert "outlines of slides.geojson, whole patch, n = 2 events" in words(app)
    assert "The patches of 2 events share ground" in words(app)
    assert any("--inventory FILE --source demo" in one.value for one in app.code)


def test_an_inventory_without_outlines_offers_none_and_scores_none(app):
    app.session_state[keys.INVENTORY] = None
    app.session_state[choices.EVENT] = "171"
    visit(app, "metrics", **{choices.DATA: "outlines", choices.SCORED: PLAIN})
    assert_sound(app)
    (chosen,) = (one for one in app.selectbox if one.label == "Data")
    assert chosen.value == "event" and "Outlines of this inventory" not in chosen.options


@pytest.mark.parametrize(
    ("side", "said"),
    [(0.04, "asks for a larger patch\\: 0.021°"), (0.2, "lies outside of this patch"), (0.002, "")],
)
def test_the_patches_page_says_how_large_an_outline_makes_a_patch_and_what_is_cut(app, side, said):
    app.session_state[keys.INVENTORY] = slides(side)
    visit(app, "patches")
    assert_sound(app)
    assert said in words(app) if said else "event's outline" not in words(app)


def test_a_link_carries_the_rule(app, without_truth):
    visit(app, "detect", **{choices.METHODS: PLAIN, choices.OTHERS: AS_LANDSLIDE})
    assert app.query_params[choices.OTHERS] == AS_LANDSLIDE and choices.TOUCHED not in app.query_params


def test_the_rule_changes_the_truth_and_its_name(app):
    from app.ui import outlined
    from tests.handmade import patch

    held = patch({"B04": (np.zeros((2, 2)), np.zeros((2, 2)))}, truth=[[1, 0], [255, 0]])
    other = patch({"B04": (np.zeros((2, 2)), np.zeros((2, 2)))}, truth=[[1, 0], [0, 0]])
    assert outlined.key_of(held) != outlined.key_of(other) and outlined.key_of(held.drop_vars(TRUTH)) == ""
