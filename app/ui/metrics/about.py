"""What every table and figure of the scores says of itself: data, region, number of events, and SIMULATED."""

from dataclasses import dataclass

from app import config
from app.files import file_word
from app.ui import words


@dataclass(frozen=True)
class About:
    """Where numbers come from."""

    label: str  # the data in words, never a path
    region: str  # whole or box
    events: int
    simulated: bool

    @property
    def words(self) -> str:
        """One line for a page, a picture or a caption."""
        patch = "evaluation box" if self.region == "box" else "whole patch"
        counted = "n = 1" if self.events == 1 else f"n = {words.counted(self.events, 'event')}"
        return f"{'SIMULATED data: ' if self.simulated else ''}{self.label}, {patch}, {counted}"

    def file(self, name: str, ending: str = "") -> str:
        """Return a file's name, which begins with SIMULATED where the data are."""
        stem = file_word("_".join(("scores", name, self.region)))
        return f"{'SIMULATED_' if self.simulated else ''}{stem}{ending}"

    @property
    def columns(self) -> dict[str, object]:
        """The same in columns, for a table that leaves the page."""
        return {
            "data": self.label, "region": self.region, "events": self.events, "simulated": self.simulated,
            "software": config.software(),
        }  # fmt: skip
