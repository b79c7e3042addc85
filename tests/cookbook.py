"""Write the code that the cookbook's pages share with "Show the code" into docs/cookbook: `python -m tests.cookbook`.

A block under a line ``<!-- code: NAME -->`` is what the snippet of that name gives; every other block is written by
hand. ``tests/test_cookbook.py`` fails where a page is not what this would write, and runs the blocks.
"""

import re
from collections.abc import Callable
from datetime import date

import numpy as np
import xarray as xr

from app import cache
from app import inventory as lists
from app.library import plain_pair, plain_steps, snippets
from app.patches import PatchSpec
from app.pictures import render
from app.sources import sample, spec_for
from tests.conftest import ROOT

PAGES = ROOT / "docs" / "cookbook"
MARKED = re.compile(r"(<!-- code: (\S+) -->\n)```python\n.*?^```$", re.DOTALL | re.MULTILINE)
DIFFERENCE, DROP, NETWORK = "band-difference:B04:0.05", "index-drop:NDVI:0.2", "onnx:bit"


def spec(**asked) -> PatchSpec:
    """Return the patch of the built-in event 171 that the pages are about."""
    return spec_for(lists.builtin().event("171"), "demo", **asked)


def opened(**asked) -> list[str]:
    listed = lists.builtin()
    return snippets.patch(spec(**asked), listed.event("171"), listed)


def hub() -> list[str]:
    """Return xcube-sh's lines for the pair of the thesis that the tests of that source ask for."""
    asked = PatchSpec("sentinelhub", "2", (-121.44, 35.854, -121.42, 35.874), date(2017, 5, 17), date(2017, 5, 27),
                      bands=("B02", "B03", "B04", "B08"))  # fmt: skip
    return plain_pair.pair(asked, xr.Dataset(attrs={"cloud_mask": "CLM of Sentinel Hub"}))


def stac() -> list[str]:
    """Return odc-stac's lines for a pair as the page would give them, of scenes named by hand."""
    asked = PatchSpec("stac", "x", (-11.55, 24.75, -11.53, 24.77), date(2020, 2, 19), date(2022, 3, 15),
                      bands=("B02", "B03", "B04", "B08"), options=(("catalogue", "earth-search"),))  # fmt: skip
    said = {"t1_scenes": "S2A_29RKH_20200219_0_L2A", "t1_offset": "0", "t2_scenes": "SCENE-OF-T2", "t2_offset": "0"}
    days = np.array(["2020-02-19", "2022-03-15"], "datetime64[ns]")
    return plain_pair.pair(asked, xr.Dataset(attrs=said, coords={"time": days}))


def stored() -> list[str]:
    """Return the lines that lay the sample, a stored NetCDF file, on a patch's grid."""
    asked = spec_for(sample.source().describe().event, "sample", buffer_deg=0.005, bands=("B02", "B03", "B04", "B08"))
    return plain_pair.pair(asked, cache.load(asked))


def found(*methods: tuple[str, float, float, int]) -> tuple[list[str], list[str]]:
    """Return the lines with and without Scarp that detect: method, threshold, smallest area and opening."""
    asked = [(*one, 0.0) for one in methods]
    return snippets.detections(asked), plain_steps.detections(cache.load(spec()), asked)


def drawn(composition: str) -> list[str]:
    return plain_steps.pictures(composition, render.stretch_for(cache.load(spec()), composition))


def scored() -> tuple[list[str], list[str]]:
    names = [(DIFFERENCE, 0.05), (DROP, 0.2)]
    ours = snippets.scores([name for name, _ in names], "whole", "171")
    return ours, plain_steps.scores(cache.load(spec()), names)


CODE: dict[str, Callable[[], list[str]]] = {
    "inventory": lambda: snippets.inventory(lists.builtin()),
    "pair": opened,
    "pair-xcube-sh": hub,
    "pair-odc-stac": stac,
    "pair-stored": stored,
    "pair-taken-away": lambda: plain_pair.pair(spec(), cache.load(spec())),
    "composite": lambda: opened(bands=("B04", "B08"), t1_from=date(2022, 8, 1), composite="median"),
    "pictures": lambda: snippets.pictures("true-colour", ""),
    "pictures-plain": lambda: plain_steps.pictures(
        "true-colour", render.stretch_for(cache.load(spec()), "true-colour")
    ),
    "difference": lambda: found((DIFFERENCE, 0.05, 500.0, 1))[0],
    "difference-plain": lambda: found((DIFFERENCE, 0.05, 500.0, 1))[1],
    "index-plain": lambda: found((DROP, 0.2, 0.0, 0))[1],
    "network": lambda: found((NETWORK, 0.2, 0.0, 0))[0],
    "network-plain": lambda: found((NETWORK, 0.2, 0.0, 0))[1],
    "scores": lambda: scored()[0],
    "scores-plain": lambda: scored()[1],
    "simulated-pairs": lambda: snippets.pairs(lists.builtin(), 2),
}


def written(page: str) -> str:
    """Return a page with the code of today; raises KeyError for a name there is no snippet of."""

    def block(held: re.Match[str]) -> str:
        lines = CODE[held[2]]()
        ours = any("scarp." in line for line in lines)
        text = snippets.script(lines) if ours else snippets.plain_script(lines)
        return f"{held[1]}```python\n{text}```"

    return MARKED.sub(block, page)


if __name__ == "__main__":
    for path in sorted(PAGES.glob("*.md")):
        path.write_text(written(path.read_text(encoding="utf-8")), encoding="utf-8")
