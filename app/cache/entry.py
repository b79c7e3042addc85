"""What the cache knows of one stored patch: the manifest that makes its files count."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import xarray as xr

from app.files import AlteredError, digest, seal, unseal
from app.patches import PatchSpec, dates, is_simulated

VERSION = 1
MOST_MANIFEST_BYTES = 32_000_000  # about a hundred bytes a file: more files than any patch has
KEY = re.compile(r"[A-Za-z0-9_-]{1,80}")
DATA = re.compile(r"(?P<key>[A-Za-z0-9_-]{1,80})-\d{8}T\d{6}-[0-9a-f]{8}\.zarr")
_FILE = re.compile(r"[A-Za-z0-9_.-]{1,80}(/[A-Za-z0-9_.-]{1,80}){0,8}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class DamagedError(Exception):
    """An entry's files are not what its manifest says; the message says which."""


@dataclass(frozen=True)
class Entry:
    """One published patch; an entry exists from the moment its manifest does."""

    key: str
    data: str  # folder of the Zarr group
    files: Mapping[str, tuple[int, str]]  # path in the group -> size in bytes, SHA-256
    created: str  # ISO 8601, UTC
    source: str
    event_id: str
    t1: str
    t2: str
    bands: tuple[str, ...]
    height: int
    width: int
    simulated: bool

    @property
    def nbytes(self) -> int:
        """Bytes on disk, compressed."""
        return sum(size for size, _ in self.files.values())


def describe(key: str, data: str, spec: PatchSpec, patch: xr.Dataset, files: Mapping[str, bytes]) -> Entry:
    """Return the entry that a patch and its files make."""
    # of the scenes; a source may have had none of the very date asked for, and heights are of no date
    t1, t2 = _days(patch)
    return Entry(
        key=key,
        data=data,
        files={name: (len(content), digest(content)) for name, content in sorted(files.items())},
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        source=spec.source,
        event_id=spec.event_id,
        t1=t1,
        t2=t2,
        bands=spec.bands if "time" in patch.dims else tuple(str(name) for name in patch.data_vars),
        height=patch.sizes["y"],
        width=patch.sizes["x"],
        simulated=is_simulated(patch),
    )


def _days(patch: xr.Dataset) -> tuple[str, str]:
    """Return T1 and T2; of one scene its own day twice, of heights neither."""
    if "time" not in patch.dims:
        return "", ""
    return dates(patch) if patch.sizes["time"] > 1 else (str(patch["time"].values[0])[:10],) * 2


def to_json(entry: Entry) -> bytes:
    """Return the manifest: the entry and a checksum of itself."""
    body = json.dumps({"version": VERSION, **asdict(entry)}, sort_keys=True)
    return seal("entry", body)


def from_json(manifest: bytes) -> Entry | None:
    """Return the entry of a manifest, None for one of another version.

    Raises DamagedError where the manifest is cut short or altered, or names what is not the entry's
    own: its checksum says that it is whole, not who wrote it.
    """
    try:
        body = json.loads(unseal("entry", manifest))
        if body.pop("version") != VERSION:
            return None
        files = {name: (size, stated) for name, (size, stated) in body.pop("files").items()}
        entry = Entry(**{**body, "bands": tuple(body["bands"]), "files": files})
        _require_honest(entry)
        return entry
    except AlteredError as error:
        raise DamagedError("its manifest was altered") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DamagedError("its manifest cannot be read") from error


def check(entry: Entry, files: Mapping[str, bytes | None]) -> None:
    """Raise DamagedError unless each of ``files`` (None: not there) is what the manifest says."""
    for name, content in files.items():
        size, stated = entry.files[name]
        if content is None:
            raise DamagedError(f"{name} is gone")
        if len(content) != size:
            raise DamagedError(f"{name} has {len(content)} of {size} bytes")
        if digest(content) != stated:
            raise DamagedError(f"{name} was altered")


def _require_honest(entry: Entry) -> None:
    """Raise DamagedError unless every name stays inside the entry's own folder, and every value is of its kind."""
    texts = (entry.key, entry.data, entry.created, entry.source, entry.event_id, entry.t1, entry.t2, *entry.bands)
    numbers = (entry.height, entry.width, *(size for size, _ in entry.files.values()))
    if not all(isinstance(text, str) for text in texts):
        raise DamagedError("its manifest holds something else where a name belongs")
    if not all(type(number) is int and number >= 0 for number in numbers):
        raise DamagedError("its manifest holds something else where a size belongs")
    folder = DATA.fullmatch(entry.data)
    if folder is None or folder["key"] != entry.key:
        raise DamagedError("its manifest names another folder than the entry's own")
    for name, (_, stated) in entry.files.items():
        if not _FILE.fullmatch(name) or {".", ".."} & set(name.split("/")) or not _DIGEST.fullmatch(stated):
            raise DamagedError("its manifest names a file outside the entry's own folder")
    if datetime.fromisoformat(entry.created).tzinfo is None:
        raise DamagedError("its manifest does not say when it was made")
