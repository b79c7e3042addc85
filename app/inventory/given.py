"""What whoever brings a file says about it where the file does not, or is not to be believed."""

from dataclasses import dataclass

MAX_ROWS = 200_000  # of an inventory


@dataclass(frozen=True)
class Given:
    """The layer of a file that holds several, the reference system of its coordinates, and columns by name.

    ``columns`` are pairs of what Scarp reads (one of NAMES) and the title of the column it stands in, empty where no
    column holds it.
    """

    layer: str = ""
    crs: str = ""
    columns: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return it as JSON holds it."""
        return {"layer": self.layer, "crs": self.crs, "columns": [list(pair) for pair in self.columns]}


NOTHING = Given()


def from_json(said: object) -> Given:
    """Return what ``as_json`` wrote; nothing for what is not of that form."""
    if not isinstance(said, dict):
        return NOTHING
    layer, crs, columns = said.get("layer"), said.get("crs"), said.get("columns")
    if not (isinstance(layer, str) and isinstance(crs, str) and isinstance(columns, list)):
        return NOTHING
    pairs = [pair for pair in columns if isinstance(pair, list) and [type(one) for one in pair] == [str, str]]
    return Given(layer, crs, tuple((wanted, title) for wanted, title in pairs))
