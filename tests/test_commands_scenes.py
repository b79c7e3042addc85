"""``python -m app scenes``: one JSON document of scenes, and a sentence for what cannot be."""

import json

import pytest

from app.__main__ import main
from app.errors import SourceError
from app.sources import demo, scenes

SPAN = ["--from", "2022-09-01", "--to", "2022-09-30", "--buffer", "0.003"]


def test_the_document_lists_every_scene_with_its_date_id_and_clear_share(capsys):
    assert main(["scenes", "171", *SPAN, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["found"] == len(said["scenes"]) > 4 and said["simulated"] is True and said["notes"] == []
    assert {"date", "id", "clear"} <= set(said["scenes"][0])
    days = [one["date"] for one in said["scenes"]]
    assert days == sorted(days) and days[0] >= "2022-09-01" and days[-1] <= "2022-09-30"
    assert all(0 <= one["clear"] <= 1 for one in said["scenes"])


def test_a_reader_without_json_sees_a_line_a_scene_and_that_it_is_simulated(capsys):
    assert main(["scenes", "171", *SPAN]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "clear" in lines[0] and "SIMULATED scenes from 2022-09-01 to 2022-09-30" in lines[-1]


def test_many_scenes_are_thinned_and_the_rule_is_told(capsys):
    assert main(["scenes", "171", *SPAN, "--most", "2", "--json"]) == 0
    out = capsys.readouterr()
    said = json.loads(out.out)
    assert len(said["scenes"]) == 2 < said["found"] and "least cloudy" in said["notes"][0] and "least cloudy" in out.err


def test_a_list_that_breaks_off_is_told_with_what_came_and_exit_code_1(capsys, monkeypatch):
    plain = demo.Demo.scenes

    def broken(self, *args):
        came = plain(self, *args)[:2]
        raise scenes.ScenesBrokenOffError("The list ends early: no answer.", came)

    monkeypatch.setattr(demo.Demo, "scenes", broken)
    assert main(["scenes", "171", *SPAN, "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert len(said["scenes"]) == 2 and said["notes"] == ["The list ends early: no answer."]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["171", "--from", "2022-10-01", "--to", "2022-09-01"], "swap its days"),
        (["171", "--from", "soon"], "--from 'soon' is not a date"),
        (
            ["171", "--from", "0001-01-01", "--to", "9999-12-31"],
            "--from is said to be of 0001-01-01, when no satellite",
        ),
        (["171", "--source", "published"], "choose from demo, sample, stac"),
        (["171", "--from", "2001-01-01", "--to", "2002-01-01"], "2015-06-23"),
        (["171", "--most", "0"], "--most is 0"),
        (["171", "--source", "nowhere"], "There is no source called"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_exit_code_2(capsys, arguments, said):
    assert main(["scenes", *arguments]) == 2
    out = capsys.readouterr()
    assert said in out.err and out.out == "" and len(out.err.strip().splitlines()) == 1


def test_a_source_that_does_not_answer_is_one_sentence(capsys, monkeypatch):
    def gone(*_):
        raise SourceError("The catalogue cannot be reached.")

    monkeypatch.setattr(demo.Demo, "scenes", gone)
    assert main(["scenes", "171", *SPAN]) == 2
    assert "cannot be reached" in capsys.readouterr().err
