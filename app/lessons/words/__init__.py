"""The words of the Learn page: one file a language, all with the same keys."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from app.errors import InputError

ENGLISH = "en"
_HERE = Path(__file__).parent


def codes() -> tuple[str, ...]:
    """Return the languages there are, by the names of their files, English first."""
    return tuple(sorted((path.stem for path in _HERE.glob("*.toml")), key=lambda code: (code != ENGLISH, code)))


def languages() -> dict[str, str]:
    """Return the languages there are: the name of the file and what the language calls itself."""
    return {code: str(words(code)["language"]) for code in codes()}


@cache
def written(language: str) -> dict[str, Any]:
    """Return what the file of a language holds, as tables within tables; raises InputError where there is none."""
    path = _HERE / f"{language}.toml"
    if not language.isalpha() or not path.exists():
        raise InputError(f"There are no lessons in {language[:20]!r}.")
    return tomllib.loads(path.read_text("utf-8"))


@cache
def words(language: str = ENGLISH) -> dict[str, Any]:
    """Return all words of a language, English where its file lacks some; raises InputError for an unknown one."""
    return _laid_over(written(ENGLISH), written(language))


def said(*names: str, language: str = ENGLISH) -> str:
    """Return one text by its names, as ``said("page", "title")``."""
    found: Any = words(language)
    for name in names:
        found = found[name]
    return str(found)


def filled(text: str, language: str = ENGLISH, **figures: object) -> str:
    """Return a text with its figures filled in, decimals as the language writes them."""
    sign = words(language)["decimal"]
    return text.format(**{name: _Figure(one, sign) if isinstance(one, float) else one for name, one in figures.items()})


class _Figure:
    """A number that is written with the decimal sign of a language."""

    def __init__(self, value: float, sign: str) -> None:
        self.value, self.sign = value, sign

    def __format__(self, how: str) -> str:
        return format(self.value, how).replace(".", self.sign)


def _laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Return ``above``, with what it lacks of ``below``; a list of another length comes from below."""
    return {name: _chosen(one, above.get(name)) for name, one in below.items()}


def _chosen(below: Any, above: Any) -> Any:
    if isinstance(below, dict) and isinstance(above, dict):
        return _laid_over(below, above)
    fits = type(below) is type(above) and not (isinstance(below, list) and len(below) != len(above))
    return above if fits else below
