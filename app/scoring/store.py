"""Scores kept on disk, so that the same method, data and code are never run twice."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from app import config
from app.errors import ScarpError
from app.files import AlteredError, digest, file_digest, seal, unseal, whole
from app.patches import PatchSpec
from app.scoring.boundary import Boundary, Distances
from app.scoring.curves import Curve
from app.scoring.facts import Facts
from app.scoring.metrics import Confusion
from app.scoring.objects import Objects
from app.scoring.results import EventScore

FORMAT = 2
MOST_BYTES = 100_000_000
_LOOK_EVERY = 50  # scores put, before the folder is counted again: others may write there too
_ROOMY = 0.8  # how full the store is left after it was emptied for room
_NOT_SCORING = ("ui", "commands", "pictures", "export")  # parts of app/ that no score depends on
_PACKAGES = ("numpy", "scipy", "onnxruntime", "onnxruntime-gpu", "rasterio", "pillow", "pyproj", "shapely")


@dataclass(frozen=True)
class Kept:
    """One event's score, and the notes on how its data was read."""

    score: EventScore
    notes: tuple[str, ...] = ()


class ScoreStore:
    """A folder of scores, one file each; any number of threads and processes may use it at once.

    A file appears whole or not at all and carries its own checksum; one that is damaged is as
    good as none. The least recently used leave when the files take more than ``most_bytes``, which
    is looked at now and then: several processes writing at once may go beyond it for a while.
    Where the folder cannot be used, nothing is kept, and nothing fails.
    """

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self.folder, self.most_bytes = Path(folder), most_bytes
        self._used, self._unseen = most_bytes, 0  # as last counted, and scores put since; not known yet is full

    def get(self, key: str) -> Kept | None:
        """Return what is kept under ``key``, or None."""
        path = self._path(key)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        kept = _read(content)
        with suppress(OSError):
            if kept is None:
                path.unlink()
            else:
                os.utime(path)
        return kept

    def put(self, key: str, kept: Kept) -> None:
        """Keep a score under ``key``."""
        path = self._path(key)
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            written = _written(kept)
            whole.put(path, written, mode=0o600)
            self._used += len(written)
            self._unseen += 1
            if self._used > self.most_bytes or self._unseen >= _LOOK_EVERY:
                self._make_room()

    def clear(self) -> None:
        """Forget everything."""
        for path, _ in self._files():
            with suppress(OSError):
                path.unlink()

    def count(self) -> int:
        """Return how many scores are kept."""
        return len(self._files())

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.json"

    def _files(self) -> list[tuple[Path, os.stat_result]]:
        """Return every file with its state, least recently used first; others may take files away meanwhile."""
        found = []
        for path in self.folder.glob("[!.]*.json"):  # those that begin with a dot are being written
            with suppress(OSError):
                found.append((path, path.stat()))
        return sorted(found, key=lambda each: each[1].st_mtime_ns)

    def _make_room(self) -> None:
        whole.sweep(self.folder)
        files = self._files()
        self._used, self._unseen = sum(state.st_size for _, state in files), 0
        if self._used <= self.most_bytes:
            return
        for path, state in files[:-1]:
            with suppress(OSError):
                path.unlink()
            self._used -= state.st_size
            if self._used <= _ROOMY * self.most_bytes:
                return


def default() -> ScoreStore:
    """Return the store of this installation, in Scarp's own folder."""
    return ScoreStore(config.settings().home / "scores")


def key(method: str, data: str, region: str, device: str) -> str:
    """Return the name of a score: of a method's version, the data's key, the region and the device asked for.

    Empty, which is never kept, where the method's version is not known.
    """
    if not method or not data:
        return ""
    return _digest(FORMAT, code_version(), method, data, region, device)


def spec_key(spec: PatchSpec) -> str:
    """Return what names the data of a patch: its spec, the edition of its source, and the files it lies in.

    Empty where the source reads files that are not there.
    """
    from app.sources import open_source

    try:
        variant = open_source(spec.source).describe().variant
    except ScarpError:
        variant = ""
    files = _published_files(spec.event_id) if spec.source == "published" else variant
    return f"patch {spec.key} {files}" if files or spec.source != "published" else ""


def _published_files(event: str) -> str:
    """Return what names the published files of an event, which may be replaced by another version's."""
    from app.sources import published_files

    try:
        stored = published_files.index(config.settings().published).get(event, {}).values()
    except ScarpError:
        return ""
    return files_key(sorted(one.container if one.zipped else one.path for one in stored))


def files_key(paths: Sequence[Path], *read_with: object) -> str:
    """Return what names the data of files: their places, sizes and times of change, and what they are read with.

    Empty where there are none, or one is gone.
    """
    if not paths:
        return ""
    try:
        states = [(str(Path(path).resolve()), Path(path).stat()) for path in paths]
    except OSError:
        return ""
    files = [(name, state.st_size, state.st_mtime_ns) for name, state in states]
    return f"files {_digest(files, [str(each) for each in read_with])}"


def method_version(method: str) -> str:
    """Return a method's canonical name, with the SHA-256 of its network and of the contract beside it, or of its files.

    Empty where they cannot be read: then nothing is kept of it.
    """
    from app.detection import methods
    from app.detection.elsewhere import collections
    from app.detection.network import registry

    if method.startswith("masks:"):
        return method
    try:
        parsed = methods.parse(method)
        target = methods.KINDS[parsed.kind].target
        if target == "file":
            held = collections.sha256(parsed.target)
            return f"{parsed} {held}" if held else ""
        if target != "network":
            return str(parsed)
        path = registry.find(parsed.target).path
        beside = path.with_suffix(".json")
        parts = [file_digest(path), file_digest(beside) if beside.is_file() else digest(b"")]
    except (ScarpError, OSError):
        return ""
    return " ".join([str(parsed), *parts])


@lru_cache(maxsize=1)
def code_version() -> str:
    """Return a hash of the code that can decide a score, and of the versions of the packages it counts with."""
    here = config.ROOT / "app"
    files = sorted(path for path in here.rglob("*.py") if path.relative_to(here).parts[0] not in _NOT_SCORING)
    code = [file_digest(path) for path in files]
    return _digest(code, [_version(package) for package in _PACKAGES])


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _digest(*parts: object) -> str:
    return digest(json.dumps(parts))[:32]


def _written(kept: Kept) -> bytes:
    score = kept.score
    curve = score.curve
    body = {
        "event": score.event,
        "counts": asdict(score.counts),
        "ran": score.ran,
        "threshold": score.threshold,
        "fallback": score.fallback,
        "simulated": score.simulated,
        "curve": None if curve is None else _plain_curve(curve),
        "objects": asdict(score.objects) if score.objects else None,
        "boundary": asdict(score.boundary) if score.boundary else None,
        "facts": asdict(score.facts),
        "not_counted": score.not_counted,
        "warnings": list(score.warnings),
        "notes": list(kept.notes),
    }
    return seal("score", json.dumps(body))


def _plain_curve(curve: Curve) -> dict[str, object]:
    arrays = {name: getattr(curve, name).tolist() for name in ("thresholds", "tp", "fp", "fn", "tn")}
    return {**arrays, "unit": curve.unit}


def _read(content: bytes) -> Kept | None:
    """Return what a file holds, None where it is cut short, altered or of another make."""
    try:
        body = json.loads(unseal("score", content))
        notes = tuple(body.pop("notes"))
        doubts = tuple(body.pop("warnings", ()))
        counts, facts = Confusion(**body.pop("counts")), Facts(**body.pop("facts"))
        curve, objects, boundary = (body.pop(name) for name in ("curve", "objects", "boundary"))
        score = EventScore(
            counts=counts,
            curve=curve and _curve(curve),
            objects=objects and _objects(objects),
            boundary=boundary and Boundary(**{name: Distances(**part) for name, part in boundary.items()}),
            facts=facts,
            warnings=doubts,
            **body,
        )
        return Kept(score, notes)
    except (AlteredError, ValueError, KeyError, TypeError, AttributeError, ScarpError):
        return None


def _curve(held: dict) -> Curve:
    tp, fp, fn, tn = (np.array(held[name], np.int64) for name in ("tp", "fp", "fn", "tn"))
    return Curve(np.array(held["thresholds"], np.float64), tp, fp, fn, tn, held["unit"])


def _objects(held: dict) -> Objects:
    counts = {name: tuple(held[name]) for name in ("mapped", "detected", "false")}
    return Objects(hit=tuple(tuple(row) for row in held["hit"]), area_km2=held["area_km2"], **counts)
