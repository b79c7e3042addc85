"""Methods on real scars with their near infrared: each half by its own network, the same pixels for every method."""

import re

import numpy as np
import pytest

from app.config import ROOT
from app.testsets.scars import Pair
from models import chips, iburi, infrared, scarred

SIDE = 32
BRIGHT, NEVER = "band-difference:B04:0.05", "band-difference:B04:0.9"


@pytest.fixture
def shown(monkeypatch):
    """Two scenes of dark ground, one of each half, with a bright scar at T2."""
    scars = np.zeros((SIDE, SIDE), bool)
    scars[4:12, 4:12] = True
    dark = np.full((4, SIDE, SIDE), 0.05, np.float32)
    scenes = tuple(chips.Chip(number, dark + np.float32(0.1) * scars, scars) for number in (42, 168))
    pairs = tuple((k, Pair(dark, one.image, scars, np.ones_like(scars))) for k, one in enumerate(scenes))
    monkeypatch.setattr(infrared, "scenes", lambda: scenes)
    monkeypatch.setattr(infrared, "HALVES", ((0,), (1,)))
    monkeypatch.setattr(scarred, "with_scars", lambda restyled: pairs)


def test_a_network_is_scored_on_the_half_that_it_has_not_learnt_from(shown):
    found = scarred.on_scars(scarred.TriedMethod("halves", (BRIGHT, NEVER)), False)
    assert [part.tp for part in found.by_scene] == [64, 0] and found.counts.fn == 64
    assert found.thresholds == (0.05, 0.9)
    assert scarred.on_scars(scarred.TriedMethod("one", (BRIGHT,)), False).counts.f1 == 1


def test_the_table_names_every_scene_and_says_that_t1_is_made(shown):
    found = [scarred.on_scars(scarred.TriedMethod("red", (BRIGHT,)), True)]
    text = "\n".join(scarred._scores(found, True))
    assert "red, AP 1.000" in iburi.picture(found)
    assert "SIMULATED" in text and "F1, scene 42" in text and "2,048 pixels, 128 slid" in text
    assert "| red | 0.05 | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 |" in text


def test_what_was_filled_is_told_apart_from_false_alarms(monkeypatch):
    holes = np.zeros((SIDE, SIDE), bool)
    holes[:8, :8] = True
    dark, other = np.full((4, SIDE, SIDE), 0.05, np.float32), np.zeros((SIDE, SIDE), bool)
    other[20:24, 20:24] = True
    t2 = dark + np.float32(0.1) * (other | (holes & (np.arange(SIDE) < 4)))
    pair = Pair(dark, t2, np.zeros_like(holes), np.ones_like(holes))
    monkeypatch.setattr(scarred, "without_scars", lambda: ((pair, holes),))
    found = scarred.on_places(scarred.TriedMethod("red", (BRIGHT,)))
    assert (found.filled, round(found.share, 3)) == (50, round(100 * 16 / (SIDE * SIDE - 64), 3))
    assert round(found.per_km2 * (SIDE * SIDE - 64) * scarred.PIXEL_KM2, 6) == 1


def test_the_card_holds_the_numbers_of_a_plain_method(shared):
    card = (ROOT / "models" / "bit.md").read_text(encoding="utf-8").partition(scarred.BEGIN)[2]
    (row, *_) = re.findall(r"^\| band-difference:B04:0\.05 \| 0\.05 \| (.*) \|$", card, re.M)
    found = scarred.on_scars(scarred.TriedMethod("red", (BRIGHT,)), False)
    at = found.counts
    assert list(map(float, row.split(" | ")))[:3] == pytest.approx([at.precision, at.recall, at.f1], abs=6e-4)
