"""What the form for a network promises is what the server takes, however Scarp was started."""

import tomllib

import pytest
from streamlit import config as server

from app import config
from app.ui import networks
from tests.conftest import ROOT

OWN = str(ROOT / ".streamlit" / "config.toml")
UPLOAD = "server.maxUploadSize"


@pytest.fixture
def limit(monkeypatch):
    """Let a test set the server's limit, where it was set, and the largest network's megabytes."""
    before = server.get_option(UPLOAD), server.get_where_defined(UPLOAD)

    def put(most: str, megabytes: int, where: str) -> int:
        monkeypatch.setenv("SCARP_MODEL_MAX_MB", most)
        config.settings.cache_clear()
        server.set_option(UPLOAD, megabytes, where)
        return networks.largest_upload_mb()

    yield put
    server.set_option(UPLOAD, *before)
    config.settings.cache_clear()


def test_the_file_of_settings_takes_as_large_a_network_as_is_promised_by_default():
    held = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert held["server"]["maxUploadSize"] > config.Settings.model_max_mb


def test_the_server_takes_what_the_setting_allows(limit):
    assert limit("600", 513, OWN) == 600 and server.get_option(UPLOAD) == 601
    assert limit("0.5", 513, OWN) == 1 and server.get_option(UPLOAD) == 513


def test_a_limit_that_whoever_runs_the_server_set_stands_and_no_more_is_promised(limit):
    assert limit("512", 60, "command-line argument or environment variable") == 59
    assert server.get_option(UPLOAD) == 60


def test_what_a_contract_would_say_is_told_as_a_choice_where_the_form_has_one(tmp_path):
    from app.detection.network import checking
    from tests.test_network_kinds import network

    made = network("stacked", "channels-last", "uint16", 3, True, None).SerializeToString()
    notes = [networks.in_the_form(note) for note in checking.looked_through(made, "n")[1].notes]
    assert any('choose "both dates" under "Its one input takes"' in note for note in notes)
    assert any('"The output that counts" chooses another' in note for note in notes)
    assert not any('"dates"' in note or '"answer"' in note for note in notes)
    assert networks.in_the_form('it is no network; write "x".') == 'it is no network; write "x".'
