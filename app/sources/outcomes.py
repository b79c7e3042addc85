"""What a search for the dates of an event came to: kept, read again, and made values of the event."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date

from app.inventory import Event

PROPOSED, NOTHING, IMPOSSIBLE, FAILED = "proposed", "nothing-clear", "impossible", "failed"


@dataclass(frozen=True)
class Outcome:
    """What a search for the dates of one event came to; ``t1`` and ``t2`` are empty where none was proposed."""

    event: str
    state: str
    t1: str = ""
    t2: str = ""
    clear_t1: float | None = None  # share of the patch, 0 to 1
    clear_t2: float | None = None
    catalogue: str = ""  # its title
    reason: str = ""  # why nothing was proposed, a sentence
    asked: str = ""  # what was asked: place, day and catalogue

    @property
    def answered(self) -> bool:
        """Whether asking again would give the same."""
        return self.state != FAILED


def lacking(events: Iterable[Event]) -> tuple[Event, ...]:
    """Return the events without T1, T2 or both."""
    return tuple(event for event in events if event.t1 is None or event.t2 is None)


def asked_for(event: Event, catalogue: str | None) -> str:
    """Return what a search depends on: an outcome of another question is none for this event."""
    from app.sources.stac_catalogue import catalogue as named_so

    named = named_so(catalogue).name
    return f"{event.latitude!r} {event.longitude!r} {event.when} {event.t1} {event.t2} {named}"


def known(events: Iterable[Event], outcomes: Iterable[Outcome], catalogue: str | None) -> dict[str, Outcome]:
    """Return those of former outcomes that answer what would be asked of these events now, by event."""
    held = {(one.event, one.asked): one for one in outcomes if one.answered}
    asked = {event_id for event_id, _ in held}
    pairs = ((event.id, held.get((event.id, asked_for(event, catalogue)))) for event in events if event.id in asked)
    return {event_id: one for event_id, one in pairs if one is not None}


def from_json(said: object) -> Outcome | None:
    """Return an outcome that was kept as JSON; None for what is of another form."""
    if not isinstance(said, dict) or not {"event", "state"} <= {*said} <= {*Outcome.__dataclass_fields__}:
        return None
    shares = all(isinstance(said.get(name), int | float | None) for name in ("clear_t1", "clear_t2"))
    texts = all(isinstance(text, str) for name, text in said.items() if not name.startswith("clear_"))
    states = said["state"] in (PROPOSED, NOTHING, IMPOSSIBLE, FAILED)
    dated = _is_day(said.get("t1")) and _is_day(said.get("t2"))
    return Outcome(**said) if shares and texts and states and dated else None


def as_json(outcome: Outcome) -> dict[str, object]:
    """Return an outcome as JSON holds it."""
    return asdict(outcome)


def wanted(outcome: Outcome) -> dict[str, str]:
    """Return the values that an outcome gives its event, as ``app.inventory.changes.made`` takes them."""
    return {field: text for field, text in (("t1", outcome.t1), ("t2", outcome.t2)) if text}


def told(outcome: Outcome) -> str:
    """Return where the dates of an outcome come from, for the log of changes."""
    return f"proposed from {outcome.catalogue}"


def _is_day(text: object) -> bool:
    try:
        return not text or bool(date.fromisoformat(str(text)))
    except ValueError:
        return False
