"""A class on a network of two machines, both made up: namespaces of Linux with a cable between, and nothing else there.

    unshare --map-root-user --net python -m tests.servers.second_machine HOME

The server runs where this runs; a second namespace asks it at the address it gives out. Prints what that saw as JSON.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import ROOT
from tests.servers.scarp import Served, handshake
from tests.servers.session import Session

HERE, THERE, PORT = "10.77.7.1", "10.77.7.2", 9000
_OUTSIDE = "192.0.2.1"  # of an example, on no network


def main() -> None:
    if sys.argv[1] == "look":
        print(json.dumps(_looked()))
        return
    home = Path(sys.argv[1])
    with subprocess.Popen(["unshare", "--net", "sleep", "3600"]) as other:
        try:
            while os.readlink(f"/proc/{other.pid}/ns/net") == os.readlink("/proc/self/ns/net"):
                time.sleep(0.05)  # until it is in its own
            _cable(other.pid)
            print(_served(home, other.pid))
        finally:
            other.kill()


def _cable(other: int) -> None:
    """Lay a cable from here to the namespace of a process."""
    there = f"nsenter --target {other} --net ip"
    for line in (
        "ip link set lo up", f"ip link add here type veth peer name there netns {other}",
        f"ip addr add {HERE}/24 dev here", "ip link set here up", f"{there} link set lo up",
        f"{there} addr add {THERE}/24 dev there", f"{there} link set there up",
    ):  # fmt: skip
        subprocess.run(line.split(), check=True)


def _served(home: Path, other: int) -> str:
    command = [sys.executable, "-m", "app", "serve", "--class", "--no-browser", "--port", str(PORT)]
    environment = {**os.environ, "SCARP_HOME": str(home)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            said = next(line for line in server.stdout if "Scarp is open" in line)
            enter = ["nsenter", "--target", str(other), "--net"]
            look = [*enter, sys.executable, "-m", "tests.servers.second_machine", "look"]
            found = subprocess.run(look, cwd=ROOT, capture_output=True, text=True, check=True, timeout=360).stdout
            return json.dumps({**json.loads(found), "said": said.strip()})
        finally:
            server.kill()


def _looked() -> dict[str, object]:
    """Return what a machine sees that has no other way to the server than the cable."""
    server = Served(None, PORT, Path(), HERE)  # type: ignore[arg-type]
    with Session(server) as mine:
        mine.open("learn", "lang=de")
        words = mine.words()
    return {
        "words": words, "foreign": handshake(server, "evil.example:9000"),
        "outside": subprocess.run(["ip", "route", "get", _OUTSIDE], capture_output=True, check=False).returncode,
    }  # fmt: skip


if __name__ == "__main__":
    main()
