"""The recipes of CONTRIBUTING.md, each followed to the letter in a copy of Scarp."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.config import ROOT
from tests import tiny_networks

GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
COPIED = ("app", "pages", "static", "models", ".streamlit", "streamlit_app.py", "pyproject.toml")
RECIPES = re.findall(r"^### (Add .+?)\n(.*?)(?=^##)", GUIDE, re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```(\w+)(?: (as|into) (\S+))?(?: (after|instead of) ([^\n]+))?[^\n]*\n(.*?)^```$", re.M | re.S)
SHOWN = """
import sys
from streamlit.testing.v1 import AppTest
from app.ui import choices, frame
app = AppTest.from_file("streamlit_app.py", default_timeout=120).run()
app.session_state[choices.EVENT] = "171"
script = next(path for path, label, *_ in frame.PAGES if label == sys.argv[1])
app.switch_page(script).run()
assert not app.exception and app.metric[0].value, app.exception
"""


@pytest.fixture
def copy(tmp_path):
    """A copy of all that runs, with a network to bring beside it."""
    for name in COPIED:
        here = ROOT / name
        leave = shutil.ignore_patterns("vendor")  # what Python compiled goes along: all of it would be compiled anew
        shutil.copytree(here, tmp_path / name, ignore=leave) if here.is_dir() else shutil.copy(here, tmp_path / name)
    tiny_networks.put(tmp_path, tiny_networks.difference(), "mine")
    return tmp_path


def put(copy: Path, how: str, name: str, where: str, line: str, text: str) -> None:
    """Write a block as a file, after a line of one, or instead of that line."""
    path = copy / name
    if how == "as":
        assert not path.exists(), f"{name} is there already"
        path.write_text(text, encoding="utf-8")
        return
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    found = [at for at, held in enumerate(lines) if held.startswith(line)]
    assert len(found) == 1, f"{name} has {len(found)} lines that begin with {line!r}"
    at = found[0] if where == "instead of" else found[0] + 1
    lines[at : found[0] + 1] = [text]
    path.write_text("".join(lines), encoding="utf-8")


def run(copy: Path, *command: str) -> None:
    environment = {**os.environ, "SCARP_HOME": str(copy / "home"), "PYTHONPATH": str(copy)}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-800:]}\n{done.stderr[-2000:]}"


def follow(copy: Path, recipe: str) -> list[str]:
    """Do what a recipe says; returns the commands that ran."""
    ran = []
    for kind, how, name, where, line, text in BLOCK.findall(recipe):
        if how:
            put(copy, how, name, where, line, text)
        elif kind == "page":
            run(copy, sys.executable, "-c", SHOWN, text.strip())
            ran.append(text)
        elif kind == "sh":
            for command in text.splitlines():
                run(copy, "bash", "-c", command.replace("python", sys.executable, 1))
                ran.append(command)
    return ran


@pytest.mark.parametrize(("title", "recipe"), RECIPES, ids=[title for title, _ in RECIPES])
def test_a_recipe_leads_to_what_it_promises(copy, title, recipe):
    assert follow(copy, recipe), f"{title}: nothing shows that it worked"


def test_there_is_a_recipe_for_each_thing_that_is_added_often():
    assert [title for title, _ in RECIPES] == [
        "Add a spectral index", "Add a method", "Add a source", "Add a catalogue", "Add a choice that links carry",
        "Add a page", "Add a network",
    ]  # fmt: skip


def test_the_commands_and_files_it_names_are_there():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)", GUIDE)) <= targets
    for path in re.findall(r"`((?:app|tests|models|docs)/[\w/]+\.\w+)`|(tests/[\w/]+\.py)|\((docs/\w+\.md)\)", GUIDE):
        name = next(filter(None, path))
        assert (ROOT / name).exists() or name in ("tests/test_b.py",) or name.startswith("app/a/"), name
