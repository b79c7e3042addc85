"""Delimited text in any common encoding becomes a header and rows, or a sentence saying why not."""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.errors import InventoryError

DELIMITERS = (",", ";", "\t", "|")
MAX_HEADER_CHARACTERS = 1_000_000  # 10,000 columns of the longest sensible name

_END = "\x00end of table"  # no table holds it: text with NUL characters is refused
_SAVE_AS = "Save the table as CSV (UTF-8) and open that."
_NOT_TABLES = (  # how a file begins -> what it is
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", "a TIFF raster"),
    (b"MM\x00*", "a TIFF raster"),
    (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"SQLite format 3", "a GeoPackage or another SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"\x89HDF", "a NetCDF or HDF5 file"),
    (b"CDF", "a NetCDF file"),
)


@dataclass(frozen=True)
class Table:
    """A header and its rows; ``rows`` is read once, as cells come out of the text.

    Blank lines are no rows. A row may hold fewer or more cells than the header.
    """

    header: tuple[str, ...]
    rows: Iterator[list[str]]
    delimiter: str
    notes: tuple[str, ...]  # what a reader should know about how the text was understood


def parse(data: bytes, name: str, recognised: Callable[[list[str]], int]) -> Table:
    """Return the table in ``data``; ``name`` stands in the messages.

    ``recognised`` counts the column names of a header that the caller knows: the delimiter is
    the one that makes most of them appear. Raises InventoryError where the bytes are no text,
    hold no header, or (while the rows are read) a quotation mark never closes.
    """
    text, notes = _decoded(data, name)
    text, declared = _declared_delimiter(text)
    beginning = text[:MAX_HEADER_CHARACTERS].lstrip()
    if len(text) > MAX_HEADER_CHARACTERS and "\n" not in beginning and "\r" not in beginning:
        raise InventoryError(f"{name} has no header in its first {MAX_HEADER_CHARACTERS:,} characters. {_SAVE_AS}")
    candidates = (declared,) if declared else DELIMITERS
    headers = {delimiter: _header(text, delimiter) for delimiter in candidates}
    delimiter = max(candidates, key=lambda one: (recognised(headers[one]), len(headers[one])))
    rows = _rows(text, delimiter, name)
    next(rows, None)
    return Table(tuple(headers[delimiter]), rows, delimiter, notes)


def _decoded(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    if not data.strip():
        raise InventoryError(f"{name} is empty. Choose a CSV with one landslide per row.")
    for start, kind in _NOT_TABLES:
        if data.startswith(start):
            raise InventoryError(f"{name} is {kind}, not a CSV. {_SAVE_AS}")
    text, notes = _text(data, name)
    if "\x00" in text:
        raise InventoryError(f"{name} holds NUL characters, so it is no plain text. {_SAVE_AS}")
    start = text[:200].lstrip()
    if start.startswith("<"):
        raise InventoryError(f"{name} is HTML or XML, not a CSV: perhaps an error page was saved. {_SAVE_AS}")
    if start.startswith(("{", "[")):
        raise InventoryError(f"{name} is JSON, not a CSV. {_SAVE_AS}")
    if not text.strip():
        raise InventoryError(f"{name} is empty. Choose a CSV with one landslide per row.")
    return text, notes


def _text(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """Return the text and, where the encoding had to be guessed, a note saying which."""
    sixteen = _utf16(data)
    try:
        if sixteen:
            return data.decode(sixteen).removeprefix("\ufeff"), (f"Read as {sixteen.upper()} text.",)
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        if sixteen:
            raise InventoryError(f"{name} is cut off or damaged UTF-16 text. {_SAVE_AS}") from error
    for encoding in ("cp1252", "latin-1"):  # Excel's western code page; five of its bytes mean nothing
        try:
            note = f"The text is not UTF-8 and was read as {encoding}: check accented letters."
            return data.decode(encoding), (note,)
        except UnicodeDecodeError:
            continue
    raise InventoryError(f"{name} is in no known encoding. {_SAVE_AS}")


def _utf16(data: bytes) -> str:
    """Return the UTF-16 flavour of text, with or without byte-order mark, or an empty text."""
    if data.startswith(b"\xff\xfe") or _all_nul(data[1:200:2]):
        return "utf-16-le"
    if data.startswith(b"\xfe\xff") or _all_nul(data[0:200:2]):
        return "utf-16-be"
    return ""


def _all_nul(data: bytes) -> bool:
    return bool(data) and not data.strip(b"\x00")


def _declared_delimiter(text: str) -> tuple[str, str]:
    """Split off the line ``sep=;`` that Excel writes and reads."""
    line, _, rest = text.partition("\n")
    line = line.strip("\r ")
    if line[:4].lower() == "sep=" and line[4:] in DELIMITERS:
        return rest, line[4:]
    return text, ""


def _header(text: str, delimiter: str) -> list[str]:
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return next(([cell.strip() for cell in row] for row in rows if any(map(str.strip, row))), [])
    except csv.Error:  # a field beyond the csv module's limit: this is not the delimiter
        return []


def _rows(text: str, delimiter: str, name: str) -> Iterator[list[str]]:
    """Yield every row, the header first; blank lines before the header or between rows are passed over.

    The csv module ends a quotation at the end of the file without a word, and with it every
    row after an unclosed mark would vanish. The last line added here must come out as it went in.
    """
    ending = "" if text.endswith(("\n", "\r")) else "\n"
    reader = csv.reader(io.StringIO(f"{text}{ending}{_END}\n", newline=""), delimiter=delimiter)
    started, line = False, 1
    try:
        for row in reader:
            if row and _END in row[-1]:
                if row == [_END]:
                    return
                break
            started = started or any(map(str.strip, row))
            if row and started:
                yield row
            line = reader.line_num + 1
    except csv.Error as error:
        raise InventoryError(f"{name} cannot be read from line {line} on ({error}). {_SAVE_AS}") from error
    raise InventoryError(
        f"{name} opens a quotation mark on line {line} that never closes, so the rows after it cannot be told "
        'apart. Close it, or write a quotation mark inside a text twice ("").'
    )
