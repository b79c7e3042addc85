"""The table of indices: one entry more, and it can be shown, compared, read, detected with and found in every list."""

import json
import subprocess
import sys

import pytest

from app.config import ROOT
from app.detection import indices, methods
from app.pictures import colours, compositions

ADDED = """
import json
from dataclasses import replace
from app.detection import indices

indices.TABLE["gNDWI"] = replace(indices.TABLE["NDMI"], name="gNDWI", bands=("B03", "B08"))

from streamlit.testing.v1 import AppTest
from app import __main__
from app.detection import methods, run
from app.export import figure
from app.pictures import compositions, readings, render
from app.ui import choices
from tests.small import patch

wet = patch(B03=(0.1, 0.3), B08=(0.4, 0.2))
found = run.detect(wet, "index-rise:gndwi:0.5")
words = {name: action.choices[name].format_help() for action in __main__.parser()._actions if action.choices
         for name in ("detect", "evaluate")}
app = AppTest.from_file("streamlit_app.py", default_timeout=120).run()
app.session_state[choices.EVENT] = "171"
app.session_state[choices.COMPOSITION], app.session_state[choices.METHODS] = "gNDWI", ["index-drop:gNDWI:0.1"]
app.switch_page("pages/detect.py").run()
print(json.dumps({
    "parsed": str(methods.parse("index-drop:GNDWI")),
    "score": float(found.score[0, 0]),
    "drawn": render.pair(wet, "gndwi", render.stretch_for(wet, "gNDWI", "fixed"))[0].shape,
    "change": render.change_picture(wet, "gndwi")[1],
    "reading": readings.at(wet, 1, 1).indices["gNDWI"].change,
    "figure": len(figure.draw(wet, figure.FigureLook("gNDWI", dpi=72))),
    "help": {name: "gNDWI" in text for name, text in words.items()},
    "faults": [str(one.value) for one in app.exception],
    "lists": {key: "gNDWI" in app.selectbox(key=key).options
              for key in ("picture.index", "picture.change", "method.target")},
}))
"""


def test_one_entry_in_the_table_is_all_it_takes_to_add_an_index():
    done = subprocess.run([sys.executable, "-c", ADDED], cwd=ROOT, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["parsed"] == "index-drop:gNDWI:0.2"
    assert told["score"] == pytest.approx(0.2 + 0.6, abs=1e-6) and told["reading"] == pytest.approx(0.8, abs=1e-6)
    assert told["drawn"] == [4, 4, 3] and told["figure"] > 0
    assert told["change"].startswith("gNDWI at T2 minus T1") and "of the index" in told["change"]
    assert told["help"] == {"detect": True, "evaluate": True}
    assert not told["faults"] and all(told["lists"].values()), told


def test_lists_keep_their_order_and_methods_leave_out_what_is_in_reflectance():
    assert compositions.INDICES == ("NDVI", "NDMI", "NBR", "BSI", "EVI", "brightness")
    assert methods.INDICES == ("NDVI", "NDMI", "NBR", "EVI", "BSI")


@pytest.mark.parametrize("name", indices.TABLE)
def test_an_index_has_a_range_colours_words_and_a_source(name):
    one = indices.TABLE[name]
    assert one.fixed[0] < one.fixed[1] and one.shows and one.source
    assert not one.colours or one.colours in colours.RAMPS
