"""The columns of a table become events: names mapped, positions and dates read, faults found."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest

from app.errors import InventoryError
from app.grid import EPSG_4326
from app.inventory import columns, csv_table, doubts, geometries, kinds, log, ours
from app.inventory.columns import AXES, NAMES, Cells, evidence, plain, plural
from app.inventory.date_columns import DATES, Dates, dated_in
from app.inventory.events import Along, Event, EventWarning, Inventory, SkippedRow
from app.inventory.given import MAX_ROWS, NOTHING, Given
from app.inventory.place_columns import Places, check_degrees, placed_in, with_outlines
from app.inventory.positions import ABSENT, NUMBER, Position, shown

__all__ = ["NAMES", "read_table"]

MAX_ID_CHARACTERS = 64
_TEXTS = ("category", "accuracy", "source")
_LOOKED_AT = 20  # rows that show whether a text is a table at all
_MOST_ALONG, _MOST_CHARACTERS = 40, 300  # columns that only come along, and what is kept of a cell of theirs


def read_table(data: bytes, name: str, given: Given = NOTHING) -> Inventory:
    """Return the inventory in ``data``; see ``app.inventory.read``."""
    table = opened(data, name, given)
    own = ours.is_ours(table.header)
    guessed = ours.columns(table.header) if own else columns.candidates(table.header)
    found = columns.with_given(guessed, table.header, given.columns, name)
    if table.shapes is None:
        _check_positions(found, table, name)
    where = {wanted: held[0] for wanted, held in found.items()}
    cells = _collect(table, found, name, own)
    placed = _places(cells, found, table, given, own)
    check_degrees(placed, table.header, name, given.crs)
    dated = dated_in(cells, found, table.header)
    id_name, id_notes = _usable_id(cells, where, placed.positions, table.header)
    ids = cells.at(where[id_name]) if id_name else [str(row) for row in cells.rows]
    accuracy = _accuracy(cells, where.get("accuracy"), table.header)
    outlines = (table.shapes.outlines if table.shapes else placed.outlines) or [b""] * len(cells.rows)
    events = _events(cells, where, placed.positions, ids, dated, accuracy, outlines)
    no_place = [SkippedRow(row, at.problem) for row, at in zip(cells.rows, placed.positions, strict=True) if at.problem]
    read = {place for held in found.values() for place in held[:1]} | set(placed.used.values())
    read |= {len(table.header) - 1} if table.shapes else set()
    unread = tuple(_unread(placed.positions, ids, events, dated))
    placed_events = tuple(event for event in events if event)
    changes, log_notes = _changes(cells, table.header, ids) if own else ({}, [])
    return Inventory(
        name=name,
        events=placed_events,
        skipped=tuple(sorted(cells.skipped + no_place, key=lambda skipped: skipped.row)),
        columns=_columns(where, table.header, id_name, placed, dated),
        warnings=doubts.found(placed_events, unread, changes),
        notes=(*table.notes, *_repeated(read, table.header), *placed.notes, *dated.notes, *id_notes, *log_notes),
        crs=table.shapes.crs if table.shapes else _crs(given),
        along=_along(cells, table.header, read.union(found.get("position", ())), own),
        unread=unread,
        changes=changes,
    )


def opened(data: bytes, name: str, given: Given) -> csv_table.Table:
    """Return the table in the bytes of a file of whatever kind; raises InventoryError as ``app.inventory.read``."""
    if held := kinds.brought(data, name, given):
        from app.inventory import layers

        return layers.table(held, name, given)
    return csv_table.parse(data, name, lambda header: len(columns.candidates(header)))


def _crs(given: Given) -> str:
    return geometries.crs_name(geometries.known_crs(given.crs)) if given.crs else EPSG_4326


def _places(cells: Cells, found: dict[str, list[int]], table: csv_table.Table, given: Given, own: bool) -> Places:
    """Return the positions: in the shapes of the file, unless columns were named for them, or in its columns."""
    if own and not given.columns:
        return _own_places(cells, found, table)
    if table.shapes is None or not {"position", *AXES}.isdisjoint(name for name, _ in given.columns):
        return placed_in(cells, found, table.header, given.crs)
    last = dict.fromkeys(AXES, len(table.header) - 1)
    return Places(table.shapes.positions, last, list(table.shapes.notes))


def _own_places(cells: Cells, found: dict[str, list[int]], table: csv_table.Table) -> Places:
    """Return the positions of a file of Scarp's own: of a point its shape, of an outline what stands beside it."""
    beside = placed_in(cells, {axis: found[axis] for axis in AXES}, table.header)
    if table.shapes is None:
        return with_outlines(beside, cells, found["position"][0], table.header, "") if "position" in found else beside
    stated = [
        shape if at.problem or not outline else at
        for at, shape, outline in zip(beside.positions, table.shapes.positions, table.shapes.outlines, strict=True)
    ]
    return Places(stated, beside.used, beside.notes)


def _check_positions(found: dict[str, list[int]], table: csv_table.Table, name: str) -> None:
    """Refuse a table without a column of positions; what it holds is quoted only where it is a table at all."""
    if set(AXES) <= set(found) or "position" in found:
        return
    missing = [wanted for wanted in AXES if wanted not in found]
    wide = len(table.header)
    held = f"{table.lines:,} {plural(table.lines, 'line')}, {wide:,} {plural(wide, 'column')} in the first"
    if found and first_rows(table):
        held = "its columns are " + ", ".join(map(shown, table.header[:12])) + (", ..." if wide > 12 else "")
    raise InventoryError(
        f"{name} has no column for {' and '.join(missing)} ({held}). "
        "Call the columns latitude and longitude, in decimal degrees."
    )


def first_rows(table: csv_table.Table) -> list[list[str]]:
    """Return the first rows of a text that has columns: two at least, with as many cells in nearly all; else none."""
    wide = len(table.header)
    try:
        rows = list(islice(table.rows, _LOOKED_AT))
    except InventoryError:
        return []
    return rows if wide > 1 and sum(len(row) == wide for row in rows) >= 0.8 * len(rows) else []


def _repeated(places: set[int], header: Sequence[str]) -> list[str]:
    titles = Counter(plain(title) for title in header)
    return [
        f"The column {shown(header[place])} stands {titles[plain(header[place])]} times; the first was read."
        for place in sorted(places)
        if titles[plain(header[place])] > 1
    ]


def _collect(table: csv_table.Table, found: dict[str, list[int]], name: str, own: bool) -> Cells:
    """Read all rows, keeping the cells that matter; a row with cells too many has them out of place."""
    width = len(table.header)
    told = ours.told(table.header) if own else set(evidence(found, table.header))
    wanted = sorted({place for held in found.values() for place in held} | told)
    wanted += [place for place in range(width) if place not in wanted][:_MOST_ALONG]
    rows: list[int] = []
    kept: list[list[str]] = []
    skipped: list[SkippedRow] = []
    for row, cells in enumerate(table.rows):
        if row >= MAX_ROWS:
            raise InventoryError(f"{name} has over {MAX_ROWS:,} rows. Split it, or keep only the rows needed.")
        if len(cells) > width and any(cell.strip() for cell in cells[width:]):
            skipped.append(SkippedRow(row, _too_many(len(cells), width)))
            continue
        rows.append(row)
        kept.append(cells)
    if not rows and not skipped:
        raise InventoryError(f"{name} has a header but no rows. Add one landslide per row.")
    held = list(zip_longest(*kept, [""] * width, fillvalue=""))  # a row of none, for the width
    return Cells(rows, {place: _column(held[place][:-1]) for place in wanted}, skipped)


def _too_many(cells: int, width: int) -> str:
    return f"{cells} cells where the header has {width}: put quotation marks around a text that holds the delimiter"


def _column(cells: Sequence[str]) -> list[str]:
    """Return the texts of a column without what surrounds them, and without what guards one from a spreadsheet."""
    texts = [cell.strip() for cell in cells]
    if "\n'" not in "\n" + "\n".join(texts):  # nearly always
        return texts
    return [text[1:] if ours.GUARDED.match(text) else text for text in texts]


def _along(cells: Cells, header: Sequence[str], read: set[int], own: bool) -> Along:
    """Return the texts of the columns that Scarp does not read; of columns of one title those of the first."""
    left = sorted(set(cells.columns) - read - (ours.told(header) if own else set()), reverse=True)
    called = [ours.unguarded(header[place]) for place in left]
    places = {ours.read(title) if own else title: place for title, place in zip(called, left, strict=True)}
    titles = [title for title in sorted(places, key=lambda one: places[one]) if title]
    texts = zip(
        *([text[:_MOST_CHARACTERS].rstrip() for text in cells.at(places[title])] for title in titles), strict=True
    )
    return Along(tuple(titles), dict(zip(cells.rows, texts, strict=False)))


def _changes(cells: Cells, header: Sequence[str], ids: list[str]) -> tuple[dict[str, log.Log], list[str]]:
    """Return the changes that a file of Scarp's own tells, by event, and a note where one cannot be read."""
    place = next((place for place, title in enumerate(header) if title.strip() == ours.CHANGE_LOG), None)
    read = {event_id: log.from_text(text) for event_id, text in zip(ids, cells.at(place), strict=True)}
    lost = sum(one is None for one in read.values())
    notes = [f"What was changed of {lost:,} {plural(lost, 'event')} cannot be read any more."] if lost else []
    return {event_id: one for event_id, one in read.items() if one}, notes


def _usable_id(
    cells: Cells, where: dict[str, int], placed: list[Position], header: Sequence[str]
) -> tuple[str, list[str]]:
    """Return which column names the events, empty for the row number, and a note where one was refused."""
    notes = []
    for name in ("id", "event_id"):
        if name not in where:
            continue
        pairs = zip(cells.at(where[name]), placed, strict=True)
        problem = _id_problem([text for text, at in pairs if at.out_of_range or not at.problem])
        if not problem:
            return name, []
        notes.append(f"The column {header[where[name]]} {problem}, so events are named by row number, from 0.")
    return "", notes


def _id_problem(ids: list[str]) -> str:
    if not all(ids):
        return "has empty cells"
    if len(set(ids)) < len(ids):
        repeated = Counter(ids).most_common(1)[0][0]
        return f"holds {shown(repeated)} more than once"
    if any(len(text) > MAX_ID_CHARACTERS or not text.isprintable() for text in ids):
        return f"holds names of over {MAX_ID_CHARACTERS} characters or with control characters"
    return ""


def _accuracy(cells: Cells, place: int | None, header: Sequence[str]) -> list[str]:
    """Return the accuracies, "5" as "5km" where only the title of the column tells the unit."""
    in_km = place is not None and plain(header[place]).endswith("_km")
    return [f"{text}km" if in_km and NUMBER.fullmatch(text) else text for text in cells.at(place)]


def _events(
    cells: Cells,
    where: dict[str, int],
    placed: list[Position],
    ids: list[str],
    dated: Dates,
    accuracy: list[str],
    outlines: list[bytes],
) -> list[Event | None]:
    """Return the event of each row, None where the row has no usable position."""
    texts = zip(cells.at(where.get("category")), accuracy, cells.at(where.get("source")), strict=True)
    options = zip(dated.days["pre1"], dated.days["pre2"], strict=True)
    t1_options = [tuple(day for day in pair if day) for pair in options]
    rows = zip(ids, cells.rows, dated.spans, placed, texts, t1_options, dated.days["post1"], outlines, strict=True)
    return [
        None if at.problem else Event(
            event_id, row, span and span[0], at.latitude, at.longitude, category, accurate, source, options, t2,
            span[1] if span and span[1] != span[0] else None, outline,
        )
        for event_id, row, span, at, (category, accurate, source), options, t2, outline in rows
    ]  # fmt: skip


def _columns(
    where: dict[str, int], header: Sequence[str], id_name: str, placed: Places, dated: Dates
) -> dict[str, str]:
    """Return what Scarp reads -> the file's own name of the column, for what was used."""
    used = {"id": header[where[id_name]]} if id_name else {}
    used |= dated.used
    used |= {axis: header[place] for axis, place in placed.used.items()}
    return used | {name: header[where[name]] for name in (*_TEXTS, "pre1", "pre2", "post1") if name in where}


def _unread(placed: list[Position], ids: list[str], events: list[Event | None], dated: Dates) -> Iterator[EventWarning]:
    """Yield what could not be read, row by row; a row skipped for its position is named as its event would be."""
    days: dict[str, Sequence[object]] = {"date": dated.spans, **dated.days}
    for number, (event_id, at, event) in enumerate(zip(ids, placed, events, strict=True)):
        if at.out_of_range:
            yield EventWarning(event_id, "position-out-of-range", f"The row was skipped: {at.problem}.")
        if not event:
            continue
        for name in DATES:
            missing = days[name][number] is None and name in dated.texts
            if missing and (message := _unreadable(name, dated.texts[name][number])):
                yield EventWarning(event_id, doubts.UNREADABLE, message)
        if number in dated.faults:
            yield EventWarning(event_id, doubts.UNREADABLE, dated.faults[number])


def _unreadable(name: str, text: str) -> str:
    """Return what to say of a date that could not be read; nothing where a T1 or T2 is just not given."""
    if text and (name == "date" or text.lower() not in ABSENT):
        return f"{name} {shown(text)} is no date Scarp can read; write it as 2017-05-20."
    return doubts.NO_DATE if name == "date" else ""
