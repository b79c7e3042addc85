"""What xcube-sh is asked for a patch: at which service, for which variables, on which grid and in which tiles."""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from app.bands import CLOUD_MASK
from app.config import SentinelHubAccount
from app.grid import TILE_PX
from app.patches import PatchSpec

DATA_MASK = "dataMask"
SCENE_CLASS = "SCL"


@dataclass(frozen=True)
class Service:
    """One installation of Sentinel Hub, as xcube-sh names it."""

    name: str  # Scarp's source
    store: str  # xcube-sh's data store
    title: str
    cloud_band: str


CLASSIC = Service("sentinelhub", "sentinelhub", "Sentinel Hub", CLOUD_MASK)
# Copernicus Data Space has no CLM: it is derived from the scene classification
CDSE = Service("sentinelhub-cdse", "sentinelhub-cdse", "Sentinel Hub on Copernicus Data Space", SCENE_CLASS)


def as_reached(service: Service, account: SentinelHubAccount) -> Service:
    """Return the service that answers at the account's address: a store can be pointed at the other one."""
    host = urlsplit(account.instance_url).hostname or ""
    return replace(service, cloud_band=SCENE_CLASS) if host.endswith("dataspace.copernicus.eu") else service


def variables(spec: PatchSpec, service: Service) -> list[str]:
    """Return the names of what is asked for at each date: the bands, what tells clouds, and what was measured."""
    return [*spec.bands, service.cloud_band, DATA_MASK]


def on_own_grid(spec: PatchSpec) -> PatchSpec:
    """Return a spec on the grid that xcube-sh makes of box and resolution, as fine as the one wanted."""
    if spec.on is None:
        return spec
    return replace(spec, on=None, resolution_deg=max(spec.on.res_x, spec.on.res_y))


def tile_px(side: int) -> int:
    """Return the side of a request in pixels; below one and a half tiles xcube-sh asks for the whole."""
    return side if side < 1.5 * TILE_PX else TILE_PX
