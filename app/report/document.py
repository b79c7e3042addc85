"""A report as one HTML page that needs nothing beside it: event after event, and a table of all before them."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from app import config
from app.export.page import as_address
from app.report import world
from app.report.account import Account, Facts, Finding
from app.report.figures import Figure, Scale
from app.report.years import YearsDrawing

STYLE = Path(__file__).with_suffix(".css").read_text("utf-8")


def page(accounts: Sequence[Account], title: str, notes: Sequence[str] = ()) -> bytes:
    """Return the report as UTF-8; every text in it is text, whatever a file said."""
    alone = ' class="alone"' if len(accounts) == 1 else ""
    parts = [
        head(title, STYLE),
        f"<header{alone}><h1>{escape(title)}</h1>",
        f'<p class="quiet">{len(accounts)} event{"" if len(accounts) == 1 else "s"}. {escape(config.software())}.</p>',
        *(f'<p class="doubt">{escape(one)}</p>' for one in notes),
        _overview(accounts) if len(accounts) > 1 else "",
        "</header>",
        *(_section(one, number) for number, one in enumerate(accounts)),
        "</body></html>",
    ]
    return "\n".join(part for part in parts if part).encode()


def head(title: str, style: str) -> str:
    """Return how a page begins, with the land that every map on it uses."""
    return "\n".join(
        [
            "<!doctype html><html lang=en><head><meta charset=utf-8>",
            '<meta name=viewport content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title><style>{style}</style></head><body>{world.definition()}",
        ]
    )


def _overview(accounts: Sequence[Account]) -> str:
    rows = "".join(
        f'<tr><td><a href="#event{number}">{escape(one.event.id)}</a></td>'
        f"<td>{escape(one.event.when or 'unknown')}</td><td>{escape(one.event.category)}</td>"
        f"<td>{_findings(one)}</td><td>{_judged(one)}</td></tr>"
        for number, one in enumerate(accounts)
    )
    heads = "".join(f"<th>{one}</th>" for one in ("Event", "Date", "Category", "Finding", "Verdicts"))
    return f"<table><tr>{heads}</tr>{rows}</table>"


def _findings(account: Account) -> str:
    if account.missing:
        return escape(account.missing)
    said = (f"{one.title}: {dict(one.facts).get('Changed', '')}" for one in account.found)
    return "<br>".join(
        [*(['<span class="simulated">SIMULATED</span>'] if account.simulated else []), *map(escape, said)]
    )


def _judged(account: Account) -> str:
    if account.verdicts is None:
        return "could not be read"
    said = [f"{one.title} ({one.reviewer})" for one in account.verdicts]
    return "<br>".join(map(escape, [*said, *(["others' hidden"] if account.hidden else [])]))


def _section(account: Account, number: int) -> str:
    badge = ' <span class="simulated">SIMULATED SCENES</span>' if account.simulated else ""
    event = account.event
    return "\n".join(
        [
            f'<section class="event" id="event{number}"><h2>Event {escape(event.id)}{badge}</h2>',
            *(f'<p class="doubt">{escape(one)}</p>' for one in (*account.doubts, account.missing) if one),
            f'<div class="two"><div>{_table(account.facts)}</div><div class="maps">'
            f"{world.near(event.latitude, event.longitude)}{world.whole(event.latitude, event.longitude)}</div></div>",
            _pictures("Before, after, and the change", (*account.dates, *account.changes), account),
            _years(account.years),
            *(_method(one, account) for one in account.found),
            _pictures("The ground", account.terrain, account),
            _verdicts(account),
            f'<div class="whole"><h3>Where this is from</h3>{_table(account.provenance)}</div></section>',
        ]
    )


def _pictures(title: str, pictures: Sequence[Figure], account: Account) -> str:
    if not pictures:
        return ""
    drawn = "".join(drawn_figure(one, account.scale, account.simulated) for one in pictures)
    return f'<h3>{title}</h3><div class="three">{drawn}</div>'


def _years(held: YearsDrawing | None) -> str:
    if held is None:
        return ""
    return f'<div class="whole"><h3>{escape(held.title)}</h3>{held.drawing}<p>{escape(held.told)}</p></div>'


def _method(found: Finding, account: Account) -> str:
    doubts = "".join(f'<p class="doubt">{escape(one)}</p>' for one in found.doubts)
    picture = drawn_figure(found.figure, account.scale, account.simulated)
    return (
        f'<div class="method"><h3>{escape(found.title)}</h3><div class="beside">{picture}'
        f"<div>{_table(found.facts)}{doubts}</div></div></div>"
    )


def drawn_figure(figure: Figure, scale: Scale | None, simulated: bool) -> str:
    """Return one picture with its scale bar, north, marks and words."""
    shape = f' style="aspect-ratio:{scale.aspect:.4f}"' if scale else ""
    marks = '<span class="mark">SIMULATED</span>' if simulated else ""
    if scale:
        marks += (
            f'<span class="bar" style="width:{scale.share:.2%}">{scale.bar}</span><span class="north">N &#8593;</span>'
        )
    heading = f"<b>{escape(figure.title)}</b> " if figure.title else ""
    source = as_address(figure.data, figure.media)
    aspect = f' style="--aspect:{scale.aspect:.4f}"' if scale else ""
    return (
        f'<figure><div class="picture"{aspect}><img{shape} alt="{escape(figure.title or figure.note)}" '
        f'src="{source}">{marks}</div><figcaption>{heading}{escape(figure.note)}</figcaption></figure>'
    )


def hidden_words(account: Account) -> str:
    """Return that others' verdicts are hidden, and until when, as a sentence; empty where none is."""
    if not account.hidden:
        return ""
    number = "1 verdict of another" if account.hidden == 1 else f"{account.hidden:,} verdicts of others"
    return f"{number} hidden when this was written, until one's own is in: the review is blind."


def _verdicts(account: Account) -> str:
    verdicts, hidden = account.verdicts, hidden_words(account)
    if verdicts is None:
        return '<h3>Verdicts</h3><p class="doubt">The verdicts could not be read when this was written.</p>'
    told = f'<p class="quiet">{escape(hidden)}</p>' if hidden else ""
    if not verdicts:
        return "<h3>Verdicts</h3>" + (told or '<p class="quiet">Nobody has judged this event yet.</p>')
    rows = "".join(
        f"<tr><td>{escape(one.title)}</td><td>{escape(one.confidence)}</td><td>{escape(one.reviewer)}</td>"
        f"<td>{f'{one.made_at:%Y-%m-%d %H:%M} UTC' if one.made_at else ''}</td><td>{escape(one.note)}</td></tr>"
        for one in verdicts
    )
    heads = "".join(f"<th>{one}</th>" for one in ("Verdict", "Confidence", "Reviewer", "When", "Note"))
    return f"<h3>Verdicts</h3><table><tr>{heads}</tr>{rows}</table>{told}"


def _table(facts: Facts) -> str:
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in facts)
    return f'<table class="facts">{rows}</table>'
