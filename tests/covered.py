"""How many lines the tests reach, by package: ``python -m tests.covered FILE...``, of files that coverage wrote."""

import sys
from collections import defaultdict
from pathlib import PurePath

from app.config import ROOT

LINE = "{:<24} {:>7} {:>7} {:>6}"


def room(file: str) -> str:
    """Return the package a file is counted under: ``app/scoring`` of ``app/scoring/curves.py``."""
    parts = PurePath(file).parts
    return "/".join(parts[:2]) if parts[0] == "app" and len(parts) > 2 else parts[0]


def table(counts: dict[str, tuple[int, int]]) -> str:
    """Return lines and lines reached of each package as text, from those of each file, with the total last."""
    packages: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for file, (lines, reached) in counts.items():
        for name in (room(file), "total"):
            packages[name] = (packages[name][0] + lines, packages[name][1] + reached)
    last = packages.pop("total", (0, 0))
    rows = [LINE.format("package", "lines", "reached", "share")]
    for name, (lines, reached) in [*sorted(packages.items()), ("total", last)]:
        rows.append(LINE.format(name, lines, reached, f"{reached / lines:.1%}" if lines else "-"))
    return "\n".join(rows)


def counted(files: list[str]) -> dict[str, tuple[int, int]]:
    """Return how many lines each module has and how many of them were reached, joined from coverage's files."""
    from coverage import Coverage

    joined = Coverage(data_file=None)
    joined.combine(files, keep=True)
    found = {}
    for path in sorted(joined.get_data().measured_files()):
        _, lines, _, missing, _ = joined.analysis2(path)
        found[PurePath(path).relative_to(ROOT).as_posix()] = (len(lines), len(lines) - len(missing))
    return found


if __name__ == "__main__":
    print(table(counted(sys.argv[1:])))
