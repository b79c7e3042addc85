"""How an SQLite file of verdicts is written: ahead where its disk allows it, and copied whole at any time."""

import sqlite3

import pytest

from app.review import Reviews, journal, verdicts
from tests.many_reviewers import verdict


def mode(path) -> str:
    with sqlite3.connect(path) as held:
        return held.execute("PRAGMA journal_mode").fetchone()[0]


def test_a_reader_does_not_wait_for_a_writer(tmp_path, monkeypatch):
    monkeypatch.setattr(verdicts, "_WAIT_S", 0.2)
    reviews = Reviews(f"sqlite:///{tmp_path / 'review.sqlite'}")
    reviews.add(verdict())
    assert reviews.remark == "" and mode(tmp_path / "review.sqlite") == "wal"
    writer = sqlite3.connect(tmp_path / "review.sqlite", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    assert reviews.count() == 1
    writer.execute("COMMIT")
    writer.close()


def test_on_a_network_disk_nothing_is_written_ahead_and_a_sentence_says_so(tmp_path, monkeypatch):
    path = tmp_path / "review.sqlite"
    before = Reviews(f"sqlite:///{path}")
    before.add(verdict())
    before._engine.dispose()
    verdicts._engine.cache_clear()
    monkeypatch.setattr(journal, "network_disk", lambda path: "nfs4")
    reviews = Reviews(f"sqlite:///{path}")
    assert "network disk (nfs4)" in reviews.remark and mode(path) == "delete"
    reviews.add(verdict())
    assert reviews.count() == 2


@pytest.mark.parametrize(
    ("path", "kind"), [("/data/a.sqlite", ""), ("/data/team/a.sqlite", "nfs4"), ("/data/teams/a.sqlite", ""),
                       ("/with space/a.sqlite", "cifs")],
)  # fmt: skip
def test_a_disk_is_that_of_the_nearest_mount(tmp_path, path, kind):
    mounts = tmp_path / "mounts"
    mounts.write_text("a / ext4 rw 0 0\nb /data/team nfs4 rw 0 0\nc /with\\040space cifs rw 0 0\n")
    assert journal.network_disk(tmp_path.__class__(path), mounts) == kind


def test_a_copy_made_while_somebody_writes_is_one_file_with_every_entry(tmp_path):
    reviews = Reviews(f"sqlite:///{tmp_path / 'review.sqlite'}")
    for n in range(5):
        reviews.add(verdict(note=str(n)))
    reviews.backup(tmp_path / "copy.sqlite")
    assert [one.name for one in tmp_path.glob("copy*")] == ["copy.sqlite"] and mode(
        tmp_path / "copy.sqlite"
    ) == "delete"
    assert {one.note for one in Reviews(f"sqlite:///file:{tmp_path / 'copy.sqlite'}?mode=ro&uri=true").all()} == set(
        "01234"
    )


def test_the_file_alone_holds_every_entry_while_scarp_runs(tmp_path):
    reviews = Reviews(f"sqlite:///{tmp_path / 'review.sqlite'}")
    reviews.add(verdict())
    reviews.add(verdict())
    (tmp_path / "alone.sqlite").write_bytes((tmp_path / "review.sqlite").read_bytes())
    with sqlite3.connect(tmp_path / "alone.sqlite") as alone:
        assert alone.execute("SELECT count(*) FROM verdicts").fetchone() == (2,)
