"""Folders that an export fills: empty before, with documents in them that are whole or not there."""

import json
from pathlib import Path

from app.errors import InputError
from app.files import written_whole


def require_empty(out: Path) -> None:
    """Make a folder; raises InputError where it holds something already or cannot be written."""
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise InputError(f"{out} holds something already; name a new or empty folder, so that nothing is mixed.")
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{out} cannot be written ({error.strerror}); name another folder.") from error


def write_json(path: Path, document: dict[str, object]) -> None:
    """Write a document as JSON, UTF-8, with the folder it lies in. Raises InputError where it cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as beside:
        beside.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
