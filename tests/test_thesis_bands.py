"""Every band and their union at every threshold: the same numbers as the methods give, on both grids."""

import numpy as np
import pytest

from app import patches
from app.errors import GridError, InputError, TruthMissingError
from app.grid import Grid, around, for_bbox
from app.scoring import evaluate, thesis_bands
from app.scoring.metrics import Confusion
from app.scoring.thesis_bands import ALL_BAND
from tests.handmade import DATES, event41, patch, scored_case


def small():
    """Five pixels: slid and brighter in both, in B08 alone, darker, unchanged, and under cloud."""
    return patch(
        {
            "B04": ([[0.1, 0.1, 0.3, 0.1, 0.1]], [[0.3, 0.1, 0.1, 0.1, 0.9]]),
            "B08": ([[0.1, 0.1, 0.1, 0.1, 0.1]], [[0.2, 0.2, 0.1, 0.1, 0.9]]),
        },
        clm=[[[0, 0, 0, 0, 1]], [[0] * 5]],
        truth=[[1, 1, 0, 0, 1]],
    )


def many(seed=0, shape=(30, 40)):
    """Random bands with clouds, nodata and unknown truth among them."""
    rng = np.random.default_rng(seed)
    bands = {name: rng.random((2, *shape)) * 0.3 for name in ("B03", "B04", "B11")}
    bands["B04"][1, :2] = np.nan
    clm = rng.choice([0, 0, 0, 1, 255], (2, *shape))
    return patch(bands, clm, rng.choice([0, 0, 1, 255], shape))


def test_bands_and_their_union_by_hand():
    found = thesis_bands.band_sweep(small(), [0.05, 0.15])
    assert list(found) == ["B04", "B08", ALL_BAND]
    assert [found["B04"].at(k) for k in (0, 1)] == [Confusion(1, 0, 1, 2)] * 2
    assert [found["B08"].at(k) for k in (0, 1)] == [Confusion(2, 0, 0, 2), Confusion(0, 0, 2, 2)]
    assert [found[ALL_BAND].at(k) for k in (0, 1)] == [Confusion(2, 0, 0, 2), Confusion(1, 0, 1, 2)]


def test_decreases_and_both_ways_by_hand():
    assert thesis_bands.band_sweep(small(), [0.05], "decrease")["B04"].at(0) == Confusion(0, 1, 2, 1)
    assert thesis_bands.band_sweep(small(), [0.05], "both")[ALL_BAND].at(0) == Confusion(2, 1, 0, 1)


@pytest.mark.parametrize("direction", ["increase", "decrease", "both"])
def test_the_numbers_are_those_of_the_methods(direction):
    held = many()
    found = thesis_bands.band_sweep(held, [0.05, 0.1], direction)
    for band, kind in (("B04", "band-difference:B04"), ("B11", "band-difference:B11"), (ALL_BAND, "all-bands")):
        names = [f"{kind}:{level}:{direction}" for level in (0.05, 0.1)]
        methods = evaluate.evaluate([scored_case(held, "1")], evaluate.canonical(names)).methods
        assert [found[band].at(k) for k in (0, 1)] == [method.micro for method in methods]


def test_event_41_in_the_whole_patch_and_its_box(shared):
    held = event41(shared)
    whole = thesis_bands.band_sweep(held)["B04"]
    boxed = thesis_bands.band_sweep(held, region="box")["B04"]
    at = [4, 9]  # 0.05 and 0.1
    assert whole.thresholds[at].tolist() == [0.05, 0.1]
    assert whole.f1[at] == pytest.approx([0.825, 0.651], abs=0.002)
    assert boxed.f1[at] == pytest.approx([0.870, 0.658], abs=0.002)
    figures = [whole.precision[4], whole.recall[4], whole.f1[4], whole.iou[4]]
    assert figures == pytest.approx([0.8795, 0.7772, 0.8252, 0.7024], abs=5e-5)


def test_events_are_pooled_by_the_bands_all_of_them_have():
    one, other = (thesis_bands.band_sweep(held, [0.05]) for held in (small(), many()))
    pooled = thesis_bands.total([one, other])
    assert list(pooled) == ["B04", ALL_BAND] and pooled["B04"].at(0) == one["B04"].at(0) + other["B04"].at(0)
    assert thesis_bands.total([]) == {}


def drawn_finer():
    """A patch of 222 x 222 pixels, and the same measurements drawn nine times finer."""
    box = around(1.0, 10.0)
    coarse = for_bbox(box)
    rng = np.random.default_rng(1)
    red = rng.random((2, *coarse.shape)).astype(np.float32) * 0.2
    truth = (rng.random(coarse.shape) < 0.05).astype(np.uint8)
    fine = Grid(coarse.west, coarse.south, coarse.res_x / 9, coarse.res_y / 9, 9 * coarse.width, 9 * coarse.height)

    def built(on, times):
        bands = {"B04": red.repeat(times, axis=1).repeat(times, axis=2)}
        clear = np.zeros((2, *on.shape))
        return patches.build(on, DATES, bands, clear, {"simulated": True}, truth.repeat(times, 0).repeat(times, 1))

    return built(coarse, 1), built(fine, 9)


def test_what_was_only_drawn_finer_comes_back_as_it_was_measured():
    coarse, fine = drawn_finer()
    back = thesis_bands.native(fine)
    assert dict(back.sizes) == dict(coarse.sizes)
    for name in ("B04", "CLM", "truth"):
        assert (back[name].values == coarse[name].values).all()
    assert np.allclose(back["x"], coarse["x"]) and np.allclose(back["y"], coarse["y"])
    assert thesis_bands.native(coarse) is coarse
    assert patches.grid_of(back).bbox == pytest.approx(patches.grid_of(fine).bbox)


def test_each_native_pixel_is_the_finer_one_in_its_middle():
    on = Grid(10.0, 1.0, 0.00001, 0.00001, 64, 48)  # 7 x 5 native pixels, and a bit
    red = np.broadcast_to(np.arange(48)[:, None] * 100 + np.arange(64), (2, 48, 64))
    fine = patches.build(on, DATES, {"B04": red}, np.zeros((2, 48, 64)), {"simulated": True})
    back = thesis_bands.native(fine)
    assert (back.sizes["y"], back.sizes["x"]) == (5, 7)
    rows, columns = np.divmod(back["B04"].values[0].astype(int), 100)
    half = on.res_x / 2 + 1e-12
    assert (np.abs(on.x[columns[0]] - back["x"].values) <= half).all()
    assert (np.abs(on.y[rows[:, 0]] - back["y"].values) <= half).all()


def test_a_finer_grid_counts_more_pixels_and_scores_the_same():
    coarse, fine = (thesis_bands.band_sweep(held) for held in drawn_finer())
    assert fine["B04"].f1 == pytest.approx(coarse["B04"].f1, nan_ok=True)
    said = thesis_bands.what_changes(fine, coarse, 0.05)
    assert "81 times as many" in said and f"{222 * 222:,}" in said and "0.000 apart" in said
    with pytest.raises(InputError, match="B09"):
        thesis_bands.what_changes(fine, coarse, 0.05, "B09")
    with pytest.raises(InputError, match=r"not counted at 0\.055"):
        thesis_bands.what_changes(fine, coarse, 0.055)


def test_what_cannot_be_swept_is_refused_with_a_reason():
    with pytest.raises(TruthMissingError, match="no mapped landslides"):
        thesis_bands.band_sweep(small().drop_vars("truth"))
    with pytest.raises(InputError, match="increase, decrease, both"):
        thesis_bands.band_sweep(small(), direction="sideways")
    with pytest.raises(TruthMissingError, match="no evaluation box"):
        thesis_bands.band_sweep(small(), region="box", event="0")
    with pytest.raises(GridError, match="buffer"):
        thesis_bands.band_sweep(small(), region="box", event="41")
