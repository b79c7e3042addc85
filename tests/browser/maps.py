"""The map in a browser: what it holds, where a point is, and a click on it."""

from playwright.sync_api import expect

_OF = """(key) => [...document.querySelectorAll('*')].map((one) => one.shadowRoot?.querySelector('.map')?.scarp)
    .find((map) => map?.list.text.length && map.data.view.startsWith(key))"""


_STILL = f"""([key, frames]) => {{
    const map = ({_OF})(key);
    if (!map) return false;
    const {{ x, y, width, height }} = map.box.getBoundingClientRect(), at = map.map.getCenter();
    const seen = JSON.stringify([x, y, width, height, map.map.getSize(), at, map.map.getZoom()]);
    map.stillFrames = seen === map.lastSeen ? (map.stillFrames ?? 0) + 1 : 0;
    map.lastSeen = seen;
    return map.stillFrames > frames;
}}"""
STILL_FRAMES = 15


def wait_for_map(window, key: str = "event-map") -> None:
    """Wait until the map called ``key`` has its events and neither it nor what it shows moves."""
    window.page.wait_for_function(_STILL, arg=[key, STILL_FRAMES])


def of_map(window, expression: str, key: str = "event-map", **values):
    """Return what a JavaScript expression of ``map`` (the component) and ``given`` says."""
    wait_for_map(window, key)
    return window.page.evaluate(
        f"([key, given]) => {{ const map = ({_OF})(key); return {expression}; }}", [key, values]
    )


def find_point(window, event: str, key: str = "event-map", zoom: int | None = 9) -> tuple[float, float] | None:
    """Return where on the screen an event's point is, after bringing it to the middle at ``zoom``; None: no such."""
    at = of_map(window, "map.list.text.findIndex((text) => text.startsWith(given.event + ':'))", key, event=event)
    if at < 0:
        return None
    if zoom is not None:
        of_map(
            window, "(map.map.setView(map.where(given.at), given.zoom, { animate: false }), 0)", key, at=at, zoom=zoom
        )
        window.page.wait_for_timeout(150)
    place = of_map(window, "map.map.latLngToContainerPoint(map.where(given.at))", key, at=at)
    box = map_box(window, key)
    return box["x"] + place["x"], box["y"] + place["y"]


def map_box(window, key: str = "event-map") -> dict:
    """Return where on the screen the map is."""
    of_map(window, "map.box.scrollIntoView({ block: 'center' })", key)
    window.page.wait_for_timeout(150)
    return of_map(
        window, "(({ x, y, width, height }) => ({ x, y, width, height }))(map.box.getBoundingClientRect())", key
    )


def choose_on_the_map(window, event: str, key: str = "event-map") -> None:
    """Bring an event's point to the middle of the map and click it."""
    hit = find_point(window, event, key)
    assert hit, f"no point of the map shows event {event}"
    hit = find_point(window, event, key)  # the page may have scrolled
    window.page.mouse.click(*hit)
    expect(window.page.get_by_test_id("stSidebar")).to_contain_text(f"Event {event}")
    window.settle()
