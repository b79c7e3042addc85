"""The cookbook is true: its blocks run one after the other, as a reader runs them, and show what the pages show."""

import re
import shutil
from pathlib import Path

import pytest

from app import cache, patches
from tests import cookbook
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "COOKBOOK.md"
PAGES = sorted(cookbook.PAGES.glob("*.md"))
BLOCK = re.compile(r"((?:^<!--[^\n]*-->\n)*)^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def taken(tmp_path_factory) -> Path:
    """The patch taken away from the Patches page, as a file."""
    path = tmp_path_factory.mktemp("taken") / "SIMULATED_event171_demo.nc"
    patches.write(cache.load(cookbook.spec()), path)
    return path


@pytest.fixture
def place(tmp_path, monkeypatch, taken) -> Path:
    """Scarp's folder as a reader has it, with the patch taken away from the Patches page."""
    for name in ("app", "models"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copy(taken, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ran(page: Path) -> int:
    """Run the blocks of a page in one go; returns how many ran."""
    held: dict[str, object] = {}
    blocks = [text for marks, text in BLOCK.findall(page.read_text("utf-8")) if "not run here" not in marks]
    for number, block in enumerate(blocks):
        exec(compile(block, f"{page.name}, block {number}", "exec"), held)
    return len(blocks)


def test_every_block_of_the_cookbook_runs(place, capsys):
    assert ran(PAGE) >= 9
    assert "f1" in capsys.readouterr().out
    assert (place / "change.gpkg").stat().st_size > 0


@pytest.mark.parametrize("page", [one for one in PAGES if one.stem != "README"], ids=lambda page: page.stem)
def test_a_page_shows_the_code_of_the_application_and_its_blocks_run(place, page):
    text = page.read_text("utf-8")
    assert cookbook.written(text) == text, "write it anew: python -m tests.cookbook"
    assert ran(page) >= 2


def test_every_page_is_named_on_the_first_and_every_snippet_stands_on_one():
    first = (cookbook.PAGES / "README.md").read_text("utf-8")
    assert set(re.findall(r"\((\w+\.md)\)", first)) == {page.name for page in PAGES} - {"README.md"}
    used = {name for page in PAGES for _, name in cookbook.MARKED.findall(page.read_text("utf-8"))}
    assert used == set(cookbook.CODE)
