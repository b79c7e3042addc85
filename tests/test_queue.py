"""The queue of a review: its orders, what comes next, and how far methods disagree."""

import math

import numpy as np
import pytest

from app.review import queue

EVENTS = ["a", "b", "c", "d"]


def test_the_order_is_the_inventorys_or_by_weight_with_what_has_none_last():
    assert queue.ordered(EVENTS, "list", {"d": 9}) == EVENTS
    assert queue.ordered(EVENTS, "area", {"c": 2.0, "d": 9.0}) == ["d", "c", "a", "b"]
    assert queue.ordered(EVENTS, "warnings", {}) == EVENTS


def test_a_random_order_is_the_same_for_a_seed_whatever_the_order_of_the_list():
    many = [str(n) for n in range(50)]
    first = queue.ordered(many, "random", {}, 3)
    assert first == queue.ordered(many[::-1], "random", {}, 3) and sorted(first) == sorted(many)
    assert first != queue.ordered(many, "random", {}, 4)


@pytest.mark.parametrize(
    ("here", "judged", "skipped", "then"),
    [
        ("a", {"b"}, [], "c"),
        ("d", {"a"}, [], "b"),
        (None, {"a"}, [], "b"),
        ("gone", set(), [], "a"),
        ("a", set(), ["b"], "c"),
        ("a", {"c", "d"}, ["b"], "b"),
        ("b", {"a"}, ["d", "c"], "d"),
        ("a", {"b", "c", "d"}, [], None),
        ("a", {"b", "c", "d"}, ["a"], None),
    ],
)
def test_the_next_event_is_neither_judged_nor_skipped_and_what_was_skipped_comes_back(here, judged, skipped, then):
    assert queue.after(EVENTS, here, judged, skipped) == then


def test_masks_disagree_by_what_they_do_not_share():
    first = np.array([[True, True], [False, False]])
    second = np.array([[True, False], [True, False]])
    assert queue.disagreement([first, second]) == pytest.approx(2 / 3)
    assert queue.disagreement([first, first]) == 0 == queue.disagreement([~first & first] * 2)
    assert math.isnan(queue.disagreement([first]))
