"""What is walked through polygon by polygon on the Review page, and how each may be judged."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """One way to judge a polygon: its button, and the verdict with the note that it keeps."""

    verdict: str
    title: str
    icon: str | None
    said: str
    note: str = ""
    help: str = ""


@dataclass(frozen=True)
class Walked:
    """What is walked through: how entries on it are marked, what one is called, and how it may be judged."""

    kind: str
    one: str
    answers: tuple[Answer, ...]
    none_here: str


POLYGONS = Walked(
    "polygon",
    "polygon",
    (
        Answer("confirmed", "Keep", ":material/check:", "Kept"),
        Answer("rejected", "Drop", ":material/close:", "Dropped"),
    ),
    "The method finds no polygon of this size here.",
)
TRUTH_OUTLINES = Walked(
    "truth",
    "outline",
    (
        Answer("confirmed", "Keep", None, "Kept"),
        Answer("bad-label", "Shifted", None, "Shifted", "shifted", "A landslide, beside its outline"),
        Answer("bad-label", "Incomplete", None, "Incomplete", "incomplete",
               "A landslide, of which the outline shows a part"),
        Answer("rejected", "Wrong", None, "Wrong", "wrong object"),
    ),
    "No landslide is mapped here.",
)  # fmt: skip
