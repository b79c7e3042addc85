"""How steep hillsides are, without Scarp: the lines are run, and held against what Scarp's own smallest slope marks."""

from dataclasses import replace

import numpy as np
import pytest
import rasterio
import xarray as xr

from app import cache, patches
from app import inventory as lists
from app.bands import HEIGHT
from app.detection import polygons, run, steep
from app.grid import Grid
from app.library import plain_pair, plain_slope, plain_steps, snippets
from app.sources import open_heights, spec_for
from app.terrain import heights
from tests import test_sources_stac
from tests.servers.stac import HEIGHTS, cog, heights_item
from tests.test_sources_stac import SECOND, SPEC, add
from tests.test_sources_stac import open_pair as open_stac
from tests.test_sources_stac import product as product
from tests.test_sources_stac import server as server

METHOD, LEAST_DEG = "index-drop:NDVI:0.2", 15.0
GRIDS = {
    "degrees": Grid(10.0, 46.0, 9e-5, 9e-5, 50, 40),
    "far north, in degrees": Grid(25.0, 70.0, 9e-5, 9e-5, 50, 40),
    "metres": Grid(500_000, 5_100_000, 10, 10, 50, 40, "EPSG:32632"),
    "metres that are none on the ground": Grid(1_100_000, 8_400_000, 20, 20, 50, 40, "EPSG:3857"),
    "feet": Grid(6_000_000, 2_100_000, 32.8, 32.8, 50, 40, "EPSG:2227"),
}


def ran(lines: list[str], pair: xr.Dataset | None = None) -> dict:
    held: dict = {} if pair is None else {"pair": pair}
    exec(compile(snippets.plain_script(lines), "plain", "exec"), held)
    assert not [name for name, value in held.items() if getattr(value, "__name__", "").startswith("app")]
    return held


@pytest.mark.parametrize("on", GRIDS.values(), ids=GRIDS)
def test_a_hillside_is_as_steep_as_scarp_says_on_any_grid_with_gaps(on):
    height = np.random.default_rng(5).normal(500, 5, on.shape).cumsum(axis=1).astype(np.float32)
    height[10:13, 20] = np.nan
    pair = xr.Dataset({HEIGHT: (("y", "x"), height)})
    wanted = steep.hillside(pair, on)
    found = ran(plain_slope.hillside(on), pair)["hillside"]
    assert np.isnan(found[11, 21]) and found[0, 0] > 1
    np.testing.assert_allclose(found, wanted, atol=0.02, equal_nan=True)


def test_the_code_of_a_simulated_pair_run_as_written_marks_what_the_page_does(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    spec = spec_for(lists.builtin().event("171"), "demo", buffer_deg=0.006, heights=True)
    patch = cache.load(spec)
    patches.write(patch, tmp_path / f"{patches.file_stem(spec, patch)}_demo.nc")
    found = steep.limited(run.detect(patch, METHOD), patch, LEAST_DEG)
    wanted = polygons.clean(run.mask(found), patches.grid_of(patch), 400, 1)
    steps = plain_steps.detections(patch, [(METHOD, 0.2, 400.0, 1, LEAST_DEG)])
    marked = ran([*plain_pair.pair(spec, patch, sloped=True), "", *steps])["found"].values
    assert np.array_equal(marked, wanted) and wanted.any()
    assert wanted.sum() < polygons.clean(run.mask(run.detect(patch, METHOD)), patches.grid_of(patch), 400, 1).sum()


@pytest.mark.shared
@pytest.mark.filterwarnings("ignore::DeprecationWarning:odc", "ignore::PendingDeprecationWarning")
def test_heights_of_a_catalogue_are_laid_on_the_pair_by_odc_stac_alone(server, product, monkeypatch):
    monkeypatch.setattr(test_sources_stac, "ASSETS", {"B04": "red", "SCL": "scl"})
    spec = replace(SPEC, bands=("B04",), heights=True)
    west, south, east, _ = spec.bbox
    add(server, product, "later", SECOND)
    middle, step = (west + east) / 2, 0.001
    for side, left in (("west", middle - 60 * step), ("east", middle)):
        on = Grid(left, south - 0.005, step, step, 60, 120)
        values = np.random.default_rng(2).normal(0, 9, on.shape).cumsum(axis=0).astype(np.float32)
        content = cog(values, rasterio.Affine(*on.transform), "EPSG:4326", nodata=None)
        server.add(heights_item(side, on), {"data": content}, HEIGHTS)
    patch = heights.onto(open_stac(spec), open_heights(spec))
    found = ran(plain_pair.pair(spec, patch))["pair"]
    np.testing.assert_allclose(found[HEIGHT].values, patch[HEIGHT].values, atol=1e-3, equal_nan=True)
    assert np.isfinite(patch[HEIGHT].values).mean() > 0.9


def test_heights_that_lie_beside_a_pair_are_read_only_where_a_slope_is_asked_for():
    spec = replace(SPEC, source="sentinelhub", heights=True, bands=("B04",))
    patch = xr.Dataset({HEIGHT: (("y", "x"), np.zeros((2, 2), np.float32))}, attrs={"cloud_mask": "SCL"})
    plain, sloped = ("\n".join(plain_pair.pair(spec, patch, wanted)) for wanted in (False, True))
    assert "# without the heights of the ground" in plain and f"pair['{HEIGHT}']" not in plain
    assert f"pair['{HEIGHT}'] = ('y', 'x'), xr.open_dataset(" in sloped
