"""What several tests share."""

import os
import sys
import tempfile
from collections import Counter
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

# Where a shell forbids Python to keep what it compiled, each process that a test starts compiles anew whatever it
# imports: more than half of the processor time of many a test.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# before any module reads the settings: tests never touch a person's own cache or verdicts
os.environ["SCARP_HOME"] = tempfile.mkdtemp(prefix="scarp-tests-")

# how long an example takes says how busy the machine is
settings.register_profile("scarp", deadline=None)
settings.load_profile("scarp")

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


# A browser that is short of a processor may be late once in some hundred tests. What ran out of its time is asked
# again once, and named in the report; a wrong answer is not.
LATE = ["TimeoutError", "with timeout"]


def pytest_configure() -> None:
    """Look only once through all that is installed for components of Streamlit; nothing is installed meanwhile.

    Each AppTest looks anew: a fifth of the processor time of the pages' tests.
    """
    with suppress(ImportError):  # the environment that trains networks has no Streamlit
        from streamlit.components.v2 import manifest_scanner

        manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


@pytest.hookimpl(optionalhook=True)  # the environment that trains networks has no xdist
def pytest_xdist_auto_num_workers() -> int:
    """One process more than cores: tests wait for servers, services and the browser, too."""
    from app import config

    return config.available_cores() + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that drive a browser first, and large files before small ones.

    With several processes the slow files are then dealt out at the beginning, and small ones fill up what is left:
    begun last, one slow file would keep a single process busy while the others have ended.
    """
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=LATE))
    sizes = Counter(item.path for item in items)
    items.sort(key=lambda item: (item.get_closest_marker("browser") is None, -sizes[item.path], str(item.path)))


# rasterio and pyogrio set the second and third when first imported, torch the fourth, in whichever test that is; Dask
# the others, whenever it brings a worker back
_NOT_OURS = {
    "PYTEST_CURRENT_TEST", "GDAL_CURL_CA_BUNDLE", "PROJ_CURL_CA_BUNDLE", "TORCHINDUCTOR_CACHE_DIR",
    "MALLOC_TRIM_THRESHOLD_", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PYTHONHASHSEED",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _settings_stay():
    """A setting that a test leaves behind would be met by whatever test follows in its process."""
    before = dict(os.environ)
    yield
    left = {name for name in os.environ.keys() | before if os.environ.get(name) != before.get(name)}
    if left := left - _NOT_OURS:
        os.environ.clear()
        os.environ.update(before)
        pytest.fail(f"the test left {', '.join(sorted(left))} changed in the environment")
    config = sys.modules.get("app.config")
    if config and config.settings.cache_info().currsize and config.settings() != config.read(os.environ):
        config.settings.cache_clear()
        pytest.fail("the test left settings behind that the environment does not say")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The real data beside the project; without it a test is skipped, but fails where CI is set."""
    if not SHARED.is_dir():
        message = "the real data is not here: a folder called shared is expected beside the project"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    return SHARED


@pytest.fixture
def reviews(tmp_path, monkeypatch):
    """The review database of the pages and of the command line, the test's own."""
    from app import config
    from app.review import Reviews

    monkeypatch.setenv("SCARP_DATABASE", f"sqlite:///{tmp_path / 'here.sqlite'}")
    config.settings.cache_clear()
    yield Reviews(config.settings().database_url)
    monkeypatch.undo()
    config.settings.cache_clear()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder of networks that the settings name; no network stays set up after the test."""
    from app import config
    from app.detection.network import process, registry

    monkeypatch.setenv("SCARP_MODELS", str(tmp_path))
    config.settings.cache_clear()
    yield tmp_path
    registry.belong_to(None)
    config.settings.cache_clear()
    process.close()
