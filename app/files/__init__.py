"""Files on this machine: where they may lie, written whole or not at all, and what tells one from another."""

from app.files.archives import UNREADABLE
from app.files.digests import digest, file_digest, file_word
from app.files.paths import at_home, is_among, keep_private, local, size_words, unwritable
from app.files.sealed import AlteredError, seal, unseal
from app.files.whole import draft, placed, put, sweep, written_whole

__all__ = [
    "UNREADABLE",
    "AlteredError",
    "at_home",
    "digest",
    "draft",
    "file_digest",
    "file_word",
    "is_among",
    "keep_private",
    "local",
    "placed",
    "put",
    "seal",
    "size_words",
    "sweep",
    "unseal",
    "unwritable",
    "written_whole",
]
