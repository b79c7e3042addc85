"""Find a Chromium for the browser tests, or install one where that is possible."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
AGAIN = Path(__file__).resolve().parents[1] / "tools" / "again"
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def find() -> str | None:
    """Return the path of a Chromium: SCARP_CHROMIUM, one on the PATH, or Playwright's own."""
    named = os.environ.get("SCARP_CHROMIUM")
    if named:
        return named
    for name in NAMES:
        if found := shutil.which(name):
            return found
    return str(MAC) if MAC.exists() else _playwrights_own()


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        path = driver.chromium.executable_path
    return path if Path(path).exists() else None


def _install() -> None:
    if shutil.which("apt-get") and os.geteuid() == 0:
        command = ["sh", "-c", "apt-get update -qq && apt-get install -y -qq chromium"]
    else:
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
    subprocess.run([str(AGAIN), *command], check=False)


def main() -> int:
    """Say which Chromium the browser tests will use, installing one where none is found."""
    if find() is None:
        print("No Chromium found; trying to install one for the browser tests.", flush=True)
        _install()
    found = find()
    if found is None:
        in_ci = bool(os.environ.get("CI"))
        without = "They are not left out where CI is set" if in_ci else "The browser tests will be skipped"
        print(f"{without}: install Chromium, or name one in SCARP_CHROMIUM.")
        return int(in_ci)
    print(f"Browser tests use {found}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
