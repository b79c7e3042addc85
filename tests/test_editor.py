"""What the editor of outlines sends to a browser and takes from one: anything else is no outline."""

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.grid import Grid
from app.ui import editor
from app.ui.editor import Sent

GRID = Grid(36.0, 37.0, 0.00009, 0.00009, 5, 3)  # 15 pixels: one byte and a rest
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.sampled_from(["revision", "bits", "x"]), one),
    max_leaves=6,
)


def bits(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_a_mask_goes_to_the_browser_and_back():
    mask = np.arange(15).reshape(3, 5) % 3 == 0
    sent = editor.read({"revision": 4, "bits": bits(editor.packed(mask))}, GRID)
    assert sent is not None and sent.revision == 4
    assert (editor.unpacked(sent.packed, GRID) == mask).all()


def test_no_bits_say_that_there_is_no_outline():
    assert editor.read({"revision": 1, "bits": ""}, GRID) == Sent(1, None)


@pytest.mark.parametrize(
    "sent",
    [
        {"revision": 0, "bits": ""}, {"revision": True, "bits": ""}, {"revision": 10**12, "bits": ""},
        {"revision": 1, "bits": bits(b"1")}, {"revision": 1, "bits": bits(b"123")}, {"revision": 1, "bits": "%%%%"},
        {"revision": 1, "bits": "A" * 10_000}, {"revision": 1},
    ],
)  # fmt: skip
def test_what_no_editor_sends_is_no_outline(sent):
    assert editor.read(sent, GRID) is None


@given(sent=anything)
def test_anything_at_all_is_read_without_an_error(sent):
    found = editor.read(sent, GRID)
    assert found is None or found.packed is None or len(found.packed) == 2


def test_a_step_no_newer_than_what_is_held_is_not_heard():
    heard = []
    for revision in (2, 3, 4):
        editor._hear(Sent(revision, None), Sent(3, None), heard.append)
    editor._hear(None, Sent(3, None), heard.append)
    assert heard == [Sent(4, None)]
