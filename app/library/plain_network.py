"""A network run on a pair without Scarp: onnxruntime, and what its contract says, as lines of Python.

The lines take ``pair``, ``t1`` and ``t2``, as ``app.library.plain_steps`` opens and names them, and make ``score``.
"""

from typing import TYPE_CHECKING

from app import config
from app.detection.methods import Method
from app.detection.network import fitting, looking, registry, stating
from app.detection.network.contract import Contract
from app.detection.network.tiles import Axis, Tiling
from app.errors import ScarpError

if TYPE_CHECKING:
    import xarray as xr


def lines(patch: "xr.Dataset", method: Method) -> list[str]:
    """Return the lines that run a network with onnxruntime, scaled and read as its contract says."""
    try:
        file = registry.find(method.target)
        described = looking.described([file.path])[file.path]
        if isinstance(described, ScarpError):
            raise described
        found = fitting.fit(stating.stated(file.path, described), described)
    except ScarpError as error:
        return [f"# {method} cannot be run: {' '.join(str(error).split())}"]
    tiling = fitting.tiling(found, (patch.sizes["y"], patch.sizes["x"]))
    if file.published or not _plain(found.contract) or tiling.count > 1:
        return [f"# {method} is cut into {tiling}, or read in a way of its own, by Scarp: docs/MODELS.md says how"]
    inside = config.ROOT in file.path.parents
    name = file.path.relative_to(config.ROOT).as_posix() if inside else file.path.name
    where = "  # in the folder of Scarp" if inside else ""
    return [
        "import numpy as np",
        "import onnxruntime",
        "import xarray as xr",
        *(_blur_import(found.contract)),
        *_given(found.contract, tiling),
        f"session = onnxruntime.InferenceSession({name!r}, providers=['CPUExecutionProvider']){where}",
        f"answer = session.run([{found.output!r}], {_inputs(found.contract)})[0]",
        *_READ[found.contract.output](found.contract),
        f"inner = {_inner(tiling.rows)}, {_inner(tiling.columns)}",
        "measured = np.isfinite(pair[bands].to_dataarray()).all(('variable', 'time'))",
        "score = xr.DataArray(likely[inner].astype('float32'), dims=('y', 'x')).where(measured)",
    ]


def _plain(contract: Contract) -> bool:
    """Whether a few lines can give a network what it reads: both dates as scaled float32, channels first."""
    usual = contract.layout == "channels-first" and contract.dtype == "float32" and contract.stretch == "reflectance"
    return usual and not contract.alone and not contract.terrain


def _given(contract: Contract, tiling: Tiling) -> list[str]:
    scaling = [
        f"{name} = np.array({_each(contract, name)!r})[:, None, None]" for name in ("low", "high", "mean", "std")
    ]
    edges = ((0, 0), _edges(tiling.rows), _edges(tiling.columns))
    return [
        f"bands = {list(contract.bands)!r}  # this and the scaling are in the network's contract (docs/MODELS.md)",
        *scaling,
        "",
        "",
        "def given(date, other):",
        '    """One date as the network reads it; gaps are filled from the other, so that they are no change."""',
        "    values, filling = (one[bands].to_dataarray().values for one in (date, other))",
        "    values = np.where(np.isfinite(values), values, filling)",
        "    values = np.where(np.isfinite(values), values, (low + high) / 2)",
        "    scaled = (np.clip((values - low) / (high - low), 0, 1) - mean) / std",
        f"    return np.pad(scaled, {edges}, mode='reflect').astype('float32')[None]",
        "",
        "",
        "first, second = given(t1, t2), given(t2, t1)",
    ]


def _each(contract: Contract, name: str) -> list[float]:
    values = getattr(contract, name)
    return list(values * len(contract.bands) if len(values) == 1 else values)


def _edges(axis: Axis) -> tuple[int, int]:
    """Return how many pixels are mirrored before and after one side."""
    before = -axis.starts[0]
    return before, axis.tile - before - axis.side


def _inner(axis: Axis) -> str:
    before, _ = _edges(axis)
    return f"slice({before}, {before + axis.side})"


def _inputs(contract: Contract) -> str:
    if contract.stacked:
        return f"{{{contract.inputs[0]!r}: np.concatenate([first, second], axis=1)}}"
    return f"{{{contract.inputs[0]!r}: first, {contract.inputs[1]!r}: second}}"


def _blur_import(contract: Contract) -> list[str]:
    blurred = contract.output == "reconstruction" and contract.blur_px
    return ["from scipy.ndimage import gaussian_filter"] if blurred else []


def _of_logits(contract: Contract) -> list[str]:
    at = contract.changed
    return [
        f"logit = answer[0, {at}] - answer[0, {1 - at}] if answer.shape[1] == 2 else answer[0, 0]",
        f"likely = 1 / (1 + np.exp(-({contract.slope!r} * logit + {contract.shift!r})))",
    ]


def _of_probability(contract: Contract) -> list[str]:
    return [f"likely = np.clip(answer[0, {contract.changed} if answer.shape[1] > 1 else 0], 0, 1)"]


def _of_decided(contract: Contract) -> list[str]:
    return [f"likely = answer.reshape(answer.shape[0], *answer.shape[-2:])[0] == {contract.changed}"]


def _of_reconstruction(contract: Contract) -> list[str]:
    """Return the lines that make a score of what a reconstruction got wrong, as ``Contract`` says."""
    there = "first" if contract.reconstructs == "t1" else "second"
    floor, spread = contract.log_floor, contract.spread_floor
    if floor:
        lines = [f"seen, rebuilt = (np.log(np.clip(one[0] * std + mean, 0, 1) + {floor}) for one in ({there}, answer))",
                 "wrong = seen - rebuilt"]  # fmt: skip
    else:
        lines = [f"wrong = np.clip({there}[0], -1, 1) - answer[0]"]
    if contract.blur_px:
        lines.append(f"wrong = gaussian_filter(wrong, (0, {contract.blur_px}, {contract.blur_px}), mode='nearest')")
    weighed = f"np.einsum('chw,c->hw', wrong, {list(contract.weights)!r})"
    lines.append(f"error = {weighed if contract.weights else 'np.abs(wrong).mean(axis=0)'}")
    if spread:
        lines += ["error = error - np.median(error)", f"error = error / (np.median(np.abs(error)) + {spread})"]
    return [*lines, "likely = np.clip(error / 2, 0, 1)"]


_READ = {
    "logits": _of_logits, "probability": _of_probability, "decided": _of_decided,
    "reconstruction": _of_reconstruction,
}  # fmt: skip
