"""``python -m app patch``: what it writes, says and refuses."""

import json

import numpy as np
import pytest

from app import patches, rasters
from app.__main__ import main
from app.terrain import heights


def run(capsys, *arguments: str) -> tuple[int, str, str]:
    try:
        code = main(["patch", *arguments])
    except SystemExit as stopped:
        code = stopped.code
    out, err = capsys.readouterr()
    return code, out, err


def test_a_simulated_pair_is_written_and_described_in_one_document(tmp_path, capsys):
    out = tmp_path / "pair.nc"
    code, printed, _ = run(capsys, "171", "--source", "demo", "--bands", "B04,B08", "--out", str(out), "--json")
    said = json.loads(printed)
    assert code == 0
    assert (said["event"], said["simulated"], said["bands"]) == (171, True, ["B04", "B08"])
    assert (said["width"], said["height"]) == (222, 222)
    patch = patches.read(out)
    assert patches.dates(patch) == ("2022-09-17", "2023-02-24")
    assert patch.attrs["event_id"] == "171"


def test_dates_buffer_and_resolution_are_those_asked_for(tmp_path, capsys):
    out = tmp_path / "pair.zarr"
    asked = [
        "--t1",
        "2022-09-07",
        "--t2",
        "2023-05-01",
        "--buffer",
        "0.005",
        "--resolution",
        "0.00018",
        "--bands",
        "B04",
    ]
    assert run(capsys, "171", *asked, "--out", str(out))[0] == 0
    patch = patches.read(out)
    assert patches.dates(patch) == ("2022-09-07", "2023-05-01")
    assert dict(patch.sizes) == {"time": 2, "y": 56, "x": 56}


def test_the_sample_is_its_own_place_and_says_so(tmp_path, capsys):
    code, printed, said = run(capsys, "171", "--source", "sample", "--out", str(tmp_path / "pair.nc"), "--json")
    assert code == 0
    assert json.loads(printed)["event"] == "sample"
    assert json.loads(printed)["simulated"] is False
    assert "holds one place only" in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["999", "--out", "x.nc"], "999"),
        (["171", "--out", "x.tif"], "end in .nc"),
        (["171", "--source", "nowhere", "--out", "x.nc"], "Choose from"),
        (["171", "--bands", "B10", "--out", "x.nc"], "no band B10"),
        (["171", "--t1", "17/09/2022", "--out", "x.nc"], "a date like"),
        (["171", "--t1", "2024-01-01", "--out", "x.nc"], "must come before"),
        (["171", "--buffer", "-1", "--out", "x.nc"], "buffer"),
        (["171", "--resolution", "0.0000001", "--out", "x.nc"], "coarser resolution"),
        (["171", "--inventory", "missing.csv", "--out", "x.nc"], "missing.csv"),
        (["sample", "--source", "sample", "--bands", "B12", "--out", "x.nc"], "B12"),
        (["171"], "--out"),
    ],
)
def test_wrong_use_is_one_line_that_says_what_to_do(tmp_path, capsys, monkeypatch, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    code, printed, said = run(capsys, *arguments)
    assert code == 2
    assert printed == ""
    assert sentence in said and len(said.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_patch_over_the_limit_of_memory_is_one_line_before_anything_is_made(tmp_path, capsys):
    out = tmp_path / "wide.nc"
    assert main(["patch", "171", "--buffer", "0.05", "--resolution", "0.00001", "--out", str(out)]) == 2
    assert "SCARP_PATCH_GB" in capsys.readouterr().err
    assert not out.exists()


def test_a_day_of_another_century_is_refused(tmp_path, capsys):
    for days in (("--t1", "1600-01-01"), ("--t2", "2300-01-01")):
        code, out, err = run(capsys, "171", *days, "--out", str(tmp_path / "p.nc"))
        assert code == 2 and out == "" and days[1] in err and len(err.splitlines()) == 1


def test_what_is_to_be_doubted_of_a_patch_is_said(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("app.values.plausible.doubts", lambda patch: ["T2 is far too bright."])
    path = tmp_path / "pair.nc"
    code, printed, err = run(capsys, "171", "--bands", "B04", "--out", str(path), "--json")
    assert code == 0 and json.loads(printed)["warnings"] == ["T2 is far too bright."] and "far too bright" in err
    assert patches.warnings(patches.read(path)) == ("T2 is far too bright.",)


@pytest.mark.parametrize(("side", "cut"), [(0.03, False), (0.2, True)])
def test_a_patch_is_as_large_as_the_outline_asks_and_what_is_cut_off_is_said(tmp_path, capsys, side, cut):
    ring = ", ".join(f"{9 + side * x} {45 + side * y}" for x, y in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0)))
    file, out = tmp_path / "slides.csv", tmp_path / "pair.nc"
    file.write_text(f'id,date,pre1,post1,wkt\n1,2020-06-01,2020-05-01,2020-07-01,"POLYGON (({ring}))"\n')
    code, printed, err = run(capsys, "1", "--inventory", str(file), "--bands", "B04", "--out", str(out), "--json")
    said = json.loads(printed)
    _, south, _, north = said["bbox"]
    assert code == 0 and (north - south) / 2 == pytest.approx(0.05 if cut else 0.016, abs=1e-4)
    assert any("lies outside the patch" in one for one in said["warnings"]) == cut == ("lies outside" in err)


def test_heights_come_along_where_they_are_asked_for(tmp_path, capsys):
    out = tmp_path / "pair.nc"
    code, printed, _ = run(capsys, "171", "--bands", "B04", "--dem", "--out", str(out), "--json")
    assert code == 0
    assert "SIMULATED" in json.loads(printed)["dem"]
    assert np.isfinite(heights.of(patches.read(out))).all()
    assert run(capsys, "171", "--bands", "B04", "--out", str(out), "--json")[0] == 0
    assert "DEM" not in patches.read(out)


def test_a_source_without_heights_gives_the_patch_and_says_so_and_takes_a_file(tmp_path, capsys):
    out, dem = tmp_path / "pair.nc", tmp_path / "dem.tif"
    code, printed, said = run(capsys, "sample", "--source", "sample", "--out", str(out), "--dem", "--json")
    assert code == 0
    assert json.loads(printed)["dem"] is None
    assert "There are no heights" in said
    on = patches.grid_of(patches.read(out))
    rasters.write_score(dem, np.full(on.shape, 700, np.float32), on)
    code, printed, _ = run(capsys, "sample", "--source", "sample", "--out", str(out), "--dem", str(dem), "--json")
    assert (code, json.loads(printed)["dem"]) == (0, "file dem.tif; vertical datum: not stated")
    assert (heights.of(patches.read(out)) == 700).all()
    code, _, said = run(capsys, "171", "--out", str(out), "--dem", str(dem))
    assert code == 2
    assert "no height where the patch lies" in said


def test_light_is_evened_out_where_it_is_asked_for_and_needs_heights(tmp_path, capsys):
    out = tmp_path / "pair.nc"
    asked = ["171", "--bands", "B04", "--light", "scs+c", "--out", str(out)]
    code, _, said = run(capsys, *asked)
    assert (code, "--light needs heights" in said) == (2, True)
    code, printed, _ = run(capsys, *asked, "--dem", "--json")
    assert code == 0
    assert json.loads(printed)["light"].startswith("SCS+C correction")
    assert patches.read(out).attrs["topographic_correction"] == json.loads(printed)["light"]


def test_a_span_is_made_into_a_composite_and_every_scene_of_it_is_named(tmp_path, capsys):
    out = tmp_path / "composite.nc"
    span = ["--t1", "2022-07-01/2022-08-15", "--t2", "2023-02-24/2023-04-01", "--buffer", "0.003", "--bands", "B04,B08"]
    assert main(["patch", "171", *span, "--out", str(out), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["t1"], said["t2"]) == ("2022-07-01/2022-08-15", "2023-02-24/2023-04-01")
    assert said["composite"]["way"] == "median" and len(said["composite"]["t1_scenes"]) > 5
    assert said["composite"]["per_pixel"]["t1"]["most"] <= len(said["composite"]["t1_scenes"])
    assert patches.when(patches.read(out)) == (said["t1"], said["t2"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--t1", "2022-09-17/2022-06-01"], "runs backwards; swap its days"),
        (["--t1", "2022-06-01/2023-02-20"], "reaches over the event (2023-02-06)"),
        (["--t1", "2022-06-01/"], "--t1 '' is not a date"),
        (["--composite", "latest"], "--composite needs a span"),
        (["--t1", "2022-06-01/2022-07-01", "--source", "published"], "lists no scenes"),
    ],
)
def test_a_span_that_cannot_be_is_one_sentence(tmp_path, capsys, arguments, said):
    assert main(["patch", "171", *arguments, "--out", str(tmp_path / "x.nc")]) == 2
    assert said in capsys.readouterr().err and not (tmp_path / "x.nc").exists()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--resolution", "inf"], "A resolution of inf degrees is not usable"),
        (["--option", "catalog=cdse", "--source", "stac"], "takes no option 'catalog'; it takes catalogue and"),
        (["--option", "tolerance_days=\u00b2", "--source", "stac"], "whole days"),
        (["--option", "catalogue=cdse"], "The source demo takes no option 'catalogue', nor any other"),
    ],
)
def test_what_would_be_passed_over_in_silence_is_refused(tmp_path, capsys, asked, said):
    code, _, err = run(capsys, "171", *asked, "--out", str(tmp_path / "x.nc"))
    assert code == 2 and said in err and "unforeseen" not in err
