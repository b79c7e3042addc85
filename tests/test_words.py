"""Words on a page: what a file says stays text, and a number has its noun."""

import re

from hypothesis import given
from hypothesis import strategies as st

from app.ui import words

MARKS = "\\`*_{}[]()<>#$~|!:"


@given(text=st.text() | st.text(st.sampled_from(f"ab{MARKS}")))
def test_every_mark_of_markdown_is_escaped_and_nothing_else_changes(text):
    shown = words.plain(text)
    assert not set(re.sub(r"\\.", "", shown, flags=re.DOTALL)) & set(MARKS)
    assert re.sub(r"\\(.)", r"\1", shown, flags=re.DOTALL) == text


def test_a_number_has_its_noun_and_thousands_are_told_apart():
    said = [words.counted(number, "event") for number in (0, 1, 2, 1234)]
    assert said == ["0 events", "1 event", "2 events", "1,234 events"]
