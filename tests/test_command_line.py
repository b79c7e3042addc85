"""``python -m app``: whatever goes wrong, a person reads one line, and a program a number."""

import json
import os
import subprocess
import sys

import pytest

from app import __main__ as command_line
from app import config, files
from app.commands import terminal
from app.errors import InputError, NetworkError
from tests.conftest import ROOT


def run(*arguments: str, **options) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "app", *arguments]
    return subprocess.run(command, cwd=ROOT, text=True, timeout=60, stderr=subprocess.PIPE, **options)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no device that is always full")
def test_output_that_nobody_can_keep_is_one_line():
    with open("/dev/full", "w") as full:
        done = run("inventory", "--json", stdout=full)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "No space left" in done.stderr


def test_an_output_that_was_closed_takes_nothing_along():
    called = ["sh", "-c", '"$0" -m app inventory --json 2>&-; "$0" -m app inventory >&-', sys.executable]
    told = subprocess.run(called, cwd=ROOT, text=True, capture_output=True, timeout=120, check=False)
    assert (told.returncode, told.stderr) == (0, "") and json.loads(told.stdout)["events"] == 10


def test_the_version_is_one_line_of_its_own(capsys):
    with pytest.raises(SystemExit) as ended:
        command_line.main(["--version"])
    assert (ended.value.code, capsys.readouterr()) == (0, (f"{config.software()}\n", ""))


def test_a_reader_who_has_seen_enough_is_no_fault():
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as nobody:
        done = run("inventory", stdout=nobody)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (PermissionError(13, "Permission denied", "/data/list.csv"), "refuses /data/list.csv (Permission denied)"),
        (MemoryError(), "memory ran out"),
        (KeyError("B04"), "an unforeseen fault (KeyError: 'B04'). SCARP_LOG=DEBUG"),
    ],
)
def test_what_nobody_foresaw_is_one_line_too(monkeypatch, capsys, error, sentence):
    def fail(args):
        raise error

    monkeypatch.setattr("app.commands.inventory.run", fail)
    monkeypatch.setattr(command_line, "_write_nothing_more", lambda: None)  # it would end the output of all tests
    assert command_line.main(["inventory"]) == 2
    said = capsys.readouterr().err
    assert sentence in said and said.count("\n") == 1


def test_a_folder_is_no_place_for_the_inventory(capsys, tmp_path):
    assert command_line.main(["fetch", "inventory", "--out", str(tmp_path)]) == 2
    assert "is a folder; name the file" in capsys.readouterr().err
    assert command_line.main(["fetch", "inventory", "--out", "."]) == 2


@pytest.mark.parametrize("text", ["~nobody-has-this-name/list.csv", "a\0b"])
def test_a_path_that_no_system_has_is_a_sentence(text):
    with pytest.raises(InputError, match="is no path on this machine"):
        files.at_home(text)


def test_a_home_that_nobody_has_is_a_sentence_for_a_network_too():
    from app.detection.network import registry

    with pytest.raises(NetworkError, match="is no path on this machine"):
        registry.find("~nobody-has-this-name/net.onnx")


def test_a_terminal_shows_a_bar_and_a_pipe_nothing(monkeypatch, capsys):
    terminal.progress(0.5, "reading")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    for share, bar in ((0.0, "." * 20), (0.5, "#" * 10 + "." * 10), (1.0, "#" * 20)):
        terminal.progress(share, "reading\x1b[2J")
        assert capsys.readouterr().err.endswith(f"[{bar}] {share:4.0%} reading\ufffd[2J" + "\n" * (share == 1))


def test_a_terminal_obeys_no_text_of_a_file():
    assert terminal.printable("event \x1b[2J\r41\n") == "event \ufffd[2J\ufffd41\ufffd"


def test_a_name_the_terminal_has_no_letters_for_is_escaped(tmp_path):
    listed = tmp_path / "l\u00eeste.csv"
    listed.write_text("id,name,latitude,longitude,date\n1,\u65e5\u672c,47.1,8.5,2019-05-03\n", encoding="utf-8")
    done = run("inventory", str(listed), stdout=subprocess.PIPE, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "l\\xeeste.csv" in done.stdout
