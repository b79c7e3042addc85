"""Every program of Scarp refuses in one line and with one exit code."""

import subprocess
import sys

import pytest

from app import arguments
from app.config import ROOT


def test_wrong_use_is_one_line_that_names_the_program_and_its_help(capsys):
    made = arguments.Parser(prog="python -m app.made")
    command = made.add_subparsers(required=True).add_parser("paint")
    command.add_argument("--side", type=int)
    with pytest.raises(SystemExit) as ended:
        made.parse_args(["paint", "--side", "wide"])
    assert ended.value.code == arguments.UNUSABLE == 2
    assert capsys.readouterr().err == (
        "python -m app.made paint: argument --side: invalid int value: 'wide'. "
        "`python -m app.made paint --help` lists what it takes.\n"
    )


def test_a_missing_word_is_asked_for_by_the_words_there_are(capsys):
    made = arguments.Parser(prog="python -m app.made")
    made.add_argument("do", choices=("list", "check"))
    with pytest.raises(SystemExit):
        made.parse_args([])
    assert "required: {list,check}." in capsys.readouterr().err


def test_options_stand_before_between_and_after_words():
    made = arguments.Parser(prog="python -m app.made")
    command = made.add_subparsers(required=True).add_parser("models")
    command.add_argument("do", choices=("list", "check"))
    command.add_argument("file", nargs="?")
    command.add_argument("--suggest", action="store_true")
    command.add_argument("--of", action="append", default=[])
    for words in (
        "check --suggest --of B04 x.onnx",
        "--suggest check --of B04 x.onnx",
        "check x.onnx --of B04 --suggest",
    ):
        found = made.parse_args(["models", *words.split()])
        assert (found.do, found.file, found.suggest, found.of) == ("check", "x.onnx", True, ["B04"])


def test_what_is_not_known_is_refused_wherever_it_stands(capsys):
    made = arguments.Parser(prog="python -m app.made")
    made.add_argument("do")
    made.add_argument("file", nargs="?")
    made.add_argument("--json", action="store_true")
    for words in (["check", "--jsom", "x"], ["check", "--json", "x", "y"]):
        with pytest.raises(SystemExit):
            made.parse_args(words)
        assert "unrecognized arguments" in capsys.readouterr().err


def test_a_program_that_cannot_go_on_says_why_in_one_line(capsys):
    assert arguments.refused("python -m app.made", "no room") == arguments.UNUSABLE
    assert capsys.readouterr() == ("", "python -m app.made: no room\n")


@pytest.mark.parametrize("module", ["app", "app.serve"])
def test_the_programs_take_their_arguments_so(module):
    called = [sys.executable, "-m", module, "--no-such-option"]
    done = subprocess.run(called, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"python -m {module}: ") and done.stderr.count("\n") == 1
