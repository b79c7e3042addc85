"""A quiz carried whole by a link: scenes set beforehand, each with its number and the kind of question asked of it.

A link is for whoever gets it: what is right is covered, so that nobody reads it in passing, and checked, so that a link
that was cut or changed is refused. It is no secret from somebody who takes Scarp's own code to it.
"""

import base64
import binascii
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

from app.errors import InputError
from app.files import digest
from app.lessons.course import CHOOSE, CLICK, CUT, DRAW
from app.lessons.knobs import SPANS, TRAPS, Knobs
from app.lessons.quiz import MOST_QUESTIONS, Question, Quiz
from app.lessons.refusal import Refusal
from app.lessons.words import ENGLISH, words

NAME = "quiz"  # of the choice in an address
MOST_TITLE = 60
MOST_LETTERS = 500
OPTIONS = 4  # to choose from
# Numbers in a link: nothing is ever taken out or put between. The real pair is left out, for nothing slid there.
SCENES = ("plain", "season", "fields", "cloud", "haze", "aside", "light", "faint", "offset")
KINDS = (CHOOSE, CLICK, CUT, DRAW)
_EDITION, _CHECK = 1, 4  # bytes of the check


@dataclass(frozen=True)
class LinkedQuestion:
    """One question: a scene set beforehand, its number (0 to 99), and how it is answered. Raises InputError."""

    scene: str
    number: int
    kind: str

    def __post_init__(self) -> None:
        for held, allowed, refused in ((self.scene, SCENES, "no_scene"), (self.kind, KINDS, "no_kind")):
            if held not in allowed:
                raise Refusal(refused, held=held[:20], allowed=", ".join(allowed))
        if not SPANS["scene"].low <= self.number <= SPANS["scene"].high:
            raise Refusal("scene_number", most=f"{SPANS['scene'].high:g}")

    @property
    def knobs(self) -> Knobs:
        """The scene as the bench sets it."""
        return TRAPS[self.scene].with_(scene=self.number)


@dataclass(frozen=True)
class Linked:
    """What a link of a quiz says; the title may be empty."""

    title: str
    asked: tuple[LinkedQuestion, ...]
    id: str


def write(asked: Iterable[LinkedQuestion], title: str = "") -> str:
    """Return the text that stands in a link for a quiz; raises InputError without questions or with too many."""
    held, title = tuple(asked), " ".join(title.split())
    if not 1 <= len(held) <= MOST_QUESTIONS:
        raise Refusal("quiz_number", most=MOST_QUESTIONS)
    if len(title) > MOST_TITLE or not title.isprintable():
        raise Refusal("quiz_title", most=MOST_TITLE)
    pairs = (bytes((KINDS.index(one.kind) << 4 | SCENES.index(one.scene), one.number)) for one in held)
    body = bytes((_EDITION, len(held))) + b"".join(pairs) + title.encode()
    check = sha256(body).digest()[:_CHECK]
    return base64.urlsafe_b64encode(check + _covered(body, check)).rstrip(b"=").decode()


def read(text: str) -> Linked:
    """Return what ``write`` wrote; raises InputError where a link was cut, changed or never one."""
    if len(text) > MOST_LETTERS or not re.fullmatch(r"[A-Za-z0-9_-]+", text, re.ASCII):
        raise Refusal("quiz_none")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        check, body = data[:_CHECK], _covered(data[_CHECK:], data[:_CHECK])
        if sha256(body).digest()[:_CHECK] != check:
            raise ValueError("changed")
        asked, title = _questions(body)
        if write(asked, title) != text:
            raise ValueError("not as it is written")
    except (binascii.Error, ValueError, IndexError, InputError) as error:
        raise Refusal("quiz_cut") from error
    return Linked(title, asked, digest(text.encode())[:12])


def of_address(text: str) -> Linked:
    """Return the quiz of a whole address, or of what stands for it there; raises InputError."""
    found = parse_qs(urlsplit(text.strip()).query).get(NAME)
    return read(found[0] if found else text.strip())


def quiz(linked: Linked, language: str = ENGLISH) -> Quiz:
    """Return a quiz that can be answered, its questions in a language."""
    title = linked.title or words(language)["making"]["usual_title"]
    return Quiz(title, tuple(_question(one, language) for one in linked.asked), linked.id)


def parse(text: str) -> tuple[LinkedQuestion, ...]:
    """Return the questions of a plain text, ``haze.3.draw-plain.4.cut``; raises InputError with the one at fault."""
    parts = [part for part in text.split("-") if part]
    if len(parts) > MOST_QUESTIONS:
        raise Refusal("quiz_number", most=MOST_QUESTIONS)
    return tuple(_asked(part) for part in parts)


def show(asked: Iterable[LinkedQuestion]) -> str:
    """Return questions as ``parse`` reads them."""
    return "-".join(f"{one.scene}.{one.number}.{one.kind}" for one in asked)


def _asked(part: str) -> LinkedQuestion:
    try:
        scene, number, kind = part.split(".")
        return LinkedQuestion(scene, int(number), kind)
    except ValueError as error:
        raise Refusal("no_question", part=part[:40]) from error


def _questions(body: bytes) -> tuple[tuple[LinkedQuestion, ...], str]:
    edition, number = body[0], body[1]
    if edition != _EDITION or not 1 <= number <= MOST_QUESTIONS:
        raise ValueError("of another edition")
    pairs, title = body[2 : 2 + 2 * number], body[2 + 2 * number :].decode()
    kinds = zip(pairs[::2], pairs[1::2], strict=True)
    return tuple(LinkedQuestion(SCENES[one & 15], scene, KINDS[one >> 4]) for one, scene in kinds), title


def _covered(body: bytes, check: bytes) -> bytes:
    """Return bytes covered, or uncovered: the same twice gives them back."""
    return bytes(one ^ other for one, other in zip(body, _stream(check, len(body)), strict=True))


def _stream(check: bytes, most: int) -> Iterator[int]:
    blocks = (sha256(b"scarp quiz" + check + bytes((n,))).digest() for n in range(most // 32 + 1))
    return (one for _, one in zip(range(most), (byte for block in blocks for byte in block), strict=False))


def _question(one: LinkedQuestion, language: str) -> Question:
    ask = words(language)["asks"][one.kind]
    if one.kind != CHOOSE:
        return Question(ask, one.kind, one.knobs)
    drawn = random.Random(f"{one.scene} {one.number}")  # nosec B311  # the same for everybody
    names = [one.scene, *drawn.sample([name for name in SCENES if name != one.scene], OPTIONS - 1)]
    drawn.shuffle(names)
    titles = tuple(words(language)["traps"][name]["title"] for name in names)
    return Question(ask, one.kind, one.knobs, titles, names.index(one.scene))
