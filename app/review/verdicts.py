"""The experts' verdicts: what somebody saw in one patch, kept in a database."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Engine,
    Executable,
    Float,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    create_engine,
    func,
    insert,
    inspect,
    select,
    text,
    type_coerce,
)
from sqlalchemy import event as happening
from sqlalchemy.engine import make_url
from sqlalchemy.exc import NoSuchTableError, SQLAlchemyError
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable
from sqlalchemy.types import NullType

from app.errors import ReviewError

if TYPE_CHECKING:
    from app.inventory import Event

VERDICTS = {
    "landslide": "A landslide between the dates",
    "other-change": "A change, but not a landslide",
    "no-change": "No change to be seen",
    "unsure": "Cannot tell",
    "unusable": "The pictures are unusable (cloud, haze, wrong place)",
}
REVIEWER_LENGTH = 100
NOTE_LENGTH = 2000
NAME_LENGTH = 200  # of an inventory or an event
_WAIT_S = 20  # for another process that writes: ten at once are served in less
_TRUTHS = {0: False, 1: True, "0": False, "1": True, "false": False, "true": True}

T = TypeVar("T")

_metadata = MetaData()
_verdicts = Table(
    "verdicts",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("reviewer", String(REVIEWER_LENGTH), nullable=False),
    Column("inventory", String(NAME_LENGTH), nullable=False),
    Column("event", String(NAME_LENGTH), nullable=False, index=True),
    Column("verdict", String(20), nullable=False),
    Column("note", String(NOTE_LENGTH), nullable=False),
    Column("source", String(50), nullable=False),
    Column("t1", String(10), nullable=False),
    Column("t2", String(10), nullable=False),
    Column("simulated", Boolean, nullable=False),
    # since the second edition; a database of the first gets them when it is opened, empty in its rows
    Column("latitude", Float),
    Column("longitude", Float),
    Column("event_date", String(10)),
    Column("inventory_id", String(64)),
)


@dataclass(frozen=True)
class Seen:
    """What a reviewer has before them: which patch, of which event of which inventory."""

    inventory: str
    event: str
    source: str
    t1: str
    t2: str
    simulated: bool | None  # None: an odd row of a database does not say
    latitude: float | None = None  # of the event, degrees; None in verdicts of Scarp's first edition
    longitude: float | None = None
    event_date: str = ""  # empty: not known
    inventory_id: str = ""  # what the inventory holds, whatever it is called


@dataclass(frozen=True)
class Verdict:
    """What one reviewer judged of one patch, and which patch that was.

    Raises ReviewError for one that nobody could use, unless ``odd`` says what is wrong with it: so
    it stands in a database, and is shown as it is.
    """

    reviewer: str
    inventory: str
    event: str
    verdict: str  # a key of VERDICTS
    note: str
    source: str
    t1: str
    t2: str
    simulated: bool | None
    made_at: datetime | None = None  # set when it is stored
    latitude: float | None = None
    longitude: float | None = None
    event_date: str = ""
    inventory_id: str = ""
    odd: str = ""

    def __post_init__(self) -> None:
        found = _fault(self)
        if found and not self.odd:
            raise ReviewError(found)

    @property
    def title(self) -> str:
        """The verdict in words, one that Scarp does not know as it stands."""
        return VERDICTS.get(self.verdict, self.verdict)


def judge(seen: Seen, reviewer: str, verdict: str, note: str) -> Verdict:
    """Return a reviewer's verdict on what they have before them; raises ReviewError as ``Verdict`` does."""
    return Verdict(reviewer=reviewer.strip(), verdict=verdict, note=note.strip(), **asdict(seen))


def is_on(verdict: Verdict, event: Event, *inventories: str) -> bool:
    """Whether a verdict is on an event: the same id and place, or, where it has no place, under one of these names."""
    if verdict.event != event.id:
        return False
    if verdict.latitude is None or verdict.longitude is None:
        return verdict.inventory in inventories
    return event.is_at(verdict.latitude, verdict.longitude)


class Reviews:
    """The verdicts of one database; every method raises ReviewError where it cannot be used."""

    def __init__(self, database_url: str) -> None:
        self._engine = _engine(database_url)
        self._columns = _held(self._engine)

    def add(self, verdict: Verdict) -> None:
        """Store a verdict; earlier ones on the same event stay, the latest of a reviewer counts."""
        row = {column.name: getattr(verdict, column.name) for column in _verdicts.columns if column.name != "id"}
        row = {name: _storable(value) if isinstance(value, str) else value for name, value in row.items()}
        row["made_at"] = datetime.now(UTC)
        self._run(lambda connection: connection.execute(insert(_verdicts).values(row)), "the verdict was not stored")

    def all(self) -> tuple[Verdict, ...]:
        """Return every verdict, newest first; odd rows are among them, marked."""
        return self._read(lambda query: query)

    def on(self, event: Event, *inventories: str) -> tuple[Verdict, ...]:
        """Return the verdicts on one event, newest first (see ``is_on``)."""
        found = self._read(lambda query: query.where(_verdicts.c.event == event.id))  # few, and there is an index
        return tuple(one for one in found if is_on(one, event, *inventories))

    def count(self) -> int:
        """Return how many verdicts there are."""
        query = select(func.count()).select_from(_verdicts)
        return int(self._run(lambda connection: connection.execute(query).scalar_one(), "no verdict could be read"))

    def _read(self, narrowed: Callable[[Select], Select]) -> tuple[Verdict, ...]:
        # as the database holds them: one value that is no date or truth would end the reading of all
        def work(connection: Connection) -> Sequence[Mapping]:
            raw = [type_coerce(_verdicts.c[name], NullType()).label(name) for name in self._columns if name != "id"]
            query = narrowed(select(*raw)).order_by(_verdicts.c.id.desc())
            return connection.execute(query).mappings().all()

        return tuple(_verdict(row) for row in self._run(work, "no verdict could be read"))

    def _run(self, work: Callable[[Connection], T], otherwise: str) -> T:
        try:
            if not _whole(self._columns):  # as it was found: of an earlier edition, and not to be written then
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
            if _whole(_held(self._engine)):
                raise
        self._prepare()  # somebody took the file away, or laid an older one there
        with self._engine.begin() as connection:
            return work(connection)

    def _prepare(self) -> None:
        self._columns = _prepared(self._engine)


_ADVICE = "Check SCARP_DATABASE and that its place can be written."


@lru_cache(maxsize=4)
def _engine(database_url: str) -> Engine:
    """Return the engine of a database that is ready for use: made, or an earlier edition's taken along."""
    try:
        url = make_url(database_url)
        sqlite = url.get_backend_name() == "sqlite"
        if sqlite and url.database and not url.database.startswith("file:"):  # an address has its own place
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, pool_pre_ping=True, connect_args={"timeout": _WAIT_S} if sqlite else {})
        if sqlite:
            happening.listen(engine, "connect", _lenient)
        _prepared(engine)
        return engine
    except ImportError as error:
        raise ReviewError(
            f"The review database cannot be opened: its driver {error.name} is not installed. For PostgreSQL: "
            'pip install "psycopg[binary]", and an address that begins with postgresql+psycopg://.'
        ) from error
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise ReviewError(f"The review database cannot be opened ({_reason(error)}). {_ADVICE}") from error


def _lenient(connection: sqlite3.Connection, _record: object) -> None:
    """Let bytes that are no UTF-8 in one row not end the reading of all."""
    connection.text_factory = lambda held: held.decode("utf-8", "replace")


def _prepared(engine: Engine) -> tuple[str, ...]:
    """Make the table, or add what an earlier edition lacks, and return the columns there are.

    Other processes may be doing the same: what failed is no fault where it is there all the same. A database of an
    earlier edition that cannot be written is left as it is, to be read. Raises SQLAlchemyError without a table.
    """
    if not _held(engine):
        _attempt(engine, CreateTable(_verdicts), lambda: bool(_held(engine)))
    held = _held(engine)
    for column in _verdicts.columns:
        if column.name not in held:
            words = f"ALTER TABLE verdicts ADD COLUMN {CreateColumn(column).compile(dialect=engine.dialect)}"
            _attempt(engine, text(words), lambda: True)
    for index in _verdicts.indexes:
        _attempt(engine, CreateIndex(index, if_not_exists=True), lambda: True)
    return _held(engine)


def _attempt(engine: Engine, step: Executable, done: Callable[[], bool]) -> None:
    """Run one step in a transaction of its own; raises its error unless ``done`` says that all is well without it."""
    try:
        with engine.begin() as connection:
            connection.execute(step)
    except SQLAlchemyError:
        if not done():
            raise


def _held(engine: Engine) -> tuple[str, ...]:
    """Return the columns of the table that this edition knows, none without the table."""
    try:
        there = {column["name"] for column in inspect(engine).get_columns(_verdicts.name)}
    except NoSuchTableError:
        return ()
    return tuple(column.name for column in _verdicts.columns if column.name in there)


def _whole(columns: tuple[str, ...]) -> bool:
    return len(columns) == len(_verdicts.columns)


def _reason(error: Exception) -> str:
    """Return in a few words what a database said, without its address or the statement."""
    said = getattr(error, "orig", None) or error
    if isinstance(said, sqlite3.Error) and str(said).strip():
        return str(said).splitlines()[0][:200]
    return getattr(said, "strerror", None) or type(said).__name__


def _fault(verdict: Verdict) -> str:
    """Return why nobody could use a verdict, as a sentence; empty where all is well."""
    if verdict.verdict not in VERDICTS:
        return f"There is no verdict {verdict.verdict!r}. Choose from {', '.join(VERDICTS)}."
    if not verdict.reviewer.strip() or len(verdict.reviewer) > REVIEWER_LENGTH:
        return f"Give your name or initials, up to {REVIEWER_LENGTH} characters, so that the verdict has an author."
    if len(verdict.note) > NOTE_LENGTH:
        return f"The note has {len(verdict.note)} characters; at most {NOTE_LENGTH} are kept."
    return ""


_PLACE = ("latitude", "longitude")
_TEXTS = ("reviewer", "inventory", "event", "verdict", "note", "source", "t1", "t2", "event_date", "inventory_id")


def _verdict(row: Mapping) -> Verdict:
    """Return a row of the database; what cannot be in it is left out and named in ``odd``."""
    held: dict[str, Any] = {name: _written(row.get(name)) for name in _TEXTS}
    held |= {name: _number(row.get(name)) for name in _PLACE}
    held |= {"simulated": _truth(row["simulated"]), "made_at": _moment(row["made_at"])}
    return Verdict(**held, odd=_oddities(row, held))


def _oddities(row: Mapping, held: Mapping[str, object]) -> str:
    """Return what is odd about a row, of which ``held`` could be read; empty for one that Scarp could have written."""
    odd = [f"{name} {_written(row[name])[:40]!r} is no number" for name in _PLACE
           if held[name] is None and row.get(name) is not None]  # fmt: skip
    if held["made_at"] is None:
        odd.append(f"made at {_written(row['made_at'])[:40]!r}, which is no time")
    if held["simulated"] is None:
        odd.append("simulated or not: not said")
    if held["verdict"] not in VERDICTS:
        odd.append("no verdict that Scarp knows")
    if not str(held["reviewer"]).strip():
        odd.append("no reviewer")
    if len(str(held["reviewer"])) > REVIEWER_LENGTH or len(str(held["note"])) > NOTE_LENGTH:
        odd.append("longer than Scarp keeps")
    return "; ".join(odd)


def _storable(words: str) -> str:
    """Return text that every database can hold: half a character, as JSON may carry it, becomes a question mark."""
    return words.encode("utf-8", "replace").decode("utf-8")


def _written(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else "" if value is None else str(value)


def _truth(value: object) -> bool | None:
    return _TRUTHS.get(value if isinstance(value, int) else _written(value).strip().lower())


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _moment(value: object) -> datetime | None:
    """Return a stored time in UTC; SQLite keeps it as text without a zone."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
