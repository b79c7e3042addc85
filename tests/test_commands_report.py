"""``python -m app report``: what it writes, says and refuses."""

import json

import pytest

from app import config
from app.__main__ import main
from app.errors import SourceError


def run(capsys, *arguments: str) -> tuple[int, str, str]:
    try:
        code = main(["report", *arguments])
    except SystemExit as stopped:
        code = stopped.code
    out, err = capsys.readouterr()
    return code, out, err


def test_a_report_of_two_events_is_one_page(tmp_path, capsys):
    out = tmp_path / "report.html"
    code, printed, _ = run(capsys, "171", "0", "171", "--buffer", "0.003", "--out", str(out), "--json")
    assert code == 0
    assert json.loads(printed) == {"out": str(out), "events": 2, "failed": [], "simulated": 2}
    page = out.read_text("utf-8")
    assert page.count('<section class="event"') == 2
    assert "band-difference:B04:0.05" in page


def test_a_deck_has_a_page_an_event(tmp_path, capsys):
    out = tmp_path / "deck.html"
    assert run(capsys, "171", "--buffer", "0.003", "--deck", "--out", str(out))[0] == 0
    assert out.read_text("utf-8").count('<section class="slide"') == 1


def test_a_report_says_that_the_verdicts_could_not_be_read(tmp_path, capsys, monkeypatch):
    (tmp_path / "broken.sqlite").write_bytes(b"no database" * 100)
    monkeypatch.setenv("SCARP_DATABASE", f"sqlite:///{tmp_path / 'broken.sqlite'}")
    config.settings.cache_clear()
    code, _, said = run(capsys, "171", "--buffer", "0.002", "--out", str(tmp_path / "report.html"))
    monkeypatch.undo()
    config.settings.cache_clear()
    assert code == 0 and "Without verdicts: The review database cannot be opened" in said
    assert "The verdicts could not be read" in (tmp_path / "report.html").read_text("utf-8")


def test_an_event_without_dates_is_on_the_page_with_its_reason(tmp_path, capsys):
    listed = tmp_path / "mine.csv"
    listed.write_text("id,latitude,longitude,event_date\nA,46.1,11.2,2021-05-05\n")
    out = tmp_path / "report.html"
    code, printed, said = run(capsys, "A", "--inventory", str(listed), "--out", str(out), "--json")
    assert code == 1
    assert json.loads(printed)["failed"][0]["event"] == "A"
    assert "no date for T1" in said
    assert "no date for T1" in out.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("171", "--out", "report.docx"), "should end in .html or .pdf"),
        (("171", "--out", "r.html", "--method", "nothing"), "There is no method"),
        (("171", "--out", "r.html", "--composition", "nothing"), "There is no composition"),
        (("171", "--out", "r.html", "--min-area", "-1"), "--min-area"),
        (("171", "--out", "r.html", "--series", "nothing"), "nothing"),
        (("nobody", "--out", "r.html"), "nobody"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_opened(capsys, arguments, sentence):
    code, _, said = run(capsys, *arguments)
    assert code == 2
    assert sentence in said


def test_the_sample_is_its_own_place(tmp_path, capsys):
    out = tmp_path / "report.html"
    assert run(capsys, "171", "--source", "sample", "--buffer", "0.002", "--out", str(out))[0] == 0
    assert "SIMULATED" not in out.read_text("utf-8")


def test_the_years_are_of_what_the_first_method_marks(tmp_path, capsys):
    out = tmp_path / "report.html"
    arguments = ("--source", "sample", "--buffer", "0.002", "--series", "NDVI", "--out", str(out))
    assert run(capsys, *arguments)[0] == 0
    page = out.read_text("utf-8")
    assert "the median of what the first method marks" in page and page.count('<circle class="clear"') > 20


def test_a_source_without_scenes_to_list_is_said_in_the_report(tmp_path, capsys, monkeypatch):
    from app.commands import scenes

    def none(*_: object) -> None:
        raise SourceError("This source lists no scenes.")

    monkeypatch.setattr(scenes, "listed", none)
    out = tmp_path / "report.html"
    assert run(capsys, "171", "--buffer", "0.002", "--series", "NDVI", "--out", str(out))[0] == 0
    assert "Without its years: This source lists no scenes." in out.read_text("utf-8")


def test_scenes_that_are_missing_of_the_years_are_said_in_the_report(tmp_path, capsys, monkeypatch):
    from app.cache import stacking
    from app.commands import scenes

    listed, load, asked = scenes.listed, stacking.load_scene, []

    def second_is_gone(spec, scene, *more):
        asked.append(scene)
        if len(asked) == 2:
            raise SourceError("Its file is gone.")
        return load(spec, scene, *more)

    monkeypatch.setattr(scenes, "listed", lambda *place: (listed(*place)[0][:12], "The list ends early: no answer."))
    monkeypatch.setattr(stacking, "load_scene", second_is_gone)
    out = tmp_path / "report.html"
    assert run(capsys, "171", "--buffer", "0.002", "--series", "NDVI", "--out", str(out))[0] == 0
    page = out.read_text("utf-8")
    assert "NDVI over the years: The list ends early: no answer." in page and "Its file is gone." in page
