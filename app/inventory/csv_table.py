"""Delimited text in any common encoding becomes a header and rows, or a sentence saying why not."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import InventoryError
from app.files import UNREADABLE
from app.inventory import encodings

if TYPE_CHECKING:
    from app.inventory.geometries import Shapes

DELIMITERS = (",", ";", "\t", "|")
MAX_HEADER_CHARACTERS = 1_000_000  # 10,000 columns of the longest sensible name
MAX_CELL_CHARACTERS = 2_000_000  # an outline of some thousand corners is longer than the csv module's 131,072
csv.field_size_limit(MAX_CELL_CHARACTERS)

_END = "\x00end of table"  # no table holds it: text with NUL characters is refused
_JSON = re.compile(r"\{\s*[\"}]|\[\s*[\[{\"\d\]-]")  # not the [heading] of a settings file
_SAVE_AS = "Save the table as CSV (UTF-8) and open that."
_PAIR = 'on the Patches page, under "Open your own pair of images"; on the command line, detect --pair T1 T2.'
_RASTERS = (  # how an image begins that may be of a pair -> what it is
    (b"II*\x00", "a TIFF raster"),
    (b"MM\x00*", "a TIFF raster"),
    (b"II+\x00", "a TIFF raster"),
    (b"MM\x00+", "a TIFF raster"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 raster"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 raster"),
    (b"\x89HDF", "a NetCDF or HDF5 file"),
    (b"CDF", "a NetCDF file"),
)
_PICTURES = (  # how one begins that says no place -> what it is
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
)
_NOT_TABLES = (  # how a file begins -> what it is
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"{\\rtf", "an RTF document"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
)


# a file inside a zip archive -> what the archive is; its name ends so
_ZIPPED = (
    ("xl/workbook.bin", "a binary Excel workbook"),
    ("word/document.xml", "a Word document"),
    ("content.xml", "an OpenDocument file"),
    (".gdbtable", "a zipped file geodatabase"),
    (".csv", "a zip archive with a CSV in it"),
)
_ZIPPED_RASTERS = (".tif", ".tiff", ".jp2", ".nc")
_ZIP_OF_IMAGES = "a zip archive of images"


@dataclass(frozen=True)
class Table:
    """A header and its rows; ``rows`` is read once, as cells come out of the text.

    Blank lines are no rows. A row may hold fewer or more cells than the header.
    """

    header: tuple[str, ...]
    rows: Iterator[list[str]]
    delimiter: str
    notes: tuple[str, ...]  # what a reader should know about how the text was understood
    lines: int  # of the text, whatever they hold
    shapes: "Shapes | None" = None  # of each row, where the file holds geometries


def parse(data: bytes, name: str, recognised: Callable[[list[str]], int]) -> Table:
    """Return the table in ``data``; ``name`` stands in the messages.

    ``recognised`` counts the column names of a header that the caller knows: the delimiter is
    the one that makes most of them appear. Raises InventoryError where the bytes are no text,
    hold no header, or (while the rows are read) a quotation mark never closes.
    """
    text, notes = _decoded(data, name, lambda line: max(recognised(_header(line, one)) for one in DELIMITERS))
    text, declared = _declared_delimiter(text)
    beginning = text[:MAX_HEADER_CHARACTERS].lstrip()
    if len(text) > MAX_HEADER_CHARACTERS and "\n" not in beginning and "\r" not in beginning:
        raise InventoryError(f"{name} has no header in its first {MAX_HEADER_CHARACTERS:,} characters. {_SAVE_AS}")
    candidates = (declared,) if declared else DELIMITERS
    headers = {delimiter: _header(text, delimiter) for delimiter in candidates}
    delimiter = max(candidates, key=lambda one: (recognised(headers[one]), len(headers[one])))
    rows = _rows(text, delimiter, name)
    next(rows, None)
    return Table(tuple(headers[delimiter]), rows, delimiter, notes, len(text.splitlines()))


def _decoded(data: bytes, name: str, known_titles: Callable[[str], int]) -> tuple[str, tuple[str, ...]]:
    if not data.strip():
        raise InventoryError(f"{name} is empty. Choose a CSV with one landslide per row.")
    _refuse_image(data, name)
    for start, kind in _NOT_TABLES:
        if data.startswith(start):
            raise InventoryError(f"{name} is {kind}, not a CSV. {_SAVE_AS}")
    if data.startswith(b"PK\x03\x04"):
        kind = _zip_kind(data)
        advice = f"Images before and after an event belong {_PAIR}" if kind == _ZIP_OF_IMAGES else _SAVE_AS
        raise InventoryError(f"{name} is {kind}, not a CSV. {advice}")
    text, notes = _text(data, name, known_titles)
    if "\x00" in text:
        dbase = data[:1] in (b"\x03", b"\x30", b"\x83", b"\x8b", b"\xf5")
        what = "is a dBase table (.dbf), not a CSV" if dbase else "holds NUL characters, so it is no plain text"
        raise InventoryError(f"{name} {what}. {_SAVE_AS}")
    if kind := _marked_up(text[:2000].lstrip()):
        raise InventoryError(f"{name} is {_cut_off(name) or kind}. {_SAVE_AS}")
    if not text.strip():
        raise InventoryError(f"{name} is empty. Choose a CSV with one landslide per row.")
    return text, notes


def _refuse_image(data: bytes, name: str) -> None:
    """Raise InventoryError for an image, with where one is opened; saved as text it would be no list of events."""
    for start, kind in _RASTERS:
        if data.startswith(start):
            raise InventoryError(
                f"{name} is {kind}, an image and not a list of landslides. Images before and after an event belong "
                + _PAIR
            )
    for start, kind in _PICTURES:
        if data.startswith(start):
            raise InventoryError(
                f"{name} is {kind}, an image and not a list of landslides. It says neither place nor reflectance: "
                f"bring the pair it was made from, as GeoTIFF, JPEG 2000 or NetCDF, {_PAIR}"
            )


def _zip_kind(data: bytes) -> str:
    """Return what a zip archive holds, in words."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = archive.namelist()[:10_000]
    except UNREADABLE:
        return "a damaged zip archive or Excel workbook"
    images = any(one.lower().endswith(_ZIPPED_RASTERS) for one in inside)
    found = (kind for end, kind in _ZIPPED if any(one.lower().endswith(end) for one in inside))
    return next(found, _ZIP_OF_IMAGES if images else "a zip archive")


def _marked_up(start: str) -> str:
    """Return what kind of marked-up text begins so, empty where it is none."""
    low = start.lower()
    if _JSON.match(low):
        return "GeoJSON, not a CSV" if "featurecollection" in low or '"geometry"' in low else "JSON, not a CSV"
    if not low.startswith("<"):
        return ""
    if low.startswith(("<!doctype html", "<html")):
        return "an HTML page, not a CSV: perhaps an error or a log-in page was saved"
    if low.startswith(("<vrtdataset", "<ogrvrtdatasource")):
        return "a VRT, which only names other files, and none of them is opened"
    return "HTML or XML, not a CSV: perhaps an error page was saved"


def _cut_off(name: str) -> str:
    """Return what a file that is called KML is where it ends before its first tag of KML; else an empty text."""
    return "no KML, or cut off before its places" if name.lower().endswith(".kml") else ""


def _text(data: bytes, name: str, known_titles: Callable[[str], int]) -> tuple[str, tuple[str, ...]]:
    """Return the text and, where the encoding had to be guessed, a note saying which."""
    sixteen = _utf16(data)
    try:
        if sixteen:
            return data.decode(sixteen).removeprefix("\ufeff"), (f"Read as {sixteen.upper()} text.",)
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        if sixteen:
            raise InventoryError(f"{name} is cut off or damaged UTF-16 text. {_SAVE_AS}") from error
    text, encoding = encodings.decoded(data, known_titles)
    if encoding in encodings.WESTERN:
        return text, (f"The text is not UTF-8 and was read as {encoding}: check accented letters.",)
    note = f"The text is not UTF-8 and was read as {encoding}, which makes most sense of it: check its words."
    return text, (note,)


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
