"""What the viewer takes from a link and from a browser, and what it sends there."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from app.pictures import shapes
from app.ui.choices import DEFAULTS, LOOKS, TABLE, looks
from app.ui.viewer import PATTERNS

names = st.from_regex(looks._ID, fullmatch=True)
SEEN = {
    "mode": st.sampled_from(list(looks.MODES)),
    "style": st.sampled_from(list(looks.STYLES)),
    "left": names,
    "right": names,
    "cells": st.tuples(names, names, names, names),
    "layers": st.dictionaries(names, st.integers(0, 100), max_size=looks.MOST_LAYERS),
    "swipe": st.integers(0, 100),
    "blend": st.integers(0, 100),
    "pace": st.integers(3, 30).map(lambda tenths: tenths / 10),
    "view": st.tuples(st.integers(1, 4096), st.integers(-80, 80), st.integers(-180, 180)),
}


@pytest.mark.parametrize("name", LOOKS)
@given(data=st.data())
def test_a_choice_written_into_a_link_is_read_as_it_was(name, data):
    parse, show = TABLE[name].parse, TABLE[name].show
    value = data.draw(SEEN[name])
    assert parse(show(value)) == value


@pytest.mark.parametrize("name", LOOKS)
@given(text=st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_reason(name, text):
    parse, show = TABLE[name].parse, TABLE[name].show
    try:
        value = parse(text)
    except ValueError as error:
        assert str(error)
    else:
        assert parse(show(value)) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mode", "wipe"),
        ("left", "<script>"),
        ("left", ""),
        ("cells", "t1,t2,t1"),
        ("cells", "t1,t2,t1,a b"),
        ("layers", "truth"),
        ("layers", "truth:101"),
        ("layers", "truth:-1"),
        ("layers", "truth:٣"),
        ("layers", ",".join(f"a{n}:1" for n in range(61))),
        ("view", "0.5,10,10"),
        ("view", "nan,10,10"),
        ("view", "2,inf,10"),
        ("view", "2,10"),
        ("view", "5000,10,10"),
        ("view", "2,10,9e9"),
        ("swipe", "101"),
        ("swipe", "-1"),
        ("swipe", "50.5"),
        ("blend", ""),
        ("blend", "٣"),
        ("pace", "0.1"),
        ("pace", "9"),
        ("pace", "nan"),
        ("pace", "1e0"),
    ],
)
def test_a_choice_that_cannot_be_is_refused(name, text):
    with pytest.raises(ValueError, match=r".+"):
        TABLE[name].parse(text)


def test_what_is_usual_can_be_written():
    for name in set(LOOKS) & set(DEFAULTS):
        assert TABLE[name].parse(TABLE[name].show(DEFAULTS[name])) == DEFAULTS[name]


# --- on a page ---------------------------------------------------------------------------

PAGE = """
import numpy as np
import streamlit as st
from app.grid import Grid
from app.ui import viewer
from app.ui.viewer import Layer, Pane, Picture

def make():
    st.session_state["made"] = st.session_state.get("made", 0) + 1
    return b"score", "image/png"

grid = Grid(10.0, 45.0, 0.0001, 0.0001, 4, 3)
panes = (Pane(b"one", "image/png", "T1 here"), Pane(b"two", "image/png", "T2 here"))
mask = np.zeros((3, 4), bool)
mask[1, 2] = True
viewer.show(
    panes, grid, [Layer("truth", "Truth", mask, (0, 200, 255), False)], key="k", simulated=True,
    more=[Picture("score.a", "Score", "Score here", make)],
)
st.session_state["now"] = viewer.drawn("k")
"""


def page(script: str = PAGE, **held) -> AppTest:
    """Return a page that ran without an error on what its session held."""
    app = AppTest.from_string(script, default_timeout=60)
    for name, value in held.items():
        app.session_state[name] = value
    app.run()
    assert not app.exception
    return app


def sent(app: AppTest) -> dict:
    (mounted,) = app.get("bidi_component")
    return json.loads(mounted.proto.json)


def test_pictures_are_sent_as_addresses_and_stay_the_same_through_reruns():
    app = page()
    first = [one["src"] for one in sent(app)["pictures"]]
    assert all("/media/" in src for src in first[:2])
    assert [one["src"] for one in sent(app.run())["pictures"]] == first


def test_a_further_picture_is_made_only_for_a_reader_who_looks_at_it():
    assert sent(page())["pictures"][2]["src"] is None
    assert sent(page(left="score.a"))["pictures"][2]["src"].endswith(".png")
    assert sent(page(layers={"score.a": 40}))["pictures"][2]["src"].endswith(".png")
    assert sent(page(cells=("t1", "t2", "score.a", "t1")))["pictures"][2]["src"] is None
    assert sent(page(cells=("t1", "t2", "score.a", "t1"), mode="grid"))["pictures"][2]["src"].endswith(".png")


def test_the_browser_is_told_the_choices_in_the_form_of_a_link():
    choice = sent(page(mode="grid", view=(2.0, 45.1, 10.0), layers={"truth": 0}))["choice"]
    assert choice["mode"] == "grid" and choice["view"] == "2,45.1,10" and choice["layers"] == "truth:0"


def test_the_browser_is_told_every_mode_style_and_limit_that_python_holds_it_to():
    told = sent(page())
    assert dict(told["modes"]) == looks.MODES and dict(told["styles"]) == looks.STYLES
    assert told["paces"] == list(looks.PACES)
    assert told["limits"] == {"cells": 4, "shapes": shapes.MOST_SHAPES, "corners": shapes.MOST_POINTS, "fewest": 3}


def test_a_mask_is_sent_as_a_picture_with_its_colour_and_pattern():
    (mask, score) = sent(page())["layers"]
    assert mask["colour"] == "rgb(0, 200, 255)" and mask["src"].endswith(".png")
    assert mask["pattern"] == PATTERNS[0]
    assert score["picture"] is True and score["on"] is False


RECEIVED = (
    PAGE
    + """
if "shapes" in st.session_state:
    viewer._keep_shapes("k", grid, st.session_state["shapes"])
if "choice" in st.session_state:
    viewer._keep_choice(st.session_state["choice"], linked=True)
st.session_state["kept"] = viewer.drawn("k")
if "gone" in st.session_state:
    viewer.remove("k", st.session_state["gone"])
    st.session_state["kept"] = viewer.drawn("k")
"""
)
BOX = {"kind": "box", "points": [[0, 0], [2, 2]]}
POINT = {"kind": "point", "points": [[1, 1]]}


def kinds(app: AppTest) -> list[str]:
    return [shape.kind for shape in app.session_state["kept"]]


def test_what_was_drawn_is_kept_and_handed_back_to_the_browser():
    app = page(RECEIVED, shapes={"revision": 0, "shapes": [BOX, POINT]})
    assert kinds(app) == ["box", "point"]
    del app.session_state["shapes"]
    assert sent(app.run())["drawn"] == {"revision": 0, "shapes": [BOX, POINT]}


def test_one_shape_is_removed_and_what_the_browser_drew_before_it_heard_of_that_does_not_bring_it_back():
    app = page(RECEIVED, shapes={"revision": 0, "shapes": [BOX, POINT]}, gone=0)
    assert kinds(app) == ["point"]
    del app.session_state["gone"]
    app.session_state["shapes"] = {"revision": 0, "shapes": [BOX, POINT, POINT]}
    assert kinds(app.run()) == ["point"]
    app.session_state["shapes"] = {"revision": 1, "shapes": []}
    assert kinds(app.run()) == []


@pytest.mark.parametrize(
    "hostile",
    [None, [], "x", {"revision": 0}, {"revision": 0, "shapes": [{"kind": "box", "points": [[0, 0], [99, 2]]}]}],
)
def test_shapes_that_cannot_be_leave_what_was_there(hostile):
    app = page(RECEIVED, shapes={"revision": 0, "shapes": [POINT]})
    app.session_state["shapes"] = hostile
    assert kinds(app.run()) == ["point"]


def test_what_the_viewer_wrote_into_the_address_counts_as_published():
    app = page(
        RECEIVED, choice={"mode": "blink", "swipe": "50", "blend": "30"}, **{"held.link": {"event": "2", "swipe": "10"}}
    )
    assert app.session_state["held.link"] == {"event": "2", "mode": "blink", "blend": "30"}


def test_of_the_choices_a_browser_sends_only_those_that_can_be_are_taken():
    sent_choice = {"mode": "wipe", "style": "edge", "left": 7, "view": "2,45,10", "event": "5", "layers": "a:1," * 5000}
    app = page(RECEIVED, choice=sent_choice, mode="side")
    assert app.session_state["mode"] == "side"
    assert app.session_state["style"] == "edge" and app.session_state["view"] == (2.0, 45.0, 10.0)
    assert all(name not in app.session_state for name in ("left", "event", "layers"))
