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
    "ground", "terrain", "inventory", "simulate", "detection", "pictures", "sources", "cache", "series", "review",
    "export", "scoring", "report", "library", "testsets", "lessons", "batch", "commands", "ui", "pages",
)  # fmt: skip
# packages of the ground: what stored numbers mean, files before they are opened, masks, files on this machine, and who
# may ask for what
GROUND = ("grid", "patches", "rasters", "values", "stored", "masks", "files", "processes", "visitors")
LOOSE_MOST = 13  # modules that stand in app/ itself
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


def test_the_picture_of_the_architecture_shows_what_is_imported():
    from tests import drawn_architecture

    assert drawn_architecture.picture() in drawn_architecture.PAGE.read_text(encoding="utf-8"), (
        "draw it anew: python -m tests.drawn_architecture"
    )


def test_streamlit_is_met_in_the_pages_and_in_app_ui_only():
    met = {name for name, path in modules().items() if any(one.split(".")[0] == "streamlit" for one in imported(path))}
    assert {room(name) for name in met - {STARTS_STREAMLIT}} <= {"ui", "pages"}


def test_the_application_never_meets_torch():
    assert not [name for name, path in modules().items() if any(one.split(".")[0] == "torch" for one in imported(path))]


def test_coordinates_go_from_one_reference_system_to_another_in_one_place():
    crossing = {name for name, path in modules().items() if "pyproj.Transformer" in set(imported(path))}
    assert crossing == {"app.grid.pixels"}


def test_few_modules_stand_loose_in_app():
    loose = sorted(path.name for path in (ROOT / "app").glob("*.py"))
    assert len(loose) <= LOOSE_MOST, ", ".join(loose)


def test_no_two_public_classes_share_a_name():
    paths = [*(ROOT / "app").rglob("*.py"), *(ROOT / "models").rglob("*.py")]
    where: dict[str, list[str]] = {}
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                where.setdefault(node.name, []).append(path.relative_to(ROOT).as_posix())
    assert {name: met for name, met in where.items() if len(met) > 1} == {}


# --- every module has the test of its name -------------------------------------------------
#
# The test of ``app.a.b`` is tests/test_b.py, or tests/test_a_b.py where another module is called ``b`` as well;
# that of ``models.a`` is tests/test_a.py or tests/test_models_a.py. What has none is listed here: a module, or a
# package for all its modules without one, with the tests that meet it and why these are enough.
TESTED_BY = {
    "app.__main__": (("command_line",), "it is the whole command line"),
    "app.batch": (("batch", "cluster", "following"), "an event is planned, done, written and counted by all of it"),
    "app.cache": (("cache",), "entries are opened, kept and evicted through the front alone"),
    "app.sources.stac_files": (("sources_stac", "stac_heights"), "scenes and heights are read by it"),
    "app.commands.cache": (("fetch",), "it lists, checks and clears what was fetched"),
    "app.commands.event_pairs": (("commands_export", "commands_report"), "both open and detect by it"),
    "app.commands.inventory_file": (("commands_inventory",), "every command with an inventory takes it so"),
    "app.commands.merge": (("merging",), "it lists and writes what merging finds"),
    "app.commands.propose": (("proposing",), "it keeps and writes what the searches find"),
    "app.commands.review": (("verdict_files",), "it writes, reads and compares what the files hold"),
    "app.commands.serve": (("classroom",), "what it serves and prints is the class's"),
    "app.commands.terminal": (("command_line",), "what it hides and prints is seen in what the commands print"),
    "app.detection.elsewhere": (("laid_beside",), "files are brought, kept, found and laid by all of it"),
    "app.detection.index_change": (("indices", "threshold"), "each index is detected with as every method is"),
    "app.detection.marking": (("report", "event_folder"), "what reports and folders hold goes through it"),
    "app.detection.large_outlines": (("large",), "what windows give is held against the whole"),
    "app.detection.strips": (("large",), "what windows give is held against the whole"),
    "app.detection.network": (("network_files", "network_run"), "a file is looked through, then run, by all of it"),
    "app.detection.run": (("threshold", "network_run"), "every test of a method runs it"),
    "app.errors": (("command_line",), "sentences without code of their own"),
    "app.export.panels": (("figure",), "the parts of a figure are seen in it"),
    "app.values.cells": (("export",), "every table that is taken away goes through it"),
    "app.values.fill": (("units",), "it is taken out on the way to reflectance"),
    "app.export.folders": (("glad4cd", "kept_polygons"), "what both write goes through it"),
    "app.export.archives": (("images",), "one function, which zips what was written"),
    "app.export.tables": (("export",), "the front is all of it"),
    "app.files": (("files", "cache"), "the front is all of it, and addresses lead to the cache"),
    "app.inventory": (
        ("inventory", "inventory_files", "inventory_schemas", "inventory_formats"),
        "a table is read by all of it or by none of it",
    ),
    "app.report": (("report",), "what is gathered, drawn and written of an event is read on one page"),
    "app.grid": (("grid",), "what a grid says of the ground takes all of it"),
    "app.lessons": (("bench_scenes", "course", "glossary"), "a step is a scene of the bench, asked for in its words"),
    "app.library.plain_network": (("plain_steps",), "its lines are among the steps, and are run there"),
    "app.library": (("library",), "each function is called as a notebook calls it"),
    "app.masks.reading": (("masks",), "the front is what reads"),
    "app.pictures.thumbnail": (("strip",), "the strip shows nothing else"),
    "app.patches": (("patches",), "a patch is named, built, stored and asked through the front alone"),
    "app.processes": (("processes",), "a process is asked, watched and kept by all of it"),
    "app.export.coco": (("verdict_files",), "one of the files that are written and read again"),
    "app.rasters": (("rasters",), "a pair is written, opened and read through the front alone"),
    "app.review.migrations": (("schema",), "Alembic runs them from every edition to the last"),
    "app.review": (("review",), "an entry is written, read again and counted by all of it"),
    "app.scoring": (
        ("commands_evaluate", "groups", "results"), "what is scored, known and published is asked for by the scores",
    ),
    "app.series.season_step": (("breaks",), "what is fitted is told as breaks"),
    "app.series.earlier": (("season",), "dates of earlier years are chosen and attached for that method alone"),
    "app.series.tables": (("commands_series",), "a series is written and told as the command does"),
    "app.simulate": (("simulate",), "the world is one: what holds of a pixel comes from all its parts"),
    "app.sources": (
        ("sources_stac", "sources_sentinelhub", "fetch"), "parts of a source, met by fetching from a service",
    ),
    "app.sources.own": (("own_pair", "own_pair_page"), "a pair is understood by all of it, or by none of it"),
    "app.sources.files": (("own_pair_page",), "what it opens again was brought on a page"),
    "app.stored": (("netcdf", "cache"), "files are opened through their checks and through the cache"),
    "app.testsets": (("models_data", "testsets"), "pairs are made from all of it"),
    "app.ui": (("pages", "links", "kept"), "drawn on every page and read there, as a reader does"),
    "app.ui.compare": (("inspector", "pictures"), "read on the Compare page"),
    "app.ui.detect": (("detect_page", "pages"), "read on the Detect page"),
    "app.ui.inventory": (("inventory_page", "timeline", "following"), "read on the Inventory page"),
    "app.ui.learn": (("learn_page", "quiz"), "read on the Learn page"),
    "app.ui.metrics": (("metrics_page",), "read on the Metrics page"),
    "app.ui.patches": (("pages", "links"), "read on the Patches page"),
    "app.ui.review": (("review_page",), "read on the Review page"),
    "app.visitors.permits": (("visitors",), "the front is what decides"),
    "models": (("models_data", "models_export", "scar", "train"), "what trains and writes a network, met by training"),
}  # fmt: skip


def words(name: str) -> str:
    return name.removeprefix("app.").replace(".", "_")


@cache
def written() -> dict[str, Path]:
    """Return every module of ``app`` and ``models`` that holds more than a sentence about itself."""
    models = {f"models.{path.stem}": path for path in (ROOT / "models").glob("*.py")}
    ours = {name: path for name, path in modules().items() if name.startswith("app.")} | models
    return {name: path for name, path in ours.items() if len(ast.parse(path.read_text(encoding="utf-8")).body) > 1}


def called(name: str) -> set[str]:
    """Return what the test of a module may be called."""
    parts = name.removeprefix("app.").split(".")
    endings = {".".join(parts[at:]) for at in range(len(parts))}
    others = {other.removeprefix("app.") for other in written()} - {".".join(parts)}
    shared = {end for end in endings for other in others if other == end or other.endswith(f".{end}")}
    return {end.replace(".", "_") for end in endings - shared} | {words(name)}


def files_of_tests() -> dict[str, Path]:
    return {path.stem.removeprefix("test_"): path for path in (ROOT / "tests").glob("test_*.py")}


def own_test(name: str) -> bool:
    return bool(called(name) & set(files_of_tests()))


def keeper(name: str) -> str:
    """Return the entry of ``TESTED_BY`` that is nearest to a module, empty without one."""
    parts = name.split(".")
    return next((at for n in range(len(parts), 0, -1) if (at := ".".join(parts[:n])) in TESTED_BY), "")


@pytest.mark.parametrize("name", sorted(written()))
def test_a_module_has_the_test_of_its_name_or_is_listed_with_the_reason(name):
    assert own_test(name) or keeper(name), f"{name} needs tests/test_{words(name)}.py, or its place in TESTED_BY"


@pytest.mark.parametrize("listed", sorted(TESTED_BY))
def test_what_is_listed_lacks_a_test_of_its_own_and_is_met_by_those_named(listed):
    kept = {name for name in written() if keeper(name) == listed and not own_test(name)}
    assert kept, f"{listed} has all its tests; take it out of TESTED_BY"
    met = set().union(*(reached(one) for one in TESTED_BY[listed][0]))
    assert kept <= met, f"{', '.join(sorted(kept - met))}: not met by {', '.join(TESTED_BY[listed][0])}"


def reached(test: str) -> set[str]:
    """Return the modules that a test names, or that those name, and so on; one that drives the pages names them all."""
    path = files_of_tests()[test]
    found, waiting = (
        set(),
        named(path) | ({name for name in modules() if room(name) == "pages"} if drives(path) else set()),
    )
    while waiting:
        found |= waiting
        waiting = set().union(*(named(every()[name]) for name in waiting)) - found
    return found


def every() -> dict[str, Path]:
    return modules() | written()


@cache
def named(path: Path) -> set[str]:
    """Return which of our modules a file imports, or names in a text, as tables of modules to load do."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    asked = {*imported(path), *texts}
    found = {name for one in asked for name in (one, one.rpartition(".")[0]) if name in every()}
    if RUNS_COMMANDS in {*found, *(name for name, at in every().items() if at == path)}:
        found |= {name for name in every() if name.startswith("app.commands.")}
    return found


def drives(path: Path) -> bool:
    return bool({"streamlit.testing.v1.AppTest", "tests.test_pages.visit"} & set(imported(path)))
