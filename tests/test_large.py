"""A large pair read by windows: the same scores, mask and objects as read at once, in bounded pieces."""

import json

import numpy as np
import pytest
import rasterio

from app.__main__ import main
from app.detection import large_outlines, polygons, run, strips
from app.grid import Grid
from app.sources.own import large, opening
from app.sources.own.stated import SILENT
from tests.handmade import tiff

BANDS = ["B02", "B03", "B04", "B08"]
SIDE = 96
UTM = {"crs": "EPSG:32633", "transform": rasterio.Affine(10, 0, 500_000, 0, -10, 4_600_000)}


@pytest.fixture
def small_is_large(monkeypatch):
    """All that decides by size takes a few thousand pixels for many, in strips of a few rows."""
    for module, name, value in (
        (large, "AT_ONCE_PX", 100), (strips, "LARGE_PX", 100), (large_outlines, "LARGE_PX", 100),
        (strips, "STRIP_ROWS", 7), (large, "STRIP_ROWS", 5),
        (large_outlines, "BAND_ROWS", 11),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)


def scene(seed, added=0, side=SIDE):
    """Digital numbers of forest, (band, y, x), with holes of 0 and -1 in every band, and fill that nothing declares."""
    noise = np.random.default_rng(seed)
    values = np.array([300, 500, 350, 3000])[:, None, None] + noise.normal(0, 60, (4, side, side)) + added
    values[:, :4, 20:60], values[:, 10, 3:9] = 0, -1
    values[0, 30, :] = 0  # of one band alone: measured
    values[2, -3:, :6] = -9999
    return values


def slid(values, *places):
    for rows, columns in places:
        values[:3, rows, columns] += 1500
        values[3, rows, columns] -= 1500
    return values


@pytest.fixture
def pair(tmp_path):
    """Slides over every seam: one from top to bottom, one that meets it at a corner, one at the edge."""
    after = slid(
        scene(2), (slice(8, 90), slice(40, 43)), (slice(90, 93), slice(43, 47)), (slice(50, 58), slice(70, 90)),
        (slice(20, 30), slice(0, 5)),
    )  # fmt: skip
    named = (("t1", scene(1), "2020-06-01"), ("t2", after, "2021-06-03"))
    return [tiff(tmp_path / f"{n}.tif", v, BANDS, dtype="int16", date=day, **UTM) for n, v, day in named]


def detected(pair, method, folder, *options):
    """Return what the command says, its mask, and its outlines."""
    out = [folder / "mask.tif", folder / "found.geojson"]
    command = ["detect", "--pair", *map(str, pair), "--method", method, "--out", out[0], "--polygons", out[1], "--json"]
    assert main([*map(str, command), *options]) == 0
    with rasterio.open(out[0]) as mask:
        return mask.read(1), json.loads(out[1].read_text())


@pytest.mark.parametrize(
    ("method", "options"),
    [("band-difference:B04:0.06", ()), ("index-drop:NDVI:0.2", ("--min-area", "2000")), ("onnx:bit-int8", ())],
)
def test_windows_give_the_mask_and_the_objects_of_the_whole(pair, tmp_path, request, capsys, method, options):
    whole, outlines = detected(pair, method, tmp_path / "whole", *options)
    said = json.loads(capsys.readouterr().out)
    request.getfixturevalue("small_is_large")
    parts, traced = detected(pair, method, tmp_path / "parts", *options)
    assert np.array_equal(whole, parts) and set(np.unique(whole)) == {0, 1, 255}
    told = json.loads(capsys.readouterr().out)
    assert {**told, "seconds": 0} == {**said, "seconds": 0}
    assert len(traced["features"]) == len(outlines["features"]) > 2
    assert traced["metadata"] == outlines["metadata"]
    for one, other in zip(traced["features"], outlines["features"], strict=True):
        assert numbers(one) == pytest.approx(numbers(other), rel=1e-9)
        assert corners(one) == corners(other)


def numbers(feature):
    assert feature["properties"]["method"]
    return {name: value for name, value in feature["properties"].items() if not isinstance(value, str)}


def corners(feature):
    return json.loads(json.dumps(feature["geometry"]["coordinates"]), parse_float=lambda text: round(float(text), 9))


def test_every_value_is_that_of_the_pair_read_at_once(pair, small_is_large, monkeypatch):
    with opening.of_any_size(pair[:1], pair[1:], SILENT) as (patch, notes, late):
        monkeypatch.setattr(large, "AT_ONCE_PX", 10**9)
        whole, said = opening.opened(pair[:1], pair[1:], SILENT)
        assert (notes, late(), patch.attrs) == (said, (), whole.attrs)
        for name in BANDS:
            np.testing.assert_array_equal(patch[name].values, whole[name].values)
            np.testing.assert_array_equal(patch[name].values[1, ::13, 5:60:7], whole[name].values[1, ::13, 5:60:7])
            np.testing.assert_array_equal(
                patch[name].isel(y=slice(3, 40, 9), x=4), whole[name].isel(y=slice(3, 40, 9), x=4)
            )


def test_of_a_scene_that_was_looked_at_in_blocks_fill_is_found_wherever_it_lies(tmp_path, monkeypatch):
    monkeypatch.setattr(large, "AT_ONCE_PX", 100)
    monkeypatch.setattr(large, "BLOCK_PX", 8)
    monkeypatch.setattr(large, "BLOCKS", 2)
    first = np.full((3, 64, 64), 800) + np.random.default_rng(1).integers(0, 200, (3, 64, 64))
    second = first.copy()
    second[2, 30, 30:33] = 32767  # between the blocks
    pair = [tiff(tmp_path / f"{n}.tif", v, BANDS[:3], dtype="int16", **UTM) for n, v in (("t1", first), ("t2", second))]
    with opening.of_any_size(pair[:1], pair[1:], SILENT) as (patch, notes, late):
        assert "4 blocks of 8 x 8 pixels" in notes[-1]
        assert int(np.isnan(patch["B04"].values).sum()) == 3
        assert late() == ("T2: 3 values are 32767, which no tag declares; they were taken as nodata.",)


def test_masks_of_large_scenes_are_cloud_optimised(pair, tmp_path, small_is_large):
    detected(pair, "band-difference:B04:0.06", tmp_path)
    with rasterio.open(tmp_path / "mask.tif") as mask:
        assert mask.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert (mask.tags()["method"], mask.descriptions[0][:6], mask.nodata) == (
            "band-difference:B04:0.06",
            "change",
            255,
        )


def test_ctrl_c_in_the_middle_leaves_no_file(pair, tmp_path, small_is_large, monkeypatch, capsys):
    told = []

    def pressed(share, doing):
        told.append(doing)
        if "row" in doing and share > 0.4:
            raise KeyboardInterrupt

    monkeypatch.setattr("app.commands.detect.progress", pressed)
    files = ["--out", str(tmp_path / "new" / "mask.tif"), "--polygons", str(tmp_path / "new" / "found.gpkg")]
    assert main(["detect", "--pair", *map(str, pair), "--method", "band-difference:B04:0.06", *files]) == 1
    assert "nothing half-done" in capsys.readouterr().err and any("row" in doing for doing in told)
    assert not list((tmp_path / "new").glob("*")) if (tmp_path / "new").exists() else True


def test_no_file_is_read_when_the_pair_is_closed(pair, small_is_large):
    with opening.of_any_size(pair[:1], pair[1:], SILENT) as (patch, _, _):
        found = run.detect(patch, "cva:0.1")
    assert found.clear.any() and np.isfinite(found.score[found.clear]).all()


def test_the_largest_of_many_objects_comes_first_and_ties_keep_their_order(monkeypatch):
    monkeypatch.setattr(large_outlines, "LARGE_PX", 1)
    monkeypatch.setattr(large_outlines, "BAND_ROWS", 3)
    mask = np.random.default_rng(3).random((40, 30)) > 0.7
    score, grid = np.where(mask, 0.5, 0).astype(np.float32), Grid(10, 46, 1e-4, 1e-4, 30, 40)
    told = [one["properties"] for one in large_outlines.features(mask, score, grid)]
    assert told == [pytest.approx(one["properties"]) for one in polygons.polygons(mask, score, grid)]
    assert list(large_outlines.features(np.zeros_like(mask), score, grid)) == []
