"""The +1000 of baseline 04.00 is taken off where numbers and papers agree, and nowhere else."""

import numpy as np
import pytest

from app.values import offsets
from app.values.units import Date, StoredBand

CLEAR = np.ones((20, 20), bool)
GROUND = np.random.default_rng(1).uniform(0.02, 0.3, (20, 20)).astype(np.float32)


def dates(shift: float, *, digital: bool = True, side: int = 20) -> list[Date]:
    """Return T1, and T2 brighter by ``shift`` in three bands, read as digital numbers or not."""
    names = ("B02", "B03", "B04")
    pair = [
        Date(name, {band: StoredBand(GROUND[:side, :side] + by) for band in names})
        for name, by in (("T1", 0.0), ("T2", shift))
    ]
    for one in pair:
        one.digital |= set(names) if digital else set()
    return pair


@pytest.mark.parametrize("newer", [[False, True], [True, False]])
def test_the_date_that_is_newer_and_brighter_by_a_thousand_loses_it_and_says_so(newer):
    pair = dates(0.1 if newer[1] else -0.1)
    assert offsets.take_off(pair, CLEAR, newer) == []
    brighter, other = pair[newer.index(True)], pair[newer.index(False)]
    for band, stored in brighter.bands.items():
        assert stored.values == pytest.approx(other.bands[band].values, abs=1e-6)
    assert brighter.doubts[0].startswith(f"{brighter.name}: 1,000 was subtracted") and other.doubts == []


@pytest.mark.parametrize(
    ("pair", "newer"),
    [
        (dates(0.1), [False, False]),  # both from before
        (dates(0.1), [None, True]),  # nothing says when T1 was processed
        (dates(0.1, digital=False), [False, True]),  # reflectance already
        (dates(0.2), [False, True]),  # another shift
    ],
    ids=["both old", "not told", "no digital numbers", "another shift"],
)
def test_what_is_not_certain_stays_as_it_is(pair, newer):
    before = {band: stored.values.copy() for band, stored in pair[1].bands.items()}
    assert offsets.take_off(pair, CLEAR, newer) == []
    assert all(np.array_equal(stored.values, before[band]) for band, stored in pair[1].bands.items())
    assert pair[0].doubts == pair[1].doubts == []


def test_where_there_is_too_little_to_see_an_offset_in_the_papers_alone_are_told():
    (note,) = offsets.take_off(dates(0.0, side=5), CLEAR[:5, :5], [False, True])
    assert "subtract it first unless that was done" in note
