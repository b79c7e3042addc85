"""``python -m app detect``: what a person types, what comes out, what is refused."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
from affine import Affine

from app import config, masks, patches
from app.__main__ import main
from app.detection import methods
from app.terrain import relief
from tests.handmade import event41_arrays, patch, tiff

KEYS = {
    "method", "device", "provider", "fallback", "seconds", "threshold", "pixels", "changed", "area_m2", "model_sha256"
}  # fmt: skip
BEFORE, AFTER = [[0.1] * 4, [0.1] * 4], [[0.3, 0.3, 0.1, 0.1], [0.1, 0.1, 0.1, 0.3]]


@pytest.fixture
def pair(tmp_path):
    return ["--pair", *(str(tiff(tmp_path / f"{n}.tif", red, ["B04"])) for n, red in (("t1", BEFORE), ("t2", AFTER)))]


def event41_pair(shared, folder, integer):
    held = event41_arrays(shared)
    west, south, east, north = held["bbox"]
    size = held["t1"].shape[0]
    how = {"transform": Affine((east - west) / size, 0, west, 0, -(north - south) / size, north)}
    if integer:
        how["dtype"] = "uint16"
    scale = 10_000 if integer else 1
    return [
        str(tiff(folder / f"{n}.tif", np.round(held[n] * scale, 0 if integer else 9), ["B04"], **how))
        for n in ("t1", "t2")
    ]


def test_json_alone_goes_to_standard_output(pair, capsys):
    assert main(["detect", *pair, "--method", "band-difference", "--json"]) == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document.keys() >= KEYS
    assert (document["method"], document["threshold"]) == ("band-difference:B04:0.05", 0.05)
    assert (document["pixels"], document["clear"], document["changed"]) == (8, 8, 3)
    assert document["area_m2"] == pytest.approx(3 * 11.1**2, rel=0.02)
    assert "read as reflectance" in err and "no cloud mask" in err
    assert (document["t1"], document["source"], document["simulated"]) == ("unknown", "files", False)


def test_without_json_one_sentence_says_what_was_found(pair, capsys):
    assert main(["detect", *pair, "--method", "band-difference"]) == 0
    assert "3 of 8 clear pixels changed" in capsys.readouterr().out


@pytest.mark.parametrize("integer", [False, True])
def test_event_41_from_geotiffs_gives_the_published_number_of_pixels(shared, tmp_path, capsys, integer):
    files = event41_pair(shared, tmp_path, integer)
    assert main(["detect", "--pair", *files, "--method", "band-difference:B04:0.05", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["changed"] == 797 and document["pixels"] == 228 * 228


def test_the_files_asked_for_are_written_and_say_where_they_come_from(pair, tmp_path, capsys):
    out, score, outlines = (tmp_path / name for name in ("mask.tif", "score.tif", "changes.gpkg"))
    options = ["--out", str(out), "--score", str(score), "--polygons", str(outlines), "--min-area", "200"]
    assert main(["detect", *pair, "--method", "band-difference", *options, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changed"] == 2, "the single pixel is under 200 square metres"
    assert masks.read(out).values.tolist() == [[1, 1, 0, 0], [0, 0, 0, 0]]
    with rasterio.open(out) as mask, rasterio.open(score) as scores:
        tags = mask.tags()
        assert scores.read(1)[1, 3] == pytest.approx(0.2)
    assert tags["method"] == "band-difference:B04:0.05" and float(tags["threshold"]) == 0.05
    assert (tags["t1"], tags["source"], tags["simulated"], tags["min_area_m2"]) == ("unknown", "files", "false", "200")
    assert tags["software"] == config.software()
    (row,) = pyogrio.read_dataframe(outlines).to_dict("records")
    assert (row["pixels"], row["method"], row["software"]) == (2, "band-difference:B04:0.05", config.software())
    assert row["mean_score"] == pytest.approx(0.2)


@pytest.mark.parametrize("ending", ["nc", "zarr"])
def test_a_patch_file_is_read_and_a_simulated_one_says_so(tmp_path, capsys, ending):
    stored = tmp_path / f"patch.{ending}"
    patches.write(patch({"B04": (BEFORE, AFTER)}, clm=[[[1, 0, 0, 0]] * 2, [[0] * 4] * 2], simulated=True), stored)
    out = tmp_path / "mask.tif"
    assert main(["detect", str(stored), "--method", "cva", "--out", str(out), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["simulated"] is True and (document["clear"], document["changed"]) == (6, 2)
    assert (document["t1"], document["t2"]) == ("2018-05-07", "2018-10-24")
    assert masks.read(out).values.tolist() == [[255, 1, 0, 0], [255, 0, 0, 1]]
    with rasterio.open(out) as mask:
        assert mask.tags()["simulated"] == "true" and "SIMULATED" in mask.tags()["title"]


def test_every_method_of_the_list_runs_on_all_bands(tmp_path, capsys):
    names = ["B02", "B03", "B04", "B08", "B11", "B12"]
    files = [str(tiff(tmp_path / f"{n}.tif", [red] * 6)) for n, red in (("t1", BEFORE), ("t2", AFTER))]
    for name in methods.examples():
        if name.startswith("season-anomaly"):  # a pair has no earlier years; tests/test_season.py runs it
            continue
        command = ["detect", "--pair", *files, "--band-names", ",".join(names), "--method", name, "--json"]
        assert main(command) == 0
        assert json.loads(capsys.readouterr().out)["ran"] == name


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--method", "guess"], "Choose from band-difference"),
        (["--method", "band-difference:B99"], "B8A"),
        (["--method", "index-drop:NDVI"], "holds B04 but not B08"),
        (["--method", "cva", "--out", "mask.png"], "should end in .tif"),
        (["--method", "cva", "--score", "score.npy"], "should end in .tif"),
        (["--method", "cva", "--polygons", "x.shp"], ".fgb or .zip"),
        (["--method", "cva", "--min-area", "-5"], "0 or more"),
        (["--method", "cva", "--min-area", "nan"], "0 or more"),
        (["--method", "cva", "--min-area", "inf"], "0 or more"),
        (["--method", "cva:1e300"], "no more than 1,000,000"),
        (["--method", "cva", "--out", "a.tif", "--score", "./a.tif"], "same file"),
        (["--method", "onnx:bit:2"], "scores are 0 to 1"),
        (["--method", "cva", "--band-names", "B02,B04"], "has 1 channels and 2 were given"),
        (["--method", "cva", "--out", "/vsis3/bucket/mask.tif"], "is an address"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line_with_code_2(pair, capsys, options, said):
    assert main(["detect", *pair, *options]) == 2
    out, err = capsys.readouterr()
    assert out == "" and said in err.splitlines()[-1] and "Traceback" not in err


def test_a_file_that_is_read_is_not_written_over(pair, capsys):
    before = Path(pair[1]).read_bytes()
    for options in (["--out", pair[1]], ["--score", pair[2]], ["--truth", pair[1], "--out", pair[1]]):
        assert main(["detect", *pair, "--method", "band-difference:B04", *options]) == 2
        assert "is read here, and would be lost" in capsys.readouterr().err
    assert Path(pair[1]).read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "either a PATCH file or --pair"),
        (["x.nc", "--pair", "a.tif", "b.tif"], "either a PATCH file or --pair"),
        (["x.nc", "--band-names", "B04"], "goes with --pair"),
        (["missing.nc"], "There is no missing.nc"),
        (["https://example.org/patch.nc"], "only files on this machine"),
        (["--pair", "https://example.org/a.tif", "b.tif"], "only files on this machine"),
        (["--pair", "missing.tif", "b.tif"], "There is no file missing.tif"),
        (["--pair", "", "b.tif"], "No file is named"),
        (["--pair", ",", ","], "No file is named"),
    ],
)
def test_what_cannot_be_opened_is_refused_in_one_line_with_code_2(capsys, arguments, said):
    assert main(["detect", *arguments, "--method", "cva"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and said in err and len(err.splitlines()) == 1


def test_a_raster_over_the_limit_is_refused_before_it_is_read(tmp_path, capsys):
    side = int((config.settings().max_raster_mpx * 1_000_000) ** 0.5) + 1
    path = tmp_path / "large.tif"
    profile = {"driver": "GTiff", "width": side, "height": side, "count": 1, "dtype": "float32", "sparse_ok": True}
    with rasterio.open(path, "w", **profile, crs="EPSG:4326", transform=Affine(1e-5, 0, 0, 0, -1e-5, 1)):
        pass
    assert main(["detect", "--pair", str(path), str(path), "--band-names", "B04", "--method", "cva"]) == 2
    assert "over the limit" in capsys.readouterr().err


def test_the_command_works_as_a_program(pair):
    ran = subprocess.run(
        [sys.executable, "-m", "app", "detect", *pair, "--method", "cva", "--json"],
        cwd=config.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(ran.stdout)["changed"] == 3


@pytest.mark.parametrize(
    ("crs", "corner", "side"),
    [
        ("EPSG:3857", (1_113_194.9, 8_399_737.9), 20.0),  # Web Mercator at 60 degrees north: a quarter of the map
        ("EPSG:2263", (980_000.0, 190_000.0), 32.808333),  # feet: ten and more times too much
    ],
)
def test_areas_are_those_of_the_ground_whatever_the_projection(tmp_path, capsys, crs, corner, side):
    quiet, slid = np.full((60, 60), 500), np.full((60, 60), 500)  # made, without a sensor's noise
    slid[20:40, 20:30] = 1800
    place = {"dtype": "uint16", "crs": crs, "transform": Affine(side, 0, corner[0], 0, -side, corner[1])}
    files = [str(tiff(tmp_path / f"{n}.tif", values, ["B04"], **place)) for n, values in enumerate((quiet, slid))]
    outlines = tmp_path / "found.geojson"
    pair = ["detect", "--pair", *files, "--method", "band-difference:B04:0.05", "--json"]
    assert main([*pair, "--polygons", str(outlines), "--min-area", "19000"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["changed"] == 200 and document["area_m2"] == pytest.approx(20_070, rel=0.01)
    (drawn,) = json.loads(outlines.read_text(encoding="utf-8"))["features"]
    assert drawn["properties"]["area_m2"] == pytest.approx(20_070, rel=0.01)
    assert main([*pair, "--min-area", "21000"]) == 0
    assert json.loads(capsys.readouterr().out)["changed"] == 0


def forest(side=20, add=0.0):
    """(band, y, x) of a forest with a little noise, a small scar where something is added."""
    values = np.array([0.03, 0.05, 0.04, 0.30])[:, None, None]
    return values + add + np.random.default_rng(int(add > 0)).normal(0, 0.001, (4, side, side))


def offset_pair(folder):
    names = ["B02", "B03", "B04", "B08"]
    return [str(tiff(folder / f"t{n}.tif", forest(add=0.1 * n), names)) for n in (0, 1)]


def test_what_is_to_be_doubted_is_in_the_document_and_in_every_file(tmp_path, capsys):
    mask, outlines = tmp_path / "mask.tif", tmp_path / "change.geojson"
    method = ["--method", "band-difference:B04:0.05", "--json", "--out", str(mask), "--polygons", str(outlines)]
    assert main(["detect", "--pair", *offset_pair(tmp_path), *method]) == 0
    out, err = capsys.readouterr()
    said = json.loads(out)["warnings"]
    assert "brighter than T1 by about 0.100 in all bands" in said[0] and said[1].startswith("Nearly everything changed")
    assert all(sentence in err for sentence in said)
    with rasterio.open(mask) as file:
        assert file.tags()["warnings"] == " ".join(said)
    assert "brighter than T1" in outlines.read_text()


def test_a_patch_file_is_looked_at_like_a_pair(tmp_path, capsys):
    from app import rasters

    made, _ = rasters.read_pair(*offset_pair(tmp_path))
    made.attrs.pop("warnings")
    made["time"] = np.array(["2018-05-07", "2018-10-24"], "datetime64[ns]")
    patches.write(made, tmp_path / "pair.nc")
    assert main(["detect", str(tmp_path / "pair.nc"), "--method", "cva", "--json"]) == 0
    assert "in all bands" in json.loads(capsys.readouterr().out)["warnings"][0]


def written(tmp_path, change):
    """A patch's NetCDF file after ``change`` was made to it."""
    made = patch({"B04": (BEFORE, AFTER)})
    change(made).to_netcdf(tmp_path / "odd.nc")
    return str(tmp_path / "odd.nc")


ODD = {
    "a latitude of 189": (lambda one: one.assign_coords(y=one["y"] + 188), "off the globe"),
    "no number for a place": (lambda one: one.assign_coords(x=one["x"] * np.nan), "not north up"),
    "pixels of many sizes": (lambda one: one.assign_coords(x=[10.0, 10.1, 10.2, 11.0]), "not evenly spaced"),
    "an endless pixel": (lambda one: one.assign_coords(x=[0, 1, 2, np.inf]), "inf"),
    "the year 1600": (
        lambda one: one.assign_coords(time=np.array(["1600-01-01", "1600-02-01"], "datetime64[s]")),
        "said to be of 1600-01-01",
    ),
    "the year 2300": (
        lambda one: one.assign_coords(time=np.array(["2018-01-01", "2300-02-01"], "datetime64[s]")),
        "said to be of 2300-02-01",
    ),
}


@pytest.mark.parametrize(("change", "said"), ODD.values(), ids=ODD)
def test_a_patch_file_of_no_place_or_time_is_refused_in_one_line(tmp_path, capsys, change, said):
    assert main(["detect", written(tmp_path, change), "--method", "cva", "--json"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and len(err.splitlines()) == 1 and said in err, err


@pytest.mark.parametrize(("word", "meant"), [("true", True), ("yes", True), (1, True), ("False", False), ("0", False)])
def test_a_patch_file_stays_simulated_however_it_says_so(tmp_path, capsys, word, meant):
    path = written(tmp_path, lambda one: one.assign_attrs(simulated=word))
    assert main(["detect", path, "--method", "cva", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["simulated"] is meant


def test_no_command_prints_what_json_lacks():
    from app.commands.terminal import strict_json

    assert strict_json({"a": [float("nan"), (float("inf"), 1.5)], "b": {"c": np.float64("nan")}}) == (
        '{"a": [null, [null, 1.5]], "b": {"c": null}}'
    )


# --- slope ---------------------------------------------------------------------------------

IBURI = {"before": "t1.tif", "after": "t2.tif", "dem": "dem.tif", "truth": "landslide.tif"}


@pytest.mark.shared
@pytest.mark.parametrize(("options", "f1"), [([], 0.681), (["--min-slope", "10"], 0.720)])
def test_on_real_landslides_a_smallest_slope_lifts_the_red_rise(shared, tmp_path, capsys, options, f1):
    files = {name: str(shared / "data" / "iburi2018_west" / file) for name, file in IBURI.items()}
    asked = ["--pair", files["before"], files["after"], "--truth", files["truth"], "--dem", files["dem"], *options]
    assert main(["detect", *asked, "--method", "band-difference:B04:0.0091", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["truth"]["f1"] == pytest.approx(f1, abs=0.01)
    assert document["dem"] == "file dem.tif; vertical datum: not stated"


def test_every_polygon_says_how_it_lies_and_every_file_the_smallest_slope(tmp_path, capsys):
    pair, mask, out = (str(tmp_path / name) for name in ("pair.nc", "mask.tif", "found.geojson"))
    assert main(["patch", "171", "--dem", "--bands", "B04", "--out", pair]) == 0
    asked = ["detect", pair, "--method", "band-difference", "--min-area", "2000", "--json"]
    assert main([*asked]) == 0
    capsys.readouterr()
    for file in (out, out.replace("geojson", "gpkg")):
        assert main([*asked, "--min-slope", "12", "--polygons", file, "--out", mask]) == 0
    document = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert document["min_slope_deg"] == 12
    assert "SIMULATED" in document["dem"]
    held = json.loads(Path(out).read_text(encoding="utf-8"))
    assert held["metadata"]["min_slope_deg"] == "12"
    largest = held["features"][0]["properties"]
    assert list(relief.MEASURES) == [name for name in largest if name in relief.MEASURES]
    assert 12 < largest["mean_slope_deg"] < 60
    assert largest["height_range_m"] > 0
    assert largest["h_over_l"] == pytest.approx(largest["height_range_m"] / largest["length_m"])
    frame = pyogrio.read_dataframe(out.replace("geojson", "gpkg"))
    assert frame["mean_slope_deg"][0] == pytest.approx(largest["mean_slope_deg"])
    with rasterio.open(mask) as source:
        assert source.tags()["min_slope_deg"] == "12"


def test_a_smallest_slope_without_heights_or_of_no_angle_is_refused_in_one_line(pair, capsys):
    for options, said in ((["10"], "holds no heights"), (["89"], "0 to 60 degrees"), (["nan"], "0 to 60 degrees")):
        assert main(["detect", *pair, "--method", "band-difference", "--min-slope", *options]) == 2
        [line] = [line for line in capsys.readouterr().err.splitlines() if "degrees" in line or "heights" in line]
        assert said in line
