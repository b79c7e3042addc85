"""Behind a reverse proxy under a path of its own: pages, map, viewer, pictures and downloads; nothing asked beside."""

from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import opened_window, serving
from tests.browser.maps import of_map, wait_for_map
from tests.servers.proxy import proxy

pytestmark = pytest.mark.browser
PATH = "/scarp"


def test_all_of_scarp_works_under_a_path_behind_a_proxy(browser, tmp_path):
    with serving(tmp_path / "home", PATH) as behind, proxy(PATH, urlsplit(behind).port) as front:
        with opened_window(browser, front.address) as window:
            window.open("inventory")
            wait_for_map(window)
            assert of_map(window, "map.list.text.length") == 10
            window.shoot("base-path-inventory")
            with window.page.expect_download() as arriving:
                window.page.get_by_role("button", name="Take this map away").click()
            assert arriving.value.path().stat().st_size > 10_000
            window.open("compare?event=171&source=demo&mode=side")
            picture = window.page.locator(".world .picture").first
            picture.wait_for()
            assert picture.evaluate("async (one) => (await one.decode?.(), one.naturalWidth)") > 100
            window.shoot("base-path-compare")
            assert urlsplit(window.page.url).path == f"{PATH}/compare"
            window.go("Detect")
            assert urlsplit(window.page.url).path == f"{PATH}/detect"
            window.page.locator(".world .picture").first.wait_for()
            window.shoot("base-path-detect")
            assert window.outside == [] and window.errors == []
        assert front.refused == [], "asked for beside the path"
        assert any("/static/" in one for one in front.handed_on) and any("/stream" in one for one in front.handed_on)
