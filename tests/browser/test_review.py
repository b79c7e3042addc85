"""A verdict in a real browser: no key keeps one by itself, and a server killed in between takes nothing away."""

import os
import signal
import sqlite3
import subprocess
import sys

import pytest

from app.serve import free_port
from tests.browser.conftest import WORKER, opened_window, wait_for
from tests.conftest import ROOT

OWN = b"id,latitude,longitude,event_date,pre2,post1\nx7,46.5,11.3,2021-07-01,2021-06-01,2021-08-01\n"
NAME, WHY, KEEP = "Your name or initials", "Why (optional)", "Keep this verdict"


class Server:
    """A server that can be killed and started again at the same address."""

    def __init__(self, home) -> None:
        self.home, self.port = home, free_port(18701 + 20 * WORKER)
        self.address, self.running = f"http://127.0.0.1:{self.port}", None

    def start(self) -> None:
        command = [sys.executable, "-m", "app.serve", "--no-browser", "--port", str(self.port)]
        environment = {**os.environ, "SCARP_HOME": str(self.home)}
        self.running = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, start_new_session=True
        )
        wait_for(f"{self.address}/_stcore/health")

    def kill(self) -> None:
        os.killpg(self.running.pid, signal.SIGKILL)
        self.running.wait()

    def stored(self) -> list[tuple]:
        """Return what the database holds, none where nothing was ever kept."""
        with sqlite3.connect(self.home / "review.sqlite") as held:
            return held.execute("SELECT inventory, event, latitude, event_date, verdict, note FROM verdicts").fetchall()


@pytest.fixture
def server(tmp_path):
    made = Server(tmp_path)
    made.start()
    yield made
    made.kill()


@pytest.fixture
def window(browser, server):
    with opened_window(browser, server.address) as opened:
        yield opened


def fill(window) -> None:
    window.page.get_by_text("Cannot tell", exact=True).click()
    window.page.get_by_label(NAME).fill("A. Expert")
    window.page.get_by_label(WHY).fill("half in shadow")


def keep(window) -> None:
    window.page.get_by_role("button", name=KEEP).click()


def test_enter_in_a_text_box_keeps_nothing_and_keep_empties_the_form_but_for_the_name(window, server):
    window.open("review?event=171")
    assert not window.page.locator("input[type=radio]:checked").count()
    fill(window)
    for box in (NAME, WHY):
        window.page.get_by_label(box).press("Enter")
    window.settle()
    assert "0 verdicts on this event" in window.text() and server.stored() == []
    keep(window)
    window.page.get_by_text("Kept: Cannot tell.").wait_for()
    window.settle()
    assert [one[:2] + one[4:] for one in server.stored()] == [("The built-in list", "171", "unsure", "half in shadow")]
    assert not window.page.locator("input[type=radio]:checked").count()
    assert window.page.get_by_label(WHY).input_value() == ""
    assert window.page.get_by_label(NAME).input_value() == "A. Expert"
    window.shoot("review-kept")


def restarted(window, server) -> None:
    server.kill()
    window.page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]').dataset.testConnectionState !== 'CONNECTED'"
    )
    server.start()
    window.settle()


@pytest.mark.parametrize("own", [False, True], ids=["built in", "a file's"])
def test_a_server_killed_in_the_middle_of_a_review_stores_what_is_shown_and_loses_nothing_typed(window, server, own):
    if own:
        window.open("inventory")
        window.bring("mine.csv", OWN)
        window.page.get_by_role("button", name="Next").click()
        window.settle()
        window.go("Review")
    else:
        window.open("review?event=171")
    fill(window)
    restarted(window, server)
    if own:  # the file is gone with the server, and the page still shows its name
        keep(window)
        window.page.get_by_text("Nothing was kept").wait_for()
        window.settle()
        assert server.stored() == []
        boxes = [window.page.get_by_label(box).input_value() for box in (NAME, WHY)]
        assert boxes == ["A. Expert", "half in shadow"]
    shown = window.text()
    keep(window)
    window.page.get_by_text("Kept: Cannot tell.").wait_for()
    ((inventory, event, latitude, when, verdict, note),) = server.stored()
    assert (event, verdict, note) == ("x7" if own else "171", "unsure", "half in shadow")
    assert f"event {event} of {inventory}" in shown and f"{latitude:.5f}" in shown and when in shown
    assert (latitude, when) == (46.5, "2021-07-01") if own else inventory == "The built-in list"
