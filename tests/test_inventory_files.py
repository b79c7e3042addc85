"""Files as they are met in the wild: read as meant, or refused with a sentence that helps."""

import gzip
import io
import zipfile

import pytest

from app import inventory
from app.errors import InventoryError


def read(data: str | bytes) -> inventory.Inventory:
    return inventory.read(data.encode() if isinstance(data, str) else data, "test.csv")


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "<workbook/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b" \r\n\t\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\xef\xbb\xbf\n", "is empty"),
        (b"\xff\xfe", "is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "a PNG picture, an image and not a list of landslides"),
        (zipped("xl/workbook.xml"), "is an Excel workbook that cannot be read"),
        (zipped("content.xml"), "an OpenDocument file"),
        (zipped("a/slides.shp", "a/slides.dbf"), "slides.shp without its .shx"),
        (zipped("doc.kml"), "is KML that cannot be read"),
        (zipped("readme.txt"), "a zip archive, not"),
        (zipped("xl/workbook.xml")[:40], "a damaged zip archive or Excel workbook"),
        (b"\x00\x00\x27\x0a" + bytes(96), "is one part of a shapefile"),
        (b"\x03\x79\x07\x1a" + bytes(60), "a dBase table"),
        (b'<?xml version="1.0"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"></kml>', "is KML that cannot be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook"),
        (gzip.compress(b"lat,lon\n1,2\n", mtime=0), "a gzip archive"),
        (b"%PDF-1.7", "a PDF document"),
        (b"II*\x00" + bytes(8), "a TIFF raster, an image and not a list of landslides"),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "a JPEG 2000 raster"),
        (zipped("before/T33UWP_B04.jp2"), "a zip archive of images, not a CSV"),
        (b"SQLite format 3\x00", "a GeoPackage"),
        (b'{"type": "FeatureCollection", "features": []}', "is GeoJSON without any landslide"),
        (b'[{"lat": 1, "lon": 2}]', "is JSON"),
        (b"\n <!DOCTYPE html><html><body>404</body></html>", "is an HTML page"),
        (b"<?xml version='1.0'?><gpx/>", "is HTML or XML"),
        (b"lat,lon\n1,2\x00\n", "holds NUL characters"),
        (bytes(range(256)) * 4, "holds NUL characters"),
        ("lat,lon\n1,2\n".encode("utf-16")[:-1], "damaged UTF-16"),
        (b"lat,lon\n", "a header but no rows"),
        (b"lat,lon", "a header but no rows"),
        (b"lat,lon\n\n\r\n", "a header but no rows"),
        (b"name,date\nx,2020-01-01\n", r"no column for latitude and longitude \(its columns are 'name', 'date'\)"),
        (b"lat,date\n1,2020-01-01\n", r"no column for longitude \("),
        (b"2020-01-01,45.1,9.2\n", "no column for latitude and longitude"),
        (b"hello world, this is a letter\nand no table\n", "Call the columns latitude and longitude"),
        (b"x" * 2_000_000, "no header in its first 1,000,000 characters"),
        (b"\n" * 2_000_000 + b"lat,lon\n1,2\n", "no header in its first 1,000,000 characters"),
        (b"lat,lon\n" + b"1" * 2_100_000 + b",2\n", "cannot be read from line 2 on"),
        (b'lat,lon,name\n1,2,a\n3,4,"b\n5,6,c\n', "quotation mark on line 3 that never closes"),
        (b'lat,lon,name\n1,2,"', "quotation mark on line 2 that never closes"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",  # a zip holds the second it was made in
)
def test_what_is_no_inventory_is_refused_with_what_it_is(data, said):
    with pytest.raises(InventoryError, match=said) as caught:
        read(data)
    message = str(caught.value)
    assert message.startswith("test.csv ")
    assert len(message) < 400
    assert "\n" not in message


@pytest.mark.parametrize(
    "data",
    [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"II*\x00", b"\x89HDF\r\n", zipped("t1.tif", "t2.tif")],
    ids=["png", "jpeg", "gif", "tiff", "netcdf", "zip"],
)
def test_an_image_is_sent_where_images_are_opened_and_never_advised_to_become_a_table(data):
    with pytest.raises(InventoryError) as caught:
        read(data)
    assert '"Open your own pair of images"' in str(caught.value)
    assert "detect --pair T1 T2" in str(caught.value)
    assert "Save the table" not in str(caught.value)


SECRETS = [
    "client_id = 'a1b2c3'\nclient_secret = 'hunter2, and more'\n",
    "HUNTER2=x\n",
    "root:hunter2:0:0:root,hunter2,,:/root:/bin/sh\nbin:hunter2:1:1:bin:/bin:/bin/sh\n",
    "machine,hunter2\nuser,hunter2\n",
    "hunter2;hunter2\n" * 30,
    "date hunter2, hunter2\nnothing\nof the, kind, at all\nhunter2\n",
]


@pytest.mark.parametrize("text", SECRETS)
def test_a_refusal_quotes_nothing_of_a_text_that_is_no_table_of_events(text):
    with pytest.raises(InventoryError, match=r"no column for latitude and longitude \(\d+ lines?, \d+ col") as caught:
        read(text)
    message = str(caught.value).lower()
    assert not any(word in message for word in ("hunter2", "client", "a1b2", "root", "machine"))


def test_too_many_rows_are_refused_before_they_fill_the_memory():
    with pytest.raises(InventoryError, match="over 200,000 rows"):
        read(b"lat,lon\n" + b"1,2\n" * 200_001)


TABLE = "id,date,lat,lon,category\n1,2020-06-10,45.5,9.25,Frana è\n2,2020-06-11,-45.5,-9.25,slide\n"


@pytest.mark.parametrize(
    ("data", "noted"),
    [
        (TABLE.encode(), ""),
        (TABLE.encode("utf-8-sig"), ""),
        (TABLE.encode("latin-1"), "cp1252"),
        (TABLE.encode("utf-16"), "UTF-16"),
        (TABLE.encode("utf-16-be"), "UTF-16"),
        (TABLE.replace(",", ";").encode(), ""),
        (TABLE.replace(",", "\t").encode(), ""),
        (TABLE.replace(",", "|").encode(), ""),
        (TABLE.replace(",", ";").replace(".", ",").encode(), ""),  # decimal commas
        (("sep=;\r\n" + TABLE.replace(",", ";")).encode(), ""),
        (TABLE.replace("\n", "\r\n").encode(), ""),
        (TABLE.replace("\n", "\r").encode(), ""),
        (("\n \n" + TABLE.replace("\n", "\n\n")).encode(), ""),
        (TABLE.rstrip("\n").encode(), ""),
        (TABLE.replace("\n", ",,\n").encode(), ""),  # trailing delimiters
        (TABLE.upper().replace("FRANA È", "Frana è").replace("SLIDE", "slide").encode(), ""),
        (TABLE.replace("lat,lon", " Latitude (°) ,LONG.").encode(), ""),
        (TABLE.replace("lat,lon", "y,x").encode(), "Latitude was read from 'y'"),
        (TABLE.replace("-45.5", "\u221245.5").replace("45.5,", "45.5°,").encode(), ""),
        (TABLE.replace("45.5,9.25", '"45,5","9,25"').encode(), ""),
    ],
)
def test_one_table_written_in_many_ways_is_the_same_inventory(data, noted):
    held, expected = read(data), read(TABLE)
    assert held.events == expected.events
    assert held.events[0].category == "Frana è"
    assert (held.skipped, held.warnings) == ((), ())
    assert len(held.notes) == bool(noted)
    assert noted in " ".join(held.notes)


@pytest.mark.parametrize(
    "cell",
    ['"(45.5, 9.25)"', '"45.5, 9.25"', "45.5 9.25", "45.5;9.25", "POINT (9.25 45.5)", "SRID=4326;POINT(9.25 45.5)"],
)
def test_a_position_in_one_cell_is_understood(cell):
    held = read(f"name,geolocation\nx,{cell}\n")
    assert [(event.latitude, event.longitude) for event in held.events] == [(45.5, 9.25)]
    assert (held.columns["latitude"], held.columns["longitude"]) == ("geolocation", "geolocation")


@pytest.mark.parametrize(
    "cell",
    [
        *("", "Milano", '"45,5, 9,25"', "45.5", "POLYGON EMPTY", "POLYGON ((9 45", "01", '"(95, 9)"'),
        f"POINT(1 {'2' * 100_000}",
    ],
)
def test_a_cell_that_holds_no_one_position_skips_its_row(cell):
    held = read(f"name,coordinates\nx,{cell}\n")
    assert (len(held.events), len(held.skipped)) == (0, 1)


def test_a_row_with_cells_too_many_is_skipped_since_they_may_stand_in_the_wrong_column():
    held = read("lat,place,lon\n1,Salerno, Italy,2\n3,Bergamo,4\n5\n")
    assert [event.row for event in held.events] == [1]
    assert [skipped.row for skipped in held.skipped] == [0, 2]
    assert "4 cells where the header has 3" in held.skipped[0].reason


def test_a_line_break_inside_quotation_marks_makes_no_new_row():
    held = read('lat,lon,category\n1,2,"mud,\nslide"\n3,4,"say ""slide"""\n')
    assert [event.category for event in held.events] == ["mud,\nslide", 'say "slide"']
    assert [event.row for event in held.events] == [0, 1]


def test_a_stray_quotation_mark_inside_a_text_does_no_harm():
    assert read('lat,lon,category\n1,2,5" pipe\n3,4,"a" b\n').events[1].category == "a b"


def test_rows_of_empty_cells_are_counted_and_skipped():
    held = read("lat,lon\n1,2\n,\n\n3,4\n")
    assert [event.row for event in held.events] == [0, 2]
    assert [skipped.row for skipped in held.skipped] == [1]


def test_of_two_columns_of_one_name_the_first_is_read_and_the_reader_is_told():
    held = read("lat,lon,Lat\n1,2,3\n")
    assert held.events[0].latitude == 1.0
    assert held.notes == ("The column 'lat' stands 2 times; the first was read.",)


def test_the_better_name_wins_over_the_vaguer_one():
    held = read("x,y,Longitude,Latitude,hazard_type,landslide_type\n1,2,3,4,landslide,mudslide\n")
    event = held.events[0]
    assert (event.latitude, event.longitude, event.category) == (4.0, 3.0, "mudslide")


def test_ten_thousand_columns_are_no_trouble():
    titles = [f"c{n}" for n in range(10_000)] + ["lat", "lon"]
    held = read(",".join(titles) + "\n" + ("," * 10_000 + "1,2\n") * 3)
    assert len(held.events) == 3


def test_numbers_of_any_length_are_no_trouble():
    digits = "1" * 10_000
    held = read(f"id,lat,lon,date,year,month,day\n{digits},0.{digits},1e{digits},{digits},{digits},{digits},{digits}\n")
    assert (len(held.events), len(held.skipped)) == (0, 1)
    assert read(f"lat,lon,date,year\n0.{digits},2,{digits},{digits}\n").events[0].date is None


def test_an_accuracy_takes_its_unit_from_the_column_and_unknown_words_stay():
    assert read("lat,lon,location_accuracy_km\n1,2,15\n").events[0].accuracy == "15km"
    assert read("lat,lon,location_accuracy\n1,2,Known_within_5_km\n").events[0].accuracy == "Known_within_5_km"


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [
        ("bangladesh.csv", 34, {"date": "date", "category": "landslide_type", "accuracy": "location_accuracy_km"}),
        ("nasa_glc_2016_schema.csv", 400, {"id": "id", "date": "date", "source": "source_name"}),
        ("nasa_glc_2018_schema.csv", 400, {"id": "event_id", "date": "event_date", "category": "landslide_category"}),
    ],
)
def test_foreign_inventories_are_read_whole(shared, name, rows, columns):
    held = inventory.read_file(shared / "data" / "inventories" / name)
    assert (len(held.events), held.skipped) == (rows, ())
    assert columns.items() <= held.columns.items()
    old = {event.id for event in held.events if event.date.isoformat() < "2015-06-23"}
    assert old == {warning.event for warning in held.warnings if warning.code == "before-sentinel2"}
    assert {warning.code for warning in held.warnings} <= {"before-sentinel2", "duplicate"}
