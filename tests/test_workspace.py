import os
import threading
import time

import pytest

from app import config, workspace
from app.errors import InputError, WorkspaceError
from app.workspace import Workspace


@pytest.fixture
def mine(tmp_path) -> Workspace:
    return Workspace(workspace.new_id(), tmp_path)


def _age(one: Workspace, days: float) -> None:
    then = time.time() - days * 86_400
    os.utime(one.folder / "used", (then, then))


def test_what_is_kept_is_there_for_whoever_has_the_id(mine, tmp_path):
    mine.keep("reviewer", "Ada")
    mine.keep_file("inventory", b"id,latitude\n")
    again = Workspace(mine.id, tmp_path)
    assert (again.held("reviewer"), again.file("inventory")) == ("Ada", b"id,latitude\n")
    assert again.size == len('"Ada"') + len(b"id,latitude\n")


def test_another_id_finds_nothing(mine, tmp_path):
    mine.keep("reviewer", "Ada")
    other = Workspace(workspace.new_id(), tmp_path)
    assert other.held("reviewer") is None and other.file("inventory") is None and other.size == 0


@pytest.mark.parametrize("wrong", ["", "..", "../../etc", "A" * 32, "a" * 31, "a" * 33, f"{'a' * 32}\n", None, 7])
def test_nothing_but_an_id_names_a_workspace(wrong, tmp_path):
    assert not workspace.is_id(wrong)
    with pytest.raises(InputError):
        Workspace(wrong, tmp_path)


@pytest.mark.parametrize("wrong", ["", ".", "..", "../used", "a/b", "/etc/passwd", ".hidden", "x" * 101, "a\n"])
def test_no_name_leaves_the_folder(wrong, mine):
    for act in (lambda: mine.keep(wrong, 1), lambda: mine.keep_file(wrong, b""), lambda: mine.held(wrong)):
        with pytest.raises(InputError):
            act()


def test_the_id_stands_neither_in_the_path_nor_in_what_is_printed(mine):
    mine.keep("reviewer", "Ada")
    assert mine.id not in str(mine.folder) and mine.id not in repr(mine)


def test_nothing_is_made_on_disk_before_something_is_kept(mine, tmp_path):
    assert mine.held("reviewer") is None and mine.stamp("reviewer") == 0 and mine.used == 0
    mine.touch()
    assert list(tmp_path.iterdir()) == []


def test_others_on_the_machine_cannot_look_into_it(mine):
    mine.keep("reviewer", "Ada")
    assert mine.folder.stat().st_mode & 0o077 == 0


def test_none_forgets_a_value(mine):
    mine.keep("reviewer", "Ada")
    mine.keep("reviewer", None)
    assert mine.held("reviewer") is None


def test_what_would_go_beyond_the_limit_is_refused_and_the_old_stays(tmp_path):
    mine = Workspace(workspace.new_id(), tmp_path, most_bytes=1000)
    mine.keep_file("inventory", b"old")
    with pytest.raises(WorkspaceError, match="do not fit"):
        mine.keep_file("inventory", bytes(2000))
    assert mine.file("inventory") == b"old"


def test_all_workspaces_together_have_a_limit_too(tmp_path):
    Workspace(workspace.new_id(), tmp_path).keep_file("inventory", bytes(900))
    with pytest.raises(WorkspaceError, match="SCARP_WORKSPACES_GB"):
        Workspace(workspace.new_id(), tmp_path, most_bytes_together=1000).keep_file("inventory", bytes(200))


def test_a_value_of_a_megabyte_is_refused(mine):
    with pytest.raises(WorkspaceError, match="too many"):
        mine.keep("note", "x" * workspace.VALUE_BYTES)


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(WorkspaceError, match="cannot be kept"):
        Workspace(workspace.new_id(), tmp_path / "file").keep("reviewer", "Ada")


@pytest.mark.parametrize("broken", [b"", b"{", b"\xff\xfe"])
def test_a_value_that_cannot_be_read_is_none(broken, mine):
    mine.keep("reviewer", "Ada")
    (mine.folder / "reviewer.json").write_bytes(broken)
    assert mine.held("reviewer") is None


def test_of_many_that_write_at_once_the_last_one_counts_and_nothing_is_mixed(mine):
    texts = [letter * 20_000 for letter in "abcdef"]

    def write(text: str) -> None:
        for _ in range(10):
            mine.keep("note", text)

    writers = [threading.Thread(target=write, args=(text,)) for text in texts]
    for one in writers:
        one.start()
    while any(one.is_alive() for one in writers):
        assert mine.held("note") in (None, *texts)
    assert mine.held("note") in texts
    assert sorted(path.name for path in mine.folder.iterdir()) == ["note.json", "used"]


def test_a_value_kept_again_has_another_stamp(mine):
    mine.keep("note", 1)
    before = mine.stamp("note")
    time.sleep(0.02)
    mine.keep("note", 1)
    assert mine.stamp("note") != before != 0


def test_a_sweep_takes_what_nobody_has_used_for_long_and_nothing_else(tmp_path):
    old, new = (Workspace(workspace.new_id(), tmp_path) for _ in range(2))
    for one in (old, new):
        one.keep("reviewer", "Ada")
    _age(old, 91)
    _age(new, 89)
    assert workspace.sweep(tmp_path, 90) == 1
    assert old.held("reviewer") is None and new.held("reviewer") == "Ada"
    assert len(list(tmp_path.iterdir())) == 1


def test_looking_at_it_counts_as_use(mine, tmp_path):
    mine.keep("reviewer", "Ada")
    _age(mine, 91)
    mine.touch()
    assert workspace.sweep(tmp_path, 90) == 0


def test_a_sweep_takes_what_a_process_that_died_left(mine, tmp_path):
    mine.keep("reviewer", "Ada")
    left, young = mine.folder / ".part-old", mine.folder / ".part-young"
    for path in (left, young):
        path.write_bytes(b"half")
    os.utime(left, (1, 1))
    (tmp_path / ".leaving-1").mkdir()
    workspace.sweep(tmp_path, 90)
    assert not left.exists() and young.exists() and not (tmp_path / ".leaving-1").exists()


def test_a_sweep_of_no_folder_does_nothing(tmp_path):
    assert workspace.sweep(tmp_path / "none", 90) == 0


def test_removing_takes_everything_and_one_may_begin_anew(mine):
    mine.keep("reviewer", "Ada")
    (mine.folder / "networks").mkdir()
    mine.remove()
    assert not mine.folder.exists()
    mine.keep("reviewer", "Eve")
    assert mine.held("reviewer") == "Eve"


def test_the_settings_say_where_and_how_much(tmp_path):
    settings = config.read({"SCARP_HOME": str(tmp_path), "SCARP_WORKSPACE_GB": "0.5", "SCARP_WORKSPACE_DAYS": "7"})
    one = workspace.find(workspace.new_id(), settings)
    assert one.folder.parent == tmp_path / "workspaces" and one.most_bytes == 500_000_000
    assert settings.workspace_days == 7
