"""The scripts of the pages: their own tests, run by node, and what they and Python have to agree on."""

import json
import os
import re
import shutil
import subprocess

import pytest

from app.config import ROOT
from app.ui import viewer
from app.ui.choices import LOOKS, TABLE, looks

VIEWER = ROOT / "app" / "ui" / "viewer"
TEXTS = json.loads((ROOT / "tests" / "js" / "texts.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def node() -> str:
    found = shutil.which("node")
    said = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=60).stdout if found else ""
    if not re.match(r"v(1[89]|[2-9]\d|\d{3})\.", said):
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no node from version 18, which runs the scripts' tests")
    return found


def test_the_scripts_pass_their_own_tests(node):
    names = sorted(map(str, (ROOT / "tests" / "js").glob("*.test.js")))
    done = subprocess.run([node, "--test", *names], cwd=ROOT, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]


def test_every_pattern_that_python_names_is_drawn_and_has_a_swatch(node):
    module = json.dumps((VIEWER / "patterns.js").as_uri())
    script = f"import {{ PATTERNS }} from {module}; console.log(Object.keys(PATTERNS).join());"
    done = subprocess.run([node, "--input-type=module", "-e", script], capture_output=True, text=True, timeout=60)
    assert tuple(done.stdout.strip().split(",")) == viewer.PATTERNS, done.stderr
    swatches = re.findall(r"^\.hatched \.(\w+) \{", (VIEWER / "viewer.css").read_text("utf-8"), re.M)
    assert tuple(swatches) == viewer.PATTERNS


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in TEXTS.items() for text in texts])
def test_a_text_the_browser_writes_into_the_address_is_read_and_written_the_same_here(name, text):
    assert TABLE[name].show(TABLE[name].parse(text)) == text


def test_the_texts_tried_are_of_every_choice_there_is():
    assert set(TEXTS) == set(LOOKS)
    assert set(TEXTS["mode"]) == set(looks.MODES) and set(TEXTS["style"]) == set(looks.STYLES)


def test_the_lock_of_the_linter_names_no_place_packages_come_from():
    text = (ROOT / "package-lock.json").read_text("utf-8")
    assert "resolved" not in text and "://" not in text
    assert all(one.get("integrity") for name, one in json.loads(text)["packages"].items() if name)
