"""What one file may ask of the machine."""

import pytest

from app import config, limits
from app.errors import InputError


def test_what_would_take_more_memory_than_one_file_may_is_refused_with_both_figures():
    over = config.Settings.patch_gb * 1e9 + 1e8
    limits.require_bearable(over - 2e8, "scene.tif")
    with pytest.raises(InputError, match=r"scene.tif would take 4.6 GB in memory, over the limit of 4.5 GB"):
        limits.require_bearable(over, "scene.tif")


def test_a_patch_with_more_pixels_than_one_may_have_is_refused_with_both_figures(monkeypatch):
    limits.require_small(10_980, 10_980)
    monkeypatch.setenv("SCARP_PATCH_MPX", "0.01")
    config.settings.cache_clear()
    try:
        limits.require_small(100, 100)
        with pytest.raises(InputError, match=r"101 x 100 pixels has more than the 0.01 million .* SCARP_PATCH_MPX"):
            limits.require_small(101, 100)
    finally:
        monkeypatch.undo()
        config.settings.cache_clear()


def test_a_pair_of_whole_tiles_in_four_bands_is_within_the_limit():
    limits.require_bearable(2 * 10_980**2 * (4 * 4 + 1), "a pair")
    assert config.Settings.max_raster_mpx * 1_000_000 >= 10_980**2
