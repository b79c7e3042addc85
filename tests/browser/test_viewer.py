"""The viewer under a hand: modes, layers, drawing, keys, and what of it lasts through reruns, pages and links."""

import json
import re

import pytest
from playwright.sync_api import expect
from streamlit.proto.BackMsg_pb2 import BackMsg

from tests.browser.conftest import opened_window, serving

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("nothing_asked_of_the_outside")]

PAGE = "compare?event=171"


def stage(window):
    return window.page.locator(".stage")


def spot(window, across: float, down: float) -> tuple[float, float]:
    """Return where on the screen a share of the stage is."""
    box = stage(window).bounding_box()
    return box["x"] + box["width"] * across, box["y"] + box["height"] * down


def press(window, *keys: str) -> None:
    stage(window).focus()
    for key in keys:
        window.page.keyboard.press(key)


def world(window) -> dict[str, float]:
    text = window.page.locator(".world").first.evaluate("(element) => element.style.transform")
    x, y, zoom = (float(number) for number in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", text))
    return {"x": x, "y": y, "zoom": zoom}


def drag(window, start: tuple[float, float], end: tuple[float, float]) -> None:
    stage(window).scroll_into_view_if_needed()  # a press of a button below may have scrolled it away
    window.page.mouse.move(*spot(window, *start))
    window.page.mouse.down()
    window.page.mouse.move(*spot(window, *end), steps=4)
    window.page.mouse.up()


def words(window) -> list[str]:
    return window.page.locator(".tag .words").all_inner_texts()


def fetched_from_now_on(window) -> list[str]:
    """Return a list to which each picture's address is added that comes after those the viewer shows now."""
    come = "(all) => all.length > 1 && all.every((one) => one.complete)"
    window.until(lambda: window.page.locator(".world img").evaluate_all(come), "all pictures have come")
    found: list[str] = []
    window.page.on("response", lambda answer: found.append(answer.url) if "/media/" in answer.url else None)
    return found


# --- modes -------------------------------------------------------------------------------


def test_a_grid_shows_four_pictures_of_one_place_and_each_can_be_chosen(window):
    window.open(f"{PAGE}&mode=grid")
    window.page.wait_for_function("() => !document.querySelector('.nothing')")
    assert [text.split(" · ")[0] for text in words(window)] == ["T1", "T2", "T2 - T1", "Layers alone"]
    window.page.locator(".tag select").nth(3).select_option("only.truth")
    assert words(window)[3] == "Truth · SIMULATED"
    transforms = window.page.locator(".world").evaluate_all("(all) => all.map((one) => one.style.transform)")
    assert len(set(transforms)) == 1 and len(transforms) == 4
    window.settle()
    assert "cells=t1%2Ct2%2Cchange%2Conly.truth" in window.page.url
    window.shoot("viewer-grid")


def test_every_picture_of_a_simulated_patch_says_so(window):
    window.open(f"{PAGE}&mode=grid")
    expect(window.page.locator(".simulated:visible")).to_have_count(4)
    press(window, "2")
    expect(window.page.locator(".simulated:visible")).to_have_count(1)


def test_what_is_under_the_middle_stays_there_when_the_mode_changes(window):
    window.open(f"{PAGE}&view=6,37.003,36.589&mode=swipe")
    places = []
    for key in ("1", "5", "2"):
        press(window, key)
        places.append(re.search(r"view=([^&]+)", window.page.evaluate("location.href"))[1])
    assert len(set(places)) == 1


def test_blinking_stops_where_the_reader_asks_for_less_motion(window):
    window.page.emulate_media(reduced_motion="no-preference")
    window.open(f"{PAGE}&mode=blink")
    cell = window.page.locator("[data-pane='1']")
    before = cell.evaluate("(one) => one.style.visibility")
    expect(cell).to_have_css("visibility", "visible" if before == "hidden" else "hidden")
    window.page.emulate_media(reduced_motion="reduce")
    window.open(f"{PAGE}&mode=blink")
    seen = set()
    for _ in range(5):
        seen.add(cell.evaluate("(one) => one.style.visibility"))
        window.page.wait_for_timeout(300)
    assert len(seen) == 1
    press(window, " ")
    assert cell.evaluate("(one) => one.style.visibility") not in seen


def test_pixels_stay_squares_with_hard_edges_at_the_closest_zoom(window):
    window.open(PAGE)
    press(window, *"+" * 12)
    drawn = window.page.locator(".world .picture").first.evaluate(
        "(one) => [one.getBoundingClientRect().width / one.naturalWidth, getComputedStyle(one).imageRendering]"
    )
    assert 25 < drawn[0] <= 32.5 and drawn[1] == "pixelated"


# --- layers ------------------------------------------------------------------------------


def test_switching_layers_and_modes_runs_no_script_of_the_whole_page(window):
    window.open(PAGE)
    received = fetched_from_now_on(window)
    window.page.locator(".open-layers").click()
    box = window.page.get_by_label("Truth", exact=True)
    box.check()
    assert shown(window, "truth") == "block"
    window.page.get_by_label("Opacity of Truth").fill("40")
    expect(window.page.locator("[data-pane='1'] [data-layer=truth]")).to_have_css("opacity", "0.4")
    press(window, "h")
    assert shown(window, "truth") == "none"
    press(window, "h", "1", "2")
    window.settle()
    assert shown(window, "truth") == "block"
    assert "layers=truth%3A40" in window.page.url
    assert received == []


def test_a_control_keeps_the_focus_when_the_server_has_heard_of_its_change(window):
    window.open(f"{PAGE}&layers=truth:75")
    window.page.locator(".open-layers").click()
    slide = window.page.get_by_label("Opacity of Truth")
    slide.focus()
    window.page.keyboard.press("ArrowLeft")
    window.page.wait_for_timeout(900)
    window.settle()
    window.page.keyboard.press("ArrowLeft")
    expect(slide).to_have_value("65")


def shown(window, layer: str) -> str:
    return window.page.locator(f"[data-pane='1'] [data-layer={layer}]").evaluate("(one) => one.style.display")


def inked(window, pane: int = 1) -> int:
    """Return how many pixels the canvas over a cell has drawn on."""
    return window.page.locator(f"[data-pane='{pane}'] .marks").evaluate(
        """(canvas) => {
            if (!canvas.width) return 0;
            const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            let count = 0;
            for (let n = 3; n < data.length; n += 4) count += data[n] > 60;
            return count;
        }"""
    )


def until_inked(window, holds) -> int:
    """Return how many pixels the canvas has drawn on, once ``holds`` is true of it."""
    for _ in range(1200):
        if holds(count := inked(window)):
            return count
        window.page.wait_for_timeout(100)
    raise TimeoutError(f"{count} pixels are drawn on")


def test_masks_are_outlined_and_hatched_as_well_as_filled(window):
    window.open(f"{PAGE}&layers=truth:100&style=edge")
    outlined = until_inked(window, lambda count: count > 100)
    assert shown(window, "truth") == "none"
    press(window, "o", "o")  # filled, then hatched
    until_inked(window, lambda count: count > 1.3 * outlined)
    press(window, "o", "o")
    until_inked(window, lambda count: count == 0)
    assert shown(window, "truth") == "block"


PRESSED = """(marks) => {
    const stage = marks.getRootNode().querySelector('.stage');
    for (const key of ['+', '+', 'ArrowLeft']) {
        stage.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, composed: true }));
    }
    return marks.style.transform;
}"""  # and read before the marks are drawn anew


def test_an_outline_stays_on_its_mask_while_the_picture_moves_and_after(window):
    window.open(f"{PAGE}&layers=truth:100&style=edge")
    until_inked(window, lambda count: count > 100)
    marks = window.page.locator("[data-pane='1'] .marks")
    assert "scale(2.25)" in marks.evaluate(PRESSED)
    expect(marks).to_have_css("transform", "none")
    until_inked(window, lambda count: count > 100)


# --- drawing -----------------------------------------------------------------------------


def test_a_box_is_dragged_measured_kept_through_pages_and_taken_away(window, tmp_path):
    window.open(f"{PAGE}&mode=side")
    press(window, "b")
    drag(window, (0.15, 0.3), (0.3, 0.5))
    window.page.get_by_text("1 drawn shape").wait_for()
    expect(window.page.locator(".drawn .shape:not(text)")).to_have_count(2)  # in both pictures
    said = window.page.locator(".said").inner_text()
    assert re.fullmatch(r"Box 1: about [\d,]+ m², [\d,]+ m around", said)
    window.go("Detect")
    expect(window.page.locator(".drawn .shape:not(text)")).to_have_count(2)
    window.go("Compare")
    with window.page.expect_download() as arriving:
        window.page.get_by_role("button", name="Shapes (GeoJSON)").click()
    arriving.value.save_as(tmp_path / "shapes.geojson")
    document = json.loads((tmp_path / "shapes.geojson").read_text())
    (feature,) = document["features"]
    assert arriving.value.suggested_filename.startswith("SIMULATED_event171")
    assert document["metadata"]["simulated"] == "true"
    area = feature["properties"]["area_m2"]
    assert float(re.search(r"about ([\d,]+)", said)[1].replace(",", "")) == pytest.approx(area, rel=1e-3)


def test_a_polygon_closes_on_its_first_corner_and_undo_takes_it_back(window):
    window.open(f"{PAGE}&mode=swipe")
    press(window, "g")
    for place in ((0.42, 0.3), (0.48, 0.35), (0.45, 0.6), (0.42, 0.3)):
        window.page.mouse.click(*spot(window, *place))
    window.page.get_by_text("1 drawn shape").wait_for()
    window.settle()
    press(window, "Control+z")
    window.page.get_by_text("Draw a point, a box or a polygon").wait_for()
    expect(window.page.locator(".drawn .shape")).to_have_count(0)


def test_a_shape_is_drawn_selected_and_deleted_with_the_keyboard_alone(window):
    window.open(f"{PAGE}&mode=swipe")
    press(window, "b", "Enter", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown", "Enter")
    window.page.get_by_text("1 drawn shape").wait_for()
    window.settle()
    press(window, "Escape", "s")
    expect(window.page.locator(".drawn polygon.selected")).to_have_count(2)
    press(window, "Delete")
    window.page.get_by_text("Draw a point, a box or a polygon").wait_for()


def test_a_click_on_an_outline_selects_and_elsewhere_picks_a_pixel(window):
    window.open(f"{PAGE}&mode=swipe")
    press(window, "b")
    drag(window, (0.42, 0.3), (0.47, 0.5))
    window.page.get_by_text("1 drawn shape").wait_for()
    window.settle()
    press(window, "v")
    window.page.mouse.click(*spot(window, 0.42, 0.4))
    expect(window.page.locator(".drawn polygon.selected")).to_have_count(2)
    window.page.mouse.click(*spot(window, 0.55, 0.6))
    window.page.get_by_text(re.compile(r"Pixel column \d+, row \d+")).wait_for()
    expect(window.page.locator(".drawn polygon.selected")).to_have_count(0)


def test_drawn_shapes_are_a_layer_that_can_be_faint_or_off(window):
    window.open(f"{PAGE}&mode=swipe")
    press(window, "d")
    window.page.mouse.click(*spot(window, 0.45, 0.4))
    window.page.get_by_text("1 drawn shape").wait_for()
    window.page.locator(".open-layers").click()
    window.page.get_by_label("Opacity of Drawn shapes").fill("30")
    expect(window.page.locator(".drawn").first).to_have_css("opacity", "0.3")
    window.page.get_by_label("Drawn shapes", exact=True).uncheck()
    expect(window.page.locator(".drawn").first).to_have_css("opacity", "0")
    window.settle()
    assert "layers=drawn%3A0" in window.page.url


def test_a_shape_deleted_in_the_list_leaves_the_pictures(window):
    window.open(f"{PAGE}&mode=swipe")
    press(window, "d")
    window.page.mouse.click(*spot(window, 0.45, 0.4))
    window.page.get_by_text("1 drawn shape").wait_for()
    window.page.get_by_role("button", name="Delete it").click()
    window.page.get_by_text("Draw a point, a box or a polygon").wait_for()
    window.settle()
    expect(window.page.locator(".drawn circle")).to_have_count(0)
    press(window, "d")
    window.page.mouse.click(*spot(window, 0.55, 0.5))
    window.page.get_by_text("1 drawn shape").wait_for()


# --- corners -----------------------------------------------------------------------------


def area(window) -> float:
    """Return the area in square metres that the picture writes beside the first shape."""
    text = window.page.locator(".drawn text").first.text_content()
    return float(re.search(r"([\d,]+) m²", text)[1].replace(",", ""))


def handles(window):
    return window.page.locator("[data-pane='0'] .drawn .handle:not(.middle)")


def draw_box(window) -> None:
    window.open(f"{PAGE}&mode=side")
    press(window, "b")
    drag(window, (0.1, 0.3), (0.2, 0.5))
    expect(window.page.get_by_text("1 drawn shape")).to_be_visible()
    window.settle()


def draw_polygon(window, *places: tuple[float, float]) -> None:
    window.open(f"{PAGE}&mode=side")
    press(window, "g")
    for place in (*places, places[0]):
        window.page.mouse.click(*spot(window, *place))
    expect(window.page.get_by_text("1 drawn shape")).to_be_visible()
    window.settle()
    press(window, "v", "s")


def saved(window, tmp_path) -> dict:
    """Return what the page writes as GeoJSON now."""
    with window.page.expect_download() as arriving:
        window.page.get_by_role("button", name="Shapes (GeoJSON)").click()
    arriving.value.save_as(tmp_path / "shapes.geojson")
    (feature,) = json.loads((tmp_path / "shapes.geojson").read_text())["features"]
    return feature


def test_a_dragged_corner_changes_the_box_its_area_and_the_file_and_undo_takes_it_back(window, tmp_path):
    draw_box(window)
    small, before = area(window), saved(window, tmp_path)
    told = window.page.locator(".drawn text").first.text_content()
    drag(window, (0.2, 0.5), (0.3, 0.7))
    expect(window.page.locator(".drawn text").first).not_to_have_text(told)
    expect(window.page.locator(".said")).to_have_text(re.compile(r"Box 1: about [\d,]+ m²"))
    assert area(window) == pytest.approx(4 * small, rel=0.03)  # twice as wide and twice as high
    window.settle()
    after = saved(window, tmp_path)
    assert after["properties"]["area_m2"] == pytest.approx(area(window), rel=2e-3)
    assert len({tuple(at) for at in before["geometry"]["coordinates"][0]} & {
        tuple(at) for at in after["geometry"]["coordinates"][0]}) == 1  # the corner across stays  # fmt: skip
    press(window, "Control+z")
    expect(window.page.locator(".said")).to_have_text("Undone.")
    assert area(window) == small
    window.settle()
    assert saved(window, tmp_path) == before


def test_a_corner_dragged_over_the_one_across_leaves_a_box_that_is_never_without_area(window):
    draw_box(window)
    drag(window, (0.2, 0.5), (0.1, 0.3))
    window.settle()
    assert area(window) > 0
    expect(handles(window)).to_have_count(4)


def test_the_keys_take_up_a_corner_and_move_it_and_one_undo_takes_the_whole_way_back(window, tmp_path):
    draw_polygon(window, (0.1, 0.3), (0.25, 0.3), (0.25, 0.6))
    before, place = area(window), world(window)
    press(window, "c", "c", "ArrowRight", "ArrowRight", "ArrowRight", "Shift+ArrowUp")
    expect(window.page.locator("[data-pane='0'] .drawn .held")).to_have_count(1)
    assert area(window) > before and world(window) == place  # the arrows moved the corner, not the picture
    window.page.wait_for_timeout(600)  # the server hears of it once the keys rest
    window.settle()
    assert saved(window, tmp_path)["properties"]["area_m2"] == pytest.approx(area(window), rel=2e-3)
    press(window, "Control+z")
    assert area(window) == before


def test_a_polygon_gains_and_loses_corners_but_keeps_three(window):
    draw_polygon(window, (0.1, 0.3), (0.25, 0.3), (0.25, 0.6))
    drag(window, (0.175, 0.3), (0.175, 0.2))  # the middle of an edge
    expect(handles(window)).to_have_count(4)
    window.page.get_by_role("button", name="Delete corner").click()
    expect(handles(window)).to_have_count(3)
    press(window, "a")
    expect(handles(window)).to_have_count(4)
    press(window, "Delete", "Delete")
    expect(window.page.locator(".said")).to_have_text(re.compile("at least three corners"))
    expect(handles(window)).to_have_count(3)
    press(window, "Escape", "Delete")
    expect(window.page.locator(".drawn .shape")).to_have_count(0)


def test_a_finger_that_lands_beside_a_corner_drags_it_and_two_fingers_let_it_go(window):
    draw_box(window)
    press(window, "v", "s")
    before, (x, y) = area(window), spot(window, 0.2, 0.5)
    finger = window.page.context.new_cdp_session(window.page)

    def touch(kind: str, *at: tuple[float, float]) -> None:
        points = [{"x": x + dx, "y": y + dy, "id": n} for n, (dx, dy) in enumerate(at)]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (14, 12))
    touch("touchMove", (44, 42))
    touch("touchEnd")
    window.until(lambda: area(window) > before, "the box is larger")
    window.settle()
    larger = area(window)
    touch("touchStart", (30, 30))
    touch("touchMove", (60, 60))
    window.until(lambda: area(window) > larger, "the box is larger once more")
    touch("touchStart", (60, 60), (120, 60))
    window.until(lambda: area(window) == larger, "the corner was let go")
    touch("touchEnd")


# --- what lasts --------------------------------------------------------------------------


def test_place_and_choices_last_through_a_rerun_a_page_and_stand_in_the_link(window, browser):
    window.open(PAGE)
    press(window, "1", "+", "+", "+", "ArrowLeft", "o")
    before = world(window)
    window.page.get_by_text("False colour", exact=True).click()
    window.settle()
    assert world(window) == before
    window.go("Detect")
    assert world(window)["zoom"] == pytest.approx(before["zoom"])
    window.go("Compare")
    assert world(window) == before
    address = window.page.url
    assert all(part in address for part in ("mode=side", "style=hatch", "view=3.3"))
    window.page.goto("about:blank")
    window.page.goto(address)
    window.settle()
    again = world(window)
    assert again["zoom"] == pytest.approx(before["zoom"], rel=0.01)
    assert again["x"] == pytest.approx(before["x"], abs=4) and again["y"] == pytest.approx(before["y"], abs=4)


def test_a_choice_told_while_its_page_is_being_left_leaves_the_next_page_whole(window):
    window.open(PAGE)
    press(window, "1")
    window.settle()
    link = window.page.get_by_test_id("stSidebar").get_by_role("link", name="Detect", exact=True).element_handle()
    stage(window).evaluate(
        """(stage, link) => {
            stage.dispatchEvent(new KeyboardEvent("keydown", { key: "4", bubbles: true }));
            setTimeout(() => link.click(), 490);  // just before the server is told of it
        }""",
        link,
    )
    window.page.get_by_role("heading", name="Detect", exact=True).wait_for()
    window.settle()
    expect(stage(window)).to_be_visible()
    assert "/detect" in window.page.url and window.errors == []


def border(window) -> int:
    return int(stage(window).locator(".divider").get_attribute("aria-valuenow"))


def test_the_border_the_blend_and_the_pace_stand_in_a_link_that_a_fresh_server_shows(window, browser, tmp_path):
    window.open(f"{PAGE}&mode=swipe")
    length = window.page.evaluate("history.length")
    runs = fetched_from_now_on(window)
    drag(window, (0.5, 0.3), (0.25, 0.3))
    expect(stage(window).locator(".divider")).to_have_attribute("aria-valuenow", "25")
    press(window, "4")
    window.page.get_by_label("Opacity of the right picture").fill("80")
    press(window, "3")
    window.page.get_by_label("Seconds each picture stays").fill("1.5")
    expect(window.page.locator(".pace output")).to_have_text("1.5 s")
    press(window, "2")
    expect(window.page).to_have_url(re.compile(r"(?=.*swipe=25)(?=.*blend=80)(?=.*pace=1.5)"))
    window.settle()
    assert window.page.evaluate("history.length") == length and runs == []
    path = window.page.url.split("/", 3)[3]
    with serving(tmp_path) as fresh, opened_window(browser, fresh) as other:
        other.open(path)
        assert border(other) == 25
        press(other, "4")
        expect(other.page.get_by_label("Opacity of the right picture")).to_have_value("80")
        press(other, "3")
        expect(other.page.get_by_label("Seconds each picture stays")).to_have_value("1.5")


def test_what_is_usual_stays_out_of_the_address_and_what_cannot_be_is_said(window):
    window.open(f"{PAGE}&mode=swipe&swipe=400&pace=0.01&blend=30")
    expect(window.page.get_by_test_id("stAlert").filter(has_text="swipe")).to_be_visible()
    assert border(window) == 50
    expect(window.page.get_by_test_id("stAlert").filter(has_text="pace")).to_be_visible()
    stage(window).locator(".divider").focus()
    window.page.keyboard.press("ArrowRight")
    expect(window.page).to_have_url(re.compile(r"swipe=52"))
    window.page.keyboard.press("ArrowLeft")
    expect(window.page).not_to_have_url(re.compile(r"swipe="))
    assert "blend=30" in window.page.url


def test_moving_the_border_runs_the_viewer_alone_and_never_the_whole_page(window):
    sent = []
    window.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    window.open(f"{PAGE}&mode=swipe")
    sent.clear()
    drag(window, (0.5, 0.3), (0.3, 0.3))
    expect(window.page).to_have_url(re.compile("swipe=30"))
    window.page.wait_for_timeout(600)
    window.settle()
    asked = [BackMsg.FromString(frame).rerun_script for frame in sent]
    assert asked and all(one.fragment_id for one in asked)


def test_going_back_shows_what_the_address_says(window):
    window.open(f"{PAGE}&mode=side")
    window.go("Detect")
    press(window, "4")
    window.settle()
    assert "mode=opacity" in window.page.url
    window.page.wait_for_timeout(1600)  # else the address before counts as one sent late
    window.page.go_back()
    window.page.get_by_role("heading", name="Compare", exact=True).wait_for()
    window.settle()
    assert "mode=side" in window.page.url
    expect(window.page.locator("[data-mode=side]")).to_have_attribute("aria-checked", "true")


def test_zooming_leaves_no_trail_of_addresses_to_go_back_through(window):
    window.open(f"{PAGE}&mode=side")
    length = window.page.evaluate("history.length")
    for _ in range(4):
        press(window, "+")
        window.page.wait_for_timeout(700)
    window.settle()
    assert window.page.evaluate("history.length") == length


def test_a_new_composition_sends_its_pictures_once_and_an_old_one_none(window):
    window.open(PAGE)
    received = fetched_from_now_on(window)
    window.page.get_by_text("False colour", exact=True).click()
    window.until(lambda: len(received) >= 2, "two pictures have come")
    window.settle()
    assert len(received) == 2 == len(set(received))
    received.clear()
    press(window, "1", "2")
    window.page.get_by_text("False colour", exact=True).click()
    window.settle()
    assert received == []


@pytest.mark.parametrize(
    ("path", "panel", "name", "end", "written"),
    [
        ("detect?event=171&method=band-difference:B04:0.05", "", "Threshold", "0.08", r"B04%3A0\.08$"),
        (PAGE, "2 to 98 % · Δ B04", "Gamma", "1.6", r"stretch=percentile%3Agamma1\.6$"),
    ],
    ids=["threshold", "contrast"],
)
def test_no_press_of_a_slider_is_lost_however_quickly_they_follow(window, path, panel, name, end, written):
    window.open(path)
    if panel:
        window.page.get_by_role("button", name=panel).click()
    slider = window.page.get_by_role("slider", name=name)
    slider.focus()
    for _ in range(6):
        window.page.keyboard.press("ArrowRight")
    expect(window.page).to_have_url(re.compile(written))
    window.settle()
    expect(slider).to_have_value(end)
    expect(window.page).to_have_url(re.compile(written))


# --- for every reader --------------------------------------------------------------------


def test_every_control_has_a_name(window):
    window.open(f"{PAGE}&mode=grid&layers=truth:50")
    press(window, "l")
    nameless = window.page.locator(".viewer").evaluate(
        """(viewer) => [...viewer.querySelectorAll('button, input, select, [role=slider], [role=application]')]
            .filter((one) => ![one.getAttribute('aria-label'), one.textContent, one.labels?.[0]?.textContent]
                .some((name) => name?.trim()))
            .map((one) => one.outerHTML)"""
    )
    assert nameless == []


def test_the_keys_are_listed_and_escape_closes_the_list(window):
    window.open(PAGE)
    press(window, "?")
    expect(window.page.get_by_role("dialog", name="Keys")).to_be_visible()
    window.page.keyboard.press("Escape")
    expect(window.page.get_by_role("dialog", name="Keys")).to_have_count(0)
    assert stage(window).evaluate("(one) => one.getRootNode().activeElement === one")


@pytest.mark.parametrize("mode", ["side", "swipe", "blink", "opacity", "grid"])
def test_no_mode_is_wider_than_its_window(window, mode):
    window.page.set_viewport_size({"width": 900, "height": 900})
    window.open(f"{PAGE}&mode={mode}&layers=truth:80&style=hatch")
    for width, scheme in ((900, "light"), (900, "dark"), (1400, "dark"), (1400, "light")):
        window.page.set_viewport_size({"width": width, "height": 900})
        window.page.emulate_media(color_scheme=scheme)
        window.settle()
        window.shoot(f"viewer-{mode}-{width}-{scheme}")
        overflow = window.page.get_by_test_id("stMain").evaluate("(main) => main.scrollWidth - main.clientWidth")
        assert overflow <= 0, (width, scheme)
