"""A small reverse proxy on loopback: it hands on what lies under one path, as it came, and notes what else is asked."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socketserver import BaseRequestHandler, ThreadingTCPServer

_MOST_HEAD = 1 << 16
_NOT_HERE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass
class Proxy:
    """Where it listens, and the paths beside its own that were asked for."""

    address: str
    refused: list[str] = field(default_factory=list)
    handed_on: list[str] = field(default_factory=list)


@contextmanager
def proxy(path: str, port: int) -> Iterator[Proxy]:
    """Hand on what is asked for under ``path`` (``/scarp``) to a port of this machine, as long as this lasts."""

    class Hand(BaseRequestHandler):
        """One connection: one request, or a websocket as long as it stays."""

        def handle(self) -> None:
            head = _head(self.request)
            if head is None:
                return
            first, others, body = head
            asked = first.split(b" ")[1].decode("ascii", "replace")
            inside = asked == path or asked.startswith((f"{path}/", f"{path}?"))
            (told.handed_on if inside else told.refused).append(asked)
            if not inside:
                self.request.sendall(_NOT_HERE)
                return
            with socket.create_connection(("127.0.0.1", port)) as server:
                server.sendall(b"\r\n".join([first, *_headers(others), b"", body]))
                back = threading.Thread(target=_copy, args=(server, self.request), daemon=True)
                back.start()
                _copy(self.request, server)
                back.join()

    ThreadingTCPServer.allow_reuse_address = True
    with ThreadingTCPServer(("127.0.0.1", 0), Hand) as listening:
        listening.daemon_threads, listening.block_on_close = True, False
        told = Proxy(f"http://127.0.0.1:{listening.server_address[1]}{path}")
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        try:
            yield told
        finally:
            listening.shutdown()


def _head(given: socket.socket) -> tuple[bytes, list[bytes], bytes] | None:
    """Return the first line, the other lines and what came with them; None where nobody asks for anything."""
    read = b""
    while b"\r\n\r\n" not in read and len(read) < _MOST_HEAD:
        try:
            some = given.recv(1 << 16)
        except OSError:
            return None
        if not some:
            return None
        read += some
    lines, _, body = read.partition(b"\r\n\r\n")
    first, *others = lines.split(b"\r\n")
    return first, others, body


def _headers(given: list[bytes]) -> list[bytes]:
    """Return the headers with the marks of a proxy; a request that is no websocket closes its connection."""
    upgrade = any(line.lower().startswith(b"upgrade:") for line in given)
    kept = [line for line in given if upgrade or not line.lower().startswith(b"connection:")]
    return [*kept, *([] if upgrade else [b"Connection: close"]), b"X-Forwarded-For: 127.0.0.1"]


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while some := source.recv(1 << 16):
            target.sendall(some)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
