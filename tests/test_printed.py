"""A report as PDF: printed by the Chromium that is there, refused with a way out where there is none."""

import os

import pytest

from app.errors import InputError
from app.report import printed
from tests import chromium


def test_a_page_comes_out_as_pdf_with_a_page_an_event():
    path = chromium.find()
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("there is no Chromium here: python -m tests.chromium")
    html = b"<style>section{break-after:page}</style><section>one</section><section>two</section><p>three"
    made = printed.pdf(html, path)
    assert made.startswith(b"%PDF")
    assert made.count(b"/Type /Page\n") == 3


def test_without_a_chromium_the_way_out_is_said(monkeypatch):
    monkeypatch.setattr(printed, "browser", lambda named="": None)
    with pytest.raises(InputError, match=r"write \.html"):
        printed.pdf(b"<p>")


def test_a_program_that_prints_nothing_is_no_report(tmp_path):
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    with pytest.raises(InputError, match="exit code 3"):
        printed.pdf(b"<p>", str(program))
