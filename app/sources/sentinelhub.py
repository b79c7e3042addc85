"""Sentinel-2 L2A from Sentinel Hub through xcube-sh, with the call the thesis made; needs an account."""

import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from statistics import fmean
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import xarray as xr

from app import config
from app.bands import CLOUD_MASK
from app.config import SentinelHubAccount
from app.errors import SceneMissingError, SourceBusyError, SourceError
from app.grid import TILE_PX, require_one_side
from app.patches import NODATA, PatchSpec, Progress, assemble, build, no_progress
from app.sources import (
    SourceInfo,
    limits_told,
    require_account,
    sentinelhub_answer,
    sentinelhub_costs,
    sentinelhub_heights,
    xcube_process,
)
from app.sources.scenes import SceneInfo, ScenesBrokenOffError, stretches
from app.sources.sentinelhub_costs import Cost
from app.sources.sentinelhub_failures import GUIDE, sentence
from app.sources.sentinelhub_request import CDSE as CDSE
from app.sources.sentinelhub_request import CLASSIC, Service, as_reached, on_own_grid, variables
from app.sources.xcube_process import Watch, WorkerFailedError
from app.terrain.heights import Heights

PARALLEL = 8  # requests under way at once; the service allows 300 a minute
LOOPBACK = ("127.0.0.1", "localhost")
_SENSOR = re.compile(r"S2[A-D]_")


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

    def uses_account(self, spec: PatchSpec) -> bool:
        """Whether fetching a patch takes from an account: any does."""
        return True

    def estimate(self, spec: PatchSpec, scenes: tuple[int, int] | None = None) -> Cost:
        """Return the processing units and requests that opening ``spec`` takes, of a composite of so many scenes."""
        return sentinelhub_costs.estimate(spec, scenes)

    def open(self, spec: PatchSpec, progress: Progress = no_progress) -> xr.Dataset:
        """Return the pair on ``spec.grid``: reflectance, zeros kept, NaN where nothing was measured.

        Raises SourceError with one sentence that says what to do: no xcube-sh, no or wrong
        credentials, no scene, quota, rate limit, out of reach, past the deadline. Raises
        what ``progress`` raises, at any moment.
        """
        account, python = self._usable_account(), _interpreter()
        service = as_reached(self._service, account)
        with tempfile.TemporaryDirectory(prefix="scarp-sentinelhub-", ignore_cleanup_errors=True) as folder:
            job = _job(spec, service, account, folder)
            done = _run(job, python, sentinelhub_costs.estimate(spec), service, progress)
            progress(0.97, "Putting the patch together")
            bands, clm = sentinelhub_answer.read(spec, service, Path(folder))
            return assemble(spec, bands, clm, sentinelhub_answer.attrs(service, done))

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
        service = as_reached(self._service, account)
        asked = on_own_grid(spec)
        with tempfile.TemporaryDirectory(prefix="scarp-sentinelhub-", ignore_cleanup_errors=True) as folder:
            job = _job(asked, service, account, folder) | {"dates": [str(scene.date)]}
            done = _run(job, python, sentinelhub_costs.of_scenes(spec, 1), service, progress)
            bands, clm = sentinelhub_answer.read(asked, service, Path(folder))
            snow = sentinelhub_answer.snow(service, Path(folder))
        attrs = sentinelhub_answer.attrs(service, {**done, "scenes": (done["scenes"][0], "")})
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
            cost = sentinelhub_costs.of_heights(spec)
            asked = {"units_per_request": cost.units, **sentinelhub_heights.job(spec.grid)}
            job = _job(spec, self._service, account, folder) | asked
            _run(job, python, cost, self._service, progress)
            return sentinelhub_heights.found(Path(folder), spec.grid, self._service.title)

    def _usable_account(self) -> SentinelHubAccount:
        require_account(self._service.title)
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


def _job(spec: PatchSpec, service: Service, account: SentinelHubAccount, folder: str) -> dict[str, object]:
    require_one_side(spec.bbox, service.title)
    return {
        "store": service.store,
        "account": account,  # hides itself in a repr, so no traceback with values can show it
        "variables": variables(spec, service),
        "bbox": list(spec.bbox),
        "spatial_res": spec.resolution_deg,
        "tile": TILE_PX,
        "dates": [str(spec.t1), str(spec.t2)],
        "folder": folder,
        "parallel": PARALLEL,
        "units_per_request": sentinelhub_costs.units_per_request(spec),
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
        said = sentence(failed.event, service, cost, job["account"])
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
