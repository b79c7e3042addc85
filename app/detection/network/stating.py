"""What a network's file says of itself: its contract, in the file or in a .json beside it."""

from pathlib import Path

from app.detection.network import contract as contracts
from app.detection.network import guessing
from app.detection.network.contract import Contract
from app.detection.network.graph import Graph
from app.errors import NetworkError

ENDING = ".onnx"
IN_FILE, BESIDE, GIVEN = "the file", "the .json beside it", "the form"


def contract_of(path: Path, graph: Graph) -> tuple[Contract | None, str]:
    """Return a file's contract and where it was found: the .json beside it, else its own metadata, else None.

    What lies beside it comes first, for somebody put it there later; an empty file is what a shell makes
    before ``check --suggest`` fills it, so it counts as none. Raises NetworkError where it is wrong.
    """
    beside = path.with_suffix(".json")
    if beside.is_file() and beside.stat().st_size:
        if beside.stat().st_size > 4 * contracts.LONGEST_JSON:
            raise NetworkError(f"{beside.name} is too large to be a contract.")
        try:
            return contracts.from_json(beside.read_text(encoding="utf-8-sig"), beside.name), BESIDE
        except (OSError, UnicodeDecodeError) as error:
            raise NetworkError(f"{beside.name} cannot be read; write it as UTF-8 text.") from error
    return contracts.from_metadata(graph.metadata, "its contract"), IN_FILE


def stated(path: Path, graph: Graph) -> Contract:
    """Return a file's contract; raises NetworkError where it has none, or could have none."""
    contract, _ = contract_of(path, graph)
    if contract is None:
        guessing.suggest(path.stem, graph)  # raises where no contract could help
        raise NetworkError(
            "the file does not say which bands it takes and what it answers. `python -m app models check "
            f"{path.name} --suggest > {path.stem}.json` writes that beside it, to be corrected."
        )
    return contract
