"""Scenes are listed oldest first, one a day, and each opens by itself as it does in a pair."""

from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from app import patches
from app.errors import DateOrderError, SourceError
from app.inventory import Event
from app.sources import open_source, scenes, spec_for
from app.sources.scenes import SceneInfo

EVENT = Event("7", 0, date(2020, 6, 10), 46.5, 8.5, t1_options=(date(2020, 6, 1),), t2=date(2020, 7, 1))
DEMO = spec_for(EVENT, "demo", buffer_deg=0.002, bands=("B04", "B08"))
SAMPLE = spec_for(open_source("sample").describe().event, "sample")


def listed(spec, first, last):
    return scenes.open_scenes(spec, date.fromisoformat(first), date.fromisoformat(last))


def test_simulated_passes_are_every_five_days_and_the_chosen_dates_among_them():
    found = listed(DEMO, "2020-05-01", "2020-08-01")
    days = [one.date for one in found]
    assert days == sorted(set(days)) and {DEMO.t1, DEMO.t2} <= set(days)
    passes = [day for day in days if day not in (DEMO.t1, DEMO.t2)]
    assert {(after - before).days for before, after in pairwise(passes)} <= {5, 10}
    assert all("SIMULATED" in one.id and one.sensor in one.id for one in found)


def test_how_clear_a_simulated_pass_is_said_to_be_is_what_opening_it_shows():
    for one in listed(DEMO, "2020-05-01", "2020-08-01"):
        opened = scenes.source_of_scenes("demo").open_scene(DEMO, one)
        assert one.clear == pytest.approx(float((opened["CLM"].values == patches.CLEAR).mean()))


@pytest.mark.parametrize("spec", [DEMO, SAMPLE], ids=["demo", "sample"])
def test_a_scene_holds_the_pixels_that_the_pair_has_on_its_day(spec):
    source = scenes.source_of_scenes(spec.source)
    pair = open_source(spec.source).open(spec)
    for at, day in enumerate((spec.t1, spec.t2)):
        [one] = scenes.open_scenes(spec, day, day)
        opened = source.open_scene(spec, one)
        assert opened.sizes["time"] == 1 and str(opened["time"].values[0])[:10] == str(day)
        for name in (*spec.bands, "CLM"):
            np.testing.assert_array_equal(opened[name].values[0], pair[name].values[at])


def test_the_sample_lists_the_dates_of_its_file_and_refuses_another():
    found = listed(SAMPLE, "2015-07-01", "2025-01-01")
    assert {SAMPLE.t1, SAMPLE.t2} <= {one.date for one in found} and all(0 < one.clear <= 1 for one in found)
    with pytest.raises(SourceError, match="list its scenes"):
        scenes.source_of_scenes("sample").open_scene(SAMPLE, SceneInfo(date(2018, 1, 2), "x"))


def test_a_span_that_runs_backwards_or_ends_before_the_satellites_is_refused():
    with pytest.raises(DateOrderError, match="swap its days"):
        listed(DEMO, "2020-08-01", "2020-05-01")
    with pytest.raises(DateOrderError, match="2015-06-23"):
        listed(DEMO, "2010-01-01", "2011-01-01")


def test_a_source_of_pairs_alone_is_refused_with_those_that_list_scenes():
    assert {"demo", "sample", "stac"} <= set(scenes.sources_with_scenes())
    with pytest.raises(SourceError, match="demo, sample, stac"):
        scenes.source_of_scenes("published")
