"""Every command in the documentation is one that the program takes: parsed as it is typed, its names looked up.

Lines with what only a reader has (FILE, DIR, ...) are parsed with something in its place. What is cheap and needs no
network is run, on SIMULATED pairs.
"""

import json
import re
import shlex
from itertools import takewhile
from pathlib import Path

import pytest
import rasterio
from affine import Affine

from app import __main__ as command_line
from app import cache, inventory
from app.detection import methods
from app.grid import Grid
from app.patches import grid_of
from app.sources import open_source, spec_for, stac_catalogue
from tests.conftest import ROOT
from tests.test_site import PAGES, named

_TYPED = re.compile(r"^(?: {4,}|```\w*\n)?(?:\$ )?(?:\.venv/bin/)?python -m app (\w[^\n]*)$", re.MULTILINE)
_INLINE = re.compile(r"`(?:\.venv/bin/)?python -m app (\w[^`]*)`")
_MAKE = re.compile(r"(?:^ {4,}|`)make ([a-z-]+)", re.MULTILINE)
_OPEN = re.compile(r"\.\.\.|COMMAND")  # a text that names a command and not how it is called
_PLACE = re.compile(  # what only a reader has
    r"(FILE|DIR|OTHER|EVENT|NAME|PLACE|T1|T2|DEMS|ALL|DATED|PATCH|GLaD4CD)(\.\w+|/)?"
)
_FILE = re.compile(r".+\.(nc|tif|tiff|onnx|json|geojson|gpkg|csv|zip|SAFE|sqlite)")
_WRITTEN = ("--out", "--polygons")
RECIPES = "CONTRIBUTING.md"  # what these add is not there yet; tests/test_contributing.py follows them


def commands() -> list[tuple[str, str]]:
    """Return the page and the words of every command line, comments and pipes cut off, each line once."""
    found: dict[str, str] = {}
    for page in PAGES:
        text = re.sub(r" *\\\n *", " ", page.read_text(encoding="utf-8")) if named(page) != RECIPES else ""
        for said in [*_TYPED.findall(text), *_INLINE.findall(text)]:
            line = re.split(r"\s#\s|\s+[|>]\s|\s&&\s", said)[0].strip()
            if not _OPEN.search(line):
                found.setdefault(line, named(page))
    return [(page, line) for line, page in found.items()]


def listed(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, (list, tuple)) else [] if value is None else [str(value)]


@pytest.mark.parametrize(("page", "line"), commands(), ids=lambda text: text[:60])
def test_a_command_of_the_documentation_is_taken_as_it_is_typed(page, line):
    words = shlex.split(line)
    if len(words) == 1:  # named, not called
        assert words[0] in command_line.COMMANDS, page
        return
    try:
        given = command_line.parser().parse_args(words)
    except SystemExit:
        pytest.fail(f"{page}: python -m app {line}")
    for method in listed(getattr(given, "method", None)):
        assert _PLACE.fullmatch(method) or methods.parse(method), method
    source = getattr(given, "source", None)
    if source and not _PLACE.fullmatch(source):
        assert open_source(source).describe().name == source
    for said in listed(getattr(given, "option", None)):
        name, _, value = said.partition("=")
        assert name != "catalogue" or value in stac_catalogue.catalogues(), said
    event = getattr(given, "event", None)
    if isinstance(event, str) and not getattr(given, "inventory", None) and not _PLACE.fullmatch(event):
        assert event == "sample" or inventory.builtin().event(event)


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Path:
    """A folder with what the documentation's commands are about: a pair in files, heights, an outline."""
    place = tmp_path_factory.mktemp("desk")
    patch = cache.load(spec_for(inventory.builtin().event("171"), "demo", buffer_deg=0.003, heights=True))
    on = grid_of(patch)
    for name, when in (("before", 0), ("after", 1), ("t1", 0), ("t2", 1)):
        with rasterio.open(place / f"{name}.tif", "w", **profile(on, 5)) as file:
            for at, band in enumerate(("B02", "B03", "B04", "B08", "CLM"), start=1):
                file.write(patch[band].values[when].astype("float32"), at)
                file.set_band_description(at, band)
    with rasterio.open(place / "dem.tif", "w", **profile(on, 1)) as file:
        file.write(patch["DEM"].values.astype("float32"), 1)
    ring = [[22.1505, 45.2048], [22.1515, 45.2048], [22.1515, 45.2055], [22.1505, 45.2055], [22.1505, 45.2048]]
    (place / "scar.geojson").write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    return place


def profile(on: Grid, count: int) -> dict:
    return {"driver": "GTiff", "height": on.height, "width": on.width, "count": count, "dtype": "float32",
            "crs": on.crs, "transform": Affine(*on.transform)}  # fmt: skip


def runs_here(words: list[str], place: Path) -> bool:
    """Whether a command asks nobody, is about what lies in the folder, and takes no longer than it should."""
    if words[0] not in ("patch", "detect", "series", "scenes", "models", "cache", "review", "inventory"):
        return False
    if any(_PLACE.fullmatch(word) for word in words) or {"stac", "--composite", "--earlier"} & set(words):
        return False
    read = [word for at, word in enumerate(words) if _FILE.fullmatch(word) and words[at - 1] not in _WRITTEN]
    return all((place / word).exists() for word in read) and "/path/to" not in " ".join(words)


def test_what_asks_nobody_runs_in_the_order_in_which_it_is_read(desk, monkeypatch, capsys):
    monkeypatch.chdir(desk)
    ran = 0
    for page, line in commands():
        words = shlex.split(line)
        if len(words) > 1 and page != "docs/NETWORKS.md" and runs_here(words, desk):
            code = command_line.main(words)
            said = capsys.readouterr()
            assert code == 0, f"{page}: python -m app {line}\n{said.err[-500:]}"
            ran += 1
    assert ran >= 10


def test_the_network_that_is_worked_through_is_made_described_and_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "NETWORKS.md").read_text(encoding="utf-8")
    held: dict = {}
    for kind, text in re.findall(r"^```(\w+)\n(.*?)^```", page, re.DOTALL | re.MULTILINE):
        if kind == "json":
            Path("bared.json").write_text(text)
        elif kind == "python":
            exec(compile(text, "NETWORKS.md", "exec"), held)
        for line in text.splitlines() if kind == "sh" else ():
            assert command_line.main(shlex.split(line)[3:]) == 0, line
    said = capsys.readouterr().out
    assert "It can be run" in said and '"truth"' in said
    assert float(held["table"].loc[("onnx:./bared.onnx", "171"), "recall"]) > 0.5


def test_every_make_in_the_documentation_is_there():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {name for page in PAGES for name in _MAKE.findall(page.read_text("utf-8"))} <= targets


def test_every_module_that_is_run_by_hand_in_the_documentation_is_there():
    for page in PAGES:
        for name in re.findall(r"python -m ((?:models|tests|bench|tools)[\w.]*)", page.read_text("utf-8")):
            path = ROOT / name.replace(".", "/")
            assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), f"{named(page)}: {name}"


def test_every_setting_of_the_program_stands_in_the_documentation():
    read = re.findall(r"\"(SCARP_[A-Z0-9_]+)\"", (ROOT / "app" / "config.py").read_text(encoding="utf-8"))
    told = "".join(page.read_text("utf-8") for page in PAGES)
    assert [name for name in dict.fromkeys(read) if name not in told] == []


def measured(page: str) -> dict[str, list[str]]:
    """Return the rows of a page's table of speed: what was measured -> the other cells."""
    rows = (line for line in (ROOT / page).read_text("utf-8").partition("| what | measured")[2].splitlines()[2:])
    cells = ([one.strip() for one in line.strip("|").split("|")] for line in takewhile(str.strip, rows))
    return {re.sub(r" \(`bench\.[^`]*`\)", "", what): rest for what, *rest in cells}


def test_the_readme_quotes_of_speed_what_its_page_says():
    every, quoted = measured("docs/SPEED.md"), measured("README.md")
    assert len(quoted) > 5 and quoted == {what: every[what][:2] for what in quoted}


def test_each_number_of_speed_names_a_command_that_is_there():
    named = {rest[2].strip("`").split()[0] for rest in measured("docs/SPEED.md").values()}
    assert named <= {path.stem for path in (ROOT / "bench").glob("bench_*.py")}
