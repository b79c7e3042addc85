"""Read rasters that a stranger brought, in a process that they may bring down.

``python -m app.detection.elsewhere.worker FROM INTO BYTES``: every file of one folder is read and written into the
other, as ``rasters.keep`` does. On standard output comes a line of JSON for each: ``file``, and ``error`` where it was
refused.
"""

import json
import os
import sys
from pathlib import Path

from app.detection.elsewhere import rasters
from app.processes import child


def main(given: Path, into: Path, most_bytes: int) -> None:
    """Answer for every file, in the order of their names."""
    out = child.own_output()
    child.limit_memory(most_bytes)
    for path in sorted(given.iterdir()):
        told = {"file": path.name}
        try:
            rasters.keep(rasters.read(path), into / f"{path.stem}{rasters.KEPT}")
        except MemoryError:
            told["error"] = f"{path.name} takes more memory than a file may."
        except Exception as error:  # the libraries' own kinds, told to whoever asked
            told["error"] = f"{error}".strip().partition("\n")[0][:300] or type(error).__name__
        out.write(json.dumps(told).encode() + b"\n")
        out.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
    os._exit(0)
