"""Scores over events: valid pixels, regions, averages, and events that cannot be scored."""

import json
import math

import numpy as np
import pytest

from app.errors import BandMissingError, Cancelled, InputError, MethodError, PatchFileError, TruthMissingError
from app.scoring import calibration, evaluate
from app.scoring.facts import Facts
from app.scoring.metrics import Confusion
from tests.handmade import event41, patch, scored_case
from tests.tiny_networks import difference, put

RISE = "band-difference:B04:0.05"


def two_events():
    """Event 1: a hit, a miss, a false alarm, a quiet pixel. Event 2: two hits."""
    first = patch({"B04": ([[0.1] * 4], [[0.3, 0.1, 0.3, 0.1]])}, truth=[[1, 1, 0, 0]])
    second = patch({"B04": ([[0.1] * 2], [[0.3, 0.3]])}, truth=[[1, 1]])
    return [scored_case(first, "1"), scored_case(second, "2")]


def test_counts_per_event_pooled_and_averaged():
    (score,) = evaluate.evaluate(two_events(), [RISE]).methods
    assert [event.counts for event in score.events] == [Confusion(1, 1, 1, 1), Confusion(tp=2)]
    assert score.micro == Confusion(3, 1, 1, 1) and score.micro.f1 == 0.75
    assert score.macro.values["f1"] == pytest.approx((0.5 + 1) / 2)
    assert score.interval_f1[0] <= 0.75 <= score.interval_f1[1]


def test_cloud_nodata_and_unknown_truth_are_left_out():
    hidden = patch(
        {"B04": ([[0.1, 0.1, 0.1, np.nan, 0.1]], [[0.3] * 5])},
        clm=[[[0, 1, 0, 0, 0]], [[0, 0, 255, 0, 0]]],
        truth=[[1, 0, 0, 0, 255]],
    )
    (score,) = evaluate.evaluate([scored_case(hidden, "1")], [RISE]).methods
    assert score.micro == Confusion(tp=1)


def test_a_pixel_a_method_has_no_answer_for_is_neither_right_nor_wrong():
    water = patch({"B04": ([[0.0, 0.1]], [[0.0, 0.1]]), "B08": ([[0.0, 0.3]], [[0.0, 0.1]])}, truth=[[0, 1]])
    found = evaluate.evaluate([scored_case(water, "1")], ["index-drop:NDVI:0.2", RISE, "rdndvi:20"])
    assert [score.micro.n for score in found.methods] == [1, 2, 1]
    assert [score.micro.tn for score in found.methods] == [0, 1, 0]


def test_a_truth_that_is_nearly_all_landslide_is_doubted_for_it_may_be_the_other_way_round():
    bands = {"B04": ([[0.1] * 10], [[0.1] * 9 + [0.3]])}
    doubts = []
    for truth in ([0] * 9 + [1], [1] * 9 + [0]):
        (score,) = evaluate.evaluate([scored_case(patch(bands, truth=[truth]), "1")], [RISE]).methods
        doubts.append([said for said in score.events[0].warnings if "stands for landslide" in said])
    said = "90% of the counted pixels are landslide by the truth: see that its 1 stands for landslide."
    assert doubts == [[], [said]]


def test_event_41_in_the_whole_patch_and_inside_its_box(shared):
    cases = [scored_case(event41(shared), "41")]
    whole = evaluate.evaluate(cases, [RISE, "band-difference:B04:0.1"]).methods
    assert [whole[0].micro.precision, whole[0].micro.recall] == pytest.approx([0.880, 0.777], abs=0.002)
    assert [whole[0].micro.f1, whole[0].micro.iou] == pytest.approx([0.825, 0.702], abs=0.002)
    assert whole[1].micro.f1 == pytest.approx(0.651, abs=0.002)
    boxed = evaluate.evaluate(cases, [RISE, "band-difference:B04:0.1"], "box").methods
    assert [score.micro.f1 for score in boxed] == pytest.approx([0.870, 0.658], abs=0.002)


def test_an_event_that_cannot_be_opened_is_skipped_with_its_reason_and_the_rest_goes_on():
    def damaged():
        raise PatchFileError("5.tif cannot be read.")

    found = evaluate.evaluate([evaluate.Case("5", damaged), *two_events()], [RISE])
    assert found.methods[0].micro == Confusion(3, 1, 1, 1)
    assert [(one.event, one.method, one.reason) for one in found.skipped] == [("5", RISE, "5.tif cannot be read.")]


def test_a_method_whose_band_is_missing_is_skipped_and_the_other_goes_on():
    found = evaluate.evaluate(two_events(), ["band-difference:B08:0.05", RISE])
    assert [len(score.events) for score in found.methods] == [0, 2]
    assert all("B08" in one.reason for one in found.skipped) and len(found.skipped) == 2


def test_where_nothing_can_be_scored_the_reason_is_the_error():
    with pytest.raises(BandMissingError, match="B08"):
        evaluate.evaluate(two_events(), ["band-difference:B08:0.05"])
    with pytest.raises(TruthMissingError, match="no mapped landslides"):
        evaluate.evaluate([scored_case(patch({"B04": ([[0.1]], [[0.2]])}), "1")], [RISE])
    with pytest.raises(TruthMissingError, match="no evaluation box"):
        evaluate.evaluate(two_events()[:1], [RISE], "box")
    with pytest.raises(InputError, match="whole or box"):
        evaluate.evaluate(two_events(), [RISE], "circle")


def test_masks_made_elsewhere_are_scored_as_they_are():
    predicted, truth = np.array([[1, 0, 1, 255]], np.uint8), np.array([[1, 1, 255, 0]], np.uint8)
    case = evaluate.Case("3", lambda: evaluate.MasksWithTruth(predicted, truth, ("resampled.",)))
    found = evaluate.evaluate([case], ["masks:elsewhere"])
    assert found.methods[0].micro == Confusion(tp=1, fn=1)
    assert found.notes == ("resampled. (1 of 1 events)",)


def test_the_document_is_plain_json_with_null_for_what_is_undefined():
    quiet = patch({"B04": ([[0.1]], [[0.1]])}, truth=[[0]], simulated=True)
    document = evaluate.evaluate([scored_case(quiet, "12")], [RISE]).as_json()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    (method,) = document["methods"]
    assert method["micro"]["tn"] == 1 and method["micro"]["f1"] is None and method["macro"]["f1"] is None
    assert method["interval_f1"] == [None, None] and method["simulated"] is True
    assert method["events"][0]["event"] == 12 and method["events"][0]["ran"] == RISE
    assert document["region"] == "whole"


def test_a_network_has_a_curve_of_probabilities_and_what_ran_instead_breaks_the_pool(tmp_path):
    network = f"onnx:{put(tmp_path, difference())}"
    found = evaluate.evaluate(two_events(), [network]).methods[0]
    assert found.pooled_curve.unit == "probability" and found.events[0].threshold == 0.25
    reliability = calibration.reliability(found.pooled_curve)
    assert reliability.n.tolist() == [2, 0, 4, 0, 0, 0, 0, 0, 0, 0] and reliability.observed[2] == 0.75
    without = patch({"B04": ([[0.1]], [[0.3]])}, truth=[[1]])
    broken = f"onnx:{put(tmp_path, b'no network', 'broken')}"
    (score,) = evaluate.evaluate([scored_case(without, "9")], [broken]).methods
    assert score.events[0].ran == RISE and score.pooled_curve.unit == "reflectance"


def test_an_events_curve_at_the_threshold_holds_its_counts():
    for score in evaluate.evaluate(two_events(), [RISE, "all-bands:0.05", "cva:0.1"]).methods:
        for event in score.events:
            at = int(np.flatnonzero(event.curve.thresholds == event.threshold)[0])
            assert event.curve.at(at) == event.counts


def test_objects_outlines_and_facts_come_with_every_event():
    (score,) = evaluate.evaluate(two_events(), [RISE]).methods
    first, second = score.events
    # pixels of 11 m in a row: the landslide is the first two, found are the first and the third, apart
    assert sum(first.objects.mapped) == 1 and first.objects.hits("50 %") == 1 and sum(first.objects.false) == 1
    assert first.boundary.from_detected.n == 2 and second.objects.precision == 1
    assert first.facts.days == 170 and first.facts.area_m2 == pytest.approx(2 * 123, rel=0.01)
    assert score.objects == first.objects + second.objects


def test_a_patch_of_other_dates_than_its_row_is_scored_under_its_own():
    one = patch({"B04": ([[0.1]], [[0.3]])}, truth=[[1]])  # 170 days apart
    case = evaluate.Case("1", lambda: evaluate.PatchWithTruth(one), Facts(category="slide", days=10.0))
    (score,) = evaluate.evaluate([case], ["band-difference:B04:0.05"]).methods[0].events
    assert (score.facts.days, score.facts.category) == (170.0, "slide")


def test_names_become_canonical_once_each_and_one_that_cannot_run_is_refused():
    assert evaluate.canonical(["band-difference", RISE, "cva"]) == [RISE, "cva:0.1"]
    with pytest.raises(MethodError, match="Choose from"):
        evaluate.canonical(["guess"])


def test_progress_runs_from_zero_to_one_and_can_stop():
    shares = []
    evaluate.evaluate(two_events(), [RISE, "cva"], progress=lambda share, doing: shares.append(share))
    assert shares[0] == 0 and shares[-1] == 1 and shares == sorted(shares)

    def stop(share, doing):
        if "Event 2" in doing and "Comparing" in doing:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        evaluate.evaluate(two_events(), [RISE], progress=stop)


def test_one_event_is_open_at_a_time():
    order = []

    def opening(name, held):
        def opened():
            order.append(name)
            return evaluate.PatchWithTruth(held)

        return evaluate.Case(name, opened)

    held = patch({"B04": ([[0.1]], [[0.3]])}, truth=[[1]])
    found = evaluate.evaluate([opening("1", held), opening("2", held)], [RISE, "cva:0.1"])
    assert order == ["1", "2"] and not math.isnan(found.methods[1].micro.f1)
