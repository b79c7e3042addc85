"""The controls of a picture and the inspector, pressed in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_walk import EVENT, stage

pytestmark = pytest.mark.browser


def test_a_composition_is_one_press_and_stands_in_the_address(window):
    window.open(f"compare?event={EVENT}")
    window.page.get_by_role("radio", name="Short-wave").click()
    window.page.wait_for_url(re.compile("composition=short-wave"))
    window.page.get_by_text("fresh soil and rock pink").last.wait_for()
    assert not window.errors


def test_a_link_opens_any_three_bands_with_their_contrast(window):
    window.open(f"compare?event={EVENT}&composition=B11-B08-B02&stretch=fixed:0:0.4:gamma1.2")
    text = window.text()
    assert "red B11 short-wave infrared 1, green B08 near infrared, blue B02 blue" in text
    assert "0.000 to 0.400, gamma 1.2" in text


def test_presses_of_a_slider_in_a_row_all_arrive_and_the_panel_stays_open(window):
    window.open(f"compare?event={EVENT}")
    window.page.get_by_role("button", name="2 to 98 % · Δ B04").click()
    slider = window.page.get_by_role("slider", name="Gamma")
    slider.focus()
    for _ in range(3):
        window.page.keyboard.press("ArrowRight")
        window.page.wait_for_timeout(400)
    window.page.wait_for_url(re.compile(r"stretch=percentile(:|%3A)gamma1\.3"))
    expect(slider).to_be_visible()
    window.page.get_by_role("button", name="Back to 2 to 98 %").click()
    window.page.wait_for_url(lambda address: "stretch" not in address)


def test_a_clicked_pixel_shows_spectra_indices_and_a_line_to_copy(window):
    window.open(f"compare?event={EVENT}")
    box = stage(window).bounding_box()
    window.page.mouse.click(box["x"] + box["width"] * 0.47, box["y"] + box["height"] / 2)
    window.page.get_by_text(re.compile(r"Pixel column \d+, row \d+")).wait_for()
    window.settle()
    chart = window.page.get_by_test_id("stPlotlyChart")
    expect(chart.locator(".scatterlayer .trace")).to_have_count(2)
    expect(chart.locator(".barlayer .point")).to_have_count(12)
    window.page.get_by_role("button", name="Copy as CSV").click()
    expect(window.page.get_by_test_id("stCode")).to_contain_text(f"{EVENT},demo,")
    window.shoot("inspector")
