"""The glossary: the page of the documentation is the one the words make, and terms on the pages are in it."""

import pytest

from app.errors import InputError
from app.lessons import glossary
from app.lessons.words import words
from app.ui import frame, terms


def test_the_page_of_the_documentation_is_up_to_date():
    assert glossary.PAGE.read_text("utf-8") == glossary.page(), "write it anew: python -m app.lessons.glossary"


def test_every_page_but_the_start_has_its_words_and_all_are_in_the_glossary():
    assert set(terms._OF_PAGES) == {label for _, label, *_ in frame.PAGES[1:]}
    assert {term for of in terms._OF_PAGES.values() for term in of} <= set(words()["terms"])


def test_a_help_text_says_what_its_terms_mean_and_leads_to_the_glossary():
    text = terms.explained("Moves it.", "threshold")
    assert text.startswith("Moves it.") and glossary.meaning("threshold") in text and terms.ADDRESS in text


def test_a_term_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="no term 'magic'"):
        glossary.meaning("magic")
