"""False alarms on simulated farmland: what is counted, and the table of the cards."""

import numpy as np
import pytest

from app.errors import NetworkError
from app.terrain import heights
from models import farmland

RISE = "band-difference:B04:0.05"


def test_groups_of_marked_pixels_on_fields_are_counted_and_corners_join():
    marked, fields = np.zeros((2, 6, 6), bool)
    fields[:, :4] = True
    marked[0, 0] = marked[1, 1] = marked[4, 2] = marked[5, 5] = True
    assert farmland.counted(marked, fields).tolist() == [2, 3]


def test_simulated_fields_are_gentle_and_a_smallest_slope_takes_their_false_alarms_away():
    place = farmland.simulated_places("test", 1)[0]
    patch, fields = farmland.opened(place)
    assert fields.shape == heights.of(patch).shape and patch.attrs["simulated"] == 1
    km2, found = farmland.alarms([RISE], 1)
    none, five, ten = found[RISE][:, 1]
    assert km2 > 0.1
    assert none > five > ten


def test_the_table_says_that_its_farmland_is_simulated_and_goes_between_its_marks(tmp_path):
    text = farmland.table(2.0, {"onnx:/x/bit.onnx": np.array([[8, 800], [2, 100], [1, 10]])}, 3)
    assert "SIMULATED farmland" in text and "2.0 km²" in text
    assert "| this network | 4.00 (4.00 %) | 1.00 (0.50 %) | 0.50 (0.05 %) |" in text
    card = tmp_path / "card.md"
    card.write_text(f"before\n{farmland.BEGIN}\nold\n{farmland.END}\nafter\n", encoding="utf-8")
    farmland.write_card(card, text)
    held = card.read_text(encoding="utf-8")
    assert "old" not in held and held.startswith("before") and held.endswith("after\n") and text in held
    card.write_text("nothing", encoding="utf-8")
    with pytest.raises(NetworkError, match="no place for farmland"):
        farmland.write_card(card, text)
