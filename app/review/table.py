"""The table of the verdicts as this edition has it; `app/review/migrations` leads there from every earlier one."""

from sqlalchemy import Boolean, Column, DateTime, Engine, Float, Integer, MetaData, String, Table, Text, inspect
from sqlalchemy.exc import NoSuchTableError

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
    # since the second edition; in a database of the first they are empty
    Column("latitude", Float),
    Column("longitude", Float),
    Column("event_date", String(10)),
    Column("inventory_id", String(64)),
    # since the third edition
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
    # since the fourth edition
    Column("role", String(20)),
)


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
