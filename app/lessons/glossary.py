"""The glossary: a term's words for whoever meets it, and ``python -m app.lessons.glossary`` for the documentation."""

import unicodedata

from app.config import ROOT
from app.errors import InputError
from app.lessons.words import ENGLISH, words

PAGE = ROOT / "docs" / "GLOSSARY.md"
_HEAD = """# Glossary

The words of Scarp's pages, in one sentence each. The Learn page shows the same list, and help texts lead there.
`python -m app.lessons.glossary` writes this page from `app/lessons/words/en.toml`.
"""


def terms(language: str = ENGLISH) -> list[tuple[str, str, str]]:
    """Return every term's key, name and meaning, in the order of the alphabet, marked letters beside plain ones."""
    held = words(language)["terms"]
    return sorted(((key, one["name"], one["says"]) for key, one in held.items()), key=lambda one: _plain(one[1]))


def meaning(key: str) -> str:
    """Return what a term means; raises InputError for one that is not in the glossary."""
    for held, _, says in terms():
        if held == key:
            return says
    raise InputError(f"The glossary has no term {key!r}.")


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()


def page() -> str:
    """Return the whole page as Markdown."""
    return "\n".join([_HEAD, *(f"**{name}.** {says}\n" for _, name, says in terms())])


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
