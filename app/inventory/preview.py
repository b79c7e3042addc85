"""What a table holds, for whoever has to say which of its columns is what."""

from dataclasses import dataclass
from itertools import islice

from app.errors import InventoryError
from app.files import digest
from app.inventory.columns import candidates, with_given
from app.inventory.given import NOTHING, Given
from app.inventory.rows import first_rows, opened

ROWS = 6
_MOST_CHARACTERS = 80


@dataclass(frozen=True)
class Preview:
    """The titles and first rows of a table, and what Scarp would take each column for."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    guessed: dict[str, str]  # what Scarp reads, one of columns.NAMES -> the title of the column it would be read from
    has_shapes: bool  # whether positions stand in the geometries of the file, not in columns

    @property
    def key(self) -> str:
        """A name that files with these columns share."""
        return digest("\x1f".join(self.header))[:24]


def preview(data: bytes, name: str, given: Given = NOTHING) -> Preview:
    """Return what the bytes of a file hold; ``name`` stands in messages.

    Raises InventoryError where they are no table of two columns and more, and LayerNeededError or CrsNeededError where
    something has to be given before it can be opened at all.
    """
    table = opened(data, name, given)
    first = list(islice(table.rows, ROWS)) if table.shapes else first_rows(table)
    if not first and table.shapes is None:
        raise InventoryError(f"{name} is no table: nothing in it stands in columns.")
    found = with_given(candidates(table.header), table.header, given.columns, name)
    header = table.header if table.shapes is None else table.header[:-1]
    rows = (tuple(cell[:_MOST_CHARACTERS] for cell in row[: len(header)]) for row in first[:ROWS])
    guessed = {wanted: table.header[places[0]] for wanted, places in found.items() if places[0] < len(header)}
    return Preview(header, tuple(rows), guessed, table.shapes is not None)
