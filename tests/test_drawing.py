"""What a reader drew, as the file that is taken away."""

import json

from app import config
from app.patches import PatchSpec
from app.pictures.shapes import Shape
from app.ui.compare import drawing
from tests.small import GRID, T1, T2, patch

SPEC = PatchSpec("hand", "1", GRID.bbox, T1, T2)


def test_drawn_shapes_say_what_they_were_drawn_on_and_which_scarp_wrote_them():
    box = Shape("box", ((0, 0), (2, 2)))
    told = json.loads(drawing.document(SPEC, patch(simulated=True), [box]))["metadata"]
    assert (told["event"], told["t1"], told["t2"], told["simulated"]) == ("1", str(T1), str(T2), "true")
    assert told["software"] == config.software()
