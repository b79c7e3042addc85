"""Real scenes by STAC: the right pixels, the right date, the right offset, and plain words."""

import json
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
import rasterio
from streamlit.testing.v1 import AppTest

from app import cache, config, grid, logs, patches
from app.cache import loading
from app.errors import Cancelled, DateOrderError, InputError, SourceBusyError, SourceError
from app.inventory import Event
from app.patches import PatchSpec
from app.sources import limits_told, scl, stac, stac_catalogue, stac_dates, stac_files, stac_search
from app.ui import choices
from tests.servers.stac import StacServer, cog, stac_server

pytestmark = [
    pytest.mark.shared,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:odc", "ignore::PendingDeprecationWarning"),
]

BBOX = (-11.55, 24.75, -11.45, 24.85)
FIRST, SECOND = date(2020, 2, 19), date(2022, 3, 15)
NEVER_S = 3600.0  # longer than any test may take
ASSETS = {"B02": "blue", "B03": "green", "B04": "red", "B08": "nir", "B8A": "nir08", "B11": "swir16", "SCL": "scl"}
SPEC = PatchSpec(
    "stac", "x", BBOX, FIRST, SECOND, date(2021, 6, 1), ("B02", "B04", "B08", "B11"), 0.0009,
)  # fmt: skip


@pytest.fixture(scope="module")
def product(shared) -> tuple[dict, dict[str, Path]]:
    folder = shared / "data" / "s2" / "l2a_cog"
    item = json.loads((folder / "S2A_29RKH_20200219_0_L2A.json").read_text())
    return item, {key: folder / f"{band}.tif" for band, key in ASSETS.items()}


@pytest.fixture
def server(product, monkeypatch):
    """A catalogue holding the real product of 2020 and nothing else, as the installation's own."""
    with stac_server() as running:
        running.add(*product)
        monkeypatch.setenv("SCARP_STAC_URL", running.address)
        config.settings.cache_clear()
        stac_search._client.cache_clear()
        yield running
    monkeypatch.undo()
    config.settings.cache_clear()


def _read(source: Path | bytes) -> tuple[np.ndarray, object, str]:
    with rasterio.open(source) if isinstance(source, Path) else rasterio.MemoryFile(source).open() as opened:
        return opened.read(1), opened.transform, opened.crs.to_string()


def add(
    server: StacServer,
    product,
    name: str,
    day: date,
    change=lambda band, array: array,
    *,
    properties: dict | None = None,
    offset: float | None = 0.0,
) -> None:
    """Add a scene derived from the real one: another date, changed arrays, another statement of the offset."""
    item, files = deepcopy(product[0]), product[1]
    item["id"] = name
    item["properties"]["datetime"] = f"{day}T11:34:25Z"
    item["properties"]["s2:datatake_id"] = f"GS2A_{day:%Y%m%d}T112111_024344_N02.14"
    for key, value in (properties or {}).items():
        if value is None:
            item["properties"].pop(key, None)
        else:
            item["properties"][key] = value
    contents = {}
    for band, key in ASSETS.items():
        array, transform, crs = _read(files[key])
        contents[key] = cog(change(band, array.copy()), transform, crs)
        stated = item["assets"][key].get("raster:bands")
        if stated and band != "SCL" and offset is None:
            del item["assets"][key]["raster:bands"]
        elif stated and band != "SCL":
            stated[0]["offset"] = offset
    server.add(item, contents)


def plus_1000(band: str, array: np.ndarray) -> np.ndarray:
    return array if band == "SCL" else np.where(array > 0, array + 1000, 0).astype(array.dtype)


def with_clouds(share: float):
    """Return a change that makes the western share of the tile cloudy in SCL."""

    def change(band: str, array: np.ndarray) -> np.ndarray:
        if band == "SCL":
            array[:, : round(share * array.shape[1])] = 9
        return array

    return change


def only_columns(first: float, last: float):
    """Return a change that leaves nodata outside of a share of the columns."""

    def change(band: str, array: np.ndarray) -> np.ndarray:
        kept = np.zeros_like(array)
        width = array.shape[1]
        part = slice(round(first * width), round(last * width))
        kept[:, part] = array[:, part]
        return kept

    return change


def open_pair(spec: PatchSpec = SPEC, progress=patches.no_progress):
    return stac.source().open(spec, progress)


def test_scene_classes_become_the_mask_of_the_design():
    classes = np.arange(12, dtype=np.uint8)
    assert scl.cloud_mask(classes).tolist() == [255, 255, 0, 1, 0, 0, 0, 0, 1, 1, 1, 0]


def test_reflectance_is_corrected_never_negative_and_nan_where_nodata():
    numbers = np.array([0, 1, 1000, 1500, 11_000], np.uint16)
    np.testing.assert_allclose(scl.reflectance(numbers), [np.nan, 0.0001, 0.1, 0.15, 1.1], rtol=1e-6)
    np.testing.assert_allclose(scl.reflectance(numbers, -0.1), [np.nan, 0, 0, 0.05, 1.0], atol=1e-7)


@pytest.mark.parametrize(
    ("properties", "asset", "offset"),
    [
        ({"s2:processing_baseline": "02.14"}, {}, 0.0),
        ({"s2:processing_baseline": "04.00"}, {}, -0.1),
        ({"s2:processing_baseline": "05.11"}, {}, -0.1),
        ({"processing:version": "05.10"}, {"bands": [{"raster:offset": -0.1}]}, -0.1),
        ({"processing:version": "05.10"}, {"raster:offset": -0.1}, -0.1),
        ({"s2:processing_baseline": "04.00"}, {"raster:bands": [{"offset": -0.1}]}, -0.1),
        ({"s2:processing_baseline": "04.00"}, {"raster:bands": [{"offset": 0}]}, 0.0),
        ({"s2:product_uri": "S2A_MSIL2A_20220315T112111_N0400_R037_T29RKH_20220315T123947.SAFE"}, {}, -0.1),
        ({"s2:processing_baseline": "04.00", "earthsearch:boa_offset_applied": True}, {}, 0.0),
        (
            {"s2:processing_baseline": "04.00", "earthsearch:boa_offset_applied": True},
            {"raster:bands": [{"offset": -0.1}]},
            0.0,
        ),
        (
            {"s2:processing_baseline": "04.00", "earthsearch:boa_offset_applied": False},
            {"raster:bands": [{"offset": 0}]},
            -0.1,
        ),
        (
            {"s2:processing_baseline": "02.14", "earthsearch:boa_offset_applied": False},
            {"raster:bands": [{"offset": 0}]},
            0.0,
        ),
        ({}, {}, 0.0),
    ],
)
def test_the_offset_is_found_whichever_way_it_is_stated(properties, asset, offset):
    assert scl.offset_of(properties, asset) == offset


def test_a_pair_lies_on_the_common_grid_with_the_pixels_of_the_file(server, product):
    add(server, product, "second", SECOND)
    patch = open_pair()
    np.testing.assert_allclose(patch["x"], SPEC.grid.x, rtol=0, atol=1e-9)
    np.testing.assert_allclose(patch["y"], SPEC.grid.y, rtol=0, atol=1e-9)
    assert patches.checked(patch, "x") is patch
    assert [str(day)[:10] for day in patch["time"].values] == ["2020-02-19", "2022-03-15"]
    assert patch.attrs["t1_scenes"] == "S2A_29RKH_20200219_0_L2A"
    assert patch.attrs["processing_baseline"] == "02.14"
    assert not patches.is_simulated(patch)
    for band in SPEC.bands:
        array, transform, crs = _read(product[1][ASSETS[band]])
        from rasterio.warp import transform as warp

        for row, column in ((0, 0), (55, 80), (110, 3)):
            xs, ys = warp("EPSG:4326", crs, [SPEC.grid.x[column]], [SPEC.grid.y[row]])
            there = ~transform * (xs[0], ys[0])
            around = [  # GDAL's warp is exact to an eighth of a pixel: on an edge either neighbour is right
                array[int(there[1] + dy), int(there[0] + dx)] / 10_000 for dy in (-0.13, 0.13) for dx in (-0.13, 0.13)
            ]
            assert np.isclose(patch[band].values[0, row, column], around, atol=1e-6).any()


def test_unchanged_ground_shows_no_change_across_the_new_baseline(server, product):
    """The second date is the first with +1000 on every number, as baseline 04.00 has it."""
    add(server, product, "second", SECOND, plus_1000, properties={"s2:processing_baseline": "04.00",
        "earthsearch:boa_offset_applied": None}, offset=None)  # fmt: skip
    patch = open_pair()
    for band in SPEC.bands:
        difference = patch[band].values[1] - patch[band].values[0]
        assert np.nanmax(np.abs(difference)) < 1e-6
    assert patch.attrs["t1_offset"] == "0"
    assert patch.attrs["t2_offset"] == "-0.1"


def test_forgetting_the_offset_would_be_seen_as_change(server, product):
    """The same pair with a catalogue that says nothing of it: every pixel rises by more than the thesis's threshold."""
    nothing = {"s2:processing_baseline": None, "s2:product_uri": None, "earthsearch:boa_offset_applied": None}
    add(server, product, "second", SECOND, plus_1000, properties=nothing, offset=None)
    patch = open_pair()
    difference = patch["B04"].values[1] - patch["B04"].values[0]
    assert (difference[np.isfinite(difference)] > 0.05).all()


def test_an_offset_already_applied_is_not_subtracted_again(server, product, caplog):
    """Earth Search has files whose item denies a correction that was made: the pixels tell."""

    def dark(band, array):
        return array if band == "SCL" else (array // 8).astype(array.dtype)

    claims = {"s2:processing_baseline": "05.11", "earthsearch:boa_offset_applied": False}
    add(server, product, "second", SECOND, dark, properties=claims, offset=-0.1)
    patch = open_pair()
    assert patch.attrs["t2_offset"] == "0"
    assert "not subtracted again" in caplog.text
    assert np.nanmedian(patch["B04"].values[1]) > 0.02


def test_tiles_of_one_day_are_mosaicked_and_the_rest_is_nodata(server, product):
    # the box is at about 0.37 to 0.46 of the tile's width
    add(server, product, "west", SECOND, only_columns(0, 0.41))
    add(server, product, "east", SECOND, only_columns(0.40, 0.44))
    add(server, product, "whole", SECOND + timedelta(days=1))
    patch = open_pair()
    assert set(patch.attrs["t2_scenes"].split(", ")) == {"west", "east"}
    seen = np.isfinite(patch["B04"].values[1])
    assert 0.55 < seen.mean() < 0.65  # the box lies at 0.384 to 0.478 of the tile's width
    assert (patch["CLM"].values[1] == 255).mean() < 0.45
    assert all(np.isfinite(patch[band].values[1][patch["CLM"].values[1] != 255]).all() for band in SPEC.bands)
    first, second = patch["B04"].values
    np.testing.assert_allclose(second[seen], first[seen], atol=1e-6)


def test_the_scene_clear_over_the_patch_wins_over_the_tile_s_percentage(server, product):
    add(server, product, "a-cloudy-here", SECOND, with_clouds(0.5), properties={"eo:cloud_cover": 1.0})
    add(server, product, "clear-here", SECOND, properties={"eo:cloud_cover": 95.0})
    patch = open_pair()
    assert patch.attrs["t2_scenes"] == "clear-here"
    assert (patch["CLM"].values[1] == 0).mean() > 0.9


def test_the_date_asked_for_is_kept_even_where_it_is_cloudy(server, product):
    add(server, product, "asked", SECOND, with_clouds(1.0))
    add(server, product, "next-day", SECOND + timedelta(days=1))
    patch = open_pair()
    assert patch.attrs["t2_scenes"] == "asked"
    assert (patch["CLM"].values[1] == 1).all()


def test_a_date_without_a_scene_takes_the_clearest_near_and_shows_its_own_date(server, product):
    add(server, product, "cloudy", SECOND + timedelta(days=1), with_clouds(0.5))
    add(server, product, "clear", SECOND + timedelta(days=3))
    add(server, product, "too-far", SECOND + timedelta(days=4))
    patch = open_pair()
    assert patch.attrs["t2_scenes"] == "clear"
    assert patch.attrs["t2"] == patches.dates(patch)[1] == "2022-03-18"
    assert patch.attrs["t2_asked"] == "2022-03-15"


def test_no_date_near_may_reach_over_the_event(server, product):
    add(server, product, "before-the-event", SECOND - timedelta(days=2))
    add(server, product, "after", SECOND + timedelta(days=3), with_clouds(0.5))
    patch = open_pair(replace(SPEC, event_date=SECOND - timedelta(days=1)))
    assert patch.attrs["t2_scenes"] == "after"
    add(server, product, "before", date(2020, 6, 1), with_clouds(0.5))
    add(server, product, "on-the-day", date(2020, 6, 4))
    patch = open_pair(replace(SPEC, t1=date(2020, 6, 2), event_date=date(2020, 6, 4)))
    assert patch.attrs["t1_scenes"] == "before"


def test_no_date_near_may_reach_into_the_days_on_which_the_event_may_have_happened(server, product):
    add(server, product, "on-its-last-day", SECOND - timedelta(days=1))
    add(server, product, "after", SECOND + timedelta(days=3), with_clouds(0.5))
    spec = replace(SPEC, event_date=SECOND - timedelta(days=9), event_end=SECOND - timedelta(days=1))
    assert open_pair(spec).attrs["t2_scenes"] == "after"


def test_no_scene_is_said_with_the_date_and_what_to_do(server):
    with pytest.raises(SourceError, match=r"within 3 days of 2022-03-15.*date search"):
        open_pair()


def test_a_band_the_scene_lacks_is_named(server, product):
    add(server, product, "second", SECOND)
    with pytest.raises(SourceError, match=r"no B05; it has B02, B03, B04"):
        open_pair(replace(SPEC, bands=("B04", "B05")))


def test_results_come_in_pages(server, product):
    server.page = 1
    for number in range(3):
        add(server, product, f"scene-{number}", SECOND + timedelta(days=number))
    where = stac_catalogue.catalogue()
    assert len(stac_search.search(where, BBOX, SECOND, SECOND + timedelta(days=5))) == 3


@pytest.mark.parametrize(
    ("status", "says"),
    [(429, "fewer requests"), (403, "refuses"), (500, "fault of its own"), (404, "STAC API")],
)
def test_what_a_catalogue_answers_is_said_in_plain_words(server, status, says):
    server.faults["/search"] = status
    with pytest.raises(SourceError, match=says) as raised:
        open_pair()
    assert "http://" not in str(raised.value)


@pytest.mark.parametrize(("told", "seconds"), [("7", 7.0), ("", limits_told.USUAL_S), ("soon", limits_told.USUAL_S)])
def test_a_catalogue_that_asks_for_fewer_requests_is_said_with_the_seconds_it_named(server, told, seconds):
    server.faults["/search"], server.retry_after = 429, told
    with pytest.raises(SourceBusyError) as raised:
        open_pair()
    assert raised.value.after_s == seconds


def test_a_catalogue_that_recovers_is_asked_again(server, product):
    add(server, product, "second", SECOND)
    server.faults["/search"], server.fault_count = 503, 2
    assert open_pair().attrs["t2_scenes"] == "second"


def test_of_many_processes_each_waits_as_many_times_longer(monkeypatch):
    monkeypatch.setattr(limits_told, "_at_once", 1)
    limits_told.share_with(6)
    assert limits_told.at_once() == 6
    limits_told.share_with(0)
    assert limits_told.at_once() == 1


def test_an_unreachable_catalogue_names_the_sources_that_need_no_network(server, monkeypatch):
    monkeypatch.setenv("SCARP_STAC_URL", "http://127.0.0.1:9")
    config.settings.cache_clear()
    with pytest.raises(SourceError, match=r"cannot be reached.*demo and sample"):
        open_pair()


def test_an_answer_that_is_not_stac_is_said(server, monkeypatch):
    server.files["page"] = b"<html>hello</html>"
    monkeypatch.setenv("SCARP_STAC_URL", f"{server.address}/files/page")
    config.settings.cache_clear()
    with pytest.raises(SourceError, match="not STAC"):
        open_pair()


def test_a_file_that_cannot_be_read_is_named_without_its_address(server, product, caplog):
    add(server, product, "second", SECOND)
    server.faults["second/red"] = 404
    with pytest.raises(SourceError, match="B04 of scene second") as raised:
        open_pair()
    assert "http" not in str(raised.value).replace("HTTP 404", "")
    assert server.address not in caplog.text


@pytest.mark.parametrize("status", [403, 404])
def test_a_file_that_was_refused_is_asked_for_again_when_the_reader_tries_again(server, product, status):
    add(server, product, "second", SECOND)
    server.faults["second/red"] = status
    for _ in range(2):
        with pytest.raises(SourceError, match=f"B04 of scene second could not be read .HTTP {status}"):
            open_pair()
    server.faults.clear()
    for _ in range(2):  # what the first of them reads is not kept
        assert np.isfinite(open_pair()["B04"].values).all()
    server.requests.clear()
    open_pair()
    red, blue = (sum(f"second/{band}" in one for one in server.requests) for band in ("red", "blue"))
    assert red == blue  # which was never refused


def test_no_more_refused_files_are_remembered_than_a_server_can_hold_for_months(monkeypatch):
    monkeypatch.setattr(stac_files, "_failed", {})
    monkeypatch.setattr(stac_files, "_MOST_FAILED", 3)
    for name in ("a", "b", "c", "a", "d"):  # a failed again since: b is the one that failed longest ago
        stac_files._remember(name, failed=True)
    assert list(stac_files._failed) == ["c", "a", "d"]
    stac_files._remember("a", failed=False)
    stac_files._remember("never failed", failed=False)
    assert list(stac_files._failed) == ["c", "d"]


def test_the_deadline_ends_the_wait_for_a_slow_server(server, product, monkeypatch):
    add(server, product, "second", SECOND)
    server.latency_s = NEVER_S
    monkeypatch.setenv("SCARP_DEADLINE_S", "0.5")
    config.settings.cache_clear()
    with pytest.raises(SourceError, match="SCARP_DEADLINE_S"):  # else the test runs out of its own time
        open_pair()


def test_a_stop_is_heard_while_a_request_hangs(server, product):
    add(server, product, "second", SECOND)
    server.latency_s = NEVER_S

    def stop(share: float, doing: str) -> None:
        if server.requests:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        open_pair(progress=stop)


def test_progress_rises_to_the_end(server, product):
    add(server, product, "second", SECOND)
    shares = []
    open_pair(progress=lambda share, doing: shares.append(share))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_an_unknown_catalogue_lists_the_names(server):
    with pytest.raises(InputError, match=r"own, earth-search, planetary-computer, cdse"):
        open_pair(replace(SPEC, options=(("catalogue", "atlantis"),)))


def test_one_entry_in_the_table_is_all_it_takes_to_add_a_catalogue(server, product, monkeypatch):
    add(server, product, "second", SECOND)
    names = {band: f"extra-{band}" for band in ASSETS}
    for item in server.items:
        item["assets"] = {names[band]: item["assets"][key] for band, key in ASSETS.items()}
    server.token = "sig=a-secret"
    added = stac_catalogue.Catalogue(
        "extra", "Extra <archive>", server.address, files=stac_catalogue.WithToken(f"{server.address}/token/"),
        assets=names,
    )  # fmt: skip
    monkeypatch.setattr(stac_catalogue, "_KNOWN", (*stac_catalogue._KNOWN, added))
    patch = open_pair(replace(SPEC, options=(("catalogue", "extra"),)))
    assert np.isfinite(patch["B04"].values).all() and patch.attrs["catalogue"] == "Extra <archive>"
    assert choices.TABLE[choices.CATALOGUE].parse("extra") == "extra"
    assert "extra" in stac.source().describe().needs
    app = AppTest.from_file(str(config.ROOT / "streamlit_app.py"), default_timeout=60).run()
    app.session_state[choices.EVENT], app.session_state[choices.SOURCE] = "171", "stac"
    app.switch_page("pages/patches.py").run()
    assert app.selectbox(key=choices.CATALOGUE).options[-1] == "Extra <archive>"


def test_a_catalogue_address_that_is_none_spoils_no_list_of_sources(monkeypatch):
    monkeypatch.setenv("SCARP_STAC_URL", "file:///etc")
    config.settings.cache_clear()
    assert "SCARP_STAC_URL" in stac.source().describe().needs
    with pytest.raises(InputError, match="SCARP_STAC_URL"):
        open_pair()
    monkeypatch.undo()
    config.settings.cache_clear()


def test_files_of_this_machine_are_out_of_a_catalogue_s_reach(server, product):
    add(server, product, "second", SECOND)
    for asset in server.items[-1]["assets"].values():
        asset["href"] = "/vsicurl/file:///etc/passwd"
    with pytest.raises(SourceError, match="on no web server"):
        open_pair()


def test_another_catalogue_of_one_s_own_means_another_entry_in_the_cache(server, monkeypatch):
    here = loading._key(SPEC)
    monkeypatch.setenv("SCARP_STAC_URL", "https://elsewhere.example/v1")
    config.settings.cache_clear()
    assert loading._key(SPEC) != here


def test_a_pair_is_fetched_once_and_then_read_without_the_server(server, product, monkeypatch, tmp_path):
    add(server, product, "second", SECOND)
    monkeypatch.setenv("SCARP_CACHE", str(tmp_path))
    config.settings.cache_clear()
    fetched = cache.load(SPEC)
    asked = len(server.requests)
    assert cache.load(SPEC).identical(fetched)
    assert len(server.requests) == asked


EVENT = Event("7", 7, date(2021, 6, 1), 24.8, -11.5)


def test_the_date_search_proposes_clear_days_near_the_event_and_of_its_season(server, product):
    add(server, product, "near-clear", date(2021, 5, 20))
    add(server, product, "nearer-cloudy", date(2021, 5, 28), with_clouds(1.0))
    add(server, product, "cloudy-tile-clear-patch", date(2021, 5, 25), properties={"eo:cloud_cover": 70.0})
    add(server, product, "after-clear", date(2021, 6, 20))
    add(server, product, "a-year-after", date(2022, 5, 28))
    add(server, product, "on-the-day", EVENT.date)
    found = stac_dates.date_search(EVENT, BBOX)
    assert [each.scenes for each in found.t1] == [("cloudy-tile-clear-patch",), ("near-clear",)]
    assert [each.day for each in found.t2] == [date(2021, 6, 20), date(2022, 5, 28)]
    assert found.best == (date(2021, 5, 25), date(2021, 6, 20))
    assert all(each.clear_share > 0.9 for each in (*found.t1, *found.t2))
    for each in found.t1:
        height, width, channels = each.thumbnail.shape
        assert height == 96 and width < 96 and channels == 3  # degrees are narrower than long there
        assert 50 < each.thumbnail.mean() < 250  # a bright desert, neither black nor white


def test_the_date_search_tells_the_share_of_the_patch_that_is_clear(server, product):
    add(server, product, "half", date(2021, 5, 20), with_clouds(0.43), properties={"eo:cloud_cover": 43.0})
    [candidate] = stac_dates.date_search(EVENT, BBOX).t1
    assert candidate.clear_share == pytest.approx(0.5, abs=0.06)  # the box lies at 0.384 to 0.478 of the tile


def test_a_date_search_that_finds_nothing_has_no_best_pair(server):
    found = stac_dates.date_search(EVENT, BBOX)
    assert found.t1 == found.t2 == ()
    assert found.best is None


def test_of_an_event_of_several_days_t1_is_before_the_first_and_t2_after_the_last(server, product):
    for name, day in (("before", 5), ("first", 10), ("within", 15), ("last", 20), ("after", 25)):
        add(server, product, name, date(2021, 6, day))
    event = replace(EVENT, date=date(2021, 6, 10), date_end=date(2021, 6, 20))
    found = stac_dates.date_search(event, BBOX)
    assert [each.scenes for each in found.t1] == [("before",)]
    assert [each.scenes for each in found.t2] == [("after",)]


@pytest.mark.parametrize("year", [1, 1600, 2300, 9999])
def test_an_event_of_another_age_is_not_searched(server, year):
    with pytest.raises(DateOrderError, match="begin in June 2015"):
        stac_dates.date_search(replace(EVENT, date=date(year, 1, 1)), BBOX)


def test_an_event_without_a_date_cannot_be_searched(server):
    with pytest.raises(DateOrderError, match="no date"):
        stac_dates.date_search(replace(EVENT, date=None), BBOX)


def test_the_season_is_circular():
    assert stac_dates._season_apart(date(2020, 12, 30), date(2022, 1, 2)) < 0.03
    assert stac_dates._season_apart(date(2020, 1, 1), date(2021, 7, 2)) == pytest.approx(1.0, abs=0.02)


def _known_as(monkeypatch, name: str, server: StacServer, files: stac_catalogue.Files) -> PatchSpec:
    """Let a named catalogue be the loopback server, its files reached so; return the spec that asks for it."""
    known = [
        replace(one, url=server.address, files=files) if one.name == name else one for one in stac_catalogue._KNOWN
    ]
    monkeypatch.setattr(stac_catalogue, "_KNOWN", tuple(known))
    return replace(SPEC, options=(("catalogue", name),))


def test_planetary_computer_s_files_are_read_with_its_token_which_nobody_sees(server, product, monkeypatch, caplog):
    logs.set_up("DEBUG")
    caplog.set_level("DEBUG")
    spec = _known_as(monkeypatch, "planetary-computer", server, stac_catalogue.WithToken(f"{server.address}/token/"))
    add(server, product, "second", SECOND)
    server.token = "sig=a-secret"
    patch = open_pair(spec)
    assert np.isfinite(patch["B04"].values).all()
    assert "a-secret" not in str(patch.attrs)
    server.faults["second/red"] = 403
    with pytest.raises(SourceError) as raised:
        open_pair(replace(spec, event_id="again"))
    assert "a-secret" not in str(raised.value) + caplog.text


def test_a_token_that_is_refused_is_said(server, product, monkeypatch):
    spec = _known_as(monkeypatch, "planetary-computer", server, stac_catalogue.WithToken(f"{server.address}/token/"))
    add(server, product, "second", SECOND)
    server.faults["/token/"] = 429
    with pytest.raises(SourceError, match="fewer requests"):
        open_pair(spec)


def test_copernicus_data_space_s_files_are_read_with_keys_which_nobody_sees(server, product, monkeypatch, caplog):
    pytest.importorskip("moto", reason="needs moto[server]")
    import s3fs

    from tests.servers.s3 import BUCKET, s3_server

    logs.set_up("DEBUG")
    caplog.set_level("DEBUG")
    add(server, product, "second", SECOND)
    with s3_server() as environment:
        endpoint = environment["AWS_ENDPOINT_URL"]
        spec = _known_as(monkeypatch, "cdse", server, stac_catalogue.WithKeys(endpoint, "CDSE"))
        store = s3fs.S3FileSystem(endpoint_url=endpoint, key="testing", secret="testing", skip_instance_cache=True)
        for item in server.items:
            for key, asset in item["assets"].items():
                path = f"{BUCKET}/{item['id']}/{key}.tif"
                content = server.files[f"{item['id']}/{key}.tif"]
                store.pipe_file(path, content if isinstance(content, bytes) else content.read_bytes())
                asset["href"] = f"s3://{path}"
        with pytest.raises(SourceError, match=r"SCARP_CDSE_S3_KEY.*earth-search"):
            open_pair(spec)
        monkeypatch.setenv("SCARP_CDSE_S3_KEY", "testing")
        monkeypatch.setenv("SCARP_CDSE_S3_SECRET", "my-secret")
        config.settings.cache_clear()
        patch = open_pair(spec)
        assert np.isfinite(patch["B04"].values).all()
        for asset in server.items[-1]["assets"].values():
            asset["href"] += ".gone"
        with pytest.raises(SourceError) as raised:
            open_pair(spec)
    assert "my-secret" not in str(patch.attrs) + str(raised.value) + caplog.text + repr(config.settings())


OVER_THE_GLOBE = [[[179.9, -17.3], [-179.9, -17.3], [-179.9, -17.7], [179.9, -17.7], [179.9, -17.3]]]  # as some have it
CUT = [[[[a, -17.3], [b, -17.3], [b, -17.7], [a, -17.7], [a, -17.3]]] for a, b in ((179.9, 180), (-180, -179.9))]


@pytest.mark.parametrize(
    ("longitude", "zone", "kind", "ring"),
    [(179.999, 60, "Polygon", OVER_THE_GLOBE), (-179.999, 60, "MultiPolygon", CUT), (179.999, 1, "MultiPolygon", CUT)],
)
def test_a_pair_across_the_180th_meridian_is_read_from_tiles_of_either_zone(
    server, product, longitude, zone, kind, ring
):
    crs = f"EPSG:327{zone:02d}"
    middle = grid.transformer("EPSG:4326", crs).transform(180.0, -17.5)
    west, north = (round(one / 20) * 20 + sign * 3000 for one, sign in zip(middle, (-1, 1), strict=True))
    across = np.broadcast_to(2000 + 10 * np.arange(300, dtype=np.uint16), (300, 300))  # brighter by 10 a pixel of 20 m
    server.items.clear()
    for day in (FIRST, SECOND):
        item, files = deepcopy(product[0]), {}
        item |= {"id": f"{day}", "geometry": {"type": kind, "coordinates": ring}, "bbox": [-180, -17.7, 180, -17.3]}
        item["properties"] |= {"datetime": f"{day}T22:00:00Z", "proj:epsg": 32700 + zone}
        for key in ("red", "scl"):
            item["assets"][key] |= {"proj:shape": [300, 300], "proj:transform": [20, 0, west, 0, -20, north]}
            layer = across if key == "red" else np.full((300, 300), 4, np.uint8)
            files[key] = cog(layer, rasterio.Affine(20, 0, west, 0, -20, north), crs)
        server.add(item, files)
    spec = replace(SPEC, bbox=grid.around(-17.5, longitude, 0.01), event_id="a", bands=("B04",), resolution_deg=0.0002)
    pair = open_pair(spec)
    x, _ = grid.transformer("EPSG:4326", crs).transform(*np.meshgrid(spec.grid.x, spec.grid.y))
    expected = (2000 + 10 * np.floor((x - west) / 20)) / 1e4
    assert (pair["CLM"].values == 0).all()
    np.testing.assert_allclose(pair["B04"].values[0], expected, atol=0.0011)
    assert pair["x"].values.min() > 179.98 or pair["x"].values.max() < -179.98
