"""The table of line coverage that ends CI's run."""

from coverage import Coverage

from tests import covered
from tests.conftest import ROOT


def test_lines_are_counted_by_package_with_the_total_last():
    counts = {
        "app/bands.py": (10, 10),
        "app/scoring/a.py": (6, 3),
        "app/scoring/deep/b.py": (4, 2),
        "pages/c.py": (0, 0),
    }
    told = [row.split() for row in covered.table(counts).splitlines()]
    assert told == [
        ["package", "lines", "reached", "share"], ["app", "10", "10", "100.0%"], ["app/scoring", "10", "5", "50.0%"],
        ["pages", "0", "0", "-"], ["total", "20", "15", "75.0%"],
    ]  # fmt: skip


def test_what_two_runs_reached_is_joined(tmp_path):
    module = ROOT / "app" / "limits.py"
    for name, lines in (("one", [3]), ("two", [4])):
        held = Coverage(data_file=str(tmp_path / name)).get_data()
        held.add_lines({str(module): lines})
        held.write()
    lines, reached = covered.counted([str(tmp_path / "one"), str(tmp_path / "two")])["app/limits.py"]
    assert reached == 2 < lines
