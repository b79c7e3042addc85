"""The files that ship Scarp say what is there: paths that are copied exist, commands are those of docs/DEPLOY.md."""

import os
import re
import shutil
import subprocess
import sys
import textwrap

import pytest
import yaml

from app import config
from tests import dockerfile_steps
from tests.conftest import ROOT

DEPLOY = (ROOT / "docs" / "DEPLOY.md").read_text("utf-8")
STAGE = dockerfile_steps.last_stage(dockerfile_steps.steps())
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))


def only(word: str) -> dockerfile_steps.Step:
    (found,) = (step for step in STAGE if step.word == word)
    return found


def test_every_path_that_is_copied_is_there_and_reaches_the_build():
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    every = [path for path, _ in dockerfile_steps.copied(dockerfile_steps.steps())]
    assert {"app", "pages", "static", "models", "requirements.txt", "streamlit_app.py"} <= set(every)
    for path in every:
        assert (ROOT / path).exists(), path
        assert f"!{path}" in ignored, f".dockerignore keeps {path} from the build"
    assert ignored[0] == "*", "what is not named stays out of the image: keys, caches, environments"


def test_the_code_that_runs_needs_nothing_that_is_not_copied():
    named = {path.split("/")[0] for path, _ in dockerfile_steps.copied(STAGE)}
    for path in (ROOT / "app").rglob("*.py"):
        for found in re.findall(r"ROOT / \"([\w.]+)\"", path.read_text("utf-8")):
            assert found in named | {"build"}, f"{path.name} reads {found}"


def test_the_image_and_make_install_with_the_same_uv():
    (wanted,) = set(re.findall(r"uv==[\d.]+", (ROOT / "Makefile").read_text("utf-8")))
    assert re.findall(r"uv==[\d.]+", (ROOT / "Dockerfile").read_text("utf-8")) == [wanted]


def test_the_image_runs_as_nobody_in_particular_and_writes_to_its_volume():
    said = dockerfile_steps.environment(STAGE)
    assert only("USER").rest.isdecimal() and int(only("USER").rest) > 0
    assert only("VOLUME").rest == said["SCARP_HOME"] == said["HOME"]
    assert said["SCARP_PATHS"] == "off" and said["PYTHONDONTWRITEBYTECODE"] == "1"
    assert said["STREAMLIT_LOGGER_HIDE_WELCOME_MESSAGE"] == "true", "the outside is asked for this machine's address"
    assert all(name in config.__file__ or name in (ROOT / "app/config.py").read_text("utf-8")
               for name in said if name.startswith("SCARP_"))  # fmt: skip


def test_the_command_is_the_documented_one_and_its_health_is_asked_at_its_port(monkeypatch):
    command = only("CMD").listed
    assert " ".join(command) in DEPLOY
    assert f"--server.port={only('EXPOSE').rest}" in command
    (program,) = (part for part in only("HEALTHCHECK").listed if "urlopen" in part)
    asked = []
    monkeypatch.setattr("urllib.request.urlopen", lambda url, timeout: asked.append(url))
    for path in ("", "/scarp/"):
        monkeypatch.setenv("STREAMLIT_SERVER_BASE_URL_PATH", path)
        exec(program, {})  # our own words, from the Dockerfile
    here = f"http://127.0.0.1:{only('EXPOSE').rest}"
    assert asked == [f"{here}/_stcore/health", f"{here}/scarp/_stcore/health"]


def test_compose_keeps_its_root_read_only_and_no_password():
    scarp = COMPOSE["services"]["scarp"]
    assert scarp["read_only"] is True and scarp["cap_drop"] == ["ALL"] and scarp["tmpfs"]
    assert all(port.startswith("127.0.0.1:") for port in scarp["ports"])
    assert scarp["volumes"] == [f"home:{only('VOLUME').rest}"]
    for name, service in COMPOSE["services"].items():
        assert name == "scarp" or ":" in service["image"], "an image is named with its version"
        for key, value in service["environment"].items():
            if "PASSWORD" in key or "SECRET" in key:
                assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", value), f"{key} of {name} is said elsewhere"
    assert "${POSTGRES_PASSWORD:?" in scarp["environment"]["SCARP_DATABASE"]


def test_settings_that_compose_and_the_page_name_are_settings(monkeypatch):
    stated = {**COMPOSE["services"]["scarp"]["environment"]}
    settings = config.read({name: re.sub(r"\$\{\w+:[?-]([^}]*)\}", r"\1", value) for name, value in stated.items()})
    assert settings.cache_url == "s3://scarp/cache" and settings.database_url.startswith("postgresql+psycopg://")
    known = (ROOT / "app" / "config.py").read_text("utf-8") + (ROOT / "docs" / "SETTINGS.md").read_text("utf-8")
    for name in set(re.findall(r"SCARP_[A-Z0-9_]+", DEPLOY)) - {"SCARP_NAMES"}:
        assert name in known, f"docs/DEPLOY.md names {name}"


def test_systemd_finds_no_fault_with_the_unit_of_the_page(tmp_path):
    if shutil.which("systemd-analyze") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no systemd-analyze here (Debian: systemd)")
    (unit,) = re.findall(r"^    \[Unit\].*?^    WantedBy=\S+$", DEPLOY, flags=re.MULTILINE | re.DOTALL)
    here = textwrap.dedent(unit).replace("/opt/scarp/.venv/bin/python", sys.executable).replace("/opt/scarp", str(ROOT))
    (tmp_path / "scarp.service").write_text(f"{here}\n")
    command = ["systemd-analyze", "verify", str(tmp_path / "scarp.service")]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 0 and "scarp.service" not in said.stderr, said.stderr


def test_every_recipe_of_the_page_says_whether_it_was_run():
    recipes = re.split(r"^## ", DEPLOY, flags=re.MULTILINE)[1:]
    silent = [recipe.splitlines()[0] for recipe in recipes if not re.search(r"(Run|Not run|run) here", recipe)]
    assert not silent
