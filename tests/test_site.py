"""The documentation hangs together: links and anchors lead somewhere, in the repository and in the site made of it.

mkdocs itself runs in `make docs`, strict, in an environment of its own; this is what can be told without it.
"""

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools import site

PAGES = [
    ROOT / "README.md", *(ROOT / name for name in site.BESIDE), *sorted((ROOT / "docs").rglob("*.md")),
]  # fmt: skip
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def text(page: Path) -> str:
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub, and the site, give the headings of a page."""
    titles = re.findall(r"^#{1,6} +(.+?) *$", text(page), re.MULTILINE)
    plain = [re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", title) for title in titles]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in plain}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_of_a_page_leads_to_a_file_and_a_heading_that_are_there(page):
    for link in _LINK.findall(text(page)):
        where, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            assert link.startswith(("https://", "http://127.0.0.1", "http://localhost", "mailto:")), link
            continue
        there = (page.parent / where).resolve() if where else page
        assert there.exists(), f"{named(page)}: {link}"
        assert not anchor or anchor in anchors(there), f"{named(page)}: {link}"


def test_every_page_of_docs_can_be_reached_from_the_first_ones():
    found, waiting = set(), [ROOT / "docs" / "README.md", ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        found.add(page)
        linked = {(page.parent / link.partition("#")[0]).resolve() for link in _LINK.findall(text(page))}
        waiting += [one for one in linked if one.suffix == ".md" and one.is_file() and one not in found]
    assert {named(page) for page in (ROOT / "docs").rglob("*.md")} <= {named(page) for page in found}


@pytest.mark.parametrize(
    ("page", "link", "led"),
    [
        ("MODELS.md", "../models/bit.md", "models/bit.md"), ("MODELS.md", "TRAINING.md#cdrl", "TRAINING.md#cdrl"),
        ("CONTRIBUTING.md", "docs/MODELS.md", "MODELS.md"), ("models/bit.md", "../docs/TRAINING.md", "../TRAINING.md"),
        ("cookbook/change.md", "../METRICS.md", "../METRICS.md"),
    ],
)  # fmt: skip
def test_links_of_the_repository_are_led_to_where_a_page_stands_in_the_site(page, link, led):
    assert site.led(page, link) == led


def test_what_a_browser_would_fetch_from_others_is_found_and_links_for_a_reader_are_not():
    html = '<link rel="stylesheet" href="https://fonts.example/css"><a href="https://doi.org/x">x</a><img src="a.png">'
    assert site.outside(html + '<script src="//cdn.example/a.js">') == [
        "https://fonts.example/css",
        "//cdn.example/a.js",
    ]


def test_pages_that_the_navigation_forgets_stand_under_more():
    config = site.on_config({"docs_dir": str(ROOT / "docs"), "nav": [{"Start": "README.md"}]})
    assert "METRICS.md" in config["nav"][-1]["More"] and "README.md" not in config["nav"][-1]["More"]
