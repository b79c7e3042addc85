"""Dates proposed on the Patches page from an open catalogue, one on loopback with the real product on several days."""

import json
from copy import deepcopy
from datetime import date

import numpy as np
import pytest
import rasterio
from playwright.sync_api import expect

from tests.browser.conftest import opened_window, serving
from tests.browser.test_real_scenes import BANDS, inventory
from tests.servers.stac import cog, stac_server

pytestmark = pytest.mark.browser

NEAR, A_YEAR_BEFORE, CLOUDY = date(2021, 5, 12), date(2020, 6, 3), date(2021, 5, 27)  # the event: 2021-06-01
AFTER = date(2021, 6, 21)


@pytest.fixture
def catalogue(shared):
    folder = shared / "data" / "s2" / "l2a_cog"
    item = json.loads((folder / "S2A_29RKH_20200219_0_L2A.json").read_text())
    files = {asset: folder / f"{band}.tif" for asset, band in BANDS.items()}
    with rasterio.open(files["scl"]) as classes:
        cloud = cog(np.full(classes.shape, 9, np.uint8), classes.transform, classes.crs)  # 9: cloud, high probability
    with stac_server() as server:
        for day in (NEAR, A_YEAR_BEFORE, CLOUDY, AFTER):
            scene = deepcopy(item)
            scene["id"] = f"S2A_29RKH_{day:%Y%m%d}_0_L2A"
            scene["properties"]["datetime"] = f"{day}T11:34:25Z"
            server.add(scene, {**files, "scl": cloud} if day == CLOUDY else files)
        yield server


@pytest.fixture
def window(browser, catalogue, tmp_path):
    settings = {"SCARP_STAC_URL": catalogue.address, "SCARP_DEADLINE_S": "120"}
    with serving(tmp_path, **settings) as address, opened_window(browser, address) as opened:
        opened.open("inventory")
        opened.bring("places.csv", inventory(0.0, 0.004))
        opened.page.get_by_role("button", name="Next").click()
        opened.settle()
        opened.go("Patches")
        opened.page.get_by_text("Open catalogues (STAC)").click()
        opened.settle()
        yield opened
        assert opened.outside == [] and opened.errors == []


def search(window) -> None:
    window.page.get_by_text("Propose dates from an open catalogue").click()
    window.page.get_by_role("button", name="Search").click()
    window.page.get_by_text("T1, before the event", exact=True).wait_for()
    window.settle()


def dates(window) -> list[str]:
    return sorted(part for part in window.page.url.split("?")[1].split("&") if part[:3] in ("t1=", "t2="))


def test_clear_days_are_proposed_with_their_picture_and_a_press_takes_one(window, catalogue):
    search(window)
    before = [window.page.get_by_role("button", name=str(day)) for day in (NEAR, A_YEAR_BEFORE)]
    for button in before:
        expect(button).to_have_count(1)
    expect(window.page.get_by_role("button", name=str(CLOUDY))).to_have_count(0)  # nothing of the patch is clear
    assert "100% clear" in window.text()
    thumbnails = window.page.get_by_test_id("stExpander").locator("img")
    expect(thumbnails).to_have_count(3)
    expect(thumbnails.first).not_to_have_js_property("naturalWidth", 0)
    window.shoot("date-proposals")
    before[1].click()
    window.settle()
    window.page.get_by_role("button", name=str(AFTER)).click()
    window.settle()
    assert f"t1={A_YEAR_BEFORE}" in window.page.url and f"t2={AFTER}" in window.page.url
    window.page.get_by_role("button", name="Open the patch").click()
    window.page.get_by_role("button", name="NetCDF").wait_for()
    window.settle()
    assert f"T1 · {A_YEAR_BEFORE} · stac" in window.text()


def test_a_catalogue_that_refuses_is_a_sentence_and_the_dates_stay(window, catalogue):
    catalogue.faults["/search"], catalogue.fault_count = 503, 10_000
    before = dates(window)
    window.page.get_by_text("Propose dates from an open catalogue").click()
    window.page.get_by_role("button", name="Search").click()
    window.page.get_by_test_id("stAlert").filter(has_text="catalogue").first.wait_for()
    window.settle()
    assert "503" in window.alerts() or "answer" in window.alerts()
    assert dates(window) == before != []
