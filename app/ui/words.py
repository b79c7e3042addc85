"""Words on a page: text from elsewhere shown as it stands, and numbers with their nouns."""

import html
from collections.abc import Callable, Iterable, Mapping


def plain(text: str) -> str:
    """Return text that Markdown shows as it stands, whatever a file or a service put into it."""
    for mark in "\\`*_{}[]()<>#$~|!:":
        text = text.replace(mark, f"\\{mark}")
    return text


def in_plot(text: object) -> str:
    """Return text that plotly draws as it stands; it takes tags in any label for markup and %{...} for a value."""
    return html.escape(str(text), quote=False).replace("%{", "&#37;{")


def all_in_plot(texts: Iterable[object]) -> list[str]:
    """Return ``in_plot`` of each."""
    return list(map(in_plot, texts))


def titled(titles: Mapping[str, str]) -> Callable[[str], str]:
    """Return what says the title of a choice by its name; one without a title goes by its name."""
    return lambda name: titles.get(name, name)


def counted(number: int, thing: str) -> str:
    """Return a number with its noun: ``1 event``, ``2 events``."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
