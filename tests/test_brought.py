"""Any number of dated files of one place: brought by folder, listed, composed and followed."""

import json
from datetime import date, timedelta

import numpy as np
import pytest
import rasterio
from streamlit.testing.v1 import AppTest

from app import config
from app.__main__ import main
from app.cache.brought import bring, with_more
from app.cache.stacking import open_stack
from app.errors import DateOrderError, InputError
from app.sources import scenes
from app.sources.own import dated, headers, records
from app.sources.own.unpacking import BroughtFile
from tests.conftest import ROOT
from tests.handmade import tiff
from tests.test_own_pair import PLACE, UTM
from tests.test_pages import assert_sound, visit, words

SIDE, FELL = 8, date(2021, 3, 1)
DAYS = [date(2020, 1, 5) + timedelta(days=30 * n) for n in range(26)]


def scene(folder, day, name="{day}_scene.tif", bands=("B04", "B08", "SCL"), cloudy=False, **how):
    """One date as digital numbers of 10,000: forest that is bare ground from March 2021 on, cloudy by its classes."""
    season = 150 * np.sin(2 * np.pi * day.timetuple().tm_yday / 365)
    red, near = (1500, 2200) if day >= FELL else (300, 3200 + season)
    speckle = np.arange(SIDE * SIDE).reshape(SIDE, SIDE) % 5 * 10
    layers = {"B04": red + speckle, "B08": near + speckle, "SCL": np.full((SIDE, SIDE), 9 if cloudy else 4)}
    how = {"dtype": "uint16", "crs": UTM, "transform": PLACE, **how}
    return tiff(folder / name.format(day=day), [layers[band] for band in bands], bands, **how)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("place")
    for number, day in enumerate(DAYS):
        scene(made, day, cloudy=number == 3)
    return made


@pytest.fixture(scope="module")
def record(folder):
    return bring([str(folder)])


def document(capsys, *args) -> dict:
    assert main(list(args)) == 0
    return json.loads(capsys.readouterr().out)


def test_every_dated_file_of_a_folder_is_a_scene_and_kept_once(record, folder, monkeypatch):
    assert record.days == tuple(DAYS) and (record.t1, record.t2) == (str(DAYS[0]), str(DAYS[-1]))
    spec = record.spec()
    found = scenes.open_scenes(spec, DAYS[0], DAYS[-1])
    assert [one.date for one in found] == DAYS
    monkeypatch.setattr("app.sources.own.apart.read_more", lambda *_: pytest.fail("read again"))
    stack = open_stack(spec, found)
    assert stack["B04"].values[0, 0, 0] == pytest.approx(0.03) and stack["B04"].values[-1, 0, 0] == pytest.approx(0.15)
    assert (stack["CLM"].values[3] == 1).all() and (stack["CLM"].values[4] == 0).all()
    assert bring([str(folder)]) == records.find(record.name)


def test_the_commands_list_follow_and_compose_a_folder(record, folder, capsys, tmp_path):
    place = [str(folder), "--source", "files"]
    listed = document(capsys, "scenes", *place, "--json")["scenes"]
    assert [one["date"] for one in listed] == [str(day) for day in DAYS] and listed[3]["clear"] == 0
    broke = document(capsys, "series", *place, "--of", "NDVI", "--json")["break"]
    assert broke["after"] < str(FELL) <= broke["before"] and broke["size"] < -0.4
    spans = ["--t1", f"{DAYS[0]}/{DAYS[5]}", "--t2", str(DAYS[-2])]
    made = document(capsys, "patch", *place, *spans, "--out", str(tmp_path / "c.nc"), "--json")
    assert made["composite"]["per_pixel"]["t1"] == {"least": 5, "most": 5} and made["t2"] == str(DAYS[-2])


def test_two_of_the_dates_that_are_no_span_are_a_pair(record, capsys, tmp_path):
    days = ["--t1", str(DAYS[2]), "--t2", str(DAYS[20])]
    made = document(capsys, "patch", record.name, "--source", "files", *days, "--out", str(tmp_path / "p.nc"), "--json")
    assert (made["t1"], made["t2"]) == (str(DAYS[2]), str(DAYS[20])) and made["clear"] == {"t1": 1, "t2": 1}


def test_days_come_from_tags_as_well_and_a_file_without_one_is_told_by_name(tmp_path):
    tagged = [scene(tmp_path, day, name=f"tagged{n}.tif", date=str(day)) for n, day in enumerate(DAYS[:2])]
    held = [headers.read(BroughtFile(path, path.name)) for path in tagged]
    assert dated.days_in(held) == tuple(map(str, DAYS[:2]))
    silent = headers.read(BroughtFile(scene(tmp_path, DAYS[2], name="third.tif"), "third.tif"))
    with pytest.raises(DateOrderError, match="of which day third"):
        dated.days_in([*held, silent])
    with pytest.raises(DateOrderError, match="All files are of one day"):
        dated.days_in(held[:1])


def test_a_date_that_lacks_a_band_is_left_out_and_said_and_smaller_ones_are_nodata_outside(tmp_path):
    for day in DAYS[:3]:
        scene(tmp_path, day)
    scene(tmp_path, DAYS[3], bands=("B04",))
    tiff(tmp_path / f"{DAYS[4]}.tif", np.full((2, 4, 4), 500), ("B04", "B08"), dtype="uint16", crs=UTM, transform=PLACE)
    scene(tmp_path, DAYS[5])
    record = bring([str(tmp_path)])
    assert record.days == (*DAYS[:3], DAYS[4], DAYS[5]) and any("no B08" in note for note in record.notes)
    stack = open_stack(record.spec(), scenes.open_scenes(record.spec(), DAYS[4], DAYS[4]))
    assert np.isfinite(stack["B04"].values[0, :4, :4]).all() and np.isnan(stack["B04"].values[0, 5:, 5:]).all()
    assert (stack["CLM"].values[0, 5:, 5:] == 255).all()


def test_further_dates_over_the_limit_of_memory_are_refused_with_the_figure(record, folder, monkeypatch):
    monkeypatch.setenv("SCARP_PATCH_GB", "0.000001")
    config.settings.cache_clear()
    try:
        with pytest.raises(InputError, match="26 dates of 8 x 8 pixels and 2 bands"):
            with_more(record, None, [str(folder)])
    finally:
        monkeypatch.undo()
        config.settings.cache_clear()


def test_the_pages_show_brought_dates_as_a_film_and_follow_them_and_a_pair_of_them_is_picked(record):
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    app.query_params.update({"event": record.name, "source": "files", "t1": str(DAYS[1]), "t2_to": str(DAYS[-1])})
    app.query_params.update({"t2": str(DAYS[-4]), "at": ",".join(map(str, record.place))})
    visit(app, "patches")
    assert f"T2 {DAYS[-4]} to  \n{DAYS[-1]}" in words(app)
    app.button(key="film.list").click().run()
    assert "26 of 26 scenes" in words(app)
    visit(app, "compare").button(key="years.open").click().run()
    assert_sound(app)
    assert "NDVI fell by" in words(app)


def test_channels_that_no_file_names_are_named_on_the_command_line(capsys, tmp_path):
    for day in (DAYS[0], DAYS[-1]):
        scene(tmp_path / "place", day, name="{day}.tif")
        silent(tmp_path / "place" / f"{day}.tif")
    place = [str(tmp_path / "place"), "--source", "files"]
    assert main(["series", *place, "--of", "B08"]) == 2 and "--band-names B02" in capsys.readouterr().err
    points = document(capsys, "series", *place, "--of", "B08", "--band-names", "B04,B08,SCL", "--json")["points"]
    assert points[0]["value"] == pytest.approx(0.32, abs=0.02) and points[-1]["value"] == pytest.approx(0.22, abs=0.02)


def silent(path):
    with rasterio.open(path, "r+") as file:
        for number in (1, 2, 3):
            file.set_band_description(number, "")


@pytest.mark.parametrize(
    "option", [["--buffer", "0.01"], ["--crs", "EPSG:4326"], ["--option", "catalogue=cdse"], ["--inventory", "x.csv"]]
)
def test_an_option_that_does_nothing_with_files_is_refused_by_name(record, capsys, option, tmp_path):
    for command in (["scenes"], ["patch", "--out", str(tmp_path / "x.nc")]):
        assert main([command[0], record.name, *command[1:], "--source", "files", *option]) == 2
        assert f"{option[0]} does nothing" in capsys.readouterr().err


def test_heights_of_files_come_from_a_file_and_names_of_channels_go_with_files(record, capsys, tmp_path):
    out = ["--out", str(tmp_path / "x.nc")]
    assert main(["patch", record.name, "--source", "files", "--dem", *out]) == 2
    assert "--dem FILE.tif" in capsys.readouterr().err
    assert main(["patch", "171", "--band-names", "B04", *out]) == 2
    assert "--source files" in capsys.readouterr().err
