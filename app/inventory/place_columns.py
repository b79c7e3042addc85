"""Where the events of a table are: the columns that give most positions, and what to say of that choice."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product

import numpy as np

from app.errors import InventoryError
from app.inventory import columns, geometries, positions
from app.inventory.columns import AXES, Cells
from app.inventory.positions import NUMBER, Position, shown

_LOOKED_AT = 20  # cells that show in which notation a column is


@dataclass(frozen=True)
class Places:
    """The position of each row, the columns they stand in, what to say of the choice, and the outlines (WKB)."""

    positions: list[Position]
    used: dict[str, int]  # latitude and longitude -> place of the column
    notes: list[str]
    outlines: list[bytes] = field(default_factory=list)  # one a row, empty for none; or none at all


def placed_in(cells: Cells, found: dict[str, list[int]], header: Sequence[str], crs: str = "") -> Places:
    """Return the positions from the columns that give most of them, of the reference system ``crs`` where one is given.

    Columns called latitude and longitude come first, then one that holds both, then x and y; a
    later kind is taken only where the earlier gives a position for less than half of the rows. Outlines
    come along from a column of geometries, also where it is not the one that the positions stand in.
    """
    chosen = _chosen(cells, found, header, crs)
    for place in found.get("position", []):
        if not any(chosen.outlines) and place not in chosen.used.values():
            chosen = with_outlines(chosen, cells, place, header, crs)
    return chosen


def with_outlines(chosen: Places, cells: Cells, place: int, header: Sequence[str], crs: str) -> Places:
    """Return the same positions with the outlines in a column of geometries, where it has any."""
    read = [positions.combined(text, crs) for text in cells.at(place)]
    outlines, broken = geometries.mended([b"" if at.problem else at.outline for at in read])
    if not any(outlines):
        return chosen
    said = [f"Outlines were read from {shown(header[place])}.", *geometries.outline_notes(broken, 0)]
    return replace(chosen, outlines=outlines, notes=[*chosen.notes, *said])


def _chosen(cells: Cells, found: dict[str, list[int]], header: Sequence[str], crs: str) -> Places:
    if crs and set(AXES) <= set(found):
        return _from_map(cells, found, header, crs)
    best: Places | None = None
    most = -1
    for attempt in _ways(cells, found, header, crs):
        tried = attempt()
        usable = sum(not at.problem and not at.null_island for at in tried.positions)
        if usable > most:
            best, most = tried, usable
        if 2 * usable >= len(cells.rows) > 0:
            break
    return best if best is not None else Places([], {}, [])


def _ways(cells: Cells, found: dict[str, list[int]], header: Sequence[str], crs: str) -> Iterator[Callable[[], Places]]:
    """Yield the kinds of columns that positions can stand in, the surer first, each read only when it is called."""
    both = [found.get(axis, []) for axis in AXES]
    sure = [[place for place in held if not columns.is_vague(header[place])] for held in both]
    if all(sure):
        yield lambda: _from_pairs(cells, sure, header)
    for place in found.get("position", []):
        yield partial(_from_one, cells, place, header, crs)
    if all(both) and sure != both:
        yield lambda: _from_pairs(cells, both, header)


def _from_pairs(cells: Cells, held: list[list[int]], header: Sequence[str]) -> Places:
    """Return the positions from the pair of columns that reads best."""
    values = {
        place: _degrees(cells.at(place), axis, columns.counts_down(header[place]))
        for axis, places in zip(AXES, held, strict=True)
        for place in places
    }
    pairs = list(product(held[0], held[1]))
    usable = {pair: _usable(values[pair[0]], values[pair[1]]) if len(pairs) > 1 else 0 for pair in pairs}
    enough = [pair for pair in pairs if 2 * usable[pair] >= max(usable.values())]
    sixtieths = {
        place: any(positions.in_sixtieths(text, axis) for text in _seen(cells.at(place)))
        for axis, places in zip(AXES, held, strict=True)
        for place in places
    }

    def rank(pair: tuple[int, int]) -> tuple:
        unlike = columns.beside(header[pair[0]]) != columns.beside(header[pair[1]])
        return unlike, any(sixtieths[place] for place in pair), held[0].index(pair[0]) + held[1].index(pair[1])

    pair = min(enough, key=rank)
    texts = [cells.at(place) for place in pair]
    read = list(map(positions.of_values, *texts, *(values[place] for place in pair)))
    notes = _pair_notes(pair, pairs, usable, header)
    for title in (header[place] for place in pair if columns.counts_down(header[place])):
        notes.append(f"{shown(title)} counts to the west or south: its numbers were taken as negative degrees.")
    if any(sixtieths[place] for place in pair):
        notes.append("Degrees, minutes and seconds were converted to decimal degrees.")
    return Places(read, dict(zip(AXES, pair, strict=True)), notes)


def _degrees(texts: list[str], axis: str, down: bool) -> list[float | None]:
    """Return the degrees in a column; where its title counts ``down``, to the west or the south, none is above zero."""
    read = [float(text) if NUMBER.fullmatch(text) else positions.degrees(text, axis) for text in texts]
    return [value if value is None else -abs(value) for value in read] if down else read


def _usable(lats: list[float | None], lons: list[float | None]) -> int:
    return sum(
        lat is not None and lon is not None and -90 <= lat <= 90 and -180 <= lon <= 180
        for lat, lon in zip(lats, lons, strict=True)
    )


def _seen(texts: list[str]) -> list[str]:
    return [text for text in texts if text][:_LOOKED_AT]


def _pair_notes(
    pair: tuple[int, int], pairs: list[tuple[int, int]], usable: dict[tuple[int, int], int], header: Sequence[str]
) -> list[str]:
    """Say which columns were read, and why, where their titles alone do not."""
    titles = [header[place] for place in pair]
    said = f"Latitude was read from {shown(titles[0])} and longitude from {shown(titles[1])}"
    if pair != pairs[0]:
        other = " and ".join(shown(header[place]) for place in pairs[0])
        return [f"{said}: decimal degrees for {usable[pair]:,} rows, where {other} give {usable[pairs[0]]:,}."]
    if not all(columns.named_exactly(title, axis) for title, axis in zip(titles, AXES, strict=True)):
        return [f"{said}, by what these titles are like; the numbers were taken for degrees (EPSG:4326)."]
    return []


def _from_map(cells: Cells, found: dict[str, list[int]], header: Sequence[str], crs: str) -> Places:
    """Return the positions from two columns of map coordinates; of several, those named as axes of a map."""
    system = geometries.known_crs(crs)
    northing, easting = (
        next((place for place in found[axis] if columns.is_vague(header[place])), found[axis][0]) for axis in AXES
    )
    used = f"{shown(header[easting])} and {shown(header[northing])}"
    axes = (("longitude", easting), ("latitude", northing))
    numbers = [[positions.degrees(text, axis) for text in cells.at(place)] for axis, place in axes]
    geometries.check_lengths(np.array(numbers, float).T, system, used)
    read = positions.of_map(cells.at(easting), cells.at(northing), system)
    notes = [f"Positions in {used} were brought from {system.name} to degrees."]
    notes += geometries.out_of_area(read, system)
    return Places(read, dict(zip(AXES, (northing, easting), strict=True)), notes)


def _from_one(cells: Cells, place: int, header: Sequence[str], crs: str) -> Places:
    """Return the positions from one column that holds both, or a geometry."""
    system = geometries.known_crs(crs) if crs else None
    read = [positions.combined(text, crs) for text in cells.at(place)]
    outlines, broken = geometries.mended([at.outline for at in read])
    notes = geometries.outline_notes(broken, sum(map(bool, outlines)))
    notes += [
        f"Positions in {shown(header[place])} were brought from EPSG:{srid}, which they name, to degrees."
        for srid in sorted({at.srid for at in read if at.srid})
    ]
    notes += geometries.out_of_area(read, system) if system is not None else []
    return Places(read, dict.fromkeys(AXES, place), notes, outlines)


def check_degrees(placed: Places, header: Sequence[str], name: str, crs: str = "") -> None:
    """Refuse a table whose positions are all in metres: nothing in it says on which map."""
    usable = sum(not at.problem and not at.null_island for at in placed.positions)
    metres = sum(at.metres for at in placed.positions)
    if usable or 2 * metres < len(placed.positions) or not metres:
        return
    titles = " and ".join(dict.fromkeys(shown(header[place]) for place in placed.used.values()))
    if crs:
        raise InventoryError(
            f"{name} gives positions in metres or feet of a map in one column ({titles}), in which nobody can tell an "
            f"easting from a northing; split it into two columns for {crs}, easting and northing."
        )
    raise geometries.CrsNeededError(
        f"{name} gives positions in metres or feet of a map ({titles}), and not in which coordinate reference system "
        "(CRS). Add columns latitude and longitude in decimal degrees (EPSG:4326), or say the system; on the command "
        "line, --crs EPSG:2193."
    )
