"""The Dockerfile without Docker: its steps read, and done in a folder of this machine as far as that is possible.

``python -m tests.dockerfile_steps [--install]`` copies what COPY names, runs the RUN steps that are Python's, starts
CMD with the environment stated, asks for its health as HEALTHCHECK does and for its page, and tells what was written
beside the code: in the container nothing can be. ``--install`` installs the packages anew, as RUN does; else those of
this environment serve. Not done here: another user than one's own, a root that cannot be written, Debian's packages.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from app.serve import free_port

ROOT = Path(__file__).resolve().parent.parent
PORT = "8501"


@dataclass(frozen=True)
class Step:
    """One instruction: its word, and the rest on one line."""

    word: str
    rest: str

    @property
    def listed(self) -> list[str]:
        """The words of an instruction in the form of a JSON list."""
        return json.loads(self.rest[self.rest.index("[") :])


def steps(path: Path = ROOT / "Dockerfile") -> list[Step]:
    """Return the instructions in order, comments left out and continued lines joined."""
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [Step(*line.split(" ", 1)) for line in joined.splitlines() if line.strip()]


def last_stage(every: list[Step]) -> list[Step]:
    """Return the instructions of the stage that becomes the image."""
    return every[max(n for n, step in enumerate(every) if step.word == "FROM") :]


def environment(stage: list[Step]) -> dict[str, str]:
    """Return what ENV states, by name."""
    return dict(one.split("=", 1) for step in stage if step.word == "ENV" for one in shlex.split(step.rest))


def copied(stage: list[Step]) -> list[tuple[str, str]]:
    """Return each path of this repository that COPY names, with where it goes."""
    found = []
    for step in stage:
        *sources, target = shlex.split(step.rest) if step.word == "COPY" and "--from" not in step.rest else [""]
        found += [(source, target) for source in sources]
    return found


def main() -> int:
    """Do the steps and print how each went; 1 where one failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--install", action="store_true", help="install the packages anew: minutes, and a network")
    args = parser.parse_args()
    stage = last_stage(steps())
    with tempfile.TemporaryDirectory(prefix="scarp-image-") as folder:
        app, data = Path(folder, "scarp"), Path(folder, "data")
        data.mkdir()
        for source, target in copied(stage):
            _copy(source, app / target / Path(source).name if target.endswith("/") else app / target)
        binaries = _installed(Path(folder)) if args.install else Path(sys.executable).parent
        given = {**environment(stage), "HOME": str(data), "SCARP_HOME": str(data), "PATH": f"{binaries}:{os.defpath}"}
        for step in stage:
            if step.word == "RUN" and step.rest.startswith("python"):
                subprocess.run(step.rest, shell=True, check=True, cwd=app, env={**given, "PYTHONDONTWRITEBYTECODE": ""})
                print("done:", step.rest)
        return _served(stage, app, given)


def _copy(source: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if (ROOT / source).is_dir():
        shutil.copytree(ROOT / source, target, ignore=shutil.ignore_patterns("__pycache__", "vendor"))
    else:
        shutil.copy(ROOT / source, target)


def _installed(folder: Path) -> Path:
    """Do the RUN of the first stage, its paths being in ``folder``; returns where the programs are."""
    (first,) = (step for step in steps() if step.word == "RUN" and "requirements.txt" in step.rest)
    subprocess.run(first.rest.replace("/opt/venv", f"{folder}/venv"), shell=True, check=True, cwd=ROOT)
    return folder / "venv" / "bin"


def _served(stage: list[Step], app: Path, given: dict[str, str]) -> int:
    """Start CMD on a free port; returns 1 where it is not healthy, or writes beside its code."""
    command = next(step.listed for step in stage if step.word == "CMD")
    health = next(step.listed for step in stage if step.word == "HEALTHCHECK")
    port, before = str(free_port(18_901)), _files(app)
    here = [part.replace(PORT, port).replace("0.0.0.0", "127.0.0.1") for part in command]
    asked = [part.replace(PORT, port) for part in health]
    page = [*asked[:2], f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:{port}/').status)"]
    with subprocess.Popen(here, cwd=app, env=given, stdout=subprocess.DEVNULL) as server:
        try:
            healthy = any(_answers(asked, given) for _ in range(60))
            shown = healthy and _answers(page, given)
        finally:
            server.terminate()
    written = sorted(_files(app) ^ before)
    print(f"CMD {' '.join(command)}: healthy {healthy}, page {shown}; written beside the code: {written or 'nothing'}")
    return int(not (healthy and shown) or bool(written))


def _answers(command: list[str], given: dict[str, str]) -> bool:
    if subprocess.run(command, env=given, check=False, capture_output=True).returncode == 0:
        return True
    time.sleep(1)
    return False


def _files(folder: Path) -> set[tuple[str, int]]:
    return {(str(one.relative_to(folder)), one.stat().st_mtime_ns) for one in folder.rglob("*") if one.is_file()}


if __name__ == "__main__":
    sys.exit(main())
