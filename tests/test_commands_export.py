"""``python -m app export``: what it writes, says and refuses."""

import json

import pystac
import pytest

from app import config, patches
from app.__main__ import main
from tests.small import patch


def run(capsys, *arguments: str) -> tuple[int, str, str]:
    try:
        code = main(["export", *arguments])
    except SystemExit as stopped:
        code = stopped.code
    out, err = capsys.readouterr()
    return code, out, err


def test_events_become_folders_under_a_collection_and_one_that_cannot_is_told(tmp_path, capsys):
    listed = tmp_path / "mine.csv"
    listed.write_text(
        "id,latitude,longitude,event_date,pre2,post1\nA,46.1,11.2,2021-05-05,,\n"
        "B,46.2,11.3,2021-05-05,2021-04-01,2021-07-01\n"
    )
    out = tmp_path / "out"
    arguments = ("A", "B", "--inventory", str(listed), "--buffer", "0.002", "--out", str(out), "--json")
    code, printed, said = run(capsys, *arguments)
    document = json.loads(printed)
    assert code == 1 and "no date for T1" in said
    assert document["events"] == 2 and document["failed"][0]["event"] == "A" and document["simulated"] == 1
    (result,) = document["results"]
    assert result["event"] == "B" and result["item"] == "./SIMULATED_eventB/SIMULATED_eventB.json"
    (item,) = pystac.Collection.from_file(str(out / "collection.json")).get_items()
    item.validate()
    assert sorted(one.href.removeprefix("./") for one in item.assets.values()) == sorted(result["files"])
    assert all((out / "SIMULATED_eventB" / name).is_file() for name in result["files"])
    listed = (out / "events.csv").read_text("utf-8-sig").splitlines()
    assert listed[1].startswith("B,done,,SIMULATED_eventB,46.2,11.3,2021-05-05,demo") and listed[2].startswith("A,fail")


def test_verdicts_that_cannot_be_read_are_told_and_leave_the_event_without_one(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("SCARP_DATABASE", f"sqlite:///{tmp_path / 'broken.sqlite'}")
    config.settings.cache_clear()
    (tmp_path / "broken.sqlite").write_bytes(b"no database" * 100)
    arguments = ("171", "--buffer", "0.002", "--out", str(tmp_path / "out"))
    code, _, said = run(capsys, *arguments)
    monkeypatch.undo()
    config.settings.cache_clear()
    assert code == 0 and "Without verdicts: The review database cannot be opened" in said


def test_a_patch_that_was_written_becomes_a_folder(tmp_path, capsys):
    patches.write(patch(size=6), tmp_path / "pair.nc")
    out = tmp_path / "out"
    more = ("--figure", "svg", "--animation", "gif", "--animation", "apng", "--seconds", "0.5")
    arguments = ("--patch", str(tmp_path / "pair.nc"), "--out", str(out), "--composition", "NDVI", *more)
    code, printed, _ = run(capsys, *arguments)
    assert code == 0 and "1 event." in printed and "SIMULATED" not in printed
    for ending in ("_NDVI_T2.tif", "_figure.svg", "_dates.gif", "_dates.apng"):
        assert (out / "event1" / f"event1{ending}").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "EVENT..., --patch FILE or --batch DIR"),
        (("171",), "--out DIR"),
        (("171", "--batch", "x"), "one of them"),
        (("--batch", "x", "--out", "y"), "leave --out out"),
        (("171", "--out", "{}/o", "--composition", "nothing"), "no composition"),
        (("171", "--out", "{}/o", "--stretch", "odd"), "stretch"),
        (("171", "--out", "{}/o", "--min-area", "nan"), "--min-area"),
        (("171", "--out", "{}/o", "--width", "5"), "millimetres"),
        (("171", "--out", "{}/o", "--seconds", "nan"), "seconds"),
        (("nobody", "--out", "{}/o"), "nobody"),
        (("--patch", "{}/none.nc", "--out", "{}/o"), "There is no"),
        (("--batch", "{}"), "batch"),
        (("--patch", "{}/pair.nc", "--dem", "--out", "{}/o"), "--dem goes with EVENT"),
        (("--patch", "{}/pair.nc", "--t1", "2020-01-01", "--out", "{}/o"), "--t1 goes with EVENT"),
        (("--patch", "{}/pair.nc", "--crs", "EPSG:4326", "--out", "{}/o"), "--crs goes with EVENT"),
        (("--patch", "{}/pair.nc", "--source", "stac", "--out", "{}/o"), "--source goes with EVENT"),
        (("--patch", "{}/pair.nc", "--source", "demo", "--out", "{}/o"), "--source goes with EVENT"),
        (("--batch", "{}", "--figure", "pdf"), "--figure does nothing with --batch"),
        (("--batch", "{}", "--method", "cva:0.1"), "--method does nothing with --batch"),
        (("--batch", "{}", "--source", "demo"), "--source does nothing with --batch"),
        (("171", "--out", "{}/o", "--width", "90"), "--width goes with --figure"),
        (("171", "--out", "{}/o", "--animation", "gif", "--dpi", "90"), "--dpi goes with --figure"),
        (("171", "--out", "{}/o", "--figure", "png", "--seconds", "2"), "--seconds goes with --animation"),
        (("--patch", "{}", "--out", "{}/o"), "a folder that holds no patch"),
        (("171", "--out", "{}/\udcff"), "is no UTF-8"),
    ],
)
def test_what_cannot_work_is_one_sentence_and_writes_nothing(tmp_path, capsys, arguments, said):
    code, printed, told = run(capsys, *(one.format(tmp_path) for one in arguments))
    assert code == 2 and said in told and not printed and "Traceback" not in told
    assert not any(tmp_path.iterdir())


def test_a_method_that_knows_the_season_reads_the_earlier_years_of_the_source(tmp_path, capsys):
    code, printed, _ = run(
        capsys,
        "sample",
        "--source",
        "sample",
        "--method",
        "season-anomaly:NDVI:3",
        "--out",
        str(tmp_path / "out"),
        "--json",
    )
    assert code == 0 and any("season-anomaly" in name for name in json.loads(printed)["results"][0]["files"])
