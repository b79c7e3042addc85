"""What an address may say, and what happens to one that says something else."""

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from app.ui import choices
from app.ui.choices import TABLE


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        (choices.EVENT, "171", "171"),
        (choices.SOURCE, "demo", "demo"),
        (choices.T1, "2022-09-17", date(2022, 9, 17)),
        (choices.BUFFER, "0.01", 0.01),
        (choices.BANDS, "B4,B08", ["B04", "B08"]),
        (choices.METHODS, "band-difference:B4,cva:0.1", ["band-difference:B04:0.05", "cva:0.1"]),
        (choices.MODE, "blink", "blink"),
        (choices.COMPOSITION, "b12-b8a-b4", "short-wave"),
        (choices.COMPOSITION, "B11-B8-B2", "B11-B08-B02"),
        (choices.STRETCH, "percentile:2:98:gamma1.40", "percentile:gamma1.4"),
        (choices.CHANGE, "ndvi", "NDVI"),
    ],
)
def test_a_good_value_is_understood_and_written_back_so_that_it_reads_the_same(name, text, value):
    parameter = TABLE[name]
    assert parameter.parse(text) == value
    assert parameter.parse(parameter.show(value)) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (choices.SOURCE, "file:///etc/passwd"),
        (choices.T1, "17/09/2022"),
        (choices.BUFFER, "nan"),
        (choices.BUFFER, "45"),
        (choices.RESOLUTION, "0"),
        (choices.BANDS, "B10"),
        (choices.METHODS, "band-difference:B04:-1"),
        (choices.METHODS, "nonsense"),
        (choices.METHODS, "onnx:/etc/passwd"),
        (choices.MODE, "<script>"),
        (choices.COMPOSITION, "B10-B04-B03"),
        (choices.COMPOSITION, "../../etc/passwd"),
        (choices.STRETCH, "fixed:1e9:2e9"),
        (choices.STRETCH, "percentile:" + "9" * 400),
        (choices.CHANGE, "true-colour"),
        (choices.EVENT, "x" * 500),
    ],
)
def test_a_bad_value_is_refused_with_a_reason(name, text):
    with pytest.raises(ValueError, match=r".+"):
        TABLE[name].parse(text)


def _of_several() -> None:
    """A page that compares the addresses of all pages, found together, with each by itself."""
    from datetime import date

    import streamlit as st

    from app.ui import choices, frame, link, state

    state.begin()
    pages = [path for path, *_ in frame.PAGES]
    st.session_state[choices.COMPOSITION], st.session_state[choices.FIND] = "short-wave", "rock"
    for chosen in (None, "171"):
        st.session_state[choices.EVENT] = chosen
        assert link.addresses(pages) == {page: link.address_of(choices.CARRIED[page]) for page in pages}
    state.add_place(46.0, 8.0, date(2020, 5, 1))
    found = link.addresses(pages)
    assert found == {page: link.address_of(choices.CARRIED[page]) for page in pages}
    assert found["pages/detect.py"][choices.PLACE].startswith("46")


def test_addresses_of_several_pages_found_together_are_those_of_each():
    assert not AppTest.from_function(_of_several, default_timeout=60).run().exception
