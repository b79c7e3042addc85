"""The columns of a table become events: names mapped, positions and dates read, faults found."""

import re
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from app import csv_table, dates
from app.errors import InventoryError
from app.inventory import Event, EventWarning, Inventory, SkippedRow

SENTINEL2_LAUNCH = date(2015, 6, 23)  # Sentinel-2A (ESA)
MAX_ROWS = 200_000
MAX_ID_CHARACTERS = 64
MAX_POSITION_CHARACTERS = 200  # two numbers and their brackets; longer text is not worth searching

# What Scarp reads -> the names it goes by, the better first. Names are compared in small letters
# with anything between letters and digits as one underscore.
_NAMES_TABLE = {
    "id": "id",
    "event_id": "event_id",
    "date": "event_date date date_event eventdate landslide_date date_of_event ev_date occurrence_date date_occurred "
    "datetime data fecha datum",
    "latitude": "latitude lat decimal_latitude decimallatitude latitude_deg lat_deg latitude_dd lat_dd latitude_wgs84 "
    "lat_wgs84 wgs84_lat latitudine latitud y y_coord ycoord",
    "longitude": "longitude lon long lng decimal_longitude decimallongitude longitude_deg lon_deg longitude_dd lon_dd "
    "long_dd longitude_wgs84 lon_wgs84 wgs84_lon longitudine longitud x x_coord xcoord",
    "position": "geolocation coordinates coords coordinate latlon lat_lon lat_long latlong latitude_longitude position "
    "wkt geometry geom the_geom point",
    "category": "category landslide_category landslide_type type movement_type hazard_type",
    "accuracy": "accuracy location_accuracy position_accuracy location_accuracy_km accuracy_km",
    "source": "source source_name data_source catalog catalogue inventory",
    "pre1": "pre1 pre_1",
    "pre2": "pre2 pre_2 pre t1 pre_date before",
    "post1": "post1 post_1 post t2 post_date after",
    "year": "year event_year",
    "month": "month_number month event_month",
    "day": "day event_day",
}
NAMES = {wanted: tuple(names.split()) for wanted, names in _NAMES_TABLE.items()}
DATES = ("date", "pre1", "pre2", "post1")
_TEXTS = ("category", "accuracy", "source")

_ABSENT = {"", "-", "--", "?", "na", "n/a", "nan", "nat", "none", "null", "unknown"}
_NUMBER = re.compile(r"[+-]?(?:\d{1,9}(?:\.\d*)?|\.\d+)(?:e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[+-]?\d{1,3},\d+", re.ASCII)
_PAIR = re.compile(r"[\s(\[]*([^\s,;()\[\]]+)(?:\s*[,;]\s*|\s+)([^\s,;()\[\]]+)[\s)\]]*")
_WKT_POINT = re.compile(r"(?:srid=4326;)?\s*point\s*(?:z\s*)?\(\s*(\S+)\s+([^\s)]+)[^)]*\)", re.IGNORECASE)
_GUARDED = re.compile(r"'[=+\-@＝＋－＠]")  # what app.export puts before a text that a spreadsheet would run
_WHOLE_NUMBER = re.compile(r"\d{1,4}", re.ASCII)


Days = dict[str, list[date | None]]


@dataclass(frozen=True)
class _Cells:
    """The wanted cells of the rows that have their cells in place, as columns side by side."""

    rows: list[int]
    columns: dict[str, list[str]]
    skipped: list[SkippedRow]

    def column(self, name: str) -> list[str]:
        """Return a column, or empty texts where the file has none of that name."""
        return self.columns.get(name) or [""] * len(self.rows)


@dataclass(frozen=True)
class _Position:
    """A point in degrees, or the reason why a row has none."""

    latitude: float = 0.0
    longitude: float = 0.0
    problem: str = ""
    out_of_range: bool = False


def read_table(data: bytes, name: str) -> Inventory:
    """Return the inventory in ``data``; see ``app.inventory.read``."""
    table = csv_table.parse(data, name, lambda header: len(_mapping(header)))
    where = _mapping(table.header)
    _check_positions(where, table.header, name)
    cells = _collect(table, where, name)
    days, date_notes = _days(cells, where, table.header)
    positions = _positions(cells)
    id_name, id_notes = _usable_id(cells, positions)
    ids = cells.column(id_name) if id_name else [str(row) for row in cells.rows]
    accuracy = _accuracy(cells, table.header[where["accuracy"]] if "accuracy" in where else "")
    events = _events(cells, positions, ids, days, accuracy)
    no_place = [
        SkippedRow(row, place.problem) for row, place in zip(cells.rows, positions, strict=True) if place.problem
    ]
    return Inventory(
        name=name,
        events=tuple(event for event in events if event),
        skipped=tuple(sorted(cells.skipped + no_place, key=lambda skipped: skipped.row)),
        columns=_columns(where, table.header, id_name),
        warnings=tuple(_warnings(cells, positions, ids, events, days)),
        notes=(*table.notes, *_repeated(where, table.header), *date_notes, *id_notes),
    )


def _mapping(header: Sequence[str]) -> dict[str, int]:
    """Return what Scarp reads -> the place of the column it stands in, by the best name there is."""
    titles = [_plain(title) for title in header]
    first = {title: place for place, title in reversed(list(enumerate(titles)))}
    found = {wanted: next((first[n] for n in names if n in first), -1) for wanted, names in NAMES.items()}
    return {wanted: place for wanted, place in found.items() if place >= 0}


def _plain(title: str) -> str:
    return re.sub(r"[\W_]+", "_", title.casefold()).strip("_")


def _check_positions(where: dict[str, int], header: Sequence[str], name: str) -> None:
    if {"latitude", "longitude"} <= set(where) or "position" in where:
        return
    missing = [wanted for wanted in ("latitude", "longitude") if wanted not in where]
    held = ", ".join(_shown(title) for title in header[:12]) + (", ..." if len(header) > 12 else "")
    raise InventoryError(
        f"{name} has no column for {' and '.join(missing)} (its columns are {held}). "
        "Call the columns latitude and longitude, in decimal degrees."
    )


def _repeated(where: dict[str, int], header: Sequence[str]) -> list[str]:
    titles = Counter(_plain(title) for title in header)
    places = sorted(set(where.values()))
    return [
        f"The column {_shown(header[place])} stands {titles[_plain(header[place])]} times; the first was read."
        for place in places
        if titles[_plain(header[place])] > 1
    ]


def _collect(table: csv_table.Table, where: dict[str, int], name: str) -> _Cells:
    """Read all rows, keeping the cells that matter; a row with cells too many has them out of place."""
    width = len(table.header)
    wanted = where | {f"#{place}": place for place in _evidence(where, table.header)}
    rows: list[int] = []
    kept: list[list[str]] = []
    skipped: list[SkippedRow] = []
    for row, cells in enumerate(table.rows):
        if row >= MAX_ROWS:
            raise InventoryError(f"{name} has over {MAX_ROWS:,} rows. Split it, or keep only the rows needed.")
        if any(cell.strip() for cell in cells[width:]):
            skipped.append(SkippedRow(row, _too_many(len(cells), width)))
            continue
        rows.append(row)
        kept.append([_cell(cells[place]) if place < len(cells) else "" for place in wanted.values()])
    if not rows and not skipped:
        raise InventoryError(f"{name} has a header but no rows. Add one landslide per row.")
    columns = [list(column) for column in zip(*kept, strict=True)] if kept else [[] for _ in wanted]
    return _Cells(rows, dict(zip(wanted, columns, strict=True)), skipped)


def _evidence(where: dict[str, int], header: Sequence[str]) -> list[int]:
    """Return other columns of dates: what they hold tells in which order this file writes them."""
    used = set(where.values())
    return [place for place, title in enumerate(header) if "date" in _plain(title) and place not in used][:8]


def _too_many(cells: int, width: int) -> str:
    return f"{cells} cells where the header has {width}: put quotation marks around a text that holds the delimiter"


def _cell(text: str) -> str:
    text = text.strip()
    return text[1:] if _GUARDED.match(text) else text


def _days(cells: _Cells, where: dict[str, int], header: Sequence[str]) -> tuple[Days, list[str]]:
    """Return the dates of each column, None where there is none, and notes on the order chosen."""
    texts = {name: _date_texts(cells, name) for name in DATES}
    texts |= {name: cells.column(name) for name in cells.columns if name.startswith("#")}
    known = {text: dates.readings(text) for column in texts.values() for text in set(column)}
    read = {name: [known[text] for text in column] for name, column in texts.items()}
    expected = {"date": list(zip(_whole(cells, "year"), _whole(cells, "month"), strict=True))}
    first = {name: dates.choose_order(column, expected.get(name, ())) for name, column in read.items()}
    common = dates.common_order(first)
    chosen = {name: dates.choose_order(read[name], expected.get(name, ()), common) for name in DATES}
    days = {name: [reading[dates.ORDERS.index(chosen[name].order)] for reading in read[name]] for name in DATES}
    notes = [_order_note(header[where[name]], chosen[name]) for name in DATES if name in where and chosen[name].matters]
    return days, notes


def _date_texts(cells: _Cells, name: str) -> list[str]:
    """Return a column of dates, empty where a word says that there is none."""
    if name == "date" and _in_parts(cells.columns):
        parts = zip(*(cells.column(part) for part in ("year", "month", "day")), strict=True)
        return ["-".join(three) if any(three) else "" for three in parts]
    return ["" if text.lower() in _ABSENT else text for text in cells.column(name)]


def _in_parts(columns: Container[str]) -> bool:
    return "date" not in columns and all(part in columns for part in ("year", "month", "day"))


def _whole(cells: _Cells, name: str) -> list[int | None]:
    return [int(text) if _WHOLE_NUMBER.fullmatch(text) else None for text in cells.column(name)]


def _order_note(title: str, choice: dates.Choice) -> str:
    if choice.certain:
        return f"The dates in {_shown(title)} were read as {choice.order}."
    return (
        f"Nothing in the file says in which order {_shown(title)} writes day and month; it was read as "
        f"{choice.order}. Write dates as 2017-05-20 to be certain."
    )


def _positions(cells: _Cells) -> list[_Position]:
    if "latitude" in cells.columns and "longitude" in cells.columns:
        return [_position(*pair) for pair in zip(cells.column("latitude"), cells.column("longitude"), strict=True)]
    return [_combined(text) for text in cells.column("position")]


def _combined(text: str) -> _Position:
    """Return the position in one cell: "latitude, longitude", or POINT (longitude latitude)."""
    if not text:
        return _Position(problem="the position is empty")
    if len(text) <= MAX_POSITION_CHARACTERS:
        if point := _WKT_POINT.fullmatch(text):
            return _position(point[2], point[1])
        if pair := _PAIR.fullmatch(text):
            return _position(pair[1], pair[2])
    return _Position(problem=f"the position {_shown(text)} is not written as latitude, longitude")


def _position(latitude: str, longitude: str) -> _Position:
    named = {"latitude": latitude, "longitude": longitude}
    empty = [name for name, text in named.items() if text.lower() in _ABSENT]
    if empty:
        return _Position(problem=f"no position: {' and '.join(empty)} missing")
    degrees = {name: _degrees(text) for name, text in named.items()}
    for name, value in degrees.items():
        if value is None:
            return _Position(problem=f"{name} {_shown(named[name])} is no number of decimal degrees such as 45.1234")
    lat, lon = degrees["latitude"], degrees["longitude"]
    if -90 <= lat <= 90 and -180 <= lon <= 180:
        return _Position(lat, lon)
    return _Position(problem=_range_problem(lat, lon), out_of_range=True)


def _degrees(text: str) -> float | None:
    text = text.replace("\u2212", "-").rstrip("° ")  # some spreadsheets write a true minus sign
    if _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    return float(text) if _NUMBER.fullmatch(text) else None


def _range_problem(lat: float, lon: float) -> str:
    said = []
    if abs(lat) > 90:
        said.append(f"latitude {lat:g} is outside -90 to 90")
    if abs(lon) > 180:
        said.append(f"longitude {lon:g} is outside -180 to 180")
    if max(abs(lat), abs(lon)) > 360:
        said.append("if these are metres, convert them to degrees (EPSG:4326)")
    elif abs(lat) > 90 and abs(lat) <= 180 and abs(lon) <= 90:
        said.append("the two may be swapped")
    elif abs(lat) <= 90 and lon > 180:
        said.append("subtract 360 where longitudes run from 0 to 360")
    return "; ".join(said)


def _usable_id(cells: _Cells, positions: list[_Position]) -> tuple[str, list[str]]:
    """Return which column names the events, empty for the row number, and a note where one was refused."""
    notes = []
    for name in ("id", "event_id"):
        if name not in cells.columns:
            continue
        placed = zip(cells.column(name), positions, strict=True)
        problem = _id_problem([text for text, where in placed if where.out_of_range or not where.problem])
        if not problem:
            return name, []
        notes.append(f"The column {name} {problem}, so events are named by row number, from 0.")
    return "", notes


def _id_problem(ids: list[str]) -> str:
    if not all(ids):
        return "has empty cells"
    if len(set(ids)) < len(ids):
        repeated = Counter(ids).most_common(1)[0][0]
        return f"holds {_shown(repeated)} more than once"
    if any(len(text) > MAX_ID_CHARACTERS or not text.isprintable() for text in ids):
        return f"holds names of over {MAX_ID_CHARACTERS} characters or with control characters"
    return ""


def _accuracy(cells: _Cells, title: str) -> list[str]:
    """Return the accuracies, "5" as "5km" where only the title of the column tells the unit."""
    in_km = _plain(title).endswith("_km")
    return [f"{text}km" if in_km and _NUMBER.fullmatch(text) else text for text in cells.column("accuracy")]


def _events(
    cells: _Cells, positions: list[_Position], ids: list[str], days: Days, accuracy: list[str]
) -> list[Event | None]:
    """Return the event of each row, None where the row has no usable position."""
    texts = zip(cells.column("category"), accuracy, cells.column("source"), strict=True)
    options = zip(days["pre1"], days["pre2"], strict=True)
    t1_options = [tuple(day for day in pair if day) for pair in options]
    columns = zip(ids, cells.rows, days["date"], positions, texts, t1_options, days["post1"], strict=True)
    return [
        None if where.problem else Event(event_id, row, day, where.latitude, where.longitude, *words, options, t2)
        for event_id, row, day, where, words, options, t2 in columns
    ]


def _columns(where: dict[str, int], header: Sequence[str], id_name: str) -> dict[str, str]:
    """Return what Scarp reads -> the file's own name of the column, for what was used."""
    used = {"id": header[where[id_name]]} if id_name else {}
    if _in_parts(where):
        used["date"] = ", ".join(header[where[part]] for part in ("year", "month", "day"))
    apart = "latitude" in where and "longitude" in where
    for name in ("date", "latitude", "longitude", *_TEXTS, "pre1", "pre2", "post1"):
        place = where.get(name) if apart or name not in ("latitude", "longitude") else where["position"]
        if place is not None:
            used[name] = header[place]
    return used


def _warnings(
    cells: _Cells, positions: list[_Position], ids: list[str], events: list[Event | None], days: Days
) -> Iterator[EventWarning]:
    """Yield every fault, row by row; a row skipped for its position is named as its event would be."""
    texts = {name: cells.column(name) for name in DATES}
    first_at: dict[tuple[float, float, date], str] = {}
    for number, (event_id, where, event) in enumerate(zip(ids, positions, events, strict=True)):
        if where.out_of_range:
            yield EventWarning(event_id, "position-out-of-range", f"The row was skipped: {where.problem}.")
        if not event:
            continue
        for name in DATES:
            if days[name][number] is None and (message := _unreadable(name, texts[name][number])):
                yield EventWarning(event_id, "date-unreadable", message)
        for code, message in _date_faults(event):
            yield EventWarning(event_id, code, message)
        if event.date:
            place = (round(event.latitude, 5), round(event.longitude, 5), event.date)  # 5 decimals: about 1 m
            same = first_at.setdefault(place, event_id)
            if same != event_id:
                yield EventWarning(event_id, "duplicate", f"Same place and date as event {same}.")


def _unreadable(name: str, text: str) -> str:
    """Return what to say of a date that could not be read; nothing where a T1 or T2 is just not given."""
    if text and (name == "date" or text.lower() not in _ABSENT):
        return f"{name} {_shown(text)} is no date Scarp can read; write it as 2017-05-20."
    return "The event has no date; T1 and T2 have to be chosen by hand." if name == "date" else ""


def _date_faults(event: Event) -> Iterator[tuple[str, str]]:
    t1, day, t2 = event.t1, event.date, event.t2
    late_t1 = bool(t1 and day and t1 >= day)
    early_t2 = bool(t2 and day and t2 <= day)
    if late_t1:
        yield "t1-not-before-event", f"T1 ({t1}) is not before the event ({day}): it may already show the landslide."
    if early_t2:
        yield "t2-not-after-event", f"T2 ({t2}) is not after the event ({day}): it may not show the landslide yet."
    # where one date alone is on the wrong side of the event, that is the fault and was just named
    if t1 and t2 and t1 >= t2 and late_t1 == early_t2:
        yield "t1-not-before-t2", f"T1 ({t1}) is not before T2 ({t2}): the two may be exchanged."
    if t1 and t1 < SENTINEL2_LAUNCH:
        yield "before-sentinel2", f"T1 ({t1}) is before the first Sentinel-2 was launched ({SENTINEL2_LAUNCH})."
    elif day and day < SENTINEL2_LAUNCH:
        message = f"The event ({day}) is before the first Sentinel-2 was launched ({SENTINEL2_LAUNCH}): no T1 exists."
        yield "before-sentinel2", message


def _shown(text: str) -> str:
    """Return a cell as a message can hold it: short, in quotation marks, control characters spelt out."""
    return repr(text if len(text) <= 40 else f"{text[:40]}...")
