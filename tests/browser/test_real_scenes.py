"""Real scenes through the pages: an open catalogue on loopback, the cache, and a service that fails."""

import json
import re
from copy import deepcopy
from datetime import date

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import opened_window, serving
from tests.servers.stac import stac_server

pytestmark = pytest.mark.browser

PLACE = (24.8, -11.5)  # under the one tile there is
FIRST, SECOND = date(2020, 2, 19), date(2022, 3, 15)
BANDS = {
    "coastal": "B02",
    "blue": "B02",
    "green": "B03",
    "red": "B04",
    "rededge1": "B8A",
    "rededge2": "B8A",
    "rededge3": "B8A",
    "nir": "B08",
    "nir08": "B8A",
    "nir09": "B8A",
    "swir16": "B11",
    "swir22": "B12",
    "scl": "SCL",
}  # fmt: skip; asset -> the file served for it: the real product lacks a few bands


def inventory(*shifts: float) -> bytes:
    """Return an inventory of events a little apart, all under the catalogue's one tile."""
    rows = [f"{n},2021-06-01,{PLACE[0] + shift},{PLACE[1]},{FIRST},{SECOND}" for n, shift in enumerate(shifts)]
    return "\n".join(["id,event_date,latitude,longitude,pre2,post1", *rows]).encode()


@pytest.fixture
def catalogue(shared):
    """A STAC API on loopback with the real product on two days."""
    folder = shared / "data" / "s2" / "l2a_cog"
    item = json.loads((folder / "S2A_29RKH_20200219_0_L2A.json").read_text())
    with stac_server() as server:
        for day in (FIRST, SECOND):
            scene = deepcopy(item)
            scene["id"] = f"S2A_29RKH_{day:%Y%m%d}_0_L2A"
            scene["properties"]["datetime"] = f"{day}T11:34:25Z"
            server.add(scene, {asset: folder / f"{band}.tif" for asset, band in BANDS.items()})
        yield server


@pytest.fixture
def window(browser, catalogue, tmp_path):
    settings = {"SCARP_STAC_URL": catalogue.address, "SCARP_DEADLINE_S": "120"}
    with serving(tmp_path, **settings) as address, opened_window(browser, address) as opened:
        opened.open("inventory")
        opened.bring("places.csv", inventory(0.0, 0.004))
        opened.page.get_by_role("button", name="Next").click()
        opened.settle()
        yield opened
        assert opened.outside == []


def choose_stac(window) -> None:
    window.go("Patches")
    window.page.get_by_text("Open catalogues (STAC)").click()
    window.settle()


def test_a_real_pair_is_fetched_once_and_shown_with_where_it_is_from(window, catalogue):
    choose_stac(window)
    assert "not open yet" in window.alerts()
    window.page.get_by_role("button", name="Open the patch").click()
    window.page.get_by_role("button", name="NetCDF").wait_for()
    window.settle()
    assert f"T1 · {FIRST} · stac" in window.text() and "SIMULATED" not in window.text()
    window.shoot("stac")
    asked = len(catalogue.requests)
    window.go("Compare")
    expect(window.page.locator(".tag .words").first).to_have_text(f"T1 · {FIRST} · stac")
    assert len(catalogue.requests) == asked


def test_many_events_are_fetched_ahead_and_watched_one_by_one(window, catalogue):
    choose_stac(window)
    window.page.get_by_text("Fetch many events ahead").click()
    expect(window.page.get_by_role("button", name="Fetch", exact=True)).to_be_visible()
    window.settle()
    window.page.get_by_role("button", name="Fetch", exact=True).click()
    window.page.get_by_text("2 of 2 patches are at hand").wait_for()
    window.shoot("prefetch")
    expect(window.page.get_by_text(re.compile(r"event [01]: fetched"))).to_have_count(2)


def test_a_service_out_of_reach_is_a_sentence_and_nothing_is_lost(window, catalogue):
    choose_stac(window)
    catalogue.faults["/search"], catalogue.fault_count = 503, 10_000
    window.page.get_by_role("button", name="Open the patch").click()
    window.page.get_by_test_id("stAlert").get_by_text(re.compile("catalogue", re.I)).first.wait_for()
    window.settle()
    assert "503" in window.alerts() or "answer" in window.alerts()
    assert "Event 0" in window.text() and date.fromisoformat("2021-06-01").isoformat() in window.text()
