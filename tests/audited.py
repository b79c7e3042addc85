"""Whether anything pinned has a known hole: ``python -m tests.audited`` asks pip-audit of every list.

Returns 1 where there is one that is not among ``EXPLAINED``. Where the service cannot be asked it says so and fails
nothing: a mirror of PyPI may hold no advisories.
"""

import json
import subprocess
import sys

from app.config import ROOT

LISTS = (
    "requirements.txt", "requirements-test.txt", "requirements-xcube.txt", "requirements-models.txt",
    "requirements-docs.txt",
)  # fmt: skip
EXPLAINED: dict[str, str] = {}  # id of an advisory -> why it does not touch Scarp, as docs/SECURITY.md says
SERVICES = ("pypi", "osv")
_PATIENCE_S = 60


def asked(name: str, service: str) -> dict[str, list[str]] | None:
    """Return package -> ids of its known holes, of one list; None where the service told of no package at all."""
    command = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--format", "json",
               "--progress-spinner", "off", "--vulnerability-service", service, "-r", name]  # fmt: skip
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=_PATIENCE_S, check=False)
    except subprocess.TimeoutExpired:
        return None
    return found(done.stdout)


def found(told: str) -> dict[str, list[str]] | None:
    """Return package -> ids of its known holes, of what pip-audit said as JSON; None where no package was looked up."""
    try:
        packages = json.loads(told)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return None
    looked_up = [one for one in packages if "skip_reason" not in one]
    return {one["name"]: [hole["id"] for hole in one["vulns"]] for one in looked_up} if looked_up else None


def main() -> int:
    """Ask of every list, and print what there is."""
    faults = 0
    for name in LISTS:
        answers = (asked(name, service) for service in SERVICES)
        held = next((one for one in answers if one is not None), None)
        if held is None:
            print(f"{name}: not asked, no service of advisories could be reached")
            break  # nor can it be for the next
        holes = [f"{package} {hole}" for package, ids in held.items() for hole in ids if hole not in EXPLAINED]
        print(f"{name}: {len(held)} packages, {len(holes)} with a known hole {' '.join(holes)}")
        faults += len(holes)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
