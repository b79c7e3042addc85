"""Sizes in words: never none where there is something."""

import pytest

from app.files import size_words


@pytest.mark.parametrize(
    ("nbytes", "said"),
    [
        (0, "0 bytes"), (870, "870 bytes"), (1000, "1 kB"), (43_210, "43 kB"), (999_499, "999 kB"), (999_500, "1 MB"),
        (4_560_000, "4.6 MB"), (9_949_999, "9.9 MB"), (9_950_000, "10 MB"), (1_210_400_000, "1,210 MB"),
    ],
)  # fmt: skip
def test_a_size_is_in_the_unit_that_suits_it(nbytes, said):
    assert size_words(nbytes) == said
