"""Outlines of a truth judged one by one: dropped is no landslide, wrongly drawn is unknown, the newest counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from app.errors import TruthMissingError
from app.inventory import builtin
from app.review import corrected, team, truths
from app.scoring import corrections, known
from app.scoring.cases import Case, MasksWithTruth, PatchWithTruth
from tests import small
from tests.many_reviewers import verdict

METHOD = "band-difference:B04:0.05"
LABEL = np.array([[1, 0, 0, 1], [0, 0, 0, 0], [1, 1, 0, 0], [0, 0, 255, 0]], np.uint8)


def entry(n: int, where: tuple[slice, slice], said: str, **more):
    mask = np.zeros(small.GRID.shape, bool)
    mask[where] = LABEL[where] == 1
    place = builtin().event("171")
    facts = {
        "kind": "truth", "subject": f"s{where}", "verdict": said, "event": "171", "simulated": False, "uid": f"u{n}",
        "latitude": place.latitude, "longitude": place.longitude, "geometry": corrected.geometry_of(mask, small.GRID),
        "made_at": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=n),
    }  # fmt: skip
    return replace(verdict(), **(facts | more))


FIRST, SECOND, THIRD = np.s_[0:1, 0:1], np.s_[0:1, 3:4], np.s_[2:3, 0:2]


def told(*entries):
    (one,) = corrections.of_inventory(corrections.of_entries(entries[::-1]), builtin(), simulated=False).values()
    return one


def test_dropped_outlines_are_no_landslide_and_shifted_ones_are_unknown():
    one = told(entry(1, FIRST, "rejected"), entry(2, SECOND, "bad-label", note="shifted"), entry(3, THIRD, "confirmed"))
    opened = corrections.applied(Case("171", lambda: PatchWithTruth(small.patch(truth=LABEL)), key="k"), one).open()
    assert opened.patch["truth"].values.tolist() == [[0, 0, 0, 255], [0] * 4, [1, 1, 0, 0], [0, 0, 255, 0]]
    found = opened.compare(METHOD)
    assert found.truth.sum() == 2 and not found.valid[0, 3] and found.valid[0, 0]
    assert "1 count as no landslide and 1 as unknown" in opened.notes[-1]


def test_masks_made_elsewhere_are_changed_on_their_own_pixels():
    fine = MasksWithTruth(np.ones((8, 8), np.uint8), LABEL.repeat(2, 0).repeat(2, 1), grid=small.GRID.finer(2))
    one = told(entry(1, THIRD, "rejected"))
    truth = corrections.applied(Case("171", lambda: fine), one).open().truth
    assert (truth == 1).sum() == 8 and not truth[4:6, :4].any()


def test_the_newest_verdict_on_an_outline_counts_and_another_name_follows():
    first, kept = entry(1, FIRST, "rejected"), entry(2, FIRST, "confirmed", reviewer="B")
    assert truths.judged([kept, first]) == {}
    again = entry(3, FIRST, "rejected", reviewer="C")
    assert corrections.key("k", told(first, kept, again)) != corrections.key("k", told(first))


def test_a_label_that_was_drawn_anew_goes_before_judged_outlines():
    whole = entry(1, FIRST, "bad-label", kind="event", subject="")
    one = told(whole, entry(2, SECOND, "rejected"))
    assert one.verdict.kind == "event"


def test_where_the_truth_is_not_known_nothing_is_made_up():
    with pytest.raises(TruthMissingError, match="truth is not known here"):
        corrections.onto(small.patch(), told(entry(1, FIRST, "rejected")))


def test_an_outline_that_cannot_be_read_again_changes_nothing():
    assert truths.judged([entry(1, FIRST, "rejected", geometry='{"type":"Polygon","coordinates":[]}')]) == {}


def test_the_quality_of_outlines_says_what_is_wrong_with_them():
    entries = (
        entry(4, THIRD, "bad-label", note="incomplete"), entry(3, SECOND, "bad-label", note="shifted"),
        entry(2, FIRST, "confirmed", reviewer="B"), entry(1, FIRST, "confirmed"),
    )  # fmt: skip
    found = truths.quality_of(team.items(entries), builtin())
    assert (found.usable, found.events, found.reasons) == (1, 3, {"incomplete": 1, "shifted": 1})
    assert truths.said(found) == "1 of 3 judged outlines of the truth usable; 1 incomplete, 1 shifted"


def test_a_bad_outline_makes_its_event_doubtful_and_says_so():
    said = entry(1, FIRST, "bad-label", note="shifted")
    assert "judged an outline of it: bad label" in known.doubtful(builtin(), [said])["171"]
