"""The edition of a review database: read, brought up to this Scarp's by Alembic, refused where it is a later one's."""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from app.errors import ReviewError
from app.review.table import held, is_whole

EDITIONS = ("0001", "0002", "0003", "0004")  # as app/review/migrations has them, this Scarp's last
VERSION_TABLE = "verdicts_version"  # a name of its own: a team's database may hold other programs' versions
_FOLDER = Path(__file__).with_name("migrations")
_ONE_AT_A_TIME = threading.Lock()  # Alembic holds what it works on in globals of its module
_LOCK = 5_274_891_030_117  # of PostgreSQL's advisory locks, for this work alone


def prepared(engine: Engine) -> tuple[str, ...]:
    """Bring a database up to this edition, whoever made it, and return the columns there are.

    Many processes may do so at once: one works, the others wait and find it done. An earlier edition's that cannot be
    written is left as it is, to be read. Raises ReviewError, with nothing written, for a later edition's and for a
    table that is not Scarp's, and SQLAlchemyError without a table.
    """
    try:
        if not _is_current(engine):
            _upgrade(engine)
    except SQLAlchemyError:
        if not held(engine):
            raise
    return held(engine)


def edition(connection: Connection) -> str:
    """Return the edition that a database says to be of, empty where it does not say."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return ""
    said = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalars().all()  # nosec B608
    return ", ".join(map(str, said))


def _is_current(engine: Engine) -> bool:
    with engine.connect() as connection:
        return _known(connection) == EDITIONS[-1] and is_whole(held(engine))


def _known(connection: Connection) -> str:
    """Return the edition. Raises ReviewError where it is none that this Scarp knows."""
    found = edition(connection)
    if found and found not in EDITIONS:
        raise ReviewError(
            f"The review database was made by a later Scarp (its edition is {found[:40]}, this Scarp knows "
            f"{EDITIONS[-1]}), and nothing was written. Update Scarp, or name another database with SCARP_DATABASE."
        )
    return found


def _upgrade(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    with _ONE_AT_A_TIME, engine.connect() as connection:
        _lock(connection)
        if _known(connection) != EDITIONS[-1]:  # nobody else did it meanwhile
            settings.attributes.update(connection=connection, version_table=VERSION_TABLE)
            command.upgrade(settings, "head")
        connection.commit()


def _lock(connection: Connection) -> None:
    """Wait until nobody else upgrades; the lock ends with the transaction."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
