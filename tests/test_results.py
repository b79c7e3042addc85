"""Methods compared on the same events, curves pooled, doubtful events left out."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import InputError
from app.scoring import metrics, references, results
from app.scoring.curves import Curve
from app.scoring.metrics import Confusion
from app.scoring.results import Evaluation, EventScore, MethodScore

confusions = st.builds(Confusion, *[st.integers(0, 50)] * 4)


def method(name, counts, **more):
    return MethodScore(name, tuple(EventScore(event, held, name, 0.1, **more) for event, held in counts.items()))


def curve(*found, unit="reflectance"):
    """Ten pixels, two of them landslide: at each threshold so many of these found, and as many false."""
    tp = np.array(found)
    return Curve(np.arange(1.0, len(found) + 1), tp, tp, 2 - tp, 8 - tp, unit)


def with_curves(*curves):
    held = (EventScore(str(at), one.at(0), "m", 1.0, curve=one) for at, one in enumerate(curves))
    return MethodScore("m", tuple(held))


def test_two_methods_are_compared_on_the_events_both_have():
    one = method("one", {"1": Confusion(tp=3), "2": Confusion(tp=1, fp=1), "3": Confusion(fp=9)})
    other = method("other", {"2": Confusion(fn=1, fp=1), "1": Confusion(tp=2, fn=1), "4": Confusion(tp=9)})
    found = results.paired(one, other)
    assert found.n == 2 and found.difference == pytest.approx(8 / 9 - 4 / 7)
    assert found.low <= found.difference <= found.high and found.told_apart


@settings(max_examples=30)
@given(st.lists(st.tuples(confusions, confusions), min_size=2, max_size=6))
def test_a_difference_turns_its_sign_with_the_order_and_a_method_differs_from_itself_by_nothing(pairs):
    one, other = (method(str(at), {str(n): pair[at] for n, pair in enumerate(pairs)}) for at in (0, 1))
    there, back = results.paired(one, other), results.paired(other, one)
    assert there.difference == pytest.approx(-back.difference, nan_ok=True)
    assert there.low == pytest.approx(-back.high, nan_ok=True, abs=1e-12)
    same = results.paired(one, one)
    assert same.low == same.high == 0 or math.isnan(same.low)
    assert not same.told_apart


def test_pairing_is_narrower_than_two_intervals_where_events_are_hard_for_both():
    easy_and_hard = {str(n): Confusion(tp=100 - 9 * n, fp=9 * n, fn=9 * n) for n in range(10)}
    a_little_worse = {event: Confusion(held.tp - 1, held.fp + 1, held.fn + 1) for event, held in easy_and_hard.items()}
    one, other = method("one", easy_and_hard), method("other", a_little_worse)
    found = results.paired(one, other)
    assert found.told_apart and one.interval_f1[0] < other.interval_f1[1]


def test_one_event_tells_nothing_apart():
    found = results.paired(method("one", {"1": Confusion(tp=1)}), method("other", {"1": Confusion(fn=1)}))
    assert found.difference == 1 and math.isnan(found.low) and not found.told_apart
    with pytest.raises(InputError, match="same events"):
        metrics.bootstrap_difference([Confusion()], [])


def test_curves_of_all_events_are_pooled():
    held = with_curves(curve(2, 1), curve(2, 0))
    assert held.pooled_curve.tp.tolist() == [4, 1] and held.leave_one_out_f1 == pytest.approx(8 / 12)
    assert held.average_precision == pytest.approx(0.5)
    assert [one.threshold for one in held.leave_one_out] == [1.0, 1.0]


@pytest.mark.parametrize("other", [curve(1, 1, unit="probability"), curve(1, 1, 0)])
def test_there_is_no_pooled_curve_where_something_else_ran_on_one_event(other):
    held = with_curves(curve(2, 1), other)
    assert held.pooled_curve is None and math.isnan(held.average_precision) and math.isnan(held.leave_one_out_f1)
    assert method("masks", {"1": Confusion()}).pooled_curve is None and MethodScore("none", ()).pooled_curve is None


def test_doubtful_events_are_left_out_and_named():
    held = Evaluation("whole", (method("one", {"1": Confusion(tp=1), "2": Confusion(fp=1)}),))
    found = results.without_doubtful(held, {"2": "T1 is late.", "9": "never scored"})
    assert [one.event for one in found.methods[0].events] == ["1"] and found.methods[0].micro == Confusion(tp=1)
    assert [(one.event, one.reason) for one in found.left_out] == [("2", "T1 is late.")]
    assert found.as_json()["left_out"] == [{"event": 2, "reason": "T1 is late."}]
    assert held.methods[0].micro == Confusion(tp=1, fp=1)


def test_the_document_holds_differences_and_no_undefined_numbers():
    held = Evaluation("whole", (with_curves(curve(2, 1), curve(2, 0)), method("masks", {"0": Confusion(tn=3)})))
    document = held.as_json()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["methods"][0]["leave_one_out_f1"] == pytest.approx(2 / 3)
    assert document["methods"][1]["average_precision"] is None
    assert document["methods"][0]["both_class_micro"]["f1"] > document["methods"][0]["micro"]["f1"]
    (pair,) = document["paired"]
    assert (pair["one"], pair["other"], pair["n"], pair["difference_f1"]) == ("m", "masks", 1, None)


def test_published_figures_say_where_they_come_from_and_that_they_are_not_computed_here():
    assert [round(100 * one.f1, 2) for one in references.FIGURES] == [48.41, 31.68, 19.66, 19.33]
    assert all(one.status == "not computed here" and "doi:" in one.source and one.n == 17 for one in references.FIGURES)
