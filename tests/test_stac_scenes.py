"""A catalogue's scenes of a place: one a day, its tiles together, the list kept as far as it came."""

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from app import cache, patches
from app.__main__ import main
from app.cache import stacking as stack
from app.errors import SourceError
from app.series import looks
from app.sources import scenes, stac, stac_scenes
from tests.test_sources_stac import FIRST, SPEC, add, only_columns, open_pair, with_clouds
from tests.test_sources_stac import product as product
from tests.test_sources_stac import server as server

pytestmark = [
    pytest.mark.shared,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:odc", "ignore::PendingDeprecationWarning"),
]
MIDDLE = 0.434  # of the tile's columns, in the middle of the box
SMALL = replace(SPEC, bands=("B04", "B08"))


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch):
    monkeypatch.setattr(stac_scenes, "_held", stac_scenes._Memory(100))


def listed(days=400):
    return scenes.open_scenes(SMALL, FIRST, FIRST + timedelta(days=days))


def test_tiles_of_one_day_are_one_scene_and_days_ascend(server, product):
    add(server, product, "east", FIRST + timedelta(days=30), only_columns(MIDDLE, 1), properties={"eo:cloud_cover": 20})
    add(server, product, "west", FIRST + timedelta(days=30), only_columns(0, MIDDLE), properties={"eo:cloud_cover": 40})
    add(server, product, "later", FIRST + timedelta(days=300))
    found = listed()
    assert [one.id for one in found] == ["S2A_29RKH_20200219_0_L2A", "east+west", "later"]
    assert found[1].cloud_pct == 30 and found[0].sensor == "S2A" and found[0].clear is None


def test_a_scene_of_two_tiles_is_whole_and_is_opened_without_a_second_search(server, product):
    day = FIRST + timedelta(days=30)
    add(server, product, "east", day, only_columns(MIDDLE, 1))
    add(server, product, "west", day, only_columns(0, MIDDLE))
    one = listed()[1]
    server.requests.clear()
    opened = stac.source().open_scene(SMALL, one)
    assert not [path for path in server.requests if path.startswith("/search")]
    assert np.isfinite(opened["B04"].values).mean() > 0.95
    assert set(opened.attrs["scene"].split("+")) == {"east", "west"}


def test_a_scene_has_the_pixels_of_the_pair_and_is_found_again_by_a_program_that_did_not_list_it(
    server,
    product,
):
    add(server, product, "second", date(2022, 3, 15), with_clouds(0.4))
    pair = open_pair(SMALL)
    one = scenes.SceneInfo(date(2022, 3, 15), "second")
    opened = stac.source().open_scene(SMALL, one)
    for name in ("B04", "B08", "CLM"):
        np.testing.assert_array_equal(opened[name].values[0], pair[name].values[1])
    with pytest.raises(SourceError, match="list the scenes again"):
        stac.source().open_scene(SMALL, scenes.SceneInfo(date(2022, 3, 15), "gone"))


def test_a_list_that_breaks_off_keeps_what_came(server, product, monkeypatch):
    add(server, product, "later", FIRST + timedelta(days=300))
    answered = []
    search = stac_scenes.stac_search.search

    def breaking(where, bbox, first, last):
        answered.append(first)
        if len(answered) == 2:
            server.faults["/search"] = 400
        return search(where, bbox, first, last)

    monkeypatch.setattr(stac_scenes.stac_search, "search", breaking)
    with pytest.raises(scenes.ScenesBrokenOffError, match=r"ends with 2020-02-19.*HTTP 400") as broken:
        listed()
    assert [one.id for one in broken.value.scenes] == ["S2A_29RKH_20200219_0_L2A"]


def test_a_catalogue_that_never_answers_is_an_error_in_plain_words(server):
    server.faults["/search"] = 400
    with pytest.raises(SourceError, match="HTTP 400"):
        listed()


def test_a_stack_of_a_catalogue_leaves_a_broken_file_out_and_asks_nothing_twice(server, product):
    for number in range(1, 4):
        add(server, product, f"scene{number}", FIRST + timedelta(days=10 * number))
    found = listed()
    server.faults["scene2/red"] = 403
    first = stack.open_stack(SMALL, found)
    assert list(first[stack.SCENE].values) == ["S2A_29RKH_20200219_0_L2A", "scene1", "scene3"]
    assert "1 of 4 scenes" in first.attrs["warnings"]
    server.requests.clear()
    stack.open_stack(SMALL, found)
    assert server.requests and all("scene2" in path for path in server.requests)


def test_a_look_counts_cloud_over_the_patch_and_a_second_one_reads_no_file(server, product):
    add(server, product, "cloudy", FIRST + timedelta(days=30), with_clouds(MIDDLE))
    found, told = looks.with_clear(SMALL, listed())
    assert told == "" and found[0].clear > 0.9 and 0.3 < found[1].clear < 0.7
    server.requests.clear()
    assert looks.with_clear(SMALL, listed())[0] == found
    assert all(path.startswith("/search") for path in server.requests)


def test_a_composite_of_a_catalogue_fills_what_clouds_hide_and_is_kept_whole(server, product):
    add(server, product, "cloudy", FIRST + timedelta(days=10), with_clouds(MIDDLE))
    add(server, product, "after", date(2022, 3, 15))
    spec = replace(
        SMALL, t1_from=FIRST, t1=FIRST + timedelta(days=20), composite="latest",
    )  # fmt: skip
    patch = cache.load(spec)
    assert patch.attrs["t1_scenes"] == "S2A_29RKH_20200219_0_L2A, cloudy" and patch.attrs["t2_scenes"] == "after"
    assert set(np.unique(patch["scene_count"].values[0])) >= {1, 2}
    server.requests.clear()
    again = cache.load(spec)
    assert not server.requests and again.identical(patch)
    assert patches.when(again) == ("2020-02-19/2020-03-10", "2022-03-15")


def with_snow(share: float):
    """Return a change that lays snow over the western share of the tile in SCL."""

    def change(band: str, array: np.ndarray) -> np.ndarray:
        if band == "SCL":
            array[:, : round(share * array.shape[1])] = 11
        return array

    return change


def test_a_look_tells_how_much_of_the_patch_is_snow(server, product):
    add(server, product, "snowed", FIRST + timedelta(days=30), with_snow(MIDDLE))
    bare, snowed = looks.with_clear(SMALL, listed())[0]
    assert bare.snow == 0 and 0.3 < snowed.snow < 0.7 and snowed.clear > 0.9


def test_the_series_command_follows_what_came_of_a_catalogue_with_faults_and_a_second_call_asks_for_the_rest_only(
    server, product, tmp_path, capsys
):
    for number in range(1, 5):
        add(server, product, f"scene{number}", FIRST + timedelta(days=10 * number))
    west, south, east, north = SPEC.bbox
    inventory = tmp_path / "place.csv"
    place = f"x,2021-06-01,{(south + north) / 2},{(west + east) / 2},{FIRST},2022-03-15"
    inventory.write_text(f"id,event_date,latitude,longitude,pre2,post1\n{place}\n")
    called = ["series", "x", "--source", "stac", "--inventory", str(inventory), "--buffer", "0.005", "--json"]
    called += ["--from", str(FIRST), "--to", str(FIRST + timedelta(days=400))]
    server.faults["scene2/red"] = 403
    assert main(called) == 0
    out = capsys.readouterr()
    said = json.loads(out.out)
    assert [point["scene"] for point in said["points"]] == ["S2A_29RKH_20200219_0_L2A", "scene1", "scene3", "scene4"]
    assert said["break"] is None and "1 of 5 scenes could not be read" in out.err and "Traceback" not in out.err
    server.requests.clear()
    assert main(called) == 0
    assert json.loads(capsys.readouterr().out) == said
    assert all("scene2" in path for path in server.requests if not path.startswith("/search"))
    server.faults["/search"] = 500
    assert main(called) == 2
    assert "HTTP 500" in capsys.readouterr().err
