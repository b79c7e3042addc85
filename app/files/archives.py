"""What Python raises where a zip archive is damaged, has a password or is packed as it does not know."""

import lzma
import zipfile
import zlib

# a password is a RuntimeError, an unknown packing a NotImplementedError, a name that cannot be a ValueError
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError, ValueError, OSError, EOFError,
)  # fmt: skip
