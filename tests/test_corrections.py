"""Corrected truth in the place of a label: the pixels are the reviewer's, and simulated and real never mix."""

from dataclasses import replace

import numpy as np
import pytest

from app.errors import GridError, ReviewError
from app.inventory import builtin
from app.review import corrected
from app.scoring import corrections
from app.scoring.cases import Case, MasksWithTruth, PatchWithTruth
from tests import small
from tests.many_reviewers import verdict

METHOD = "band-difference:B04:0.05"


def correction(grid=small.GRID, event="171", simulated=False, **facts):
    mask = np.zeros(grid.shape, bool)
    mask[0, :2] = True
    place = builtin().event(event)
    held = replace(
        verdict(), event=event, latitude=place.latitude, longitude=place.longitude, simulated=simulated, uid="u",
        geometry=corrected.geometry_of(mask, grid), **facts,
    )  # fmt: skip
    (one,) = corrected.corrections([held]).values()
    return one


def test_the_truth_of_a_patch_is_what_was_painted_and_known_everywhere():
    label = np.full((4, 4), 255, np.uint8)
    case = Case("171", lambda: PatchWithTruth(small.patch(truth=label)), key="k")
    made = corrections.applied(case, correction())
    opened = made.open()
    found = opened.compare(METHOD)
    assert found.truth.sum() == 2 and found.truth[0, :2].all() and found.valid.all()
    assert made.key == "k corrected u" and any("A. Expert corrected" in note for note in opened.notes)


def test_masks_made_elsewhere_are_scored_against_it_on_their_own_pixels():
    fine = small.GRID.finer(2)
    case = Case("171", lambda: MasksWithTruth(np.ones((8, 8), np.uint8), np.zeros((8, 8), np.uint8), grid=fine))
    found = corrections.applied(case, correction()).open().compare("masks")
    assert found.truth.sum() == 8 and found.truth[:2, :4].all()


def test_pixels_at_no_known_place_are_not_corrected():
    case = Case("171", lambda: MasksWithTruth(np.ones((4, 4), np.uint8), np.zeros((4, 4), np.uint8)))
    with pytest.raises(GridError, match="no known place"):
        corrections.applied(case, correction()).open()


@pytest.mark.parametrize("simulated", [True, False])
def test_an_outline_of_a_simulated_pair_is_no_truth_of_a_real_one_and_the_other_way_round(simulated):
    case = Case("171", lambda: PatchWithTruth(small.patch(simulated=not simulated, truth=np.zeros((4, 4), np.uint8))))
    with pytest.raises(ReviewError, match="simulated"):
        corrections.applied(case, correction(simulated=simulated)).open()


def test_an_event_has_the_outlines_of_its_own_place_and_kind_only():
    one = correction()
    elsewhere = correction(event="172")
    moved = replace(elsewhere, verdict=replace(elsewhere.verdict, latitude=0.0))
    found = {("171", "here"): one, ("172", "there"): moved, ("none", "x"): one}
    assert corrections.of_inventory(found, builtin(), simulated=False) == {"171": one}
    assert corrections.of_inventory(found, builtin(), simulated=True) == {}
