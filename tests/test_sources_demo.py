"""The demo source keeps the contract of every source, and says SIMULATED wherever it can be seen."""

import numpy as np
import pytest

from app import patches
from app.bands import ALL_BANDS
from app.inventory import builtin
from app.sources import open_source, spec_for

EVENT = builtin().events[2]


@pytest.fixture(scope="module")
def patch():
    return open_source("demo").open(spec_for(EVENT, "demo", buffer_deg=0.005))


def test_a_demo_patch_is_a_patch_on_the_grid_of_its_spec(patch):
    spec = spec_for(EVENT, "demo", buffer_deg=0.005)
    assert patches.checked(patch, "demo") is patch
    assert patches.band_names(patch) == ALL_BANDS
    assert patch["B04"].dims == ("time", "y", "x") and patch["B04"].dtype == np.float32
    assert (patch.sizes["y"], patch.sizes["x"]) == spec.grid.shape
    assert np.array_equal(patch["x"].values, spec.grid.x)
    assert patch["truth"].dtype == np.uint8 and patch["truth"].dims == ("y", "x")


def test_everything_that_names_a_demo_patch_says_simulated(patch):
    assert patches.is_simulated(patch) and open_source("demo").describe().simulated
    for name in ("title", "t1_scenes", "t2_scenes", "processing_baseline", "attribution"):
        assert "SIMULATED" in patch.attrs[name]


def test_the_number_of_scars_stands_beside_the_truth():
    patch = open_source("demo").open(spec_for(EVENT, "demo", bands=("B04",)))
    assert patch.attrs["scars"] >= 1 and patch["truth"].values.max() == 1


def test_a_demo_patch_survives_being_written_and_read(patch, tmp_path):
    for name in ("demo.nc", "demo.zarr"):
        patches.write(patch, tmp_path / name)
        again = patches.read(tmp_path / name)
        assert np.array_equal(again["B12"], patch["B12"]) and np.array_equal(again["truth"], patch["truth"])
        assert patches.is_simulated(again)


def test_progress_rises_from_start_to_end():
    seen = []
    spec = spec_for(EVENT, "demo", buffer_deg=0.003, bands=("B04",))
    open_source("demo").open(spec, lambda share, doing: seen.append((share, doing)))
    shares = [share for share, _ in seen]
    assert shares == sorted(shares) and shares[-1] == 1 and len(seen) >= 4 and all(doing for _, doing in seen)
