"""Scenes of Sentinel Hub: listed by its catalogue and opened one by one, by the worker, over a service on loopback.

xcube-sh itself is stood in for (``tests/servers/xcube_stand_in``); the worker, its protocol and the service are real.
"""

import sys
from dataclasses import replace
from datetime import date
from importlib.util import find_spec

import numpy as np
import pytest

from app import config
from app.cache import composites
from app.cache.stacking import open_stack
from app.grid import around
from app.library import plain_pair, snippets
from app.patches import PatchSpec
from app.series import looks
from app.sources import open_source, scenes, sentinelhub, sentinelhub_costs, xcube_process
from tests.conftest import ROOT
from tests.servers.sentinelhub_emulator import CLIENT_ID, CLIENT_SECRET, SentinelHubEmulator, pixels

SPEC = PatchSpec(
    "sentinelhub",
    "2",
    around(35.864314, -121.430499, 0.002),
    date(2017, 5, 17),
    date(2017, 5, 27),
    bands=("B04", "B08"),
)
FIRST, LAST = date(2017, 1, 1), date(2017, 9, 1)


@pytest.fixture
def hub(monkeypatch):
    with SentinelHubEmulator() as emulator:
        for name, value in {
            "SH_CLIENT_ID": CLIENT_ID, "SH_CLIENT_SECRET": CLIENT_SECRET, "SH_INSTANCE_URL": emulator.url,
            "SH_OAUTH2_URL": f"{emulator.url}/oauth", "SCARP_XCUBE_PYTHON": sys.executable,
            "PYTHONPATH": str(ROOT / "tests/servers/xcube_stand_in"),
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        config.settings.cache_clear()
        yield emulator
        xcube_process._idle.close()
        monkeypatch.undo()
        config.settings.cache_clear()


def test_the_catalogue_lists_days_without_pixels_and_each_is_opened_by_itself_and_kept(hub):
    hub.missing_days.add("2017-01-06")
    found = scenes.open_scenes(SPEC, FIRST, LAST)
    assert found[0] == scenes.SceneInfo(FIRST, "S2A_2017-01-01", None, 20.0, "S2A")
    assert date(2017, 1, 6) not in [one.date for one in found] and len(found) == 48
    assert hub.pixel_requests() == []
    stack = open_stack(SPEC, found[:2])
    assert len(hub.pixel_requests()) == 2 * 4 == sentinelhub_costs.of_scenes(SPEC, 2).requests
    longitude, latitude = np.meshgrid(SPEC.grid.x, SPEC.grid.y)
    measured = pixels("dataMask", longitude, latitude, "2017-01-01") > 0
    served = pixels("B04", longitude, latitude, "2017-01-01")
    assert np.allclose(stack["B04"].values[0][measured], served[measured], atol=1e-6)
    open_stack(SPEC, found[:2])
    assert len(hub.pixel_requests()) == 8
    seen = looks.glance(replace(SPEC, bbox=around(35.864314, -121.430499, 0.01)), found[0])
    assert seen.thumbnail is not None and max(seen.thumbnail.shape) <= 2 * looks.LOOK_PX and 0 < seen.scene.clear < 1
    hub.tells_clouds, hub.catalogue_ends = False, date(2017, 7, 1)
    with pytest.raises(scenes.ScenesBrokenOffError, match=r"The list ends with 2017-06-25: .*\(500") as broken:
        scenes.open_scenes(SPEC, FIRST, LAST)
    assert len(broken.value.scenes) == 35 and broken.value.scenes[0].cloud_pct is None


def test_a_composite_is_said_to_take_the_sum_over_its_scenes_before_any_pixel_is_asked_for(hub):
    spec = replace(SPEC, t1_from=date(2017, 5, 1), t1=date(2017, 5, 17), bands=("B04",), composite="greenest")
    said = composites.cost(spec)
    single, wide = (sentinelhub_costs.of_scenes(replace(SPEC, bands=one), 1) for one in (("B04",), ("B04", "B08")))
    assert "T1 is made of 4 and T2 of 1 scenes" in said and hub.pixel_requests() == []
    assert f"{4 * wide.units + single.units:.2f} processing units and {4 * wide.requests + single.requests} req" in said
    assert sentinelhub_costs.estimate(spec).requests == 17 * wide.requests + single.requests
    patch = composites.load(spec)
    assert len(hub.pixel_requests()) == 4 * wide.requests + single.requests and patch.attrs["t1_scene_count"] == 4


def test_tiles_of_a_day_are_one_scene_and_one_without_a_day_is_left_out():
    told = [("S2B_B", "2020-02-03T10:00:00Z", 40.0), ("S2A_A", "2020-02-03T10:00:09Z", None), ("x", "", 1.0)]
    found = sentinelhub.of_catalogue([dict(zip(("id", "time", "cloud_pct"), one, strict=True)) for one in told])
    assert found == (scenes.SceneInfo(date(2020, 2, 3), "S2A_A+S2B_B", None, 40.0, "S2A, S2B"),)
    assert open_source("sentinelhub-cdse").describe().scenes


@pytest.mark.skipif(find_spec("xcube_sh") is not None, reason="test_plain_pair runs these lines with xcube-sh itself")
def test_the_lines_shown_without_scarp_bring_the_same_pair(hub, monkeypatch):
    """As ``test_plain_pair`` does with xcube-sh itself, where that is installed."""
    patch = open_source("sentinelhub").open(SPEC)
    monkeypatch.syspath_prepend(str(ROOT / "tests/servers/xcube_stand_in"))
    held: dict = {}
    try:
        exec(compile(snippets.plain_script(plain_pair.pair(SPEC, patch)), "plain", "exec"), held)
    finally:
        for name in [one for one in sys.modules if one.partition(".")[0] in ("xcube", "xcube_sh")]:
            del sys.modules[name]
    for name in (*SPEC.bands, "CLM"):
        np.testing.assert_allclose(held["pair"][name].values, patch[name].values, atol=1e-6, equal_nan=True)
    np.testing.assert_array_equal(held["pair"]["time"].values, patch["time"].values)
