"""Pairs that suit a network by what it reads: to choose, to calibrate and to quantise with, and as patches."""

from typing import TYPE_CHECKING

from app.detection.network.contract import SLOPE, Contract
from app.errors import NetworkError
from app.testsets import making, real
from app.testsets.scars import Pair
from models import chips, data, mountains

if TYPE_CHECKING:
    import xarray as xr

T1, T2 = "2020-01-01", "2021-01-01"  # dates of a pair that stands nowhere, which no network looks at


def only_colours(contract: Contract) -> bool:
    """Whether a network reads no more bands than the scenes with real scars hold."""
    return set(contract.spectral) <= set(chips.COLOURS)


def require(contract: Contract) -> None:
    """Raise NetworkError where no pair holds all that a network reads."""
    held = (*real.BANDS, SLOPE) if only_colours(contract) else real.BANDS
    if missing := [band for band in contract.bands if band not in held]:
        beside = f", or {SLOPE} beside {', '.join(chips.COLOURS)}" if contract.terrain else ""
        raise NetworkError(
            f"it reads {', '.join(missing)}, which no pair for it holds (only {', '.join(real.BANDS)}{beside}); "
            "name a network of those."
        )


def held_back(contract: Contract, simulated: int = 60, with_real: int = 60) -> list[Pair]:
    """Return the validation pairs of a network: of real scars where it reads colours, with or without slope.

    Else they are those of ``data``. Raises NetworkError where no pair holds what it reads.
    """
    require(contract)
    if contract.terrain:
        return mountains.validation_pairs(contract.alone, max(with_real, 1))
    if not only_colours(contract):
        return data.validation_pairs(0, simulated, with_real)
    return [pair for pairs in chips.validation_pairs(contract.alone, with_real, simulated).values() for pair in pairs]


def maker(contract: Contract) -> type[data.Maker]:
    """Return what makes the pairs that a network learns from."""
    if contract.terrain:
        return mountains.Steep if contract.alone else mountains.SteepPairs
    if not only_colours(contract):
        return data.Maker
    return chips.Alone if contract.alone else chips.Chips


def as_patch(pair: Pair, contract: Contract) -> "xr.Dataset":
    """Return a pair as a patch with what the network reads; its last channel is the slope where that is read.

    A pair of one date, as networks of T2 alone learn from, has it at both.
    """
    if not contract.terrain:
        return making.as_patch(pair, T1, T2)
    count = len(chips.COLOURS)
    t1 = pair.t1 if len(pair.t1) > count else pair.t2
    patch = making.as_patch(Pair(t1[:count], pair.t2[:count], pair.truth, pair.clear), T1, T2)
    return patch.assign({SLOPE: (("y", "x"), pair.t2[count])})
