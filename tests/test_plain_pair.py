"""A pair opened without Scarp has the pixels that Scarp shows: every form is run, and held against Scarp's own."""

from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
import rasterio
import xarray as xr
from rasterio.transform import from_origin

from app import cache, patches
from app import inventory as lists
from app.library import open_pair, plain_pair, snippets
from app.patches import PatchSpec
from app.sources import open_source, sample, spec_for
from tests import test_sources_stac
from tests.test_sources_sentinelhub import SPEC as HUB
from tests.test_sources_sentinelhub import hub as hub
from tests.test_sources_sentinelhub import settings as settings
from tests.test_sources_stac import SECOND, SPEC, add, only_columns, plus_1000
from tests.test_sources_stac import open_pair as open_stac
from tests.test_sources_stac import product as product
from tests.test_sources_stac import server as server

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:odc", "ignore::PendingDeprecationWarning")


def ran(spec: PatchSpec, patch: xr.Dataset) -> xr.Dataset:
    held: dict = {}
    exec(compile(snippets.plain_script(plain_pair.pair(spec, patch)), "plain", "exec"), held)
    assert not [name for name, value in held.items() if getattr(value, "__name__", "").startswith("app")]
    return held["pair"]


def assert_alike(found: xr.Dataset, patch: xr.Dataset) -> None:
    for band in patches.band_names(patch):
        np.testing.assert_allclose(found[band].values, patch[band].values, atol=1e-6, equal_nan=True)
    np.testing.assert_array_equal(found["CLM"].values, patch["CLM"].values)
    np.testing.assert_array_equal(found["time"].values, patch["time"].values)


def raised_in_the_middle(band: str, array: np.ndarray) -> np.ndarray:
    return plus_1000(band, only_columns(0.40, 0.44)(band, array))


@pytest.mark.shared
def test_scenes_of_a_catalogue_come_by_way_of_odc_stac_mosaicked_and_without_their_offset(server, product, monkeypatch):
    monkeypatch.setattr(test_sources_stac, "ASSETS", {"B04": "red", "B08": "nir", "SCL": "scl"})
    add(server, product, "west", SECOND, only_columns(0, 0.41))
    since = {"s2:processing_baseline": "04.00", "earthsearch:boa_offset_applied": None}
    add(server, product, "east", SECOND, raised_in_the_middle, properties=since, offset=None)
    spec = replace(SPEC, bands=("B04", "B08"))
    patch = open_stac(spec)
    assert len(set(patch.attrs["t2_offset"].split(", "))) == 2
    found = ran(spec, patch)
    assert_alike(found, patch)
    np.testing.assert_allclose(found["x"].values, patch["x"].values, atol=1e-9)


@pytest.mark.parametrize(("catalogue", "file"), [("cdse", "B04_10m"), ("planetary-computer", "'B04': 'B04'")])
def test_the_other_catalogues_are_asked_by_their_own_names_of_files(catalogue, file):
    spec = replace(SPEC, bands=("B04",), options=(("catalogue", catalogue),))
    said = {f"{name}_{what}": "0" for name in ("t1", "t2") for what in ("scenes", "offset")}
    patch = xr.Dataset(attrs=said, coords={"time": np.array(["2020-02-19", "2022-03-15"], "datetime64[ns]")})
    text = snippets.plain_script(plain_pair.pair(spec, patch))
    compile(text, catalogue, "exec")
    assert file in text


def test_the_stored_sample_is_laid_on_the_grid_by_rasterio():
    spec = spec_for(sample.source().describe().event, "sample", buffer_deg=0.003)
    patch = cache.load(spec)
    assert (patch["CLM"] == 1).any() or (patch["CLM"] == 0).all()
    assert_alike(ran(spec, patch), patch)


def test_files_of_digital_numbers_are_read_by_rasterio(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    numbers = np.random.default_rng(3)
    where = {"crs": "EPSG:32632", "transform": from_origin(500_000, 5_000_000, 10, 10), "height": 20, "width": 30}
    for name in ("t1.tif", "t2.tif"):
        with rasterio.open(name, "w", driver="GTiff", count=2, dtype="uint16", nodata=0, **where) as file:
            for at, band in enumerate(("B04", "B08"), start=1):
                file.write(numbers.integers(0, 3000, (20, 30)).astype("uint16"), at)
                file.set_band_description(at, band)
    patch = open_pair("t1.tif", "t2.tif", dates=("2022-01-01", "2022-06-01"))
    spec = replace(SPEC, source="files", options=())
    found = ran(spec, patch)
    assert_alike(found, patch)
    np.testing.assert_allclose(found["x"].values, patch["x"].values)
    np.testing.assert_allclose(found["y"].values, patch["y"].values)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [({"source": "demo"}, "SIMULATED by Scarp"), ({"source": "files"}, "your own files")],
)
def test_what_scarp_alone_makes_is_opened_from_the_file_it_gives(tmp_path, monkeypatch, asked, reason):
    monkeypatch.chdir(tmp_path)
    event = lists.builtin().event("171")
    spec = spec_for(event, "demo", buffer_deg=0.002, bands=("B04", "B08"))
    patch, spec = cache.load(spec), replace(spec, **asked)
    lines = plain_pair.pair(spec, patch)
    assert reason in "\n".join(lines)
    file = f"{patches.file_stem(spec, patch)}_{spec.source}.nc"
    assert file in "\n".join(lines)
    patches.write(patch, tmp_path / file)
    assert_alike(ran(spec, patch), patch)


@pytest.mark.skipif(find_spec("xcube_sh") is None, reason="xcube-sh is not installed in this environment")
def test_xcube_sh_alone_brings_the_same_pair(hub, monkeypatch):
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the emulator is on loopback, without TLS
    patch = open_source("sentinelhub").open(HUB)
    assert_alike(ran(HUB, patch), patch)


@pytest.mark.parametrize("source", ["sentinelhub", "sentinelhub-cdse"])
def test_the_lines_for_xcube_sh_are_python_and_ask_for_what_the_source_asks(source):
    spec = replace(HUB, source=source)
    masks = {"sentinelhub": "CLM of Sentinel Hub", "sentinelhub-cdse": "derived from SCL"}
    text = snippets.plain_script(plain_pair.pair(spec, xr.Dataset(attrs={"cloud_mask": masks[source]})))
    compile(text, source, "exec")
    assert f"new_data_store('{source}'" in text and str(list(spec.bbox)) in text and "environment.yml" in text
    assert ("'SCL'" in text) == (source == "sentinelhub-cdse")
