"""What is fetched from elsewhere is asked for again; what never comes is said, with the code it ended with."""

import os
import subprocess

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs /bin/sh")


def again(*command: str, pauses: str = "0 0") -> subprocess.CompletedProcess:
    environment = {**os.environ, "AGAIN_S": pauses}
    return subprocess.run([ROOT / "tools" / "again", *command], env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("failures", [0, 1, 2])
def test_what_works_at_last_was_asked_for_no_more_often_than_needed(tmp_path, failures):
    count = f'echo "$0" >> "$1"; [ "$(wc -l < "$1")" -gt {failures} ]'
    done = again("sh", "-c", count, "two words", str(tmp_path / "asked"))
    assert done.returncode == 0 and done.stderr.count("once more") == failures
    assert (tmp_path / "asked").read_text().splitlines() == ["two words"] * (failures + 1)


def test_what_never_works_is_given_up_with_its_own_code(tmp_path):
    done = again("sh", "-c", 'echo >> "$0"; exit 7', str(tmp_path / "asked"))
    assert done.returncode == 7 and (tmp_path / "asked").read_text().count("\n") == 3
    assert done.stderr.splitlines()[-1].startswith("Given up: sh -c")
