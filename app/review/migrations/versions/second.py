"""The second edition: where the event is, when it was, and what the inventory holds."""

import sqlalchemy as sa

from app.review.migrations import adding

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns."""
    adding.add(
        sa.Column("latitude", sa.Float),
        sa.Column("longitude", sa.Float),
        sa.Column("event_date", sa.String(10)),
        sa.Column("inventory_id", sa.String(64)),
    )
