"""The table of the verdicts: its columns, made anew or added to what an earlier edition left."""

from collections.abc import Callable

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Engine,
    Executable,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    inspect,
    text,
)
from sqlalchemy.exc import NoSuchTableError, SQLAlchemyError
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable

from app.review.records import NAME_LENGTH, NOTE_LENGTH, REVIEWER_LENGTH

TABLE = Table(
    "verdicts",
    MetaData(),
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
    # since the third edition, so too
    Column("kind", String(20)),
    Column("subject", String(NAME_LENGTH)),
    Column("composition", String(200)),
    Column("stretch", String(200)),
    Column("method", Text),
    Column("threshold", Float),
    Column("model_sha256", String(64)),
    Column("link", Text),
    Column("confidence", String(10)),
    Column("geometry", Text),
    Column("seconds", Float),
    Column("undoes", String(64)),
    Column("uid", String(64), index=True, unique=True),
    # since the fourth edition, so too
    Column("role", String(20)),
)


def prepared(engine: Engine) -> tuple[str, ...]:
    """Make the table, or add what an earlier edition lacks, and return the columns there are.

    Other processes may be doing the same: what failed is no fault where it is there all the same. A database of an
    earlier edition that cannot be written is left as it is, to be read. Raises SQLAlchemyError without a table.
    """
    if not held(engine):
        _attempt(engine, CreateTable(TABLE), lambda: bool(held(engine)))
    there = held(engine)
    for column in TABLE.columns:
        if column.name not in there:
            words = f"ALTER TABLE verdicts ADD COLUMN {CreateColumn(column).compile(dialect=engine.dialect)}"
            _attempt(engine, text(words), lambda: True)
    for index in TABLE.indexes:
        _attempt(engine, CreateIndex(index, if_not_exists=True), lambda: True)
    return held(engine)


def held(engine: Engine) -> tuple[str, ...]:
    """Return the columns of the table that this edition knows, none without the table."""
    try:
        there = {column["name"] for column in inspect(engine).get_columns(TABLE.name)}
    except NoSuchTableError:
        return ()
    return tuple(column.name for column in TABLE.columns if column.name in there)


def is_whole(columns: tuple[str, ...]) -> bool:
    """Whether the table has every column of this edition."""
    return len(columns) == len(TABLE.columns)


def _attempt(engine: Engine, step: Executable, done: Callable[[], bool]) -> None:
    """Run one step in a transaction of its own; raises its error unless ``done`` says that all is well without it."""
    try:
        with engine.begin() as connection:
            connection.execute(step)
    except SQLAlchemyError:
        if not done():
            raise
