"""Look at a NetCDF file in a process of its own that can open nothing else.

``python -m app.stored.netcdf_probe PATH BYTES``.

HDF5 follows links to other files, and takes values from any file that a data set names, without
asking. Here the system refuses whatever would be opened beside the one file, and memory beyond the
limit; a file that needs either is found out before Scarp itself opens it.
"""

import os
import sys

from app.processes import child

ROOM_BYTES = 1_000_000_000  # beside the values: what the libraries take


def main(path: str, most_bytes: int) -> None:
    """Read the first value of every variable; raises what the library does where it is refused."""
    import netCDF4

    _shut_in(most_bytes)
    with netCDF4.Dataset(path) as held:
        held.set_auto_maskandscale(False)
        for variable in held.variables.values():
            if 0 not in variable.shape:
                variable[(0,) * variable.ndim]


def _shut_in(most_bytes: int) -> None:
    """Leave room for one more open file and so much memory."""
    import resource

    free = os.open(os.devnull, os.O_RDONLY)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + 1, free + 1))
    child.limit_memory(most_bytes + ROOM_BYTES)


if __name__ == "__main__":
    try:
        main(sys.argv[1], int(sys.argv[2]))
    except Exception as error:  # the library's own kinds, told to whoever asked
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(1)
