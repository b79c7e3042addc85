"""What drives a browser is asked again once where it ran out of its time, and never where it was wrong."""

import subprocess
import sys

from tests.conftest import LATE, ROOT

TESTS = """
import pytest
from playwright.sync_api import TimeoutError as Late

pytestmark = pytest.mark.flaky(reruns=1, only_rerun={late!r})
tries = {{}}

def first(name):
    tries[name] = tries.get(name, 0) + 1
    return tries[name] == 1

def helper(name):
    if first(name):
        raise Late("Locator.wait_for: Timeout 120000ms exceeded.")

@pytest.fixture
def ready():
    helper("fixture")

def test_late_in_a_helper():
    helper("helper")

def test_late_in_a_fixture(ready):
    pass

def test_an_expectation_that_ran_out():
    if first("expect"):
        raise AssertionError('Locator expected to be visible\\n  - Expect "to_be_visible" with timeout 120000ms')

def test_late_twice():
    raise Late("Timeout 120000ms exceeded.")

def test_wrong():
    assert not first("wrong")

@pytest.fixture
def clean():
    yield
    assert not first("clean")

def test_late_and_wrong(clean):
    helper("both")
"""


def test_what_was_late_is_asked_again_once_and_what_was_wrong_is_not(tmp_path):
    (tmp_path / "test_one.py").write_text(TESTS.format(late=LATE))
    plugins = [f"-p{name}" for name in ("no:cacheprovider", "no:xdist", "no:cov", "no:hypothesispytest")]
    command = [sys.executable, "-m", "pytest", "-q", "-rfERp", *plugins, "--rootdir", str(tmp_path), str(tmp_path)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    ended = {(line.split()[0], line.split("::")[1].split()[0]) for line in told.splitlines() if "::" in line}
    again = {"test_late_in_a_helper", "test_late_in_a_fixture", "test_an_expectation_that_ran_out"}
    assert {name for word, name in ended if word == "PASSED"} >= again, told
    assert {name for word, name in ended if word == "RERUN"} == again | {"test_late_twice"}, told
    assert {name for word, name in ended if word in ("FAILED", "ERROR")} == {
        "test_late_twice", "test_wrong", "test_late_and_wrong"}, told  # fmt: skip
