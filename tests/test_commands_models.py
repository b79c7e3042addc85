"""``python -m app models``: what there is, and whether a file can be run."""

import json

import pytest

from app import config
from app.__main__ import main
from app.detection.network import contract
from tests import small
from tests import tiny_networks as tiny

pytestmark = pytest.mark.usefixtures("folder")


def command(capsys, *args) -> tuple[int, str, str]:
    code = main(["models", *map(str, args)])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_the_list_names_networks_and_says_why_one_cannot_run(folder, capsys):
    tiny.put(folder, tiny.difference(), "good")
    code, out, _ = command(capsys, "list")
    assert code == 0 and "probability of B04; threshold 0.25; licence: not stated" in out
    tiny.put(folder, b"garbage", "bad")
    code, out, _ = command(capsys, "list", "--json")
    held = {one["name"]: one for one in json.loads(out)["models"]}
    assert code == 1 and "not an ONNX file" in held["bad"]["unusable"]
    assert held["good"]["bands"] == ["B04"] and len(held["good"]["sha256"]) == 64


def test_a_good_file_is_understood(folder, capsys):
    path = tiny.put(folder, tiny.difference())
    code, out, err = command(capsys, "check", path)
    assert code == 0 and err == ""
    assert "t1 float32 (any, 1, any, any)" in out and "It can be run: --method onnx:tiny" in out
    code, out, _ = command(capsys, "check", "tiny", "--json")
    document = json.loads(out)
    assert code == 0 and document["problem"] == "" and document["contract"]["threshold"] == 0.25


def test_a_silent_file_comes_with_the_json_to_write_and_then_runs(folder, capsys, tmp_path):
    rgb = {"shape": (1, 3, 32, 32), "outputs": [("score", tiny.FLOAT, (1, 1, 32, 32))]}
    path = tiny.put(folder, tiny.difference(None, **rgb), "mine")
    code, out, err = command(capsys, "check", path)
    assert code == 1 and "does not say which bands it takes" in err and '"bands"' in out
    path.with_suffix(".json").touch()  # as the shell does for `--suggest > mine.json`
    code, out, _ = command(capsys, "check", path, "--suggest")
    assert code == 0 and contract.from_json(out).bands == ("B04", "B03", "B02")
    path.with_suffix(".json").write_text(out)
    assert command(capsys, "check", path)[0] == 0
    from app import patches

    patches.write(small.patch(), tmp_path / "p.nc")
    assert main(["detect", str(tmp_path / "p.nc"), "--method", "onnx:mine", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["ran"] == "onnx:mine" and document["fallback"] == "" and len(document["model_sha256"]) == 64
    assert document["notes"] == ["Run on one tile of 32 x 32 pixels."]


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "it is empty"), (tiny.difference(weights=[tiny.outside()]), "lie in another file")],
)
def test_a_refused_file_is_one_line_and_exit_2(folder, capsys, content, said):
    code, out, err = command(capsys, "check", tiny.put(folder, content))
    assert code == 2 and out == "" and err.count("\n") == 1
    assert err.startswith("python -m app models: tiny.onnx cannot be run: ") and said in err


def test_a_network_that_never_ends_is_stopped_by_the_check(folder, capsys, monkeypatch):
    monkeypatch.setenv("SCARP_MODEL_BUDGET_S", "1.5")
    config.settings.cache_clear()
    code, out, err = command(capsys, "check", tiny.put(folder, tiny.never_ending()))
    assert code == 2 and out == "" and "took longer than 1.5 seconds and was stopped" in err


def test_a_file_of_a_gigabyte_is_refused_by_the_check(folder, capsys):
    with open(folder / "huge.onnx", "wb") as file:
        file.truncate(1_000_000_000)
    code, out, err = command(capsys, "check", "huge")
    assert code == 2 and out == "" and "huge.onnx cannot be run: it has 1,000 MB" in err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["check"], "Name the file"),
        (["list", "a.onnx"], "takes no file"),
        (["check", "nothing"], "There is no network called nothing"),
        (["check", "/etc/passwd"], "neither a network's name nor an .onnx file"),
        (["check", "gone.onnx"], "There is no network file gone.onnx"),
    ],
)
def test_wrong_use_is_one_line_that_says_what_to_do(capsys, args, said):
    code, out, err = command(capsys, *args)
    assert code == 2 and out == "" and err.count("\n") == 1 and said in err


def test_a_file_that_is_no_network_is_said_to_be_none(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "README.md").write_text("words")
    code, _, err = command(capsys, "check", "README.md")
    assert code == 2 and "README.md is no .onnx file" in err and "models list" in err
    assert "There is no network called mine.md" in command(capsys, "check", "mine.md")[2]
