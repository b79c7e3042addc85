"""An interaction on a cached patch, on the server, page by page: the wait behind every click."""

import os
import statistics
import tempfile
import time

os.environ["SCARP_HOME"] = tempfile.mkdtemp(prefix="scarp-bench-")

from streamlit.testing.v1 import AppTest

from app.config import ROOT
from app.ui import choices

PAGES = ("inventory", "patches", "compare", "detect", "metrics", "review")
RUNS = 7


def main() -> None:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    app.session_state[choices.EVENT] = "171"
    print(f"{'page':<12}{'first, s':>10}{'again, s (median of ' + str(RUNS) + ')':>30}")
    for page in PAGES:
        started = time.perf_counter()
        app.switch_page(f"pages/{page}.py").run()
        first = time.perf_counter() - started
        again = [_timed(app) for _ in range(RUNS)]
        failed = "ERROR" if app.exception or app.error else ""
        print(f"{page:<12}{first:>10.3f}{statistics.median(again):>30.3f} {failed}")
    app.switch_page("pages/detect.py").run()
    print(f"moving the threshold: {statistics.median(_threshold(app, n) for n in range(RUNS)):.3f} s")


def _timed(app: AppTest) -> float:
    started = time.perf_counter()
    app.run()
    return time.perf_counter() - started


def _threshold(app: AppTest, n: int) -> float:
    app.slider(key="method.threshold").set_value(0.05 + 0.005 * n)
    return _timed(app)


if __name__ == "__main__":
    main()
