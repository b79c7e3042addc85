"""The cookbook is true: its blocks run one after the other, as a reader runs them."""

import re

from tests.conftest import ROOT

PAGE = ROOT / "docs" / "COOKBOOK.md"


def test_every_block_of_the_cookbook_runs(tmp_path, monkeypatch, capsys):
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.S | re.M)
    assert len(blocks) >= 9
    monkeypatch.chdir(tmp_path)
    held: dict[str, object] = {}
    for number, block in enumerate(blocks):
        exec(compile(block, f"COOKBOOK.md, block {number}", "exec"), held)
    said = capsys.readouterr().out
    assert "f1" in said
    assert (tmp_path / "change.gpkg").stat().st_size > 0
