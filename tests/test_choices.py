"""The table of the reader's choices: it holds together, and one entry in it is all that a choice needs."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from app.ui import choices, keys
from app.ui.choices import CARRIED, DEFAULTS, FILTERS, LOOKS, TABLE
from tests.conftest import ROOT

BY_SILENCE = {choices.CORRECTED, choices.DOUBT, choices.FOLDERS}  # a link has no word for the default


@pytest.mark.parametrize("name", sorted(set(DEFAULTS) - BY_SILENCE))
def test_a_default_written_into_a_link_is_read_as_it_was(name):
    read = TABLE[name].parse(TABLE[name].show(DEFAULTS[name]))
    assert read == DEFAULTS[name] and type(read) is type(DEFAULTS[name])


@pytest.mark.parametrize("name", sorted(BY_SILENCE))
def test_a_default_that_a_link_has_no_word_for_is_written_as_nothing(name):
    assert TABLE[name].show(DEFAULTS[name]) == ""


def test_every_name_of_a_choice_is_one_entry():
    """Two entries of one name would leave the former without effect."""
    known = {name: value for name, value in vars(choices).items() if name.isupper() and not name.startswith("_")}
    assert sorted(value for value in known.values() if isinstance(value, str)) == sorted(TABLE)


def test_pages_carry_choices_only_and_every_choice_but_an_events_place_is_carried():
    carried = {name for names in CARRIED.values() for name in names}
    assert carried == set(TABLE) - {choices.PLACE, choices.LIST}
    assert all(len(set(names)) == len(names) for names in CARRIED.values())


def test_filters_stand_in_every_address_and_what_is_seen_in_the_viewer_wherever_a_patch_is():
    assert all(set(FILTERS) <= set(names) for names in CARRIED.values())
    assert {page for page, names in CARRIED.items() if set(names) & set(LOOKS)} == {
        page for page, names in CARRIED.items() if choices.CHANGE in names
    }


def test_what_a_session_holds_besides_has_other_names():
    held = {value for name, value in vars(keys).items() if name.isupper() and isinstance(value, str)}
    assert not held & set(TABLE)
    assert all("." in name for name in held) and not any("." in name for name in TABLE)


def test_one_entry_in_the_table_puts_a_choice_into_links(monkeypatch):
    marked = "# --- which events the inventory lists"
    entry = 'SUN = _choice("sun", texts.whole(0, 90), default=30, pages=_PICTURED)\n\n'
    source = Path(choices.__file__).read_text("utf-8")
    assert source.count(marked) == 1
    made: dict[str, object] = {"__name__": choices.__name__}
    exec(compile(source.replace(marked, entry + marked), "choices", "exec"), made)
    made = SimpleNamespace(**made)
    for name in ("TABLE", "DEFAULTS", "CARRIED"):
        monkeypatch.setattr(choices, name, getattr(made, name))
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    app.switch_page("pages/review.py").run()
    assert app.session_state["sun"] == 30 and "sun" not in app.query_params
    app.query_params["sun"] = "45"
    app.run()
    assert app.session_state["sun"] == 45 and app.query_params["sun"] == "45"
    app.query_params["sun"] = "91"
    app.run()
    assert any("sun" in one.value and "it has to lie between 0 and 90" in one.value for one in app.warning)


PYTHONS = ("literal", "convert", "isoformat", "unpack", "Exceeds", "NaN")


@pytest.mark.parametrize("said", ["x", "1,x", "x,1,2", "1-x", "1,2,x", "nan", "9" * 5000, "2023-02-30", "~", "a:b:c:d"])
def test_what_cannot_be_read_of_a_link_is_refused_in_words_that_say_what_it_has_to_be(said):
    for name, one in choices.TABLE.items():
        try:
            one.parse(said)
        except ValueError as error:
            assert str(error) and not any(words in str(error) for words in PYTHONS), (name, said, error)
