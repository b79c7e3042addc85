"""Which columns of a table are what: found by their titles, chosen by whether their cells can be read."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import InventoryError
from app.inventory.events import SkippedRow

# What Scarp reads -> the names it goes by, the better first. Names are compared in small letters
# without accents, with anything between letters and digits as one underscore.
_NAMES_TABLE = {
    "id": "id",
    "event_id": "event_id landslide_id slide_id ls_id slide_no slide_nr landslide_no id_frana cod_frana codice_frana "
    "idfrana",
    "date": "event_date date date_event eventdate landslide_date date_of_event ev_date occurrence_date date_occurred "
    "date_of_occurrence date_of_landslide slide_date failure_date event_day datetime date_time event_datetime utc_date "
    "date_utc local_date date_local data data_evento data_frana fecha fecha_evento datum occurred occurrence 発生日 "
    "発生年月日 日付 年月日 日期 发生日期 发生时间 發生日期 時間 时间 날짜 발생일 дата",
    "start": "start_date date_start startdate start_day begin_date date_begin begindate date_from from_date datefrom "
    "event_start start_of_event start event_start_date date_min min_date earliest_date date_earliest first_date "
    "initial_date data_inizio data_inizio_evento inizio fecha_inicio onset_date beginn start",
    "end": "end_date date_end enddate end_day date_to to_date dateto event_end end_of_event end event_end_date "
    "date_max max_date latest_date date_latest last_date final_date data_fine data_fine_evento fine fecha_fin ende end",
    "latitude": "latitude lat decimal_latitude decimallatitude latitude_deg lat_deg latitude_dd lat_dd latitude_wgs84 "
    "lat_wgs84 wgs84_lat latitudine latitud breitengrad 緯度 纬度 위도 широта y y_coord ycoord",
    "longitude": "longitude lon long lng decimal_longitude decimallongitude longitude_deg lon_deg longitude_dd lon_dd "
    "long_dd longitude_wgs84 lon_wgs84 wgs84_lon longitudine longitud langengrad laengengrad 経度 经度 經度 경도 "
    "долгота x x_coord xcoord",
    "position": "geolocation coordinates coords coord latlon lat_lon lat_long latlong latitude_longitude position "
    "wkt wkt_geom wkt_geometry geom_wkt geometry_wkt wkb geom_wkb wkb_geometry geometry geom the_geom shape wkb_geom "
    "geojson point",
    "category": "category landslide_category landslide_type type movement_type movetype move_type mov_type "
    "hazard_type slide_type event_type tipo tipo_movimento tipo_mov tipo_frana 種類 类型 類型 유형 тип",
    "accuracy": "accuracy location_accuracy position_accuracy geographic_accuracy location_accuracy_km accuracy_km",
    "source": "source source_name data_source catalog catalogue inventory",
    "pre1": "pre1 pre_1",
    "pre2": "pre2 pre_2 pre t1 pre_date before",
    "post1": "post1 post_1 post t2 post_date after",
    "year": "year event_year anno",
    "month": "month_number month event_month mese",
    "day": "day event_day giorno",
}
NAMES = {wanted: tuple(names.split()) for wanted, names in _NAMES_TABLE.items()}
AXES = ("latitude", "longitude")
SEVERAL = (*AXES, "position", "date", "start", "end")  # of these every candidate is looked at
# words of a title that name one of them, and those that may stand beside without changing what it is
_CORES = {
    "latitude": "lat latitude latitudine latitud",
    "longitude": "lon long lng longitude longitudine longitud",
    "y": "y ycoord coordy pointy northing northings north nord",
    "x": "x xcoord coordx pointx easting eastings east est ost",
    "position": "wkt wkb geom geometry geolocation geojson",
    "date": "date data fecha datum dates",
    "start": "start starting begin beginning from initial earliest onset inizio iniziale inicio since",
    "end": "end ending to until final latest fine finale fin",
}
_CORES_OF = {role: frozenset(words.split()) for role, words in _CORES.items()}
_BESIDE_PLACE_WORDS = (
    "coord coords coordinate coordinates point centroid center centre dd deg degree degrees decimal dec wgs wgs84 84 "
    "epsg 4326 gps geo geographic event landslide slide location site position approx approximate final map the of in "
    "d m dms nztm utm crown scarp source initiation n e w s west south"
)
_BESIDE_DATE_WORDS = (
    "date data dates datum fecha event landslide slide failure of the time period uncertainty occurrence day utc local "
    "gmt evento frana known possible"
)
_BESIDE_PLACE, _BESIDE_DATE = frozenset(_BESIDE_PLACE_WORDS.split()), frozenset(_BESIDE_DATE_WORDS.split())
_SIDES = frozenset(("n", "e", "w", "s", "west", "south"))
# where the reader names a column for one, none is guessed for those that would be read in its stead
_INSTEAD_OF = {
    "latitude": ("position",), "longitude": ("position",), "position": AXES, "date": ("start", "end"),
    "start": ("date",), "end": ("date",), "id": ("event_id",), "event_id": ("id",),
}  # fmt: skip
_GIVEN_TO = {"x": "longitude", "y": "latitude"}


@dataclass(frozen=True)
class Cells:
    """The wanted cells of the rows that have their cells in place, by the place of their column in the file."""

    rows: list[int]
    columns: dict[int, list[str]]
    skipped: list[SkippedRow]

    def at(self, place: int | None) -> list[str]:
        """Return a column, or empty texts where there is none."""
        return self.columns[place] if place is not None else [""] * len(self.rows)


def plain(title: str) -> str:
    """Return a title as it is compared: small letters, no accents, one underscore for what stands between words."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", title)
    if not text.isascii():
        text = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    text = re.sub(r"[\W_]+", "_", unicodedata.normalize("NFC", text).casefold()).strip("_")
    return text.replace("co_ordinate", "coordinate")


def candidates(header: Sequence[str]) -> dict[str, list[int]]:
    """Return what Scarp reads -> the places of the columns that may hold it, the better-named first.

    Only what is in SEVERAL can have more than one; of columns of one name the first is taken there too.
    """
    titles = [plain(title) for title in header]
    first = {title: place for place, title in reversed(list(enumerate(titles)))}
    found: dict[str, list[int]] = {}
    for wanted, names in NAMES.items():
        places = [first[name] for name in (plain(one) for one in names) if name in first]
        found[wanted] = list(dict.fromkeys(places)) if wanted in SEVERAL else places[:1]
    taken = {place for places in found.values() for place in places}
    for title, place in first.items():
        role = None if place in taken else _near(title)
        if role is not None:
            found[role].append(place)
    return {wanted: places for wanted, places in found.items() if places}


def with_given(
    found: dict[str, list[int]], header: Sequence[str], given: Sequence[tuple[str, str]], name: str
) -> dict[str, list[int]]:
    """Return ``found`` with the columns that were named for it, and nothing else for what these hold.

    An empty title says that no column holds it. Raises InventoryError where ``name`` has no column of a title.
    """
    places = {}
    for wanted, title in given:
        if not title:
            continue
        same = [place for place, one in enumerate(header) if one.strip() == title]
        same = same or [place for place, one in enumerate(header) if plain(one) == plain(title)]
        if not same:
            raise InventoryError(
                f"{name} has no column {title[:60]!r}; its columns are "
                + ", ".join(repr(one[:60]) for one in header[:20])
                + (", ..." if len(header) > 20 else ".")
            )
        places[wanted] = same[:1]
    taken = {place for held in places.values() for place in held}
    left = {wanted: [place for place in held if place not in taken] for wanted, held in found.items()}
    replaced = {other for wanted in places for other in _INSTEAD_OF.get(wanted, ())}
    replaced |= {wanted for wanted, title in given if not title}
    return {wanted: held for wanted, held in left.items() if held and wanted not in replaced} | places


def evidence(found: dict[str, list[int]], header: Sequence[str]) -> list[int]:
    """Return other columns of dates: what they hold tells in which order this file writes them."""
    used = {place for held in found.values() for place in held}
    return [place for place, title in enumerate(header) if "date" in plain(title) and place not in used][:8]


def named_exactly(title: str, wanted: str) -> bool:
    """Whether a title is one that says what it is by itself: ``latitude``, not ``y`` or a name only like it."""
    name = plain(title)
    return name in {plain(one) for one in NAMES[wanted]} and not _is_vague(name)


def counts_down(title: str) -> bool:
    """Whether a title says that its degrees count to the west or the south, as ``Lon_W`` does."""
    return not {"w", "s", "west", "south"}.isdisjoint(plain(title).split("_"))


def is_vague(title: str) -> bool:
    """Whether a title names an axis of a map, in degrees or in metres."""
    return _is_vague(plain(title))


def beside(title: str) -> str:
    """Return what a title of a latitude or longitude says besides the axis: equal for the two of a pair."""
    axis = _SIDES.union(*(_CORES_OF[role] for role in ("latitude", "longitude", "x", "y")))
    return "_".join(word for word in plain(title).split("_") if word not in axis)


def _is_vague(name: str) -> bool:
    words = set(name.split("_"))
    plain_axis = words & (_CORES_OF["latitude"] | _CORES_OF["longitude"])
    return not plain_axis and bool(words & (_CORES_OF["x"] | _CORES_OF["y"]))


def _near(name: str) -> str | None:
    """Return what a title says that is only like a known one; nothing where a word of it says something else."""
    words = set(name.split("_"))
    for role in ("latitude", "longitude", "y", "x"):
        if words & _CORES_OF[role] and words <= _CORES_OF[role] | _BESIDE_PLACE:
            return _GIVEN_TO.get(role, role)
    if words & _CORES_OF["position"] and words <= _CORES_OF["position"] | _BESIDE_PLACE | {"the"}:
        return "position"
    if not words & _CORES_OF["date"]:
        return None
    for role in ("start", "end"):
        if words & _CORES_OF[role] and words <= _CORES_OF[role] | _BESIDE_DATE:
            return role
    return "date" if words <= _BESIDE_DATE else None


def plural(number: int, word: str) -> str:
    """Return a noun as it stands after a number: ``line``, ``lines``."""
    return word if number == 1 else f"{word}s"
