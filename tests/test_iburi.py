"""The real pair of real landslides is scored as it was measured, on the same pixels for every method."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from app import truth
from app.__main__ import main
from app.config import ROOT
from app.detection import polygons, run, steep
from app.patches import grid_of
from app.scoring import metrics
from models import iburi, score

# of the card's table: what is asked of `detect`, smallest slope in degrees and smallest area in square metres
FILTERS = {"none": (0, 0), "slope of 5° and more": (5, 0), "8°": (8, 0), "10°": (10, 0), "0.1 ha and more": (0, 1000),
           "0.2 ha and more": (0, 2000), "0.3 ha and more": (0, 3000), "5° and 0.1 ha": (5, 1000)}  # fmt: skip


@pytest.fixture(scope="module")
def found(shared) -> list[iburi.OnIburi]:
    return iburi.scored(["band-difference:B04:0.05", "ratio-anomaly:1.25"])


def test_plain_methods_score_on_iburi_as_its_readme_says(found):
    rise, anomaly = found
    assert (rise.counts.n, rise.counts.tp + rise.counts.fn) == (257_526, 25_479)
    assert rise.counts.f1 == pytest.approx(0.515, abs=5e-4)
    assert iburi.best(rise.curve) == pytest.approx(0.686, abs=1e-3)
    assert anomaly.counts.f1 == pytest.approx(0.502, abs=5e-4)


def test_counts_by_slope_add_up_and_the_tables_name_every_method(found):
    for one in found:
        assert sum(counts.tp for counts in one.by_slope) == one.counts.tp
    text = iburi.table(found)
    assert text.count("ratio-anomaly:1.25") == 3 and "n = 1" in text


def test_evaluate_gives_the_numbers_of_the_card_on_what_detect_wrote(shared, tmp_path, capsys):
    at = shared / "data" / iburi.FOLDER
    pred, truth = tmp_path / "pred", tmp_path / "truth"
    pred.mkdir()
    truth.mkdir()
    (truth / "iburi.tif").write_bytes((at / "landslide.tif").read_bytes())
    asked = ["--pair", str(at / "t1.tif"), str(at / "t2.tif"), "--method", "onnx:pair-rgb", "--device", "cpu"]
    assert main(["detect", *asked, "--out", str(pred / "iburi.tif")]) == 0
    capsys.readouterr()
    assert main(["evaluate", "--pred", str(pred), "--truth", str(truth), "--json"]) == 0
    text = capsys.readouterr().out
    (row,) = re.findall(r"^\| pair-rgb \| 0\.17 \| (.*) \|$", (ROOT / "models" / "pair-rgb.md").read_text(), re.M)
    precision, recall, f1, *_ = map(float, row.split(" | "))
    micro = json.loads(text)["methods"][0]["micro"]
    assert [micro[name] for name in ("precision", "recall", "f1")] == pytest.approx([precision, recall, f1], abs=6e-4)


def test_the_card_tells_what_each_filter_of_detect_brings_and_costs(shared):
    text = (ROOT / "models" / "pair-rgb.md").read_text()
    rows = {
        cells[0]: cells[1:4] for cells in re.findall(r"^\| ([^|]*) \| ([\d.]+) \| ([\d.]+) \| [*]*([\d.]+)", text, re.M)
    }
    patch, judged, _ = iburi.opened()
    found, slid = run.detect(patch, "onnx:pair-rgb", "cpu"), truth.read(patch)[0]
    slope = steep.hillside(patch)
    for name, (least_deg, least_m2) in FILTERS.items():
        held = steep.by_slope(found, slope, least_deg)
        marked = polygons.clean(run.mask(held), grid_of(patch), least_m2)
        counts = metrics.confusion(marked, slid, judged & held.clear)
        told = [float(cell) for cell in rows[name]]
        assert told == pytest.approx([counts.precision, counts.recall, counts.f1], abs=5.05e-4), name


def test_a_card_says_of_how_many_pixels_with_a_score_slid_and_not_of_scores_that_are_no_share(found):
    rise, _ = found
    assert rise.tenths is None and "Of the pixels" not in iburi.table(found)
    tenths = np.zeros((score.BINS, 3))
    tenths[9] = 200, 190, 150
    lines = iburi.table([replace(rise, method="sure", tenths=tenths)]).splitlines()
    assert "| 0.9 to 1.0 | 75.0 of 200 |" in lines and "| expected calibration error, % | 20.00 |" in lines
