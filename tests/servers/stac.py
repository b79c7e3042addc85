"""A STAC API with its files on loopback: item search, byte ranges, and faults on demand."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np

from app.grid import Grid

COLLECTION, HEIGHTS = "sentinel-2-l2a", "cop-dem-glo-30"
CONFORMS = [
    "https://api.stacspec.org/v1.0.0/core",
    "https://api.stacspec.org/v1.0.0/item-search",
    "https://api.stacspec.org/v1.0.0/collections",
]


@dataclass
class StacServer:
    """What the server has and how it behaves; tests change it while it runs."""

    address: str
    items: list[dict] = field(default_factory=list)
    files: dict[str, Path | bytes] = field(default_factory=dict)  # path below /files/ -> content
    faults: dict[str, int] = field(default_factory=dict)  # part of a path -> HTTP status
    rubbish: dict[str, bytes] = field(default_factory=dict)  # path -> what is answered there, as if all were well
    fault_count: int = 10**9  # so many requests fail, then all is well
    retry_after: str = ""  # what a refusal says of when to ask again
    latency_s: float = 0.0
    page: int = 100
    token: str = ""  # what a file's address must carry; given out at /token/COLLECTION
    requests: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)  # whoever still waits for an answer gets it then

    def add(self, item: dict, files: dict[str, Path | bytes], collection: str = COLLECTION) -> None:
        """Add an item whose assets are ``files`` (asset key -> file)."""
        item = deepcopy(item)
        item["assets"] = {key: item["assets"][key] for key in files}
        item["collection"] = collection
        item["links"] = []
        for key, content in files.items():
            path = f"{item['id']}/{key}.tif"
            self.files[path] = content
            item["assets"][key]["href"] = f"{self.address}/files/{path}"
        self.items.append(item)


def heights_item(name: str, on: Grid) -> dict:
    """Return a tile of heights as Earth Search and Planetary Computer list those of the Copernicus DEM."""
    west, south, east, north = on.bbox
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature", "stac_version": "1.0.0", "id": name, "bbox": list(on.bbox), "links": [],
        "stac_extensions": ["https://stac-extensions.github.io/projection/v1.0.0/schema.json"],
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {
            "datetime": "2021-04-22T00:00:00Z", "gsd": 30, "platform": "tandem-x", "proj:epsg": 4326,
            "proj:shape": list(on.shape), "proj:transform": list(on.transform),
        },
        "assets": {"data": {"href": "", "type": "image/tiff; application=geotiff", "roles": ["data"]}},
    }  # fmt: skip


def cog(array: np.ndarray, transform, crs: str, nodata: float | None = 0) -> bytes:
    """Return an array (y, x) as a tiled, compressed GeoTIFF."""
    import rasterio
    from rasterio.io import MemoryFile

    height, width = array.shape
    profile = {
        "driver": "GTiff", "height": height, "width": width, "count": 1, "dtype": array.dtype, "crs": crs,
        "transform": transform, "nodata": nodata, "tiled": True, "blockxsize": 256, "blockysize": 256,
        "compress": "deflate",
    }  # fmt: skip
    with MemoryFile() as memory:
        with memory.open(**profile) as out, rasterio.Env():
            out.write(array, 1)
        return memory.read()


@contextmanager
def stac_server() -> Iterator[StacServer]:
    """Run an empty server until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    state = server.state = StacServer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.ended.set()
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer({key: values[0] for key, values in parse_qs(urlsplit(self.path).query).items()})

    do_HEAD = do_GET

    def do_POST(self) -> None:
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def handle(self) -> None:
        with suppress(ConnectionError):  # a reader that gave up, as a test wanted
            super().handle()

    def log_message(self, *args) -> None:
        """Stay silent."""

    def _answer(self, query: dict) -> None:
        state, path = self.server.state, urlsplit(self.path).path
        state.requests.append(self.path)
        state.ended.wait(state.latency_s)
        for part, status in state.faults.items():
            if part in self.path and state.fault_count > 0:
                state.fault_count -= 1
                told = {"Retry-After": state.retry_after} if state.retry_after else {}
                return self._send(b"{}", "application/json", status, told)
        if path in state.rubbish:
            self._send(state.rubbish[path], "application/json", 200)
        elif path == "/":
            self._json(self._landing())
        elif path == "/search":
            self._json(self._search(query))
        elif path in (f"/token/{one}" for one in (COLLECTION, HEIGHTS)):
            self._json({"token": state.token})
        elif path.startswith("/files/") and state.token not in self.path:
            self._send(b"{}", "application/json", 403)
        elif path.startswith("/files/") and path[7:] in state.files:
            self._file(state.files[path[7:]])
        else:
            self._send(b"{}", "application/json", 404)

    def _landing(self) -> dict:
        address = self.server.state.address
        links = [
            {"rel": "self", "href": address + "/", "type": "application/json"},
            {"rel": "root", "href": address + "/", "type": "application/json"},
            {"rel": "search", "href": address + "/search", "type": "application/geo+json", "method": "POST"},
            {"rel": "search", "href": address + "/search", "type": "application/geo+json", "method": "GET"},
        ]
        return {
            "type": "Catalog", "id": "loopback", "stac_version": "1.0.0", "description": "For tests.",
            "conformsTo": CONFORMS, "links": links,
        }  # fmt: skip

    def _search(self, query: dict) -> dict:
        state = self.server.state
        found = [item for item in state.items if _matches(item, query)]
        start = int(query.get("token") or 0)
        links = []
        if start + state.page < len(found):
            body = {**query, "token": str(start + state.page)}
            links = [{"rel": "next", "href": f"{state.address}/search", "method": "POST", "body": body}]
        return {"type": "FeatureCollection", "features": found[start : start + state.page], "links": links}

    def _file(self, content: Path | bytes) -> None:
        content = content.read_bytes() if isinstance(content, Path) else content
        wanted = self.headers.get("Range")
        if not wanted:
            return self._send(content, "image/tiff", 200)
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        start, end = int(first), min(int(last or len(content)), len(content) - 1)
        if start >= len(content):
            return self._send(b"", "image/tiff", 416)
        span = {"Content-Range": f"bytes {start}-{end}/{len(content)}"}
        self._send(content[start : end + 1], "image/tiff", 206, span)

    def _json(self, document: dict) -> None:
        self._send(json.dumps(document).encode(), "application/json", 200)

    def _send(self, body: bytes, kind: str, status: int, headers: dict | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Accept-Ranges": "bytes", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _matches(item: dict, query: dict) -> bool:
    wanted = query.get("collections") or [item["collection"]]
    if item["collection"] not in (wanted.split(",") if isinstance(wanted, str) else wanted):
        return False
    box = query.get("bbox")
    box = [float(edge) for edge in box.split(",")] if isinstance(box, str) else box
    west, south, east, north = item["bbox"]
    if box and not (box[0] <= east and box[2] >= west and box[1] <= north and box[3] >= south):
        return False
    first, last = str(query.get("datetime", "../..")).split("/")
    taken = item["properties"]["datetime"][:19] + "Z"
    return (first == ".." or first <= taken) and (last == ".." or taken <= last)
