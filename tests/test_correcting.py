"""Corrected truth on the Metrics page: offered where there is any, said of every number, and never unasked."""

from dataclasses import replace

import numpy as np
from streamlit.testing.v1 import AppTest

from app.inventory import builtin
from app.review import Reviews, corrected
from app.sources import spec_for
from app.ui import choices
from tests.many_reviewers import verdict
from tests.test_pages import ENTRY, assert_sound, visit, words

ASKED = {choices.EVENT: "171", choices.SCORED: ["band-difference:B04:0.05"]}


def keep_corrected(reviews: Reviews):
    event = builtin().event("171")
    grid = spec_for(event, "demo").grid
    mask = np.zeros(grid.shape, bool)
    mask[:20, :20] = True
    held = replace(
        verdict(), event="171", latitude=event.latitude, longitude=event.longitude, simulated=True, verdict="bad-label",
        geometry=corrected.geometry_of(mask, grid),
    )  # fmt: skip
    return reviews.add(held)


def switch(app: AppTest):
    return [one for one in app.toggle if one.label.startswith("Corrected truth")]


def metrics(**more) -> AppTest:
    return visit(AppTest.from_file(ENTRY, default_timeout=60).run(), "metrics", **{**ASKED, **more})


def test_without_a_corrected_outline_nothing_is_offered(reviews):
    app = metrics()
    assert_sound(app)
    assert not switch(app)


def test_corrected_truth_is_taken_when_it_is_chosen_and_said(reviews):
    keep_corrected(reviews)
    app = metrics()
    (one,) = switch(app)
    assert one.label == "Corrected truth, of 1 of 1 event" and not one.value
    before = words(app)
    assert "truth corrected" not in before
    one.set_value(True).run()
    assert_sound(app)
    after = words(app)
    assert "event 171, truth corrected in 1 of 1 event, whole patch" in after
    assert "is the outline that A\\. Expert corrected" in after or "is the outline that A. Expert corrected" in after


def test_an_outline_that_was_taken_back_is_none(reviews):
    reviews.take_back(keep_corrected(reviews), "A. Expert")
    assert not switch(metrics())


def test_a_link_that_asks_for_corrected_truth_is_read(reviews):
    keep_corrected(reviews)
    app = metrics(**{choices.CORRECTED: True})
    assert "truth corrected in 1 of 1 event" in words(app)
