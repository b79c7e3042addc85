"""A network asked again with the image mirrored: its answers are laid back where they belong, and compared."""

from dataclasses import replace

import numpy as np
import pytest

from app.detection import mirrored, run
from app.errors import NetworkError
from app.patches import no_progress
from tests import small
from tests import tiny_networks as tiny

SIDE = 16


@pytest.fixture
def patch():
    """A patch whose B04 rises in one corner only."""
    after = np.full((SIDE, SIDE), 0.1)
    after[:4, :6] = 0.6
    return small.patch(("B04",), size=SIDE, B04=(0.1, after))


@pytest.fixture
def method(tmp_path):
    path = tmp_path / "tiny.onnx"
    path.write_bytes(tiny.difference().SerializeToString())
    return f"onnx:{path}"


def test_answers_of_each_pixel_alone_are_the_same_whichever_way_the_image_lies(patch, method):
    first = run.detect(patch, method, "cpu")
    assert not first.fallback and run.mask(first).any() and not run.mask(first).all()
    asked = mirrored.answers(patch, first, "cpu", no_progress)
    np.testing.assert_allclose(asked.scores, np.broadcast_to(first.score, (4, SIDE, SIDE)), atol=1e-6)
    assert not asked.apart().any()


def test_pixels_are_apart_where_two_answers_stand_against_two_and_clouds_do_not_count(patch, method):
    first = run.detect(patch, method, "cpu")
    scores = np.zeros((4, SIDE, SIDE), np.float32)
    scores[:2, 0, 0] = scores[:1, 0, 1] = scores[:, 0, 2] = scores[:2, 0, 3] = 1
    clear = first.clear.copy()
    clear[0, 3] = False
    asked = mirrored.Mirrored(replace(first, clear=clear), scores)
    assert asked.apart(0.5)[0, :4].tolist() == [2, 1, 0, 0]


def test_a_network_that_does_not_run_again_is_said(patch, method):
    first = replace(run.detect(patch, method, "cpu"), ran="onnx:gone")
    with pytest.raises(NetworkError, match="did not run on the mirrored image"):
        mirrored.answers(patch, first, "cpu")
