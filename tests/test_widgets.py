"""What holds for every widget of every page, read from the source: new ones cannot forget it."""

import ast
from collections.abc import Iterator

import pytest

from app.config import ROOT

CHOICES = {
    "segmented_control", "pills", "selectbox", "multiselect", "slider", "select_slider", "number_input", "text_input",
    "text_area", "toggle", "checkbox", "radio", "date_input",
}  # fmt: skip
# asked anew for each file, patch or label
OF_ONE_FORM = {"app/ui/networks.py", "app/ui/review/reviewing.py", "app/ui/review/labels.py"}
PAGES = [*sorted(ROOT.glob("app/ui/**/*.py")), *sorted(ROOT.glob("pages/*.py")), ROOT / "streamlit_app.py"]


def _calls(path) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node, f"{path.relative_to(ROOT)}:{node.lineno}"


def _is_callback(word: ast.keyword) -> bool:
    return word.arg is not None and (word.arg in ("on_click", "on_select") or word.arg.endswith("_change"))


def _is_safe(value: ast.expr) -> bool:
    """Whether an error of a callback reaches the reader: it is guarded, or one of Streamlit's own words."""
    guarded = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "guarded"
    return guarded or isinstance(value, ast.Constant)


def test_every_callback_is_guarded_so_that_no_error_of_one_empties_a_page():
    bare = [
        f"{where} {word.arg}"
        for path in PAGES
        for call, where in _calls(path)
        for word in call.keywords
        if _is_callback(word) and not _is_safe(word.value)
    ]
    assert bare == []


def test_every_choice_with_a_key_is_kept_while_a_page_leaves_it_out():
    forgotten = [
        f"{where} {call.func.attr}"
        for path in PAGES
        if str(path.relative_to(ROOT)) not in OF_ONE_FORM
        for call, where in _calls(path)
        if isinstance(call.func, ast.Attribute) and call.func.attr in CHOICES
        if any(word.arg == "key" for word in call.keywords)
        if not any(word.arg == "persist_state" or _spreads_keep(word) for word in call.keywords)
        if "upload" not in ast.unparse(call)
    ]
    assert forgotten == []


def _spreads_keep(word: ast.keyword) -> bool:
    return word.arg is None and ast.unparse(word.value) in ("KEEP", "keys.KEEP")


@pytest.mark.parametrize(
    ("raised", "said"),
    [("InputError('That is no date.')", "That is no date."), ("KeyError('x')", "no sentence for")],
)
def test_an_error_in_a_callback_is_told_on_a_page_that_is_drawn_all_the_same(raised, said, caplog):
    from streamlit.testing.v1 import AppTest

    script = f"""
import streamlit as st
from app.errors import InputError
from app.ui import faults
def fail():
    raise {raised}
faults.show()
st.button("Press", on_click=faults.guarded(fail))
st.write("the page is here")
"""
    app = AppTest.from_string(script, default_timeout=30).run()
    app.button[0].click().run()
    assert not app.exception and app.markdown[-1].value == "the page is here"
    assert said in app.error[0].value.replace("\\", "")
    assert ("KeyError" in caplog.text) == ("KeyError" in raised)
    app.run()
    assert not app.error


FOLDED = """
import streamlit as st
from app.errors import InputError
from app.ui import widgets

def drawn():
    st.write("drawn")
    raise InputError("Choose another day.")

widgets.folded("More", ":material/image:", drawn, "more")
"""


def test_what_is_folded_is_worked_out_where_it_is_open_and_says_its_errors():
    from streamlit.testing.v1 import AppTest

    app = AppTest.from_string(FOLDED, default_timeout=30).run()
    assert not app.markdown and [one.proto.popover.label for one in app.get("popover")] == ["More"]
    app.session_state["more"] = True
    app.run()
    assert not app.exception and [one.value for one in app.markdown] == ["drawn"]
    assert [one.value for one in app.error] == ["Choose another day."]
