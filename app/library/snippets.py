"""What a page shows, as the few lines of Python that give the same: to copy, or to take as a notebook."""

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from app import grid
from app.sources import open_source
from app.sources.own import records
from app.sources.own.stated import SILENT, PairStated

if TYPE_CHECKING:
    from app.inventory import Event, Inventory
    from app.patches import PatchSpec

IMPORT = "from app import library as scarp"
_CLOSE = 1e-9  # degrees, within which a distance was rounded and not chosen


def inventory(listed: "Inventory") -> list[str]:
    """Return the lines that open an inventory; ``slides`` holds it, as its file has it."""
    return [*changed(listed), *_listed(listed)]


def changed(listed: "Inventory") -> list[str]:
    """Return a comment on what readers changed of an inventory's events, which its file does not hold."""
    count = sum(map(bool, listed.changes.values()))
    events = "1 event was" if count == 1 else f"{count:,} events were"
    return [f'# {events} changed on the page: the files of "Take it away" have them as they are there'] if count else []


def _listed(listed: "Inventory") -> list[str]:
    if not listed.raw:
        return ["slides = scarp.open_inventory()"]
    given = listed.given
    said = [repr(PurePath(listed.name).name)]
    if given.columns:
        said.append(f"columns={dict(given.columns)!r}")
    said += [f"{name}={value!r}" for name, value in (("crs", given.crs), ("layer", given.layer)) if value]
    return [f"slides = scarp.open_inventory({', '.join(said)})  # the file that was brought"]


def patch(
    spec: "PatchSpec", event: "Event", listed: "Inventory | None", methods: Iterable[str] = (), heights: bool = False
) -> list[str]:
    """Return the lines that open the patch of a spec; ``pair`` holds it, with all that ``methods`` read.

    ``listed`` is the inventory the event is in, None for a place that stands in no file; one that a reader moved is
    opened by its place, which the file does not know. ``heights`` says whether a
    file of heights was brought beside a pair of one's own.
    """
    if spec.source == "files":
        return _own(spec, heights)
    lines, subject = _subject(event, listed)
    said = [subject, f"source={spec.source!r}", f"t1={spec.when[0]!r}", f"t2={spec.when[1]!r}"]
    extras = [*_extras(spec, subject, event), *_earlier(methods)]
    return [*lines, *_call("pair = scarp.open_patch", [*said, *_size(spec), *extras])]


def _own(spec: "PatchSpec", heights: bool) -> list[str]:
    record = records.find(spec.event_id)
    named = record is not None and len({channels for _, channels in record.stated.bands}) > 1  # each file by its name
    files = [",".join(one) for one in (record.t1_files, record.t2_files)] if record and named else ["T1.tif", "T2.tif"]
    said = [*map(repr, files), f"dates=({str(spec.t1)!r}, {str(spec.t2)!r})"]
    said += ["heights='DEM.tif'"] if heights else []
    said += [f"light={spec.light!r}"] if spec.light else []
    said += _stated(record.stated) if record is not None else []
    return [
        "# your own images, as they were brought: one file a date, several joined by commas, a zip or a folder",
        *_call("pair = scarp.open_pair", said),
    ]


def _stated(stated: PairStated) -> list[str]:
    """Return what whoever brought a pair said of it, but its days, as arguments of ``open_pair``."""
    named = {name: ",".join(channels) for name, channels in stated.bands}
    bands: str | dict[str, str] = next(iter(named.values())) if len(set(named.values())) == 1 else named
    return [
        *([f"bands={bands!r}"] if bands else []),
        *([f"units={stated.units!r}"] if any(stated.units) else []),
        *([f"pixels={stated.pixels!r}"] if stated.pixels != SILENT.pixels else []),
        *([f"box={stated.box!r}"] if stated.box else []),
        *(["find_clouds=True"] if stated.clouds else []),
    ]


def _earlier(methods: Iterable[str]) -> list[str]:
    from app.series import earlier

    return ["earlier=True"] if any(map(earlier.reads, methods)) else []


def pictures(composition: str, contrast: str) -> list[str]:
    """Return the lines that draw both dates of ``pair``."""
    return [
        "from PIL import Image",
        "",
        f"for name, picture in zip(('t1.png', 't2.png'), scarp.pictures(pair, {composition!r}, {contrast!r})):",
        "    Image.fromarray(picture).save(name)",
    ]


def detections(found: Iterable[tuple[str, float, float, int, float]]) -> list[str]:
    """Return the lines that detect on ``pair`` and take outlines away.

    ``found`` are method, threshold, smallest area in square metres, opening in pixels and smallest slope in degrees.
    """
    lines = []
    for method, threshold, area, opening, slope in found:
        said = ["pair", repr(method), f"threshold={float(threshold)!r}"]
        said += [f"min_area_m2={area:.10g}"] if area else []
        said += [f"opening_px={opening}"] if opening else []
        said += [f"min_slope_deg={slope:g}"] if slope else []
        lines += _call("found = scarp.detect", said)
        lines.append("print(found.attrs['method'], int(found['mask'].sum()), 'pixels changed')")
    return [*lines, "scarp.outlines(found).to_file('change.gpkg')"]


def pairs(listed: "Inventory", count: int, left_out: Iterable[str] = (), methods: Iterable[str] = ()) -> list[str]:
    """Return the lines that simulate pairs of the first ``count`` events of an inventory; ``pairs`` holds them by id.

    ``left_out`` are those among them that have no pair; the pairs hold all that ``methods`` read.
    """
    left = list(left_out)
    chosen = f"slides.head({count})" + (f".drop({left!r})" if left else "")
    asked = ", ".join(["row", "source='demo'", *_earlier(methods)])
    simulated = f"pairs = {{event: scarp.open_patch({asked}) for event, row in {chosen}.iterrows()}}"
    return [*inventory(listed), simulated]


def scores(methods: Sequence[str], region: str, event: str = "") -> list[str]:
    """Return the lines that score methods on ``pair``, the patch of an event, or without one on ``pairs``."""
    scored = f"{{{event!r}: pair}}" if event else "pairs"
    return [
        *_call("table = scarp.evaluate", [scored, repr(list(methods)), f"region={region!r}"]),
        "print(table[['precision', 'recall', 'f1', 'iou']])",
    ]


def script(*parts: Sequence[str]) -> str:
    """Return the lines of all parts as one script."""
    return "\n".join([IMPORT, *(line for part in parts for line in ("", *part))]) + "\n"


def plain_script(*parts: Sequence[str]) -> str:
    """Return the lines of all parts, which use nothing of Scarp, as one script, its imports first."""
    imports, rest = _parted(parts)
    return "\n".join([*imports, *(line for part in rest for line in ("", *part))]) + "\n"


def notebook(*parts: Sequence[str]) -> bytes:
    """Return the parts as a notebook (nbformat 4.5), a cell each, that opens Scarp's library first."""
    return _notebook([[IMPORT], *parts])


def plain_notebook(*parts: Sequence[str]) -> bytes:
    """Return parts that use nothing of Scarp as a notebook, a cell each after their imports."""
    imports, rest = _parted(parts)
    return _notebook([imports, *rest])


def _parted(parts: Sequence[Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """Return the imports of all parts, each once and sorted, and the parts without them."""
    found = {line for part in parts for line in part if line.startswith(("import ", "from "))}
    rest = [[line for line in part if line not in found] for part in parts]
    return _sorted(found), [_trimmed(part) for part in rest]


def _sorted(imports: Iterable[str]) -> list[str]:
    """Return imports as a reader expects them: the standard library's, then the others'."""
    ordered = sorted(imports, key=lambda one: (one.startswith("from "), one))
    standard = [line for line in ordered if line.split()[1].partition(".")[0] in sys.stdlib_module_names]
    others = [line for line in ordered if line not in standard]
    return [*standard, *([""] if standard and others else []), *others]


def _trimmed(part: list[str]) -> list[str]:
    while part and not part[0]:
        part = part[1:]
    return part


def _notebook(parts: Sequence[Sequence[str]]) -> bytes:
    cells: list[dict[str, object]] = [
        {
            "cell_type": "code", "execution_count": None, "id": f"cell-{number}", "metadata": {}, "outputs": [],
            "source": "\n".join(part),
        }
        for number, part in enumerate(parts)
    ]  # fmt: skip
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    document = {
        "cells": cells, "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}}, "nbformat": 4,
        "nbformat_minor": 5,
    }  # fmt: skip
    return json.dumps(document, indent=1).encode()


def _subject(event: "Event", listed: "Inventory | None") -> tuple[list[str], str]:
    """Return the lines that a call needs before it, and what it names the event by."""
    if listed is None or any(change.field == "position" for change in listed.changes.get(event.id, ())):
        return [], f"({event.latitude!r}, {event.longitude!r})"
    if not listed.raw:
        return [], repr(event.id)
    return inventory(listed), f"slides.loc[{event.id!r}]"


def _size(spec: "PatchSpec") -> list[str]:
    _, south, _, north = spec.bbox
    buffer = (north - south) / 2
    said = [] if abs(buffer - grid.BUFFER_DEG) < _CLOSE else [f"buffer_deg={round(buffer, 9)!r}"]
    if spec.resolution_deg != grid.RESOLUTION_DEG:
        said.append(f"resolution_deg={spec.resolution_deg!r}")
    return said


def _extras(spec: "PatchSpec", subject: str, event: "Event") -> list[str]:
    said = [] if spec.bands == open_source(spec.source).describe().bands else [f"bands={','.join(spec.bands)!r}"]
    if spec.composite:
        said.append(f"composite={spec.composite!r}")
    if spec.heights:
        said.append("heights=True")
    if spec.light:
        said.append(f"light={spec.light!r}")
    if spec.options:
        said.append(f"options={dict(spec.options)!r}")
    if subject.startswith("(") and event.date:
        said.append(f"event_date={str(event.date)!r}")
    return said


def _call(name: str, said: Sequence[str]) -> list[str]:
    whole = f"{name}({', '.join(said)})"
    return [whole] if len(whole) <= 100 else [f"{name}(", *(f"    {one}," for one in said), ")"]
