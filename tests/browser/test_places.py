"""Any place on the map in a browser: typed, pressed, drawn; layers, tools, and the map taken away."""

import json
import re

import pytest
from playwright.sync_api import expect

from app.ui.inventory import chooser
from tests.browser.maps import find_point, frame_of, map_box, of_map, wait_for_map

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("nothing_asked_of_the_outside")]
PATCH_MAP = "patch-map"


def on_screen(window, latitude: float, longitude: float, key: str = "event-map") -> tuple[float, float]:
    """Return where on the screen a place is."""
    box = map_box(window, key)
    at = of_map(window, "map.map.latLngToContainerPoint([given.latitude, given.longitude])", key,
                latitude=latitude, longitude=longitude)  # fmt: skip
    return box["x"] + at["x"], box["y"] + at["y"]


def look_at(window, latitude: float, longitude: float, zoom: int, key: str = "event-map") -> None:
    look = "map.map.setView([given.latitude, given.longitude], given.zoom, { animate: false })"
    of_map(window, f"(map.fresh = false, {look}, 0)", key,
           latitude=latitude, longitude=longitude, zoom=zoom)  # fmt: skip


def test_a_place_that_is_typed_is_an_event_with_a_link_and_a_patch_and_goes_along_in_a_file(window, tmp_path):
    window.open("inventory")
    window.page.get_by_text("Any other place").click()
    window.page.get_by_label("Latitude and longitude, or a map's link").fill("45°30'N 9°15'E")
    box = window.page.get_by_test_id("stDateInput").filter(has_text="Day of the event")
    for part, text in (("year", "2021"), ("month", "05"), ("day", "04")):
        box.get_by_role("spinbutton", name=re.compile(part)).press_sequentially(text)
    window.page.get_by_text("A press of the right mouse button").click()  # the calendar takes the next click
    window.settle()
    window.page.get_by_role("button", name="Add the place").click()
    expect(window.page.get_by_test_id("stSidebar")).to_contain_text("Event place-1")
    window.settle()
    assert "event=place-1" in window.page.url and "at=45.5%2C9.25%2C2021-05-04" in window.page.url
    assert of_map(window, "map.list.text.at(-1)") == "place-1: landslide, 2021-05-04, your place"
    take = window.page.get_by_role("button", name="The inventory with 1 place of yours (CSV)")
    if not take.is_visible():
        window.page.get_by_text("Any other place").click()
    with window.page.expect_download() as arriving:
        take.click()
    arriving.value.save_as(tmp_path / "list.csv")
    assert "place-1,2021-05-04,,,45.5,9.25,your place" in (tmp_path / "list.csv").read_text("utf-8-sig")


def test_what_is_no_place_is_refused_with_a_sentence(window):
    window.open("inventory")
    window.page.get_by_text("Any other place").click()
    window.page.get_by_label("Latitude and longitude, or a map's link").fill("somewhere")
    window.page.get_by_role("button", name="Add the place").click()
    window.page.get_by_text("Scarp finds no place in this").wait_for()


def test_the_right_button_takes_a_place_into_the_form(window):
    window.open("inventory")
    look_at(window, 45.5, 9.25, 9)
    window.page.mouse.click(*on_screen(window, 45.5, 9.25), button="right")
    window.page.get_by_text("The place you pressed: add a day").wait_for()
    window.settle()
    typed = window.page.get_by_label("Latitude and longitude, or a map's link").input_value()
    assert [float(part) for part in typed.split(",")] == pytest.approx([45.5, 9.25], abs=0.01)
    window.page.get_by_role("button", name="Add the place").click()
    expect(window.page.get_by_test_id("stSidebar")).to_contain_text("Event place-1")
    window.settle()
    window.shoot("place-pressed")


def drag(window, first, last) -> None:
    window.page.mouse.move(*first)
    window.page.mouse.down()
    window.page.mouse.move(*last, steps=4)
    window.page.mouse.up()


def test_a_box_drawn_round_the_chosen_event_is_the_size_of_its_patch(window):
    window.open("inventory?event=171")
    look_at(window, 37.00437, 36.59091, 13)
    frame_of(window).get_by_title("Draw a rectangle").click()
    drag(window, on_screen(window, 37.02437, 36.56091), on_screen(window, 36.99437, 36.60091))
    window.settle()
    expect(window.page.get_by_test_id("stSidebar")).to_contain_text(re.compile(r"6\d\d x 6\d\d pixels"))
    window.go("Patches")
    assert re.search(r"buffer=0\.03(0|1)?\b", window.page.url), window.page.url
    expect(window.page.get_by_test_id("stSidebar")).to_contain_text("Event 171")


def test_a_box_drawn_elsewhere_is_a_place_of_its_own(window):
    window.open("inventory?event=171")
    look_at(window, 45.5, 9.25, 12)
    frame_of(window).get_by_title("Draw a rectangle").click()
    drag(window, on_screen(window, 45.52, 9.23), on_screen(window, 45.48, 9.27))
    expect(window.page.get_by_test_id("stSidebar")).to_contain_text("Event place-1")
    window.settle()


def test_a_box_round_events_that_no_patch_could_hold_makes_no_place_and_lists_them_alone_when_asked(window):
    window.open("inventory")
    look_at(window, 37.5, 37.0, 6)
    frame_of(window).get_by_title("Draw a rectangle").click()
    drag(window, on_screen(window, 39.0, 36.0), on_screen(window, 36.0, 38.0))
    window.page.get_by_role("button", name="Only within the area drawn").click()
    window.page.get_by_text("3 of 10 events pass the filters, within the area drawn on the map").wait_for()
    window.shoot("inventory-area")
    window.page.get_by_role("button", name="Everywhere again").click()
    window.page.get_by_text("All 10 events are shown.").wait_for()


def test_a_polygon_is_a_shape_of_the_viewer_and_of_the_map(window):
    window.open("patches?event=171")
    window.page.get_by_role("tab", name="On the map").click()
    window.settle()
    frame = wait_for_map(window, PATCH_MAP)
    frame.get_by_title("Draw a polygon").click()
    corners = [(37.008, 36.585), (37.008, 36.596), (37.0, 36.59)]
    for latitude, longitude in [*corners, corners[0]]:
        window.page.mouse.click(*on_screen(window, latitude, longitude, PATCH_MAP))
        window.page.wait_for_timeout(400)
    window.settle()
    expect(frame.locator(".legend")).to_contain_text("Your shapes")
    window.shoot("patch-map-polygon")
    window.go("Compare")
    window.page.get_by_text("1 drawn shape").wait_for()


def test_a_line_measures_and_asks_for_nothing(window):
    window.open("inventory?event=171")
    look_at(window, 37.0, 36.6, 12)
    frame_of(window).get_by_title("Draw a polyline").click()
    window.page.mouse.click(*on_screen(window, 37.0, 36.58))
    window.page.wait_for_timeout(400)
    window.page.mouse.click(*on_screen(window, 37.0, 36.62))
    frame_of(window).get_by_text("Finish", exact=True).click()
    frame_of(window).get_by_text(re.compile(r"Length 3\.5\d km")).wait_for()


def test_truth_and_what_was_detected_are_layers_with_a_switch(window):
    window.open("detect?event=171&method=band-difference:B04:0.05")
    window.go("Inventory")
    legend = frame_of(window).locator(".legend")
    expect(legend).to_contain_text("Truth")
    expect(legend).to_contain_text("Detected")
    frame = wait_for_map(window)
    held = "scarp.patch.outlines.map((one) => [map.hasLayer(one), one.getLayers().length > 0])"
    frame.wait_for_function(f"{held}.length === 2 && {held}.every(([, full]) => full)")
    assert frame.evaluate(held) == [[True, True], [True, True]]
    frame.locator(".leaflet-control-layers").hover()
    frame.get_by_label("Detected").uncheck()
    assert [shown for shown, _ in frame.evaluate(held)] == [True, False]
    window.page.get_by_role("button", name="Next").click()
    window.settle()
    window.page.get_by_role("button", name="Previous").click()
    window.settle()
    frame = wait_for_map(window)
    frame.wait_for_function(f"{held}.length === 2")
    assert [shown for shown, _ in frame.evaluate(held)] == [True, False]  # as it was left


def test_the_pages_keys_are_heard_on_the_map(window):
    window.open("inventory?event=171")
    window.page.mouse.click(*find_point(window, "171"))
    window.settle()
    window.page.keyboard.press("n")
    expect(window.page.get_by_test_id("stSidebar")).to_contain_text("Event 172")
    window.settle()


def test_a_script_that_does_not_come_is_a_sentence_and_the_table_stays(window):
    window.page.context.route("**/maps.js*", lambda route: route.fulfill(status=404, body=""))
    window.open("inventory")
    frame_of(window).get_by_text("so it cannot be drawn. Use the table.").wait_for()
    expect(window.page.get_by_test_id("stDataFrame")).to_be_visible()
    window.errors.clear()


def test_nothing_of_the_map_hangs_over_its_edge(window):
    window.page.set_viewport_size({"width": 390, "height": 900})
    window.open("patches?event=171")
    window.page.get_by_role("tab", name="On the map").click()
    window.settle()
    wait_for_map(window, PATCH_MAP).get_by_role("radio", name="Swipe", exact=True).click()
    over = """() => [...document.querySelectorAll('.patch, .tag, .legend, .leaflet-control')]
        .map((one) => [one.className, one.getBoundingClientRect()])
        .filter(([, box]) => box.width && (box.left < 0 || box.right > innerWidth + 0.5)).map(([name]) => name)"""
    for width in (390, 900, 1400):
        window.page.set_viewport_size({"width": width, "height": 900})
        window.settle()
        assert wait_for_map(window, PATCH_MAP).evaluate(over) == [], width
        window.shoot(f"patch-map-{width}")


def test_nothing_to_be_looked_at_is_under_buttons_cut_or_far_from_its_picture(window):
    """The dots of a new map, the dates of the table, the bar above the pictures, the figures of what was detected."""
    under = """map.list.text.filter((_, n) => map.map.latLngToContainerPoint(map.dots.where(n)).x
        < map.box.querySelector('.leaflet-draw').getBoundingClientRect().right)"""
    for width in (1400, 390):
        window.page.set_viewport_size({"width": width, "height": 900})
        window.open("inventory")
        assert of_map(window, under) == [], width
    table = window.page.locator(".st-key-events").bounding_box()
    assert table["width"] >= chooser.ROW_PX + chooser.ID_PX + 3 * chooser.DAY_PX and table["x"] >= 0
    window.shoot("inventory-390")
    window.page.set_viewport_size({"width": 1400, "height": 900})
    for page in ("review?event=171", "detect?event=171&method=band-difference:B04:0.05"):  # with the chip of a layer
        window.open(page)
        bar, button = (window.page.locator(f".viewer .bar{one}").first.bounding_box() for one in ("", " button"))
        assert bar["height"] < 2 * button["height"], page
    pictures, figures = (window.page.locator(one).first.bounding_box() for one in (".viewer", ".st-key-figures"))
    assert figures["x"] == pytest.approx(pictures["x"], abs=2) and figures["width"] <= pictures["width"] + 2
    assert figures["y"] > pictures["y"] + pictures["height"]


def test_the_map_taken_away_opens_from_a_file_and_asks_for_nothing(window, browser, tmp_path):
    window.open("compare?event=171")
    window.go("Inventory")
    wait_for_map(window)
    with window.page.expect_download() as arriving:
        window.page.get_by_role("button", name="Take this map away").click()
    assert arriving.value.suggested_filename == "SIMULATED_map_event171.html"
    arriving.value.save_as(tmp_path / "map.html")
    context = browser.new_context()
    asked, errors, page = [], [], context.new_page()
    context.route(re.compile("^(?!file:|data:|blob:)"), lambda route: (asked.append(route.request.url), route.abort()))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto((tmp_path / "map.html").as_uri())
    page.wait_for_function("globalThis.scarp?.list.text.length === 10 && scarp.patch.pictures.length === 2")
    expect(page.locator(".tag")).to_contain_text("SIMULATED")
    expect(page.locator(".leaflet-control-attribution")).to_contain_text("Leonardi")
    assert page.evaluate("[...document.images].every((one) => one.complete && one.naturalWidth)")
    page.wait_for_function("scarp.land.getLayers().length > 100")
    page.screenshot(path=tmp_path / "map.png")
    assert (asked, errors) == ([], [])
    context.close()


HOSTILE = (
    "id,event_date,latitude,longitude,category\n"
    "a,2022-01-05,10,10,</script><script>document.title='broken'</script>\n"
    "b,2022-01-05,11,11,{{ ''.__class__ }}{% raise %}${document.title='broken'}`\n"
)


def test_words_of_a_hostile_inventory_stay_words_on_the_map_and_in_the_map_taken_away(window, browser, tmp_path):
    window.open("inventory")
    window.bring("{% raise %}${1}</script>.csv", HOSTILE.encode())
    texts = of_map(window, "map.list.text")
    assert "</script><script>document.title='broken'" in texts[0] and "{{ ''.__class__ }}{% raise %}$" in texts[1]
    window.page.mouse.move(*find_point(window, "b"))
    frame_of(window).locator(".leaflet-tooltip").get_by_text("{% raise %}${document").wait_for()
    with window.page.expect_download() as arriving:
        window.page.get_by_role("button", name="Take this map away").click()
    arriving.value.save_as(tmp_path / "map.html")
    page = browser.new_page()
    page.goto((tmp_path / "map.html").as_uri())
    page.wait_for_function("globalThis.scarp?.list.text.length === 2")
    assert json.loads(page.evaluate("JSON.stringify(scarp.list.text)")) == texts
    assert "broken" not in page.title() + window.page.title()
    page.close()
