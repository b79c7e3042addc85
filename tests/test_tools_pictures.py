"""The pictures of the documentation are those that the script makes, small, and shown somewhere."""

import io
import re
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from PIL import Image

from app.ui import choices
from tests.test_site import PAGES
from tools import pictures


@pytest.mark.parametrize("one", pictures.PICTURES, ids=lambda one: one.name)
def test_a_picture_is_there_small_and_shown_and_its_link_says_what_the_page_can_be_told(one):
    made = pictures.PLACE / f"{one.name}.webp"
    assert made.stat().st_size <= pictures.MOST_BYTES, "make it anew: python -m tools.pictures"
    assert Image.open(made).size == (1400, 900)
    shown = [page for page in PAGES if re.search(rf"images/{one.name}\.webp\)", page.read_text("utf-8"))]
    assert shown, f"{one.name} is shown nowhere"
    parts = urlsplit(one.link)
    for name, text in parse_qsl(parts.query):
        assert name in choices.CARRIED[f"pages/{parts.path}.py"] and choices.TABLE[name].parse(text) is not None


def test_a_screenshot_is_made_smaller_until_it_is_small_enough():
    noise = np.random.default_rng(1).integers(0, 255, (300, 400, 3)).astype("uint8")
    png = io.BytesIO()
    Image.fromarray(noise).save(png, "PNG")
    small = pictures.shrunk(png.getvalue())
    assert len(small) < pictures.MOST_BYTES < len(png.getvalue())
    assert Image.open(io.BytesIO(small)).format == "WEBP"
