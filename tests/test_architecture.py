"""The house keeps its order: imports point one way, Streamlit stays in its rooms, and few modules stand loose."""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from app.config import ROOT

# from the ground up: a package imports those before it and itself, never one after it
ORDER = (
    "ground", "inventory", "simulate", "detection", "pictures", "sources", "cache", "review", "export", "scoring",
    "testsets", "commands", "ui", "pages",
)  # fmt: skip
# packages of the ground: what stored numbers mean, files before they are opened, masks, files on this machine
GROUND = ("values", "stored", "masks", "files")
LOOSE_MOST = 16  # modules that stand in app/ itself
RUNS_COMMANDS = "app.__main__"  # loads them by name
STARTS_STREAMLIT = "app.serve"


@cache
def modules() -> dict[str, Path]:
    """Return every module of the application by its dotted name."""
    paths = [*(ROOT / "app").rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "streamlit_app.py"]
    named = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in paths}
    return {name.removesuffix(".__init__"): path for name, path in named.items()}


def imported(path: Path) -> Iterator[str]:
    """Yield the dotted names a module imports, those for types alone and those inside functions as well."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def edges() -> dict[str, set[str]]:
    """Return which of our own modules each module imports."""
    found: dict[str, set[str]] = {name: set() for name in modules()}
    for name, path in modules().items():
        for target in imported(path):
            inner = target if target in found else target.rpartition(".")[0]
            if inner in found and inner not in (name, "app"):
                found[name].add(inner)
    return found


def room(name: str) -> str:
    """Return the package a module belongs to; ``ground`` for those that stand in ``app/`` itself."""
    first, *rest = name.split(".")
    if first != "app":
        return "pages"
    inside = rest and (ROOT / "app" / rest[0]).is_dir() and rest[0] not in GROUND
    return rest[0] if inside else "ground"


def test_no_module_imports_itself_by_way_of_others():
    TopologicalSorter(edges()).prepare()  # raises CycleError, which names the circle


def test_every_package_has_its_place_in_the_order():
    assert {room(name) for name in modules()} == set(ORDER)


@pytest.mark.parametrize("name", sorted(set(modules()) - {RUNS_COMMANDS}))
def test_a_module_imports_from_its_own_package_or_those_below(name):
    level = ORDER.index(room(name))
    above = sorted(target for target in edges()[name] if ORDER.index(room(target)) > level)
    assert not above, f"{name} imports {', '.join(above)}, which stands above it"


def test_streamlit_is_met_in_the_pages_and_in_app_ui_only():
    met = {name for name, path in modules().items() if any(one.split(".")[0] == "streamlit" for one in imported(path))}
    assert {room(name) for name in met - {STARTS_STREAMLIT}} <= {"ui", "pages"}


def test_the_application_never_meets_torch():
    assert not [name for name, path in modules().items() if any(one.split(".")[0] == "torch" for one in imported(path))]


def test_coordinates_go_from_one_reference_system_to_another_in_one_place():
    crossing = {name for name, path in modules().items() if "pyproj.Transformer" in set(imported(path))}
    assert crossing == {"app.grid"}


def test_few_modules_stand_loose_in_app():
    loose = sorted(path.name for path in (ROOT / "app").glob("*.py"))
    assert len(loose) <= LOOSE_MOST, ", ".join(loose)
