"""A quiz that a teacher made: its file, how answers are scored, and the table they are kept in."""

import csv
import threading
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from app.errors import InputError
from app.files import digest, keep_private
from app.lessons import bench, course
from app.lessons.course import CHOOSE, CLICK, CUT, DRAW, Answer
from app.lessons.knobs import Knobs
from app.lessons.refusal import Refusal

KINDS = (CHOOSE, CLICK, CUT, DRAW)
COLUMNS = ("when", "quiz", "name", "question", "kind", "score", "answer")
MOST_QUESTIONS = 30
MOST_BYTES = 200_000
MOST_NAME = 60
MOST_TABLE_BYTES = 20_000_000
_WRITING = threading.Lock()


@dataclass(frozen=True)
class Question:
    """One question: its words, its scene, and how it is answered."""

    ask: str
    kind: str
    knobs: Knobs
    options: tuple[str, ...] = ()
    right: int = -1  # of the options, counted from 0


@dataclass(frozen=True)
class Quiz:
    """A teacher's quiz; ``id`` follows its content, so that answers to another one are not taken for its."""

    title: str
    questions: tuple[Question, ...]
    id: str


@dataclass(frozen=True)
class MarkedAnswer:
    """One kept answer: ``score`` from 0 to 1."""

    name: str
    question: int  # from 1
    score: float


def read(path: Path) -> Quiz:
    """Return the quiz of a TOML file; raises InputError with the question at fault and what to change."""
    try:
        data = path.read_bytes()
        if len(data) > MOST_BYTES:
            raise InputError(f"{path.name} is larger than {MOST_BYTES // 1000} kB, which no quiz needs.")
        held = tomllib.loads(data.decode("utf-8"))
    except FileNotFoundError:
        raise InputError(f"There is no quiz at {path}; check the path.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path.name} cannot be read as a quiz: {error}. docs/quiz.toml is one.") from error
    asked = held.get("questions")
    if not isinstance(asked, list) or not 1 <= len(asked) <= MOST_QUESTIONS:
        raise InputError(f"{path.name} needs 1 to {MOST_QUESTIONS} [[questions]]. docs/quiz.toml is one.")
    questions = tuple(_question(one, number) for number, one in enumerate(asked, start=1))
    return Quiz(str(held.get("title") or path.stem), questions, digest(data)[:12])


def score(question: Question, answer: Answer) -> float:
    """Return how good an answer is, 0 to 1.

    A choice and a click are right or wrong; an outline is worth its IoU with the landslide it fits best, and a
    threshold its F1 as a share of the best there is. Raises InputError for an answer of another kind.
    """
    seen = bench.shot(question.knobs)
    if question.kind == CHOOSE and answer.option is not None:
        return float(answer.option == question.right)
    if question.kind == CLICK and answer.point is not None:
        column, row = (int(at) for at in answer.point)
        return float(seen.scene.truth[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2].any())
    if question.kind == DRAW and answer.outline:
        return course.drawn_iou(seen.scene.truth, list(answer.outline))
    if question.kind == CUT:
        smallest = question.knobs.smallest
        reached, best = bench.counts(seen, answer.cut, smallest).f1, bench.best_f1(seen, smallest)
        return min(reached / best, 1.0) if best > 0 and reached == reached else 0.0  # every other step was tried
    raise Refusal("other_answer")


def keep(table: Path, quiz: Quiz, name: str, number: int, answer: Answer) -> float:
    """Write an answer to the end of the table and return its score.

    Raises Refusal without a name, or where the table is full or cannot be written.
    """
    name = " ".join(name.split())[:MOST_NAME]
    if not name:
        raise Refusal("name")
    question = quiz.questions[number - 1]
    reached = score(question, answer)
    row = (
        datetime.now(UTC).isoformat(timespec="seconds"), quiz.id, _safe(name), number, question.kind,
        f"{reached:.3f}", _safe(_told(question, answer)),
    )  # fmt: skip
    try:
        _add(table, row)
    except OSError as error:
        raise Refusal("table_shut", table=table.name) from error
    return reached


def _add(table: Path, row: tuple[object, ...]) -> None:
    with _WRITING:
        new = not table.exists()
        if not new and table.stat().st_size > MOST_TABLE_BYTES:
            raise Refusal("table_full", table=table.name)
        table.parent.mkdir(parents=True, exist_ok=True)
        keep_private(table)  # it holds names
        with table.open("a", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerows([COLUMNS, row] if new else [row])


def kept(table: Path, quiz: Quiz) -> list[MarkedAnswer]:
    """Return each name's first answer to each question of this quiz; a row that cannot be read is left out."""
    first: dict[tuple[str, int], MarkedAnswer] = {}
    for row in rows(table, quiz.id):
        try:
            one = MarkedAnswer(row["name"], int(row["question"]), float(row["score"]))
        except (KeyError, TypeError, ValueError):
            continue
        first.setdefault((one.name, one.question), one)
    return list(first.values())


def rows(table: Path, quiz: str) -> list[dict[str, str]]:
    """Return the answers to one quiz by its id, as the table has them; none where there is no table."""
    if not table.exists():
        return []
    with table.open(newline="", encoding="utf-8", errors="replace") as held:
        return [row for row in csv.DictReader(held) if row.get("quiz") == quiz]


def write_rows(found: Iterable[dict[str, str]], out: IO[str]) -> None:
    """Write answers as a table of their own."""
    writer = csv.DictWriter(out, COLUMNS, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(found)


def shares(quiz: Quiz, answers: Iterable[MarkedAnswer]) -> list[tuple[int, float]]:
    """Return for each question how many answered and their mean score; NaN where nobody did."""
    held = list(answers)
    of = [[one.score for one in held if one.question == n] for n in range(1, len(quiz.questions) + 1)]
    return [(len(scores), sum(scores) / len(scores) if scores else float("nan")) for scores in of]


def _question(held: Any, number: int) -> Question:
    try:
        kind, ask = held["kind"], str(held["ask"])
        options = tuple(str(one) for one in held.get("options", ()))
        right = int(held.get("right", 0)) - 1
        scene = dict(held.get("scene", {}))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"Question {number} needs `kind` and `ask`, and `scene` as a table.") from error
    if kind not in KINDS:
        raise InputError(f"Question {number}: its kind is one of {', '.join(KINDS)}.")
    if kind == CHOOSE and not (2 <= len(options) <= 6 and 0 <= right < len(options)):
        raise InputError(f"Question {number} needs 2 to 6 `options`, and `right` as the number of one of them, from 1.")
    unknown = sorted(set(scene) - {one.name for one in fields(Knobs)})
    if unknown:
        raise InputError(f"Question {number}: the bench has no knob {', '.join(unknown)}.")
    try:
        return Question(ask, kind, Knobs(**scene), options, right)
    except (InputError, TypeError) as error:
        raise InputError(f"Question {number}: {error}") from error


def _told(question: Question, answer: Answer) -> str:
    if answer.option is not None:
        return question.options[answer.option]
    if answer.point is not None:
        return f"{answer.point[0]:.0f} {answer.point[1]:.0f}"
    return f"{len(answer.outline)} corners" if answer.outline else f"{answer.cut:.4g}"


def _safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
