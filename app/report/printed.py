"""A page as PDF, printed by the Chromium that is there."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from app.errors import InputError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
_PATIENCE_S = 300.0  # for a report of hundreds of pages
# nothing is asked of anybody: the page holds all it shows
_FLAGS = (
    "--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-extensions", "--disable-quic", "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
)  # fmt: skip


def browser(named: str = "") -> str | None:
    """Return the path of a Chromium: the one named, or the first on the PATH; None where there is none."""
    if named:
        return shutil.which(named)
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or (str(_MAC) if _MAC.exists() else None)


def pdf(html: bytes, named: str = "") -> bytes:
    """Return a page that asks for nothing beside it as PDF.

    Raises InputError where there is no Chromium, or it does not print, saying what to do.
    """
    chromium = browser(named)
    if chromium is None:
        raise InputError(
            "PDF is printed by Chromium, and there is none on the PATH. Install it (on Debian: apt-get install "
            "chromium), or write .html and print that from any browser."
        )
    with tempfile.TemporaryDirectory(prefix="scarp-print-", ignore_cleanup_errors=True) as folder:
        return _printed(chromium, html, Path(folder))


def _printed(chromium: str, html: bytes, folder: Path) -> bytes:
    page, out = folder / "report.html", folder / "report.pdf"
    page.write_bytes(html)
    own = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()  # as root it refuses without
    command = [chromium, *_FLAGS, *own, f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={out}", page.as_uri()]
    try:
        ran = subprocess.run(command, capture_output=True, timeout=_PATIENCE_S, check=False)
    except subprocess.TimeoutExpired:
        raise InputError(f"Chromium did not print the report in {_PATIENCE_S:.0f} s; write .html instead.") from None
    except OSError as error:
        raise InputError(f"Chromium could not be started ({error.strerror}); write .html instead.") from error
    if not out.exists() or not out.stat().st_size:
        raise InputError(f"Chromium printed nothing (exit code {ran.returncode}); write .html instead.")
    return out.read_bytes()
