"""The Detect page's methods: a session that was dropped takes the usual ones, and a lacking network is said."""

import pytest
from streamlit.testing.v1 import AppTest

from app.ui import choices
from tests.conftest import ROOT

CHOICES = {choices.EVENT: "171", choices.METHODS: ["band-difference:B04:0.05", "index-drop:NDVI:0.2"]}


@pytest.fixture
def page() -> AppTest:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    for name, value in CHOICES.items():
        app.session_state[name] = value
    return app.switch_page("pages/detect.py").run()


def without_anything() -> None:
    """A page whose callbacks run in a session that holds nothing."""
    import streamlit as st

    from app.ui import method_list
    from app.ui.metrics import matrix, parts

    of_methods = method_list._changed, method_list._kind_changed, method_list._open, method_list._remove
    for callback in (*of_methods, matrix._clicked, matrix._chosen, parts._keep):
        st.session_state.clear()
        callback()
        st.write(callback.__name__, str(method_list.opened()))


def test_a_callback_needs_nothing_that_a_session_may_lack():
    page = AppTest.from_function(without_anything, default_timeout=60).run()
    assert not page.exception
    assert [one.value.split()[-1] for one in page.markdown] == ["onnx:bit"] * 3 + ["onnx:cdrl"] + ["onnx:bit"] * 3


def test_a_network_the_reader_lacks_is_said_and_the_band_difference_runs(page):
    page.session_state[choices.METHODS] = ["onnx:theirs"]
    page.run()
    said = " ".join(str(one.value) for one in page.warning)
    assert not page.exception and "There is no network called theirs" in said and "bring it yourself" in said
