"""How much one file may ask of this machine: told from its header, before any of it is read."""

from app import config
from app.errors import InputError


def require_small(width: int, height: int) -> None:
    """Raise InputError where a patch would have more pixels than a patch may."""
    limit = config.settings().patch_mpx
    if width * height > limit * 1e6:
        raise InputError(
            f"A patch of {width:,} x {height:,} pixels has more than the {limit:g} million opened here; choose "
            "a smaller buffer or a coarser resolution, or set SCARP_PATCH_MPX higher."
        )


def require_bearable(nbytes: float, what: str) -> None:
    """Raise InputError where ``what``, once read, would take more memory than one file or pair may.

    ``nbytes`` counts the whole as it will lie in memory: all dates and channels that are read, in
    the type they are read as. A file on disk may be a thousandth of that: sparse, or well packed.
    """
    limit = config.settings().patch_gb
    if nbytes > limit * 1e9:
        raise InputError(
            f"{what} would take {nbytes / 1e9:.1f} GB in memory, over the limit of {limit:g} GB; "
            "cut a part out, leave bands out, or set SCARP_PATCH_GB higher."
        )
