"""Sizes in words, and folders that can or cannot be written."""

import pytest

from app.files import size_words, unwritable
from tests.full_disk import files_up_to


@pytest.mark.parametrize(
    ("nbytes", "said"),
    [
        (0, "0 bytes"), (870, "870 bytes"), (1000, "1 kB"), (43_210, "43 kB"), (999_499, "999 kB"), (999_500, "1 MB"),
        (4_560_000, "4.6 MB"), (9_949_999, "9.9 MB"), (9_950_000, "10 MB"), (1_210_400_000, "1,210 MB"),
    ],
)  # fmt: skip
def test_a_size_is_in_the_unit_that_suits_it(nbytes, said):
    assert size_words(nbytes) == said


def test_a_folder_that_can_be_written_has_nothing_to_say_and_nothing_left_in_it(tmp_path):
    assert unwritable(tmp_path / "new" / "home") == ""
    assert list((tmp_path / "new" / "home").iterdir()) == []


def test_a_folder_that_cannot_be_made_says_why(tmp_path):
    (tmp_path / "file").write_text("no folder")
    assert unwritable(tmp_path / "file" / "home") == "Not a directory"


def test_a_full_disk_is_noticed(tmp_path):
    with files_up_to(1000):
        assert "large" in unwritable(tmp_path)
