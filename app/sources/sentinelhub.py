"""Sentinel-2 L2A from Sentinel Hub through xcube-sh, with the call the thesis made; needs an account."""

import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np
import xarray as xr

from app import config
from app.bands import CLOUD_MASK
from app.config import SentinelHubAccount
from app.errors import SceneMissingError, SourceBusyError, SourceError
from app.grid import TILE_PX, require_one_side
from app.patches import NODATA, PatchSpec, Progress, Span, assemble, build, no_progress
from app.sources import SourceInfo, choosing, limits_told, scl, sentinelhub_heights, xcube_process
from app.sources.compositing import needed
from app.sources.scenes import SNOW, SceneInfo, ScenesBrokenOffError, stretches
from app.sources.xcube_process import Watch, WorkerFailedError
from app.terrain.heights import Heights

DATA_MASK = "dataMask"
SCENE_CLASS = "SCL"
PARALLEL = 8  # requests under way at once; the service allows 300 a minute
AGREEMENT_DEG = 1e-9  # how far delivered pixel centres may lie from the common grid
LOOPBACK = ("127.0.0.1", "localhost")
_SENSOR = re.compile(r"S2[A-D]_")
GUIDE = "docs/SENTINELHUB.md"


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


class Cost(NamedTuple):
    """What a patch takes from the account."""

    units: float  # processing units
    requests: int


def estimate(spec: PatchSpec, scenes: tuple[int, int] | None = None) -> Cost:
    """Return the processing units and requests that opening ``spec`` takes, failed tries not counted.

    xcube-sh asks once per variable, tile and date, and once for heights where they are wanted. ``scenes`` says of how
    many T1 and T2 are composed; without it, of as many as a span has days, up to the most that are taken.
    Source: Sentinel Hub's processing unit definition; docs/SENTINELHUB.md has the formula.
    """
    parts = [
        estimate_scenes(_read_for(spec, span), count)
        for span, count in zip(spec.spans, scenes or _most_scenes(spec), strict=True)
    ]
    ground = _cost_of_heights(spec) if spec.heights else Cost(0.0, 0)
    return Cost(*(sum(part) for part in zip(*parts, ground, strict=True)))


def _read_for(spec: PatchSpec, span: Span | None) -> PatchSpec:
    """Return a spec with the bands that a date reads: a span's way may need some that nobody wants."""
    more = needed(spec.composite) if span else ()
    return replace(spec, bands=(*spec.bands, *(name for name in more if name not in spec.bands)))


def _most_scenes(spec: PatchSpec) -> tuple[int, int]:
    """Return of how many scenes either date is made at most."""
    days = [1 if span is None else (span[1] - span[0]).days + 1 for span in spec.spans]
    return min(choosing.MOST_COMPOSED, days[0]), min(choosing.MOST_COMPOSED, days[1])


def estimate_scenes(spec: PatchSpec, scenes: int) -> Cost:
    """Return what so many scenes of a spec take, each opened by itself, without heights."""
    asked = _plain(spec)
    height, width = asked.grid.shape
    tiles = -(-height // _tile(height)) * -(-width // _tile(width))
    requests = scenes * tiles * len(_variables(asked, CLASSIC))
    return Cost(requests * _units_per_request(asked), requests)


def _plain(spec: PatchSpec) -> PatchSpec:
    """Return a spec on the grid that xcube-sh makes of box and resolution, as fine as the one wanted."""
    if spec.on is None:
        return spec
    return replace(spec, on=None, resolution_deg=max(spec.on.res_x, spec.on.res_y))


def of_catalogue(listed: Sequence[Mapping[str, Any]]) -> tuple[SceneInfo, ...]:
    """Return the days of what the catalogue told: ``id``, ``time``, ``cloud_pct`` or None; without a day left out."""
    days: dict[date, list[Mapping[str, Any]]] = {}
    for one in listed:
        try:
            days.setdefault(date.fromisoformat(str(one["time"])[:10]), []).append(one)
        except ValueError:
            continue
    return tuple(_day(day, tiles) for day, tiles in sorted(days.items()))


def _day(day: date, tiles: Sequence[Mapping[str, Any]]) -> SceneInfo:
    ids = sorted({str(one["id"]) for one in tiles})
    clouds = [float(one["cloud_pct"]) for one in tiles if isinstance(one["cloud_pct"], (int, float))]
    sensors = sorted({name[:3] for name in ids if _SENSOR.match(name)})
    return SceneInfo(day, "+".join(ids), cloud_pct=fmean(clouds) if clouds else None, sensor=", ".join(sensors))


def _cost_of_heights(spec: PatchSpec) -> Cost:
    return Cost(_units(*sentinelhub_heights.asked(spec.grid).shape), 1)


class SentinelHubSource:
    """Opens pairs through xcube-sh in a process of its own; needs an OAuth client."""

    def __init__(self, service: Service = CLASSIC, account: SentinelHubAccount | None = None) -> None:
        self._service = service
        self._account = account

    def describe(self) -> SourceInfo:
        """Return what this service needs, costs and cannot do; opens no connection."""
        settings = config.settings()
        account = self._account or settings.sentinelhub
        masks = "with the cloud mask CLM" if self._service.cloud_band == CLOUD_MASK else "clouds derived from SCL"
        return SourceInfo(
            name=self._service.name,
            title=self._service.title,
            summary=f"Real Sentinel-2 L2A scenes through xcube-sh, as the thesis read them, {masks}.",
            needs=f"An account: SH_CLIENT_ID and SH_CLIENT_SECRET; xcube-sh in this or another environment ({GUIDE}).",
            cost="Processing units of the account; the number for a patch is shown before it is opened.",
            limits=f"Only days on which a scene was taken; at most {settings.deadline_s:g} seconds a patch.",
            attribution="Contains modified Copernicus Sentinel data, processed by Sentinel Hub.",
            variant=urlsplit(account.instance_url).netloc,  # another service has another cloud mask
            heights=sentinelhub_heights.TITLE,
            scenes=True,
        )

    def estimate(self, spec: PatchSpec, scenes: tuple[int, int] | None = None) -> Cost:
        """Return the processing units and requests that opening ``spec`` takes, of a composite of so many scenes."""
        return estimate(spec, scenes)

    def open(self, spec: PatchSpec, progress: Progress = no_progress) -> xr.Dataset:
        """Return the pair on ``spec.grid``: reflectance, zeros kept, NaN where nothing was measured.

        Raises SourceError with one sentence that says what to do: no xcube-sh, no or wrong
        credentials, no scene, quota, rate limit, out of reach, past the deadline. Raises
        what ``progress`` raises, at any moment.
        """
        account, python = self._usable_account(), _interpreter()
        service = _as_reached(self._service, account)
        with tempfile.TemporaryDirectory(prefix="scarp-sentinelhub-", ignore_cleanup_errors=True) as folder:
            job = _job(spec, service, account, folder)
            done = _run(job, python, estimate(spec), service, progress)
            progress(0.97, "Putting the patch together")
            return _patch(spec, service, Path(folder), done)

    def scenes(
        self, spec: PatchSpec, first: date, last: date, progress: Progress = no_progress
    ) -> tuple[SceneInfo, ...]:
        """Return the days on which the service's catalogue has a scene, without processing units.

        Raises ScenesBrokenOffError where it stops after some came, and as ``open`` does.
        """
        account, python = self._usable_account(), _interpreter()
        listed: list[Mapping[str, Any]] = []

        def heard(event: Mapping[str, Any] | None) -> None:
            if event is not None and event["event"] == "listed":
                listed.extend(event["scenes"])

        with tempfile.TemporaryDirectory(prefix="scarp-sentinelhub-", ignore_cleanup_errors=True) as folder:
            job = _job(spec, self._service, account, folder)
            job["stretches"] = [(str(one), str(other)) for one, other in stretches(first, last)]
            try:
                _run(job, python, Cost(0.0, 1), self._service, progress, heard)
            except SourceError as error:
                if not listed:
                    raise
                found = of_catalogue(listed)
                raise ScenesBrokenOffError(f"The list ends with {found[-1].date}: {error}", found) from error
        return of_catalogue(listed)

    def open_scene(self, spec: PatchSpec, scene: SceneInfo, progress: Progress = no_progress) -> xr.Dataset:
        """Return one day on ``spec.grid``, of a coarser grid asked for in its own resolution; raises as ``open``."""
        account, python = self._usable_account(), _interpreter()
        service = _as_reached(self._service, account)
        asked = _plain(spec)
        with tempfile.TemporaryDirectory(prefix="scarp-sentinelhub-", ignore_cleanup_errors=True) as folder:
            job = _job(asked, service, account, folder) | {"dates": [str(scene.date)]}
            done = _run(job, python, estimate_scenes(spec, 1), service, progress)
            bands, clm = _read(asked, service, Path(folder))
            snow = _snow(service, Path(folder))
        attrs = _attrs(service, {**done, "scenes": (done["scenes"][0], "")})
        labels = {name: value for name, value in attrs.items() if name not in ("t1_scenes", "t2_scenes")}
        if spec.on is not None:
            bands = {name: asked.grid.sampled(one[0], spec.grid, np.nan)[None] for name, one in bands.items()}
            clm = asked.grid.sampled(clm[0], spec.grid, NODATA)[None]
        return build(
            spec.grid, [scene.date], bands, clm, {"title": "Sentinel-2 L2A scene", "scene": scene.id, **snow, **labels}
        )

    def heights(self, spec: PatchSpec, progress: Progress = no_progress) -> Heights:
        """Return the heights of ``spec.grid`` in one request; open sea has height 0. Raises as ``open`` does."""
        account, python = self._usable_account(), _interpreter()
        with tempfile.TemporaryDirectory(prefix="scarp-sentinelhub-", ignore_cleanup_errors=True) as folder:
            cost = _cost_of_heights(spec)
            asked = {"units_per_request": cost.units, **sentinelhub_heights.job(spec.grid)}
            job = _job(spec, self._service, account, folder) | asked
            _run(job, python, cost, self._service, progress)
            return sentinelhub_heights.found(Path(folder), spec.grid, self._service.title)

    def _usable_account(self) -> SentinelHubAccount:
        account = self._account or config.settings().sentinelhub
        if not account.complete:
            raise SourceError(
                f"{self._service.title} needs an account: set SH_CLIENT_ID and SH_CLIENT_SECRET in the environment "
                f"or in .streamlit/secrets.toml and start Scarp again ({GUIDE} says where to get them)."
            )
        for name, address in (("SH_INSTANCE_URL", account.instance_url), ("SH_OAUTH2_URL", account.oauth2_url)):
            parts = urlsplit(address)
            if address and parts.scheme != "https" and parts.hostname not in LOOPBACK:
                raise SourceError(f"{name} must begin with https://, or the credentials would travel in the open.")
        return account


def source() -> SentinelHubSource:
    """Return the classic Sentinel Hub; the account comes from the settings."""
    return SentinelHubSource(CLASSIC)


def _interpreter() -> str:
    """Return the Python that has xcube-sh: the one named in the settings, or this one."""
    named = config.settings().xcube_python
    if not named and (find_spec("xcube_sh") is None or find_spec("xcube") is None):
        raise SourceError(
            "xcube-sh is not installed here. Create its environment (`conda env create -f environment.yml`) and "
            f"start Scarp there, or set SCARP_XCUBE_PYTHON to that environment's python ({GUIDE}). "
            "The source stac brings real scenes without it."
        )
    return named or sys.executable


def _as_reached(service: Service, account: SentinelHubAccount) -> Service:
    """Return the service that answers at the account's address: a store can be pointed at the other one."""
    host = urlsplit(account.instance_url).hostname or ""
    return replace(service, cloud_band=SCENE_CLASS) if host.endswith("dataspace.copernicus.eu") else service


def _variables(spec: PatchSpec, service: Service) -> list[str]:
    return [*spec.bands, service.cloud_band, DATA_MASK]


def _tile(side: int) -> int:
    """Return the side of a request in pixels; below one and a half tiles xcube-sh asks for the whole."""
    return side if side < 1.5 * TILE_PX else TILE_PX


def _units_per_request(spec: PatchSpec) -> float:
    """Return the processing units of one band of one tile in xcube-sh's binary format (factor 1.4)."""
    return _units(*(_tile(side) for side in spec.grid.shape))


def _units(height: int, width: int) -> float:
    return max(0.005, max(0.01, width * height / 512**2) / 3 * 1.4)


def _job(spec: PatchSpec, service: Service, account: SentinelHubAccount, folder: str) -> dict[str, object]:
    require_one_side(spec.bbox, service.title)
    return {
        "store": service.store,
        "account": account,  # hides itself in a repr, so no traceback with values can show it
        "variables": _variables(spec, service),
        "bbox": list(spec.bbox),
        "spatial_res": spec.resolution_deg,
        "tile": TILE_PX,
        "dates": [str(spec.t1), str(spec.t2)],
        "folder": folder,
        "parallel": PARALLEL,
        "units_per_request": _units_per_request(spec),
    }


def _run(
    job: dict, python: str, cost: Cost, service: Service, progress: Progress, heard: Watch = lambda event: None
) -> dict:
    deadline_s = config.settings().deadline_s
    watch = _Watch(progress, cost.requests, service, heard)
    try:
        return xcube_process.run(job, python, deadline_s, watch)
    except TimeoutError as error:
        raise SourceError(
            f"{service.title} did not deliver within {deadline_s:g} seconds ({watch.doing}); nothing was kept. "
            "Try again later, choose fewer bands or a coarser resolution, or raise SCARP_DEADLINE_S."
        ) from error
    except WorkerFailedError as failed:
        kind = SceneMissingError if failed.event["kind"] == "no-scene" else SourceError
        said = _sentence(failed.event, service, cost, job["account"])
        if failed.event.get("status") == 429:
            raise SourceBusyError(said, limits_told.USUAL_S) from None
        raise kind(said) from None
    except OSError as error:
        raise SourceError(
            f"SCARP_XCUBE_PYTHON names {python}, which cannot be started ({error.strerror}); "
            f"name the python of an environment that has xcube-sh ({GUIDE})."
        ) from error


class _Watch:
    """Turns a worker's events into progress; keeps calling it in between, so that a person can stop."""

    def __init__(self, progress: Progress, requests: int, service: Service, heard: Watch) -> None:
        self.progress, self.requests, self.service, self.heard = progress, requests, service, heard
        self.share, self.doing = 0.0, "starting xcube-sh"

    def __call__(self, event: Mapping[str, Any] | None) -> None:
        self.heard(event)
        if event is not None:
            self._learn(event)
        self.progress(self.share, f"{self.service.title}: {self.doing}")

    def _learn(self, event: Mapping[str, Any]) -> None:
        if event["event"] == "doing":
            self.share, self.doing = max(self.share, 0.03), str(event["text"])
        elif event["event"] == "answered":
            answered = min(int(event["requests"]), self.requests)
            self.share = 0.05 + 0.9 * answered / self.requests
            self.doing = f"{answered} of {self.requests} requests answered"
        elif event["event"] == "wait":
            self.doing = f"rate limit reached, waiting {float(event['seconds']):.1f} seconds as the service asks"


def _patch(spec: PatchSpec, service: Service, folder: Path, done: Mapping[str, Any]) -> xr.Dataset:
    return assemble(spec, *_read(spec, service, folder), _attrs(service, done))


def _read(spec: PatchSpec, service: Service, folder: Path) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return bands (time, y, x), NaN where nothing was measured, and CLM of the dates that lie in a folder."""

    def read(name: str) -> np.ndarray:
        return np.load(folder / f"{name}.npy")

    _check_grid(spec, read("lon"), read("lat"), service)
    valid = read(DATA_MASK) > 0
    bands = {}
    for name in spec.bands:
        bands[name] = read(name).astype(np.float32, copy=False)
        bands[name][~valid] = np.nan
    return bands, cloud_mask(read(service.cloud_band), valid, service.cloud_band)


def _snow(service: Service, folder: Path) -> dict[str, float]:
    """Return how much of a scene is snow, where the service delivers scene classes."""
    if service.cloud_band != SCENE_CLASS:
        return {}
    return {SNOW: scl.snow_share(np.load(folder / f"{SCENE_CLASS}.npy"))}


def cloud_mask(raw: np.ndarray, valid: np.ndarray, band: str) -> np.ndarray:
    """Return CLM (uint8: 0 clear, 1 cloud or shadow, 255 nodata) from what a service delivers.

    ``raw`` is CLM itself or the scene classification SCL (0 to 11), as ``band`` says, and
    ``valid`` is True where something was measured; all three have the same shape.
    """
    clm = scl.cloud_mask(raw) if band == SCENE_CLASS else raw.astype(np.uint8)
    clm[~valid] = NODATA
    return clm


def _check_grid(spec: PatchSpec, longitude: np.ndarray, latitude: np.ndarray, service: Service) -> None:
    on = spec.grid
    for delivered, wanted in ((longitude, on.x), (latitude, on.y)):
        if delivered.shape != wanted.shape or np.abs(delivered - wanted).max() > AGREEMENT_DEG:
            raise SourceError(
                f"{service.title} delivered another grid than asked for, so the patch was not kept. "
                "This xcube-sh rounds differently; install version 0.11.2."
            )


def _attrs(service: Service, done: Mapping[str, Any]) -> dict[str, object]:
    t1_scenes, t2_scenes = done["scenes"]
    how = "CLM of Sentinel Hub (s2cloudless, 160 m)" if service.cloud_band == CLOUD_MASK else "derived from SCL"
    return {
        "simulated": False,
        "service": service.title,
        "t1_scenes": t1_scenes,
        "t2_scenes": t2_scenes,
        "cloud_mask": how,
        "reflectance_offset": "removed by Sentinel Hub (harmonizeValues)",
        "processing_units": round(float(done["units"]), 4),
        "requests": int(done["requests"]),
        "requests_failed": int(done["failed"]),
        "attribution": "Contains modified Copernicus Sentinel data, processed by Sentinel Hub",
    }


def _sentence(event: Mapping[str, Any], service: Service, cost: Cost, account: SentinelHubAccount) -> str:
    """Return what a failure means and what to do about it, free of credentials."""
    detail = str(event.get("detail", ""))
    for secret in (account.client_secret, account.client_id):
        detail = detail.replace(secret, "***")
    if event["kind"] == "refused":
        return _refusal(int(event["status"]), detail, service, cost)
    sentences = {
        "no-scene": f"{service.title} has no scene of this place on {event.get('day')}; choose another date.",
        "login": f"{service.title} did not accept SH_CLIENT_ID and SH_CLIENT_SECRET ({detail}). {_LOGIN}",
        "no-token": f"{service.title} gave no access token ({detail}). Check SH_OAUTH2_URL, or try again later.",
        "unreachable": f"{service.title} cannot be reached or broke off ({detail}). "
        "Check the network and proxy, then try again; demo and sample need no network.",
        "not-installed": f"The Python that should have xcube-sh lacks a part of it ({detail}). "
        f"Set SCARP_XCUBE_PYTHON to an environment made from environment.yml ({GUIDE}).",
        "damaged": f"An answer of {service.title} arrived damaged ({detail}), so nothing was kept; try again.",
        "disk": f"There is no room or right to write what {service.title} sends ({detail}); free some disk space.",
        "ended": f"The process that talks to {service.title} ended by itself ({detail}); try again.",
    }
    return sentences.get(str(event["kind"]), f"Reading from {service.title} failed ({detail}); try again.")


_LOGIN = "Check them, and that they belong to this service: Sentinel Hub and Copernicus Data Space have separate ones."


def _refusal(status: int, detail: str, service: Service, cost: Cost) -> str:
    """Return the sentence for an answer that is an HTTP error."""
    if status == 401:
        return f"{service.title} did not accept the credentials (401 {detail}). {_LOGIN}"
    if status == 403:
        return (
            f"{service.title} refused (403 {detail}): the account's processing units or requests are used up, or it "
            f"has no right to this data. This takes about {cost.units:.2f} units, requests: {cost.requests}; look at "
            "your account's dashboard, or use the source stac."
        )
    if status == 429:
        return (
            f"{service.title} kept saying that its rate limit is reached (429 {detail}). "
            "Wait a minute, then open fewer patches at once."
        )
    if status >= 500:
        return f"{service.title} failed on its side, several times in a row ({status} {detail}). Try again later."
    return f"{service.title} does not understand the request ({status} {detail}); try other bands or another box."
