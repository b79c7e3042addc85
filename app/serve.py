"""``python -m app.serve``: start the application on this machine and say where it is.

Streamlit runs in this very process, so that whatever ends it, kill -KILL too, leaves nobody at the port.
"""

import argparse
import gc
import os
import signal
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from app import config, logs
from app.arguments import UNUSABLE, Parser
from app.config import ROOT
from app.errors import ScarpError
from app.files import unwritable

HOST = "127.0.0.1"
_TRIES = 20
_LAST_PORT = 65_535
_NEW_OBJECTS = 10_000  # until garbage is looked for: at Python's 700 that is a third of reading a large list
_PATIENCE_S = 5.0  # what work under way may take to end once the server has


def main(argv: list[str] | None = None) -> int:
    """Serve on loopback at the port asked for or the next free one; returns an exit code, 2 where that cannot be."""
    parser = Parser(prog="python -m app.serve", description=__doc__)
    add_arguments(parser)
    if "--class" in (sys.argv[1:] if argv is None else argv):
        parser.exit(UNUSABLE, "A class is served by another command: python -m app serve --class\n")
    args = parser.parse_args(argv)
    try:
        return start(args.port, browser=not args.no_browser)
    except ScarpError as error:
        print(error, file=sys.stderr)
        return UNUSABLE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what every way of serving takes."""
    parser.add_argument("--port", type=int, default=8501, help="the first port to try; 8501")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")


def start(
    first_port: int, *, browser: bool, host: str = HOST, names: tuple[str, ...] = (),
    told: Callable[[int], tuple[str, str]] | None = None, then: Callable[[], object] | None = None,
) -> int:  # fmt: skip
    """Serve until stopped, and return the exit code.

    ``host`` is the address listened at, ``names`` are those the server answers to beside this machine's own.
    ``told`` gets the port and returns the address to open and what to print; ``then`` runs beside the server once it
    answers. Raises ScarpError where no port is free.
    """
    settings = config.settings()
    port = _port(first_port, host)
    logs.set_up(settings.log_level)
    _say_what_is_not_kept(settings.home)
    here = f"http://{HOST}:{port}"
    address, text = told(port) if told else (here, f"Scarp is open at {here}   (Ctrl-C stops it)")
    said = _own_output()
    threading.Thread(target=_announce, args=(here, address if browser else "", text, said, then), daemon=True).start()
    flags = [f"--server.port={port}", f"--server.address={host}", *_allowed((*settings.hosts, *names))]
    return _serve(said, flags)


def free_port(first: int, host: str = HOST) -> int | None:
    """Return ``first`` or the next port nobody listens on at an address, or None after twenty."""
    for port in range(first, min(first + _TRIES, _LAST_PORT + 1)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    return None


def _port(wanted: int, host: str) -> int:
    """Return a free port; raises ScarpError with the sentence to print where there is none."""
    if not 1 <= wanted <= _LAST_PORT:
        raise ScarpError(f"There is no port {wanted}; choose one from 1 to {_LAST_PORT}: make run PORT=9000")
    port = free_port(wanted, host)
    if port is None:
        last = min(wanted + _TRIES - 1, _LAST_PORT)
        raise ScarpError(f"No port from {wanted} to {last} is free; choose one: make run PORT=9000")
    return port


def _say_what_is_not_kept(home: Path) -> None:
    reason = unwritable(home)
    if reason:
        print(
            f"{home} cannot be written ({reason}): Scarp works, but keeps no patches, scores and verdicts there. "
            "Free some room, or set SCARP_HOME to a folder that can be written.",
            file=sys.stderr,
        )


def _allowed(hosts: tuple[str, ...]) -> list[str]:
    """Return the flags for the names the server answers to; without names of its own config.toml's stand."""
    return [f"--server.allowedHosts={name}" for name in (*config.OWN_HOSTS, *hosts)] if hosts else []


def _own_output() -> TextIO:
    """Return standard output for this module alone; Streamlit's leads nowhere from now on.

    Streamlit writes there before it stops, and where the terminal or whoever read is gone would never stop.
    """
    said = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return said


def _serve(said: TextIO, flags: list[str]) -> int:
    """Run Streamlit until it is told to stop, and return its exit code."""
    from click.exceptions import Abort
    from streamlit.web import cli

    gc.set_threshold(_NEW_OBJECTS)
    os.chdir(ROOT)  # where Streamlit looks for its settings
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # which the server hands on once it has ended
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup wants it to go on
        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    quiet = ["--server.headless=true", "--logger.hideWelcomeMessage=true"]
    try:
        cli.main(["run", str(ROOT / "server.py"), *flags, *quiet], prog_name="streamlit", standalone_mode=False)
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except (KeyboardInterrupt, Abort):  # which click makes of the former
        code = 0
    _end_in_time(code)
    with suppress(OSError):
        print("Scarp has stopped.", file=said, flush=True)
    return code


def _end_in_time(code: int) -> None:
    """End this process even where a thread still waits for a server or computes; what is stored is stored whole."""

    def end() -> None:
        time.sleep(_PATIENCE_S)
        os._exit(code)

    threading.Thread(target=end, daemon=True).start()


def _announce(here: str, address: str, text: str, said: TextIO, then: Callable[[], object] | None) -> None:
    """Print a text once the server answers, open the address, if any, where there is a screen, then do what is left."""
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{here}/_stcore/health", timeout=2).close()  # nosec B310
            break
        except urllib.error.HTTPError:  # it answers, under a base path of its own
            break
        except OSError:
            time.sleep(0.1)
    with suppress(OSError):
        print(text, file=said, flush=True)
    has_screen = sys.platform in ("darwin", "win32") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    if address and has_screen:
        webbrowser.open(address)
    if then:
        then()


if __name__ == "__main__":
    sys.exit(main())
