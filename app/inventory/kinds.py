"""Which kind of file bytes are, told by what they hold; archives are unpacked within a limit."""

import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath

from app import config
from app.errors import InventoryError
from app.files import UNREADABLE, size_words
from app.inventory import rapid_mapping
from app.inventory.given import Given

IMAGES = "images"  # the name under which a table of images lies beside the layer, for the process that reads both
SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
# what lies beside one as well and is not needed
SHAPEFILE_BESIDE = (*SHAPEFILE_PARTS, ".sbn", ".sbx", ".qix", ".qmd", ".qpj", ".fix", ".xml", ".cst")
_MOST_TIMES = 10  # what an archive holds may be so much larger than a table may be
_MOST_ENTRIES = 10_000
_STARTS = (
    (b"SQLite format 3\x00", "geopackage"), (b"fgb\x03", "flatgeobuf"), (b"PAR1", "geoparquet"),
)  # fmt: skip
_ENDINGS = {".gpkg": "geopackage", ".fgb": "flatgeobuf", ".parquet": "geoparquet", ".geojson": "geojson", ".kml": "kml"}
_FILE = {"geopackage": "a.gpkg", "flatgeobuf": "a.fgb", "geoparquet": "a.parquet", "workbook": "a.xlsx",
         "geojson": "a.geojson", "kml": "a.kml", "shapefile": "a.shp"}  # fmt: skip
_FEATURE = re.compile(
    rb'\s*\{.*?"type"\s*:\s*"(FeatureCollection|Feature|(Multi)?(Point|LineString|Polygon)|GeometryCollection)"',
    re.DOTALL,
)
_KML = re.compile(rb"\s*<[^>]*>?.{0,2000}?<kml[\s>]", re.DOTALL)
KIND_WORDS = {"geopackage": "a GeoPackage", "flatgeobuf": "a FlatGeobuf file", "geoparquet": "a GeoParquet file",
              "workbook": "an Excel workbook", "geojson": "GeoJSON", "kml": "KML",
              "shapefile": "a shapefile"}  # fmt: skip


@dataclass(frozen=True)
class Brought:
    """A file that another process reads: its ``kind``, and what lies in a folder for it, the file to open first."""

    kind: str
    files: dict[str, bytes]
    layers: tuple[str, ...] = ()  # of a zip archive whose files are its layers: all of them
    layer: str = ""  # the one taken

    @property
    def first(self) -> str:
        """The name of the file that is opened."""
        return next(iter(self.files))


class LayerNeededError(InventoryError):
    """A file holds several layers, or sheets, and which is meant has to be said."""

    def __init__(self, message: str, layers: tuple[str, ...]) -> None:
        super().__init__(message)
        self.layers = layers


def brought(data: bytes, name: str, given: Given) -> Brought | None:
    """Return what a file is where it is no delimited text; None where it may be text, or nothing known here.

    ``name`` stands in messages. Raises InventoryError for an archive that unpacks to too much or lacks a part, and
    LayerNeededError where one of several has to be chosen.
    """
    for start, kind in _STARTS:
        if data.startswith(start):
            return _single(kind, data)
    if data.startswith(b"PK\x03\x04"):
        return _zipped(data, name, given)
    if data.startswith(b"\x00\x00\x27\x0a"):
        raise InventoryError(
            f"{name} is one part of a shapefile. Bring all of it: .shp, .shx, .dbf and .prj together, or in one zip."
        )
    start = data[:10_000].removeprefix(b"\xef\xbb\xbf")
    if start.lstrip().startswith(b"{") and _FEATURE.match(data[:1_000_000].removeprefix(b"\xef\xbb\xbf")):
        return _single("geojson", data)
    return _single("kml", data) if _KML.match(start) else None


def is_beside(name: str) -> bool:
    """Whether a file of this name is a part of a shapefile other than its first one."""
    suffix = PurePosixPath(name.lower()).suffix
    return suffix != ".shp" and suffix in SHAPEFILE_BESIDE


def several_layers(name: str, layers: tuple[str, ...], why: str = "holds several layers") -> LayerNeededError:
    """Return the error that asks which layer is meant."""
    listed = ", ".join(repr(one[:60]) for one in layers[:12]) + (", ..." if len(layers) > 12 else "")
    return LayerNeededError(f"{name} {why}: {listed}. Choose one; on the command line, --layer NAME.", layers)


def packed(parts: dict[str, bytes]) -> bytes:
    """Return the files of a shapefile as one archive, as ``brought`` takes it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(parts.items()):
            archive.writestr(zipfile.ZipInfo(name), data)  # of no date, so that equal parts are an equal archive
    return out.getvalue()


def _single(kind: str, data: bytes) -> Brought:
    return Brought(kind, {_FILE[kind]: data})


def _zipped(data: bytes, name: str, given: Given) -> Brought | None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [one for one in archive.infolist() if not one.is_dir() and "__MACOSX" not in one.filename]
            _check_entries(entries, name)
            names = [one.filename for one in entries]
            if "xl/workbook.xml" in names:
                return _single("workbook", data)
            shapefiles = sorted(one for one in names if one.lower().endswith(".shp"))
            if shapefiles:
                return _shapefile(archive, shapefiles, names, name, given)
            found = sorted(one for one in names if _is_shapes(archive, one))
            main = [one for one in found if one.lower() == "doc.kml"] or found
            if not main:
                _refuse_archives(names, name)
                _refuse_half(names, name)
                return None
            taken, layer, layers = _one_of(main, name, given)
            kind = _ENDINGS.get(PurePosixPath(taken.lower()).suffix, "geojson")
            found_in = (layers, layer) if len(layers) > 1 else ((), "")  # a single file may have layers of its own
            files = {_FILE[kind]: archive.read(taken)} | _images(archive, taken, names)
            return Brought(kind, files, *found_in)
    except UNREADABLE as error:
        raise InventoryError(
            f"{name} is a damaged zip archive or Excel workbook, or has a password ({str(error)[:80]}). Pack it again."
        ) from error


def _is_shapes(archive: zipfile.ZipFile, inside: str) -> bool:
    """Whether a file in an archive is of shapes by its ending, or as JSON by how it begins."""
    suffix = PurePosixPath(inside.lower()).suffix
    if suffix != ".json":
        return suffix in _ENDINGS
    with archive.open(inside) as file:
        return bool(_FEATURE.match(file.read(1_000_000).removeprefix(b"\xef\xbb\xbf")))


def _refuse_archives(names: list[str], name: str) -> None:
    """Raise InventoryError for an archive of archives."""
    inner = [PurePosixPath(one).name for one in names if one.lower().endswith((".zip", ".kmz", ".7z", ".rar", ".gz"))]
    if inner:
        listed = ", ".join(repr(one[:60]) for one in inner[:4]) + (", ..." if len(inner) > 4 else "")
        raise InventoryError(f"{name} holds archives within it ({listed}). Unpack it and bring the one that is needed.")


def _refuse_half(names: list[str], name: str) -> None:
    """Raise InventoryError for an archive of a shapefile without its shapes."""
    lone = [PurePosixPath(one) for one in names if one.lower().endswith((".shx", ".dbf"))]
    if lone:
        raise InventoryError(
            f"{name} holds {lone[0].name[:60]} without {lone[0].with_suffix('.shp').name[:60]}, which has the shapes. "
            "Put all parts of the shapefile in: .shp, .shx, .dbf and .prj."
        )


def _check_entries(entries: list[zipfile.ZipInfo], name: str) -> None:
    """Refuse an archive that would unpack to too much; zipfile unpacks no more than each entry declares."""
    most = _MOST_TIMES * config.settings().max_csv_mb * 1_000_000
    total = sum(one.file_size for one in entries)
    if total > most or len(entries) > _MOST_ENTRIES:
        raise InventoryError(
            f"{name} unpacks to {size_words(total)} in {len(entries):,} files; Scarp unpacks up to {size_words(most)} "
            f"in {_MOST_ENTRIES:,}. Bring only the layer that is needed."
        )


def _one_of(names: list[str], name: str, given: Given) -> tuple[str, str, tuple[str, ...]]:
    """Return the file that is meant, what it is called, by its name without folder and ending, and what all are.

    Where nobody said, the one layer of what was observed, beside the map sheet, its sources and roads, is meant.
    """
    called = {PurePosixPath(one).stem: one for one in reversed(names)}
    if len(called) < len(names):  # of one name in several folders
        called = {str(PurePosixPath(one).with_suffix("")): one for one in names}
    layers = tuple(sorted(called))
    if len(layers) == 1:
        return names[0], layers[0], layers
    drawn = rapid_mapping.observed(layers)
    taken = drawn[0] if len(drawn) == 1 and not given.layer else given.layer
    if taken in called:
        return called[taken], taken, layers
    raise several_layers(name, (*drawn, *(one for one in layers if one not in drawn)))


def _shapefile(archive: zipfile.ZipFile, shapefiles: list[str], names: list[str], name: str, given: Given) -> Brought:
    taken, layer, layers = _one_of(shapefiles, name, given)
    there = {one.lower(): one for one in names}
    held = {part: there.get(taken[:-4].lower() + part) for part in SHAPEFILE_PARTS}
    parts = {f"a{part}": archive.read(inside) for part, inside in held.items() if inside}
    if "a.shx" not in parts:
        raise InventoryError(
            f"{name} holds {PurePosixPath(taken).name} without its .shx, so it cannot be read. "
            "Put all parts of the shapefile in: .shp, .shx, .dbf and .prj."
        )
    return Brought("shapefile", parts | _images(archive, taken, names), layers, layer)


def _images(archive: zipfile.ZipFile, taken: str, names: list[str]) -> dict[str, bytes]:
    """Return the table of images beside a layer of a rapid mapping, as IMAGES; nothing without one."""
    at = PurePosixPath(taken)
    ending = ".dbf" if at.suffix.lower() == ".shp" else at.suffix.lower()
    beside = {
        one.stem: str(one)
        for one in map(PurePosixPath, names)
        if one.parent == at.parent and one.suffix.lower() == ending
    }
    found = rapid_mapping.source_of(at.stem, beside)
    return {f"{IMAGES}{ending.replace('.json', '.geojson')}": archive.read(beside[found])} if found else {}
