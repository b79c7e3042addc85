"""The experts' verdicts in a database: entries are added, and none is ever changed or removed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from statistics import median
from threading import Lock
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    Select,
    case,
    create_engine,
    distinct,
    func,
    insert,
    literal,
    select,
    type_coerce,
)
from sqlalchemy import event as happening
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import NullType

from app.errors import InputError, ReviewError
from app.files import keep_private, written_whole
from app.review.journal import chosen as journalled
from app.review.journal import file_of
from app.review.records import UNDONE, Verdict, is_on, taking_back
from app.review.rows import moment, number, storable
from app.review.rows import verdict_of as _verdict
from app.review.schema import prepared
from app.review.standing import SAME_DEG
from app.review.table import TABLE, held, is_whole
from app.visitors import Deed, require

if TYPE_CHECKING:
    from app.inventory import Event, Inventory

_WAIT_S = 20  # for another process that writes: ten at once are served in less
_SQLITE = b"SQLite format 3\0"  # how each of its files begins
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_DOUBLE = timedelta(seconds=10)  # between the halves of a double click, with a page that is busy between them

T = TypeVar("T")


class Reviews:
    """The verdicts of one database; every method raises ReviewError where it cannot be used."""

    def __init__(self, database_url: str) -> None:
        self._engine = _engine(database_url)
        self._columns = held(self._engine)
        self._pressing = Lock()
        self.remark = _REMARKS.get(database_url, "")  # what to know of where it lies, as a sentence; empty: nothing

    def add(self, verdict: Verdict) -> Verdict:
        """Store a verdict and return it as it is stored; earlier ones on the same event stay.

        Its time is never before that of the reviewer's last one: under a clock that went back it would not count.
        """
        require(Deed.FILES)

        def work(connection: Connection) -> Verdict:
            now = datetime.now(UTC)
            made = replace(verdict, made_at=max(now, _last(connection, verdict.reviewer) or now), uid=uuid4().hex)
            connection.execute(insert(TABLE).values(_row(made)))
            return made

        return self._run(work, "the verdict was not stored")

    def add_pressed(self, verdict: Verdict) -> Verdict:
        """Store a verdict that a reader pressed a button for; the second half of a double click is the first again.

        It is where the reviewer said the same of the same thing last, ten seconds ago or less, and no more is said now.
        """
        with self._pressing:  # the halves of one click come from two threads of a page that has only just begun
            last = self._read(lambda query: query.where(TABLE.c.reviewer == storable(verdict.reviewer)).limit(1))
            return last[0] if last and _is_again(verdict, last[0]) else self.add(verdict)

    def take_back(self, entry: Verdict, reviewer: str) -> Verdict:
        """Store that a reviewer takes an entry of their own back; the entry itself stays, and no longer counts."""
        return self.add(taking_back(entry, reviewer))

    def add_all(self, entries: Iterable[Verdict]) -> int:
        """Store entries of another database under their own names and times, all or none; returns how many."""
        require(Deed.FILES)
        rows = [_row(one) for one in entries]
        if rows:
            self._run(lambda connection: connection.execute(insert(TABLE), rows), "no verdict was stored")
        return len(rows)

    def all(self) -> tuple[Verdict, ...]:
        """Return every entry, newest first; odd rows are among them, marked, and those that take others back."""
        return self._read(lambda query: query)

    def on(self, event: Event, *inventories: str) -> tuple[Verdict, ...]:
        """Return the entries on one event, newest first (see ``is_on``)."""
        there = TABLE.c.event == event.id  # few, and there is an index
        if {"latitude", "longitude"} <= set(self._columns):
            near = [TABLE.c[name].between(value - SAME_DEG, value + SAME_DEG)
                    for name, value in (("latitude", event.latitude), ("longitude", event.longitude))]  # fmt: skip
            there = there | (near[0] & near[1])
        found = self._read(lambda query: query.where(there))
        return tuple(one for one in found if is_on(one, event, *inventories))

    def of(self, reviewer: str) -> tuple[Verdict, ...]:
        """Return the entries of one reviewer, newest first."""
        return self._read(lambda query: query.where(TABLE.c.reviewer == storable(reviewer)))

    def judged(self, reviewer: str, inventory: Inventory) -> set[str]:
        """Return the ids of an inventory's events that a reviewer has judged as a whole, and not taken back."""
        query = _judged(reviewer, self._columns)
        rows = self._run(lambda connection: connection.execute(query).all(), "no verdict could be read")
        standing = [row for row in rows if row.given > row.back]
        return {one for one in (_event_of(row, inventory) for row in standing) if one is not None}

    def pace(self, reviewer: str, last: int = 50) -> float | None:
        """Return the median of the seconds that a reviewer's last verdicts took, None where none is known."""
        if "seconds" not in self._columns:
            return None
        column = TABLE.c.seconds
        known = (TABLE.c.reviewer == storable(reviewer)) & column.is_not(None)
        query = select(column).where(known).order_by(TABLE.c.id.desc()).limit(last)
        held = self._run(lambda connection: connection.execute(query).scalars().all(), "no verdict could be read")
        return median(held) if held else None

    def count(self) -> int:
        """Return how many entries there are."""
        query = select(func.count()).select_from(TABLE)
        return int(self._run(lambda connection: connection.execute(query).scalar_one(), "no verdict could be read"))

    def stamp(self) -> tuple[int, int]:
        """Return numbers that change with every entry: how many there are, and the last one's."""
        query = select(func.count(), func.coalesce(func.max(TABLE.c.id), 0)).select_from(TABLE)
        number, last = self._run(lambda connection: connection.execute(query).one(), "no verdict could be read")
        return int(number), int(last)

    def backup(self, path: Path) -> None:
        """Copy the database, as it is at one moment, into a new SQLite file; others may go on writing meanwhile.

        Raises InputError where the place cannot be written, is the database itself or a file that is no such copy,
        ReviewError for another database than SQLite.
        """
        if self._engine.dialect.name != "sqlite":
            raise ReviewError("Only an SQLite database is copied so; for PostgreSQL use pg_dump.")
        _require_no_loss(path, file_of(self._engine))

        def work(connection: Connection) -> None:
            with written_whole(path) as beside:
                keep_private(beside)
                with closing(sqlite3.connect(beside)) as copy:
                    connection.connection.driver_connection.backup(copy)  # type: ignore[union-attr]
                    copy.execute("PRAGMA journal_mode = DELETE")  # one file, which opens from a read-only disk too

        self._run(work, "no copy was made")

    def _read(self, narrowed: Callable[[Select], Select]) -> tuple[Verdict, ...]:
        # as the database holds them: one value that is no date or truth would end the reading of all
        def work(connection: Connection) -> Sequence[Mapping]:
            raw = [type_coerce(TABLE.c[name], NullType()).label(name) for name in self._columns if name != "id"]
            query = narrowed(select(*raw)).order_by(TABLE.c.id.desc())
            return connection.execute(query).mappings().all()

        found = [_verdict(row) for row in self._run(work, "no verdict could be read")]
        return tuple(sorted(found, key=_when, reverse=True))  # what was brought from elsewhere may be older

    def _run(self, work: Callable[[Connection], T], otherwise: str) -> T:
        try:
            if not is_whole(self._columns):  # as it was found: of an earlier edition, and not to be written then
                self._prepare()
            return self._tried(work)
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            sentence = f"The review database cannot be used ({_reason(error)}); {otherwise}. {_ADVICE}"
            raise ReviewError(sentence) from error

    def _tried(self, work: Callable[[Connection], T]) -> T:
        try:
            with self._engine.begin() as connection:
                return work(connection)
        except SQLAlchemyError:
            if is_whole(held(self._engine)):
                raise
        self._prepare()  # somebody took the file away, or laid an older one there
        with self._engine.begin() as connection:
            return work(connection)

    def _prepare(self) -> None:
        self._columns = prepared(self._engine)


def _require_no_loss(path: Path, own: Path | None) -> None:
    """Raise InputError where a copy would take the place of the database itself, or of what is no SQLite file."""
    try:
        is_own = own is not None and path.exists() and path.samefile(own)
        with path.open("rb") as there:
            is_other = there.read(len(_SQLITE)) not in (b"", _SQLITE)
    except OSError:  # nothing is there; or nothing can be, which the writing says
        return
    if is_own:
        raise InputError(f"{path} is the review database itself, which is in use. Give the copy another name.")
    if is_other:
        raise InputError(f"{path} is there and no copy of a database. Give the copy another name.")


def _last(connection: Connection, reviewer: str) -> datetime | None:
    """Return the time of a reviewer's latest entry, None where there is none that can be read."""
    latest = select(func.max(type_coerce(TABLE.c.made_at, NullType()))).where(TABLE.c.reviewer == storable(reviewer))
    return moment(connection.execute(latest).scalar_one())


def _is_again(verdict: Verdict, last: Verdict) -> bool:
    if last.made_at is None or abs(datetime.now(UTC) - last.made_at) > _DOUBLE:
        return False
    same = ("verdict", "undoes", "role", "inventory", "inventory_id", "event", "kind", "subject", "source", "t1", "t2")
    more = ("note", "confidence", "geometry")  # which a page empties once the first half is kept
    return all(getattr(verdict, one) == getattr(last, one) for one in same) and all(
        getattr(verdict, one) in ("", getattr(last, one)) for one in more
    )


def _judged(reviewer: str, columns: Collection[str]) -> Select:
    """Return the question, place by place: how many verdicts a reviewer gave on whole events, and took back."""
    place = [TABLE.c[name] for name in ("event", "inventory", "latitude", "longitude", "event_date") if name in columns]
    gone = TABLE.c.verdict == UNDONE
    given = func.sum(case((gone, 0), else_=1)).label("given")
    whole = "undoes" in columns
    back = func.count(distinct(case((gone, TABLE.c.undoes)))) if whole else literal(0)
    query = select(*place, given, back.label("back")).where(TABLE.c.reviewer == storable(reviewer)).group_by(*place)
    return query.where(func.coalesce(TABLE.c.kind, "event") == "event") if whole else query


def _event_of(row: Row, inventory: Inventory) -> str | None:
    """Return which event of an inventory a place of ``_judged`` is, None where it is none of them."""
    latitude, longitude = number(getattr(row, "latitude", None)), number(getattr(row, "longitude", None))
    if latitude is None or longitude is None:
        known = row.inventory == inventory.name and row.event in inventory
        return row.event if known else None
    if row.event in inventory and inventory.event(row.event).is_at(latitude, longitude):
        return row.event
    day = "" if row.inventory == inventory.name else getattr(row, "event_date", "") or ""
    same = (one for one in inventory.near(latitude, longitude) if day and str(one.date or "") == day)
    return next((one.id for one in same), None)


_REMARKS: dict[str, str] = {}  # address -> what to know of where the database lies
_ADVICE = "Check SCARP_DATABASE and that its place can be written."


def _when(verdict: Verdict) -> datetime:
    return verdict.made_at or _LONG_AGO


def _row(verdict: Verdict) -> dict[str, object]:
    row = {column.name: getattr(verdict, column.name) for column in TABLE.columns if column.name != "id"}
    return {name: storable(value) if isinstance(value, str) else value for name, value in row.items()}


@lru_cache(maxsize=4)
def _engine(database_url: str) -> Engine:
    """Return the engine of a database that is ready for use: made, or an earlier edition's taken along."""
    try:
        url = make_url(database_url)
        sqlite = url.get_backend_name() == "sqlite"
        if sqlite and url.database and not url.database.startswith("file:"):  # an address has its own place
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
            if url.database != ":memory:":
                keep_private(Path(url.database))
        engine = create_engine(url, pool_pre_ping=True, connect_args={"timeout": _WAIT_S} if sqlite else {})
        if sqlite:
            happening.listen(engine, "connect", _settled)
            _require_sound(engine)
        prepared(engine)
        _REMARKS[database_url] = journalled(engine) if sqlite else ""
        return engine
    except ImportError as error:
        raise ReviewError(
            f"The review database cannot be opened: its driver {error.name} is not installed. For PostgreSQL: "
            'pip install "psycopg[binary]", and an address that begins with postgresql+psycopg://.'
        ) from error
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise ReviewError(f"The review database cannot be opened ({_reason(error)}). {_ADVICE}") from error


def _require_sound(engine: Engine) -> None:
    """Look whether an SQLite file is whole, before anything is written into one that is not. Raises ReviewError."""
    with engine.connect() as connection:
        found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one())
    if found != "ok":
        raise ReviewError(
            f"The review database is damaged ({found.splitlines()[0][:200]}), and nothing was written. Set its file "
            "aside, put a copy in its place (`python -m app review backup` makes them), or save what can still be "
            "read: sqlite3 FILE .recover"
        )


def _settled(connection: sqlite3.Connection, _record: object) -> None:
    """Let bytes that are no UTF-8 in one row not end the reading of all, and every entry reach the file itself at once.

    Who copies the file alone, without what is written ahead beside it, has then all but what is being written.
    """
    connection.execute("PRAGMA wal_autocheckpoint = 1")
    connection.text_factory = lambda held: held.decode("utf-8", "replace")


def _reason(error: Exception) -> str:
    """Return in a few words what a database said, without its address or the statement."""
    said = getattr(error, "orig", None) or error
    if isinstance(said, sqlite3.Error) and str(said).strip():
        return str(said).splitlines()[0][:200]
    return getattr(said, "strerror", None) or type(said).__name__
