"""The sample is real, small, rightly placed, and refuses plainly what it does not hold."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import xarray as xr

from app import patches
from app.errors import BandMissingError, SourceError
from app.sources import open_source, sample, scenes, spec_for

EVENT = open_source("sample").describe().event
SPEC = spec_for(EVENT, "sample", buffer_deg=0.004)


@pytest.fixture(scope="module")
def patch():
    return open_source("sample").open(SPEC)


def test_the_sample_opens_for_its_own_event_and_is_not_simulated(patch):
    assert patches.checked(patch, "sample") is patch and not patches.is_simulated(patch)
    assert patches.band_names(patch) == open_source("sample").describe().bands == sample.BANDS
    assert patches.dates(patch) == (str(EVENT.t1), str(EVENT.t2))
    assert "Copernicus Sentinel" in patch.attrs["attribution"] and "truth" not in patch


def test_closed_forest_is_dark_in_red_and_bright_in_infrared_and_clear(patch):
    red, nir = float(patch["B04"].median()), float(patch["B08"].median())
    assert 0.01 < red < 0.05 and 0.25 < nir < 0.5
    inside = ~np.isnan(patch["B04"].values)
    assert inside.mean() > 0.99 and (patch["CLM"].values[inside] == 0).all()


def test_stands_were_felled_between_the_dates(patch):
    rise = patch["B04"].values[1] - patch["B04"].values[0]
    assert (rise > 0.03).sum() > 150


def test_each_pixel_is_the_nearest_one_of_the_file(patch):
    from pyproj import Transformer

    to_laea = Transformer.from_crs("EPSG:4326", sample.CRS, always_xy=True)
    with xr.open_dataset(sample.FILE) as held:
        for row, column in ((10, 20), (44, 44), (80, 61)):
            x, y = to_laea.transform(float(patch["x"][column]), float(patch["y"][row]))
            number = held["B08"].sel(time=str(sample.T2)).sel(x=x, y=y, method="nearest")
            assert patch["B08"].values[1, row, column] == pytest.approx(float(number) / 10_000)


def test_outside_the_square_is_nodata():
    wide = open_source("sample").open(replace(SPEC, bbox=(22.13, 45.19, 22.17, 45.22), bands=("B04",)))
    outside = np.isnan(wide["B04"].values)
    assert outside[:, 0, 0].all() and outside[:, -1, -1].all() and 0.8 < outside.mean() < 0.95
    assert (wide["CLM"].values[outside] == 255).all()


def test_the_file_is_small_and_its_licence_lies_beside_it():
    assert sample.FILE.stat().st_size < 2_000_000
    assert "EUROPEAN UNION PUBLIC LICENCE v. 1.2" in (sample.FILE.parent / "LICENSE-EUPL-1.2.txt").read_text()
    assert "modified Copernicus Sentinel data" in (sample.FILE.parent / "README.md").read_text()


def test_the_file_is_the_cut_of_the_cube_it_says(shared):
    with xr.open_dataset(sample.FILE) as held, xr.open_dataset(shared / "data/s2/romania_forest_10m.nc") as cube:
        for day in sample.days():
            assert np.array_equal(held["B08"].sel(time=str(day)), cube["B8"].sel(time=str(day)))


def test_it_holds_some_two_dozen_clear_dates_of_every_year_and_opens_any_two():
    found = scenes.open_scenes(SPEC, date(2015, 1, 1), date(2021, 1, 1))
    assert sum(one.clear > 0.9 for one in found) >= 24
    assert {one.date.year for one in found} == set(range(2015, 2021))
    first, second = found[3].date, found[-1].date
    opened = open_source("sample").open(replace(SPEC, t1=first, t2=second))
    assert patches.dates(opened) == (str(first), str(second))
    assert opened.attrs["t2_scenes"] == found[-1].id
    alone = scenes.source_of_scenes("sample").open_scene(SPEC, found[-1])
    assert np.array_equal(alone["B04"].values[0], opened["B04"].values[1], equal_nan=True)


def test_a_band_it_lacks_is_refused_with_those_it_holds():
    with pytest.raises(BandMissingError, match=r"B02, B03, B04, B08, B8A, B11 but not B12"):
        open_source("sample").open(replace(SPEC, bands=("B04", "B12")))


def test_other_dates_and_places_are_refused_with_where_and_when_it_is():
    with pytest.raises(
        SourceError,
        match="no scene of 2018-07-11; its usual pair is 2017-07-11 and 2019-07-06",
    ):
        open_source("sample").open(replace(SPEC, t1=date(2018, 7, 11)))
    with pytest.raises(SourceError, match=r"45\.20478.*22\.15221"):
        open_source("sample").open(replace(SPEC, bbox=(10.0, 45.0, 10.02, 45.02)))
