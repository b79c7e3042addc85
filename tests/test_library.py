"""Scarp in a notebook: what the handful of functions returns, and that no Streamlit comes with it."""

import subprocess
import sys

import numpy as np
import pytest

from app import library as scarp
from app import patches
from app.config import ROOT
from app.detection import run
from app.errors import InputError, ScarpError

METHOD = "index-drop:NDVI:0.2"


@pytest.fixture(scope="module")
def pair():
    return scarp.open_patch("171", buffer_deg=0.003, heights=True)


def test_the_built_in_list_is_a_frame_of_points_by_id():
    slides = scarp.open_inventory()
    assert slides.crs.to_epsg() == 4326
    one = slides.loc["171"]
    assert (one.geometry.x, one.geometry.y) == (one.longitude, one.latitude)
    assert str(one.date.date()) == "2023-02-06"


def test_outlines_and_columns_of_a_file_come_along(tmp_path):
    path = tmp_path / "slides.geojson"
    path.write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", '
        '"properties": {"id": "A", "Lithology": "flysch"}, "geometry": '
        '{"type": "Polygon", "coordinates": [[[10,45],[10.01,45],[10.01,45.01],[10,45]]]}}]}'
    )
    slides = scarp.open_inventory(path)
    assert slides.loc["A", "Lithology"] == "flysch"
    assert slides.loc["A"].geometry.geom_type in ("Polygon", "MultiPolygon")
    assert slides.attrs["skipped"] == []


def test_columns_can_be_named(tmp_path):
    path = tmp_path / "slides.csv"
    path.write_text("Y Co-ordinate,X Co-ordinate\n5056000,1757000\n")
    named = {"latitude": "Y Co-ordinate", "longitude": "X Co-ordinate"}
    one = scarp.open_inventory(path, named, "EPSG:2193").iloc[0]
    assert one.latitude == pytest.approx(-44.6, abs=0.5)


def test_a_row_of_the_frame_gives_the_same_patch_as_its_id(pair):
    slides = scarp.open_inventory()
    assert scarp.open_patch(slides.loc["171"], buffer_deg=0.003, heights=True).identical(pair)


def test_dates_and_bands_are_those_asked_for():
    patch = scarp.open_patch("171", t1="2022-09-07", t2="2023-05-01", bands="B04,B08", buffer_deg=0.002)
    assert patches.dates(patch) == ("2022-09-07", "2023-05-01")
    assert patches.band_names(patch) == ("B04", "B08")


def test_a_detection_is_what_the_command_finds_and_says_where_it_is_from(pair):
    found = scarp.detect(pair, METHOD, min_area_m2=500, min_slope_deg=5)
    assert found["mask"].dims == found["score"].dims == ("y", "x")
    assert (found["x"].values == pair["x"].values).all()
    assert found.attrs["method"] == METHOD
    assert (found.attrs["min_area_m2"], found.attrs["min_slope_deg"]) == ("500", "5")
    assert found.attrs["simulated"] == "true"
    assert patches.grid_of(found) == patches.grid_of(pair)


def test_a_threshold_that_is_moved_is_the_one_that_counts(pair):
    plain = run.detect(pair, METHOD)
    found = scarp.detect(pair, METHOD, threshold=0.4)
    assert (found["mask"].values == run.mask(plain, 0.4)).all()
    assert float(found.attrs["threshold"]) == pytest.approx(0.4)


def test_outlines_cover_the_mask(pair):
    found = scarp.detect(pair, METHOD)
    shapes = scarp.outlines(found)
    assert shapes["pixels"].sum() == int(found["mask"].sum())
    assert shapes["area_m2"].is_monotonic_decreasing
    assert len(scarp.outlines(scarp.detect(pair, METHOD, threshold=9))) == 0


def test_scores_of_each_event_add_up_to_those_of_all(pair):
    other = scarp.open_patch("0", buffer_deg=0.003)
    table = scarp.evaluate({"171": pair, "0": other}, [METHOD, "band-difference:B04:0.05"])
    each = table.loc[METHOD].drop("all (micro)")
    assert (each[["tp", "fp", "fn", "tn"]].sum() == table.loc[METHOD, "all (micro)"][["tp", "fp", "fn", "tn"]]).all()
    assert np.isfinite(table.loc[(METHOD, "all (micro)"), "f1"])


def test_a_mask_beside_a_patch_becomes_its_truth(pair, tmp_path):
    from app import rasters

    found = scarp.detect(pair, METHOD)
    path = tmp_path / "truth.tif"
    everywhere = np.ones_like(found["clear"].values)
    rasters.write_mask(path, found["mask"].values, everywhere, patches.grid_of(pair), {})
    scored = scarp.evaluate({"171": scarp.add_truth(pair, path)}, [METHOD])
    assert scored.loc[(METHOD, "171"), "f1"] == 1


def test_a_span_becomes_one_image_of_its_scenes():
    patch = scarp.open_patch("171", t1="2022-06-01/2022-08-31", bands="B04,B08", buffer_deg=0.002)
    assert int(patch.attrs["t1_scene_count"]) > 1
    assert patch.attrs["composite"] == "median"


def test_a_place_of_the_sample_is_followed_over_the_years():
    stack = scarp.open_stack("sample", source="sample", bands="B04,B08", buffer_deg=0.002)
    assert stack["time"].to_index().is_monotonic_increasing and stack.sizes["time"] > 10
    middle = float(stack["y"][stack.sizes["y"] // 2]), float(stack["x"][stack.sizes["x"] // 2])
    one = scarp.series(stack, "NDVI", at=middle)
    assert list(one.columns) == ["value", "clear", "scene"] and len(one) == stack.sizes["time"]
    mask = np.zeros((stack.sizes["y"], stack.sizes["x"]), bool)
    mask[stack.sizes["y"] // 2, stack.sizes["x"] // 2] = True
    assert scarp.series(stack, "NDVI", mask=mask)["value"].dropna().equals(one["value"].dropna())
    assert "simulated" in one.attrs and one.attrs["told"]
    with pytest.raises(InputError, match="either"):
        scarp.series(stack)


def test_errors_say_what_to_do(pair):
    with pytest.raises(ScarpError, match="Choose"):
        scarp.open_patch("nobody")
    with pytest.raises(InputError, match="2022-09-17"):
        scarp.open_patch("171", t1="yesterday")
    with pytest.raises(InputError, match="detect"):
        scarp.outlines(pair)


def test_no_streamlit_and_no_torch_come_along():
    code = (
        "import sys; from app import library as s; p = s.open_patch('171', buffer_deg=0.002); "
        "s.outlines(s.detect(p, 'cva:0.1')); print([m for m in ('streamlit', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[]", done.stderr
