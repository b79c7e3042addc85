"""The third edition: parts of an event, what was on the screen, outlines, taking back, and a name for every entry."""

import sqlalchemy as sa

from app.review.migrations import adding

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns."""
    adding.add(
        sa.Column("kind", sa.String(20)),
        sa.Column("subject", sa.String(200)),
        sa.Column("composition", sa.String(200)),
        sa.Column("stretch", sa.String(200)),
        sa.Column("method", sa.Text),
        sa.Column("threshold", sa.Float),
        sa.Column("model_sha256", sa.String(64)),
        sa.Column("link", sa.Text),
        sa.Column("confidence", sa.String(10)),
        sa.Column("geometry", sa.Text),
        sa.Column("seconds", sa.Float),
        sa.Column("undoes", sa.String(64)),
        sa.Column("uid", sa.String(64)),
    )
    adding.index(sa.Column("uid", sa.String(64)), unique=True)
