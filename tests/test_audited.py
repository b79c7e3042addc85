"""What pip-audit said is read as it was meant: nothing looked up is not nothing found."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

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


class Advisories(BaseHTTPRequestHandler):
    """Answers as the service of advisories does: pillow has a hole, nothing else has."""

    def do_POST(self):
        """Answer one package."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["package"]
        hole = {"id": "PYSEC-1", "affected": [{"package": asked}], "published": "2026-01-01T00:00:00Z"}
        told = json.dumps({"vulns": [hole]} if asked["name"] == "pillow" else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def service(monkeypatch):
    """A service of advisories on this machine, which pip-audit asks; it answers at any path."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Advisories) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        monkeypatch.setenv("PIP_AUDIT_OSV_URL", f"http://127.0.0.1:{listening.server_port}/v1/query")
        yield
        listening.shutdown()


@pytest.mark.usefixtures("service")
def test_pip_audit_itself_asks_of_a_list_with_hashes_and_is_understood(tmp_path, monkeypatch):
    monkeypatch.setattr(audited, "_PATIENCE_S", 600)
    path = tmp_path / "some.txt"
    path.write_text(f"zarr==3.1.6 \\\n    --hash=sha256:{'0' * 64}\npillow==12.0.0 \\\n    --hash=sha256:{'1' * 64}\n")
    assert audited.asked(str(path), "osv") == {"zarr": [], "pillow": ["PYSEC-1"]}


@pytest.mark.parametrize("name", audited.LISTS)
def test_every_list_that_is_asked_of_is_there(name):
    assert "==" in (audited.ROOT / name).read_text("utf-8")
