import re
from pathlib import Path

import pytest

from app import config
from app.errors import InputError


def test_everything_lies_in_scarps_own_folder_unless_said_otherwise():
    settings = config.read({"SCARP_HOME": "/data/scarp"})
    assert settings.home == Path("/data/scarp")
    assert settings.cache_url == "/data/scarp/cache"
    assert settings.database_url == "sqlite:////data/scarp/review.sqlite"


def test_the_version_is_told_once_and_the_changelog_begins_with_it():
    told = re.findall(r"^## \[?([^\] ]+)", (config.ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert told[0] == config.version()
    assert config.software() == f"Scarp {config.version()}"


def test_a_version_that_cannot_be_told_stops_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(config, "ROOT", tmp_path)
    assert config.version.__wrapped__() == "unknown"


def test_what_the_environment_says_is_taken():
    settings = config.read({"SCARP_CACHE": "s3://team/patches", "SCARP_CACHE_GB": "1.5", "SCARP_LOG": "info"})
    assert (settings.cache_url, settings.cache_gb, settings.log_level) == ("s3://team/patches", 1.5, "INFO")


@pytest.mark.parametrize(
    "wrong",
    [{"SCARP_CACHE_GB": "many"}, {"SCARP_DEADLINE_S": "-1"}, {"SCARP_DEADLINE_S": "inf"}, {"SCARP_LOG": "loud"}],
)
def test_a_setting_nobody_can_follow_is_named(wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        config.read(wrong)


def test_a_wrong_setting_is_one_line_on_the_command_line(monkeypatch, capsys):
    from app.__main__ import main

    monkeypatch.setenv("SCARP_DEADLINE_S", "soon")
    config.settings.cache_clear()
    try:
        assert main(["inventory"]) == 2
    finally:
        monkeypatch.undo()
        config.settings.cache_clear()
    assert "SCARP_DEADLINE_S" in capsys.readouterr().err


def test_secrets_are_not_in_the_printed_settings():
    printed = repr(
        config.read({"SH_CLIENT_ID": "an-id", "SH_CLIENT_SECRET": "a-secret", "SCARP_CDSE_S3_SECRET": "another"})
    )
    assert "an-id" not in printed and "a-secret" not in printed and "another" not in printed


def test_at_least_one_core_is_always_available():
    assert config.available_cores() >= 1


def test_names_of_hosts_are_read_as_a_browser_shows_them():
    assert config.read({"SCARP_HOSTS": " Scarp.Example.org. ,*.lab.org,"}).hosts == ("scarp.example.org", "*.lab.org")
    assert config.read({}).hosts == ()


@pytest.mark.parametrize("names", ["http://scarp.example.org", "scarp.example.org:8501", "*", "a b", "scarp/x"])
def test_what_is_no_name_of_a_host_is_refused(names):
    with pytest.raises(InputError, match="SCARP_HOSTS"):
        config.read({"SCARP_HOSTS": names})


def test_paths_are_on_until_they_are_put_off():
    assert config.read({}).paths
    assert not config.read({"SCARP_PATHS": "off"}).paths
    with pytest.raises(InputError, match="SCARP_PATHS"):
        config.read({"SCARP_PATHS": "maybe"})


@pytest.mark.parametrize("name", ["SCARP_HOME", "SCARP_MODELS", "SCARP_PUBLISHED", "SCARP_DATA"])
def test_a_folder_of_nobody_s_is_a_sentence(name):
    with pytest.raises(InputError, match=name):
        config.read({name: "~no-such-person/scarp"})
