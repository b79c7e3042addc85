"""A pair with spans: its composites, what it says of itself, its own name in the cache, and what is refused."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
import xarray as xr

from app import cache, config, patches
from app.detection import run
from app.errors import Cancelled, DateOrderError, InputError, SourceError
from app.inventory import Event
from app.sources import choosing, demo, open_source, scenes, spec_for

EVENT = Event("7", 0, date(2020, 6, 10), 46.5, 8.5, t1_options=(date(2020, 6, 1),), t2=date(2020, 7, 1))
BANDS = ("B04", "B08")


def spec(t1=(date(2020, 4, 1), date(2020, 6, 1)), t2=date(2020, 7, 1), **other):
    first, last = t1 if isinstance(t1, tuple) else (None, t1)
    start, end = t2 if isinstance(t2, tuple) else (t2, None)
    given = {"bands": BANDS, "buffer_deg": 0.003, "composite": "median"} | other
    return spec_for(EVENT, "demo", t1=last, t2=start, t1_from=first, t2_to=end, **given)


def test_a_composite_is_the_median_of_the_scenes_it_names():
    wide = spec(buffer_deg=0.006)
    patch = cache.load(wide)
    listed = scenes.open_scenes(wide, date(2020, 4, 1), date(2020, 6, 1))
    assert patch.attrs["t1_scenes"] == ", ".join(one.id for one in listed) and patch.attrs["t1_scene_count"] > 5
    opened = [open_source("demo").open_scene(wide, one) for one in listed]
    clear = np.concatenate([one["CLM"].values for one in opened]) == patches.CLEAR
    for band in BANDS:
        values = np.where(clear, np.concatenate([one[band].values for one in opened]), np.nan)
        np.testing.assert_array_equal(patch[band].values[0], np.nanmedian(values, axis=0))
    np.testing.assert_array_equal(patch["scene_count"].values[0], clear.sum(axis=0))
    assert not clear.all()


def test_a_single_day_beside_a_span_is_the_scene_of_that_day():
    patch, pair = cache.load(spec()), cache.load(spec(t1=date(2020, 6, 1)))
    np.testing.assert_array_equal(patch["B04"].values[1], pair["B04"].values[1])
    np.testing.assert_array_equal(patch["CLM"].values[1], pair["CLM"].values[1])
    np.testing.assert_array_equal(patch["truth"], pair["truth"])
    assert patch.attrs["t2_scenes"] == pair.attrs["t2_scenes"] and "composite" not in pair.attrs


def test_a_composite_says_its_span_and_way_wherever_it_is_named():
    asked = spec(composite="greenest")
    patch = cache.load(asked)
    assert asked.when == patches.when(patch) == ("2020-04-01/2020-06-01", "2020-07-01")
    assert patches.said_when(patch) == ("greenest of 2020-04-01 to 2020-06-01", "2020-07-01")
    assert patches.file_stem(asked, patch) == "SIMULATED_event7_greenest_20200401-20200601_20200701"
    said = run.labels(patch, run.detect(patch, "band-difference:B04:0.05"))
    assert said["t1"] == "2020-04-01/2020-06-01" and said["composite"] == "greenest"
    assert patches.is_simulated(patch) and patch.attrs["title"].startswith("SIMULATED")


def test_a_composite_is_written_and_read_as_any_patch(tmp_path):
    patch = cache.load(spec())
    for name in ("a.nc", "a.zarr"):
        patches.write(patch, tmp_path / name)
        again = patches.read(tmp_path / name)
        assert patches.when(again) == patches.when(patch)
        np.testing.assert_array_equal(again["scene_count"], patch["scene_count"])


def test_pixels_that_no_scene_shows_are_gaps(monkeypatch):
    plain = demo.Demo.open_scene

    def never_clear_in_a_corner(self, spec, scene, progress=patches.no_progress):
        opened = plain(self, spec, scene, progress)
        opened["CLM"].values[:, :4, :4] = patches.CLOUDY
        return opened

    monkeypatch.setattr(demo.Demo, "open_scene", never_clear_in_a_corner)
    patch = cache.load(spec())
    assert np.isnan(patch["B04"].values[0, :4, :4]).all() and (patch["CLM"].values[0, :4, :4] == patches.NODATA).all()
    assert (patch["scene_count"].values[0, :4, :4] == 0).all() and np.isfinite(patch["B04"].values[0, 5:, 5:]).all()


def test_every_way_and_span_has_its_own_key_and_specs_of_days_keep_theirs():
    day = spec(t1=date(2020, 6, 1))
    keys = {day.key, spec().key, spec(composite="latest").key, spec(t1=(date(2020, 4, 2), date(2020, 6, 1))).key}
    assert len(keys) == 4 and day.composite == ""
    old = patches.PatchSpec("stac", "x", (1.0, 2.0, 1.1, 2.1), date(2020, 2, 19), date(2022, 3, 15))
    assert old.key == "f408aba9e9006148b782"


def test_a_band_that_a_way_needs_is_read_though_it_is_not_wanted():
    patch = cache.load(spec(composite="greenest", bands=("B02",)))
    assert patches.band_names(patch) == ("B02",) and np.isfinite(patch["B02"]).all()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"t1": (date(2020, 6, 1), date(2020, 4, 1))}, "2020-06-01/2020-04-01, runs backwards"),
        ({"t1": (date(2020, 4, 1), date(2020, 6, 20))}, r"reaches over the event \(2020-06-10\)"),
        ({"t2": (date(2020, 6, 10), date(2020, 7, 20))}, "span of T2.*reaches over the event"),
        ({"t2": (date(2020, 5, 1), date(2020, 7, 20))}, "T1 .*must come before T2"),
    ],
)
def test_a_span_that_cannot_be_is_refused(asked, said):
    with pytest.raises(DateOrderError, match=said):
        spec(**asked)
    with pytest.raises(InputError, match="no composite called 'mean'"):
        spec(composite="mean")


def test_a_span_without_a_clear_scene_is_refused_with_what_to_do(monkeypatch):
    listed = scenes.open_scenes(spec(), date(2020, 4, 1), date(2020, 6, 1))
    between = listed[0].date + timedelta(days=1), listed[1].date - timedelta(days=1)
    with pytest.raises(SourceError, match="no scene at all; choose a longer span"):
        cache.load(spec(t1=between))
    plain = demo.Demo.open_scene

    def cloudy(self, spec, scene, progress=patches.no_progress):
        opened = plain(self, spec, scene, progress)
        opened["CLM"].values[:] = patches.CLOUDY
        return opened

    monkeypatch.setattr(demo.Demo, "open_scene", cloudy)
    with pytest.raises(SourceError, match="none of them clear here"):
        cache.load(spec())


def test_a_source_of_pairs_alone_makes_no_composite():
    with pytest.raises(SourceError, match="opens pairs and lists no scenes"):
        cache.load(replace(spec(), source="published"))


def test_a_long_span_is_thinned_to_its_least_cloudy_scenes_and_says_so():
    patch = cache.load(spec(t1=(date(2019, 6, 1), date(2020, 6, 1))))
    assert patch.attrs["t1_scene_count"] == choosing.MOST_COMPOSED
    [told] = patches.warnings(patch)
    assert told.startswith("T1: ") and "least cloudy" in told


def test_a_catalogue_that_breaks_off_leaves_a_composite_of_what_came(monkeypatch):
    plain = demo.Demo.open_scene

    def breaking(self, spec, scene, progress=patches.no_progress):
        if date(2020, 5, 1) < scene.date < date(2020, 6, 2):
            raise SourceError("The catalogue is gone.")
        return plain(self, spec, scene, progress)

    monkeypatch.setattr(demo.Demo, "open_scene", breaking)
    patch = cache.load(spec())
    assert patch["scene_count"].values[0].max() < 8
    assert any("could not be read and are left out: The catalogue is gone." in one for one in patches.warnings(patch))


def test_a_composite_is_kept_and_opened_again_without_its_source(monkeypatch):
    described = demo.Demo.describe
    monkeypatch.setattr(demo.Demo, "describe", lambda self: replace(described(self), cacheable=True))
    first = cache.load(spec())
    monkeypatch.setattr(demo.Demo, "scenes", lambda *_: 1 / 0)
    monkeypatch.setattr(demo.Demo, "open_scene", lambda *_: 1 / 0)
    xr.testing.assert_equal(first, cache.load(spec()))


def test_more_scenes_than_memory_holds_are_refused_with_the_figure(monkeypatch):
    monkeypatch.setenv("SCARP_PATCH_GB", "0.0005")
    config.settings.cache_clear()
    try:
        with pytest.raises(InputError, match="A stack of 13 scenes"):
            cache.load(spec())
    finally:
        monkeypatch.undo()
        config.settings.cache_clear()


def test_a_stop_is_heard():
    def stop(share, doing):
        if share > 0.3:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        cache.load(spec(), stop)
