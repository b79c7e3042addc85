"""Remake the pictures of the documentation from the running program: ``python -m tools.pictures [NAME ...]``.

A server of its own with an empty home folder and the Chromium of the browser tests; all that is shown is SIMULATED, or
the built-in list. Each picture is a page as its link says, at 1400 x 900, in docs/images.
"""

import argparse
import io
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from app.config import ROOT
from tests import chromium
from tests.browser.conftest import FLAGS, Window, opened_window, serving

PLACE = ROOT / "docs" / "images"
MOST_BYTES = 150_000  # of one picture: a page of the documentation opens at once


def _as_it_is(window: Window) -> None:
    """Show the page as its link opens it."""


def _code(window: Window) -> None:
    """Open the code behind the page, its second tab."""
    window.page.get_by_role("button", name="Show the code").click()
    window.page.get_by_role("tab", name="Without Scarp").click()
    window.page.wait_for_timeout(500)


@dataclass(frozen=True)
class Picture:
    """One picture: where the link leads, and what is pressed before it is taken."""

    name: str
    link: str
    press: Callable[[Window], None] = _as_it_is


PICTURES = (
    Picture("inventory", "inventory?event=171"),
    Picture("patches", "patches?event=171"),
    Picture("compare", "compare?event=171&mode=swipe"),
    Picture("detect", "detect?event=171&mode=grid&method=onnx:bit,onnx:cdrl,band-difference:B04:0.05"),
    Picture("metrics", "metrics?event=171&scored=onnx:bit,band-difference:B04:0.05,index-drop:NDVI:0.2"),
    Picture("review", "review?event=171"),
    Picture("code", "compare?event=171", _code),
)


def main(arguments: list[str] | None = None) -> None:
    """Take the pictures that are named, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m tools.pictures", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"which of them: {', '.join(one.name for one in PICTURES)}")
    wanted = parser.parse_args(arguments).name
    PLACE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="scarp-pictures-") as home, serving(Path(home)) as address:
        take([one for one in PICTURES if one.name in wanted or not wanted], address, PLACE)


def take(pictures: list[Picture], address: str, place: Path) -> None:
    """Write pictures of a server's pages into a folder; raises SystemExit where there is no Chromium."""
    path = chromium.find()
    if path is None:
        raise SystemExit("There is no Chromium: `python -m tests.chromium` installs one.")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=FLAGS)
        for one in pictures:
            with opened_window(browser, address) as window:
                window.open(one.link)
                one.press(window)
                small = shrunk(window.page.screenshot())
            (place / f"{one.name}.webp").write_bytes(small)
            print(f"{one.name}.webp: {len(small) / 1000:.0f} kB")
        browser.close()


def shrunk(png: bytes) -> bytes:
    """Return a screenshot as WebP, as good as ``MOST_BYTES`` allow."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    for quality in (88, 80, 70, 60, 45):
        out = io.BytesIO()
        image.save(out, "WEBP", quality=quality, method=6)
        if out.tell() <= MOST_BYTES:
            break
    return out.getvalue()


if __name__ == "__main__":
    main()
