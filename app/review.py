"""The experts' verdicts: what somebody saw in one patch, kept in a database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    insert,
    select,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from app.errors import ReviewError

VERDICTS = {
    "landslide": "A landslide between the dates",
    "other-change": "A change, but not a landslide",
    "no-change": "No change to be seen",
    "unsure": "Cannot tell",
    "unusable": "The pictures are unusable (cloud, haze, wrong place)",
}
NOTE_LENGTH = 2000

_metadata = MetaData()
_verdicts = Table(
    "verdicts",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("reviewer", String(100), nullable=False),
    Column("inventory", String(200), nullable=False),
    Column("event", String(200), nullable=False, index=True),
    Column("verdict", String(20), nullable=False),
    Column("note", String(NOTE_LENGTH), nullable=False),
    Column("source", String(50), nullable=False),
    Column("t1", String(10), nullable=False),
    Column("t2", String(10), nullable=False),
    Column("simulated", Boolean, nullable=False),
)


@dataclass(frozen=True)
class Verdict:
    """What one reviewer judged of one patch, and which patch that was."""

    reviewer: str
    inventory: str
    event: str
    verdict: str  # a key of VERDICTS
    note: str
    source: str
    t1: str
    t2: str
    simulated: bool
    made_at: datetime | None = None  # set when it is stored

    def __post_init__(self) -> None:
        if self.verdict not in VERDICTS:
            raise ReviewError(f"There is no verdict {self.verdict!r}. Choose from {', '.join(VERDICTS)}.")
        if not self.reviewer.strip() or len(self.reviewer) > 100:
            raise ReviewError("Give your name or initials, up to 100 characters, so that the verdict has an author.")
        if len(self.note) > NOTE_LENGTH:
            raise ReviewError(f"The note has {len(self.note)} characters; at most {NOTE_LENGTH} are kept.")


class Reviews:
    """The verdicts of one database; every method raises ReviewError where it cannot be used."""

    def __init__(self, database_url: str) -> None:
        self._engine = _engine(database_url)

    def add(self, verdict: Verdict) -> None:
        """Store a verdict; earlier ones on the same event stay, the latest of a reviewer counts."""
        row = {column.name: getattr(verdict, column.name) for column in _verdicts.columns if column.name != "id"}
        row["made_at"] = datetime.now(UTC)
        self._run(lambda connection: connection.execute(insert(_verdicts).values(row)), "the verdict was not stored")

    def all(self) -> tuple[Verdict, ...]:
        """Return every verdict, newest first."""
        query = select(*[column for column in _verdicts.columns if column.name != "id"]).order_by(_verdicts.c.id.desc())
        rows = self._run(lambda connection: connection.execute(query).mappings().all(), "no verdict could be read")
        return tuple(Verdict(**row) for row in rows)

    def _run(self, work, otherwise: str):
        try:
            with self._engine.begin() as connection:
                return work(connection)
        except SQLAlchemyError as error:
            raise ReviewError(
                f"The review database cannot be used ({type(error).__name__}); {otherwise}. "
                "Check SCARP_DATABASE and that its place can be written."
            ) from error


def latest(verdicts: Iterable[Verdict]) -> dict[tuple[str, str, str], Verdict]:
    """Return the newest verdict for each (inventory, event, reviewer); ``verdicts`` come newest first."""
    found: dict[tuple[str, str, str], Verdict] = {}
    for verdict in verdicts:
        found.setdefault((verdict.inventory, verdict.event, verdict.reviewer), verdict)
    return found


@lru_cache(maxsize=4)
def _engine(database_url: str) -> Engine:
    try:
        url = make_url(database_url)
        if url.get_backend_name() == "sqlite" and url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, pool_pre_ping=True)
        _metadata.create_all(engine)
        return engine
    except (SQLAlchemyError, OSError, ImportError) as error:
        raise ReviewError(
            f"The review database cannot be opened ({type(error).__name__}). Check SCARP_DATABASE and that its "
            "place can be written."
        ) from error
