"""Inventories of 174 and of 11,000 events: reading, the page on the server, in a browser drawing, clicks, panning."""

import os
import statistics
import sys
import tempfile
import time

os.environ["SCARP_HOME"] = tempfile.mkdtemp(prefix="scarp-bench-")

from app.config import ROOT
from app.inventory import read
from app.inventory.browse import Filters, Listing
from app.ui import choices, keys
from bench import browsing
from tests import nasa
from tests.browser.maps import find_point

ROWS = 11_000
FEW = 174  # as many as are published
RUNS = 7
MAP_DRAWN = """(least) => [...document.querySelectorAll('iframe')].some((one) =>
    one.contentWindow?.scarp?.dots.drawn >= least)"""
_PAN = """() => new Promise((done) => {
    const map = [...document.querySelectorAll('iframe')].map((one) => one.contentWindow?.scarp).find(Boolean);
    const draws = [], frames = [], draw = map.dots.draw.bind(map.dots);
    map.dots.draw = () => { const t = performance.now(); draw(); draws.push(performance.now() - t); };
    let last = performance.now(), n = 0;
    const step = (now) => {
        frames.push(now - last); last = now;
        map.map.panBy([n % 2 ? 6 : 7, 1], { animate: false });
        if (++n < 90) requestAnimationFrame(step);
        else { map.dots.draw = draw; done([draws, frames.slice(2)]); }
    };
    requestAnimationFrame(step);
})"""


def main() -> int:
    """Print medians; the server's part first, the browser's where there is a Chromium."""
    data = nasa.catalogue(ROWS)
    _server(data)
    path = browsing.found()
    if path is None:
        return 1
    for rows in (FEW, ROWS):
        _browser(path, nasa.catalogue(rows), rows)
    return 0


def _server(data: bytes) -> None:
    from streamlit.testing.v1 import AppTest

    print(f"{ROWS:,} rows, {len(data) / 1e6:.1f} MB; server")
    inventory = _timed("reading the file", lambda: read(data, "catalogue.csv"))
    listing = Listing(inventory)
    _timed("what the browser keeps", lambda: listing.points)
    print(f"{'its size':<52}{len(listing.points) / 1e6:>8.2f} MB")
    _timed("one filter and one word", lambda: listing.passing(Filters("mudslide 2012", sources=("Newspaper 7",))))
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    app.session_state[keys.INVENTORY] = inventory
    _timed("the page, first run", lambda: app.switch_page("pages/inventory.py").run())
    _median("the page again", app.run)
    words = iter(f"newspaper {n}" for n in range(RUNS))
    _median("the page after another search", lambda: app.text_input(key=choices.FIND).input(next(words)).run())
    assert not app.exception and not app.error


def _browser(path: str, data: bytes, rows: int) -> None:
    print(f"{rows:,} rows in Chromium, 1400 x 900")
    with browsing.opened(path) as window:
        sent = browsing.sizes_sent(window)
        window.open("inventory")
        window.page.locator(".st-key-ways button").first.click()
        window.settle()
        sent.clear()
        _timed("from bringing the file to its dots", lambda: _brought(window, data, rows))
        window.settle()
        print(f"{'sent for it':<52}{sum(sent) / 1e6:>8.2f} MB")
        window.go("Compare")
        sent.clear()
        _timed("back from another page, to the dots", lambda: _followed(window, rows))
        window.settle()
        print(f"{'sent for it':<52}{sum(sent) / 1e6:>8.2f} MB")
        _searches(window, sent)
        _choices(window)
        _clicks(window)
        draws, frames = window.page.evaluate(_PAN)
        print(f"{'panning: drawing the dots':<52}{statistics.median(draws):>8.1f} ms (longest {max(draws):.1f})")
        print(f"{'panning: from frame to frame':<52}{statistics.median(frames):>8.1f} ms (longest {max(frames):.1f})")


def _brought(window, data: bytes, rows: int) -> None:
    file = {"name": "catalogue.csv", "mimeType": "text/csv", "buffer": data}
    window.page.locator("input[type=file]").set_input_files(file)
    window.page.wait_for_function(MAP_DRAWN, arg=rows // 2)


def _followed(window, rows: int) -> None:
    window.page.get_by_test_id("stSidebar").get_by_role("link", name="Inventory", exact=True).click()
    window.page.wait_for_function(MAP_DRAWN, arg=rows // 2)


def _searches(window, sent: list[int]) -> None:
    box = window.page.get_by_placeholder("id, category, source, date")
    taken, sizes, before = [], [], ""
    for word in ("lahar", "creep", "topple", "complex", "mudslide"):
        sent.clear()
        box.fill(word)
        started = time.perf_counter()
        window.page.keyboard.press("Enter")
        before = _changed(window, "[data-testid=stMain]", before)
        taken.append(time.perf_counter() - started)
        window.settle()
        sizes.append(sum(sent))
    print(f"{'a search, until the page is idle':<52}{statistics.median(taken):>8.2f} s")
    print(f"{'sent for it':<52}{statistics.median(sizes) / 1e6:>8.2f} MB")
    window.page.get_by_role("button", name="Show all").click()
    window.settle()


def _changed(window, place: str, before: str) -> str:
    """Wait until the words of a part of the page are others and the page is idle."""
    words = "(place) => document.querySelector(place).innerText.match(/[\\d,]+ of [\\d,]+[^]{0,40}/)?.[0] ?? ''"
    window.page.wait_for_function(f"([place, before]) => ![before, ''].includes(({words})(place))", arg=[place, before])
    _idle(window)
    return window.page.evaluate(words, place)


def _choices(window) -> None:
    taken = []
    for _ in range(5):
        before = window.page.get_by_test_id("stSidebar").inner_text()
        started = time.perf_counter()
        window.page.get_by_role("button", name="Next").click()
        window.page.wait_for_function(
            "(before) => document.querySelector('[data-testid=stSidebar]').innerText !== before", arg=before
        )
        _idle(window)
        taken.append(time.perf_counter() - started)
    print(f"{'choosing the next event, until the page is idle':<52}{statistics.median(taken):>8.2f} s")


def _clicks(window) -> None:
    """Time clicks on dots of the map, each to the event's name in the side bar."""
    taken = []
    for event in ("1005", "1040", "1080", "1120", "1160"):
        find_point(window, event)
        place = find_point(window, event)  # the page may have scrolled
        started = time.perf_counter()
        window.page.mouse.click(*place)
        window.page.wait_for_function(
            "(name) => document.querySelector('[data-testid=stSidebar]').innerText.includes(name)", arg=f"Event {event}"
        )
        taken.append(time.perf_counter() - started)
        window.settle()
    print(f"{'a click on a dot, to its event in the side bar':<52}{statistics.median(taken):>8.2f} s")


def _idle(window) -> None:
    window.page.wait_for_function(
        "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
    )


def _timed(name: str, act):
    started = time.perf_counter()
    answer = act()
    print(f"{name:<52}{time.perf_counter() - started:>8.3f} s", flush=True)
    return answer


def _median(name: str, act) -> None:
    taken = []
    for _ in range(RUNS):
        started = time.perf_counter()
        act()
        taken.append(time.perf_counter() - started)
    print(f"{name:<52}{statistics.median(taken):>8.3f} s (median of {RUNS})", flush=True)


if __name__ == "__main__":
    sys.exit(main())
