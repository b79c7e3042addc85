"""What pip-audit said is read as it was meant: nothing looked up is not nothing found."""

import json

from tests import audited

CLEAN = {"name": "zarr", "version": "3.1.6", "vulns": []}
HOLE = {"name": "pillow", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}
UNKNOWN = {"name": "own", "skip_reason": "Dependency not found on PyPI and could not be audited: own (1)"}


def said(*packages: dict) -> str:
    return json.dumps({"dependencies": packages})


def test_holes_are_told_by_package():
    assert audited.found(said(CLEAN, HOLE, UNKNOWN)) == {"zarr": [], "pillow": ["PYSEC-1"]}


def test_a_service_that_knows_no_package_was_not_asked():
    assert audited.found(said(UNKNOWN)) is None and audited.found("") is None and audited.found("[]") is None


def test_one_hole_fails_and_silence_does_not(monkeypatch, capsys):
    monkeypatch.setattr(audited, "LISTS", ("some.txt",))
    monkeypatch.setattr(audited, "asked", lambda *_: None)
    assert audited.main() == 0 and "not asked" in capsys.readouterr().out
    monkeypatch.setattr(audited, "asked", lambda *_: {"pillow": ["PYSEC-1"]})
    assert audited.main() == 1 and "pillow PYSEC-1" in capsys.readouterr().out
    monkeypatch.setattr(audited, "EXPLAINED", {"PYSEC-1": "never reached"})
    assert audited.main() == 0
