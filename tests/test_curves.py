"""Counts against the threshold: by hand, against one threshold after another, and against scikit-learn."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import average_precision_score

from app.detection import methods
from app.errors import GridError, InputError
from app.scoring import curves, metrics
from app.scoring.curves import Curve
from app.scoring.metrics import Confusion

scores = arrays(np.float32, (5, 6), elements=st.floats(0, 1, width=32) | st.just(np.nan))
masks = arrays(bool, (2, 5, 6), elements=st.booleans())
thresholds = st.lists(st.floats(0, 1, width=32), min_size=1, max_size=6, unique=True).map(sorted)


def curve(f1_first: bool) -> Curve:
    """Two thresholds: one finds all of two pixels with no false alarm, the other half with two."""
    good, poor = Confusion(tp=2, tn=6), Confusion(tp=1, fp=2, fn=1, tn=4)
    return of_counts([0.1, 0.2], [good, poor] if f1_first else [poor, good])


def of_counts(levels, counts) -> Curve:
    columns = (np.array([getattr(one, name) for one in counts]) for name in ("tp", "fp", "fn", "tn"))
    return Curve(np.array(levels, float), *columns)


def test_counts_and_rates_by_hand():
    score = np.array([[0.9, 0.5, 0.5, np.nan, 0.1]], np.float32)
    truth = np.array([[1, 1, 0, 1, 0]], bool)
    found = curves.count(score, truth, np.ones_like(truth), [0.2, 0.5, 0.95])
    assert [found.at(k) for k in range(3)] == [Confusion(2, 1, 1, 1), Confusion(2, 1, 1, 1), Confusion(0, 0, 3, 2)]
    assert found.precision[:2] == pytest.approx([2 / 3, 2 / 3]) and math.isnan(found.precision[2])
    assert found.recall.tolist() == pytest.approx([2 / 3, 2 / 3, 0])
    assert found.f1.tolist() == pytest.approx([2 / 3, 2 / 3, 0]) and found.iou[0] == 0.5


@given(scores, masks, thresholds)
def test_a_curve_counts_as_a_mask_at_each_threshold_does(score, held, levels):
    truth, valid = held
    found = curves.count(score, truth, valid, levels)
    one_by_one = [metrics.confusion(score >= level, truth, valid) for level in levels]
    assert [found.at(k) for k in range(len(levels))] == one_by_one == metrics.sweep(score, truth, valid, levels)
    for name in ("precision", "recall", "f1", "iou"):
        expected = [getattr(counts, name) for counts in one_by_one]
        assert getattr(found, name).tolist() == pytest.approx(expected, nan_ok=True, abs=1e-15)


@given(scores, scores, masks, masks, thresholds)
def test_curves_of_events_add_up_exactly(one, other, held, others, levels):
    added = curves.count(one, *held, levels) + curves.count(other, *others, levels)
    together = curves.count(np.concatenate([one, other]), *np.concatenate([held, others], axis=1), levels)
    assert [added.at(k) for k in range(len(levels))] == [together.at(k) for k in range(len(levels))]


@given(scores.filter(lambda score: np.isfinite(score).all()), masks)
def test_average_precision_agrees_with_scikit_learn_where_every_score_is_a_threshold(score, held):
    truth, valid = held
    found = curves.count(score, truth, valid, np.unique(score[valid]))
    ours = curves.average_precision(found)
    if not (truth & valid).any():
        assert math.isnan(ours)
    else:
        assert ours == pytest.approx(average_precision_score(truth[valid], score[valid]), abs=1e-12)


def test_average_precision_counts_what_lies_below_the_lowest_threshold():
    score, truth = np.array([[0.9, 0.1, 0.1, 0.1]], np.float32), np.array([[1, 1, 0, 0]], bool)
    found = curves.count(score, truth, np.ones_like(truth), [0.5])
    assert curves.average_precision(found) == pytest.approx(0.5 * 1 + 0.5 * 0.5)


@settings(max_examples=20)
@given(st.lists(st.tuples(scores, masks), min_size=2, max_size=4), thresholds)
def test_the_interval_of_average_precision_is_that_of_pooling_each_draw(events, levels):
    held = [curves.count(score, *pair, levels) for score, pair in events]
    drawn = np.random.default_rng(5).integers(len(held), size=(30, len(held)))
    pooled = np.array([curves.average_precision(curves.total(held[at] for at in draw)) for draw in drawn])
    low, high = curves.bootstrap_average_precision(held, seed=5, n=30)
    expected = np.quantile(pooled[np.isfinite(pooled)], [0.025, 0.975]) if np.isfinite(pooled).any() else [np.nan] * 2
    assert [low, high] == pytest.approx(list(expected), nan_ok=True, abs=1e-12)


def test_one_event_has_no_interval_and_curves_that_do_not_add_up_are_refused():
    assert all(math.isnan(edge) for edge in curves.bootstrap_average_precision([curve(True)]))
    with pytest.raises(InputError, match="add up"):
        curves.bootstrap_average_precision([curve(True), of_counts([0.1], [Confusion()])])


def test_the_best_threshold_is_the_lowest_of_the_best_and_undefined_where_nothing_is():
    assert curves.best(curve(True)) == 0.1 and curves.best(curve(False)) == 0.2
    tied = of_counts([0.1, 0.2], [Confusion(tp=1), Confusion(tp=1)])
    assert curves.best(tied) == 0.1
    assert math.isnan(curves.best(of_counts([0.1], [Confusion(tn=4)])))
    assert math.isnan(curves.best(of_counts([0.1, 0.2], [Confusion(fp=2), Confusion(tn=2)])))  # nothing there to find


def test_each_event_is_scored_at_the_threshold_chosen_on_the_others():
    many = of_counts([0.1, 0.2], [Confusion(tp=1, fp=200, fn=1), Confusion(tp=200, fn=2)])  # decides for 0.2
    left = {one.event: one for one in curves.leave_one_out({"1": curve(True), "2": many})}
    assert (left["1"].threshold, left["2"].threshold) == (0.2, 0.1)
    assert left["1"].counts == Confusion(tp=1, fp=2, fn=1, tn=4) and left["2"].counts.fp == 200


def test_without_other_events_or_where_these_settle_nothing_no_threshold_is_chosen():
    assert curves.leave_one_out({"1": curve(True)}) == ()
    quiet = of_counts([0.1, 0.2], [Confusion(tn=8)] * 2)
    first, second = curves.leave_one_out({"1": curve(True), "2": quiet})
    assert math.isnan(first.threshold) and first.counts == Confusion()
    assert second.threshold == 0.1 and second.counts == Confusion(tn=8)


@settings(max_examples=30)
@given(st.lists(st.tuples(scores, masks), min_size=2, max_size=4), thresholds)
def test_leaving_an_event_out_leaves_its_own_scores_without_a_say(events, levels):
    held = {str(k): curves.count(score, *pair, levels) for k, (score, pair) in enumerate(events)}
    for one in curves.leave_one_out(held):
        others = curves.total(curve for event, curve in held.items() if event != one.event)
        assert one.threshold == pytest.approx(curves.best(others), nan_ok=True)


@pytest.mark.parametrize("name", [*methods.examples(), "onnx:bit"])
def test_every_method_has_thresholds_of_its_own_kind_with_its_default_among_them(name):
    method = methods.parse(name)
    levels = curves.levels(method)
    assert (np.diff(levels) > 0).all() and levels.dtype == np.float64
    if method.threshold is not None:
        assert method.threshold in levels
    else:
        assert levels[0] == 0 and levels[-1] < 1


def test_what_does_not_fit_together_is_refused():
    with pytest.raises(InputError, match="add up"):
        curve(True) + of_counts([0.1, 0.3], [Confusion(), Confusion()])
    with pytest.raises(InputError, match="increase"):
        of_counts([0.2, 0.1], [Confusion(), Confusion()])
    with pytest.raises(GridError, match="one grid"):
        curves.count(np.zeros((2, 2), np.float32), np.zeros((2, 3), bool), np.ones((2, 3), bool), [0.1])
    with pytest.raises(InputError, match="percent"):
        curves.levels("furlongs")
