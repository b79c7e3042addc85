"""The first edition's table: made, or recognised where an earlier Scarp made it."""

import sqlalchemy as sa
from alembic import op

from app.errors import ReviewError
from app.review.migrations import adding

revision = "0001"
down_revision = None

_BASE = {
    "made_at", "reviewer", "inventory", "event", "verdict", "note", "source", "t1", "t2", "simulated",
}  # fmt: skip


def upgrade() -> None:
    """Make the table, or leave the one that is there. Raises ReviewError for a table of this name that is another's."""
    there = adding.columns_there()
    if there and not there >= _BASE:
        raise ReviewError(
            f"The database holds a table {adding.VERDICTS!r} that Scarp did not make, and nothing was written. Name "
            "another database with SCARP_DATABASE."
        )
    if not there:
        op.create_table(
            adding.VERDICTS,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("reviewer", sa.String(100), nullable=False),
            sa.Column("inventory", sa.String(200), nullable=False),
            sa.Column("event", sa.String(200), nullable=False),
            sa.Column("verdict", sa.String(20), nullable=False),
            sa.Column("note", sa.String(2000), nullable=False),
            sa.Column("source", sa.String(50), nullable=False),
            sa.Column("t1", sa.String(10), nullable=False),
            sa.Column("t2", sa.String(10), nullable=False),
            sa.Column("simulated", sa.Boolean, nullable=False),
        )
    adding.index(sa.Column("event", sa.String(200)))
