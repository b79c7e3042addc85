"""Scarp in a real Chromium for what is timed there: a server of its own, a window, and what is sent to it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import chromium
from tests.browser.conftest import FLAGS, Window, opened_window, serving


def found() -> str | None:
    """Return where Chromium is; prints how to get it where there is none."""
    path = chromium.find()
    if path is None:
        print("no Chromium here; `python -m tests.chromium` installs one")
    return path


@contextmanager
def opened(path: str) -> Iterator[Window]:
    """Yield a window of 1400 x 900 on a server with a home of its own; both end with the block."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as home, serving(Path(home)) as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        with opened_window(browser, address, "no-preference") as window:
            yield window
        browser.close()


def sizes_sent(window: Window) -> list[int]:
    """Return a list that grows by the bytes of each message the server sends."""
    sizes: list[int] = []
    window.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: sizes.append(len(frame))))
    return sizes
