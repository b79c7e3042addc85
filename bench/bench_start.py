"""From `streamlit run` to the first page in a browser, and on to the inventory and its map."""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from app.config import ROOT
from app.serve import free_port
from bench import browsing
from bench.bench_inventory import MAP_DRAWN
from tests.browser.conftest import FLAGS, wait_for

RUNS = 3


def main() -> int:
    path = browsing.found()
    if path is None:
        return 1
    rows = [_once(path) for _ in range(RUNS)]
    for name in rows[0]:
        print(f"{name:<42}{statistics.median(row[name] for row in rows):>8.2f} s (median of {RUNS})")
    return 0


def _once(path: str) -> dict[str, float]:
    from playwright.sync_api import sync_playwright

    port, times = free_port(18700), {}
    environment = {**os.environ, "SCARP_HOME": tempfile.mkdtemp(prefix="scarp-bench-")}
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", f"--server.port={port}"]
    with sync_playwright() as driver:
        page = driver.chromium.launch(executable_path=path, args=FLAGS).new_page(
            viewport={"width": 1400, "height": 900}
        )
        started = time.perf_counter()
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health")
            times["server answers"] = time.perf_counter() - started
            page.goto(f"http://127.0.0.1:{port}")
            page.get_by_text("Try it now").wait_for()
            times["first page drawn, from streamlit run"] = time.perf_counter() - started
            started = time.perf_counter()
            page.get_by_role("link", name="Inventory", exact=True).click()
            page.wait_for_function(MAP_DRAWN, arg=1)
            times["inventory and map drawn, from the click"] = time.perf_counter() - started
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(10)
    return times


if __name__ == "__main__":
    sys.exit(main())
