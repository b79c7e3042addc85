"""The STAC catalogues Scarp knows by name, what they call their files, and how these are reached.

An entry in the table is all it takes to add one: it can then be chosen on a page, in a link and as a command's option.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from app import config
from app.bands import BANDS
from app.errors import InputError, SourceError
from app.sources import require_account
from app.sources.stac_failures import plain_words

CONNECT_S, READ_S = 10, 30  # of one request
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

        with plain_words(where.title, host(where)):
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
        require_account(where.title)
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


def signer(where: Catalogue) -> Callable[[str], str]:
    """Return the function that turns an asset's address into one that can be read now.

    Raises SourceError for an address that is no web or S3 address, or where keys are missing.
    """
    return where.files.signer(where)


def uses_account(where: Catalogue) -> bool:
    """Whether the files of a catalogue, or its address, need an account of this installation."""
    return isinstance(where.files, WithKeys) or _logs_in(where)


def require_login(where: Catalogue) -> None:
    """Raise SourceError where the address of a catalogue holds a login that the reader may not use."""
    if _logs_in(where):
        require_account(where.title)


def host(where: Catalogue) -> str:
    """Return the catalogue's host, for messages; an address may hold a user's name."""
    return urlsplit(where.url).hostname or where.name


def file_names(where: Catalogue, band: str) -> tuple[str, ...]:
    """Return what an item may call the file of a band or of SCL, the likeliest name first.

    An installation's own catalogue may use the words of any that is known.
    """
    native = BANDS[band].native_m if band in BANDS else 20
    words = (one.assets.get(band, "") for one in (where, *_KNOWN))
    return *filter(None, words), band, f"{band}_{native}m", band.lower()


def _logs_in(where: Catalogue) -> bool:
    return "@" in urlsplit(where.url).netloc


def _own(url: str) -> Catalogue:
    if urlsplit(url).scheme not in ("http", "https"):
        raise InputError("SCARP_STAC_URL must be the address of a STAC API, starting with https:// or http://.")
    base, _, collection = url.rstrip("/").partition("/collections/")
    return Catalogue(_OWN, urlsplit(url).hostname or _OWN, base, collection or "sentinel-2-l2a", heights=GLO_30)


def _web_address(href: str) -> str:
    """Refuse what a catalogue should not name: files of this machine, GDAL's own path prefixes."""
    if urlsplit(href).scheme not in ("http", "https", "s3"):
        raise SourceError("The catalogue names a file that is on no web server; choose another catalogue.")
    return href
