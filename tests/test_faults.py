"""What a callback meets: errors told as sentences, and a page that has gone before its last word arrived."""

import pytest
from streamlit.testing.v1 import AppTest

TELLS = """
import streamlit as st
from app.ui import faults

def act():
    {act}

faults.show()
st.button("Press", on_click=faults.guarded(act))
st.write("still here")
"""


def pressed(act: str) -> AppTest:
    app = AppTest.from_string(TELLS.format(act=act), default_timeout=30).run()
    return app.button[0].click().run()


@pytest.mark.parametrize(
    ("act", "said"),
    [
        ("raise __import__('app.errors').errors.InputError('Give a date.')", "Give a date"),
        ("{}['missing']", "Something went wrong"),
    ],
)
def test_an_error_in_a_callback_is_a_sentence_and_the_page_is_still_drawn(act, said):
    app = pressed(act)
    assert not app.exception
    assert said in app.error[0].value
    assert app.markdown[0].value == "still here"


def test_what_a_component_told_before_its_page_went_is_nothing_and_no_fault():
    app = pressed("assert faults.sent('viewer-of-a-page-that-went', 'choice') is None")
    assert not app.error and not app.exception
