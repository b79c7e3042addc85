"""Scores of differences and indices, thresholds on them, and what a detection says of itself."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.detection import indices, methods, run, threshold
from app.errors import BandMissingError, Cancelled, InputError, NetworkError
from tests.handmade import event41, event41_arrays, patch

NAN = np.nan
reflectances = arrays(np.float32, (2, 3, 4), elements=st.floats(0, 1, width=32))


@pytest.fixture
def red():
    """Red rises by 0.10 in one pixel, falls by 0.10 in another, rises by 0.02 in a third."""
    return patch({"B04": ([[0.05, 0.20], [0.05, 0.05]], [[0.15, 0.10], [0.07, 0.05]])})


def test_an_increase_of_a_band_is_found_and_a_decrease_is_not(red):
    assert run.mask(run.detect(red, "band-difference:B04:0.05")).tolist() == [[True, False], [False, False]]


def test_decreases_and_both_ways_are_found_when_asked_for(red):
    assert run.mask(run.detect(red, "band-difference:B04:0.05:decrease")).tolist() == [[False, True], [False, False]]
    assert run.mask(run.detect(red, "band-difference:B04:0.05:both")).tolist() == [[True, True], [False, False]]


def test_a_change_equal_to_the_threshold_counts():
    exact = patch({"B04": ([[0.0]], [[0.25]])})
    assert run.mask(run.detect(exact, "band-difference:B04:0.25")).all()


def test_cloud_or_nodata_at_either_date_is_never_change():
    bright = patch(
        {"B04": ([[0.0, 0.0, 0.0, NAN]], [[0.9, 0.9, 0.9, 0.9]])},
        clm=[[[0, 1, 0, 0]], [[0, 0, 255, 0]]],
    )
    found = run.detect(bright, "band-difference:B04:0.05")
    assert found.clear.tolist() == [[True, False, False, False]]
    assert run.mask(found).tolist() == [[True, False, False, False]]
    assert np.isnan(found.score[0, 3])


def test_moving_the_threshold_does_not_touch_the_scores(red):
    found = run.detect(red, "band-difference:B04:0.05")
    before = found.score.copy()
    assert run.mask(found, 0.01).sum() == 2
    assert run.mask(found, 0.5).sum() == 0
    assert np.array_equal(found.score, before) and found.threshold == 0.05


def test_all_bands_is_the_union_of_the_bands():
    two = patch({"B04": ([[0.1, 0.1, 0.1]], [[0.2, 0.1, 0.1]]), "B08": ([[0.3, 0.3, 0.3]], [[0.2, 0.4, 0.3]])})
    found = run.detect(two, "all-bands:0.05")
    assert run.mask(found).tolist() == [[True, True, False]]
    assert found.score[0] == pytest.approx([0.1, 0.1, 0.0], abs=1e-6)


@given(reflectances, reflectances, st.sampled_from(methods.DIRECTIONS), st.floats(0.01, 0.9))
def test_thresholding_the_largest_difference_is_the_union_of_the_bands_maps(first, second, direction, level):
    each = threshold.changed_by_band([first, second], level, direction)
    assert np.array_equal(np.any(each, axis=0), threshold.largest_difference([first, second], direction) >= level)


@given(reflectances)
def test_swapping_the_dates_turns_increases_into_decreases(pair):
    swapped = pair[::-1]
    assert np.array_equal(
        threshold.largest_difference([pair], "increase"), threshold.largest_difference([swapped], "decrease")
    )


def test_rows_beyond_one_block_are_all_computed():
    tall = np.zeros((2, 5, threshold.BLOCK_BYTES // 8), np.float32)  # two rows fill a block
    tall[1] = np.arange(5)[:, None]
    assert (threshold.largest_difference([tall]) == tall[1]).all()
    assert (threshold.vector_length([tall, tall]) == np.sqrt(2 * tall[1] ** 2)).all()
    assert (threshold.changed_by_band([tall], 2)[0] == (tall[1] >= 2)).all()


def test_the_change_vector_has_the_length_of_its_steps():
    moved = patch({"B04": ([[0.1, 0.2]], [[0.4, 0.2]]), "B08": ([[0.5, NAN]], [[0.1, 0.2]])})
    found = run.detect(moved, "cva:0.1")
    assert found.score[0, 0] == pytest.approx(0.5) and np.isnan(found.score[0, 1])


def test_ndvi_drop_is_positive_where_vegetation_was_lost():
    cleared = patch({"B04": ([[0.05, 0.05]], [[0.15, 0.05]]), "B08": ([[0.45, 0.45]], [[0.25, 0.45]])})
    found = run.detect(cleared, "index-drop:NDVI:0.2")
    assert found.score[0] == pytest.approx([0.8 - 0.25, 0.0], abs=1e-6)
    assert run.mask(found).tolist() == [[True, False]]


def test_the_bare_soil_index_rises_where_soil_is_laid_bare():
    bare = patch(
        {
            "B02": ([[0.03]], [[0.08]]),
            "B04": ([[0.04]], [[0.15]]),
            "B08": ([[0.40]], [[0.25]]),
            "B11": ([[0.15]], [[0.35]]),
        }
    )
    before = ((0.15 + 0.04) - (0.40 + 0.03)) / (0.15 + 0.04 + 0.40 + 0.03)
    after = ((0.35 + 0.15) - (0.25 + 0.08)) / (0.35 + 0.15 + 0.25 + 0.08)
    assert run.detect(bare, "index-rise:BSI:0.1").score[0, 0] == pytest.approx(after - before, abs=1e-6)


def test_relative_ndvi_loss_is_hazmappers_with_the_sign_turned():
    cleared = patch({"B04": ([[0.1, 0.3]], [[0.2, 0.3]]), "B08": ([[0.3, 0.1]], [[0.2, 0.1]])})
    found = run.detect(cleared, "rdndvi:20")
    assert found.score[0, 0] == pytest.approx(100 * 0.5 / math.sqrt(0.5), rel=1e-5)  # NDVI 0.5 to 0
    assert np.isnan(found.score[0, 1]), "without vegetation at either date it is undefined"
    assert found.clear.tolist() == [[True, False]] and run.mask(found).tolist() == [[True, False]], "it is not clear"
    assert found.warnings == (
        "rdndvi:20 gave no number for 1 of 2 measured, cloudless pixels; they count as not clear, neither changed nor "
        "unchanged.",
    )
    assert found.unit == "percent"


@pytest.mark.parametrize("method", ["index-drop:NDVI:0.2", "index-rise:NDVI:0.2", "rdndvi:20"])
def test_a_pixel_without_an_answer_is_not_clear_and_not_counted_as_unchanged(method):
    dark = patch({"B04": ([[0.0, 0.1, NAN]], [[0.1, 0.1, 0.1]]), "B08": ([[0.0, 0.5, 0.5]], [[0.2, 0.4, 0.5]])})
    found = run.detect(dark, method)
    assert found.clear.tolist() == [[False, True, False]]
    (said,) = found.warnings
    assert "no number for 1 of 2 measured, cloudless pixels" in said, "nodata is no failure of the method"


@given(arrays(np.float32, (4, 2, 3, 3), elements=st.floats(-0.25, 1.5, width=32)), st.sampled_from(methods.INDICES))
def test_every_index_lies_within_its_range_or_is_undefined(values, name):
    made = patch(dict(zip(indices.TABLE[name].bands, values, strict=False)))
    for date in indices.at_both_dates(made, name):
        assert date.dtype == np.float32
        assert (np.isnan(date) | (np.abs(date) <= 1)).all()


def test_a_missing_band_is_named():
    only_red = patch({"B04": ([[0.1]], [[0.2]])})
    with pytest.raises(BandMissingError, match="holds B04 but not B08"):
        run.detect(only_red, "index-drop:NDVI:0.2")


def test_otsu_falls_between_two_groups_of_scores():
    values = np.concatenate([np.full(50, 0.02), np.full(50, 0.30)]).reshape(10, 10)
    grouped = patch({"B04": (np.zeros((10, 10)), values)})
    found = run.detect(grouped, "band-difference:B04:otsu")
    assert 0.02 < found.threshold < 0.30
    assert run.mask(found).sum() == 50


def test_otsu_looks_at_clear_pixels_only():
    values = np.concatenate([np.full(48, 0.02), np.full(48, 0.30), np.full(4, 9.0)]).reshape(10, 10)
    cloud = np.stack([values > 1, np.zeros((10, 10))])
    found = run.detect(patch({"B04": (np.zeros((10, 10)), values)}, clm=cloud), "band-difference:B04:otsu")
    assert 0.02 < found.threshold < 0.25, "with the clouds it would fall between them and the ground"


def test_otsu_finds_nothing_where_all_scores_are_equal_or_nothing_is_clear():
    flat = patch({"B04": ([[0.1, 0.1]], [[0.3, 0.3]])})
    assert not run.mask(run.detect(flat, "band-difference:B04:otsu")).any()
    hidden = patch({"B04": ([[0.1, 0.1]], [[0.3, 0.9]])}, clm=[[[1, 1]], [[0, 0]]])
    found = run.detect(hidden, "band-difference:B04:otsu")
    assert math.isnan(found.threshold) and not run.mask(found).any()


def test_a_detection_says_what_ran_where_and_how_long(red):
    found = run.detect(red, "band-difference")
    assert (found.method, found.ran) == ("band-difference:B04:0.05", "band-difference:B04:0.05")
    assert (found.device, found.provider, found.fallback) == ("cpu", "numpy", "")
    assert found.seconds > 0 and found.score.dtype == np.float32 and found.unit == "reflectance"


def test_asking_for_a_gpu_where_none_is_used_is_said(red):
    assert "CPU only" in run.detect(red, "cva", device="gpu").fallback
    with pytest.raises(InputError, match="auto, gpu, cpu"):
        run.detect(red, "cva", device="tpu")


def score(patch, method, device, progress):
    """A network that cannot run: this module stands in the table for it below."""
    raise NetworkError("the file is damaged.")


def test_a_network_that_fails_is_replaced_by_the_band_difference_and_the_result_says_so(red, monkeypatch):
    monkeypatch.setitem(methods.KINDS, "onnx", methods.Kind("onnx", "", "", __name__, target="network"))
    found = run.detect(red, "onnx:bit:0.9")
    assert (found.method, found.ran, found.threshold) == ("onnx:bit:0.9", "band-difference:B04:0.05", 0.05)
    assert "the file is damaged" in found.fallback and found.unit == "reflectance"


def test_detection_can_be_stopped(red):
    def stop(share, doing):
        raise Cancelled("Stopped.")

    for name in methods.examples()[:2]:
        with pytest.raises(Cancelled):
            run.detect(red, name, progress=stop)


def test_labels_carry_method_dates_source_and_simulated():
    made = patch({"B04": ([[0.1]], [[0.2]])}, source="demo", simulated=True, event_id="7")
    said = run.labels(made, run.detect(made, "band-difference:B04:0.05"), threshold=0.07)
    assert said["method"] == "band-difference:B04:0.05" and said["threshold"] == "0.07"
    assert (said["t1"], said["t2"], said["source"]) == ("2018-05-07", "2018-10-24", "demo")
    assert said["simulated"] == "true" and said["title"].startswith("SIMULATED")


def test_event_41_gives_the_published_scores(shared):
    patch41 = event41(shared)
    found = run.detect(patch41, "band-difference:B04:0.05")
    detected, truth = run.mask(found), patch41["truth"].values == 1
    tp = (detected & truth).sum()
    assert tp / detected.sum() == pytest.approx(0.880, abs=0.002)
    assert tp / truth.sum() == pytest.approx(0.777, abs=0.002)


@pytest.mark.parametrize(("level", "name"), [(0.05, "published_b04_over_0p05"), (0.10, "published_b04_over_0p10")])
def test_event_41_agrees_with_the_published_change_maps(shared, level, name):
    published = event41_arrays(shared)[name]
    ours = run.mask(run.detect(event41(shared), f"band-difference:B04:{level}"))
    overlap = (published & ours).sum() / (published | ours).sum()
    assert (published == ours).mean() > 0.997, "the arrays are read back from 8-bit figures"
    assert overlap > 0.75


def extent(share):
    """A patch of 400 pixels of which ``share`` rise in red by 0.1."""
    t1, t2 = np.full((20, 20), 0.05), np.full((20, 20), 0.05)
    t2.ravel()[: int(400 * share)] = 0.15
    return patch({"B04": (t1, t2)})


def test_a_detection_of_more_than_landslides_change_says_so_and_of_nearly_everything_strongly():
    found = [run.detect(extent(share), "band-difference:B04:0.05").warnings for share in (0.4, 0.6, 0.95)]
    assert found[0] == () and found[1][0].startswith("60% of the clear pixels changed")
    assert found[2][0].startswith("Nearly everything changed (95% of the clear pixels)")


def test_a_detection_that_could_judge_nothing_says_so():
    cloudy = patch({"B04": ([[0.1]], [[0.3]])}, clm=[[[1]], [[0]]])
    [said] = run.detect(cloudy, "band-difference:B04:0.05").warnings
    assert "nothing could be judged" in said


def test_a_moved_threshold_moves_what_is_said_of_the_extent():
    one = extent(0.95)
    found = run.detect(one, "band-difference:B04:0.05")
    assert run.warnings_at(found, 0.2) == () and run.warnings_at(found, 0.05) == found.warnings
    assert "warnings" not in run.labels(one, found, 0.2) and "Nearly everything" in run.labels(one, found)["warnings"]


def test_a_threshold_from_an_array_marks_as_the_same_number_written_out():
    found = run.detect(patch({"B04": ([[0.1]], [[0.3]])}), "band-difference:B04:0.05")
    held = replace(found, score=np.full((1, 1), 0.7, np.float32))
    assert run.mask(held, 0.7).all()
    assert run.mask(held, np.float64(0.7)).all()
