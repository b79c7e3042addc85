"""Tables in the schemas of many countries and programs: which column is read as what, and that it is said."""

from datetime import date

import pytest
import shapely

from app import inventory
from app.errors import InventoryError
from app.inventory import columns, encodings, positions


def read(text: str, encoding: str = "utf-8") -> inventory.Inventory:
    return inventory.read(text.encode(encoding), "test.csv")


def places(held: inventory.Inventory) -> list[tuple[float, float]]:
    return [(round(event.latitude, 5), round(event.longitude, 5)) for event in held.events]


def spans(held: inventory.Inventory) -> list[str]:
    return [event.when for event in held.events]


TWO = [(44.13, 9.86), (37.3, 14.2)]


def test_a_catalogue_with_wkt_geom_and_start_and_end_dates_is_two_events_with_spans():
    held = read(
        "WKT_GEOM,OLD ID,START DATE,END DATE,TYPE\n"
        "POINT (9.86 44.13),A1,2019/11/26,2019/11/26,rock fall\n"
        "POINT (14.2 37.3),A2,2018/10/31,2018/11/02,earth flow\n"
    )
    assert places(held) == TWO
    assert spans(held) == ["2019-11-26", "2018-10-31 to 2018-11-02"]
    assert held.columns == {
        "date": "START DATE", "date_end": "END DATE", "latitude": "WKT_GEOM", "longitude": "WKT_GEOM",
        "category": "TYPE",
    }  # fmt: skip
    assert "1 event may have happened on several days" in " ".join(held.notes)


def test_arcgis_writes_point_x_point_y_and_milliseconds():
    held = read("OBJECTID,EVENT_DATE,POINT_X,POINT_Y\n0,1574726400000,9.86,44.13\n1,1574726400000,14.2,37.3\n")
    assert places(held) == TWO
    assert spans(held) == ["2019-11-26"] * 2
    assert "since 1970" in " ".join(held.notes) and "'POINT_Y'" in " ".join(held.notes)


def test_decimal_degrees_are_taken_where_both_notations_are_there():
    held = read(
        'id,LATITUDE,LONGITUDE,LAT_DD,LON_DD,date\n1,"44°07\'48""N","9°51\'36""E",44.13,9.86,2019-11-26\n'
        '2,"37°18\'00""N","14°12\'00""E",37.3,14.2,2018-10-31\n'
    )
    assert places(held) == TWO
    assert (held.columns["latitude"], held.columns["longitude"]) == ("LAT_DD", "LON_DD")
    assert "'LATITUDE' and 'LONGITUDE'" in held.notes[0]


def test_degrees_minutes_and_seconds_alone_are_read_and_said():
    held = read('lat,lon\n"44°07\'48""N","9°51\'36""E"\n"37 18 00 S","W 14:12:00"\n')
    assert places(held) == [(44.13, 9.86), (-37.3, -14.2)]
    assert held.notes == ("Degrees, minutes and seconds were converted to decimal degrees.",)


def test_outlines_as_wkt_give_a_point_inside_each_and_that_is_said():
    held = read(
        "WKT,date\n"
        '"POLYGON ((9.862 44.13, 9.862 44.132, 9.86 44.132, 9.86 44.13, 9.862 44.13))",2019-11-26\n'
        '"MULTIPOLYGON (((14.202 37.3, 14.202 37.302, 14.2 37.302, 14.2 37.3, 14.202 37.3)))",2018-10-31\n'
    )
    assert places(held) == [(44.131, 9.861), (37.301, 14.201)]
    assert [shapely.from_wkb(one.outline).area for one in held.events] == pytest.approx([4e-6, 4e-6])
    assert "2 events have an outline or a line" in held.notes[0]


def test_outlines_beside_columns_of_positions_come_along_repaired_and_in_degrees():
    held = read(
        "lat,lon,date,geom\n"
        '44.131,9.861,2019-11-26,"POLYGON ((9.86 44.13, 9.862 44.132, 9.862 44.13, 9.86 44.132, 9.86 44.13))"\n'
        '45.5,9.25,2018-10-31,"SRID=3857;POLYGON ((1029705 5700582,1029905 5700582,1029905 5700782,1029705 5700582))"\n'
        "45.6,9.25,2018-10-31,POINT (9.25 45.6)\n45.7,9.25,2018-10-31,nonsense\n"
    )
    assert places(held) == [(44.131, 9.861), (45.5, 9.25), (45.6, 9.25), (45.7, 9.25)]
    first, second, *others = (one.outline for one in held.events)
    assert shapely.from_wkb(first).is_valid and shapely.from_wkb(first).area == pytest.approx(2e-6)
    assert shapely.from_wkb(second).bounds == pytest.approx((9.25, 45.5, 9.2518, 45.5013), abs=1e-3)
    assert others == [b"", b""]
    assert held.notes[0] == "Outlines were read from 'geom'." and "1 outline crossed itself" in held.notes[1]


def test_an_outline_over_the_antimeridian_is_one_piece_and_its_point_lies_inside():
    held = read('wkt\n"POLYGON ((179.99 -17, -179.97 -17, -179.97 -16.98, 179.99 -16.98, 179.99 -17))"\n')
    (event,) = held.events
    assert shapely.from_wkb(event.outline).bounds == pytest.approx((179.99, -17, 180.03, -16.98))
    assert -180 <= event.longitude <= -179.97 and -17 < event.latitude < -16.98


POINT = shapely.Point(9.25, 45.5)


@pytest.mark.parametrize(
    "cell",
    [
        "POINT Z (9.25 45.5 810)",
        "point(9.25 45.5)",
        "MULTIPOINT ((9.25 45.5))",
        '"LINESTRING (9.25 45.5, 9.25 45.6)"',
        POINT.wkb_hex,
        shapely.to_wkb(shapely.set_srid(POINT, 4326), hex=True, include_srid=True),
        "\\x" + POINT.wkb_hex.lower(),
        '"{""type"": ""Point"", ""coordinates"": [9.25, 45.5]}"',
        "SRID=32632;POINT (519533.2 5038553.3)",
    ],
)
def test_a_geometry_in_one_cell_is_read_in_every_notation(cell):
    held = read(f"name,geom\nx,{cell}\n")
    assert [(round(event.latitude, 3), round(event.longitude, 3)) for event in held.events] == [(45.5, 9.25)]


def test_an_outline_of_many_thousand_corners_is_read():
    ring = shapely.Point(9, 45).buffer(0.01, quad_segs=2000)
    held = read(f'wkt\n"{ring.wkt}"\n')
    assert places(held) == [(45.0, 9.0)] and len(ring.wkt) > 200_000


NZTM = 'Landslide ID,"X Co-ordinate","Y Co-ordinate",Date of Event{}\n7,1748735.5,5427916.2,14/11/2016{}\n'


def test_new_zealands_metres_are_never_taken_for_degrees():
    with pytest.raises(InventoryError, match=r"metres or feet.*'Y Co-ordinate' and 'X Co-ordinate'.*CRS.*EPSG:4326"):
        read(NZTM.format("", ""))


def test_beside_new_zealands_metres_its_degrees_are_read():
    held = read(NZTM.format(",Latitude (WGS84),Longitude (WGS84)", ",-41.2865,174.7762"))
    assert places(held) == [(-41.2865, 174.7762)]
    assert held.columns["latitude"] == "Latitude (WGS84)"
    assert held.columns["date"] == "Date of Event" and held.events[0].date == date(2016, 11, 14)


def test_new_zealands_co_ordinates_in_degrees_are_read_and_said():
    held = read('"X Co-ordinate","Y Co-ordinate"\n174.7762,-41.2865\n')
    assert places(held) == [(-41.2865, 174.7762)]
    assert "'Y Co-ordinate'" in held.notes[0] and "taken for degrees" in held.notes[0]


@pytest.mark.parametrize("titles", ["easting,northing", "x,y", "lon,lat", "EAST,NORTH"])
def test_a_table_all_in_metres_is_refused_with_the_question_of_its_map_whatever_its_titles(titles):
    with pytest.raises(InventoryError, match="CRS"):
        read(f"{titles}\n500000,5074000\n500010,5074020\n0,0\n")
    with pytest.raises(InventoryError, match="CRS"):
        read("geom\nPOINT (500000 5074000)\n")


def test_a_few_rows_in_metres_are_skipped_each_with_the_reason():
    held = read("lon,lat\n9,45\n500010,5074020\n")
    assert len(held.events) == 1 and "if these are metres" in held.skipped[0].reason


def test_italys_catalogue_is_read_with_the_days_its_events_are_uncertain_by():
    held = read(
        "id;lon;lat;geographic_accuracy;utc_date;local_date;initial_date_of_the_uncertainty_time_period;landslide_type\n"
        "1;9,86;44,13;P1;26/11/2019 05:00;26/11/2019 06:00;24/11/2019 00:00;rock fall\n"
        "2;14,2;37,3;P2;31/10/2018 23:30;01/11/2018 00:30;31/10/2018 00:00;earth flow\n"
    )
    assert places(held) == TWO
    assert spans(held) == ["2019-11-24 to 2019-11-26", "2018-10-31"]
    assert held.columns["date"] == "utc_date" and held.columns["accuracy"] == "geographic_accuracy"
    assert held.columns["date_start"] == "initial_date_of_the_uncertainty_time_period"


def test_a_catalogue_by_day_month_and_year_in_italian_is_read():
    held = read("Latitudine;Longitudine;Anno;Mese;Giorno\n44,13;9,86;2019;11;26\n37,3;14,2;2018;10;\n1,5;2,5;2017;;\n")
    assert spans(held) == ["2019-11-26", "2018-10-01 to 2018-10-31", "2017-01-01 to 2017-12-31"]


def test_a_readable_column_beats_a_better_named_one_that_is_not():
    held = read(
        "latitude,longitude,y,x,event_date,date_of_event\nnorth,east,45,9,soon,2020-01-02\n,,46,10,,2020-01-03\n"
    )
    assert places(held) == [(45, 9), (46, 10)]
    assert spans(held) == ["2020-01-02", "2020-01-03"]
    assert held.columns["latitude"] == "y" and held.columns["date"] == "date_of_event"
    assert "'date_of_event'" in " ".join(held.notes)


def test_a_better_named_column_is_kept_where_only_some_of_it_is_unreadable():
    held = read("latitude,longitude,y,x\n45,9,1,2\n46,10,1,2\nnorth,11,1,2\n")
    assert places(held) == [(45, 9), (46, 10)] and held.notes == ()


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ("2018-10-31 to 2018-11-02", "2018-10-31 to 2018-11-02"),
        ("31/10/2018 - 02/11/2018", "2018-10-31 to 2018-11-02"),
        ("10-12 March 2018", "2018-03-10 to 2018-03-12"),
        ("2018-10", "2018-10-01 to 2018-10-31"),
        ("February 2020", "2020-02-01 to 2020-02-29"),
        ("2018", "2018-01-01 to 2018-12-31"),
        ("2018年9月", "2018-09-01 to 2018-09-30"),
        ("2018年9月6日", "2018-09-06"),
        ("43404", "2018-10-31"),
        ("soon", ""),
    ],
)
def test_a_date_of_many_forms_is_a_day_or_the_span_it_bounds(dates, expected):
    held = read(f"lat,lon,date\n1,2,{dates}\n")
    assert spans(held) == [expected]
    assert [w.code for w in held.warnings] == ([] if expected else ["date-unreadable"])


@pytest.mark.parametrize(
    ("pre", "post", "codes"),
    [
        ("2018-09-30", "2018-11-01", []),
        ("2018-10-01", "2018-11-01", ["t1-not-before-event"]),
        ("2018-09-30", "2018-10-31", ["t2-not-after-event"]),
        ("2018-10-15", "2018-10-16", ["t1-not-before-event", "t2-not-after-event"]),
    ],
)
def test_t1_lies_before_the_first_day_of_a_span_and_t2_after_its_last(pre, post, codes):
    held = read(f"lat,lon,date,pre2,post1\n1,2,2018-10,{pre},{post}\n")
    assert [w.code for w in held.warnings] == codes


@pytest.mark.parametrize(
    ("row", "when", "said"),
    [
        ("2018-11-02,2018-10-31", "2018-10-31 to 2018-11-02", "may be exchanged"),
        (",2018-11-02", "2018-11-02", "no start"),
        ("2018-10-31,", "2018-10-31", ""),
        ("2018-10,2018-11", "2018-10-01 to 2018-11-30", ""),
        (",", "", "no date"),
        ("soon,", "", "'soon' is no date"),
    ],
)
def test_what_is_wrong_with_a_start_or_an_end_is_said(row, when, said):
    held = read(f"lat,lon,start date,end date\n1,2,{row}\n3,4,2020-01-01,2020-01-02\n")
    assert held.events[0].when == when
    told = held.warnings_for("0")
    assert [one.code for one in told] == (["date-unreadable"] if said else [])
    assert said in " ".join(one.message for one in told)


@pytest.mark.parametrize("longitude", ["122.5", "-122.5"])
def test_a_longitude_that_counts_to_the_west_is_negative_whatever_its_sign_and_that_is_said(longitude):
    held = read(f"USGS_ID,Date_Min,Date_Max,Lat_N,Lon_W\nx,2017-01-01,2017-03-31,47.5,{longitude}\n")
    assert places(held) == [(47.5, -122.5)] and spans(held) == ["2017-01-01 to 2017-03-31"]
    assert "'Lon_W' counts to the west" in " ".join(held.notes)


def test_columns_that_only_sound_like_a_start_an_end_or_a_place_are_left_alone():
    header = ["last_edited_date", "submitted_date", "end_of_licence_date", "station_lat", "population", "latest_news"]
    assert columns.candidates(header) == {}


JAPANESE = "番号,発生日,緯度,経度,種類\n1,2018/9/6,42.70,141.95,崩壊\n2,2018年9月6日,42.72,141.97,地すべり\n"
CHINESE = "编号,日期,纬度,经度,类型\n1,2018-09-06,42.70,141.95,滑坡\n2,2018-09-06,42.72,141.97,泥石流\n"
KOREAN = "번호,날짜,위도,경도,유형\n1,2018-09-06,42.70,141.95,산사태\n2,2018-09-06,42.72,141.97,산사태\n"


@pytest.mark.parametrize(
    ("text", "encoding", "named"),
    [
        (JAPANESE, "cp932", "Shift_JIS"),
        (JAPANESE, "euc-jp", "EUC-JP"),
        (CHINESE, "gb18030", "GB 18030"),
        (CHINESE.replace("纬", "緯").replace("经", "經").replace("编号", "編號").replace("类", "類"), "big5", "Big5"),
        (KOREAN, "euc-kr", "EUC-KR"),
        (JAPANESE, "utf-8", ""),
        (JAPANESE, "utf-16", "UTF-16"),
    ],
)
def test_the_encoding_is_found_by_what_makes_sense_of_the_titles_and_is_said(text, encoding, named):
    held = read(text, encoding)
    assert places(held) == [(42.7, 141.95), (42.72, 141.97)]
    assert spans(held) == ["2018-09-06", "2018-09-06"]
    assert held.events[1].category in text
    assert named in " ".join(held.notes)


@pytest.mark.parametrize("word", ["Frana è", "São Paulo", "l’Aquila – “vecchia”", "Ærø", "45° nord", "Ås", "Nîmes £"])
def test_western_words_stay_western(word):
    text = f"id,lat,lon,category\n1,2,3,{word}\n"
    assert encodings.decoded(text.encode("cp1252"), lambda line: 0) == (text, "cp1252")


def test_eastern_words_under_english_titles_are_found_too():
    for words, encoding in (
        ("崩壊 地すべり", "cp932"),
        ("泥石流", "gb18030"),
        ("산사태", "euc-kr"),
        ("оползень", "cp1251"),
    ):
        text = f"id,lat,lon,category\n1,2,3,{words}\n"
        assert encodings.decoded(text.encode(encoding), lambda line: 0)[0] == text


@pytest.mark.parametrize(
    ("text", "axis", "value"),
    [
        ("44°07'48\"N", "latitude", 44.13),
        ("44 07 48", "latitude", 44.13),
        ("S 44° 07.8'", "latitude", -44.13),
        ("-44:07:48", "latitude", -44.13),
        ("37 18 00 S", "latitude", -37.3),
        ("44d07m48s", "latitude", 44.13),  # seconds, not south
        ("44d07m48sS", "latitude", -44.13),
        ("44.13 N", "latitude", 44.13),
        ("北緯42度42分0秒", "latitude", 42.7),
        ("9.86 E", "longitude", 9.86),
        ("9,86", "longitude", 9.86),
        ("9.86 N", "longitude", None),  # the side of the other axis
        ("-9.86 W", "longitude", None),  # a sign and a side
        ("9°60'", "longitude", None),
        ("inf", "longitude", None),
        ("9 E 9", "longitude", None),
    ],
)
def test_degrees_are_read_in_their_notations_and_never_on_the_wrong_axis(text, axis, value):
    assert positions.degrees(text, axis) == (None if value is None else pytest.approx(value))
