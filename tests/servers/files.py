"""A server of files on loopback: byte ranges, broken connections, and a Zenodo record of what it has."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote


@dataclass
class FileServer:
    """What the server has and how it behaves."""

    address: str
    files: dict[str, bytes] = field(default_factory=dict)
    faults: list[int] = field(default_factory=list)  # HTTP statuses of the next answers to a file
    break_after: list[int] = field(default_factory=list)  # bytes after which the next answers break off
    ranges: bool = True
    md5: dict[str, str] = field(default_factory=dict)  # published instead of the true one
    asked: list[tuple[str, str | None]] = field(default_factory=list)  # path, Range header


@contextmanager
def file_server() -> Iterator[FileServer]:
    """Run an empty server until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    state = server.state = FileServer(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        with suppress(ConnectionError):
            self._answer(self.server.state)

    def log_message(self, *args) -> None:
        """Stay silent."""

    def _answer(self, state: FileServer) -> None:
        parts = unquote(self.path).strip("/").split("/")
        if parts[0] == "records" and len(parts) == 2:
            return self._send(200, json.dumps({"files": [_listed(state, name) for name in state.files]}).encode())
        name = parts[3] if parts[0] == "records" else parts[-1]
        state.asked.append((name, self.headers.get("Range")))
        if state.faults:
            return self._send(state.faults.pop(0), b"")
        if name not in state.files:
            return self._send(404, b"")
        self._file(state, state.files[name])

    def _file(self, state: FileServer, content: bytes) -> None:
        wanted = self.headers.get("Range") if state.ranges else None
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        if wanted and start >= len(content):
            return self._send(416, b"")
        span = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if wanted else {}
        stop = state.break_after.pop(0) if state.break_after else None
        self._send(206 if wanted else 200, content[start:], span, stop)

    def _send(self, status: int, body: bytes, headers: dict | None = None, stop: int | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[:stop])


def _listed(state: FileServer, name: str) -> dict:
    content = state.files[name]
    digest = state.md5.get(name, hashlib.md5(content).hexdigest())
    return {"key": name, "size": len(content), "checksum": f"md5:{digest}", "links": {}}
