"""Behind a real nginx, under a path of its own, with the lines of docs/DEPLOY.md: walked once by a reader's browser."""

import os
import re
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import opened_window
from tests.browser.maps import of_map, wait_for_map
from tests.servers.nginx import PATH, Front, nginx, program
from tests.servers.scarp import handshake, labels, served
from tests.servers.session import Session

pytestmark = pytest.mark.browser
MINE = b"id,date,latitude,longitude,pre2,post1\nmine,2019-05-06,45.1,25.2,2018-06-01,2020-06-01\n"


@pytest.fixture(scope="module")
def front(tmp_path_factory):
    """Scarp under a path, and nginx before it."""
    if program() is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no nginx here (Debian's package of that name has it)")
    folder = tmp_path_factory.mktemp("front")
    with served(folder, path=PATH) as scarp, nginx(folder / "nginx", scarp.port) as made:
        yield made


def test_all_of_scarp_works_under_a_path_behind_nginx(browser, front: Front):
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
        window.open("detect?event=171&source=demo&method=band-difference:B04:0.05")
        slider = window.page.get_by_role("slider", name="Threshold")
        slider.focus()
        window.page.keyboard.press("ArrowRight")
        expect(window.page).to_have_url(re.compile(rf"{PATH}/detect\?.*B04%3A0\.055$"))
        window.shoot("base-path-detect")
        window.go("Inventory")
        assert urlsplit(window.page.url).path == f"{PATH}/inventory"
        window.bring("mine.csv", MINE)
        assert "mine.csv" in window.text()
        window.shoot("base-path-upload")
        assert window.outside == [] and window.errors == []
    asked = front.asked()
    assert [one for _, one in asked if not one.startswith(f"{PATH}/")] == [], "asked for beside the path"
    assert any("/static/" in one for _, one in asked) and (101, f"{PATH}/_stcore/stream") in asked


def test_the_path_is_found_without_its_last_stroke_too(front: Front):
    with urllib.request.urlopen(f"http://{front.host}:{front.port}{PATH}", timeout=120) as told:
        assert told.status == 200 and told.url.endswith(f"{PATH}/")


def test_nginx_hands_on_who_may_open_a_session_and_who_may_frame_a_page(front: Front):
    here = f"{front.host}:{front.port}"
    assert handshake(front, here) == 101
    assert [handshake(front, here, one) for one in ("http://evil.example", f"http://{front.host}:1")] == [403, 403]
    assert handshake(front, f"rebound.example:{front.port}") == 403
    with urllib.request.urlopen(f"{front.address}/", timeout=120) as told:
        assert told.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert told.headers["Content-Security-Policy"] == "frame-ancestors 'self'"


def test_through_nginx_no_path_may_be_typed_and_large_files_come_in(front: Front):
    found = labels(front, "inventory", {})
    assert found and "or its path on this machine" not in found
    with Session(front) as one:
        one.open("inventory")
        assert one.bring("-upload.0", "mine.csv", MINE + b" " * 3_000_000) == 0  # nginx alone takes one megabyte


def test_a_foreign_page_brings_no_file_in_through_nginx(front: Front):
    sent = urllib.request.Request(f"{front.address}/_stcore/upload_file/of-nobody/file", b"x", method="PUT")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(sent, timeout=120)
