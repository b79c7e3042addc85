"""Understand or read a pair in a process of its own, which a hostile image may bring down.

``python -m app.sources.own.worker FOLDER BYTES``. The folder holds ``asked.json``; answers come as lines of JSON on
standard output: how far it is, and at last what was understood, or that it is done, or why not. Arrays of a patch are
put into the folder, a file each.
"""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from app.processes import child

if TYPE_CHECKING:
    import xarray as xr

    from app.sources.own.headers import ImageHeader
    from app.sources.own.pairing import DateUnderstood
    from app.sources.own.stated import PairStated
    from app.sources.own.unpacking import BroughtFile

ARRAYS = "arrays"
MOST_PX = 4096  # a side, of a pair that pages show
ALL_OF_IT = "python -m app detect --pair T1.tif T2.tif --method NAME --out MASK.tif --polygons FILE.gpkg"


def main(folder: Path, most_bytes: int, out: BinaryIO) -> None:
    """Answer what is asked in a folder."""
    asked = json.loads((folder / "asked.json").read_text("utf-8"))
    child.limit_memory(most_bytes)

    def tell(**said: object) -> None:
        out.write(json.dumps(said).encode() + b"\n")
        out.flush()

    from app.errors import ScarpError

    try:
        tell(done=_DOING[asked["doing"]](folder, asked, tell))
    except ScarpError as error:
        tell(error=str(error))
    except MemoryError:
        tell(error="The pair takes more memory than one may; cut a part out, or leave bands out.")


def _look(folder: Path, asked: dict[str, Any], tell: Any) -> dict[str, Any]:
    """Return every file of both dates with what it seems to hold, and what comes of it, or why nothing does."""
    from app.errors import ScarpError
    from app.sources.own import headers, pairing, probing, reading

    first, second, said = _given(folder, asked)
    dates = [[headers.read(one) for one in files] for files in (first, second)]
    told: dict[str, Any] = {"dates": [[_file(one, pairing.roles(one, said)) for one in date] for date in dates]}
    for name, held in zip(("T1", "T2"), dates, strict=True):
        try:
            found = pairing.understood(name, held, said)
            told[name] = _date(found) | {"bright": probing.too_bright(found)}
        except ScarpError as error:
            told.setdefault("why", str(error))
    if "why" not in told:
        try:
            pair = reading.understand_headers(dates[0], dates[1], said)
            grid, notes = reading.grid_of(*pair, said)
        except ScarpError as error:
            return told | {"why": str(error)}
        across, along = grid.pixel_m
        told |= {
            "bands": reading.in_common(*pair), "shape": grid.shape, "pixel_m": (across, along), "crs": grid.crs[:60],
            "bbox": grid.bbox_deg, "notes": notes,
        }  # fmt: skip
    return told


def _read(folder: Path, asked: dict[str, Any], tell: Any) -> dict[str, Any]:
    """Read the pair, lay the truth beside it, and put its arrays into the folder."""
    from app import patches
    from app.bands import HEIGHT
    from app.errors import DateOrderError, InputError
    from app.sources.own import reading

    first, second, said = _given(folder, asked)
    pair = reading.understand(first, second, said)
    if "NaT" in (pair[0].day, pair[1].day):
        raise DateOrderError("The day of T1, or of T2, is not known; say of which days the images are.")
    grid, _ = reading.grid_of(*pair, said)
    if max(grid.shape) > MOST_PX:
        raise InputError(
            f"The pair is {grid.width:,} x {grid.height:,} pixels; pages show up to {MOST_PX:,} a side. Say round "
            f"which place it is cut out, or detect on all of it with `{ALL_OF_IT}`."
        )
    name = reading.name_of(*pair, said, _bytes(asked["truth"]), _bytes(asked["dem"]))
    patch, notes = reading.read(*pair, said, {"event_id": name}, lambda share, doing: tell(share=share, doing=doing))
    patch, more = _with_truth(patch, asked, said)
    patch = _with_heights(patch, asked)
    _put(patch, folder / ARRAYS)
    return {
        "name": name, "notes": [*notes, *more], "days": patches.dates(patch), "bands": patches.band_names(patch),
        "grid": [grid.west, grid.south, grid.res_x, grid.res_y, grid.width, grid.height, grid.crs],
        "attrs": {key: value for key, value in patch.attrs.items() if isinstance(value, (str, int, float))},
        "dem": dict(patch[HEIGHT].attrs) if HEIGHT in patch else {},
        "files": [[one.name for one in date.files] for date in pair],
    }  # fmt: skip


def _dates(folder: Path, asked: dict[str, Any], tell: Any) -> dict[str, Any]:
    """Return the days of all files of T1, and the name of what they are together."""
    from app.sources.own import dated, headers, reading

    files, _, said = _given(folder, asked)
    held = [headers.read(one) for one in files]
    days = dated.days_in(held)
    return {"days": days, "name": reading.name_of_many(dated.understood(held, said, days), said)}


def _more(folder: Path, asked: dict[str, Any], tell: Any) -> dict[str, Any]:
    """Read days of the files of T2, each held against T1 and laid on the grid asked for; a folder of arrays a day."""
    from app.errors import ScarpError
    from app.grid import Grid
    from app.sources.own import dated, headers

    first, second, said = _given(folder, asked)
    on, done, left = Grid(*asked["grid"]), [], []
    held = [headers.read(one) for one in first], [headers.read(one) for one in second]
    for number, day in enumerate(asked["days"]):
        tell(share=number / len(asked["days"]), doing=f"reading {day}")
        try:
            patch = dated.of_day(*held, said, day, tuple(asked["bands"]), on)
        except ScarpError as error:
            left.append(f"{day} was left out: {error}")
            continue
        _put(patch, folder / f"{ARRAYS}-{day}")
        done.append({"day": day, "simulated": bool(patch.attrs["simulated"])})
    return {"done": done, "left": left}


def _given(folder: Path, asked: dict[str, Any]) -> "tuple[Sequence[BroughtFile], Sequence[BroughtFile], PairStated]":
    from app.sources.own import stated, unpacking

    first, second = (unpacking.listed(asked[date], folder / f"unpacked-{date}") for date in ("t1", "t2"))
    return first, second, stated.from_json(asked["stated"])


def _file(header: "ImageHeader", roles: Sequence[str]) -> dict[str, Any]:
    return {
        "name": header.name, "width": header.width, "height": header.height, "titles": header.titles, "roles": roles,
        "crs": header.crs[:60],
    }  # fmt: skip


def _date(one: "DateUnderstood") -> dict[str, Any]:
    return {"day": "" if one.day == "NaT" else one.day, "bands": one.bands, "notes": one.notes,
            "masks": [role for role in ("CLM", "SCL", "QA60", "valid") if role in one.channels]}  # fmt: skip


def truth_paths(asked: dict[str, Any]) -> tuple[Path | None, Path | None]:
    """Return the file of the truth and that of the ground that was mapped; of a shapefile's parts the first one.

    The second is known by its name, and only where another file is there to be the truth.
    """
    from app.errors import InputError
    from app.inventory.kinds import is_beside
    from app.inventory.truth_file import is_mapped_ground

    paths = [Path(one) for one in asked["truth"]]
    main = [one for one in paths if not is_beside(one.name)] or paths[:1]
    areas = [one for one in main if is_mapped_ground(one.stem)]
    truths = [one for one in main if one not in areas] or areas
    areas = [one for one in areas if one not in truths]
    if len(truths) > 1 or len(areas) > 1:
        raise InputError(
            f"{len(main)} files were brought as truth. Bring one mask or one file of outlines and, where not all was "
            "looked at, a second one with mapped_area in its name."
        )
    return next(iter(truths), None), next(iter(areas), None)


def _bytes(files: Sequence[str]) -> bytes:
    return b"".join(Path(one).read_bytes() for one in sorted(files))


def _with_heights(patch: "xr.Dataset", asked: dict[str, Any]) -> "xr.Dataset":
    """Return the patch with the heights of the file beside it; raises InputError for several files."""
    from app import patches
    from app.errors import InputError
    from app.terrain import heights

    if not asked["dem"]:
        return patch
    if len(asked["dem"]) > 1:
        raise InputError("Heights of the ground come as one GeoTIFF; take the others away.")
    return heights.onto(patch, heights.from_file(asked["dem"][0], patches.grid_of(patch)))


def _with_truth(patch: "xr.Dataset", asked: dict[str, Any], said: "PairStated") -> "tuple[xr.Dataset, tuple[str, ...]]":
    from app.inventory import read_file, truth_file

    path, area = truth_paths(asked)
    if path is None:
        return patch, ()
    if area is None and (layers := truth_file.slides_and_ground(path)):
        found, _, notes = truth_file.with_layers(patch, path, layers, said.all_touched)
        return found, notes
    found, _, notes = truth_file.with_file(patch, path, read_file, said.all_touched)
    if area is None:
        return found, notes
    found, more = truth_file.within(found, area, truth_file.ground_in)
    return found, (*notes, *more)


def _put(patch: "xr.Dataset", folder: Path) -> None:
    import numpy as np

    folder.mkdir()
    for name, variable in patch.data_vars.items():
        np.save(folder / f"{name}.npy", variable.values, allow_pickle=False)


_DOING = {"look": _look, "read": _read, "dates": _dates, "more": _more}

if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), child.own_output())
    os._exit(0)  # a library's own end may hang after it ran out of memory
