"""Checkpoint files: the published forms of BIT and CDRL, and Scarp's own, read without running code from them.

- BIT_CD's: a dict with ``model_G_state_dict`` beside optimiser, scheduler and scores (numpy scalars).
- CDRL's: the bare state dict.
- Scarp's: a dict with ``network`` (one of ``NETWORKS``), ``state_dict`` and ``contract`` (JSON text).
- of BIT, the .onnx file that Scarp exports (``models.unfold``).

Names may carry ``module.``, as torch's DataParallel leaves them.
"""

import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from app.detection.network import contract as contracts
from app.detection.network.contract import Contract
from app.errors import NetworkError
from app.files import placed
from models import bit, cdrl, scar, unfold

NETWORKS: dict[str, Callable[[Mapping[str, Tensor]], nn.Module]] = {
    "bit": bit.from_state,
    "cdrl": cdrl.from_state,
    "scar": scar.from_state,
}
STATE_KEYS = ("state_dict", "model_G_state_dict")
DATA_PARALLEL = "module."


@dataclass(frozen=True)
class Checkpoint:
    """A network with its weights, ready to run, and what its file says of it."""

    network: nn.Module
    contract: Contract | None  # None in the published forms, which do not carry one


def read(path: Path, network: str) -> Checkpoint:
    """Return the checkpoint at ``path`` as the network called ``network`` (one of ``NETWORKS``).

    Only arrays, numbers and plain containers are read (``weights_only``). Raises NetworkError, in one
    sentence, where the file is not there, refused, not a checkpoint, or of another network.
    """
    if exported(path):
        if network != "bit":
            raise NetworkError(f"{path} is an .onnx file; only of bit can it be taken apart. Name a checkpoint.")
        return Checkpoint(*unfold.bit(path))
    content = _load(path)
    if not isinstance(content, Mapping):
        raise NetworkError(f"{path} holds a {type(content).__name__}, not a state dict; save the model's state_dict().")
    stated = content.get("network", network)
    if stated != network:
        advice = f"export it as {stated}" if stated in tuple(NETWORKS) else f"Scarp knows {', '.join(NETWORKS)}"
        raise NetworkError(f"{path} is a checkpoint of {str(stated)[:50]}, not of {network}; {advice}.")
    state = next((content[key] for key in STATE_KEYS if key in content), content)
    return Checkpoint(_network(network, _state(state, path), path), _contract(content, path))


def exported(path: Path) -> bool:
    """Whether a file is called an .onnx file."""
    return path.suffix.lower() == ".onnx"


def save(path: Path, network: str, module: nn.Module, contract: Contract) -> None:
    """Write Scarp's own form; ``path`` holds the whole file or, if writing fails, what it held before."""
    content = {"network": network, "state_dict": module.state_dict(), "contract": contract.to_json()}
    try:
        with placed(path) as part:
            torch.save(content, part)
    except (OSError, RuntimeError) as error:  # torch reports a missing folder as RuntimeError
        raise NetworkError(
            f"{path} cannot be written ({_first_line(error)}); choose a folder you may write to."
        ) from error


def _load(path: Path) -> object:
    if not path.is_file():
        raise NetworkError(f"There is no checkpoint at {path}; check the path.")
    try:
        with torch.serialization.safe_globals(_numpy_scalars()), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on old pickles; what matters of it comes back as an error
            return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # damaged or hostile files fail in torch's unpickler in any way at all
        refused = re.search(r"GLOBAL ([\w.]+)", str(error))
        if refused:
            raise NetworkError(
                f"{path} is refused: it asks for {refused[1]}, and loading that could run code; "
                "save the state_dict() alone."
            ) from error
        raise NetworkError(f"{path} is not a torch checkpoint, or is damaged ({_first_line(error)}).") from error


def _numpy_scalars() -> list:
    """Return what a pickled numpy number needs, under the module names of numpy 1 and numpy 2.

    BIT_CD stores its best score as one; none of these runs code from the file.
    """
    scalar = np.float64(0).__reduce__()[0]
    names = [(scalar, f"numpy.{core}.multiarray.scalar") for core in ("core", "_core")]
    kinds = [type(np.dtype(kind)) for kind in (np.float64, np.float32, np.int64)]
    return [*names, np.dtype, *kinds]


def _state(state: object, path: Path) -> dict[str, Tensor]:
    if not isinstance(state, Mapping) or not state or not all(isinstance(value, Tensor) for value in state.values()):
        raise NetworkError(
            f"{path} holds no state dict; expected tensors by name, on their own or under {' or '.join(STATE_KEYS)}."
        )
    return {str(key).removeprefix(DATA_PARALLEL): value for key, value in state.items()}


def _network(name: str, state: dict[str, Tensor], path: Path) -> nn.Module:
    try:
        return NETWORKS[name](state)
    except (KeyError, RuntimeError, IndexError, ValueError) as error:
        others = [other for other in NETWORKS if other != name and _matches(other, state)]
        advice = f"export it as {others[0]}" if others else "its names or shapes differ from the published ones"
        reason = f"it has no {error}" if isinstance(error, KeyError) else _first_line(error)
        raise NetworkError(f"{path} does not fit {name} ({reason}); {advice}.") from error


def _matches(name: str, state: dict[str, Tensor]) -> bool:
    try:
        NETWORKS[name](state)
    except (KeyError, RuntimeError, IndexError, ValueError):
        return False
    return True


def _contract(content: Mapping, path: Path) -> Contract | None:
    text = content.get("contract")
    return contracts.from_json(text, f"The contract in {path}") if isinstance(text, str) else None


def _first_line(error: Exception) -> str:
    """Return torch's reason without its pages of advice."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:2])[:200].rstrip(".:") if lines else type(error).__name__
