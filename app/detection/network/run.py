"""Run a network from an .onnx file on a patch: on a GPU if there is one, else on the CPU, tile by tile."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from app import config, patches
from app.bands import HEIGHT
from app.detection.methods import PROBABILITY, RECONSTRUCTION, Method, Scored
from app.detection.network import answers, fitting, process, registry, scaling, stating, tiles
from app.detection.network.answers import AnswersSeen
from app.detection.network.contract import SLOPE, Contract
from app.detection.network.fitting import Fit
from app.detection.network.process import Budget, Opened
from app.detection.network.registry import NetworkFile
from app.detection.network.tiles import Tiling
from app.detection.network.worker import GPU_PROVIDERS
from app.errors import HeightsMissingError, NetworkBudgetError, NetworkError, NetworkRunError
from app.patches import Progress, no_progress

if TYPE_CHECKING:
    import xarray as xr

BUDGETED_PX = 4096 * 4096  # the largest patch of pages; what is larger has longer, and whoever waits sees how far it is
BLOCK_ROWS = 512  # of a scene that are looked at together
T2_ALONE = "It reads T2 alone, so every pixel that is clear at T2 counts, whatever lies over it at T1."


def score(patch: "xr.Dataset", method: Method, device: str = "auto", progress: Progress = no_progress) -> Scored:
    """Return the score of the network that ``method`` names, in 0 to 1, larger where change is likelier.

    ``measured`` is True where every band it reads was measured at both dates. A network that fails on
    large tiles is run on small ones, one that fails on the GPU is run on the CPU, and the result says
    so. Raises BandMissingError where the patch lacks a band (it can be opened again with it, so
    nothing runs instead), NetworkError where the network cannot be run, and what ``progress`` raises.
    """
    network = registry.find(method.target)
    with process.one_at_a_time(progress) as told:
        return _first_that_runs(patch, network, device, told)


class _FailedError(Exception):
    """One way of running failed; another may work. ``provider`` is where it ran."""

    def __init__(self, reason: NetworkRunError, opened: Opened, smaller: bool) -> None:
        super().__init__(str(reason))
        self.reason, self.provider, self.on_gpu = reason, opened.provider, opened.device == "gpu"
        self.brief = f"{str(reason).partition('. ')[0].rstrip('.')}."  # without what to do: another way worked
        self.smaller = smaller  # whether smaller tiles are left to try


def _first_that_runs(patch: "xr.Dataset", network: NetworkFile, device: str, progress: Progress) -> Scored:
    """Try large tiles, then small ones, then, where that was a GPU, the CPU; all within one budget."""
    budget = Budget(config.settings().model_budget_s * max(1.0, patch.sizes["y"] * patch.sizes["x"] / BUDGETED_PX))
    try:
        return _run(patch, network, device, False, budget, progress)
    except _FailedError as error:
        failed = error
    if failed.smaller:
        try:
            scored = _run(patch, network, device, True, budget, progress)
            return replace(scored, note=f"{scored.note} With large tiles {failed.brief}")
        except _FailedError as error:
            failed = error
    if failed.on_gpu:
        try:
            scored = _run(patch, network, "cpu", True, budget, progress)
            return replace(scored, fallback=f"{failed.provider} failed, so it ran on the CPU: {failed.brief}")
        except _FailedError as error:
            failed = error
    raise failed.reason


def _run(
    patch: "xr.Dataset", network: NetworkFile, device: str, careful: bool, budget: Budget, progress: Progress
) -> Scored:
    def watch() -> None:
        progress(0.0, f"Setting up {network.name}")

    with process.opened(network.path, device, budget, watch) as opened:
        found = fitting.fit(stating.stated(network.path, opened.graph), opened.graph)
        patch = _with_ground(patch, found.contract)
        patches.require_bands(patch, *found.contract.spectral)
        shape = patch.sizes["y"], patch.sizes["x"]
        tiling, smallest = (fitting.tiling(found, shape, small) for small in (careful, True))
        try:
            values, seen = _blended(patch, network, found, tiling, opened, progress)
        except NetworkRunError as error:
            raise _FailedError(error, opened, smaller=tiling != smallest) from error
    measured = _measured(patch, found.contract, values)
    return Scored(
        score=values,
        measured=measured,
        threshold=scaling.PUBLISHED_THRESHOLD if network.published else found.contract.threshold,
        unit=RECONSTRUCTION if found.contract.output == "reconstruction" else PROBABILITY,
        device=opened.device,
        provider=opened.provider,
        fallback=elsewhere(device, opened.asked, opened.provider, opened.available),
        model_sha256=opened.graph.sha256,
        note=_note(tiling, fitting.depends_on_tile(opened.graph) or found.contract.spread_floor > 0, found.contract),
        warnings=(*found.doubts, *answers.doubts(seen, found.contract)),
        dates=scaling.dates_of(found.contract),
    )


def elsewhere(device: str, asked: str, provider: str, available: Sequence[str]) -> str:
    """Return why a network did not run where it was to, empty where it did.

    onnxruntime takes the CPU without a word where a provider does not start, so what it was ``asked``
    for is compared with the ``provider`` it took.
    """
    if provider != asked:
        return f"{asked} did not start, so {provider} was used; its driver or libraries may be missing."
    if device == "gpu" and provider not in GPU_PROVIDERS:
        offered = ", ".join(available)
        return f"onnxruntime offers no GPU here (only {offered}), so the network ran on the CPU."
    return ""


class _Telling:
    """Says which tile is under way, as often as it is asked."""

    def __init__(self, name: str, count: int, progress: Progress) -> None:
        self.name, self.count, self.progress, self.done = name, count, progress, 0

    def at(self, done: int) -> None:
        """Take note that ``done`` tiles are finished."""
        self.done = done
        self()

    def __call__(self) -> None:
        under_way = min(self.done + 1, self.count)
        self.progress(self.done / self.count, f"{self.name}: tile {under_way} of {self.count}")


def _blended(
    patch: "xr.Dataset", network: NetworkFile, found: Fit, tiling: Tiling, opened: Opened, progress: Progress
) -> tuple[np.ndarray, AnswersSeen]:
    """Return the blended score of the whole patch, float32 (y, x), and what the network's answers showed."""
    contract, shown = found.contract, AnswersSeen()
    inputs, tell = scaling.Inputs(patch, contract, tiling), _Telling(network.name, tiling.count, progress)

    def answer(places: Sequence[tuple[int, int]]) -> np.ndarray:
        nonlocal shown
        full = [*places, *[places[-1]] * ((found.batch or len(places)) - len(places))]  # a batch of fixed size
        try:
            scores, seen = opened.score(
                contract, inputs.dates(full), found.output, len(places), network.published, tell
            )
        except (NetworkRunError, NetworkBudgetError):
            raise
        except NetworkError as error:  # its file promised otherwise; another size may do
            raise NetworkRunError(str(error)) from error
        shown = shown.with_more(seen)
        return scores

    return tiles.blend(tiling, answer, tell.at), shown


def _with_ground(patch: "xr.Dataset", contract: Contract) -> "xr.Dataset":
    """Return a patch with the slope in degrees, float32 (y, x), where the network reads it; one it holds stays.

    Raises HeightsMissingError where it reads slope or elevation, and the patch holds none.
    """
    if all(channel in patch for channel in contract.terrain):
        return patch
    if HEIGHT not in patch:
        raise HeightsMissingError(
            f"The network reads {' and '.join(contract.terrain)} beside its bands, and this patch holds no elevation. "
            "Open it again with heights (`patch --dem`), or choose a network that reads bands alone."
        )
    from app.terrain import slopes

    return patch.assign({SLOPE: (("y", "x"), slopes.slope_deg(patch[HEIGHT].values, patches.grid_of(patch)))})


def _measured(patch: "xr.Dataset", contract: Contract, values: np.ndarray) -> np.ndarray:
    """Return bool (y, x): every band measured at the dates read; ``values`` become NaN elsewhere.

    Read in blocks of rows: the patch may be larger than memory.
    """
    measured = np.ones(values.shape, bool)
    for start in range(0, len(measured), BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        for band in contract.bands:
            read = scaling.both(patch.isel(y=rows), band)[list(scaling.dates_of(contract))]
            measured[rows] &= np.isfinite(read).all(axis=0)
        values[rows][~measured[rows]] = np.nan
    return measured


def _note(tiling: Tiling, normalises: bool, contract: Contract) -> str:
    note = f"Run on {tiling}."
    if contract.alone:
        note += f" {T2_ALONE}"
    if tiling.count > 1 and normalises:
        note += " It normalises over each tile, so where the tiles lie shows a little in its scores."
    return note
