"""Inventories and patches for a notebook: a file becomes a GeoDataFrame, an event an xarray Dataset."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from app import bands as naming
from app import grid, inventory
from app.errors import InputError
from app.inventory import Event, Given, Inventory
from app.patches import SPAN, Progress, no_progress

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    import xarray as xr

Day = date | str  # a date, or one like 2022-09-17


def open_inventory(
    path: str | Path | None = None, columns: Mapping[str, str] | None = None, crs: str = "", layer: str = ""
) -> "gpd.GeoDataFrame":
    """Return a landslide inventory, a row an event with its id as index; without a path, the built-in list.

    ``geometry`` is the outline of an event where it has one, else its point, EPSG:4326. The columns are those of
    ``Inventory.frame`` and then the file's own, as text. ``attrs`` holds ``name``, ``notes`` on how the file was read,
    and ``skipped``, the rows that could not become events with their reasons. ``columns`` says which column is what
    where a file does not, ``{"latitude": "Y Co-ordinate"}``, ``crs`` in which reference system positions are, and
    ``layer`` which of several is meant. Raises InventoryError.
    """
    if path is None:
        return _framed(inventory.builtin())
    given = Given(layer, crs, tuple((columns or {}).items()))
    return _framed(inventory.read_file(Path(path), given))


def open_patch(
    event: "str | pd.Series | tuple[float, float]",
    source: str = "demo",
    *,
    t1: Day | None = None,
    t2: Day | None = None,
    bands: str | Sequence[str] | None = None,
    buffer_deg: float | None = None,
    resolution_deg: float = grid.RESOLUTION_DEG,
    heights: bool = False,
    light: str = "",
    composite: str = "median",
    options: Mapping[str, str] | None = None,
    event_date: Day | None = None,
    earlier: bool = False,
    progress: Progress = no_progress,
) -> "xr.Dataset":
    """Return the Sentinel-2 pair of an event, from the cache or its source, which is then kept.

    ``event`` is a row of ``open_inventory``, the id of an event of the built-in list, or latitude and longitude of any
    place, with ``event_date`` where the day is known. The patch has one float32 variable of reflectance a band and
    ``CLM`` (uint8: 0 clear, 1 cloud or shadow, 255 nodata), dims (time, y, x), T1 first; with ``heights`` also ``DEM``
    (metres). Dates left out are the event's own; a span, ``t1="2019-06-01/2019-09-15"``, is made into one image of its
    clear pixels, as ``composite`` says: median, greenest or latest. With ``earlier`` it carries the same season of the
    years before, which ``season-anomaly`` reads. ``attrs["simulated"]`` is 1 where the patch was
    simulated. Raises SourceError, DateOrderError, BandMissingError, InputError, GridError.
    """
    from app import cache
    from app.series import earlier as seasons
    from app.sources import open_source, spec_for

    place = open_source(source).describe().event or event_of(event, day_of(event_date))
    (first, until), (second, t2_to) = _span(t1), _span(t2)
    chosen = naming.parse(bands) if bands else None
    spec = spec_for(
        place, source, t1=until or first, t2=second, buffer_deg=buffer_deg, bands=chosen,
        resolution_deg=resolution_deg, options=dict(options or {}), heights=heights, light=light,
        t1_from=first if until else None, t2_to=t2_to, composite=composite,
    )  # fmt: skip
    patch = cache.load(spec, progress)
    return seasons.attached(spec, patch, progress) if earlier else patch


def open_pair(
    t1: str | Path,
    t2: str | Path,
    dates: tuple[Day, Day] | None = None,
    heights: str | Path | None = None,
    light: str = "",
    *,
    bands: "str | Mapping[str, str]" = "",
    units: tuple[str, str] = ("", ""),
    pixels: str = "own",
    box: tuple[float, float, float, float] | None = None,
    find_clouds: bool = False,
) -> "xr.Dataset":
    """Return a pair of one's own images as a patch: each a file, several joined by commas, a zip or a folder.

    What could be doubted of how they were read stands in ``attrs["warnings"]``. ``dates`` are those of T1 and T2 where
    the files do not say them. ``heights`` is a GeoTIFF of the ground's heights, ``light`` as ``open_patch`` has it.

    ``bands`` says what the channels are, in order, as ``B02,B03,B04,-``: of all files, or of each by name; ``units``
    what the numbers of T1 and T2 are, ``pixels`` whether they stay ``own`` or come onto the ``common`` grid, ``box``
    what is cut out (west, south, east, north, degrees), ``find_clouds`` whether clouds are looked for where no mask is.
    Raises InputError and its kin for what cannot be read as a pair.
    """
    from app import patches
    from app.sources.own import opening
    from app.sources.own.stated import PairStated
    from app.terrain import correction
    from app.terrain import heights as ground

    days = tuple(str(day_of(one)) for one in dates) if dates else ("", "")
    named = {"": bands} if isinstance(bands, str) else bands
    channels = tuple((name, opening.channels(text)) for name, text in named.items() if text)
    stated = PairStated(channels, (days[0], days[1]), units, pixels, box, clouds=find_clouds)
    patch, notes = opening.opened(opening.paths(str(t1)), opening.paths(str(t2)), stated, no_progress)
    patch = patch.assign_attrs(patches.with_warnings(patch.attrs, notes))
    if heights is not None:
        patch = ground.onto(patch, ground.from_file(heights, patches.grid_of(patch)))
    return correction.corrected(patch, light) if light else patch


def add_truth(patch: "xr.Dataset", path: str | Path, all_touched: bool = False) -> "xr.Dataset":
    """Return a patch with the truth in a file, a mask or outlines, as its variable ``truth``.

    uint8 (y, x): 1 landslide, 0 not, 255 unknown. Raises InputError, GridError where the file lies elsewhere.
    """
    from app.inventory.truth_file import with_file

    return with_file(patch, Path(path), inventory.read_file, all_touched)[0]


def _framed(read: Inventory) -> "gpd.GeoDataFrame":
    import geopandas as gpd
    import shapely

    frame = read.frame().drop(columns="row")
    for place, title in enumerate(read.along.titles):
        name = title if title not in frame.columns else f"{title} (file)"
        frame[name] = [read.along.rows.get(one.row, ())[place : place + 1] or ("",) for one in read.events]
        frame[name] = frame[name].str[0]
    shapes = [
        shapely.from_wkb(one.outline) if one.outline else shapely.Point(one.longitude, one.latitude)
        for one in read.events
    ]
    made = gpd.GeoDataFrame(frame.set_index("id"), geometry=shapes, crs=grid.EPSG_4326)
    made.attrs = {
        "name": read.name, "notes": list(read.notes),
        "skipped": [{"row": one.row, "reason": one.reason} for one in read.skipped],
    }  # fmt: skip
    return made


def event_of(event: "str | pd.Series | tuple[float, float]", when: date | None) -> Event:
    """Return the event that a row of a frame is, that is at a place, or that the built-in list has under an id."""
    if isinstance(event, (str, int)):
        return inventory.builtin().event(str(event))
    if isinstance(event, tuple):
        return Event("place", 0, when, *event)
    return _of_row(event)


def _of_row(event: "pd.Series") -> Event:
    import pandas as pd
    import shapely

    missing = [name for name in ("latitude", "longitude") if name not in event]
    if missing:
        raise InputError(f"A row of open_inventory is needed, for example slides.iloc[0]; this has no {missing[0]}.")

    def day(name: str) -> date | None:
        value = event.get(name)
        return None if value is None or pd.isna(value) else pd.Timestamp(value).date()

    shape, first = event.get("geometry"), day("t1")
    outline = b"" if shape is None or shape.geom_type.endswith("Point") else shapely.to_wkb(shape)
    return Event(
        str(event.name), 0, day("date"), float(event["latitude"]), float(event["longitude"]),
        t1_options=(first,) if first else (), t2=day("t2"), date_end=day("date_end"), outline=outline,
    )  # fmt: skip


def _span(given: Day | None) -> tuple[date | None, date | None]:
    """Return the first and the last day of a span like 2019-06-01/2019-09-15; of a single day the day and None."""
    if not isinstance(given, str) or SPAN not in given:
        return day_of(given), None
    first, _, last = given.partition(SPAN)
    return day_of(first), day_of(last)


def day_of(given: Day | None) -> date | None:
    """Return a day given as a date or as text; raises InputError for what is none."""
    if given is None or isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise InputError(f"{given!r} is not a date like 2022-09-17.") from None
