"""The main path in a real Chromium, from the inventory to a verdict, with the outside refused."""

import json
import math
import re

import pytest
from playwright.sync_api import expect

from tests.browser.maps import choose_on_the_map, find_point, frame_of

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("nothing_asked_of_the_outside")]

EVENT = "171"


def stage(window):
    return window.page.locator(".stage")


def style(window, selector: str, name: str) -> str:
    return window.page.locator(selector).evaluate(f"(element) => getComputedStyle(element).{name}")


def world(window) -> dict[str, float]:
    """Return zoom and offset of the picture as they stand in its transform."""
    text = window.page.locator(".world").first.evaluate("(element) => element.style.transform")
    x, y, zoom = (float(number) for number in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", text))
    return {"x": x, "y": y, "zoom": zoom}


def test_a_person_walks_from_the_inventory_to_a_verdict(window):
    window.open()
    window.go("Inventory")
    assert "10 events" in window.text()
    choose_on_the_map(window, EVENT)
    assert f"Event {EVENT}: landslide" in window.text()
    assert "2022-09-17" in window.text() and "18 days after" in window.text()
    assert f"event={EVENT}" in window.page.url
    window.shoot("inventory")
    window.go("Patches")
    assert "222 x 222 pixels" in window.text()
    window.shoot("patches")
    window.go("Compare")
    assert tags(window) == ["T1 · 2022-09-17 · demo · SIMULATED", "T2 · 2023-02-24 · demo · SIMULATED"]
    window.shoot("compare")
    window.go("Detect")
    assert re.search(r"Changed area\s+[\d,]+ m²", window.text())
    window.shoot("detect")
    window.go("Metrics")
    assert "whole patch, n = 1" in window.text()
    window.shoot("metrics")
    window.go("Review")
    window.page.get_by_label("Your name or initials").fill("A. Expert")
    window.page.get_by_role("button", name="Confirmed").click()
    window.page.get_by_text("Kept: Confirmed").wait_for()
    window.shoot("review")


def tags(window) -> list[str]:
    """Return what stands on the two pictures."""
    return window.page.locator(".tag .words").all_inner_texts()


def test_the_table_and_the_map_follow_each_other(window):
    window.open("inventory")
    choose_on_the_map(window, "3")
    row = window.page.get_by_test_id("stDataFrame")
    box = row.bounding_box()
    window.page.mouse.click(box["x"] + 16, box["y"] + 35 * 1.5)  # the first row's box
    window.page.get_by_role("heading", name="Event 0:").wait_for()
    window.settle()
    choose_on_the_map(window, "3")  # the same point as before is a new choice


def test_the_choice_of_an_address_opens_on_a_fresh_page(window):
    window.open("detect?event=2&method=band-difference:B12:0.1:both&min_area=1000")
    assert "Event 2" in window.text()
    window.page.locator("[value='B12 · short-wave infrared 2']").or_(
        window.page.get_by_text("B12 · short-wave infrared 2")
    ).first.wait_for()
    expect(window.page.get_by_role("spinbutton", name="Smallest area (m²)")).to_have_value(re.compile(r"^1000(\.00)?$"))


def test_a_bad_value_in_an_address_is_ignored_with_a_note(window):
    window.open("compare?event=2&source=file:///etc/passwd&t1=yesterday")
    assert "was ignored" in window.text()
    assert "demo" in tags(window)[0]


def test_swiping_with_the_mouse_moves_the_border_between_the_dates(window):
    window.open(f"compare?event={EVENT}")
    box = stage(window).bounding_box()
    middle = box["y"] + box["height"] * 0.4
    window.page.mouse.move(box["x"] + box["width"] / 2, middle)
    window.page.mouse.down()
    window.page.mouse.move(box["x"] + box["width"] * 0.25, middle, steps=4)
    window.page.mouse.up()
    assert "25%" in style(window, "[data-pane='1']", "clipPath") or int(now(window)) in range(23, 28)


def now(window) -> str:
    return window.page.locator(".divider").get_attribute("aria-valuenow")


def test_swiping_with_the_keyboard_moves_it_too(window):
    window.open(f"compare?event={EVENT}")
    window.page.locator(".divider").focus()
    for _ in range(5):
        window.page.keyboard.press("ArrowRight")
    assert now(window) == "60"


def test_wheel_zooms_and_dragging_pans_both_dates_alike(window):
    window.open(f"compare?event={EVENT}")
    box = stage(window).bounding_box()
    window.page.mouse.move(box["x"] + box["width"] * 0.45, box["y"] + box["height"] / 2)
    for _ in range(6):
        window.page.mouse.wheel(0, -100)
    all_six = pytest.approx(math.exp(6 * 0.22), rel=0.01)
    window.until(lambda: world(window)["zoom"] == all_six, "all six turns are heard")
    zoomed = world(window)
    window.page.mouse.down()
    window.page.mouse.move(box["x"] + box["width"] * 0.45 - 60, box["y"] + box["height"] / 2 - 30, steps=3)
    window.page.mouse.up()
    moved = world(window)
    assert moved["x"] == pytest.approx(zoomed["x"] - 60, abs=2) and moved["y"] == pytest.approx(zoomed["y"] - 30, abs=2)
    transforms = window.page.locator(".world").evaluate_all("(all) => all.map((one) => one.style.transform)")
    assert transforms[0] == transforms[1]


def test_two_fingers_zoom(window):
    window.open(f"compare?event={EVENT}")
    stage(window).evaluate(
        """(stage) => {
            const box = stage.getBoundingClientRect(), y = box.top + box.height / 2, x = box.left + box.width / 2;
            const send = (kind, id, dx) => stage.dispatchEvent(new PointerEvent(kind,
                { pointerId: id, pointerType: "touch", clientX: x + dx, clientY: y, bubbles: true }));
            stage.setPointerCapture = () => {};
            send("pointerdown", 11, -60); send("pointerdown", 12, 60);
            send("pointermove", 11, -120); send("pointermove", 12, 120);
            send("pointerup", 11, -120); send("pointerup", 12, 120);
        }"""
    )
    assert world(window)["zoom"] == pytest.approx(2, rel=0.05)


def test_keys_choose_the_mode_and_the_address_keeps_it(window):
    window.open(f"compare?event={EVENT}&mode=swipe")
    stage(window).focus()
    for key, mode in (("1", "side"), ("3", "blink"), ("4", "opacity"), ("2", "swipe")):
        window.page.keyboard.press(key)
        window.settle()
        expect(window.page.locator(f"[data-mode={mode}]")).to_have_attribute("aria-checked", "true")
        assert ("mode=" in window.page.url) == (mode != "swipe")  # what is usual is not written
        assert mode == "swipe" or f"mode={mode}" in window.page.url


def test_an_overlay_is_shown_and_hidden_by_its_button(window):
    window.open(f"detect?event={EVENT}&method=band-difference:B04:0.05")
    detected = window.page.get_by_role("button", name="Detected")
    assert style(window, "[data-pane='1'] [data-layer=detected0]", "display") == "block"
    detected.click()
    assert style(window, "[data-pane='1'] [data-layer=detected0]", "display") == "none"


def test_a_clicked_pixel_shows_its_spectrum(window):
    window.open(f"compare?event={EVENT}")
    box = stage(window).bounding_box()
    window.page.mouse.click(box["x"] + box["width"] * 0.47, box["y"] + box["height"] / 2)
    window.page.get_by_text(re.compile(r"Pixel column \d+, row \d+")).wait_for()


def test_what_is_taken_away_says_what_it_is(window, tmp_path):
    window.open(f"detect?event={EVENT}")
    window.page.get_by_role("tab", name="Take away").click()
    with window.page.expect_download() as arriving:
        window.page.get_by_role("button", name="Polygons (GeoJSON)").click()
    arriving.value.save_as(tmp_path / "change.geojson")
    document = json.loads((tmp_path / "change.geojson").read_text())
    assert arriving.value.suggested_filename.startswith("SIMULATED_event171_")
    assert document["metadata"]["simulated"] == "true"
    assert document["features"][0]["properties"]["area_m2"] > 0


def test_a_report_of_what_is_seen_opens_by_itself(window, tmp_path):
    window.open(f"detect?event={EVENT}&composition=NDVI")
    window.page.get_by_role("tab", name="Take away").click()
    with window.page.expect_download() as arriving:
        window.page.get_by_role("button", name="Report (HTML)").click()
    assert arriving.value.suggested_filename == "SIMULATED_event171_report.html"
    arriving.value.save_as(tmp_path / "report.html")
    window.page.set_content((tmp_path / "report.html").read_text("utf-8"))  # which needs nothing beside it
    assert window.page.get_by_role("heading", name="Event 171").last.inner_text().endswith("SIMULATED SCENES")
    seen = window.page.eval_on_selector_all("figure img", "all => all.map(one => one.complete && one.naturalWidth)")
    assert len(seen) > 3 and all(seen)
    assert "NDVI" in window.page.locator("figcaption").first.inner_text()


HOSTILE = (
    "id,event_date,latitude,longitude,category,pre1,pre2,post1\n"
    "<script>document.title='broken'</script>,2022-01-05,10,10,${document.title='broken'},2021-01-01,2021-02-01,2022-02-01\n"
    "=cmd(),2022-01-05,12,12,`${document.title='broken'}`,2021-01-01,2021-02-01,2022-02-01\n"
)


def test_text_of_a_hostile_inventory_stays_text(window):
    window.open("inventory")
    window.bring("hostile.csv", HOSTILE.encode())
    assert "2 events" in window.text()
    window.page.mouse.move(*find_point(window, "=cmd()"))
    frame_of(window).locator(".leaflet-tooltip").get_by_text("${document").wait_for()
    window.page.get_by_role("button", name="Next").click()
    window.settle()
    assert "broken" not in window.page.title()
    assert "script" in window.text()


def test_a_file_that_is_no_inventory_is_refused_and_the_one_in_use_stays(window):
    window.open("inventory?event=2")
    window.bring("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    assert "The inventory in use stays as it was" in window.text()
    assert "10 events" in window.text() and "Event 2" in window.text()


@pytest.mark.parametrize("page", ["inventory", "patches", "compare", "detect", "metrics", "review"])
def test_no_page_is_wider_than_a_small_window(window, page):
    window.page.set_viewport_size({"width": 900, "height": 900})
    window.open(f"{page}?event={EVENT}")
    overflow = window.page.get_by_test_id("stMain").evaluate("(main) => main.scrollWidth - main.clientWidth")
    window.shoot(f"{page}-900")
    assert overflow <= 0
    window.page.set_viewport_size({"width": 390, "height": 900})
    window.settle()
    rows = window.page.get_by_test_id("stMain").locator("[role=radiogroup]")
    assert rows.evaluate_all("(all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1).length") == 0
