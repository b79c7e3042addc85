"""Heights from a STAC catalogue: tiles of the Copernicus DEM on a patch's grid, fetched once, and plain words."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import rasterio

from app import cache, config
from app.bands import HEIGHT
from app.cache import loading
from app.errors import SourceError
from app.grid import Grid, around
from app.patches import PatchSpec, is_simulated, warnings
from app.sources import open_heights, stac_catalogue, stac_search
from app.terrain import heights
from tests import small
from tests.servers.stac import HEIGHTS, StacServer, cog, heights_item, stac_server

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:odc", "ignore::PendingDeprecationWarning")

SPEC = PatchSpec(
    "stac", "x", (10.99, 46.2, 11.01, 46.22), date(2020, 2, 19), date(2022, 3, 15), None, ("B04",), heights=True
)
STEP = 1 / 360  # ten times coarser than GLO-30 has it, with its even degrees


@pytest.fixture
def server(monkeypatch, tmp_path):
    """A catalogue with two tiles that meet at 11° E, on heights that rise to the east: the installation's own."""
    with stac_server() as running:
        for west in (10, 11):
            add(running, west)
        monkeypatch.setenv("SCARP_STAC_URL", running.address)
        monkeypatch.setenv("SCARP_CACHE", str(tmp_path / "cache"))
        config.settings.cache_clear()
        stac_search._client.cache_clear()
        yield running
    monkeypatch.undo()
    config.settings.cache_clear()


def add(server: StacServer, west: int) -> None:
    on = Grid(west, 46.0, STEP, STEP, 360, 360)
    values = np.broadcast_to(1000 * (on.x - 10), on.shape).astype(np.float32)
    content = cog(values, rasterio.Affine(*on.transform), "EPSG:4326", nodata=None)
    server.add(heights_item(f"N46_E0{west}", on), {"data": content}, HEIGHTS)


def test_tiles_on_both_sides_of_the_180th_meridian_are_laid_side_by_side(server):
    for west, base in ((179, 0), (-180, 1000)):
        on = Grid(west, -18.0, STEP, STEP, 360, 360)
        values = np.broadcast_to(base + 1000 * (on.x - west), on.shape).astype(np.float32)
        content = cog(values, rasterio.Affine(*on.transform), "EPSG:4326", nodata=None)
        server.add(heights_item(f"S18_{west}", on), {"data": content}, HEIGHTS)
    for longitude in (179.999, -179.999):
        spec = replace(SPEC, bbox=around(-17.5, longitude))
        expected = 1000 * (spec.grid.x % 360 - 179)
        inner = np.abs(spec.grid.x % 360 - 180) > STEP
        found = open_heights(spec).values
        assert found[:, inner] == pytest.approx(np.broadcast_to(expected[inner], (len(found), inner.sum())), abs=0.2)
        assert np.isfinite(found).all()


def test_tiles_are_laid_side_by_side_on_the_grid_of_the_patch_and_say_what_they_are(server):
    found = open_heights(SPEC)
    assert found.values.shape == SPEC.grid.shape
    assert found.values.dtype == np.float32
    assert found.values == pytest.approx(np.broadcast_to(1000 * (SPEC.grid.x - 10), SPEC.grid.shape), abs=2)
    inner = np.abs(SPEC.grid.x - 11) > STEP  # where bilinear needs one tile alone
    assert found.values[:, inner] == pytest.approx(
        np.broadcast_to(1000 * (SPEC.grid.x[inner] - 10), (SPEC.grid.height, inner.sum())), abs=0.2
    )
    assert found.source.startswith("Copernicus DEM GLO-30")
    assert "EGM2008" in found.datum
    assert not found.simulated
    assert found.notes == ()


def test_open_sea_beside_a_tile_is_unknown_and_told(server):
    server.items = server.items[:1]
    found = open_heights(SPEC)
    assert 0.4 < np.isnan(found.values).mean() < 0.6
    assert "have no height" in found.notes[0]


def test_a_place_without_tiles_and_a_catalogue_without_heights_are_told_with_the_way_out(server):
    server.items.clear()
    with pytest.raises(SourceError, match="may be open sea"):
        open_heights(SPEC)
    with pytest.raises(SourceError, match=r"Copernicus Data Space has no heights.*earth-search, planetary-computer"):
        open_heights(replace(SPEC, options=(("catalogue", "cdse"),)))


def test_a_file_that_cannot_be_read_is_named_without_its_address(server):
    server.faults["/files/"] = 500
    with pytest.raises(SourceError, match=r"tile N46_E01[01] could not be read") as raised:
        open_heights(SPEC)
    assert server.address not in str(raised.value)


def test_planetary_computer_s_heights_are_read_with_the_token_of_their_own_collection(server, monkeypatch):
    files = stac_catalogue.WithToken(f"{server.address}/token/")
    known = [
        replace(one, url=server.address, files=files) if one.name == "planetary-computer" else one
        for one in stac_catalogue._KNOWN
    ]
    monkeypatch.setattr(stac_catalogue, "_KNOWN", tuple(known))
    server.token = "sig=a-secret"
    found = open_heights(replace(SPEC, options=(("catalogue", "planetary-computer"),)))
    assert np.isfinite(found.values).all()
    assert f"/token/{HEIGHTS}" in server.requests
    assert "a-secret" not in found.source


def opened(spec: PatchSpec):
    """Return a patch as the cache gives it, its scenes made by hand: what is looked at here is the heights."""
    patch = small.patch(("B04",), size=spec.grid.width)
    return cache.loading.with_heights(spec, patch)


def test_heights_are_fetched_once_for_a_place_whatever_the_dates_and_bands(server):
    first = opened(SPEC)
    asked = len(server.requests)
    later = replace(SPEC, t1=date(2023, 1, 1), t2=date(2024, 1, 1), bands=("B02", "B03"), event_id="y")
    assert heights.of(opened(later)) == pytest.approx(heights.of(first))
    assert len(server.requests) == asked
    assert heights.about(opened(later)) == heights.about(first)
    opened(replace(SPEC, bbox=(10.98, 46.2, 11.0, 46.22)))
    assert len(server.requests) > asked


def test_kept_heights_are_listed_as_what_they_are_and_go_with_the_rest(server):
    opened(SPEC)
    [listed] = cache.entries()
    assert (listed.entry.bands, listed.entry.t1, listed.entry.source) == ((HEIGHT,), "", "stac")
    assert cache.verify().whole == (loading.heights_key(SPEC),)
    assert cache.clear()[0] == 1


def test_a_source_that_cannot_give_heights_leaves_the_patch_usable_and_says_so(server):
    server.faults["/search"] = 500
    patch = opened(SPEC)
    assert HEIGHT not in patch
    assert "There are no heights, so no slope" in warnings(patch)[0]
    assert "B04" in patch


def test_the_name_of_a_patch_without_heights_is_the_one_it_had_before_there_were_heights():
    plain = replace(SPEC, heights=False)
    assert plain.key == "7a2ebcf69c4ae8c1d152" != SPEC.key
    assert loading._key(plain) != loading.heights_key(SPEC)


def test_the_simulated_ground_brings_its_own_heights_which_agree_with_its_slope():
    from app.simulate import scene
    from app.terrain import slopes

    spec = PatchSpec("demo", "1", (11.0, 46.0, 11.02, 46.02), date(2020, 2, 19), date(2022, 3, 15), bands=("B04",),
                     heights=True)  # fmt: skip
    patch = cache.load(spec)
    assert is_simulated(patch)
    assert heights.about(patch).startswith("SIMULATED")
    slope, told = slopes.slope_deg(heights.of(patch), spec.grid), scene.slope_deg(spec.grid)
    assert np.abs(slope - told).mean() < 1.5  # nearest pixel there, bilinear here
    assert np.corrcoef(slope.ravel(), told.ravel())[0, 1] > 0.97
    assert cache.load(replace(spec, heights=False)).equals(patch.drop_vars(HEIGHT))


def test_a_source_without_heights_says_that_a_file_can_be_given():
    with pytest.raises(SourceError, match=r"sample has no heights of the ground.*--dem FILE\.tif"):
        open_heights(replace(SPEC, source="sample"))
