"""A Sentinel Hub on loopback: log-in, catalogue and process interface, with every failure a test may ask for.

Pixels are a fixed function of place and day, so neighbouring tiles join, the two dates
differ, and a test can say what each pixel has to be. Needs numpy and the names of the bands.
"""

import base64
import itertools
import json
import re
import threading
import time
import zlib
from dataclasses import dataclass, field
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import numpy as np

from app.bands import ALL_BANDS

CLIENT_ID, CLIENT_SECRET = "scarp-test-client", "s3cr3t-never-to-be-seen"
DTYPES = {"UINT8": "u1", "UINT16": "<u2", "FLOAT32": "<f4"}
HEIGHTS, MODEL = "DEM", "COPERNICUS_30"  # a data collection, and the model of heights that is meant
REFLECTANCE = {name: 0.04 + 0.02 * position for position, name in enumerate(ALL_BANDS)}
MASKS = {"classic": {"CLM", "CLP", "SCL", "dataMask"}, "cdse": {"SCL", "CLD", "dataMask"}}


def pixel_centres(bbox: list[float], width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Return longitude and latitude of every pixel centre, float64 (height, width), north first."""
    west, south, east, north = bbox
    longitude = west + (np.arange(width) + 0.5) * (east - west) / width
    latitude = north - (np.arange(height) + 0.5) * (north - south) / height
    return np.meshgrid(longitude, latitude)


def pixels(band: str, longitude: np.ndarray, latitude: np.ndarray, day: str) -> np.ndarray:
    """Return what a band holds at each place on a day, float64 of the shape of ``longitude``.

    Waves of reflectance; a true zero in each trough (deep water); cloud where CLM is 1 and
    SCL is 9; nothing measured (dataMask 0) in a strip along every hundredth of a degree.
    """
    wave = np.sin(longitude * 2 * np.pi / 0.004 + int(day[-2:])) * np.cos(latitude * 2 * np.pi / 0.003)
    measured = np.mod(longitude, 0.01) > 0.0004
    cloudy = wave > 0.9
    if band == "dataMask":
        return measured.astype(float)
    if band == "CLM":
        return np.where(measured, cloudy, 255)
    if band == "SCL":
        return np.where(measured, np.where(cloudy, 9, 4), 0)
    value = np.where(wave < -0.8, 0.0, REFLECTANCE[band] * (1.5 + wave))
    return np.where(measured, value, 0.0)


def heights(longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Return the height of each place in metres, whatever the day: a plane that rises to the north-east."""
    return 400 + 2_000 * (longitude - np.floor(longitude)) + 1_000 * (latitude - np.floor(latitude))


@dataclass
class Trouble:
    """What goes wrong next, how often, and what the answer then says."""

    kind: str  # status, drop, garbage or hang
    times: float = float("inf")
    status: int = 0
    message: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    at: float
    path: str
    key: str  # what was asked for; equal for a second try of the same
    status: int


class SentinelHubEmulator:
    """Serves on 127.0.0.1 while used as a context manager; ``cdse`` behaves like Copernicus Data Space."""

    def __init__(self, flavour: str = "classic") -> None:
        self.masks = MASKS[flavour]
        self.seen: list[Seen] = []
        self.troubles: list[Trouble] = []
        self.empty_days: set[str] = set()  # in the catalogue, but with nothing under the box
        self.missing_days: set[str] = set()  # not even in the catalogue
        self.tells_clouds = True  # whether the catalogue says how cloudy tiles are
        self.catalogue_ends: date | None = None  # after this day it fails
        self.delay_s = 0.0
        self.tokens: set[str] = set()
        self.units_spent = 0.0
        self._lock = threading.Lock()
        self._numbers = itertools.count()
        self._ended = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handler(self))

    def __enter__(self) -> "SentinelHubEmulator":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def fail(self, kind: str, times: float = float("inf"), status: int = 0, message: str = "", **headers: str) -> None:
        """Make the next ``times`` pixel requests go wrong; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.troubles.append(Trouble(kind, times, status, message, named))

    def pixel_requests(self) -> list[Seen]:
        """Return the requests for pixels so far, in the order of their arrival."""
        with self._lock:
            return [one for one in self.seen if one.path.endswith("/process")]

    def next_trouble(self) -> Trouble | None:
        with self._lock:
            for trouble in self.troubles:
                if trouble.times > 0:
                    trouble.times -= 1
                    return trouble
        return None

    def note(self, path: str, key: str, status: int) -> None:
        with self._lock:
            self.seen.append(Seen(time.monotonic(), path, key, status))

    def new_token(self) -> str:
        with self._lock:
            token = f"token-{next(self._numbers)}"
            self.tokens.add(token)
            return token

    def hang(self) -> None:
        """Say nothing until the test is over."""
        self._ended.wait(timeout=120)

    def draw(self, request: dict) -> tuple[bytes, float]:
        """Return the compressed pixels of a process request and what they cost."""
        bounds, output, script = request["input"]["bounds"]["bbox"], request["output"], request["evalscript"]
        [data] = request["input"]["data"]
        bands = re.findall(r"'(\w+)'", re.search(r"bands: \[(.*?)\]", script).group(1))
        dtype = DTYPES[re.search(r"sampleType: '(\w+)'", script).group(1)]
        width, height = output["width"], output["height"]
        places = pixel_centres(bounds, width, height)
        if data["type"] == HEIGHTS:
            layers = [heights(*places)]
        else:
            day = data["dataFilter"]["timeRange"]["from"][:10]
            layers = [np.zeros((height, width)) if day in self.empty_days else pixels(b, *places, day) for b in bands]
        units = max(0.005, max(0.01, width * height / 262_144) * len(bands) / 3 * 1.4)
        with self._lock:
            self.units_spent += units
        return zlib.compress(np.stack(layers, axis=-1).astype(dtype).tobytes(), 1), units

    def unknown_bands(self, request: dict) -> list[str]:
        """Return the bands of a request that this service does not have; heights only of the model it knows."""
        [data] = request["input"]["data"]
        if data["type"] == HEIGHTS:
            model = data["dataFilter"].get("demInstance", "")
            return [] if model == MODEL else [f"DEM of {model or 'no model'}"]
        bands = re.findall(r"'(\w+)'", re.search(r"bands: \[(.*?)\]", request["evalscript"]).group(1))
        return [name for name in bands if name not in REFLECTANCE and name not in self.masks]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that break off: some tests end them."""


def _handler(hub: SentinelHubEmulator) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

        def do_GET(self) -> None:
            if not self._logged_in():
                return self._error(401, "You are not authorized!")
            if self.path.endswith("/collections"):
                return self._json(200, {"collections": [{"id": "sentinel-2-l2a", "title": "Sentinel-2 L2A"}]})
            return self._error(405 if self.path.endswith("/bands") else 404, "no such thing here")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = urlsplit(self.path).path
            if path.endswith("/token"):
                return self._token()
            if not self._logged_in():
                return self._error(401, "You are not authorized!")
            request = json.loads(body)
            if path.endswith("/search"):
                return self._search(request)
            return self._process(request, body.decode())

        def _token(self) -> None:
            expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
            if self.headers.get("Authorization") != f"Basic {expected}":
                return self._json(401, {"error": "invalid_client", "error_description": "Invalid client or secret"})
            answer = {"access_token": hub.new_token(), "token_type": "Bearer", "expires_in": 600}
            return self._json(200, answer)

        def _logged_in(self) -> bool:
            return (self.headers.get("Authorization") or "").removeprefix("Bearer ") in hub.tokens

        def _search(self, request: dict) -> None:
            first, last = (date.fromisoformat(part[:10]) for part in request["datetime"].split("/"))
            if hub.catalogue_ends and last > hub.catalogue_ends:
                return self._error(500, "the catalogue is down")
            days = [first + timedelta(days=n) for n in range(0, (last - first).days + 1, 5)]
            found = [
                {"type": "Feature", "id": f"S2A_{day}", "properties": {"datetime": f"{day}T10:50:31Z"} | clouds}
                for day in map(str, days) if day not in hub.missing_days
                for clouds in ({"eo:cloud_cover": 20.0} if hub.tells_clouds else {},)
            ]  # fmt: skip
            return self._json(200, {"type": "FeatureCollection", "features": found})

        def _process(self, request: dict, key: str) -> None:
            time.sleep(hub.delay_s)
            trouble = hub.next_trouble()
            if trouble is not None:
                return self._trouble(trouble, key)
            unknown = hub.unknown_bands(request)
            if unknown:
                return self._error(400, f"Dataset does not have band {unknown[0]}", key)
            body, units = hub.draw(request)
            return self._send(200, body, "application/octet-stream", {"X-ProcessingUnits-Spent": repr(units)}, key)

        def _trouble(self, trouble: Trouble, key: str) -> None:
            if trouble.kind == "status":
                return self._error(trouble.status, trouble.message, key, trouble.headers)
            if trouble.kind == "garbage":
                return self._send(200, b"not compressed", "application/octet-stream", {}, key)
            hub.note(self.path, key, 0)
            if trouble.kind == "hang":
                hub.hang()
            self.close_connection = True
            return None

        def _error(self, status: int, message: str, key: str = "", headers: dict[str, str] | None = None) -> None:
            self._json(status, {"error": {"status": status, "message": message}}, key, headers)

        def _json(self, status: int, answer: dict, key: str = "", headers: dict[str, str] | None = None) -> None:
            self._send(status, json.dumps(answer).encode(), "application/json", headers or {}, key)

        def _send(self, status: int, body: bytes, kind: str, headers: dict[str, str], key: str) -> None:
            hub.note(urlsplit(self.path).path, key, status)
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    return Handler
