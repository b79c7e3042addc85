"""A reader who presses whatever there is, at random but from a seed: no step may leave a page empty or broken.

SCARP_WALK_STEPS makes the walk longer, SCARP_WALK_SEED another one; a failure names the steps that led to it.
"""

import os
import random
import re
import signal
import threading

import pytest

from tests.browser.conftest import Server, Window, opened_window

pytestmark = pytest.mark.browser

STEPS = int(os.environ.get("SCARP_WALK_STEPS", "12"))
SEED = int(os.environ.get("SCARP_WALK_SEED", "1"))
PAGES = ("Inventory", "Patches", "Compare", "Detect", "Review")
SOURCES = ("Demo (simulated)", "Sample (real)", "Open catalogues (STAC)", "Published data (GLaD4CD)", "Sentinel Hub")
COMPOSITIONS = ("True colour", "False colour", "Short-wave", "Index", "3 bands", "1 band")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    made = Server(tmp_path_factory.mktemp("home"), SCARP_DEADLINE_S="5")
    made.start()
    yield made
    made.kill()


def radios(window: Window, names: tuple[str, ...]):
    every = window.page.get_by_test_id("stMain").get_by_role("radio")
    return [one for one in every.all() if any(name in one.inner_text() for name in names) and one.is_visible()]


def turn_page(window: Window, chance: random.Random) -> str:
    label = chance.choice(PAGES)
    window.go(label)
    return f"page {label}"


def choose_source(window: Window, chance: random.Random) -> str:
    if window.page.get_by_role("heading", name="Patches", exact=True).count() == 0:
        window.go("Patches")
    return press(window, radios(window, SOURCES), chance, "source")


def choose_composition(window: Window, chance: random.Random) -> str:
    return press(window, radios(window, COMPOSITIONS), chance, "composition")


def step_event(window: Window, chance: random.Random) -> str:
    label = chance.choice(("Previous", "Next"))
    window.page.get_by_test_id("stSidebar").get_by_role("button", name=label).click()
    return label


def open_tab(window: Window, chance: random.Random) -> str:
    tabs = [one for one in window.page.get_by_test_id("stMain").get_by_role("tab").all() if one.is_visible()]
    return press(window, tabs, chance, "tab")


def go_back(window: Window, chance: random.Random) -> str:
    window.page.go_back()
    if not window.page.url.startswith(window.address):  # before the first page
        window.page.go_forward()
    return "back"


def press(window: Window, there: list, chance: random.Random, what: str) -> str:
    if not there:
        return f"no {what}"
    one = chance.choice(there)
    words = " ".join(one.inner_text().split())
    one.click()
    return f"{what} {words}"


ACTS = (turn_page, choose_source, choose_source, choose_composition, choose_composition, step_event, open_tab, go_back)


def faults(window: Window, server: Server) -> list[str]:
    """Return what is wrong with the page as it stands."""
    text, side = window.text(), window.page.get_by_test_id("stSidebar").inner_text()
    marked = [one.get_attribute("aria-checked") for one in radios(window, COMPOSITIONS)]
    found = {
        "the page is empty": len(window.page.get_by_test_id("stMain").inner_text().strip()) < 20,
        "the sidebar is empty": "Inventory" not in side or "vent" not in side,
        "an error without a sentence": "Something went wrong" in text,
        "an exception": window.page.get_by_test_id("stException").count() > 0,
        "no composition is marked": bool(marked) and marked.count("true") != 1,
        "a fault of the browser's": window.errors != [],
        "a traceback in the log": re.search(r"Traceback|Uncaught", server.log.read_text()) is not None,
    }
    return [name for name, true in found.items() if true]


def test_a_walk_at_random_meets_no_fault(browser, server):
    chance, walked = random.Random(SEED), ["patches?event=171"]
    with opened_window(browser, server.address) as window:
        window.open(walked[0])
        for _ in range(STEPS):
            walked.append(chance.choice(ACTS)(window, chance))
            window.settle()
            assert faults(window, server) == [], f"after {' > '.join(walked)}\n{server.log.read_text()[-3000:]}"
        assert window.outside == []


SEQUENCES = (
    ("Open catalogues", "Demo", "Open catalogues", "Demo"),
    ("Published", "Demo", "Published", "Demo"),
    ("Sample", "Demo", "Open catalogues", "Demo"),
)


def test_sources_chosen_there_and_back_leave_a_page_with_its_composition_marked(browser, server):
    with opened_window(browser, server.address) as window:
        for names in SEQUENCES:
            window.open("patches?event=171")
            for name in names:
                radios(window, (name,))[0].click()
                window.settle()
                assert faults(window, server) == [], f"after {names} at {name}"
            window.page.get_by_role("tab", name="On the map").click()
            window.settle()
            assert [one.get_attribute("aria-checked") for one in radios(window, COMPOSITIONS)].count("true") == 1


def test_a_page_is_not_quiet_while_the_server_has_not_heard_of_a_press(browser, server):
    """What every walk stands on: a step is looked at once it was taken, however long the server is held up."""
    with opened_window(browser, server.address) as window:
        window.open("patches?event=171")
        os.killpg(server.running.pid, signal.SIGSTOP)
        going_on = threading.Timer(3, os.killpg, (server.running.pid, signal.SIGCONT))
        going_on.start()
        window.page.get_by_test_id("stSidebar").get_by_role("button", name="Next").click()
        window.settle()
        going_on.join()
        assert "event=172" in window.page.url
