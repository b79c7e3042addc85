"""What whoever brings a file says about it where the file does not, or is not to be believed."""

from dataclasses import dataclass

MAX_ROWS = 200_000  # of an inventory


@dataclass(frozen=True)
class Given:
    """The layer of a file that holds several, the reference system of its coordinates, and columns by name.

    ``columns`` are pairs of what Scarp reads (one of NAMES) and the title of the column it stands in.
    """

    layer: str = ""
    crs: str = ""
    columns: tuple[tuple[str, str], ...] = ()


NOTHING = Given()
