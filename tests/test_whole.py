"""Files appear whole or not at all, several writers of one target do not meet, and what the dead left is swept."""

import os
import signal
import stat
import subprocess
import sys
import threading
import time

import pytest

from app import files
from app.errors import InputError, PatchFileError
from app.files import whole
from tests.conftest import ROOT
from tests.full_disk import files_up_to

LONG_AGO = time.time() - whole.STALE_S - 60


def test_a_file_is_put_in_place_and_nothing_lies_beside_it(tmp_path):
    files.put(tmp_path / "a.json", b"first")
    files.put(tmp_path / "a.json", b"second")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.json", b"second")]


def test_what_fails_while_it_is_written_leaves_the_old_file(tmp_path):
    target = tmp_path / "a.json"
    target.write_bytes(b"old")
    with pytest.raises(KeyError), files.placed(target) as beside:
        beside.write_bytes(b"half")
        raise KeyError
    with files_up_to(1000), pytest.raises(OSError):
        files.put(target, bytes(100_000))
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.json", b"old")]


ENDED = """
import resource, signal, sys
from pathlib import Path
from app import files
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
files.put(Path(sys.argv[1]), bytes(100_000))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits to the size of a file")
def test_a_process_that_is_ended_in_the_middle_of_writing_leaves_the_old_file(tmp_path):
    target = tmp_path / "held"
    target.write_bytes(b"old")
    ended = subprocess.run([sys.executable, "-c", ENDED, str(target)], cwd=ROOT, check=False)
    (half,) = (one for one in tmp_path.iterdir() if one != target)
    assert ended.returncode == -signal.SIGXFSZ and half.stat().st_size == 1000  # by the system, at once: like kill -9
    assert target.read_bytes() == b"old" and half.name.startswith(".part-")


def test_a_folder_is_put_in_place_or_removed(tmp_path):
    with files.placed(tmp_path / "whole") as beside:
        (beside / "inside").mkdir(parents=True)
    with pytest.raises(KeyError), files.placed(tmp_path / "half") as beside:
        (beside / "inside").mkdir(parents=True)
        raise KeyError
    assert [path.name for path in tmp_path.iterdir()] == ["whole"]


def test_two_who_write_the_same_file_at_once_each_write_their_own(tmp_path):
    target, both_write = tmp_path / "a.bin", threading.Barrier(2, timeout=30)
    faults = []

    def write(byte: bytes) -> None:
        try:
            with files.written_whole(target) as beside, beside.open("wb") as out:
                for _ in range(100):
                    both_write.wait()
                    out.write(byte * 1000)
                    out.flush()
        except Exception as error:
            faults.append(error)
            both_write.abort()

    writers = [threading.Thread(target=write, args=(byte,)) for byte in (b"a", b"b")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert not faults and target.read_bytes() in (b"a" * 100_000, b"b" * 100_000)
    assert list(tmp_path.iterdir()) == [target]


def test_a_draft_is_hidden_and_ends_as_its_target_does_however_long_the_name(tmp_path):
    for name in ("mask.tif", "\u00e4" * 125 + ".gpkg"):
        with files.placed(tmp_path / name) as beside:
            beside.write_bytes(b"x")
            assert beside.name.startswith(".") and beside.suffix == (tmp_path / name).suffix
        assert (tmp_path / name).read_bytes() == b"x"


def test_drafts_of_the_same_target_left_by_a_process_that_died_are_swept_others_stay(tmp_path):
    target = tmp_path / "a.tif"
    with files.draft(target) as beside, files.draft(tmp_path / "b.tif") as other:
        left, foreign = beside.with_name(beside.name), other.with_name(other.name)
    former, young = tmp_path / ".part-a.tif", tmp_path / f".part-{'0' * 16}-a.tif"
    for path in (left, foreign, former, young):
        path.write_bytes(b"half")
    for path in (left, foreign, former):
        os.utime(path, (LONG_AGO, LONG_AGO))
    with files.written_whole(target) as beside:
        beside.write_bytes(b"whole")
    assert set(tmp_path.iterdir()) == {target, foreign, young}
    files.sweep(tmp_path)
    assert set(tmp_path.iterdir()) == {target, young}


def test_sweeping_takes_folders_and_follows_no_link(tmp_path):
    kept, place = tmp_path / "kept", tmp_path / "place"
    (kept / "inside").mkdir(parents=True)
    (place / ".part-folder").mkdir(parents=True)
    (place / ".part-link").symlink_to(kept, target_is_directory=True)
    for path in place.iterdir():
        os.utime(path, (LONG_AGO, LONG_AGO), follow_symlinks=False)
    files.sweep(place)
    files.sweep(tmp_path / "never made")
    assert list(place.iterdir()) == [] and list(kept.iterdir()) == [kept / "inside"]


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_a_private_file_is_nobody_elses_from_its_first_byte(tmp_path):
    files.put(tmp_path / "mine", b"x", lasting=True, mode=0o600)
    assert stat.S_IMODE((tmp_path / "mine").stat().st_mode) == 0o600


@pytest.mark.parametrize("refused", [InputError, PatchFileError])
def test_a_place_that_cannot_be_written_is_said_in_one_sentence(tmp_path, refused):
    (tmp_path / "file").write_text("no folder")
    said = r"a.tif cannot be written \(.+\); choose another place"
    with pytest.raises(refused, match=said), files.written_whole(tmp_path / "file" / "a.tif", refused):
        pass
    with pytest.raises(InputError, match="is an address"), files.written_whole("s3://bucket/a.tif"):
        pass
