"""The map in a browser: what it holds, where a point is, and a click on it. Streamlit-folium draws it in a frame."""

import time

from playwright.sync_api import Frame, expect

from tests.browser.conftest import PATIENCE_MS

# scarp: what Scarp adds to folium's map
_STILL = """([key, frames]) => {
    const map = globalThis.scarp;
    if (!map?.list.text.length || !map.state?.view.startsWith(key) || map.done !== map.state) return false;
    const { x, y, width, height } = frameElement.getBoundingClientRect(), at = map.map.getCenter();
    const seen = JSON.stringify([x, y, width, height, map.map.getSize(), at, map.map.getZoom()]);
    map.stillFrames = seen === map.lastSeen ? (map.stillFrames ?? 0) + 1 : 0;
    map.lastSeen = seen;
    return map.stillFrames > frames;
}"""
STILL_FRAMES = 15


def frame_of(window) -> Frame:
    """Return the frame the page's map is in, once it is there."""
    end = time.monotonic() + PATIENCE_MS / 1000
    while time.monotonic() < end:
        found = [one for one in window.page.frames if "streamlit_folium" in one.url and not one.is_detached()]
        if found:
            return found[-1]
        window.page.wait_for_timeout(50)
    raise TimeoutError("no map on the page")


def wait_for_map(window, key: str = "event-map") -> Frame:
    """Return the frame of the map called ``key`` once it has its events and neither it nor what it shows moves."""
    frame = frame_of(window)
    frame.wait_for_function(_STILL, arg=[key, STILL_FRAMES])
    return frame


def of_map(window, expression: str, key: str = "event-map", **values):
    """Return what a JavaScript expression of ``map`` (what Scarp adds to folium's) and ``given`` says."""
    frame = wait_for_map(window, key)
    return frame.evaluate(f"(given) => {{ const map = globalThis.scarp; return {expression}; }}", values)


def until_map(window, expression: str, key: str = "event-map", **values):
    """Return what an expression as of ``of_map`` says, once that is true: a map hears late of what a page now shows."""
    frame = wait_for_map(window, key)
    given = f"(given) => {{ const map = globalThis.scarp; return {expression}; }}"
    return frame.wait_for_function(given, arg=values).json_value()


def find_point(window, event: str, key: str = "event-map", zoom: int | None = 9) -> tuple[float, float] | None:
    """Return where on the screen an event's point is, after bringing it to the middle at ``zoom``; None: no such."""
    at = of_map(window, "map.list.text.findIndex((text) => text.startsWith(given.event + ':'))", key, event=event)
    if at < 0:
        return None
    if zoom is not None:
        look = "(map.fresh = false, map.map.setView(map.dots.where(given.at), given.zoom, { animate: false }), 0)"
        of_map(window, look, key, at=at, zoom=zoom)
        window.page.wait_for_timeout(150)
    place = of_map(window, "map.map.latLngToContainerPoint(map.dots.where(given.at))", key, at=at)
    box = map_box(window, key)
    return box["x"] + place["x"], box["y"] + place["y"]


def map_box(window, key: str = "event-map") -> dict:
    """Return where on the screen the map is."""
    element = wait_for_map(window, key).frame_element()
    element.evaluate("(one) => one.scrollIntoView({ block: 'center' })")
    window.page.wait_for_timeout(150)
    wait_for_map(window, key)
    return element.bounding_box()


def choose_on_the_map(window, event: str, key: str = "event-map") -> None:
    """Bring an event's point to the middle of the map and click it."""
    hit = find_point(window, event, key)
    assert hit, f"no point of the map shows event {event}"
    hit = find_point(window, event, key)  # the page may have scrolled
    window.page.mouse.click(*hit)
    expect(window.page.get_by_test_id("stSidebar")).to_contain_text(f"Event {event}")
    window.settle()
