"""Detected polygons one by one: a name follows from pixels and place, and what was kept is the corrected detection."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from app.errors import GridError
from app.grid import UNPLACED, Grid
from app.review import corrected, pieces
from tests.many_reviewers import verdict

GRID = Grid(36.0, 37.0, 0.00009, 0.00009, 12, 10)


def mask() -> np.ndarray:
    """Return three polygons: of six pixels, of two that meet at a corner, of one."""
    found = np.zeros(GRID.shape, bool)
    found[1:3, 1:4] = found[6, 6] = found[7, 7] = found[9, 11] = True
    return found


def found(least: float = 0.0) -> list[pieces.Piece]:
    return pieces.pieces(mask(), np.where(mask(), 0.5, 0).astype(np.float32), GRID, least)


def test_polygons_come_largest_first_with_pixels_that_meet_at_a_corner_as_one():
    every = found()
    assert [one.pixels for one in every] == [6, 2, 1]
    assert (np.logical_or.reduce([one.mask for one in every]) == mask()).all()
    assert all(one.score == pytest.approx(0.5) for one in every)
    assert [one.pixels for one in found(every[1].area_m2)] == [6, 2]


def test_a_name_follows_from_pixels_and_place_whatever_else_is_detected():
    names = [one.subject for one in found()]
    assert names == [one.subject for one in found()] and len(set(names)) == 3
    alone = np.zeros(GRID.shape, bool)
    alone[1:3, 1:4] = True
    (one,) = pieces.pieces(alone, np.zeros(GRID.shape, np.float32), GRID)
    assert one.subject == names[0]
    (moved,) = pieces.pieces(np.roll(alone, 1, 1), np.zeros(GRID.shape, np.float32), GRID)
    (elsewhere,) = pieces.pieces(alone, np.zeros(GRID.shape, np.float32), replace(GRID, west=37.0))
    assert len({one.subject, moved.subject, elsewhere.subject}) == 3


def test_nothing_detected_is_no_polygon_and_a_plane_without_a_place_a_sentence():
    nothing = np.zeros(GRID.shape, bool)
    assert pieces.pieces(nothing, np.zeros(GRID.shape, np.float32), GRID) == []
    with pytest.raises(GridError, match="no known place"):
        pieces.pieces(nothing, np.zeros(GRID.shape, np.float32), replace(GRID, crs=UNPLACED))


def entry(n: int, piece: pieces.Piece, said: str = "confirmed", **more):
    facts = {
        "kind": "polygon", "subject": piece.subject, "verdict": said, "method": "band-difference:B04:0.05",
        "geometry": corrected.geometry_of(piece.mask, GRID), "uid": f"u{n}",
        "made_at": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=n),
    }  # fmt: skip
    return replace(verdict(), **(facts | more))


def test_what_is_kept_is_the_union_of_the_polygons_whose_newest_verdict_keeps_them():
    first, second, third = found()
    entries = [
        entry(5, second, "rejected", reviewer="B"), entry(3, third), entry(2, second), entry(1, first),
        entry(0, first, method="other"),
    ]  # fmt: skip
    one, *others = pieces.kept(entries)
    assert others == [] and one.method == "band-difference:B04:0.05"
    assert (one.mask == (first.mask | third.mask)).all() and one.dropped == 1 and len(one.verdicts) == 2


def test_where_all_were_dropped_the_mask_is_empty_and_where_nobody_looked_there_is_none():
    (one,) = pieces.kept([entry(1, found()[0], "rejected")])
    assert not one.mask.any() and one.dropped == 1
    assert pieces.kept([replace(verdict(), uid="e")]) == []
    assert pieces.kept([entry(1, found()[0], geometry="")]) == []


def test_a_reader_meets_their_own_verdicts_on_polygons_alone():
    first, second, _ = found()
    entries = [entry(2, second, reviewer="B"), entry(1, first), replace(verdict(), uid="e")]
    assert set(pieces.judged(entries, "A. Expert")) == {first.subject}
