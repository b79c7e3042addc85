"""Where days lie on a time axis, in per cent of its length."""

from dataclasses import dataclass
from datetime import date

Span = tuple[date, date]
_MOST_TICKS = 10


@dataclass(frozen=True)
class TimeAxis:
    """A time axis from one day to another."""

    first: date
    last: date

    def at(self, day: date) -> float:
        """Return where a day lies, 0 to 100; one outside lies at the end."""
        days = max(1, (self.last - self.first).days)
        return round(min(100.0, max(0.0, 100 * (day - self.first).days / days)), 3)

    def band(self, first: date, last: date | None) -> dict[str, float] | None:
        """Return where a span begins and how wide it is; None where all of it lies outside."""
        last = last or first
        if last < self.first or first > self.last:
            return None
        return {"at": self.at(first), "wide": round(self.at(last) - self.at(first), 3)}

    def ticks(self) -> list[dict[str, object]]:
        """Return months, or quarters or years of a longer axis, as texts and places."""
        months = [(year, month) for year in range(self.first.year, self.last.year + 1) for month in range(1, 13)]
        inside = [day for day in (date(*one, 1) for one in months) if self.first <= day <= self.last]
        step = next((n for n in (1, 3, 6, 12, 24, 60) if len(inside) / n <= _MOST_TICKS), 120)
        kept = [day for day in inside if (day.year * 12 + day.month - 1) % step == 0]
        return [{"at": self.at(day), "text": f"{day:%Y-%m}" if step < 12 else f"{day:%Y}"} for day in kept]


def spans(
    t1: date | None, t2: date | None, t1_from: date | None, t2_to: date | None
) -> tuple[Span | None, Span | None]:
    """Return first and last day of T1 and of T2; of a single day the same twice, None where none is chosen."""
    first = (t1_from or t1, t1) if t1 else None
    return first, ((t2, t2_to or t2) if t2 else None)
