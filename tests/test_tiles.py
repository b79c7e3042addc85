"""A scene cut into tiles and blended again is the scene: nothing missing, nothing twice, no seam."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.detection.network import tiles
from app.detection.network.tiles import Axis, Tiling

sides, sizes = st.integers(1, 700), st.integers(1, 300)


@st.composite
def axes(draw) -> Axis:
    """Any axis either way of cutting gives."""
    side, tile = draw(sides), draw(sizes)
    overlap = draw(st.integers(0, tile - 1))
    if draw(st.booleans()):
        return tiles.fixed(side, tile, overlap)
    return tiles.fitted(side, overlap, draw(st.integers(1, 40)), tile)


@given(axes())
def test_weights_add_up_to_one_at_every_pixel(axis):
    total = np.zeros(axis.side)
    for number in range(len(axis.starts)):
        scene, own = axis.target(number)
        total[scene] += axis.weights[number][own]
    assert np.abs(total - 1).max() < 1e-6
    assert axis.weights.min() >= 0


@given(axes())
def test_a_tile_reads_the_scene_where_it_lies_in_it(axis):
    for number in range(len(axis.starts)):
        read, at = axis.source(number)
        scene, own = axis.target(number)
        assert len(at) == axis.tile
        assert (np.arange(axis.side)[read][at][own] == np.arange(axis.side)[scene]).all()


@given(sides, st.integers(0, 60), st.integers(1, 64), st.integers(64, 400))
def test_fitted_tiles_keep_to_the_multiple_and_the_largest_and_share_enough(side, overlap, multiple, largest):
    axis = tiles.fitted(side, overlap, multiple, largest)
    assert axis.tile % multiple == 0 and axis.tile <= largest
    assert len(axis.starts) == 1 or axis.overlap >= min(overlap, largest // multiple * multiple // 2)
    assert len(axis.starts) == 1 or axis.starts[-1] + axis.tile == side


def test_a_tile_that_is_too_large_is_filled_by_reflection():
    axis = tiles.fixed(3, 8, 2)
    read, at = axis.source(0)
    assert axis.starts == (-2,) and read == slice(0, 3)
    assert at.tolist() == [2, 1, 0, 1, 2, 1, 0, 1]  # a b c mirrored: c b [a b c] b a b
    assert tiles.fixed(1, 3, 0).source(0)[1].tolist() == [0, 0, 0]


def test_a_ramp_leads_from_one_tile_to_the_next_in_the_middle_of_what_they_share():
    axis = tiles.fixed(24, 16, 8)
    assert axis.starts == (0, 8)
    first = axis.weights[0][8:]
    assert first[:2].tolist() == [1, 1] and first[6:].tolist() == [0, 0]  # the quarters beside the tiles' edges
    assert first[2:6] == pytest.approx([0.9619, 0.6913, 0.3087, 0.0381], abs=1e-4)
    assert axis.weights[1][:8] == pytest.approx(1 - first)


def test_fitted_tiles_are_the_fewest_and_no_larger_than_needed():
    assert tiles.fitted(222, 32, 8, 768) == Axis(222, 224, (-1,))
    assert tiles.fitted(2048, 32, 8, 768) == Axis(2048, 704, (0, 672, 1344))
    assert tiles.fitted(2048, 64, 256, 768) == Axis(2048, 768, (0, 640, 1280))


def test_batches_hold_at_most_what_they_may_and_are_alike():
    nine = tiles.fixed(2048, 768, 32)
    assert tiles.batch_for(nine, nine) == 1
    ten = tiles.fixed(2048, 256, 32)
    assert tiles.batch_for(ten, ten) == 8  # 100 tiles: 12 batches of 8 and one of 4
    assert tiles.batch_for(ten, tiles.fixed(256, 256, 32)) == 5  # ten tiles: two batches of 5, not 8 and 2


def cut(scene: np.ndarray, tiling: Tiling, network) -> np.ndarray:
    """Return ``network``, a function of a tile, applied to ``scene`` tile by tile."""

    def answer(places):
        assert len(places) <= tiling.batch
        read = []
        for row, column in places:
            (y, own_y), (x, own_x) = tiling.rows.source(row), tiling.columns.source(column)
            read.append(network(scene[y, x][own_y[:, None], own_x]))
        return np.stack(read)

    return tiles.blend(tiling, answer)


@settings(deadline=None)
@given(axes(), axes(), st.integers(1, 9), st.integers(0, 99))
def test_a_pointwise_network_answers_as_on_the_whole_scene(rows, columns, batch, seed):
    if len(rows.starts) * len(columns.starts) > 400:
        return
    scene = np.random.default_rng(seed).random((rows.side, columns.side), np.float32)
    found = cut(scene, Tiling(rows, columns, batch), np.sqrt)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, np.sqrt(scene), rtol=0, atol=1e-6)


def mean_around(values: np.ndarray) -> np.ndarray:
    """Return the mean of 5 x 5 pixels, zeros beyond the edge: what a convolution sees at a tile's edge."""
    padded = np.pad(values, 2)
    return np.lib.stride_tricks.sliding_window_view(padded, (5, 5)).mean(axis=(2, 3), dtype=np.float32)


@pytest.mark.parametrize("shape", [(64, 64), (150, 97), (256, 40)])
def test_a_network_that_looks_around_leaves_no_seam(shape):
    scene = np.random.default_rng(1).random(shape, np.float32)
    tiling = Tiling(*(tiles.fixed(side, 32, 8) for side in shape), 4)
    found = cut(scene, tiling, mean_around)
    np.testing.assert_allclose(found, mean_around(scene), rtol=0, atol=1e-6)


def test_tiles_that_answer_differently_are_joined_without_a_step():
    tiling = Tiling(tiles.fixed(16, 16, 0), tiles.fixed(112, 64, 16), 1)
    levels = iter([np.zeros((1, 16, 64), np.float32), np.ones((1, 16, 64), np.float32)])
    found = tiles.blend(tiling, lambda places: next(levels))
    steps = np.diff(found, axis=1)
    assert (steps >= 0).all() and 0 < steps.max() < 0.25


def test_where_a_tile_counts_nothing_its_missing_number_takes_none_away():
    tiling = Tiling(tiles.fixed(16, 16, 0), tiles.fixed(112, 64, 16), 1)
    first = np.zeros((1, 16, 64), np.float32)
    first[..., -2:] = np.nan  # the quarter of what is shared that lies at its own edge
    answers = iter([first, np.ones((1, 16, 64), np.float32)])
    assert np.isfinite(tiles.blend(tiling, lambda places: next(answers))).all()
    answers = iter([np.full((1, 16, 64), np.nan, np.float32), np.ones((1, 16, 64), np.float32)])
    found = tiles.blend(tiling, lambda places: next(answers))
    assert np.isnan(found[:, :50]).all() and np.isfinite(found[:, 62:]).all()


def test_progress_counts_tiles_and_may_stop():
    tiling = Tiling(tiles.fixed(64, 32, 0), tiles.fixed(64, 32, 0), 3)
    heard = []
    tiles.blend(tiling, lambda places: np.zeros((len(places), 32, 32), np.float32), heard.append)
    assert heard == [0, 3, 4]


def test_a_tiling_says_what_it_is():
    one, nine = tiles.fitted(222, 32, 8, 768), tiles.fitted(2048, 64, 256, 768)
    assert str(Tiling(one, one)) == "one tile of 224 x 224 pixels"
    assert str(Tiling(nine, nine)) == "9 tiles of 768 x 768 pixels, blended over 128 shared ones"
