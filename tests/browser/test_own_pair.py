"""One's own pair in a real Chromium: three files uploaded, days said, opened, and scored against the mask beside it."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.handmade import tiff
from tests.test_own_pair import PLACE, SCAR, UTM, one_date

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("nothing_asked_of_the_outside")]


def upload(window, *files) -> None:
    window.open("inventory")
    window.page.get_by_role("link", name="Open your own pair of images").click()
    window.settle()
    for number, file in enumerate(files):
        if number == 2:
            window.page.get_by_text("Truth beside it").click()
            window.settle()
        window.upload(window.page.locator("input[type=file]").nth(number), file)
        expect(window.page.get_by_text(file.name, exact=True).first).to_be_visible()


def say_days(window, *days: str) -> None:
    for name, day in zip(("T1", "T2"), days, strict=True):
        box = window.page.get_by_test_id("stDateInput").filter(has_text=f"Day of {name}")
        for part, text in zip(("year", "month", "day,"), day.split("-"), strict=True):
            box.get_by_role("spinbutton", name=re.compile(part)).press_sequentially(text)
        window.page.keyboard.press("Escape")
        window.settle()


def opened(window) -> str:
    window.page.get_by_role("button", name="Open the pair").click()
    expect(window.page.get_by_test_id("stSidebar")).to_contain_text("Your pair ")
    window.settle()
    return window.page.url.partition("?")[2]


def test_three_files_that_are_uploaded_are_a_pair_with_its_truth(window, tmp_path):
    mask = np.zeros((24, 24), np.uint8)
    mask[SCAR] = 1
    truth = tiff(tmp_path / "mask.tif", mask, dtype="uint8", crs=UTM, transform=PLACE)
    upload(window, one_date(tmp_path / "a.tif", False), one_date(tmp_path / "b.tif", True), truth)
    say_days(window, "2020-05-01", "2021-05-06")
    address = opened(window)
    expect(window.page.get_by_role("img").first).to_be_visible()
    assert "files=T1+a.tif" in address and "/tmp" not in address
    window.shoot("own_pair")
    window.open(f"metrics?{address}&scored=band-difference:B04:0.05")
    expect(window.page.get_by_text("pooled F1 of")).to_contain_text("1.000")


def test_the_iburi_pair_is_scored_as_it_was_measured(window, shared):
    at = shared / "data" / "iburi2018_west"
    upload(window, at / "t1.tif", at / "t2.tif", at / "landslide.tif")
    say_days(window, "2018-04-20", "2018-10-01")
    address = opened(window)
    window.open(f"metrics?{address}&scored=band-difference:B04:0.0137")
    expect(window.page.get_by_text("pooled F1 of")).to_contain_text("0.686")
