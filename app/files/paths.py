"""Places on this machine: as a person types them, whether they can be written, and sizes in words."""

import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from app.errors import InputError
from app.visitors import Deed, require


def local(path: Path | str, doing: str = "read") -> Path:
    """Return the path of a file on this machine; raises InputError for an address.

    GDAL opens addresses, archives and clouds through a path's first letters, so these are
    looked at before it sees them.
    """
    text = str(path)
    if "://" in text or (text.startswith("/") and text.lstrip("/").startswith("vsi")):
        raise InputError(f"{text} is an address, and only files on this machine are {doing}; give a local path.")
    return Path(path)


def at_home(text: str) -> Path:
    """Return the path of what a person typed, ``~`` as the home it stands for.

    Raises InputError where it stands for nobody's, or no system can have such a path, and PermitError where a visitor
    of a shared installation typed it.
    """
    require(Deed.FOLDERS)
    try:
        if "\0" in text:
            raise ValueError("it holds a NUL character")
        return Path(text.strip()).expanduser()
    except (RuntimeError, ValueError) as error:
        raise InputError(f"{text.strip()[:200]!r} is no path on this machine ({error}); write it out.") from error


def is_among(path: Path | str, others: Iterable[Path | str]) -> bool:
    """Whether a file that is there is one of others, however either is spelled or linked."""
    with suppress(OSError, ValueError):
        return any(Path(one).exists() and Path(path).samefile(one) for one in others)
    return False


def keep_private(path: Path) -> None:
    """Make a file for its owner alone where there is none yet; take one that is there from whoever is not in its group.

    Others of the owner's group keep what they were given: a team may share a file so. Raises OSError where the file
    cannot be made.
    """
    path.touch(mode=0o600, exist_ok=True)
    mode = path.stat().st_mode
    if mode & 0o007:
        with suppress(OSError):  # somebody else's
            path.chmod(mode & 0o770)


def size_words(nbytes: float) -> str:
    """Return a number of bytes in words: ``870 bytes``, ``43 kB``, ``4.6 MB``, ``1,210 MB``."""
    if nbytes < 1000:
        return f"{nbytes:.0f} bytes"
    if nbytes < 999_500:
        return f"{nbytes / 1e3:.0f} kB"
    return f"{nbytes / 1e6:.1f}".removesuffix(".0") + " MB" if nbytes < 9_950_000 else f"{nbytes / 1e6:,.0f} MB"


def unwritable(folder: Path, size: int = 100_000) -> str:
    """Return why ``size`` bytes cannot be kept in a folder, made where it is missing; empty where all is well."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(size))  # a full disk refuses this much at the latest
            probe.flush()
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""
