"""Kinds of events, and scores apart by them."""

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from app import patches
from app.errors import InputError
from app.grid import around
from app.inventory import Event, EventWarning, Inventory, builtin
from app.patches import PatchSpec
from app.review import Verdict
from app.scoring import groups
from app.scoring import known as facts
from app.scoring.facts import Facts
from app.scoring.metrics import Confusion
from app.scoring.results import EventScore
from app.simulate import scene
from app.sources import demo
from tests.handmade import grid, metres, patch


def score(event, **known):
    return EventScore(event, Confusion(tp=1), "m", 0.1, facts=Facts(**known))


def names(scores, by):
    return {group: [one.event for one in held] for group, held in groups.split(scores, by).items()}


def test_groups_of_words_come_by_name_and_the_unknown_last():
    held = [
        score("1", category="rock_fall"),
        score("2"),
        score("3", category="debris flow"),
        score("4", category="rock_fall"),
    ]
    assert list(names(held, "category").items()) == [
        ("debris flow", ["3"]),
        ("rock fall", ["1", "4"]),
        ("not known", ["2"]),
    ]
    assert names([score("1", source="GLC")], "source") == {"NASA Global Landslide Catalog": ["1"]}


@pytest.mark.parametrize(
    ("by", "field", "values", "labels"),
    [
        ("area", "area_m2", (2e6, 0, 1, 1e4, 1e5), "nothing mapped|under 1 ha|1 to 10 ha|10 to 100 ha|100 ha and more"),
        ("slope", "slope_deg", (40, 14.9, 15, 25), "under 15°|15 to 25°|25 to 35°|35° and more"),
        ("days", "days", (400, 30, 31, 183), "up to 30 days|31 to 182 days|183 to 365 days|more than a year"),
        (
            "cloud",
            "cloud_share",
            (1, 0, 0.05, 0.2),
            "under 1 % cloud|1 to 10 % cloud|10 to 30 % cloud|30 % cloud and more",
        ),
    ],
)
def test_groups_of_numbers_come_in_their_order(by, field, values, labels):
    held = [score(str(at), **{field: float(value)}) for at, value in enumerate(values)]
    first, *_, last = labels.split("|")
    assert "|".join(names([*held, score("?")], by)) == f"{labels}|{groups.UNKNOWN}"
    assert names(held, by)[first] == ["1"] and names(held, by)[last] == ["0"]


def test_every_event_is_in_one_group_whatever_the_grouping():
    held = [score(str(n), days=n * 40, category="x" * (n % 3)) for n in range(12)]
    for by in groups.BY:
        assert sorted(one.event for part in groups.split(held, by).values() for one in part) == sorted(
            one.event for one in held
        )
    with pytest.raises(InputError, match="choose from category"):
        groups.split(held, "mood")


def test_facts_of_the_inventory_are_completed_by_those_of_the_patch():
    known = Facts(category="slide", days=10.0, cloud_share=0.0).known_from(
        Facts(category="other", area_m2=5.0, days=12.0, cloud_share=0.3, simulated=True)
    )
    assert known == Facts("slide", "", 5.0, known.slope_deg, 10.0, 0.0, True)


def test_a_patch_says_its_area_days_and_cloud():
    known = facts.of_patch(
        patch({"B04": ([[0.1] * 4] * 2, [[0.1] * 4] * 2)}, clm=[[[0, 1, 0, 0], [0] * 4]] * 2, truth=[[1, 1, 0, 0]] * 2)
    )
    assert known.area_m2 == pytest.approx(4 * grid(2, 4).areas_m2()[0, 0], rel=1e-6)
    assert (known.days, known.cloud_share, known.simulated) == (170.0, 1 / 8, False)


def test_simulated_landslides_lie_on_slopes_and_others_on_ground_not_known():
    event = builtin().event("171")
    box = around(event.latitude, event.longitude)
    opened = demo.source().open(PatchSpec("demo", "171", box, event.t1, event.t2, event.date, ("B04",)))
    ground = scene.slope_deg(patches.grid_of(opened))
    known = facts.of_patch(opened)
    assert ground.shape == opened["truth"].shape and known.area_m2 > 0
    assert 8 < known.slope_deg < 60 and known.slope_deg > ground.mean()
    assert math.isnan(facts.of_patch(opened.assign_attrs(source="stac")).slope_deg)


def test_a_published_patch_without_a_place_has_the_pixels_of_the_thesis():
    event = Event("41", 41, None, 60.0, 10.0)
    across, along = facts.assumed_grid((2048, 2048), event).pixel_m
    assert along == pytest.approx(1.114, abs=0.001) and across == pytest.approx(along / 2, rel=0.01)
    assert facts.area_m2(np.array([[1, 0, 255]], np.uint8), metres(1, 3, 2.0, 3.0)) == pytest.approx(6)
    assert math.isnan(facts.area_m2(np.array([[1]], np.uint8), None))


def inventory():
    events = tuple(
        Event(name, 0, None, 0, 0, "slide", t1_options=(date(2020, 1, 1),), t2=date(2020, 1, 31)) for name in "123"
    )
    warnings = (
        EventWarning("1", "t1-not-before-event", "T1 is late."),
        EventWarning("2", "duplicate", "Row 5 says the same."),
    )
    return Inventory("list.csv", events, (), {}, warnings)


def verdict(event, said, reviewer="Ada", of="list.csv"):
    return Verdict(reviewer, of, event, said, "", "demo", "2020-01-01", "2020-01-31", False)


def test_truth_is_doubtful_by_a_date_or_by_a_reviewers_latest_verdict():
    newest_first = [
        verdict("2", "landslide"), verdict("2", "no-change"),
        verdict("3", "unsure"), verdict("1", "unsure", of="other.csv"),
    ]  # fmt: skip
    doubts = facts.doubtful(inventory(), newest_first)
    assert doubts == {"1": "T1 is late.", "3": "Ada judged it: cannot tell."}
    assert facts.doubtful(None) == {}


def test_a_verdict_counts_where_its_place_is_the_events_and_one_that_nobody_knows_does_not():
    newest_first = [
        replace(verdict("2", "no-change", of="The link"), latitude=0.0, longitude=0.0),
        replace(verdict("3", "no-change"), latitude=1.0, longitude=0.0),
        replace(verdict("2", "unsure", "Bo"), verdict="maybe", odd="no verdict that Scarp knows"),
    ]
    doubts = facts.doubtful(inventory(), newest_first)
    assert doubts == {"1": "T1 is late.", "2": "Ada judged it: no change to be seen."}


def test_the_inventory_says_category_days_and_doubt():
    known = facts.of_inventory(inventory())
    assert (known["1"].category, known["1"].days, known["1"].doubtful) == ("slide", 30.0, "T1 is late.")
    assert known["2"].doubtful == "" and facts.of_inventory(None) == {}
