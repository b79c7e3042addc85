"""How an SQLite file is written: readers and a writer beside each other (WAL) where its disk allows that."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

_MOUNTS = Path("/proc/self/mounts")
# whose processes may be on several machines, which share no memory: there WAL loses what it should keep
_OF_A_NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "lustre", "gpfs", "beegfs", "glusterfs",
                 "fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.rclone", "davfs", "ncpfs")  # fmt: skip


def chosen(engine: Engine) -> str:
    """Let an SQLite file be written ahead (WAL) where its disk allows that; returns why not as a sentence, or nothing.

    The choice stays with the file. A file that cannot be written is left as it is.
    """
    path = file_of(engine)
    if path is None:
        return ""
    disk = network_disk(path)
    found = _asked_for(engine, "delete" if disk else "wal")
    if disk:
        return (
            f"The review database lies on a network disk ({disk}), so that reviewers wait for one another. Several "
            "write faster, and safely from several machines, into a PostgreSQL (SCARP_DATABASE)."
        )
    return f"The disk of the review database allows no write-ahead log ({found} is used)." if found != "wal" else ""


def _asked_for(engine: Engine, wanted: str) -> str:
    """Ask for a way of writing, and return the one that is used; the one wanted where nobody can say."""
    engine.dispose()  # a file is taken back from WAL by the only connection to it
    try:
        with engine.connect() as connection:
            return str(connection.exec_driver_sql(f"PRAGMA journal_mode = {wanted}").scalar_one())
    except SQLAlchemyError:  # read-only, or somebody is at work there: the next start does it
        return wanted


def file_of(engine: Engine) -> Path | None:
    """Return the file of an SQLite database; None for one in memory, or at an address that says how it is read."""
    name = engine.url.database or ""
    return None if not name or name == ":memory:" or name.startswith("file:") else Path(name)


def network_disk(path: Path, mounts: Path = _MOUNTS) -> str:
    """Return of what kind the network disk is that a file lies on; empty for a disk of this machine."""
    try:
        told = [line.split(" ") for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines()]
    except OSError:
        return "network" if str(path).startswith(("\\\\", "//")) else ""
    there = os.path.realpath(path)
    met = [(place, kind) for _, place, kind, *_ in told if _is_in(there, place.replace("\\040", " "))]
    kind = max(met, key=lambda one: len(one[0]), default=("", ""))[1]
    return kind if kind in _OF_A_NETWORK else ""


def _is_in(there: str, place: str) -> bool:
    return there == place or there.startswith(place.rstrip("/") + "/")
