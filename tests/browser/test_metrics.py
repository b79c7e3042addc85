"""The Metrics page in a real Chromium: scored, a cell of the matrix opened, figures and tables taken away."""

import csv
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import opened_window

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("nothing_asked_of_the_outside")]

METHODS = "scored=band-difference:B04:0.05,rdndvi"
ABOUT = "SIMULATED data: simulated pairs of The built-in list, whole patch, n = 4 events"


def joined(text: str) -> str:
    """Words without what lies between them: a figure's title stands in lines."""
    return "".join(text.split())


def score(window, address: str = f"metrics?data=simulated&count=4&{METHODS}") -> None:
    window.open(address)
    window.page.get_by_role("button", name="Score these events").click()
    window.page.get_by_role("tab", name="Which is best?").wait_for()
    window.settle()


def section(window, name: str) -> None:
    window.page.get_by_role("tab", name=name, exact=True).click()
    window.settle()


def chart(window, name: str):
    return window.page.locator(f".st-key-figure-{name} .js-plotly-plot")


def test_events_are_scored_with_their_averages_named_and_the_answer_is_there_when_a_reader_comes_back(window):
    score(window)
    text = window.text()
    assert ABOUT in text and "3 more" not in text
    assert "Micro: all pixels pooled" in text and "Macro: mean over events" in text
    assert re.search(r"band-difference:B04:0.05 has the highest pooled F1, 0\.\d{3} over 4 events", text)
    window.shoot("metrics-best")
    window.go("Review")
    window.go("Metrics")
    assert ABOUT in window.text()  # nothing has to be pressed again


def test_a_clicked_cell_opens_the_picture_of_that_event_and_method_and_stands_in_the_link(window, browser):
    score(window)
    section(window, "Where does it fail?")
    assert "part=fail" in window.page.url
    cells = chart(window, "matrix").locator(".point")
    expect(cells).to_have_count(8)
    expect(choice(window, "Event")).to_have_value("0")
    expect(choice(window, "Method")).to_have_value("band-difference:B04:0.05")
    box = cells.nth(6).bounding_box()  # event 2, second method
    window.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(choice(window, "Event")).to_have_value("2")
    expect(choice(window, "Method")).to_have_value("rdndvi:20")
    window.settle()
    assert joined("SIMULATED data: event 2, rdndvi:20, whole patch, n = 1") in joined(window.text())
    expect(window.page.locator(".stage")).to_be_visible()
    window.shoot("metrics-fail")
    expect(window.page).to_have_url(re.compile("cell=2&by=rdndvi%3A20"))
    with opened_window(browser, window.address) as other:
        score(other, window.page.url.split("/", 3)[3])
        expect(choice(other, "Event")).to_have_value("2")
        expect(choice(other, "Method")).to_have_value("rdndvi:20")


def choice(window, label: str):
    return window.page.get_by_role("combobox", name=re.compile(rf"{label}\b"))


def test_a_figure_and_a_table_are_taken_away_with_what_they_are_of_in_them(window, tmp_path):
    score(window)
    for title, starts in (("PNG", b"\x89PNG"), ("SVG", b"<svg")):
        with window.page.expect_download() as arriving:
            window.page.get_by_role("button", name=f"F1 of each method with its interval as {title}").click()
        assert arriving.value.suggested_filename == f"SIMULATED_scores_ranking_whole.{title.lower()}"
        arriving.value.save_as(tmp_path / "figure")
        data = (tmp_path / "figure").read_bytes()
        assert data.startswith(starts)
    assert joined(ABOUT) in joined(re.sub("<[^>]+>", "", data.decode()))
    with window.page.expect_download() as arriving:
        window.page.locator(".st-key-table-files-micro").get_by_role("button", name="CSV").click()
    assert arriving.value.suggested_filename == "SIMULATED_scores_micro_whole.csv"
    arriving.value.save_as(tmp_path / "table.csv")
    (first, *_) = csv.DictReader((tmp_path / "table.csv").open(encoding="utf-8-sig"))
    assert first["method"] == "band-difference:B04:0.05" and first["simulated"] == "True"
    assert (first["n"], first["events"], first["region"]) == ("4", "4", "whole")


@pytest.mark.parametrize("folder", ["/no/such/folder", "https://example.org/data", "/vsicurl/x"])
def test_a_folder_that_holds_no_data_set_is_a_sentence(window, folder):
    window.open("metrics?data=folder")
    window.page.get_by_label("Folder with VALIDATION or TEST (A, B, LABEL)").fill(folder)
    window.page.keyboard.press("Enter")
    window.page.get_by_text(re.compile("There is no folder|not an address")).wait_for()


SECTIONS = ("Which is best?", "How sure?", "Which threshold?", "Where does it fail?", "Objects",
            "Which kinds?", "Bands")  # fmt: skip


def test_no_section_is_wider_than_a_small_window(window):
    window.page.set_viewport_size({"width": 900, "height": 900})
    score(window)
    for number, part in enumerate(SECTIONS):
        section(window, part)
        if part == "Bands":
            window.page.get_by_role("button", name="Compare the bands").click()
            chart(window, "bands").wait_for()
            window.settle()
        overflow = window.page.get_by_test_id("stMain").evaluate("(main) => main.scrollWidth - main.clientWidth")
        window.shoot(f"metrics-900-{number}")
        assert overflow <= 0, part


def test_scoring_that_was_stopped_says_so_and_goes_on_where_it_was(window):
    window.open("metrics?data=simulated&count=10&scored=onnx:bit")
    window.page.get_by_role("button", name="Score these events").click()
    window.page.get_by_role("button", name="Stop").click()
    window.page.get_by_text("What was scored by then is kept").wait_for()
    window.settle()
    assert "Which is best?" not in window.text()
    window.page.get_by_role("button", name="Score these events").click()
    window.page.get_by_role("tab", name="Which is best?").wait_for()
    window.settle()
    assert "whole patch, n = 10 events" in window.text()
