"""Downloads of published files: resumed where they broke off, checked, and whole or not at all."""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from app.errors import InputError, SourceError
from app.files import digest, file_digest, size_words
from app.patches import Progress, no_progress

CONNECT_S, READ_S = 10, 30
TRIES = 5
PAUSE_S = 0.5  # before the second try, doubled before each further one
BLOCK = 1 << 16  # what is lost of a block when a connection breaks has to come again

INVENTORY_URL = "https://raw.githubusercontent.com/leonardijulia/MSc/master/inventory.csv"
INVENTORY_SHA256 = "8736e948ae2769e1f42e777967f71b16386e30e70d3129ab052c9349e8731ffd"  # of commit 84c0af5, 174 rows
ZENODO = "https://zenodo.org/api/records"
GLAD4CD = {1: "10800338", 2: "14226448"}  # version -> Zenodo record


@dataclass(frozen=True)
class Remote:
    """One file to download, with what is known of it."""

    name: str
    url: str
    size: int | None = None  # bytes
    md5: str = ""


@dataclass(frozen=True)
class Fetched:
    """A file that is on disk now."""

    path: Path
    size: int
    had: bool  # it was there and whole before
    note: str  # what was checked, in words


def inventory(out: Path, progress: Progress = no_progress) -> Fetched:
    """Download the published inventory to ``out`` and read it, to see that it is one.

    Raises SourceError with what to do where it cannot be had, InputError where ``out`` is a folder,
    and Cancelled from ``progress``.
    """
    from app import inventory as inventories

    advice = (
        f"Download {INVENTORY_URL} on another machine and give the file to `--inventory`; "
        "ten of its events are built in and need no network."
    )
    if out.is_dir():
        raise InputError(f"{out} is a folder; name the file to write, for example {out / 'inventory.csv'}.")
    beside = out.with_name(f"{out.name}.new")
    try:
        download(Remote("the inventory", INVENTORY_URL), beside, progress, advice)
        content = beside.read_bytes()
        events = len(inventories.read(content, out.name).events)
        beside.replace(out)
    finally:
        beside.unlink(missing_ok=True)
    known = digest(content) == INVENTORY_SHA256
    note = "the version Scarp was tested with" if known else "another version than Scarp was tested with"
    return Fetched(out, len(content), False, f"{events} events, {note}")


def glad4cd(version: int, folder: Path, progress: Progress = no_progress) -> list[Fetched]:
    """Download a version of GLaD4CD (1: 2.0 GB, 2: 295 MB) into a folder; files there and whole stay.

    Names, sizes and checksums come from the Zenodo record. Raises SourceError with what to do
    where it cannot be had, InputError for another version or a full disk, and Cancelled.
    """
    if version not in GLAD4CD:
        raise InputError(f"GLaD4CD has no version {version}; choose from {', '.join(map(str, GLAD4CD))}.")
    record = GLAD4CD[version]
    advice = (
        f"Download its zip from https://doi.org/10.5281/zenodo.{record} on another machine, put it into {folder}, "
        "or name its place in SCARP_PUBLISHED."
    )
    remotes = _zenodo_files(record, advice)
    whole = sum(remote.size or 0 for remote in remotes) or 1
    _require_space(folder, sum(_left(remote, folder / remote.name) for remote in remotes))
    fetched, done = [], 0
    for remote in remotes:
        start, span = done / whole, (remote.size or 0) / whole

        def tell(share: float, doing: str, start: float = start, span: float = span) -> None:
            progress(start + span * share, doing)

        fetched.append(download(remote, folder / remote.name, tell, advice))
        done += remote.size or 0
    return fetched


def download(remote: Remote, target: Path, progress: Progress = no_progress, advice: str = "") -> Fetched:
    """Download one file to ``target``, going on where an earlier download broke off.

    What has come so far lies beside the target, ending in ``.part``; the target appears when
    size and checksum are right. A target already there and right is left alone. Raises
    SourceError, ending in ``advice``, and Cancelled from ``progress``; both keep the part.
    """
    if remote.size is not None and target.is_file() and not _fault(target, remote):
        return Fetched(target, target.stat().st_size, True, _checked(remote))
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if remote.size is None:  # nothing would tell that an old part belongs to another file
            part.unlink(missing_ok=True)
        _receive(remote, part, progress, advice)
        fault = _fault(part, remote)
        if fault:
            part.unlink()
            raise SourceError(
                f"{remote.name} arrived damaged ({fault}) and was deleted; run the command again. {advice}"
            )
        part.replace(target)
    except OSError as error:
        raise InputError(f"{target} cannot be written ({error.strerror or error}); choose another place.") from error
    return Fetched(target, target.stat().st_size, False, _checked(remote))


def _receive(remote: Remote, part: Path, progress: Progress, advice: str) -> None:
    """Bring the part to full length, trying again from where it stands when a connection drops."""
    import requests

    failures = 0
    while True:
        before = _size(part)
        try:
            _receive_rest(remote, part, progress)
            return
        except requests.HTTPError as error:
            assert error.response is not None  # an answer came, of that status
            status = error.response.status_code
            if status < 500 and status != 429:
                raise SourceError(f"{_host(remote)} does not give {remote.name} (HTTP {status}). {advice}") from error
            reason = f"answers HTTP {status}"
        except requests.Timeout:
            reason = "does not answer"
        except requests.RequestException:
            reason = "cannot be reached" if not _size(part) else "broke the connection"
        failures = 1 if _size(part) > before else failures + 1  # as long as something comes, it goes on
        if failures >= TRIES:
            kept = f" {size_words(_size(part))} are kept; the same command goes on from there." if _size(part) else ""
            raise SourceError(f"{_host(remote)} {reason}.{kept} {advice}")
        progress(0.0 if not remote.size else min(1.0, _size(part) / remote.size), f"{remote.name}: trying again")
        time.sleep(PAUSE_S * 2 ** (failures - 1))


def _receive_rest(remote: Remote, part: Path, progress: Progress) -> None:
    import requests

    start = _size(part)
    if remote.size is not None and start > remote.size:
        part.unlink()
        start = 0
    if remote.size is not None and start == remote.size:
        return
    # Unpacked on the way, byte ranges would count other bytes than the file's.
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={start}-"} if start else {})}
    with requests.get(remote.url, headers=headers, stream=True, timeout=(CONNECT_S, READ_S)) as answer:
        if answer.status_code == 416:  # shorter than the part: not the file it was
            part.unlink(missing_ok=True)
            raise requests.ConnectionError("the part does not fit")
        answer.raise_for_status()
        resumed = answer.status_code == 206
        size = remote.size or int(answer.headers.get("Content-Length") or 0) + (start if resumed else 0)
        done = start if resumed else 0
        with part.open("ab" if resumed else "wb") as out:
            for block in answer.iter_content(BLOCK):
                out.write(block)
                done += len(block)
                progress(min(1.0, done / size) if size else 0.0, f"{remote.name}: {size_words(done)}")
    if size and done < size:
        raise requests.ConnectionError("cut short")


def _zenodo_files(record: str, advice: str) -> list[Remote]:
    import requests

    url = f"{ZENODO}/{record}"
    try:
        answer = requests.get(url, timeout=(CONNECT_S, READ_S))
        answer.raise_for_status()
        files = answer.json()["files"]
        return [
            Remote(Path(each["key"]).name, f"{url}/files/{quote(each['key'])}/content", int(each["size"]), _md5(each))
            for each in files
        ]
    except requests.RequestException as error:
        status = getattr(error.response, "status_code", None)
        reason = f"answers HTTP {status}" if status else "cannot be reached"
        raise SourceError(f"{urlsplit(url).hostname} {reason}. {advice}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise SourceError(f"{urlsplit(url).hostname} lists no files for record {record}. {advice}") from error


def _md5(listed: dict) -> str:
    kind, _, digest = str(listed.get("checksum", "")).partition(":")
    return digest if kind == "md5" else ""


def _fault(path: Path, remote: Remote) -> str:
    """Return what is wrong with a file, nothing where it is as it should be."""
    if remote.size is not None and path.stat().st_size != remote.size:
        return f"{path.stat().st_size:,} of {remote.size:,} bytes"
    if remote.md5 and file_digest(path, "md5") != remote.md5:
        return "another checksum than published"
    return ""


def _checked(remote: Remote) -> str:
    parts = ["size"] * (remote.size is not None) + ["checksum"] * bool(remote.md5)
    return f"{' and '.join(parts)} as published" if parts else "size and checksum are not published"


def _left(remote: Remote, target: Path) -> int:
    """Return the bytes still to come of a file."""
    size = remote.size or 0
    if target.is_file() and target.stat().st_size == size:
        return 0
    return max(0, size - _size(target.with_name(f"{target.name}.part")))


def _require_space(folder: Path, needed: int) -> None:
    existing = next(parent for parent in (folder, *folder.resolve().parents) if parent.exists())
    free = shutil.disk_usage(existing).free
    if needed > free:
        raise InputError(
            f"{needed / 1e9:.1f} GB are still to come and {existing} has {free / 1e9:.1f} GB free; "
            "choose another place with --out."
        )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _host(remote: Remote) -> str:
    return urlsplit(remote.url).hostname or remote.name
