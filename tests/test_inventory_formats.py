"""Inventories as shapes and workbooks: read as meant, repaired and said, or refused with a sentence."""

import io
import sqlite3
import tempfile
import threading
import warnings
import zipfile
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import geopandas
import openpyxl
import pytest
import shapely
from shapely.geometry import LineString, MultiPoint, Point, Polygon, box

from app import config, inventory
from app.errors import InventoryError
from app.inventory import Given, geometries, kinds

PLACES = [box(9.24, 45.49, 9.26, 45.51), Point(10, -46), LineString([(11, 47), (11.02, 47)]), MultiPoint([(12, 48)])]
SLIDES = geopandas.GeoDataFrame(
    {
        "id": [7, 8, 9, 10],
        "event_date": ["2018-09-06", "2019-01-02", "2020-05-05", "2021-01-01"],
        "category": ["Frana è", "flow", "fall", "地すべり"],
    },
    geometry=PLACES,
    crs=4326,
)
KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>My map</name>{folders}</Document></kml>"""
PLACEMARK = (
    "<Placemark><name>{name}</name><TimeStamp><when>2018-09-06</when></TimeStamp>"
    "<ExtendedData><Data name='category'><value>slide</value></Data></ExtendedData>"
    "<Point><coordinates>9.25,45.5,120</coordinates></Point></Placemark>"
)
TWO_FOLDERS = KML.format(
    folders="".join(f"<Folder><name>{name}</name>{PLACEMARK.format(name=name)}</Folder>" for name in "ab")
).encode()


def written(frame: geopandas.GeoDataFrame, folder: Path, ending: str, **how: str) -> bytes:
    """Return a layer as a file of a kind; a shapefile as a zip of all its parts."""
    path = folder / f"slides{ending}"
    if ending == ".parquet":
        frame.to_parquet(path)
        return path.read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of shapes that are broken on purpose
        frame.to_file(path, **how)
    return path.read_bytes() if ending != ".shp" else zipped(parts(folder))


def parts(folder: Path) -> dict[str, bytes]:
    return {f"there/{one.name}": one.read_bytes() for one in folder.glob("slides.*")}


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def workbook(*sheets: list[list]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"sheet {number}")
        for row in rows:
            sheet.append(row)
    book.save(out)
    return out.getvalue()


# --- what is read ------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".fgb", ".parquet"])
def test_points_lines_areas_and_their_attributes_are_the_same_events_from_every_kind_of_file(tmp_path, ending):
    held = inventory.read(written(SLIDES, tmp_path, ending), f"slides{ending}")
    assert held.skipped == ()
    events = {event.id: event for event in held.events}  # a FlatGeobuf keeps them in an order of its own
    assert {name: event.date.isoformat() for name, event in events.items()} == {
        "7": "2018-09-06", "8": "2019-01-02", "9": "2020-05-05", "10": "2021-01-01",
    }  # fmt: skip
    assert [events[name].category for name in ("7", "10")] == ["Frana è", "地すべり"]
    assert [(events["8"].latitude, events["8"].longitude), (events["10"].latitude, events["10"].longitude)] == [
        (-46, 10), (48, 12),
    ]  # fmt: skip
    assert shapely.from_wkb(events["7"].outline).equals(PLACES[0]) and shapely.from_wkb(events["9"].outline).length
    assert events["8"].outline == b""
    assert PLACES[0].contains(Point(events["7"].longitude, events["7"].latitude))
    assert held.columns["latitude"] == held.columns["longitude"] == "geometry"
    assert any("2 events have an outline or a line" in note for note in held.notes)


@pytest.mark.parametrize("ending", [".gpkg", ".shp", ".fgb", ".parquet", ".geojson"])
def test_coordinates_of_any_reference_system_are_brought_to_degrees(tmp_path, ending):
    there = SLIDES.iloc[:1].to_crs(32632)
    (event,) = inventory.read(written(there, tmp_path, ending), "slides").events
    assert (event.latitude, event.longitude) == pytest.approx((45.5, 9.25), abs=1e-3)
    assert shapely.from_wkb(event.outline).bounds == pytest.approx(PLACES[0].bounds, abs=1e-5)


def test_a_shapefile_on_this_machine_is_read_with_the_parts_beside_it(tmp_path):
    written(SLIDES.iloc[:1].to_crs(2193), tmp_path, ".shp")
    held = inventory.read_file(tmp_path / "slides.shp")
    assert held.events[0].category == "Frana è"
    assert inventory.read(held.raw, held.name) == held  # as a page that keeps the file reads it again


def test_heights_and_measures_are_left_out(tmp_path):
    frame = geopandas.GeoDataFrame({"id": [1]}, geometry=[Point(9.25, 45.5, 120)], crs=4326)
    (event,) = inventory.read(written(frame, tmp_path, ".gpkg"), "z").events
    assert (event.latitude, event.longitude) == (45.5, 9.25)


def test_an_outline_that_crosses_itself_is_repaired_and_that_is_said(tmp_path):
    bow = Polygon([(9, 45), (9.1, 45.1), (9.1, 45), (9, 45.1)])
    held = inventory.read(
        written(geopandas.GeoDataFrame({"id": [1]}, geometry=[bow], crs=4326), tmp_path, ".gpkg"), "bow"
    )
    outline = shapely.from_wkb(held.events[0].outline)
    assert outline.is_valid and outline.area == pytest.approx(0.005)
    assert any("1 outline crossed itself or was not closed, and was repaired" in note for note in held.notes)


def test_a_property_that_is_a_list_is_its_values_with_commas():
    data = b"""{"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": {"type": "Point",
    "coordinates": [9, 45]}, "properties": {"date": "2019-01-02", "category": ["slide", "flow"], "bbox": [3, 2.5]}}
    ]}"""
    (event,) = inventory.read(data, "listed.geojson").events
    assert (event.category, event.date) == ("slide, flow", date(2019, 1, 2))


def test_rows_without_a_geometry_are_skipped_and_listed(tmp_path):
    frame = geopandas.GeoDataFrame({"id": [1, 2, 3]}, geometry=[Point(9, 45), None, Polygon()], crs=4326)
    held = inventory.read(written(frame, tmp_path, ".gpkg"), "gaps")
    assert [(one.row, one.reason) for one in held.skipped] == [
        (1, "there is no geometry"),
        (2, "the geometry is empty"),
    ]
    assert len(held.events) == 1


def test_an_outline_over_the_antimeridian_has_its_position_inside():
    halves = shapely.union_all([box(179.9, -17, 180, -16.9), box(-180, -17, -179.8, -16.9)])
    placed = geometries.placed([halves.wkb], "EPSG:4326", "", "fiji")
    assert placed.positions[0].longitude == pytest.approx(-179.9) and not placed.positions[0].problem
    assert shapely.from_wkb(placed.outlines[0]).area == pytest.approx(0.03)


def test_all_folders_of_a_kml_are_read_with_names_days_and_data():
    held = inventory.read(TWO_FOLDERS, "map.kml")
    assert [(e.latitude, e.longitude, e.date, e.category) for e in held.events] == [
        (45.5, 9.25, date(2018, 9, 6), "slide")
    ] * 2
    assert inventory.read(zipped({"doc.kml": TWO_FOLDERS}), "map.kmz").events == held.events


def test_a_workbook_is_read_from_its_first_full_row_on_with_its_days_and_serial_days():
    rows = [["Landslides of the valley"], [], ["id", "lat", "lon", "date"], [1, 45.5, 9, datetime(2018, 9, 6)]]
    held = inventory.read(workbook(rows, []), "list.xlsx")
    assert [(e.id, e.latitude, e.longitude, e.date) for e in held.events] == [("1", 45.5, 9.0, date(2018, 9, 6))]
    serial = [["id", "lat", "lon", "date"], ["a", 45.5, 9.25, 43349], ["b", 46, 9, 43350]]
    assert inventory.read(workbook(serial), "list.xlsx").events[0].date == date(2018, 9, 6)


def test_of_several_layers_or_sheets_one_is_asked_for_and_read(tmp_path):
    written(SLIDES, tmp_path, ".gpkg", layer="slides")
    data = written(SLIDES.iloc[:1], tmp_path, ".gpkg", layer="old slides")
    with pytest.raises(inventory.LayerNeededError, match=r"'slides', 'old slides'\. Choose one") as asked:
        inventory.read(data, "two.gpkg")
    assert asked.value.layers == ("slides", "old slides")
    held = inventory.read(data, "two.gpkg", Given(layer="old slides"))
    assert len(held.events) == 1 and any("'old slides' was read; the file holds 'slides'" in n for n in held.notes)
    table = [["lat", "lon"], [1, 2]]
    with pytest.raises(inventory.LayerNeededError, match="'sheet 0', 'sheet 1'"):
        inventory.read(workbook(table, table), "two.xlsx")
    assert inventory.read(workbook(table, table), "two.xlsx", Given(layer="sheet 1")).events
    with pytest.raises(inventory.LayerNeededError, match="has no layer 'x'"):
        inventory.read(data, "two.gpkg", Given(layer="x"))


def test_of_a_zip_with_several_shapefiles_one_is_asked_for(tmp_path):
    written(SLIDES.iloc[:1], tmp_path, ".shp")
    held = parts(tmp_path)
    data = zipped(held | {name.replace("slides", "frame"): part for name, part in held.items()})
    with pytest.raises(inventory.LayerNeededError, match="'frame', 'slides'"):
        inventory.read(data, "ems.zip")
    assert len(inventory.read(data, "ems.zip", Given(layer="slides")).events) == 1


@pytest.mark.parametrize("ending", [".geojson", ".gpkg", ".fgb"])
def test_of_several_files_in_an_archive_one_is_asked_for_by_its_name_and_read(tmp_path, ending):
    files = {
        f"2018{ending}": written(SLIDES, tmp_path, ending),
        f"2019{ending}": written(SLIDES.iloc[:1], tmp_path, ending),
    }
    data = zipped(files)
    with pytest.raises(inventory.LayerNeededError) as asked:
        inventory.read(data, "years.zip")
    assert asked.value.layers == ("2018", "2019")
    held = inventory.read(data, "years.zip", Given(layer="2019"))
    assert len(held.events) == 1 and any("'2019' was read; the file holds '2018' as well" in one for one in held.notes)


def test_the_shapefile_that_was_read_is_not_said_to_be_left_where_two_have_one_name(tmp_path):
    written(SLIDES.iloc[:1], tmp_path, ".shp")
    held = parts(tmp_path)
    data = zipped({name.replace("there", folder): part for folder in "ab" for name, part in held.items()})
    held = inventory.read(data, "two.zip", Given(layer="b/slides"))
    assert any("'b/slides' was read; the file holds 'a/slides' as well" in one for one in held.notes)


def test_a_file_that_does_not_say_its_reference_system_asks_for_it(tmp_path):
    written(SLIDES.iloc[:1].to_crs(32632), tmp_path, ".shp")
    data = zipped({name: part for name, part in parts(tmp_path).items() if not name.endswith(".prj")})
    with pytest.raises(geometries.CrsNeededError, match=r"does not say in which reference system .* --crs EPSG:2193"):
        inventory.read(data, "slides.zip")
    (event,) = inventory.read(data, "slides.zip", Given(crs="EPSG:32632")).events
    assert (event.latitude, event.longitude) == pytest.approx((45.5, 9.25), abs=1e-3)
    with pytest.raises(InventoryError, match="'EPSG:1' is no reference system"):
        inventory.read(data, "slides.zip", Given(crs="EPSG:1"))


def test_metres_that_a_file_calls_degrees_are_refused(tmp_path):
    metres = SLIDES.iloc[:1].to_crs(32632).set_crs(4326, allow_override=True)
    with pytest.raises(geometries.CrsNeededError, match="metres or feet and says that they are degrees"):
        inventory.read(written(metres, tmp_path, ".gpkg"), "metres.gpkg")


def test_a_file_says_in_which_system_its_positions_are(tmp_path):
    assert inventory.read(written(SLIDES.to_crs(32632), tmp_path, ".gpkg"), "a.gpkg").crs == "EPSG:32632"
    assert inventory.read(written(SLIDES, tmp_path, ".geojson"), "a.geojson").crs == "EPSG:4326"
    assert inventory.read(b"x,y\n500000,5040000\n", "a.csv", Given(crs="EPSG:32632")).crs == "EPSG:32632"
    assert inventory.read(b"lat,lon\n45,9\n", "a.csv").crs == "EPSG:4326"


def test_metres_in_one_column_ask_for_two_where_the_system_was_given():
    table = b"id,position\n1,500000 5040000\n2,500100 5040000\n"
    with pytest.raises(geometries.CrsNeededError, match="--crs EPSG:2193"):
        inventory.read(table, "metres.csv")
    with pytest.raises(InventoryError, match=r"split it into two columns for EPSG:32632, easting and northing") as said:
        inventory.read(table, "metres.csv", Given(crs="EPSG:32632"))
    assert not isinstance(said.value, geometries.CrsNeededError)


# --- what must do no harm -------------------------------------------------------------------------


def test_an_archive_that_unpacks_to_too_much_is_refused_unread(monkeypatch):
    small = replace(config.settings(), max_csv_mb=1)
    monkeypatch.setattr(config, "settings", lambda: small)
    bomb = zipped({"xl/workbook.xml": bytes(11_000_000)})
    assert len(bomb) < 100_000
    with pytest.raises(InventoryError, match=r"unpacks to 11.* MB in 1 files; Scarp unpacks up to 10"):
        inventory.read(bomb, "bomb.xlsx")


@pytest.mark.parametrize("missing", [".shx", ".shp"])
def test_a_shapefile_without_a_part_is_refused_by_the_name_of_the_part(tmp_path, missing):
    written(SLIDES.iloc[:1], tmp_path, ".shp")
    data = zipped({name: part for name, part in parts(tmp_path).items() if not name.endswith(missing)})
    with pytest.raises(InventoryError, match="without its .shx" if missing == ".shx" else "without slides.shp"):
        inventory.read(data, "slides.zip")


def test_a_shapefile_without_its_table_says_that_dates_and_names_are_in_it(tmp_path):
    written(SLIDES.iloc[:1], tmp_path, ".shp")
    data = zipped({name: part for name, part in parts(tmp_path).items() if not name.endswith(".dbf")})
    assert "came without its .dbf, which holds dates" in " ".join(inventory.read(data, "slides.zip").notes)


def test_degrees_said_to_be_metres_are_asked_for_and_not_moved_to_the_origin_of_the_map(tmp_path):
    path = tmp_path / "a.gpkg"
    geopandas.GeoDataFrame({"id": [1]}, geometry=[Point(141.9, 42.7)], crs=2193).to_file(path, driver="GPKG")
    with pytest.raises(geometries.CrsNeededError, match=r"are degrees by their size, and EPSG:2193 .* counts metres"):
        inventory.read(path.read_bytes(), "a.gpkg")
    assert inventory.read(path.read_bytes(), "a.gpkg", Given(crs="EPSG:4326")).events[0].latitude == 42.7
    table = b"lat,lon,date\n42.7,141.9,2018-09-06\n42.8,,2018-09-06\n"
    with pytest.raises(geometries.CrsNeededError, match="'lon' and 'lat' are degrees by their size"):
        inventory.read(table, "a.csv", Given(crs="EPSG:2193"))


@pytest.mark.parametrize(
    ("crs", "table"),
    [
        ("EPSG:32633", b"X,Y\n1570000,5180000\n1571000,5181000\n"),  # New Zealand's numbers on a map of Austria
        ("EPSG:2193", b"northing,easting\n1570000,5180000\n1571000,5181000\n"),  # the two exchanged
        ("EPSG:2193", b"WKT\nPOINT (9.86 44.13)\nPOINT (9.87 44.13)\n"),
    ],
)
def test_positions_far_from_the_area_of_their_reference_system_are_doubted(crs, table):
    notes = " ".join(inventory.read(table, "a.csv", Given(crs=crs)).notes)
    assert f"2 of 2 positions lie outside the area that {crs} is made for" in notes


def test_positions_in_or_beside_the_area_of_their_reference_system_are_not_doubted():
    for crs, x, y in (
        ("EPSG:2193", 1570000, 5180000), ("EPSG:32633", 900000, 5180000), ("EPSG:3857", 1e7, 1e7),
        ("EPSG:3832", 3e6, 0),  # an area that reaches over 180 degrees
    ):  # fmt: skip
        notes = " ".join(inventory.read(f"X,Y\n{x},{y}\n".encode(), "a.csv", Given(crs=crs)).notes)
        assert "brought from" in notes
        assert "outside" not in notes


def test_a_file_that_names_other_files_opens_none_of_them(tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("lat,lon\n45,9\n")
    vrt = f"<OGRVRTDataSource><OGRVRTLayer name='secret'><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer>"
    for data in (f"{vrt}</OGRVRTDataSource>".encode(), f"{vrt}<!-- <kml --></OGRVRTDataSource>".encode()):
        with pytest.raises(InventoryError, match=r"is (a VRT|KML that cannot be read)"):
            inventory.read(data, "slides.vrt")


NESTED = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 12))
ENTITIES = {
    "a file of this machine": "<!ENTITY e SYSTEM 'file://{secret}'>",
    "a word that unpacks to terabytes": f"<!ENTITY e0 'aaaaaaaaaa'>{NESTED}<!ENTITY e '&e11;'>",
}


@pytest.mark.parametrize("declared", ENTITIES.values(), ids=ENTITIES)
@pytest.mark.parametrize("kind", ["kml", "xlsx"])
def test_entities_of_xml_read_no_file_and_unpack_to_nothing(tmp_path, declared, kind):
    secret = tmp_path / "secret.txt"
    secret.write_text("TOP-SECRET")
    data = with_entity(kind, declared.format(secret=secret))
    try:
        held = inventory.read(data, f"list.{kind}")
    except InventoryError as refused:
        assert "TOP-SECRET" not in str(refused) and "\n" not in str(refused)
    else:
        assert "TOP-SECRET" not in repr(held) and len(repr(held)) < 100_000


def with_entity(kind: str, declared: str) -> bytes:
    """Return a list whose second event is of the category that an entity stands for."""
    if kind == "kml":
        text = KML.format(folders=PLACEMARK.format(name="a") + PLACEMARK.format(name="&e;").replace("slide", "&e;"))
        return text.replace("?>\n", f"?>\n<!DOCTYPE kml [{declared}]>\n", 1).encode()
    held = {}
    with zipfile.ZipFile(io.BytesIO(workbook([["latitude", "longitude", "category"], [45, 9, "ENTITY"]]))) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    (name,) = (name for name, part in held.items() if b"ENTITY" in part)
    text = held[name].decode().replace("ENTITY", "&e;")
    root = text.index("<sst") if "<sst" in text else text.index("<worksheet")
    held[name] = f"{text[:root]}<!DOCTYPE x [{declared}]>{text[root:]}".encode()
    return zipped(held)


def test_a_geopackage_with_a_table_of_other_code_is_refused(tmp_path):
    path = tmp_path / "slides.gpkg"
    written(SLIDES, tmp_path, ".gpkg")
    with sqlite3.connect(path) as held:
        held.execute("PRAGMA writable_schema = ON")
        held.execute(
            "INSERT INTO sqlite_master VALUES ('table', 'x', 'x', 0, "
            "'CREATE VIRTUAL TABLE x USING VirtualOGR(''/etc/passwd'')')"
        )
    held.close()
    with pytest.raises(InventoryError, match="holds virtual tables"):
        inventory.read(path.read_bytes(), "slides.gpkg")


def test_no_address_in_a_file_is_asked():
    asked = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    href = f"http://127.0.0.1:{server.server_port}/crs"
    try:
        point = '{"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [9, 45]}}'
        crs = f'"crs": {{"type": "link", "properties": {{"href": "{href}", "url": "{href}"}}}}'
        data = f'{{"type": "FeatureCollection", {crs}, "features": [{point}]}}'.encode()
        with suppress(InventoryError):
            inventory.read(data, "link.geojson")
        link = f"<NetworkLink><Link><href>{href}</href></Link></NetworkLink>"
        inventory.read(KML.format(folders=link + PLACEMARK.format(name="a")).encode(), "link.kml")
    finally:
        server.shutdown()
        server.server_close()
    assert asked == []


@pytest.mark.parametrize("ending", [".gpkg", ".fgb", ".parquet", ".shp", ".geojson"])
def test_a_file_that_is_cut_off_is_a_sentence(tmp_path, ending):
    data = written(SLIDES, tmp_path, ending) if ending != ".shp" else written(SLIDES.iloc[:1], tmp_path, ending)
    with pytest.raises(InventoryError) as told:
        inventory.read(data[: len(data) // 2], f"slides{ending}")
    assert str(told.value).startswith("slides") and "\n" not in str(told.value) and len(str(told.value)) < 400
    assert tempfile.gettempdir() not in str(told.value)


@pytest.mark.parametrize("kept", [40, 120, -30])
def test_a_kml_that_is_cut_off_is_said_to_be_and_not_called_another_kind_of_file(kept):
    whole = KML.format(folders=PLACEMARK.format(name="a") * 5).encode()
    with pytest.raises(InventoryError, match="cut off") as told:
        inventory.read(whole[:kept], "map.kml")
    assert "error page" not in str(told.value) and tempfile.gettempdir() not in str(told.value)


def test_a_vrt_is_called_what_it_is():
    with pytest.raises(InventoryError, match="is a VRT, which only names other files"):
        inventory.read(b"<OGRVRTDataSource><OGRVRTLayer name='x'/></OGRVRTDataSource>", "map.vrt")


def test_the_parts_of_a_shapefile_are_one_archive_whatever_their_order():
    assert kinds.packed({"a.shp": b"1", "a.dbf": b"2"}) == kinds.packed({"a.dbf": b"2", "a.shp": b"1"})


# --- packages of rapid mapping, and maps of a search engine ----------------------------------

OUTLINES = geopandas.GeoDataFrame(
    {"event_type": ["5-Mass movement"] * 2, "notation": ["Landslide"] * 2},
    geometry=[box(12.30, 44.10, 12.303, 44.104), box(12.31, 44.10, 12.313, 44.104)], crs=4326,
)  # fmt: skip
SHEET = geopandas.GeoDataFrame({"locality": ["Casola"]}, geometry=[box(12.2, 44.0, 12.5, 44.3)], crs=4326)
PACKAGE = {"observedEventA": OUTLINES, "areaOfInterestA": SHEET, "imageFootprintA": SHEET, "source": SHEET}


def package(folder: Path, ending: str, areas: tuple[str, ...] = ("AOI01",)) -> bytes:
    """Return a delineation product as the Copernicus Emergency Management Service packs its vectors."""
    for area in areas:
        for layer, frame in PACKAGE.items():
            frame.to_file(folder / f"EMSR664_{area}_DEL_PRODUCT_{layer}_v1{ending}")
    return zipped({one.name: one.read_bytes() for one in sorted(folder.iterdir())})


@pytest.mark.parametrize("ending", [".shp", ".json"])
def test_of_a_rapid_mapping_what_was_observed_is_read_and_said(tmp_path, ending):
    found = inventory.read(package(tmp_path, ending), "EMSR664_AOI01_DEL_PRODUCT_v1.zip")
    assert len(found.events) == 2 and all(one.outline for one in found.events)
    assert found.notes[0].startswith("The layer 'EMSR664_AOI01_DEL_PRODUCT_observedEventA_v1' was read; the file holds")
    other = inventory.read(package(tmp_path, ending), "e.zip", Given("EMSR664_AOI01_DEL_PRODUCT_areaOfInterestA_v1"))
    assert len(other.events) == 1


def test_of_several_areas_what_was_observed_in_each_is_offered_first(tmp_path):
    with pytest.raises(kinds.LayerNeededError) as asked:
        inventory.read(package(tmp_path, ".shp", ("AOI01", "AOI02")), "e.zip")
    assert ["observedEventA" in one for one in asked.value.layers] == [True, True, *[False] * 6]


def test_an_archive_of_archives_says_which_it_holds(tmp_path):
    inner = package(tmp_path, ".shp")
    with pytest.raises(InventoryError, match=r"holds archives within it \('AOI01_vector.zip'\)\. Unpack it"):
        inventory.read(zipped({"p/AOI01_vector.zip": inner, "p/map.pdf": b"%PDF"}), "all.zip")


LINK = "<NetworkLink><name>m</name><Link><href>http://127.0.0.1:9/kml?mid=1</href></Link></NetworkLink>"


@pytest.mark.parametrize("packed", [False, True])
def test_a_map_that_is_only_linked_to_is_not_fetched_and_the_way_out_is_said(packed):
    data = KML.format(folders=LINK).encode()
    with pytest.raises(InventoryError, match="holds a link to a map on the web instead of places, and no link is"):
        inventory.read(zipped({"doc.kml": data}) if packed else data, "map.kml")
    both = inventory.read(KML.format(folders=LINK + PLACEMARK.format(name="a")).encode(), "map.kml")
    assert len(both.events) == 1 and "no link is followed, so what lies there is not read" in both.notes[0]


def placemark(description: str) -> str:
    point = "<Point><coordinates>9.25,45.5</coordinates></Point>"
    return f"<Placemark><name>a</name><description><![CDATA[{description}]]></description>{point}</Placemark>"


def test_lines_of_descriptions_are_columns_where_there_are_no_others():
    lines = placemark("date: 2018-09-06<br>category: debris &amp; mud<br><img src='http://127.0.0.1:9/a.jpg'/><br>big")
    table = placemark("<table><tr><td>Date</td><td>2019-01-02</td></tr><tr><td>category</td><td>fall</td></tr></table>")
    found = inventory.read(KML.format(folders=lines).encode(), "map.kml")
    assert (found.events[0].date, found.events[0].category) == (date(2018, 9, 6), "debris & mud")
    assert "Lines of the descriptions were read as columns: 'date', 'category'." in found.notes
    assert inventory.read(KML.format(folders=table).encode(), "map.kml").events[0].date == date(2019, 1, 2)
    plain = inventory.read(KML.format(folders=lines + placemark("a road was hit")).encode(), "map.kml")
    assert plain.events[0].date is None


def test_a_map_as_a_search_engine_exports_it_keeps_dates_folders_and_outlines():
    data = "<ExtendedData><Data name='Date'><value>17/05/2023</value></Data></ExtendedData>"
    ring = "11.60,44.20,0 11.61,44.20,0 11.61,44.21,0 11.60,44.20,0"
    area = f"<outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs>"
    about = "<description><![CDATA[Date: 17/05/2023<br><br>seen]]></description>"
    place = "<Point><coordinates>\n 11.62,44.22,0\n</coordinates></Point>"
    point = f"<Placemark><name>a</name>{about}{data}{place}</Placemark>"
    shape = f"<Placemark><name>b</name>{data}<Polygon>{area}</Polygon></Placemark>"
    folders = f"<Folder><name>Points</name>{point}</Folder><Folder><name>Inner</name><Folder>{shape}</Folder></Folder>"
    found = inventory.read(zipped({"doc.kml": KML.format(folders=folders).encode(), "images/a.png": b"x"}), "map.kmz")
    assert [one.date for one in found.events] == [date(2023, 5, 17)] * 2
    assert [bool(one.outline) for one in found.events] == [False, True]
