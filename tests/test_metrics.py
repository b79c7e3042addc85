"""Confusion matrices and scores: by hand, against scikit-learn, and their averages."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics as sklearn_metrics

from app import inventory
from app.errors import GridError, InputError, TruthMissingError
from app.scoring import metrics
from app.scoring.metrics import Confusion

masks = arrays(bool, (3, 6, 7), elements=st.booleans())
confusions = st.builds(Confusion, *[st.integers(0, 50)] * 4)


def test_counts_by_hand():
    detected = np.array([[1, 1, 0, 0], [1, 0, 0, 1]], bool)
    truth = np.array([[1, 0, 1, 0], [1, 0, 0, 1]], bool)
    valid = np.array([[1, 1, 1, 1], [1, 1, 1, 0]], bool)
    counts = metrics.confusion(detected, truth, valid)
    assert counts == Confusion(tp=2, fp=1, fn=1, tn=3)
    assert counts.precision == counts.recall == counts.f1 == pytest.approx(2 / 3)
    assert counts.iou == 0.5 and counts.accuracy == pytest.approx(5 / 7) and counts.n == 7


@given(masks)
def test_scores_agree_with_scikit_learn(held):
    detected, truth, valid = held
    counts = metrics.confusion(detected, truth, valid)
    said, known = detected[valid], truth[valid]
    if known.size == 0:
        assert counts == Confusion()
        return
    expected = sklearn_metrics.confusion_matrix(known, said, labels=[False, True])
    assert [[counts.tn, counts.fp], [counts.fn, counts.tp]] == expected.tolist()
    theirs = {
        "precision": sklearn_metrics.precision_score(known, said, zero_division=np.nan),
        "recall": sklearn_metrics.recall_score(known, said, zero_division=np.nan),
        "f1": sklearn_metrics.f1_score(known, said, zero_division=np.nan),
        "accuracy": sklearn_metrics.accuracy_score(known, said),
    }
    if known.any() or said.any():  # scikit-learn gives 0 for the IoU of nothing
        theirs["iou"] = sklearn_metrics.jaccard_score(known, said)
    if np.unique(np.concatenate([known, said])).size == 2:
        theirs["kappa"] = sklearn_metrics.cohen_kappa_score(known, said)
    for name, value in theirs.items():
        assert getattr(counts, name) == pytest.approx(value, abs=1e-12, nan_ok=True), name


@given(masks)
def test_both_class_averages_agree_with_scikit_learns_macro_average(held):
    detected, truth, _ = held
    counts = metrics.confusion(detected, truth)
    said, known, labels = detected.ravel(), truth.ravel(), [False, True]
    theirs = sklearn_metrics.precision_recall_fscore_support(known, said, labels=labels, zero_division=np.nan)
    averaged = metrics.both_class(counts)
    for name, values in zip(("precision", "recall", "f1"), theirs, strict=False):
        assert averaged[name] == pytest.approx(values.mean(), abs=1e-12, nan_ok=True), name
    if len({*said, *known}) == 2:
        theirs = sklearn_metrics.jaccard_score(known, said, average="macro")
        assert averaged["iou"] == pytest.approx(theirs, abs=1e-12)


def test_where_landslides_are_rare_both_class_figures_flatter():
    counts = Confusion(tp=10, fp=30, fn=10, tn=9950)
    assert counts.f1 == pytest.approx(1 / 3) and metrics.both_class(counts)["f1"] > 0.66


@given(masks)
def test_pixels_that_are_not_valid_never_count(held):
    detected, truth, valid = held
    counts = metrics.confusion(detected, truth, valid)
    assert counts == metrics.confusion(detected ^ ~valid, truth ^ ~valid, valid)
    assert counts.n == valid.sum()
    assert metrics.confusion(detected, truth) == metrics.confusion(detected, truth, np.ones_like(valid))


@given(masks)
def test_exchanging_mask_and_truth_exchanges_precision_and_recall(held):
    detected, truth, valid = held
    one, other = metrics.confusion(detected, truth, valid), metrics.confusion(truth, detected, valid)
    assert (one.fp, one.fn, one.f1) == (other.fn, other.fp, pytest.approx(other.f1, nan_ok=True))


def test_scores_are_nan_when_there_is_nothing_to_find_and_nothing_found():
    nothing = Confusion(tn=9)
    assert all(math.isnan(getattr(nothing, name)) for name in ("precision", "recall", "f1", "iou", "kappa"))
    assert nothing.accuracy == 1
    assert math.isnan(Confusion().accuracy)


def test_false_alarms_where_there_is_nothing_score_zero_not_undefined():
    alarms = Confusion(fp=3, tn=6)
    assert alarms.f1 == alarms.iou == alarms.precision == 0
    assert math.isnan(alarms.recall)


def test_masks_of_different_sizes_are_refused():
    with pytest.raises(GridError, match="2 x 2 and 3 x 3"):
        metrics.confusion(np.zeros((2, 2), bool), np.zeros((3, 3), bool))


@given(
    arrays(np.float32, (5, 6), elements=st.floats(0, 1, width=32) | st.just(np.nan)),
    masks,
    st.lists(st.floats(0, 1), min_size=1, max_size=5),
)
def test_a_sweep_counts_as_one_threshold_after_another_does(score, held, thresholds):
    truth, valid = held[0][:5, :6], held[1][:5, :6]
    one_by_one = [metrics.confusion(score >= level, truth, valid) for level in thresholds]
    assert metrics.sweep(score, truth, valid, thresholds) == one_by_one


@given(st.lists(confusions, max_size=5))
def test_micro_pools_the_pixels(events):
    pooled = metrics.micro(events)
    assert pooled.tp == sum(event.tp for event in events) and pooled.n == sum(event.n for event in events)


def test_macro_means_over_the_events_that_define_a_score_and_says_how_many():
    events = [Confusion(tp=1, fn=1), Confusion(tp=2, fp=2), Confusion(tn=5)]
    mean = metrics.macro(events)
    assert mean.values["f1"] == pytest.approx(2 / 3) and mean.defined["f1"] == 2
    assert mean.values["accuracy"] == pytest.approx((0.5 + 0.5 + 1) / 3) and mean.defined["accuracy"] == 3
    assert mean.n == 3
    assert math.isnan(metrics.macro([]).values["f1"])


def test_micro_and_macro_differ_where_one_event_is_large():
    events = [Confusion(tp=900, fp=100), Confusion(fn=10)]
    assert metrics.micro(events).f1 > 0.9 > 0.5 > metrics.macro(events).values["f1"]


@settings(max_examples=30)
@given(st.lists(confusions, min_size=2, max_size=6), st.sampled_from(["micro", "macro"]))
def test_the_bootstrap_interval_is_ordered_repeatable_and_within_the_events_scores(events, average):
    low, high = metrics.bootstrap_f1(events, seed=3, n=200, average=average)
    assert (low, high) == pytest.approx(metrics.bootstrap_f1(events, seed=3, n=200, average=average), nan_ok=True)
    scores = [event.f1 for event in events if not math.isnan(event.f1)]
    if scores:
        assert min(scores) - 1e-12 <= low <= high <= max(scores) + 1e-12
    else:
        assert math.isnan(low) and math.isnan(high)


def test_one_event_has_no_interval():
    assert all(math.isnan(edge) for edge in metrics.bootstrap_f1([Confusion(tp=5, fp=1)]))
    with pytest.raises(InputError, match="micro or macro"):
        metrics.bootstrap_f1([], average="median")


@given(masks)
def test_an_error_map_holds_the_counts(held):
    detected, truth, valid = held
    classes, counts = metrics.error_map(detected, truth, valid), metrics.confusion(detected, truth, valid)
    assert classes.dtype == np.uint8
    held_counts = {name: int((classes == getattr(metrics, name.upper())).sum()) for name in ("tp", "fp", "fn", "tn")}
    assert held_counts == {name: getattr(counts, name) for name in held_counts}
    assert ((classes == metrics.IGNORED) == ~valid).all()


def test_a_box_on_its_own_grid_holds_exactly_its_pixels():
    region = metrics.box_region("61", (2048, 2048))
    left, upper, right, lower = metrics.BOXES["61"]
    assert region[upper:lower, left:right].all() and region.sum() == (right - left) * (lower - upper)
    same = metrics.box_region("61", (2048, 2048), (0.00001, 0.00001))
    assert (same == region).all()


def test_a_box_is_laid_on_another_grid_by_the_corner_both_share():
    # 222 x 222 pixels of 0.00009 degrees end 48 and a bit of the boxes' pixels short in the north and east
    region = metrics.box_region("155", (222, 222), (0.00009, 0.00009))  # lower part, whole width
    rows = np.flatnonzero(region.any(axis=1))
    assert region[-1].all() and rows[-1] == 221
    assert rows[0] == math.ceil((850 - (2048 - 222 * 9)) / 9 - 0.5)


def test_without_a_position_a_box_scales_with_the_picture():
    assert metrics.box_region("36", (1024, 1024)).sum() == (1220 - 850) * (1160 - 780) / 4


def test_all_seventeen_published_boxes_lie_on_the_grid():
    assert len(metrics.BOXES) == 17
    for left, upper, right, lower in metrics.BOXES.values():
        assert 0 <= left < right <= 2048 and 0 <= upper < lower <= 2048


def test_a_box_is_laid_on_its_own_event_only_not_on_another_of_the_same_id():
    latitude, longitude = metrics.BOX_PLACES["36"]
    corner = longitude - 0.01, latitude - 0.01
    fits = (222, 222), (0.00009, 0.00009)
    assert (metrics.box_region("36", *fits, corner) == metrics.box_region("36", *fits)).all()
    for off in ((0.001, 0.0), (0.0, -0.001), (90.0, 10.0)):
        with pytest.raises(TruthMissingError, match="another event that goes by the same id"):
            metrics.box_region("36", *fits, (corner[0] + off[0], corner[1] + off[1]))


def test_every_box_has_the_place_that_the_published_inventory_gives(shared):
    published = inventory.read_file(shared / "data" / "inventory.csv")
    assert metrics.BOX_PLACES.keys() == metrics.BOXES.keys()
    for event, place in metrics.BOX_PLACES.items():
        known = published.event(event)
        assert place == pytest.approx((known.latitude, known.longitude), abs=1e-5)


def test_a_box_that_is_unknown_or_does_not_fit_is_refused():
    with pytest.raises(TruthMissingError, match="no evaluation box"):
        metrics.box_region("0", (222, 222))
    with pytest.raises(GridError, match=r"buffer of 0\.01"):
        metrics.box_region("41", (444, 444), (0.00009, 0.00009))


def test_pixels_beyond_one_block_are_all_counted():
    side = int(metrics.BLOCK_PX**0.5) + 7
    truth = np.zeros((side, side), bool)
    truth[-1], truth[0] = True, True
    assert metrics.confusion(truth, truth, ~truth) == Confusion(tn=side * (side - 2))
    assert metrics.confusion(truth, truth) == Confusion(tp=2 * side, tn=side * (side - 2))


def test_a_threshold_from_an_array_counts_as_the_same_number_written_out():
    score, every = np.full((1, 1), 0.7, np.float32), np.ones((1, 1), bool)
    assert metrics.sweep(score, every, every, np.array([0.7])) == metrics.sweep(score, every, every, [0.7])
