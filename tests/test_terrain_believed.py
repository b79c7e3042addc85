"""What a file of heights says it holds is looked at, and what came out as well."""

import numpy as np
import pytest
import rasterio

from app.errors import HeightsMissingError
from app.grid import Grid
from app.terrain import heights

ON = Grid(36.0, 37.0, 0.0001, 0.0001, 40, 30)
RISING = np.broadcast_to(100 + 2.0 * np.arange(ON.width, dtype=np.float32), ON.shape)


def read(folder, *channels, name="dem.tif", unit="", called=(), scale=1.0) -> heights.Heights:
    """Return what is read of a GeoTIFF with these channels on its own grid."""
    made = {"driver": "GTiff", "count": len(channels), "dtype": channels[0].dtype, "crs": ON.crs}
    place = rasterio.Affine(*ON.transform)
    with rasterio.open(folder / name, "w", height=ON.height, width=ON.width, transform=place, **made) as target:
        target.write(np.stack(channels))
        target.units, target.scales = [unit] * len(channels), [scale] * len(channels)
        for at, text in enumerate(called, 1):
            target.set_band_description(at, text)
    return heights.from_file(folder / name, ON)


@pytest.mark.parametrize(
    ("unit", "metres"),
    [
        ("US_survey_foot", 1200 / 3937), ("International foot", 0.3048), ("ftUS", 1200 / 3937), ("Feet", 0.3048),
        ("us-ft", 1200 / 3937), ("fathom", 1.8288), ("Metres", 1), ("cm", 0.01),
    ],
)  # fmt: skip
def test_heights_in_any_known_unit_become_metres(tmp_path, unit, metres):
    found = read(tmp_path, (RISING / metres).astype(np.float32), unit=unit)
    assert found.values == pytest.approx(RISING, rel=1e-5)
    assert [note for note in found.notes if "another unit" in note] == list(found.notes)
    assert bool(found.notes) == (metres != 1)


def test_an_unknown_unit_is_said_and_one_of_slopes_refused(tmp_path):
    assert "“cubits”, which is not known here" in read(tmp_path, RISING, unit="cubits").notes[0]
    for unit in ("degree", "Degrees", "%"):
        with pytest.raises(HeightsMissingError, match="as slopes do"):
            read(tmp_path, RISING, unit=unit)


def test_of_several_channels_the_one_called_heights_is_read_and_else_none(tmp_path):
    slope = np.full(ON.shape, 12.0, np.float32)
    assert read(tmp_path, slope, RISING, called=("slope", "Elevation (m)")).values == pytest.approx(RISING)
    with pytest.raises(HeightsMissingError, match=r"2 channels.*gdal_translate -b"):
        read(tmp_path, slope, RISING)
    with pytest.raises(HeightsMissingError, match="“slope”: give the heights"):
        read(tmp_path, slope, called=("slope",))


def test_heights_in_feet_that_no_tag_declares_are_doubted_for_the_steepness_that_comes_of_them(tmp_path):
    hills = 500 + 60 * np.sin(np.arange(ON.width, dtype=np.float32) / 4) + np.zeros(ON.shape, np.float32)
    assert read(tmp_path, hills).notes == ()
    assert "steeper than 60 degrees" in read(tmp_path, (hills / 0.3048).astype(np.float32)).notes[0]


@pytest.mark.parametrize("fill", [0.0, -99.0, 3276.7])
def test_fill_that_no_tag_declares_stands_out_of_the_ground_beside_it_and_is_said(tmp_path, fill):
    holed = RISING.copy()
    holed[:, :8] = fill
    assert f"240 numbers of dem.tif are {fill:g} m exactly" in read(tmp_path, holed).notes[0]


def test_low_land_at_the_sea_is_not_taken_for_fill(tmp_path):
    assert read(tmp_path, np.maximum(RISING - 120, 0)).notes == ()


def test_a_slope_a_picture_and_level_ground_are_said_to_be_doubtful_heights(tmp_path):
    rough = np.random.default_rng(1).uniform(0, 50, ON.shape).astype(np.float32)
    assert "as slopes in degrees do" in read(tmp_path, rough).notes[0]
    assert "speaks of slope" in read(tmp_path, rough, name="slope.tif").notes[0]
    assert "8 bits" in read(tmp_path, RISING.astype(np.uint8)).notes[0]
    assert "lie within 0 m" in read(tmp_path, np.full(ON.shape, 7.0, np.float32)).notes[0]
    assert "lie within 0.0078 m" in read(tmp_path, RISING, scale=0.0001).notes[0]
