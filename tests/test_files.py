"""Sizes in words, folders that can or cannot be written, and archives that cannot be unpacked."""

import io
import os
import zipfile

import pytest

from app.errors import InventoryError
from app.files import UNREADABLE, keep_private, size_words, unwritable
from app.inventory import read
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


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_an_archive_with_a_damaged_file_in_it_is_unreadable_and_not_a_fault_of_scarp(packing):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        archive.writestr("doc.kml", "<kml>" + "".join(f"<Placemark>{n}</Placemark>" for n in range(999)))
    data = bytearray(out.getvalue())
    data[60:200] = b"\xff" * 140
    with zipfile.ZipFile(io.BytesIO(data)) as archive, pytest.raises(UNREADABLE):
        archive.read("doc.kml")
    with pytest.raises(InventoryError, match="damaged zip archive"):
        read(bytes(data), "slides.kmz")


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no such modes")
@pytest.mark.parametrize(("was", "is_now"), [(None, 0o600), (0o644, 0o640), (0o660, 0o660), (0o600, 0o600)])
def test_what_is_kept_private_is_for_its_owner_and_never_for_everybody(tmp_path, was, is_now):
    path = tmp_path / "file"
    if was is not None:
        path.write_text("held")
        path.chmod(was)
    before = os.umask(0)
    try:
        keep_private(path)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == is_now and path.read_text() == ("" if was is None else "held")
