"""The half of the Sentinel Hub source that runs beside xcube-sh, in a process of its own.

It reads jobs from standard input, one JSON line each, makes the thesis's call, writes one
``.npy`` file per variable into the job's folder and answers with JSON lines: ``doing``,
``answered``, ``wait``, then ``done`` or ``error``. No other module of Scarp imports it.
A job of ``heights`` is one request for the ground, without dates; one of ``stretches`` lists the catalogue's scenes and
answers ``listed`` for each stretch of time.
"""

import contextlib
import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from app.processes import child
from app.sources import xcube_heights

if TYPE_CHECKING:
    from requests import Response, Session

DATA_ID = "S2L2A"
COLLECTION = "sentinel-2-l2a"
DATA_MASK = "dataMask"
ATTEMPTS = 10  # xcube-sh would try 200 times; it calls this number num_retries
REQUEST_TIMEOUT_S = (10, 60)  # connect, read; xcube-sh waits for ever
IDLE_S = 120.0  # a worker nobody used for that long ends and gives its memory back
FINAL = {400, 403, 404}  # trying again cannot help, yet xcube-sh would

Say = Callable[..., None]


class RefusedError(Exception):
    """Sentinel Hub refused a request for good; carries the answer."""

    def __init__(self, response: "Response") -> None:
        super().__init__(f"HTTP {response.status_code}")
        self.response = response


class NoSceneError(Exception):
    """Nothing was acquired over the box on that day."""

    def __init__(self, day: str) -> None:
        super().__init__(day)
        self.day = day


class Meter:
    """Counts what Sentinel Hub answers, and stops what cannot succeed."""

    def __init__(self, say: Say, units_per_request: float) -> None:
        self.say, self.units_per_request = say, units_per_request
        self.answered, self.failed, self.units = 0, 0, 0.0
        self.lock = threading.Lock()

    def attach(self, session: "Session") -> None:
        """Watch every answer of a requests session and give its requests a time limit."""
        session.hooks["response"].append(self.note)
        # a session has no time limit of its own to set
        session.request = partial(session.request, timeout=REQUEST_TIMEOUT_S)  # type: ignore[method-assign]

    def note(self, response: "Response", *_: object, **__: object) -> None:
        """Count one answer of the process interface; raises RefusedError where it is final."""
        if not urlsplit(response.url).path.endswith("/process"):
            return
        with self.lock:
            if response.ok:
                self.answered += 1
                self.units += self._spent(response)
                self.say("answered", requests=self.answered)
                return
            self.failed += 1
        if response.status_code in FINAL:
            raise RefusedError(response)
        if response.status_code == 429:
            wait_ms = _in_milliseconds(response.headers.get("Retry-After"))
            response.headers["Retry-After"] = str(wait_ms)
            self.say("wait", seconds=wait_ms / 1000)

    def _spent(self, response: "Response") -> float:
        try:
            return float(response.headers["X-ProcessingUnits-Spent"])
        except (KeyError, ValueError):
            return self.units_per_request


def fetch(job: dict, say: Say) -> None:
    """Bring the two dates of a job and write ``lon``, ``lat`` and each variable (2, height, width).

    What lies under the box is looked at first: a date without a scene costs one request.
    Raises what xcube-sh raises, RefusedError or NoSceneError.
    """
    import numpy as np

    folder, meter = Path(job["folder"]), Meter(say, job["units_per_request"])
    say("doing", text="logging in")
    store = _open_store(job)
    hub = store._sentinel_hub  # the store offers no other way to its session and its catalogue
    meter.attach(hub.session)
    if job.get("heights"):
        say("doing", text="asking for heights")
        xcube_heights.fetch(job, hub)
        return say("done", requests=meter.answered, failed=meter.failed, units=meter.units)
    if job.get("stretches"):
        list_scenes(job, hub, say)
        return say("done", requests=0, failed=0, units=0.0)
    say("doing", text="looking for scenes")
    scenes = [_scenes(hub, job["bbox"], day) for day in job["dates"]]
    cubes = [_persist(partial(_open_cube, store, job, day)) for day in job["dates"]]
    for axis in ("lon", "lat"):
        np.save(folder / f"{axis}.npy", cubes[0][axis].values)
    say("doing", text="asking what was measured under the box")
    masks = _save(cubes, [DATA_MASK], folder, job["parallel"])
    for day, mask in zip(job["dates"], masks[DATA_MASK], strict=True):
        if not mask.any():
            raise NoSceneError(day)
    _save(cubes, [name for name in job["variables"] if name != DATA_MASK], folder, job["parallel"])
    return say("done", scenes=scenes, requests=meter.answered, failed=meter.failed, units=meter.units)


def _open_store(job: dict) -> Any:
    from xcube.core.store import new_data_store

    account = {name: value for name, value in job["account"].items() if value}
    if urlsplit(account.get("oauth2_url", "")).hostname in ("127.0.0.1", "localhost"):
        os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # oauthlib wants https even on loopback
    limits = {"num_retries": ATTEMPTS, "retry_backoff_max": 400, "error_policy": "fail"}
    return _persist(lambda: new_data_store(job["store"], **account, **limits))


def _open_cube(store: Any, job: dict, day: str) -> Any:
    """Open one date, as the thesis did; fill values are off because a zero is a measurement."""
    return store.open_data(
        DATA_ID,
        variable_names=job["variables"],
        variable_fill_values=[None] * len(job["variables"]),
        bbox=job["bbox"],
        spatial_res=job["spatial_res"],
        time_range=(day, day),
        time_period="1D",
        tile_size=(job["tile"], job["tile"]),
    )


def _scenes(hub: Any, bbox: list[float], day: str) -> list[str]:
    """Return the ids of a day's scenes; none where the catalogue cannot say, NoSceneError where there are none."""
    from xcube_sh.sentinelhub import SentinelHubError

    span = (f"{day}T00:00:00Z", f"{day}T23:59:59Z")
    try:
        found = _persist(partial(hub.get_features, COLLECTION, bbox=bbox, time_range=span))
    except SentinelHubError as error:
        if error.response is not None and error.response.status_code in (401, 403):
            raise
        return []
    if not found:
        raise NoSceneError(day)
    return sorted({str(scene["id"]) for scene in found if scene.get("id")})


def list_scenes(job: dict, hub: Any, say: Say) -> None:
    """Say of each stretch of time which scenes the catalogue has: id, time, and cloud in per cent where it is told.

    The catalogue asks for no processing units. Raises what xcube-sh raises, after the stretches that came were said.
    """
    for first, last in job["stretches"]:
        say("doing", text=f"listing scenes from {first} to {last}")
        span = (f"{first}T00:00:00Z", f"{last}T23:59:59Z")
        found = _persist(partial(hub.get_features, COLLECTION, bbox=job["bbox"], time_range=span))
        say("listed", scenes=[_told(one) for one in found])


def _told(feature: dict) -> dict[str, object]:
    told = feature.get("properties") or {}
    return {
        "id": str(feature.get("id", "")), "time": str(told.get("datetime", "")),
        "cloud_pct": told.get("eo:cloud_cover"),
    }  # fmt: skip


def _save(cubes: list, names: list[str], folder: Path, parallel: int) -> dict:
    """Write variables to disk tile by tile, so that memory holds only the tiles under way."""
    import dask
    import dask.array as da
    import numpy as np

    files, tiles, places = {}, [], []
    for name in names:
        height, width = cubes[0][name].shape[1:]
        dtype = cubes[0][name].dtype
        files[name] = np.lib.format.open_memmap(folder / f"{name}.npy", "w+", dtype, (len(cubes), height, width))
        for index, cube in enumerate(cubes):
            tiles.append(cube[name].data[0])
            places.append(files[name][index])
    pool = ThreadPoolExecutor(parallel)
    try:
        with dask.config.set(scheduler="threads", pool=pool):
            da.store(tiles, places, lock=False)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return files


def _persist(call: Callable, attempts: int = 4) -> Any:
    """Call until it answers: xcube-sh tries again only where it reads pixels."""
    import requests
    from xcube_sh.sentinelhub import SentinelHubError

    for attempt in range(1, attempts + 1):
        try:
            return call()
        except (requests.RequestException, SentinelHubError) as error:
            response = error.response
            passing = response is None or response.status_code == 429 or response.status_code >= 500
            if attempt == attempts or not passing:
                raise
            after = response.headers.get("Retry-After") if response is not None else None
            time.sleep(_in_milliseconds(after) / 1000 + 0.2 * attempt)


def _in_milliseconds(retry_after: str | None) -> int:
    """Return how long to wait: Sentinel Hub states milliseconds, a proxy before it may state a date."""
    text = (retry_after or "").strip()
    if text.isdigit():
        return int(text)
    try:
        return max(0, round((parsedate_to_datetime(text).timestamp() - time.time()) * 1000))
    except ValueError:
        return 100


def explain(error: BaseException) -> dict[str, object]:
    """Return what happened as plain values: ``kind``, and ``status`` and ``detail`` of a refused request."""
    if isinstance(error, NoSceneError):
        return {"kind": "no-scene", "day": error.day}
    if isinstance(error, ImportError):
        return {"kind": "not-installed", "detail": str(error)}
    import zlib

    import oauthlib.oauth2
    import requests

    response = getattr(error, "response", None)
    if response is not None:
        return {"kind": "refused", "status": response.status_code, "detail": _server_message(response)}
    if isinstance(error, oauthlib.oauth2.OAuth2Error):
        refused = error.error in ("invalid_client", "unauthorized_client", "access_denied", "invalid_grant")
        return {"kind": "login" if refused else "no-token", "detail": error.error or ""}
    if isinstance(error, (requests.RequestException, ConnectionError, TimeoutError)):
        return {"kind": "unreachable", "detail": type(error).__name__}
    if isinstance(error, OSError):
        return {"kind": "disk", "detail": error.strerror or type(error).__name__}
    if isinstance(error, (zlib.error, ValueError, RuntimeError)):
        return {"kind": "damaged", "detail": type(error).__name__}
    return {"kind": "other", "detail": type(error).__name__}


def _server_message(response: "Response") -> str:
    """Return what Sentinel Hub says in an error answer, shortened to one line."""
    try:
        message = response.json()["error"]["message"]
    except (ValueError, KeyError, TypeError):
        message = response.reason or ""
    return " ".join(str(message).split())[:200].rstrip(".")


def serve(jobs: Iterable[dict], say: Say) -> None:
    """Do jobs as long as any come, or until one fails and leaves requests under way."""
    for job in jobs:
        before = set(threading.enumerate())
        try:
            fetch(job, say)
        except Exception as error:  # whatever xcube-sh, dask or requests raise ends up in one sentence
            reusable = _quiet(before)
            say("error", **explain(error), reusable=reusable)
            if not reusable:
                return


def _quiet(before: set[threading.Thread], patience_s: float = 1.0) -> bool:
    """Wait a little for the threads that are not in ``before``; return whether all have ended."""
    ends = time.monotonic() + patience_s
    left = set(threading.enumerate()) - before
    for thread in left:
        thread.join(timeout=max(0.0, ends - time.monotonic()))
    return not any(thread.is_alive() for thread in left)


def main() -> None:
    """Serve until standard input closes, which also happens when Scarp itself is killed."""
    answers, lock = child.own_output(), threading.Lock()
    folders: list[str] = []  # of the job that came last

    def say(event: str, **values: object) -> None:
        with lock, contextlib.suppress(OSError):
            answers.write(json.dumps({"event": event, **values}).encode() + b"\n")
            answers.flush()

    def read() -> dict | None:
        line = sys.stdin.readline()
        if not line:
            return None
        job = json.loads(line)
        folders[:] = [job["folder"]]
        return job

    def leave() -> None:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)

    serve(child.jobs(read, IDLE_S, leave), say)
    os._exit(0)  # threads of dask may still wait for answers nobody needs


if __name__ == "__main__":
    main()
