"""The bench: what is counted is what the methods mark, and each scene set beforehand fools as its words say."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from app.config import ROOT
from app.detection import run
from app.errors import InputError
from app.lessons import bench
from app.lessons.knobs import HOWS, LANDS, SPANS, TRAPS, Knobs, usual_cut
from app.lessons.words import words

PLAIN = TRAPS["plain"]


def f1(knobs: Knobs) -> float:
    return bench.counts(bench.shot(knobs), usual_cut(knobs.how)).f1


def test_the_counts_are_those_of_the_method_but_for_the_rounding_of_its_scores():
    seen = bench.shot(PLAIN)
    found = run.detect(seen.scene.patch, PLAIN.how)
    level = bench.cut_of(seen.step_of(0.05), seen.highest)
    differ = run.mask(found, level) != bench.marked(seen, 0.05)
    half_a_step = seen.highest / (bench.STEPS - 1) / 2
    assert np.abs(found.score[differ] - level).max(initial=0) <= half_a_step
    assert abs(level - 0.05) <= half_a_step


def test_a_good_day_is_easy_and_each_trap_is_not():
    assert f1(PLAIN) > 0.85
    for name in ("season", "fields", "cloud", "aside", "light", "faint", "offset"):
        assert f1(TRAPS[name]) < 0.6, name
    assert f1(TRAPS["haze"]) < f1(PLAIN)


def test_nothing_slid_on_the_real_pair_and_something_is_marked():
    counts = bench.counts(bench.shot(TRAPS["real"]), 0.05)
    assert counts.tp == counts.fn == 0 and counts.fp > 50
    assert bench.shot(replace(TRAPS["real"], how="band-difference:B12")).ran == "band-difference:B04"


def test_small_groups_are_left_out_by_their_area_corners_counting_as_touching():
    seen = bench.shot(TRAPS["aside"])
    mask = np.zeros(seen.steps.shape, bool)
    mask[2, 2] = mask[3, 3] = mask[9, 9] = True
    kept = bench._without_small(mask, 200)
    assert kept[2, 2] and kept[3, 3] and not kept[9, 9]
    assert bench.marked(seen, 0.05, 2000).sum() < bench.marked(seen, 0.05).sum()


def test_the_browser_and_the_server_count_alike():
    """tests/js/counting.test.js reads the same file."""
    told = json.loads((ROOT / "tests" / "js" / "counting.json").read_text("utf-8"))
    steps = np.array(told["steps"], np.uint8).reshape(-1, told["width"])
    truth = np.array(told["truth"], bool).reshape(steps.shape)
    scene = replace(bench.opened(PLAIN.scene_only()), truth=truth)
    seen = bench.Shot(scene, steps, told["highest"], "reflectance", PLAIN.how, "")
    for case in told["cases"]:
        counts = bench.counts(seen, case["cut"], case["smallest"] * bench.PIXEL_M2)
        assert seen.step_of(case["cut"]) == case["step"]
        assert {name: getattr(counts, name) for name in ("tp", "fp", "fn", "tn")} == case["counts"]


def test_an_outline_is_scored_by_what_it_shares_with_the_truth():
    square = bench.outlined([(2, 2), (6, 2), (6, 6), (2, 6)], (10, 10))
    assert square.sum() == 16 and square[2:6, 2:6].all()
    half = np.zeros((10, 10), bool)
    half[2:6, 2:4] = True
    assert bench.iou(square, half) == 0.5 and bench.iou(half & ~half, half & ~half) == 0
    assert not bench.outlined([(1, 1), (2, 2)], (4, 4)).any()


@pytest.mark.parametrize("name", sorted(SPANS))
def test_a_knob_out_of_its_range_is_refused_with_the_range(name):
    with pytest.raises(InputError, match=f"{name} goes from"):
        replace(PLAIN, **{name: SPANS[name].high + 1})


@pytest.mark.parametrize(("name", "given"), [("land", "moon"), ("how", "magic"), ("colours", "pink")])
def test_a_knob_with_a_list_takes_nothing_else(name, given):
    with pytest.raises(InputError, match="is one of"):
        replace(PLAIN, **{name: given})


def test_every_knob_and_trap_has_its_words():
    held = words()
    assert set(held["knobs"]) == {*SPANS, "land", "how", "colours", "offset"}
    assert set(held["knobs"]["how"]["options"]) == set(HOWS) and set(held["knobs"]["land"]["options"]) == set(LANDS)
    assert set(held["traps"]) == set(TRAPS)
    assert all(usual_cut(how) > 0 for how in HOWS)


def test_a_class_that_opens_one_scene_in_the_same_moment_has_it_worked_out_once(monkeypatch):
    worked, real = [], bench._simulated

    def slowly(knobs):
        worked.append(knobs)
        time.sleep(0.05)
        return real(knobs)

    monkeypatch.setattr(bench, "_simulated", slowly)
    with ThreadPoolExecutor(8) as readers:
        shots = list(readers.map(bench.shot, [Knobs(scene=88, scars=1)] * 8))
    assert len(worked) == 1 and all(one is shots[0] for one in shots)
