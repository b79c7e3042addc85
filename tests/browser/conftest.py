"""A real server and a real Chromium that finds no host but this machine, with whatever it asks of others noted."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.serve import free_port
from tests import chromium
from tests.conftest import ROOT

# What Chromium would prepare for its address bar: a renderer in every window, a fifth of the processor time that a page
# takes to open. Of two such lists the last counts, so Playwright 1.65's own stands here as well.
UNUSED = [
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup",
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect", "TcpPortRandomizationWin", "OptimizationHints", "NetworkTimeServiceQuerying",
    "AimEnabled", "PreconnectToSearch",
]  # fmt: skip
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nothing outside is found
    f"--disable-features={','.join(UNUSED)}",
]
PATIENCE_MS = 120_000  # a wait in vain takes longer; one that is answered does not
LONG_WORK_MS = 300_000  # for a batch, or many pictures, to be over
FRAMES = 30  # a component that has just drawn may ask for one more run
AHEAD_MS = 550  # more than a component waits until it tells the server what a hand did: viewer/store.js
LONG_MS = 3000  # of quiet, which are enough however few frames a slow browser makes of them
QUIET = """([frames, long]) => {
    const state = document.querySelector('[data-testid=stApp]')?.dataset ?? {};
    const charts = [...document.querySelectorAll('[data-testid=stPlotlyChart]')];
    const quiet = state.testScriptState === 'notRunning' && state.testConnectionState === 'CONNECTED'
        && !document.querySelector('[data-testid=stSkeleton]')
        && charts.every((chart) => chart.querySelector('.main-svg'));
    if (!quiet || !window.quietFrames) window.quietSince = performance.now();
    window.quietFrames = quiet ? (window.quietFrames ?? 0) + 1 : 0;
    if (window.timersAhead || window.unanswered) return false;
    return window.quietFrames > frames || (window.quietFrames > 5 && performance.now() - window.quietSince > long);
}"""
# A busy browser draws frames while its timers are late. One that is set now fires after all that were set before for
# less; what they began shows in the frames that are then still waited for.
BEGIN = """([frames, ahead]) => {
    window.quietFrames = 0;
    window.timersAhead = true;
    setTimeout(() => {
        window.timersAhead = false;
        window.quietFrames = Math.min(window.quietFrames, frames - 5);
    }, ahead);
}"""
# A busy server is late, too: nothing is quiet before it has said something since the page last asked it for a run, and
# what it says begins a run only frames later. What is no such question is a few bytes long.
HEARD = """(() => {
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (message) {
        if (!this.heard) this.addEventListener("message", () => {
            if (window.unanswered) window.quietFrames = 0;
            window.unanswered = false;
        });
        this.heard = true;
        if (message.byteLength > 20) window.unanswered = true;
        return send.call(this, message);
    };
})()"""
LOCAL = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:", "about:")


@dataclass
class Window:
    """One browser window on Scarp, with what it asked of the outside and what went wrong in it."""

    page: object
    address: str
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def open(self, path: str = "") -> None:
        """Open a path of the application and wait until its script has run."""
        self.page.goto(f"{self.address}/{path}")
        self.settle()

    def go(self, label: str) -> None:
        """Follow a link of the navigation."""
        self.page.get_by_test_id("stSidebar").get_by_role("link", name=label, exact=True).click()
        self.page.get_by_role("heading", name=label, exact=True).wait_for()
        self.settle()

    def settle(self) -> None:
        """Wait until the page's script is idle, and all it asked for drawn, for a while of the browser's own.

        The while is counted in frames: a browser that is short of a processor gets longer.
        """
        self.page.evaluate(BEGIN, [FRAMES, AHEAD_MS])
        self.page.wait_for_function(QUIET, arg=[FRAMES, LONG_MS], timeout=2 * PATIENCE_MS)

    def text(self) -> str:
        """Return all the text a reader sees."""
        return self.page.get_by_test_id("stApp").inner_text()

    def bring(self, name: str, data: bytes) -> None:
        """Upload a file as the inventory."""
        self.page.locator(".st-key-ways button").first.click()
        self.upload(self.page.locator("input[type=file]"), {"name": name, "mimeType": "text/csv", "buffer": data})

    def upload(self, field, *files) -> None:
        """Give files to a field and wait until the server has them and the page has run with them."""
        arrived = []

        def note(answer) -> None:
            if "/upload_file/" in answer.url and answer.request.method == "PUT":
                arrived.append(answer.status)

        self.page.on("response", note)
        field.set_input_files(list(files))
        self.until(lambda: len(arrived) == len(files), "the files have arrived")
        self.page.remove_listener("response", note)
        self.settle()

    def until(self, true: Callable[[], object], what: str) -> None:
        """Wait until something is true that the browser tells of; raises TimeoutError with what was waited for."""
        end = time.monotonic() + PATIENCE_MS / 1000
        while not true():
            if time.monotonic() > end:
                raise TimeoutError(f"waited in vain until {what}")
            self.page.wait_for_timeout(50)

    def alerts(self) -> str:
        """Return what the page warns of, refuses or asks for."""
        return "\n".join(self.page.get_by_test_id("stAlert").all_inner_texts())

    def shoot(self, name: str) -> None:
        """Keep a picture of the page where SCARP_SCREENSHOTS names a folder."""
        folder = os.environ.get("SCARP_SCREENSHOTS")
        if folder:
            self.page.screenshot(path=f"{folder}/{name}.png", full_page=False)


# tests in several processes each look for ports of their own
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


@pytest.fixture(scope="session")
def chromium_path() -> str:
    found = chromium.find()
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no Chromium; `python -m tests.chromium` installs one")
    return found


@contextmanager
def serving(home: Path, path: str = "", **settings: str) -> Iterator[str]:
    """Run a server of Scarp's own with an empty home folder and these settings; yields its address.

    ``path``, as in ``/scarp``, is the one it serves under.
    """
    port = free_port(18501 + 20 * WORKER)
    command = [sys.executable, "-m", "app.serve", "--no-browser", "--port", str(port)]
    under = {"STREAMLIT_SERVER_BASE_URL_PATH": path.strip("/")} if path else {}
    environment = {**os.environ, "SCARP_HOME": str(home), **under, **settings}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, start_new_session=True) as server:
        try:
            wait_for(f"http://127.0.0.1:{port}{path}/_stcore/health")
            yield f"http://127.0.0.1:{port}"
        finally:
            end(server)


def end(server: subprocess.Popen) -> None:
    """Let a server end by itself, but not for ever: a test that waits for it would only run out of its time."""
    os.killpg(server.pid, signal.SIGTERM)
    try:
        server.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)


class Server:
    """A server that can be killed and started again at the same address; what it says stands in ``log``."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home, self.port, self.settings = home, free_port(18701 + 20 * WORKER), settings
        self.address, self.running, self.log = f"http://127.0.0.1:{self.port}", None, home / "server.log"

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, "-m", "app.serve", "--no-browser", "--port", str(self.port)]
        environment = {**os.environ, "SCARP_HOME": str(self.home), **self.settings}
        with self.log.open("ab") as said:
            self.running = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=said, stderr=said, start_new_session=True
            )
        wait_for(f"{self.address}/_stcore/health")

    def kill(self) -> None:
        """Kill it as a machine that fails does."""
        os.killpg(self.running.pid, signal.SIGKILL)
        self.running.wait()


@pytest.fixture(scope="session")
def address(tmp_path_factory) -> Iterator[str]:
    """The server most tests share."""
    with serving(tmp_path_factory.mktemp("home")) as where:
        yield where


@pytest.fixture(scope="session")
def browser(chromium_path):
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def window(browser, address) -> Iterator[Window]:
    """A fresh window, 1400 pixels wide; whatever it asks of the outside is not found, and noted."""
    with opened_window(browser, address) as opened:
        yield opened


@pytest.fixture
def server(tmp_path) -> Iterator[Server]:
    """A server of the test's own, which it may kill and start again."""
    made = Server(tmp_path)
    made.start()
    yield made
    made.kill()


@pytest.fixture
def own_window(browser, server) -> Iterator[Window]:
    """A window on the test's own server, which asks nothing of the outside and meets no error of a script."""
    with opened_window(browser, server.address) as opened:
        yield opened
        assert opened.outside == [] and opened.errors == []


@pytest.fixture
def nothing_asked_of_the_outside(window) -> Iterator[None]:
    """Holds a whole module's tests to it: ``pytestmark`` names it."""
    yield
    assert window.outside == []
    assert window.errors == []


@contextmanager
def opened_window(browser, address: str, motion: str = "reduce") -> Iterator[Window]:
    """Open a window on a server, in which nothing outside is found.

    Not by Playwright's routes: with one, Chromium keeps no file, and a page takes an eighth longer to open.
    ``motion`` is what the reader's system asks for: Streamlit's own, while a page runs, takes half of what the browser
    computes without a graphics card.
    """
    context = browser.new_context(viewport={"width": 1400, "height": 900}, accept_downloads=True, reduced_motion=motion)
    context.add_init_script(HEARD)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    slow_down(page)
    opened = Window(page, address)

    context.on("request", lambda one: None if one.url.startswith(LOCAL) else opened.outside.append(one.url))
    page.on("pageerror", lambda error: opened.errors.append(str(error)))
    yield opened
    context.close()


def slow_down(page) -> None:
    """Make the browser as many times slower as SCARP_SLOW_BROWSER says: what leans on a quick machine then fails."""
    times = os.environ.get("SCARP_SLOW_BROWSER")
    if times:
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": float(times)})


def wait_for(url: str, seconds: float = 240) -> None:
    """Wait until an address answers; raises TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(url, timeout=10).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"{url} did not answer within {seconds} s")
