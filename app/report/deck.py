"""A deck for a meeting: one landscape page an event, with its pictures side by side and what matters in large words."""

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from pathlib import Path

from app import config
from app.report import world
from app.report.account import Account, Finding
from app.report.document import STYLE, drawn_figure, head, hidden_words
from app.report.figures import Figure

_STYLE = Path(__file__).with_suffix(".css").read_text("utf-8")
_ON_TOP = ("Date", "Position", "Category", "Source of the event")  # of what the inventory says
_MOST_METHODS = 6  # that a page has room for


def deck(accounts: Sequence[Account], title: str) -> bytes:
    """Return the deck as UTF-8, a page of A4 landscape for each event; every text in it is text."""
    slides = (_slide(one) for one in accounts)
    return "\n".join([head(title, f"{STYLE}\n{_STYLE}"), *slides, "</body></html>"]).encode()


def _slide(account: Account) -> str:
    badge = ' <span class="simulated">SIMULATED SCENES</span>' if account.simulated else ""
    event, facts = account.event, dict(account.facts)
    said = " · ".join(facts[name] for name in _ON_TOP if facts.get(name))
    drawn = [drawn_figure(one, account.scale, account.simulated) for one in _pictures(account)]
    where = [] if drawn else [world.near(event.latitude, event.longitude)]
    return "\n".join(
        [
            f'<section class="slide"><h2>Event {escape(event.id)}{badge}</h2><p>{escape(said)}</p>',
            *(f'<p class="doubt">{escape(one)}</p>' for one in (*account.doubts, account.missing) if one),
            f'<div class="row">{"".join((*drawn, *where))}</div>',
            _found(account.found[:_MOST_METHODS]),
            f"<p>{_judged(account)}</p>",
            f'<p class="quiet foot">{_foot(account)}</p></section>',
        ]
    )


def _pictures(account: Account) -> list[Figure]:
    """Return T1, T2, the change and what the first method found, with the few words that a page has room for."""
    pictures = [replace(one, note="") for one in (*account.dates, *account.changes)]
    pictures += [replace(one.figure, title=one.title) for one in account.found[:1]]
    return pictures


def _found(found: Sequence[Finding]) -> str:
    if not found:
        return ""
    rows = []
    for one in found:
        facts = dict(one.facts)
        rate = facts.get("Against the truth", "").partition(";")[0]
        cells = (one.title, facts.get("Threshold", ""), facts.get("Changed", ""), rate)
        rows.append("".join(f"<td>{escape(cell)}</td>" for cell in cells))
    heads = "".join(f"<th>{one}</th>" for one in ("Method", "Threshold", "Changed", "Against the truth, whole patch"))
    return f"<table><tr>{heads}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"


def _judged(account: Account) -> str:
    if account.verdicts is None:
        return '<b class="doubt">The verdicts could not be read when this was written.</b>'
    said = "; ".join(f"{one.title} ({one.reviewer})" for one in account.verdicts)
    hidden = hidden_words(account)
    return f"<b>Verdicts</b> {escape(' '.join(part for part in (said, hidden) if part) or 'none yet')}"


def _foot(account: Account) -> str:
    told = dict(account.provenance)
    said = (told.get("Source of the scenes", ""), told.get("Attribution", ""), config.software())
    return escape(" · ".join(part for part in said if part))
