"""The log at its most talkative: nothing in it that gives access to anything."""

import logging
import os
import subprocess
import sys
import threading

import pytest

from app import logs
from tests.conftest import ROOT
from tests.servers.s3 import BUCKET, s3_server
from tests.servers.scarp import labels, served

KEYS = {
    "AWS_ACCESS_KEY_ID": "ASIAQWERTYUIOPASDFGH",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYSECRET",
    "AWS_SESSION_TOKEN": "FwoGZXIvYXdzEBYaDH+session/token==long",
}
HEARD = ("ASIAQWERTY", "wJalrXUtn", "FwoGZXIv")


@pytest.fixture(scope="module")
def s3():
    pytest.importorskip("moto", reason="needs moto[server]")
    with s3_server() as environment:
        yield {**environment, **KEYS, "SCARP_CACHE": f"s3://{BUCKET}/x", "SCARP_LOG": "DEBUG"}


@pytest.fixture
def heard(caplog):
    """Every record of the process, as a handler formats it."""
    logs.set_up("WARNING")
    caplog.set_level("DEBUG")
    return caplog


def _cache_listed(environment: dict[str, str], folder) -> str:
    called = [sys.executable, "-m", "app", "cache", "list"]
    environment = {**os.environ, **environment, "SCARP_HOME": str(folder)}
    done = subprocess.run(called, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stderr


def test_the_command_line_s_log_of_s3_holds_no_key_and_no_signature(s3, tmp_path):
    told = _cache_listed(s3, tmp_path)
    assert "DEBUG botocore" in told
    assert not [secret for secret in HEARD if secret in told]
    assert "Signature:\n***" in told


def test_keys_that_only_a_file_of_amazon_s_holds_are_in_no_log(s3, tmp_path):
    file = tmp_path / "credentials"
    file.write_text("[default]\n" + "\n".join(f"{name.lower()} = {value}" for name, value in KEYS.items()))
    others = {name: value for name, value in s3.items() if name not in KEYS}
    told = _cache_listed({**others, "AWS_SHARED_CREDENTIALS_FILE": str(file)}, tmp_path)
    assert "DEBUG botocore" in told
    assert not [secret for secret in HEARD if secret in told]


def test_the_server_s_log_of_s3_holds_no_key(s3, tmp_path):
    with served(tmp_path, **s3) as server:
        labels(server, "patches", {})
        labels(server, "inventory", {})
    told = server.log.read_text()
    assert "DEBUG" in told
    assert not [secret for secret in HEARD if secret in told]


@pytest.mark.parametrize(
    "name", ["app", "botocore.auth", "s3fs", "fsspec", "aiohttp", "urllib3.connectionpool", "oauthlib", "rasterio._env"]
)
def test_whoever_writes_to_the_log_writes_no_secret(heard, name):
    log = logging.getLogger(name)
    log.setLevel(logging.DEBUG)
    log.debug('GET %s "%s"', "https://x.test/a.tif?sig=abcdef", {"Authorization": "Bearer abcdef"})
    try:
        raise OSError("https://me:abcdef@x.test refuses")
    except OSError:
        log.exception("It failed", stack_info=True)
    assert "x.test" in heard.text
    assert "abcdef" not in heard.text


def test_a_handler_that_comes_later_hears_no_secret_either(heard):
    import io

    said = io.StringIO()
    handler = logging.StreamHandler(said)
    log = logging.getLogger("late")
    log.addHandler(handler)
    log.warning("token=abcdef")
    log.removeHandler(handler)
    assert said.getvalue() == "token=***\n"


def test_what_nobody_catches_is_told_without_secrets(heard):
    def fail():
        raise ValueError("https://x.test/?sig=abcdef")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    assert "sig=***" in heard.text
    assert "abcdef" not in heard.text
