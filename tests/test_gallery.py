"""The picture of where a method does well and where it fails, on cases made by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

from app.scoring import metrics
from app.scoring.cases import Case, PatchWithTruth
from models import gallery
from tests.small import patch

METHOD = "band-difference:B04:0.05"
TRUTH = np.zeros((4, 4))
TRUTH[0] = 1  # four pixels of landslide


def case(*rows: int) -> Case:
    """Return a case in which B04 brightens in these rows of pixels."""
    after = np.full((4, 4), 0.1)
    after[list(rows)] = 0.3
    return Case("1", lambda: PatchWithTruth(patch(B04=(0.1, after), simulated=True, truth=TRUTH)))


@pytest.fixture
def cases(monkeypatch):
    """Cases found whole, half, a quarter of and not at all; and one pair beside them."""
    made = {"simulated": [case(0, 1), case(2), case(0), case(0, 1, 2, 3)], "clearings": [case(0)]}
    sets = {name: SimpleNamespace(cases=lambda *_, held=held: held) for name, held in made.items()}
    monkeypatch.setattr(gallery, "SETS", sets)


def test_the_best_the_middle_and_the_two_worst_are_shown_and_the_pair_beside_them(cases):
    shown = [row.counts[0].f1 for row in gallery.rows((METHOD,))]
    assert shown == pytest.approx([1, 2 / 3, 0.4, 0, 1])


def test_hits_false_alarms_and_misses_have_their_colours_and_a_simulated_row_says_so(cases):
    row = gallery._row(case(1).open().patch, (METHOD,))
    assert row.title.startswith("SIMULATED ")
    page = np.asarray(gallery.sheet([row], (METHOD,)))
    colours = {tuple(colour) for colour in page.reshape(-1, 3)[::7].tolist()}
    hit, false, missed = (tuple(gallery.COLOURS[kind]) for kind in (metrics.TP, metrics.FP, metrics.FN))
    assert {false, missed} <= colours and hit not in colours


def test_a_file_that_is_no_network_is_one_line_and_exit_2(cases, capsys, tmp_path):
    assert gallery.main(["--out", str(tmp_path / "none" / "picture.png"), "--beside", "no-such-method"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
