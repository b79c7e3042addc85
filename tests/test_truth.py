"""What is mapped and what is known are told apart in one place, and every score goes by it."""

import numpy as np
import pytest

from app import truth
from app.detection import run
from app.errors import TruthMissingError
from app.pictures import readings
from models import score
from tests.handmade import patch

MAPPED = [[1, 0, 255]]
PAIR = {"B04": ([[0.1, 0.1, 0.1]], [[0.3, 0.1, 0.3]])}


def test_what_is_not_known_is_neither_mapped_nor_known():
    landslide, known = truth.read(patch(PAIR, truth=MAPPED))
    assert landslide.tolist() == [[True, False, False]] and known.tolist() == [[True, True, False]]
    with pytest.raises(TruthMissingError, match="no mapped landslides"):
        truth.read(patch(PAIR))


def test_an_area_says_which_share_of_its_known_pixels_slid():
    held = patch(PAIR, truth=MAPPED)
    assert readings.over(held, np.array([[True, True, True]])).truth == "50% landslide"
    assert readings.over(held, np.array([[False, False, True]])).truth == "unknown"


def test_a_network_is_not_charged_with_what_it_marks_where_nothing_is_known():
    held = patch(PAIR, truth=MAPPED)
    counts, _ = score._counted(held, run.detect(held, "band-difference:B04:0.05", "cpu"), 0.05, 0.0)
    assert (counts.tp, counts.fp, counts.n) == (1, 0, 2)
