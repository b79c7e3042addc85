"""The inventory in a browser: eleven thousand events, a click, keys, filters, and words that stay words."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests import nasa
from tests.browser.conftest import opened_window, serving
from tests.browser.maps import choose_on_the_map, find_point, frame_of, map_box, of_map, until_map

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("nothing_asked_of_the_outside")]
ROWS = 11_000


def test_a_catalogue_of_eleven_thousand_is_drawn_filtered_and_chosen_from(window):
    window.open("inventory")
    window.bring("catalogue.csv", nasa.catalogue(ROWS))
    until_map(window, "map.list.text.length === given.rows", rows=ROWS)
    until_map(window, "map.dots.drawn === given.rows", rows=ROWS)  # the map opened on all of them
    window.page.get_by_placeholder("id, category, source, date").press_sequentially("lahar", delay=60)
    window.page.get_by_text(f"of {ROWS:,} events pass the filters").wait_for()
    window.settle()
    until_map(window, "map.dots.drawn > 0 && map.dots.drawn < given.rows / 4", rows=ROWS)
    at = of_map(window, "map.shown.findIndex((one) => one)")
    event = of_map(window, f"map.list.text[{at}]").split(":")[0]
    choose_on_the_map(window, event)
    assert f"event={event}" in window.page.url and "find=lahar" in window.page.url
    window.shoot("inventory-11000")


def test_a_page_runs_once_for_its_map_and_keeps_the_frame_when_another_file_is_brought(window):
    sent = []
    window.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    window.open("inventory")
    of_map(window, "(globalThis.sameFrame = true)")
    window.go("Compare")
    sent.clear()
    window.go("Inventory")
    of_map(window, "(globalThis.sameFrame = true)")
    assert len(sent) == 1  # the way here; the map that opened told nothing
    window.bring("catalogue.csv", nasa.catalogue(900))
    until_map(window, "map.list.text.length === 900")
    assert of_map(window, "globalThis.sameFrame") is True


def test_a_shapefile_in_parts_without_its_system_is_asked_for_it_and_opens(window, tmp_path):
    import geopandas

    path = tmp_path / "slides.shp"
    points = geopandas.points_from_xy([1_570_000, 1_571_000], [5_180_000, 5_181_000])
    geopandas.GeoDataFrame({"Occurred": ["2019-01-01", "2019-02-02"]}, geometry=points, crs=2193).to_file(path)
    window.open("inventory")
    window.page.locator(".st-key-ways button").first.click()
    parts = [one for one in tmp_path.iterdir() if one.suffix != ".prj"]
    window.upload(window.page.locator("input[type=file]"), *parts)
    window.page.get_by_text("does not say in which reference system").wait_for()
    window.page.get_by_label("Reference system").fill("EPSG:2193")
    window.page.keyboard.press("Enter")
    window.page.get_by_text("So it gives 2 events").wait_for()
    window.settle()
    window.shoot("inventory-asking")
    window.page.get_by_role("button", name="Use this inventory").click()
    window.settle()
    assert "2 events" in window.text()
    until_map(window, "map.list.text.length === 2")


def test_hostile_words_of_a_catalogue_are_shown_as_words(window):
    window.open("inventory")
    window.bring("catalogue.csv", nasa.catalogue(900))
    for event in ("1099", "1199", "1299", "1499"):  # a script, a template, a template, an image with an error
        window.page.mouse.move(*find_point(window, event))
        tip = frame_of(window).locator(".leaflet-tooltip")
        tip.wait_for()
        expect(tip).to_contain_text("title='broken'")
        expect(tip.locator("script, img")).to_have_count(0)
        choose_on_the_map(window, event)
    assert "broken" not in window.page.title()


def seen(window) -> list[float]:
    return of_map(window, "[map.map.getZoom(), map.map.getCenter().lat, map.map.getCenter().lng]")


def test_the_map_stays_where_it_was_while_the_chosen_event_is_in_sight(window):
    window.open("inventory?event=169")
    find_point(window, "170", zoom=8)
    before = seen(window)
    window.page.get_by_role("button", name="Next").click()  # 170
    window.settle()
    assert seen(window) == pytest.approx(before, abs=0.05)
    window.go("Compare")
    window.go("Inventory")
    assert seen(window) == pytest.approx(before, abs=0.05)


def test_the_map_goes_to_a_chosen_event_that_is_out_of_sight_and_keeps_its_zoom(window):
    window.open("inventory?event=171")
    find_point(window, "171", zoom=6)
    window.page.get_by_role("button", name="Next").click()  # from Turkey to Colombia
    window.settle()
    until_map(window, "map.map.getCenter().lng < 0")
    zoom, latitude, longitude = seen(window)
    assert zoom == 6 and (latitude, longitude) == pytest.approx((5.85, -75.92), abs=0.5)


def test_a_frame_that_changes_while_the_events_come_does_not_keep_the_map_from_opening_on_them(window):
    held = []
    window.page.route("**/media/*.json", lambda route: held.append(route))
    window.page.goto(f"{window.address}/inventory")
    window.until(lambda: held, "the events are asked for")
    wide = frame_of(window).evaluate("innerWidth")
    window.page.set_viewport_size({"width": 1100, "height": 800})
    frame_of(window).wait_for_function("(wide) => Math.abs(scarp.map.getSize().x - wide) > 50", arg=wide)
    window.page.unroute("**/media/*.json")  # which lets those go on that are held
    window.settle()
    assert of_map(window, "map.map.getZoom()") > 1  # the world stands at 1
    assert of_map(window, "map.fresh") is True


def test_dragging_pans_the_map_and_asks_the_server_nothing(window):
    sent = []
    window.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    window.open("inventory")
    box = map_box(window)
    before, sent[:] = of_map(window, "map.map.getCenter().lng"), []
    window.page.mouse.move(box["x"] + 300, box["y"] + 200)
    window.page.mouse.down()
    window.page.mouse.move(box["x"] + 180, box["y"] + 200, steps=6)
    window.page.mouse.up()
    window.page.wait_for_timeout(500)
    assert of_map(window, "map.map.getCenter().lng") > before
    assert sent == []


@pytest.mark.parametrize("page", ["inventory", "patches", "compare", "detect", "metrics", "review"])
def test_n_and_p_step_through_the_events_on_every_page(window, page):
    window.open(f"{page}?event=171&find=landslide")
    window.page.keyboard.press("n")
    window.page.get_by_test_id("stSidebar").get_by_text("Event 172").wait_for()
    window.settle()
    window.page.keyboard.press("p")
    window.page.get_by_test_id("stSidebar").get_by_text("Event 171").wait_for()
    window.settle()
    assert "6 of 8 events, filtered from 10" in window.text() or page != "inventory"


def test_a_letter_typed_into_a_field_is_a_letter(window):
    window.open("inventory?event=171")
    field = window.page.get_by_placeholder("id, category, source, date")
    field.press_sequentially("pn")
    window.page.keyboard.press("Enter")
    window.page.get_by_text("0 of 10 events pass the filters").wait_for()
    window.settle()
    assert "event=171" in window.page.url


def test_a_thumbnail_is_a_button_that_chooses_its_event(window):
    window.open("compare?event=171")
    strip = window.page.locator(".strip")
    expect(strip.get_by_role("button")).to_have_count(6)
    window.page.get_by_role("button", name="Make thumbnails").click()
    strip.locator("img").nth(5).wait_for()
    expect(strip.get_by_text("SIMULATED")).to_have_count(6)
    window.settle()
    window.shoot("strip")
    strip.get_by_role("button", name=re.compile("173.*2018-02-15", re.DOTALL)).click()
    window.page.get_by_test_id("stSidebar").get_by_text("Event 173", exact=True).wait_for()
    window.settle()
    assert "event=173" in window.page.url
    expect(strip.locator("[aria-current=true]")).to_have_text(re.compile(r"^\s*SIMULATED\s*173"))


def test_the_link_of_a_page_opens_the_same_on_another_day(window, browser, tmp_path):
    window.open("compare?event=171&mode=blink&composition=false-colour&find=landslide&years=2022-2023")
    window.page.get_by_test_id("stPopover").filter(has_text="Link").click()
    shown = window.page.get_by_test_id("stPopoverBody").locator("code")
    expect(shown).to_contain_text("compare?event=171")
    link = shown.inner_text()
    with serving(tmp_path) as fresh, opened_window(browser, fresh) as other:
        other.open(link.split("/", 3)[3])
        assert parse_qs(urlsplit(other.page.url).query) == parse_qs(urlsplit(window.page.url).query)
        expect(other.page.locator("[data-mode=blink]")).to_have_attribute("aria-checked", "true")
        expect(other.page.get_by_role("radio", name="False colour")).to_have_attribute("aria-checked", "true")
        assert "3 events, filtered from 10" in other.text()
        assert other.outside == [] and other.errors == []


def test_the_browsers_way_back_leads_through_events_and_pages_as_they_were(window):
    window.open("patches?event=171&composition=false-colour")
    window.page.get_by_role("button", name="Next").click()
    window.page.get_by_test_id("stSidebar").get_by_text("Event 172", exact=True).wait_for()
    window.settle()
    window.page.wait_for_timeout(1600)  # else the address before counts as one sent late
    window.go("Inventory")
    assert "inventory?event=172" in window.page.url
    window.page.go_back()
    window.page.get_by_role("heading", name="Patches", exact=True).wait_for()
    window.settle()
    assert "patches?event=172" in window.page.url
    window.page.go_back()
    window.page.get_by_test_id("stSidebar").get_by_text("Event 171", exact=True).wait_for()
    window.settle()
    assert "patches?event=171" in window.page.url
    assert "composition=false-colour" in window.page.url


def test_each_page_is_one_step_of_the_browsers_way_back_even_on_its_first_visit(browser, tmp_path):
    with serving(tmp_path) as fresh, opened_window(browser, fresh) as window:
        window.open("inventory?event=171")
        steps, labels = window.page.evaluate("history.length"), ("Patches", "Compare", "Detect", "Review", "Inventory")
        for count, label in enumerate(labels, start=1):
            window.go(label)
            expect(window.page).to_have_url(re.compile(rf"/{label.lower()}\?event=171$"))
            assert window.page.evaluate("history.length") == steps + count
        window.page.wait_for_timeout(1600)  # else the address before counts as one sent late
        for label in labels[-2::-1]:
            window.page.go_back()
            expect(window.page.get_by_role("heading", name=label, exact=True)).to_be_visible()
            window.settle()
            expect(window.page).to_have_url(re.compile(rf"/{label.lower()}\?event=171$"))


def test_trying_it_out_can_be_gone_back_from(window):
    window.open()
    window.page.get_by_role("button", name="Try it now").click()
    expect(window.page.get_by_role("heading", name="Compare", exact=True)).to_be_visible()
    window.settle()
    steps = window.page.evaluate("history.length")
    window.page.wait_for_timeout(1600)
    window.page.go_back()
    expect(window.page.get_by_role("link", name="Go on with the chosen event")).to_be_visible()
    window.settle()
    assert window.page.evaluate("history.length") == steps


def outlines(count: int) -> bytes:
    """A grid of squares of some ten kilometres, as GeoJSON."""
    features = []
    for n in range(count):
        west, south = 2 + 0.2 * (n % 60), 42 + 0.2 * (n // 60)
        ring = [[west + 0.1 * x, south + 0.08 * y] for x, y in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))]
        shape = {"type": "Polygon", "coordinates": [ring]}
        said = {"id": f"s{n}", "date": "2020-06-01", "category": "slide" if n % 2 else "fall"}
        features.append({"type": "Feature", "properties": said, "geometry": shape})
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def coloured(window) -> int:
    """Return how many pixels of the canvas of outlines are drawn on."""
    return of_map(
        window,
        """(() => { const all = map.areas.canvas, pen = all.getContext("2d");
            const { data } = pen.getImageData(0, 0, all.width, all.height);
            return data.filter((one, n) => n % 4 === 3 && one).length; })()""",
    )


def test_outlines_of_events_lie_on_the_map_with_a_switch_and_follow_filters_and_choice(window, browser, tmp_path):
    window.open("inventory")
    window.bring("slides.geojson", outlines(120))
    frame_of(window).wait_for_function("() => globalThis.scarp?.areas.seen === 120")
    assert coloured(window) > 500
    window.page.get_by_placeholder("id, category, source, date").press_sequentially("fall", delay=60)
    window.page.get_by_text("60 of 120 events pass the filters").wait_for()
    frame_of(window).wait_for_function("() => globalThis.scarp?.areas.seen === 60")
    choose_on_the_map(window, "s4")
    window.shoot("inventory-outlines")
    frame = frame_of(window)
    frame.locator(".leaflet-control-layers").hover()
    frame.get_by_label("Outlines of the events").uncheck()
    window.go("Compare")
    window.go("Inventory")
    assert of_map(window, "map.areas._map ?? null") is None  # stays off
    frame = frame_of(window)
    frame.locator(".leaflet-control-layers").hover()
    frame.get_by_label("Outlines of the events").check()
    frame.wait_for_function("() => globalThis.scarp?.areas.seen > 0")
    with window.page.expect_download() as arriving:
        window.page.get_by_role("button", name="Take this map away").click()
    arriving.value.save_as(tmp_path / "map.html")
    page = browser.new_page()
    page.goto((tmp_path / "map.html").as_uri())
    page.wait_for_function("globalThis.scarp?.areas.seen > 0")
    page.close()


def test_many_outlines_are_asked_for_only_where_a_map_is_near_enough_to_show_them(window):
    window.open("inventory")
    window.bring("slides.geojson", outlines(2400))
    until_map(window, "map.list.text.length === 2400")
    of_map(window, "(map.fresh = false, map.map.setView([46, 8], 6, { animate: false }), 0)")
    assert of_map(window, "map.areas.seen") == 0 and of_map(window, "map.areas.asked ?? null") is None
    of_map(window, "(map.map.setView([46, 8], 10, { animate: false }), 0)")
    frame_of(window).wait_for_function("() => globalThis.scarp?.areas.seen > 5")
