"""What reviewers said, as it counts now: of an event in the word that files carry, of all in a list."""

from collections.abc import Iterable
from datetime import UTC

from app.export.tables import csv_safe
from app.review import Verdict, decided, standing
from app.review.team import JudgedItem, items

# columns of the list, one row a judged item
COLUMNS = (
    "event", "kind", "subject", "inventory", "latitude", "longitude", "event_date", "verdict", "latest_verdict",
    "latest_by", "latest_at", "time_zone", "reviewers", "said", "decided_by", "confidence", "note", "source", "T1",
    "T2", "simulated", "method",
)  # fmt: skip

EVENT = "event"  # the kind of a verdict on the event itself


def in_a_word(entries: Iterable[Verdict] | None) -> str:
    """Return the verdict that counts of an event's entries: what was decided at last, else all that reviewers say.

    ``confirmed``, or ``confirmed, uncertain`` where they are apart; empty where nobody judged, and for None:
    entries that could not be read.
    """
    every = tuple(entries or ())
    last = [one for item, one in decided(every).items() if item[2] == EVENT]
    said = last or [one for (item, _), one in standing(every).items() if item[2] == EVENT]
    return ", ".join(sorted({one.verdict for one in said}))


def list_csv(entries: Iterable[Verdict]) -> bytes:
    """Return one row for each event, polygon or mask that was judged, as it stands now, the one judged last first.

    ``verdict`` is what counts: what was decided, or what all reviewers say, empty where they are apart;
    ``latest_verdict`` the newest that was not taken back, by whom and when, in ISO 8601 and UTC, as ``time_zone`` says.
    """
    import pandas as pd

    rows = [_row(one) for one in items(entries)]
    return csv_safe(pd.DataFrame(rows, columns=list(COLUMNS), dtype=object))


def _row(one: JudgedItem) -> list[object]:
    given = [*one.said.values(), *([one.decision] if one.decision else [])]
    dated = [verdict for verdict in given if verdict.made_at is not None]
    last = max(dated, key=lambda verdict: verdict.made_at) if dated else given[0]  # type: ignore[arg-type,return-value]
    when = last.made_at.astimezone(UTC).isoformat(timespec="seconds") if last.made_at else ""
    event, _, kind, subject = one.item
    said = "; ".join(f"{who}: {verdict.meaning}" for who, verdict in one.said.items())
    return [
        event, kind, subject, last.inventory, last.latitude, last.longitude, last.event_date, one.outcome, last.meaning,
        last.reviewer, when, "UTC" if when else "", len(one.said), said, one.decision.reviewer if one.decision else "",
        last.confidence, last.note, last.source, last.t1, last.t2, last.simulated, last.method,
    ]  # fmt: skip
