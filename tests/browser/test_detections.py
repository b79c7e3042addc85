"""Detections of others on the pages: brought, shown as a layer, scored, and refused in one sentence."""

import io

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.browser


def mask() -> bytes:
    out = io.BytesIO()
    shown = np.zeros((60, 60), np.uint8)
    shown[20:40, 10:50] = 255
    Image.fromarray(shown).save(out, "PNG")
    return out.getvalue()


def bring(window, button: str, *files: tuple[str, bytes]) -> None:
    """Open the dialog and bring files."""
    window.page.get_by_role("button", name=button).click()
    dialog = window.page.get_by_role("dialog")
    given = [{"name": name, "mimeType": "application/octet-stream", "buffer": data} for name, data in files]
    window.upload(dialog.locator("input[type=file]"), *given)
    dialog.get_by_role("button", name="Check and add").click()


def test_detections_are_brought_shown_scored_and_taken_away(window):
    window.open("detect?event=171")
    bring(window, "Bring detections", ("171.png", mask()))
    window.page.get_by_text("Brought detections 171").first.wait_for()
    window.settle()
    assert "file%3A171" in window.page.url or "file:171" in window.page.url
    assert "there is no threshold to move" in window.text()
    for width in (1400, 900, 390):
        window.page.set_viewport_size({"width": width, "height": 900})
        window.settle()
        window.shoot(f"detections-{width}")
    window.page.set_viewport_size({"width": 1400, "height": 900})
    window.open("metrics?event=171&data=event&scored=file:171,band-difference:B04:0.05")
    window.page.get_by_text("what its files do not say of a patch is not counted").first.wait_for()
    window.shoot("detections-scored")
    window.open("detect?event=171&method=file:171")
    window.page.get_by_role("button", name="What was brought").click()
    window.page.get_by_role("button", name="Take away").click()
    window.page.get_by_role("button", name="Take away").wait_for(state="hidden")
    window.settle()
    assert "file" not in window.page.url


def test_a_file_that_is_no_mask_is_one_sentence_and_nothing_is_lost(window):
    window.open("detect?event=171")
    bring(window, "Bring detections", ("171.png", b"no picture"))
    window.page.get_by_role("dialog").get_by_text("171.png cannot be read as a PNG").wait_for()
    window.shoot("detections-refused")
