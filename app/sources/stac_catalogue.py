"""The STAC catalogues Scarp knows by name: searching them, and reaching the files they name.

An entry in the table is all it takes to add one: it can then be chosen on a page, in a link and as a command's option.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, TypeVar
from urllib.parse import urlsplit

from app import config, grid
from app.bands import BANDS
from app.errors import InputError, SourceBusyError, SourceError
from app.grid import BBox
from app.sources import scl
from app.terrain import light

if TYPE_CHECKING:
    from types import TracebackType

    from pystac import Item
    from pystac_client import Client

T = TypeVar("T")

CONNECT_S, READ_S = 10, 30  # of one request
MOST_ITEMS = 400
SCL = "SCL"
GLO_30 = "cop-dem-glo-30"  # as Earth Search and Planetary Computer call it


class Files(Protocol):
    """How the files of a catalogue are reached."""

    def signer(self, where: Catalogue) -> Callable[[str], str]:
        """Return what turns an asset's address into one that can be read now; raises SourceError (see ``signer``)."""
        ...


@dataclass(frozen=True)
class Open:
    """Files that anybody may read."""

    def signer(self, where: Catalogue) -> Callable[[str], str]:
        """Return a function that lets web and S3 addresses pass as they are."""
        return _web_address


@dataclass(frozen=True)
class WithToken:
    """Files that are read with a token, which a service gives to anybody for a while."""

    service: str  # its address, which the name of the collection is put behind

    def signer(self, where: Catalogue) -> Callable[[str], str]:
        """Return a function that adds the token, asking for one first."""
        import requests

        with plain_words(where):
            answer = requests.get(self.service + where.collection, timeout=(CONNECT_S, READ_S))
            answer.raise_for_status()
            token = answer.json()["token"]
        return lambda href: f"{_web_address(href)}?{token}"


@dataclass(frozen=True)
class WithKeys:
    """Files in an S3 store, read with the keys of an account."""

    endpoint: str
    account: str  # CDSE: the settings SCARP_CDSE_S3_KEY and SCARP_CDSE_S3_SECRET hold the keys

    def signer(self, where: Catalogue) -> Callable[[str], str]:
        """Return a function that signs s3:// addresses for reading within the hour; raises SourceError without keys."""
        keys = config.settings().s3_keys.get(self.account, config.S3Keys())
        if not keys.complete:
            free = next((one.name for one in _KNOWN if isinstance(one.files, Open)), "")
            raise SourceError(
                f"{where.title} lists its scenes freely but gives files only to those with keys: set "
                f"SCARP_{self.account}_S3_KEY and SCARP_{self.account}_S3_SECRET, or choose the catalogue {free}, "
                "which needs none."
            )
        from botocore.config import Config
        from botocore.session import Session

        client = Session().create_client(
            "s3", endpoint_url=self.endpoint, region_name="default", aws_access_key_id=keys.key,
            aws_secret_access_key=keys.secret, config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
        )  # fmt: skip

        def sign(href: str) -> str:
            parts = urlsplit(href)
            if parts.scheme != "s3":
                return _web_address(href)
            place = {"Bucket": parts.netloc, "Key": parts.path.lstrip("/")}
            return client.generate_presigned_url("get_object", Params=place, ExpiresIn=3600)

        return sign


@dataclass(frozen=True)
class Catalogue:
    """One STAC API that lists Sentinel-2 L2A."""

    name: str  # in links, options and patches
    title: str
    url: str
    collection: str = "sentinel-2-l2a"
    files: Files = Open()
    heights: str = ""  # its collection of the Copernicus DEM GLO-30; empty where it has none
    # band or SCL -> what it calls the file, where that is not the band's name, with the resolution behind it or without
    assets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Scene:
    """One tile of one acquisition, with where its files are."""

    id: str
    day: date
    taken: str  # names the overpass, whatever tile or processing
    baseline: tuple[int, int]
    tile_cloud_pct: float
    item: Item
    assets: Mapping[str, str]  # band or SCL -> key of the item's asset

    def offset(self, band: str) -> float:
        """What has to be added to the band's reflectance: 0 or -0.1."""
        return scl.offset_of(self.item.properties, self._fields(band))

    @property
    def sun(self) -> str:
        """Where the sun stood, as a patch says it; empty where the catalogue does not."""
        said = self.item.properties
        angles = said.get("view:sun_elevation"), said.get("view:sun_azimuth")
        if None in angles and isinstance(said.get("s2:mean_solar_zenith"), (int, float)):
            angles = 90 - said["s2:mean_solar_zenith"], said.get("s2:mean_solar_azimuth")
        try:
            return light.sun_words(*map(float, angles))  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return ""

    def scale(self, band: str) -> float:
        """The factor from the band's digital numbers to reflectance."""
        return scl.stated_scale(self._fields(band))

    def _fields(self, band: str) -> Mapping[str, object]:
        return self.item.assets[self.assets[band]].extra_fields


_OWN = "own"

_KNOWN = (
    Catalogue(
        "earth-search",
        "Earth Search (AWS open data)",
        "https://earth-search.aws.element84.com/v1",
        heights=GLO_30,
        assets={
            "B01": "coastal",
            "B02": "blue",
            "B03": "green",
            "B04": "red",
            "B05": "rededge1",
            "B06": "rededge2",
            "B07": "rededge3",
            "B08": "nir",
            "B8A": "nir08",
            "B09": "nir09",
            "B11": "swir16",
            "B12": "swir22",
            SCL: "scl",
        },
    ),
    Catalogue(
        "planetary-computer",
        "Microsoft Planetary Computer",
        "https://planetarycomputer.microsoft.com/api/stac/v1",
        files=WithToken("https://planetarycomputer.microsoft.com/api/sas/v1/token/"),
        heights=GLO_30,
    ),
    Catalogue(
        "cdse",
        "Copernicus Data Space",
        "https://stac.dataspace.copernicus.eu/v1",
        files=WithKeys("https://eodata.dataspace.copernicus.eu", "CDSE"),
    ),
)


def catalogues() -> dict[str, Catalogue]:
    """Return the catalogues by name, the one used where nobody chooses first."""
    own = config.settings().stac_url
    first = (_own(own),) if own else ()
    return {each.name: each for each in (*first, *_KNOWN)}


def catalogue(name: str | None = None) -> Catalogue:
    """Return a catalogue by name. Raises InputError listing the names."""
    known = catalogues()
    if name is None:
        return next(iter(known.values()))
    if name not in known:
        raise InputError(f"There is no catalogue called {name!r}. Choose from {', '.join(known)}.")
    return known[name]


def search(where: Catalogue, bbox: BBox, first: date, last: date) -> list[Scene]:
    """Return the scenes that touch the box from one day to another, both included, oldest first.

    Raises SourceError in plain words where the catalogue does not answer.
    """
    with plain_words(where):
        span = f"{first}T00:00:00Z/{last}T23:59:59Z"
        scenes = [_scene(item, where) for item in _items(where, where.collection, bbox, span)]
    return sorted((each for each in scenes if SCL in each.assets), key=lambda each: (each.day, each.id))


def search_heights(where: Catalogue, bbox: BBox) -> list[Item]:
    """Return the tiles of heights that touch the box, by name; raises SourceError as ``search`` does."""
    with plain_words(where):
        return sorted(_items(where, where.heights, bbox), key=lambda item: item.id)


def _items(where: Catalogue, collection: str, bbox: BBox, span: str | None = None) -> list[Item]:
    """Return what touches a box, once each, whichever side of the 180th meridian it touches it on."""
    found = {}
    for box in grid.boxes(bbox):
        asked = _client(where.url).search(
            collections=[collection], bbox=box, datetime=span, limit=100, max_items=MOST_ITEMS
        )
        found.update({item.id: item for item in asked.items()})
    return list(found.values())


def signer(where: Catalogue) -> Callable[[str], str]:
    """Return the function that turns an asset's address into one that can be read now.

    Raises SourceError for an address that is no web or S3 address, or where keys are missing.
    """
    return where.files.signer(where)


def host(where: Catalogue) -> str:
    """Return the catalogue's host, for messages; an address may hold a user's name."""
    return urlsplit(where.url).hostname or where.name


def require_bands(scene: Scene, bands: Sequence[str], where: Catalogue) -> None:
    """Raise SourceError unless the scene has a file for each band."""
    missing = [band for band in bands if band not in scene.assets]
    if missing:
        held = [band for band in BANDS if band in scene.assets]
        raise SourceError(
            f"Scene {scene.id} of {where.title} has no {', '.join(missing)}; it has {', '.join(held)}. "
            "Choose among these or another catalogue."
        )


def needing_packages(job: Callable[[], T]) -> Callable[[], T]:
    """Return the job with a sentence in place of a missing package."""

    def run() -> T:
        try:
            return job()
        except ModuleNotFoundError as error:
            raise SourceError(
                f"The source stac needs {error.name}, which is not installed. "
                "Install it with: pip install odc-stac pystac-client"
            ) from error

    return run


def _own(url: str) -> Catalogue:
    if urlsplit(url).scheme not in ("http", "https"):
        raise InputError("SCARP_STAC_URL must be the address of a STAC API, starting with https:// or http://.")
    base, _, collection = url.rstrip("/").partition("/collections/")
    return Catalogue(_OWN, urlsplit(url).hostname or _OWN, base, collection or "sentinel-2-l2a", heights=GLO_30)


@lru_cache(maxsize=8)
def _client(url: str) -> Client:
    import pystac_client
    from pystac_client.stac_api_io import StacApiIO

    from app.sources import limits_told

    # Each retry is logged as a warning, with the address; what a person hears is one sentence.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    retry = limits_told.TellingRetry(
        total=5,  # a connection that the catalogue closed meanwhile counts as well
        status=3,
        connect=1,
        backoff_factor=0.5 * limits_told.at_once(),
        status_forcelist=(429, 500, 502, 503, 504),
        allowed_methods=None,
        respect_retry_after_header=False,
    )
    return pystac_client.Client.open(url, stac_io=StacApiIO(timeout=(CONNECT_S, READ_S), max_retries=retry))


def _scene(item: Item, where: Catalogue) -> Scene:
    properties = item.properties
    taken = re.sub(r"_N\d\d\.\d\d$", "", str(properties.get("s2:datatake_id") or properties.get("platform") or ""))
    day = item.datetime.date()  # type: ignore[union-attr]  # what has no moment is no scene, and ends in a sentence
    return Scene(
        id=item.id,
        day=day,
        taken=f"{day} {taken}",
        baseline=scl.baseline(properties),
        tile_cloud_pct=float(properties.get("eo:cloud_cover", float("nan"))),
        item=item,
        assets={name: key for name in (*BANDS, SCL) if (key := _asset(item, name, where))},
    )


def _asset(item: Item, name: str, where: Catalogue) -> str | None:
    """Return what an item calls a band's file; an installation's own catalogue may use any known one's words."""
    native = BANDS[name].native_m if name in BANDS else 20
    words = (one.assets.get(name) for one in (where, *_KNOWN))
    return next((key for key in (*words, name, f"{name}_{native}m", name.lower()) if key in item.assets), None)


def _web_address(href: str) -> str:
    """Refuse what a catalogue should not name: files of this machine, GDAL's own path prefixes."""
    if urlsplit(href).scheme not in ("http", "https", "s3"):
        raise SourceError("The catalogue names a file that is on no web server; choose another catalogue.")
    return href


class plain_words:
    """Turn what a catalogue and the network raise into one sentence that holds no address or key."""

    def __init__(self, where: Catalogue) -> None:
        self._where = where

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None or isinstance(error, (SourceError, InputError)) or not isinstance(error, Exception):
            return
        if _status(error) == 429:
            from app.sources import limits_told

            raise SourceBusyError(self._sentence(error), limits_told.last_told()) from error
        raise SourceError(self._sentence(error)) from error

    def _sentence(self, error: Exception) -> str:
        import requests

        name, status = f"The catalogue {self._where.title} ({host(self._where)})", _status(error)
        if status == 429:
            return f"{name} asks for fewer requests (HTTP 429); try again in some minutes."
        if status in (401, 403):
            return f"{name} refuses this request (HTTP {status}); choose another catalogue."
        if status >= 500:
            return f"{name} has a fault of its own (HTTP {status}); try again later or choose another catalogue."
        if status:
            return f"{name} does not understand the request (HTTP {status}); check that it is a STAC API."
        if isinstance(error, requests.Timeout):
            return f"{name} does not answer; try again later or choose another catalogue."
        if isinstance(error, requests.ConnectionError) or "Max retries" in str(error):
            return f"{name} cannot be reached. Check the network; the sources demo and sample need none."
        return f"{name} gave an answer that is not STAC ({type(error).__name__}); choose another catalogue."


def _status(error: Exception) -> int:
    """Return the HTTP status behind an error, 0 where there was no answer."""
    answer = getattr(error, "response", None)
    status = getattr(error, "status_code", None) or getattr(answer, "status_code", None)
    match = re.search(r"too many (\d{3}) error", str(error))
    return int(status or (match[1] if match else 0))
