"""A report: what it says of an event, that it says where it is from, and that no text of a file becomes markup."""

import base64
import html
import io
import re
from dataclasses import replace
from datetime import date, datetime

import numpy as np
import pytest
from PIL import Image

from app import cache, report, truth
from app.detection import marking
from app.detection import run as detection
from app.grid import Grid
from app.inventory import builtin
from app.pictures import render
from app.report import figures, world
from app.review.records import Verdict
from app.scoring import metrics
from app.series.values import Point, Series
from app.sources import spec_for
from tests import small

METHOD = "band-difference:B04:0.05"
HOSTILE = "<script>alert(1)</script>\"'&"


def account(entries=(), composition="", **changed):
    """Return what there is to say of one simulated event, a small patch of it."""
    inventory = builtin()
    event = replace(inventory.event("171"), **changed)
    spec = spec_for(event, "demo", buffer_deg=0.003, heights=True)
    patch = cache.load(spec)
    return report.of_event(inventory, event, spec, patch, [marking.marked(patch, METHOD)], composition, entries)


def text_of(*accounts) -> str:
    return report.page(accounts, "Report").decode("utf-8")


def test_a_simulated_scene_is_called_so_on_every_picture_and_in_the_heading():
    page = text_of(account())
    assert "SIMULATED SCENES" in page
    assert page.count('<span class="mark">SIMULATED</span>') == page.count("<img ")


def test_one_event_begins_under_the_heading_and_several_on_pages_of_their_own():
    one = account()
    assert '<header class="alone">' in text_of(one) and '<header class="alone">' not in text_of(one, one)


def test_a_real_scene_is_nowhere_called_simulated():
    from app.sources import open_source

    event = open_source("sample").describe().event
    spec = spec_for(event, "sample", buffer_deg=0.002)
    patch = cache.load(spec)
    said = report.of_event(builtin(), event, spec, patch, [marking.marked(patch, METHOD)])
    assert "SIMULATED" not in text_of(said)
    assert "Inventory" not in dict(said.provenance)  # the place stands in none


def test_no_text_of_an_inventory_or_a_reviewer_becomes_markup():
    verdict = Verdict(
        "R <b>", builtin().name, "171", "confirmed", HOSTILE, "demo", "2022-09-17", "2023-02-24", True,
        made_at=datetime(2026, 1, 2, 3, 4),
    )  # fmt: skip
    page = text_of(account([verdict], category=HOSTILE))
    assert "<script" not in page
    assert "R <b>" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "2026-01-02 03:04" in page


def test_a_report_asks_for_nothing_beside_it():
    page = text_of(account())
    assert set(re.findall(r'(?:src|href)="([a-z]+:|#)', page)) == {"data:", "#"}
    assert "url(" not in page


def test_a_pair_of_visible_bands_alone_has_the_change_of_red():
    (one,) = figures.changes(small.patch(("B02", "B03", "B04")))
    assert one.title == "Change of B04"
    assert figures.changes(small.patch(("B02", "B03"))) == ()


def test_years_have_a_dot_for_each_measured_date_and_a_line_for_each_day_known():
    points = [
        Point(date(2017, 7, 1), 0.8, True, "a"), Point(date(2018, 7, 1), 0.2, False, "b"),
        Point(date(2019, 7, 1), 0.4, True, "c"), Point(date(2019, 8, 1), float("nan"), False, "d"),
    ]  # fmt: skip
    days = {"T1": date(2017, 7, 1), "event": None, "T2": date(2019, 7, 1)}
    held = report.followed(Series("NDVI", tuple(points), simulated=True), "the median", days)
    assert held.drawing.count('<circle class="clear"') == 2 and held.drawing.count('<circle class="cloudy"') == 1
    assert held.drawing.count('class="day"') == 2 and ">2018<" in held.drawing and ">event<" not in held.drawing
    assert held.told.startswith("SIMULATED: 2 clear dates of 4, the median.")
    page = text_of(replace(account(), years=held))
    assert "NDVI over the years" in page and held.drawing in page
    assert report.followed(Series("NDVI", ()), "the median", days).drawing == ""


def test_what_was_found_is_coloured_as_the_scores_count_it():
    patch = small.patch(truth=np.array([[1, 1, 0, 255]] * 4, np.uint8), B04=(0.1, [[0.1, 0.9, 0.9, 0.9]] * 4))
    found = detection.mask(detection.detect(patch, METHOD))
    landslide, known = truth.read(patch)
    counts = metrics.confusion(found, landslide, known)
    picture = np.asarray(Image.open(io.BytesIO(figures.detected(patch, found, "").data)))
    for colour, number in (
        (render.HIT_COLOUR, counts.tp), (render.FALSE_COLOUR, counts.fp), (render.MISS_COLOUR, counts.fn),
        (render.METHOD_COLOURS[0], 4),
    ):  # fmt: skip
        assert int((picture == colour).all(axis=-1).sum()) == number


def test_the_figures_against_the_truth_are_those_of_the_command():
    said = dict(account().found[0].facts)
    patch = cache.load(spec_for(builtin().event("171"), "demo", buffer_deg=0.003))
    found = detection.detect(patch, METHOD)
    landslide, known = truth.read(patch)
    counts = metrics.confusion(detection.mask(found), landslide, found.clear & known)
    assert f"F1 {counts.f1:.3f}" in said["Against the truth"]


@pytest.mark.parametrize("latitude", [0.0, 45.0, -60.0])
def test_a_scale_bar_is_as_long_as_it_says(latitude):
    grid = Grid(10.0, latitude, 0.00009, 0.00009, 222, 222)
    scale = figures.scale_of(grid)
    length = float(scale.bar.split()[0].replace(",", "")) * (1000 if scale.bar.endswith("km") else 1)
    assert scale.share * grid.pixel_m[0] * grid.width == pytest.approx(length)
    assert 0.1 < scale.share <= 0.3


def test_an_event_without_a_patch_says_why_and_keeps_the_rest():
    inventory = builtin()
    page = text_of(report.without_patch(inventory, inventory.event("0"), "no date & no scene"))
    assert "no date &amp; no scene" in page
    assert "Event 0" in page
    assert "<img" not in page


def test_verdicts_that_could_not_be_read_are_not_called_none():
    unread, unjudged = text_of(account(None), account(None)), text_of(account(()))
    assert unread.count("could not be read") == 4 and "Nobody has judged" not in unread  # in the table as well
    assert "Nobody has judged" in unjudged and "could not be read" not in unjudged


def test_verdicts_that_a_blind_review_hides_are_not_called_none():
    told = replace(account(), hidden=2)
    for page in (text_of(told), text_of(told, told), report.deck([told], "Deck").decode()):
        assert "2 verdicts of others hidden" in page and "until one's own is in" in html.unescape(page)
        assert "Nobody has judged" not in page and "none yet" not in page


def test_several_events_come_with_a_table_of_what_was_found():
    page = text_of(account(), account())
    assert page.count('href="#event') == 2
    assert page.count('id="event') == 2


def test_the_ground_is_shown_where_heights_are_known():
    assert [one.title for one in account().terrain] == ["Hillshade", "Slope"]


def test_a_composition_that_was_asked_for_is_shown():
    said = account(composition="NDVI")
    assert "NDVI" in said.dates[0].note


def test_pictures_are_whole_images():
    page = text_of(account())
    for encoded in re.findall(r'src="data:image/png;base64,([^"]+)"', page):
        Image.open(io.BytesIO(base64.b64decode(encoded))).verify()


def test_the_dot_stands_where_the_event_is():
    drawn = world.near(37.0, 36.6)
    left, top, width, height = map(float, re.search(r'viewBox="([^"]+)"', drawn)[1].split())
    assert (left + width / 2, top + height / 2) == pytest.approx((36.6, -37.0), abs=0.01)
    assert 'cx="36.6000" cy="-37.0000"' in drawn
