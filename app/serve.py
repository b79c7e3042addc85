"""``python -m app.serve``: start the application on this machine and say where it is."""

import argparse
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import webbrowser

from app import config
from app.config import ROOT
from app.errors import ScarpError

HOST = "127.0.0.1"
_TRIES = 20
_LAST_PORT = 65_535


def main(argv: list[str] | None = None) -> int:
    """Start Streamlit on loopback at the port asked for or the next free one; returns its exit code, 2 for no port."""
    parser = argparse.ArgumentParser(prog="python -m app.serve", description=__doc__)
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    args = parser.parse_args(argv)
    try:
        config.settings()
    except ScarpError as error:
        print(error, file=sys.stderr)
        return 2
    if not 1 <= args.port <= _LAST_PORT:
        print(f"There is no port {args.port}; choose one from 1 to {_LAST_PORT}: make run PORT=9000", file=sys.stderr)
        return 2
    port = free_port(args.port)
    if port is None:
        last = min(args.port + _TRIES - 1, _LAST_PORT)
        print(f"No port from {args.port} to {last} is free; choose one: make run PORT=9000", file=sys.stderr)
        return 2
    address = f"http://{HOST}:{port}"
    threading.Thread(target=_announce, args=(address, not args.no_browser), daemon=True).start()
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "streamlit_app.py")]
    command += [f"--server.port={port}", f"--server.address={HOST}", "--server.headless=true"]
    try:
        return subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode
    except KeyboardInterrupt:
        print("\nScarp has stopped.")
        return 0


def free_port(first: int) -> int | None:
    """Return ``first`` or the next port nobody listens on, or None after twenty."""
    for port in range(first, min(first + _TRIES, _LAST_PORT + 1)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    return None


def _announce(address: str, browser: bool) -> None:
    """Print the address once the server answers, and open it where there is a screen."""
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()
            break
        except OSError:
            time.sleep(0.1)
    print(f"Scarp is open at {address}   (Ctrl-C stops it)", flush=True)
    has_screen = sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    if browser and has_screen:
        webbrowser.open(address)


if __name__ == "__main__":
    sys.exit(main())
