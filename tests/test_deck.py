"""A deck has one page an event, says SIMULATED on every picture, and no text in it becomes markup."""

import re

from app import report
from app.inventory import builtin
from tests.test_report import HOSTILE, account


def text_of(*accounts) -> str:
    return report.deck(accounts, "Deck").decode("utf-8")


def test_each_event_is_one_page_with_both_dates_the_change_and_what_was_found():
    one = account()
    page = text_of(one, one)
    assert page.count('<section class="slide">') == 2 and page.count("<img ") == 2 * 4
    assert page.count('<span class="mark">SIMULATED</span>') == page.count("<img ")
    assert dict(one.found[0].facts)["Changed"] in page and "F1 " in page and "none yet" in page


def test_an_event_without_a_patch_has_its_page_with_the_reason_and_a_map():
    page = text_of(report.without_patch(builtin(), builtin().event("171"), "No scene was found."))
    assert "No scene was found." in page and "<img " not in page and '<svg class="map"' in page


def test_what_a_file_says_stays_text_and_nothing_is_asked_of_anybody():
    page = text_of(account(category=HOSTILE))
    assert "<script" not in page and "&lt;script&gt;alert(1)" in page and "url(" not in page
    assert set(re.findall(r'src="([a-z]+:)', page)) == {"data:"}
