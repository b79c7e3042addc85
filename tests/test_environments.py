"""The lists of packages agree: what the unit tests ran with is what environment.yml lets conda choose."""

import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from app.config import ROOT

ONLY_ON_CONDA = {"python", "xcube", "xcube-sh", "pip"}


def _requirements(name: str) -> dict[str, Requirement]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    named = [Requirement(line.split(" #")[0]) for line in lines if re.match(r"[A-Za-z]", line)]
    return {canonicalize_name(one.name): one for one in named}


def _conda() -> dict[str, Requirement]:
    lines = re.findall(r"^ +- ([A-Za-z][^:\n]*)$", (ROOT / "environment.yml").read_text(encoding="utf-8"), re.M)
    named = [Requirement(line) for line in lines if line not in ("conda-forge", "nodefaults")]
    return {canonicalize_name(one.name): one for one in named}


def _pins(name: str) -> dict[str, list[str]]:
    pins: dict[str, list[str]] = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if found := re.match(r"([A-Za-z0-9._-]+)(?:\[.*\])?==([^ ;]+)", line):
            pins.setdefault(canonicalize_name(found[1]), []).append(found[2])
    return pins


def test_what_the_application_needs_is_in_both_lists_for_xcube():
    needed = set(_requirements("requirements.in"))
    assert needed <= set(_conda())
    assert needed <= set(_requirements("requirements-xcube.in"))


@pytest.mark.parametrize("name", sorted(set(_conda()) - ONLY_ON_CONDA))
def test_conda_may_choose_the_version_the_unit_tests_ran_with(name):
    (version, *_) = _pins("requirements-xcube.txt")[name]
    assert version in _conda()[name].specifier


@pytest.mark.parametrize("bound", ["zarr<3", "pandas<3", "xarray<2026.3"])
def test_what_breaks_xcube_sh_is_kept_out(bound):
    wanted = Requirement(bound)
    assert all(version in wanted.specifier for version in _pins("requirements-xcube.txt")[wanted.name])
    newer = {"zarr": "3.1.6", "pandas": "3.1.1", "xarray": "2026.9.0"}[wanted.name]
    assert newer not in _conda()[wanted.name].specifier


@pytest.mark.parametrize("name", ["requirements-xcube.in", "environment.yml"])
def test_a_numcodecs_that_runs_what_a_file_holds_is_kept_out(name):
    needed = _conda() if name.endswith(".yml") else _requirements(name)
    assert "0.15.1" not in needed["numcodecs"].specifier


@pytest.mark.parametrize("name", ["requirements-xcube.txt", "environment.yml"])
def test_no_list_holds_an_address(name):
    assert "://" not in (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-test.txt", "requirements-xcube.txt", "requirements-docs.txt"]
)
def test_every_file_of_what_is_pinned_is_held_against_its_hash(name):
    one_each = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    pinned = [line for line in one_each if re.match(r"[A-Za-z]", line)]
    assert pinned and [line for line in pinned if "--hash=sha256:" not in line] == []
