"""What the steps share: a column is added where it is not there yet, as every Scarp before 0.9 did by itself."""

from typing import Any

from alembic import op
from sqlalchemy import Column, inspect
from sqlalchemy.schema import CreateIndex, Index, MetaData, Table

VERDICTS = "verdicts"


def columns_there() -> set[str]:
    """Return the columns of the table of verdicts, none without the table."""
    found = inspect(op.get_bind())
    return {column["name"] for column in found.get_columns(VERDICTS)} if found.has_table(VERDICTS) else set()


def add(*columns: Column[Any]) -> None:
    """Add the columns that the table lacks, empty in its rows."""
    there = columns_there()
    for column in columns:
        if column.name not in there:
            op.add_column(VERDICTS, column)


def index(column: Column[Any], *, unique: bool = False) -> None:
    """Add an index on one column, where it is not there yet."""
    table = Table(VERDICTS, MetaData(), column)
    named = Index(f"ix_{VERDICTS}_{column.name}", table.c[column.name], unique=unique)
    op.get_bind().execute(CreateIndex(named, if_not_exists=True))
