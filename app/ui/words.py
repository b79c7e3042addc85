"""Words on a page: text from elsewhere shown as it stands, and numbers with their nouns."""

from collections.abc import Callable, Mapping


def plain(text: str) -> str:
    """Return text that Markdown shows as it stands, whatever a file or a service put into it."""
    for mark in "\\`*_{}[]()<>#$~|!:":
        text = text.replace(mark, f"\\{mark}")
    return text


def titled(titles: Mapping[str, str]) -> Callable[[str], str]:
    """Return what says the title of a choice by its name; one without a title goes by its name."""
    return lambda name: titles.get(name, name)


def counted(number: int, thing: str) -> str:
    """Return a number with its noun: ``1 event``, ``2 events``."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
