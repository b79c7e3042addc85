"""Scarp as a real process, and a session on it without a browser."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.serve import free_port
from tests.conftest import ROOT

WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


@dataclass
class Served:
    """A server that runs, and what it writes to its log."""

    process: subprocess.Popen
    port: int
    log: Path
    host: str = "127.0.0.1"
    path: str = ""

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://{self.host}:{self.port}{self.path}"


@contextmanager
def served(
    folder: Path, out: int | None = None, root: Path = ROOT, command: Sequence[str] = ("app.serve",), path: str = "",
    **environment: str,
) -> Iterator[Served]:  # fmt: skip
    """Run ``app.serve`` with an empty home in ``folder`` until the block ends; it says where it is to ``out``.

    ``root`` is the checkout whose code it is, ``command`` the module that serves, with its arguments, ``path`` what it
    serves under (``/scarp``).
    """
    port, log = free_port(19501 + 20 * WORKER), folder / "log.txt"
    called = [sys.executable, "-m", *command, "--no-browser", "--port", str(port)]
    under = {"STREAMLIT_SERVER_BASE_URL_PATH": path.strip("/")} if path else {}
    environment = {**os.environ, "SCARP_HOME": str(folder / "home"), **under, **environment}
    with (
        log.open("wb") as told,
        subprocess.Popen(called, cwd=root, env=environment, stdout=out or told, stderr=out or told) as process,
    ):
        try:
            wait_for(f"http://127.0.0.1:{port}{path}/_stcore/health", process)
            yield Served(process, port, log, path=path)
        finally:
            process.kill()


def handshake(server: Served, host: str, origin: str | None = None) -> int:
    """Return the HTTP status with which the server answers who wants a session under a host name.

    The page that asks is of the ``origin``, or of that host.
    """
    from websockets.exceptions import InvalidStatus

    try:
        with connected(server, {"Host": host, "Origin": origin or f"http://{host}"}):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


def labels(server: Served, page: str, headers: Mapping[str, str]) -> list[str]:
    """Open a page in a session whose request has these headers; return the labels of its text fields."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    found = []
    with connected(server, headers) as session:
        asked = BackMsg()
        asked.rerun_script.page_name = page
        asked.rerun_script.query_string = ""
        session.send(asked.SerializeToString())
        while True:
            told = ForwardMsg.FromString(session.recv(timeout=240))
            if told.WhichOneof("type") == "script_finished":
                return found
            element = told.delta.new_element
            if element.WhichOneof("type") == "text_input":
                found.append(element.text_input.label)


def connected(server: Served, headers: Mapping[str, str]):
    """Return the connection that a session's tab has, for a ``with`` block; it shows the token its cookies hold."""
    from websockets.sync.client import connect

    # a host in the address is asked under its own name; the connection goes to this machine all the same
    host = headers.get("Host", f"{server.host}:{server.port}")
    tokens = re.findall(r"_streamlit_xsrf=([^;]+)", headers.get("Cookie", ""))
    rest = {name: value for name, value in headers.items() if name not in ("Host", "Origin")}
    return connect(
        f"ws://{host}{server.path}/_stcore/stream", sock=socket.create_connection((server.host, server.port)),
        origin=headers.get("Origin"), subprotocols=["streamlit", *tokens], additional_headers=rest, max_size=None,
        open_timeout=120,
    )  # fmt: skip


def wait_for(address: str, process: subprocess.Popen, seconds: float = 240) -> None:
    """Wait until an address answers, as long as its process lives; raises TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=10).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"{address} did not answer")
