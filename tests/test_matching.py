"""Files of one event are found by what their names share, whoever named them; what is not plain is asked for."""

from pathlib import Path

import pytest

from app.errors import InputError
from app.masks.matching import event_of, match


def paired(left, right, known=()):
    found = match([Path(name) for name in left], [Path(name) for name in right], known)
    return {event: (one.name, other.name) for event, one, other in found.pairs}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (["1.png", "2.png"], [f"task-{n}-annotation-{n + 4}-by-1-tag-Landslide-0.png" for n in (1, 2)]),  # Label Studio
        (["1.png", "2.png"], ["1_mask.png", "2_mask.png"]),
        (["event_1.tif", "event_2.tif"], ["GT_1.tif", "GT_2.tif"]),
        (["pred_01.png", "pred_02.png"], ["1.tif", "2.tif"]),
        (["1_pred.tif", "2_pred.tif"], ["S2A_1_20180510.tif", "S2A_2_20180510.tif"]),
        (["1.png", "2.png"], ["000001-label.png", "000002-label.png"]),
    ],
)
def test_names_of_labelling_tools_are_matched_by_what_tells_the_event(left, right):
    assert paired(left, right) == {"1": (left[0], right[0]), "2": (left[1], right[1])}


def test_names_without_a_number_are_matched_but_for_words_of_their_kind():
    assert paired(["Kodagu_pred.png", "wayanad_pred.png"], ["kodagu_mask.tif", "Wayanad-GT.tif"]) == {
        "kodagu": ("Kodagu_pred.png", "kodagu_mask.tif"), "wayanad": ("wayanad_pred.png", "Wayanad-GT.tif"),
    }  # fmt: skip


def test_a_number_that_ends_several_names_does_not_hide_the_names():
    assert set(paired(["a_1.png", "b_1.png"], ["a_1.tif", "b_1.tif"])) == {"a_1", "b_1"}


def test_two_ways_that_pair_otherwise_are_asked_about_and_the_inventory_settles_them():
    left, right = ["1.png", "2.png"], ["task-1-of-2-x.png", "task-2-of-1-x.png"]
    with pytest.raises(InputError, match=r"not plain: .* name both after the event"):
        match([Path(one) for one in left], [Path(one) for one in right])
    right = ["task-1-scene-7-x.png", "task-2-scene-8-x.png"]
    left = ["run-1-7-x.png", "run-2-8-x.png"]
    assert set(paired(left, right, known={"7", "8"})) == {"7", "8"}


def test_files_without_a_partner_and_several_of_one_event_are_kept_apart_and_named():
    left, right = ["1.png", "2.png", "3.png", "pred_3.tif"], ["GT_1.tif", "GT_3.tif", "GT_9.tif"]
    found = match([Path(one) for one in left], [Path(one) for one in right])
    assert [event for event, *_ in found.pairs] == ["1"]
    assert [event for event, _ in found.only_left] == ["2"] and [event for event, _ in found.only_right] == ["9"]
    assert found.doubled == (("3", "3.png and pred_3.tif are all of event 3; keep one."),)


def test_a_number_that_two_names_share_by_chance_pairs_nothing():
    left, right = [f"scene_{n}_x.png" for n in (3, 17, 18, 19)], [f"S2_2018_{n}_y.tif" for n in (3, 51, 52, 53)]
    assert paired(left, right) == {}


def test_an_event_is_the_number_its_name_ends_in():
    assert [event_of(name) for name in ("GT_41", "41", "pred_41", "41_mask", "kodagu_2018b")] == ["41"] * 4 + [
        "kodagu_2018b"
    ]
