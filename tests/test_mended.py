"""What an earlier version kept wrongly is read as it would be made now.

``kept_fill.tar.xz`` is a folder of Scarp's own as a version before 0.9.0 left it, after SIMULATED images of which
some dates are 65535 or 32767 from edge to edge were brought.
"""

import tarfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from app import cache, config, patches
from app.bands import CLOUD_MASK
from app.cache import composites, mended, stacking
from app.sources import files
from app.sources.own import records

MANY, TAGGED, PAIR = "pair-22ddd028986d2d52", "pair-cb3282a5e82c520d", "pair-7fec0064956b3bfd"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The folder of that earlier version, as this one's."""
    home = tmp_path_factory.mktemp("home")
    with tarfile.open(Path(__file__).parent / "kept_fill.tar.xz") as held:
        held.extractall(home, filter="data")
    with pytest.MonkeyPatch.context() as here:
        here.setenv("SCARP_HOME", str(home))
        here.delenv("SCARP_CACHE", raising=False)
        config.settings.cache_clear()
        yield home
    config.settings.cache_clear()


def scene(pair: str, day: str) -> xr.Dataset:
    spec = records.required(pair).spec()
    [found] = files.source().scenes(spec, date.fromisoformat(day), date.fromisoformat(day))
    return cache.load_scene(spec, found)


@pytest.mark.parametrize(("pair", "day"), [(MANY, "2022-02-05"), (MANY, "2022-02-25"), (TAGGED, "2022-06-05")])
def test_a_kept_date_that_is_fill_from_edge_to_edge_is_without_data(kept, pair, day):
    one = scene(pair, day)
    assert np.isnan(one["B04"]).all() and np.isnan(one["B08"]).all()
    assert (one[CLOUD_MASK] == patches.NODATA).all() and day in one.attrs["warnings"]


def test_a_kept_band_that_is_fill_leaves_the_others_as_they_were_measured(kept):
    one = scene(MANY, "2022-03-05")
    assert np.isfinite(one["B04"]).all() and np.isnan(one["B08"]).all()
    assert (one[CLOUD_MASK] == patches.CLEAR).all()


def test_a_kept_pair_with_such_a_date_keeps_its_other_date(kept):
    pair = cache.load(records.required(PAIR).spec())
    assert np.isfinite(pair["B04"].values[0]).all() and np.isnan(pair["B04"].values[1]).all()
    assert [int(one) for one in np.unique(pair[CLOUD_MASK].values[1])] == [patches.NODATA]


def test_a_stack_of_kept_dates_has_no_clear_pixel_where_there_was_fill(kept):
    spec = records.required(MANY).spec()
    stack = stacking.open_stack(spec, files.source().scenes(spec, date(2022, 1, 1), date(2022, 12, 31)))
    clear = (stack[CLOUD_MASK] == patches.CLEAR).all(("y", "x")).values.tolist()
    assert clear == [True, False, False, True, True]
    assert float(np.nanmax(stack["B04"])) < 1


def test_a_kept_composite_that_an_earlier_version_made_of_fill_is_made_anew_of_what_was_measured(kept):
    record = records.required(MANY)
    spec = replace(record.spec(), t1=date(2022, 2, 25), t1_from=date(2022, 1, 5), composite="latest")
    assert cache.store().has(spec.key)
    made = composites.load(spec)
    np.testing.assert_array_equal(made["B04"].values[0], scene(MANY, "2022-01-05")["B04"].values[0])


def test_measured_dates_are_handed_on_as_they_are(kept):
    one = scene(MANY, "2022-01-05")
    assert mended.without_fill(one) is one and "warnings" not in one.attrs


@pytest.mark.parametrize(
    ("level", "empty"), [(6.5535, True), (1.7, True), (1.2, False), (0.065535, True), (0.07, False)]
)
def test_only_what_is_never_measured_or_was_65535_is_taken_for_fill(kept, level, empty):
    one = scene(MANY, "2022-01-05").copy(deep=True)
    for name in ("B04", "B08"):
        one[name].values[:] = level
        one[name].values[0, 0, 0] = np.nan  # a pixel that was declared to be without data
    assert bool(np.isnan(mended.without_fill(one)["B04"]).all()) == empty
    one["B04"].values[0, 5, 5] = 0.2
    assert np.isfinite(mended.without_fill(one)["B04"].values[0, 5, 5])
