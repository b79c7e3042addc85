"""That Scarp's index formulas are those of the published catalogue of spectral indices.

Source: Montero et al. (2023), doi:10.1038/s41597-023-02096-0, through its package spyndex.
"""

import numpy as np
import pytest

from app.detection.indices import TABLE, at_both_dates
from tests.small import patch

spyndex = pytest.importorskip("spyndex", reason="the catalogue of spectral indices, spyndex, is not installed")

CALLED = {"BSI": "BI", "brightness": "BITM"}  # its names where they differ
LETTERS = {"B02": "B", "B03": "G", "B04": "R", "B08": "N", "B11": "S1", "B12": "S2"}
EVI = {"g": 2.5, "C1": 6.0, "C2": 7.5, "L": 1.0}  # Huete et al. (2002)


@pytest.mark.parametrize("name", TABLE)
def test_an_index_is_the_one_the_catalogue_publishes(name):
    rng = np.random.default_rng(5)
    bands = {band: (rng.uniform(0.02, 0.2, (4, 4)), rng.uniform(0.02, 0.2, (4, 4))) for band in LETTERS}
    one = patch(tuple(LETTERS), **bands)
    ours = at_both_dates(one, name)
    for when in (0, 1):
        values = {LETTERS[band]: pair[when] for band, pair in bands.items()}
        theirs = spyndex.computeIndex(CALLED.get(name, name), {**values, **(EVI if name == "EVI" else {})})
        held = np.clip(theirs, -1, 1)  # EVI runs away where its denominator nears zero; Scarp holds it
        np.testing.assert_allclose(ours[when], held, rtol=2e-5, atol=2e-6)
