"""Events scored on steep ground alone."""

import numpy as np
import pytest

from app import patches, rasters
from app.errors import HeightsMissingError, InputError
from app.scoring import evaluate, steep_cases
from app.scoring.cases import Case, MasksWithTruth, PatchWithTruth
from app.scoring.store import ScoreStore
from tests.test_steep import RISE, hill


def case(name="7", key="data", patch=None):
    """An event whose western half is level and brightens without having slid."""
    held = hill() if patch is None else patch
    truth = np.zeros((16, 16), np.uint8)
    truth[:, 9:] = 1
    held = held.assign(truth=(("y", "x"), truth))
    return Case(name, lambda: PatchWithTruth(held), key=key)


def f1(cases, store=None) -> float:
    return evaluate.evaluate(cases, [RISE], store=store).methods[0].micro.f1


def test_a_smallest_slope_takes_the_false_alarms_of_level_ground_away():
    assert f1([case()]) < 0.7
    assert f1(steep_cases.held_to([case()], 10)) > 0.9
    assert steep_cases.held_to([case()], 0)[0].key == "data"


def test_scores_of_another_smallest_slope_are_kept_apart(tmp_path):
    store = ScoreStore(tmp_path)
    without, held = f1([case()], store), f1(steep_cases.held_to([case()], 10), store)
    assert store.count() == 2
    assert (f1([case()], store), f1(steep_cases.held_to([case()], 10), store)) == (without, held)
    assert f1(steep_cases.held_to([case()], 45), store) != held


def test_heights_come_from_one_file_or_from_the_one_named_after_the_event(tmp_path):
    patch = hill()
    on = patches.grid_of(patch)
    bare = case(patch=patch.drop_vars("DEM"))
    rasters.write_score(tmp_path / "dem_7.tif", patch["DEM"].values, on)
    assert f1(steep_cases.held_to([bare], 10, tmp_path / "dem_7.tif")) > 0.9
    assert f1(steep_cases.held_to([bare], 10, tmp_path)) > 0.9
    (tmp_path / "dem_7.tif").rename(tmp_path / "dem_8.tif")
    with pytest.raises(HeightsMissingError, match="no heights of event 7"):
        f1(steep_cases.held_to([bare], 10, tmp_path))
    with pytest.raises(InputError, match="There is no"):
        steep_cases.held_to([bare], 10, tmp_path / "none.tif")


def test_an_event_without_heights_and_masks_made_elsewhere_are_told():
    with pytest.raises(HeightsMissingError, match="holds no heights"):
        f1(steep_cases.held_to([case(patch=hill().drop_vars("DEM"))], 10))
    masks = Case("7", lambda: MasksWithTruth(np.zeros((2, 2), np.uint8), np.zeros((2, 2), np.uint8)))
    with pytest.raises(InputError, match="Masks made elsewhere have no slope"):
        f1(steep_cases.held_to([masks], 10))
