"""The fourth edition: the role of an entry."""

import sqlalchemy as sa

from app.review.migrations import adding

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column."""
    adding.add(sa.Column("role", sa.String(20)))
