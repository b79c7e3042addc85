"""What is walked through polygon by polygon on the Review page, and how each may be judged."""

from dataclasses import dataclass


@dataclass(frozen=True)
class WalkAnswer:
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
    answers: tuple[WalkAnswer, ...]
    none_here: str


POLYGONS = Walked(
    "polygon",
    "polygon",
    (
        WalkAnswer("confirmed", "Keep", ":material/check:", "Kept"),
        WalkAnswer("rejected", "Drop", ":material/close:", "Dropped"),
    ),
    "The method finds no polygon of this size here.",
)
TRUTH_OUTLINES = Walked(
    "truth",
    "outline",
    (
        WalkAnswer("confirmed", "Keep", None, "Kept"),
        WalkAnswer("bad-label", "Shifted", None, "Shifted", "shifted", "A landslide, beside its outline"),
        WalkAnswer("bad-label", "Incomplete", None, "Incomplete", "incomplete",
               "A landslide, of which the outline shows a part"),
        WalkAnswer("rejected", "Wrong", None, "Wrong", "wrong object"),
    ),
    "No landslide is mapped here.",
)  # fmt: skip
