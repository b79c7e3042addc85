"""The film on the Patches page: scenes listed, looked at, and taken as T1 and T2 by click, key and drag."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LONG_WORK_MS, opened_window, serving
from tests.browser.test_dates import CLOUDY, NEAR
from tests.browser.test_dates import catalogue as catalogue
from tests.browser.test_real_scenes import inventory

pytestmark = pytest.mark.browser
PLACE = "patches?event=171&bands=B02,B03,B04&buffer=0.005"


@pytest.fixture
def window(browser, tmp_path):
    with serving(tmp_path) as address, opened_window(browser, address) as opened:
        opened.open(PLACE)
        opened.page.get_by_text("Every scene around the event").click()
        opened.page.get_by_role("button", name="List the scenes").click()
        opened.page.locator(".reel li[data-date]").first.wait_for()
        opened.settle()
        yield opened
        assert opened.outside == [] and opened.errors == []


def chosen(window) -> dict[str, str]:
    found = dict(re.findall(r"[?&](t1|t2)=([-0-9]+)", window.page.url))
    return {"t1": found.get("t1", ""), "t2": found.get("t2", "")}


def card(window, day: str):
    return window.page.locator(f'.reel li[data-date="{day}"]')


def test_scenes_are_taken_as_t1_and_t2_by_click_key_and_drag(window):
    window.page.locator(".film").scroll_into_view_if_needed()
    window.shoot("film")
    days = window.page.locator(".reel li[data-date]").evaluate_all("all => all.map((one) => one.dataset.date)")
    before = [day for day in days if day < "2023-02-06"]
    after = [day for day in days if day > "2023-02-06"]
    assert len(days) > 100 and days == sorted(days)
    card(window, before[-2]).get_by_role("button", name="T1").click()
    expect(window.page).to_have_url(re.compile(f"t1={before[-2]}"))
    window.settle()
    card(window, after[2]).focus()
    window.page.keyboard.press("2")
    expect(window.page).to_have_url(re.compile(f"t2={after[2]}"))
    window.settle()
    window.page.keyboard.press("ArrowRight")
    assert window.page.evaluate("document.activeElement.shadowRoot?.activeElement?.dataset.date ?? "
                                "document.activeElement.dataset.date") == after[3]  # fmt: skip
    mark = window.page.locator(".axis .mark", has_text="T1")
    mark.scroll_into_view_if_needed()
    box, line = mark.bounding_box(), window.page.locator(".axis .line").bounding_box()
    window.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    window.page.mouse.down()
    window.page.mouse.move(line["x"] + 0.1 * line["width"], box["y"] + 5, steps=6)
    window.page.mouse.up()
    window.until(lambda: chosen(window)["t1"] != before[-2], "another day is T1")
    window.settle()
    assert days[0] < chosen(window)["t1"] < before[-20] and chosen(window)["t2"] == after[2]
    window.shoot("film_taken")


def test_looks_show_the_patch_and_limits_take_scenes_out(window):
    shown = window.page.locator(".reel .picture img")
    assert shown.count() == 8
    window.page.get_by_role("button", name="Look at 60 more").click()
    window.page.wait_for_function(
        "() => document.querySelectorAll('[data-testid=stApp] .reel .picture img').length > 8 || "
        "[...document.querySelectorAll('*')].some((one) => one.shadowRoot && "
        "one.shadowRoot.querySelectorAll('.reel .picture img').length > 8)", timeout=LONG_WORK_MS,
    )  # fmt: skip
    window.settle()
    assert shown.count() == 68
    window.page.locator(".film").scroll_into_view_if_needed()
    for width in (1400, 900, 390):
        window.page.set_viewport_size({"width": width, "height": 900})
        window.settle()
        window.page.locator(".film").scroll_into_view_if_needed()
        window.shoot(f"film_{width}")


def test_scenes_of_a_catalogue_show_their_clouds_and_a_second_look_asks_it_nothing(browser, catalogue, tmp_path):
    settings = {"SCARP_STAC_URL": catalogue.address, "SCARP_DEADLINE_S": "120"}
    with serving(tmp_path, **settings) as address, opened_window(browser, address) as window:
        window.open("inventory")
        window.bring("places.csv", inventory(0.0, 0.004))
        window.page.get_by_role("button", name="Next").click()
        window.settle()
        window.go("Patches")
        window.page.get_by_text("Open catalogues (STAC)").click()
        window.settle()
        window.page.get_by_text("Every scene around the event").click()
        assert not catalogue.requests
        catalogue.faults["/search"] = 400
        window.page.get_by_role("button", name="List the scenes").click()
        window.page.get_by_text("HTTP 400").wait_for()
        window.settle()
        catalogue.faults.clear()
        window.page.get_by_role("button", name="List the scenes").click()
        window.page.locator(".reel li[data-date]").first.wait_for()
        window.settle()
        expect(card(window, str(CLOUDY))).to_contain_text("0% clear")
        expect(card(window, str(NEAR))).to_contain_text("100% clear")
        assert window.page.locator(".reel .picture img").count() == 4 and "SIMULATED" not in window.text()
        window.page.locator(".film").scroll_into_view_if_needed()
        window.shoot("film_stac")
        asked = len(catalogue.requests)
        window.go("Inventory")
        window.go("Patches")
        window.page.locator(".reel li[data-date]").first.wait_for()
        window.settle()
        assert len(catalogue.requests) == asked
        assert window.outside == [] and window.errors == []
