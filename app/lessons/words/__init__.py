"""The words of the Learn page: one file a language, all with the same keys."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from app.errors import InputError

ENGLISH = "en"
_HERE = Path(__file__).parent


def languages() -> dict[str, str]:
    """Return the languages there are: the name of the file and what the language calls itself."""
    return {path.stem: str(words(path.stem)["language"]) for path in sorted(_HERE.glob("*.toml"))}


@cache
def words(language: str = ENGLISH) -> dict[str, Any]:
    """Return all words of a language, as tables within tables; raises InputError for one there is no file of."""
    path = _HERE / f"{language}.toml"
    if not language.isalpha() or not path.exists():
        raise InputError(f"There are no lessons in {language[:20]!r}.")
    return tomllib.loads(path.read_text("utf-8"))


def said(*names: str, language: str = ENGLISH) -> str:
    """Return one text by its names, as ``said("page", "title")``."""
    found: Any = words(language)
    for name in names:
        found = found[name]
    return str(found)
