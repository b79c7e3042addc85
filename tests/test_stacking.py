"""A stack is the scenes one after the other: ascending, bounded, kept each by itself, and honest about gaps."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from app import cache, config, patches
from app.cache import stacking as stack
from app.errors import Cancelled, InputError, SourceError
from app.inventory import Event
from app.sources import demo, open_source, scenes, spec_for

EVENT = Event("7", 0, date(2020, 6, 10), 46.5, 8.5, t1_options=(date(2020, 6, 1),), t2=date(2020, 7, 1))
SPEC = spec_for(EVENT, "demo", buffer_deg=0.002, bands=("B04", "B08"))


@pytest.fixture
def listed():
    return scenes.open_scenes(SPEC, date(2020, 5, 1), date(2020, 6, 20))


@pytest.fixture
def kept_demo(monkeypatch, tmp_path):
    """The demo as a source whose scenes are kept, counting those it opens."""
    opened = []
    described, plain = demo.Demo.describe, demo.Demo.open_scene

    def open_scene(self, spec, scene, progress=patches.no_progress):
        opened.append(scene.date)
        return plain(self, spec, scene, progress)

    monkeypatch.setattr(demo.Demo, "describe", lambda self: replace(described(self), cacheable=True))
    monkeypatch.setattr(demo.Demo, "open_scene", open_scene)
    monkeypatch.setenv("SCARP_CACHE", str(tmp_path / "cache"))
    config.settings.cache_clear()
    yield opened
    monkeypatch.undo()
    config.settings.cache_clear()


def test_a_stack_holds_each_scene_ascending_with_its_name(listed):
    found = stack.open_stack(SPEC, listed[::-1])
    assert found["B04"].dims == ("time", "y", "x") and found["B04"].dtype == np.float32
    assert list(found[stack.SCENE].values) == [one.id for one in listed]
    assert (np.diff(found["time"].values) > np.timedelta64(0)).all()
    assert patches.is_simulated(found) and found.attrs["warnings"] == ""
    alone = open_source("demo").open_scene(SPEC, listed[2])
    np.testing.assert_array_equal(found["B08"].values[2], alone["B08"].values[0])


def test_a_second_look_opens_nothing_and_other_events_of_the_place_share_the_scenes(listed, kept_demo):
    first = stack.open_stack(SPEC, listed)
    assert len(kept_demo) == len(listed)
    again = stack.open_stack(replace(SPEC, event_id="other", t1=date(2020, 5, 2)), listed)
    assert len(kept_demo) == len(listed)
    np.testing.assert_array_equal(first["B04"], again["B04"])
    assert {each.entry.t1 for each in cache.entries()} == {str(one.date) for one in listed}


def test_a_stack_larger_than_memory_is_refused_with_its_figure_before_anything_is_read(listed, monkeypatch):
    monkeypatch.setenv("SCARP_PATCH_GB", "0.0001")
    config.settings.cache_clear()
    try:
        monkeypatch.setattr(demo.Demo, "open_scene", lambda *_: pytest.fail("read"))
        with pytest.raises(InputError, match=rf"A stack of {len(listed)} scenes.*0\.\d GB"):
            stack.open_stack(SPEC, listed)
    finally:
        monkeypatch.undo()
        config.settings.cache_clear()


def test_without_scenes_there_is_no_stack():
    with pytest.raises(InputError, match="no scene"):
        stack.open_stack(SPEC, [])


def failing(monkeypatch, fails):
    plain = demo.Demo.open_scene

    def open_scene(self, spec, scene, progress=patches.no_progress):
        if fails(scene):
            raise SourceError("The catalogue is gone.")
        return plain(self, spec, scene, progress)

    monkeypatch.setattr(demo.Demo, "open_scene", open_scene)


def test_one_scene_that_cannot_be_read_is_left_out_and_told(listed, monkeypatch):
    failing(monkeypatch, lambda scene: scene == listed[1])
    found = stack.open_stack(SPEC, listed)
    assert found.sizes["time"] == len(listed) - 1 and listed[1].id not in found[stack.SCENE].values
    [told] = patches.warnings(found)
    assert told.startswith(f"1 of {len(listed)} scenes") and "The catalogue is gone." in told


def test_a_catalogue_that_breaks_off_leaves_what_came_and_is_not_asked_for_the_rest(listed, monkeypatch):
    asked = []
    failing(monkeypatch, lambda scene: (asked.append(scene), scene.date > listed[2].date)[1])
    found = stack.open_stack(SPEC, listed)
    assert found.sizes["time"] == 3 and len(asked) == 6 < len(listed)
    assert f"{len(listed) - 3} of {len(listed)} scenes" in patches.warnings(found)[0]
    failing(monkeypatch, lambda scene: True)
    with pytest.raises(SourceError, match="gone"):
        stack.open_stack(SPEC, listed)


def test_a_stop_ends_a_stack_and_keeps_what_came(listed, kept_demo):
    def progress(share, doing):
        if share > 0.5:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        stack.open_stack(SPEC, listed, progress)
    assert 0 < len(cache.entries()) < len(listed)
