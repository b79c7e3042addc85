"""Sentinel Hub: the pair, the grid, the cost, and one plain sentence for everything that goes wrong."""

import os
import stat
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import config
from app.bands import ALL_BANDS
from app.errors import Cancelled, InputError, SourceError
from app.grid import THESIS_RESOLUTION_DEG, Grid, around
from app.patches import PatchSpec
from app.sources import (
    open_heights,
    open_source,
    sentinelhub_answer,
    sentinelhub_costs,
    sentinelhub_heights,
    sentinelhub_request,
    xcube_process,
    xcube_worker,
)
from tests.servers.sentinelhub_emulator import CLIENT_ID, CLIENT_SECRET, SentinelHubEmulator, heights, pixels

EVENT_2 = around(35.864314, -121.430499)
SPEC = PatchSpec("sentinelhub", "2", EVENT_2, date(2017, 5, 17), date(2017, 5, 27), bands=("B02", "B04"))
REQUESTS = 2 * 4  # two dates of two bands, CLM and dataMask

HAS_XCUBE = find_spec("xcube_sh") is not None or bool(os.environ.get("SCARP_XCUBE_PYTHON"))
needs_xcube = pytest.mark.skipif(
    not HAS_XCUBE, reason="xcube-sh is not installed; SCARP_XCUBE_PYTHON can name an interpreter that has it"
)


@pytest.fixture
def settings(monkeypatch):
    """Return a function that changes the environment the settings are read from."""

    def change(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        config.settings.cache_clear()

    for name in ("SH_CLIENT_ID", "SH_CLIENT_SECRET", "SH_INSTANCE_URL", "SH_OAUTH2_URL", "SCARP_DEADLINE_S"):
        monkeypatch.delenv(name, raising=False)
    config.settings.cache_clear()
    yield change
    monkeypatch.undo()
    config.settings.cache_clear()


@pytest.fixture
def hub(settings):
    """A Sentinel Hub on loopback, and settings that lead there."""
    with SentinelHubEmulator() as emulator:
        _lead_to(emulator, settings)
        yield emulator


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """The folder temporary files go to, empty at the start."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def _lead_to(emulator: SentinelHubEmulator, settings) -> None:
    settings(
        SH_CLIENT_ID=CLIENT_ID,
        SH_CLIENT_SECRET=CLIENT_SECRET,
        SH_INSTANCE_URL=emulator.url,
        SH_OAUTH2_URL=f"{emulator.url}/oauth",
    )


def _message(spec: PatchSpec = SPEC) -> str:
    """Return the sentence opening ``spec`` ends with, after checking that it gives nothing away."""
    with pytest.raises(SourceError) as raised:
        open_source(spec.source).open(spec)
    text = str(raised.value)
    assert CLIENT_SECRET not in text and CLIENT_ID not in text and "token-" not in text and "Traceback" not in text
    return text


# What needs no xcube-sh


def test_five_variables_of_the_standard_box_cost_what_the_documentation_says():
    spec = replace(SPEC, bands=("B02", "B03", "B04"))  # and CLM and dataMask: five a date
    assert sentinelhub_costs.estimate(spec).units / 2 == pytest.approx(0.44, abs=0.005)
    assert sentinelhub_costs.estimate(spec).requests == 10


def test_the_thesis_resolution_costs_four_tiles_a_band():
    spec = replace(SPEC, bands=("B02", "B03", "B04"), resolution_deg=THESIS_RESOLUTION_DEG)
    assert sentinelhub_costs.estimate(spec).units / 2 == pytest.approx(37.3, abs=0.05)
    assert sentinelhub_costs.estimate(spec).requests == 2 * 5 * 4


def test_the_cost_table_of_the_documentation_is_what_is_estimated():
    guide = (config.ROOT / "docs" / "SENTINELHUB.md").read_text(encoding="utf-8")
    choices = [(("B02", "B03", "B04", "B08"), 0.00009), (ALL_BANDS, 0.00009), (("B04",), 0.00001), (ALL_BANDS, 0.00001)]
    for bands, resolution in choices:
        units, requests = sentinelhub_costs.estimate(replace(SPEC, bands=bands, resolution_deg=resolution))
        assert f"| {requests} | {units:.{2 if units < 10 else 0}f} |" in guide


def test_heights_cost_one_request_more_whatever_the_bands():
    without, along = (sentinelhub_costs.estimate(replace(SPEC, heights=wanted)) for wanted in (False, True))
    assert along.requests == without.requests + 1
    assert along.units == pytest.approx(without.units * (REQUESTS + 1) / REQUESTS)


def test_heights_of_a_patch_larger_than_one_request_are_asked_for_coarser_and_laid_on_its_grid(tmp_path, monkeypatch):
    monkeypatch.setattr(sentinelhub_heights, "MOST_PX", 25)
    on = Grid(10.0, 45.0, 0.00001, 0.00001, 30, 26)
    asked = sentinelhub_heights.asked(on)
    assert max(asked.shape) == 25 and asked.bbox == pytest.approx(on.bbox)
    assert sentinelhub_heights.job(on)["size"] == [asked.width, asked.height]
    np.save(tmp_path / "DEM.npy", heights(*np.meshgrid(asked.x, asked.y)).astype(np.float32))
    found = sentinelhub_heights.found(tmp_path, on, "Sentinel Hub")
    assert found.values.shape == on.shape
    inner = found.values[2:-2, 2:-2]
    assert inner == pytest.approx(heights(*np.meshgrid(on.x, on.y))[2:-2, 2:-2], abs=0.05)


@given(st.floats(0.00005, 0.001), st.integers(1, 12))
def test_no_request_is_cheaper_than_the_least_the_service_charges(resolution, count):
    units, requests = sentinelhub_costs.estimate(replace(SPEC, bands=ALL_BANDS[:count], resolution_deg=resolution))
    assert units >= 0.005 * requests and requests >= 2 * (count + 2)


def test_scene_classes_become_cloud_clear_and_nodata():
    classes = np.arange(12, dtype=np.uint8).reshape(1, 12)
    valid = np.ones((1, 12), bool)
    valid[0, 11] = False
    clm = sentinelhub_answer.cloud_mask(classes, valid, "SCL")
    assert clm.tolist() == [[255, 255, 0, 1, 0, 0, 0, 0, 1, 1, 1, 255]]
    assert clm.dtype == np.uint8


def test_clm_is_kept_and_is_nodata_where_nothing_was_measured():
    raw, valid = np.array([[0, 1, 255, 1]], np.uint8), np.array([[True, True, True, False]])
    assert sentinelhub_answer.cloud_mask(raw, valid, "CLM").tolist() == [[0, 1, 255, 255]]


def test_without_an_account_the_message_names_the_variables(settings):
    text = _message()
    assert "SH_CLIENT_ID" in text and "SH_CLIENT_SECRET" in text and "docs/SENTINELHUB.md" in text
    assert (config.ROOT / "docs" / "SENTINELHUB.md").exists()


def test_the_account_shows_neither_id_nor_secret(settings):
    settings(SH_CLIENT_ID=CLIENT_ID, SH_CLIENT_SECRET=CLIENT_SECRET)
    shown = repr(config.settings()) + str(config.settings().sentinelhub)
    assert CLIENT_SECRET not in shown and CLIENT_ID not in shown
    assert config.settings().sentinelhub.complete


@pytest.mark.parametrize("text", ["soon", "0", "-3", "nan", "inf"])
def test_a_deadline_that_is_no_time_is_refused(text):
    with pytest.raises(InputError, match="SCARP_DEADLINE_S"):
        config.read({"SCARP_DEADLINE_S": text})


def test_credentials_are_not_sent_over_an_open_connection(settings):
    settings(SH_CLIENT_ID=CLIENT_ID, SH_CLIENT_SECRET=CLIENT_SECRET, SH_INSTANCE_URL="http://hub.example")
    assert "SH_INSTANCE_URL must begin with https://" in _message()


def test_copernicus_data_space_is_known_by_its_address_as_well():
    account = config.SentinelHubAccount(instance_url="https://sh.dataspace.copernicus.eu")
    assert sentinelhub_request.as_reached(sentinelhub_request.CLASSIC, account).cloud_band == "SCL"


@pytest.mark.skipif(find_spec("xcube_sh") is not None, reason="this environment has xcube-sh")
def test_without_xcube_sh_the_message_says_how_to_get_it(settings, monkeypatch):
    monkeypatch.delenv("SCARP_XCUBE_PYTHON", raising=False)
    settings(SH_CLIENT_ID=CLIENT_ID, SH_CLIENT_SECRET=CLIENT_SECRET)
    text = _message()
    assert "environment.yml" in text and "SCARP_XCUBE_PYTHON" in text
    assert (config.ROOT / "environment.yml").exists()


@pytest.mark.skipif(find_spec("xcube_sh") is not None, reason="this environment has xcube-sh")
def test_an_interpreter_without_xcube_sh_is_named_as_such(settings, scratch):
    settings(SH_CLIENT_ID=CLIENT_ID, SH_CLIENT_SECRET=CLIENT_SECRET, SCARP_XCUBE_PYTHON=sys.executable)
    text = _message()
    assert "lacks" in text and "xcube" in text
    assert list(scratch.iterdir()) == []


def test_an_interpreter_that_is_not_there_is_named(settings):
    settings(SH_CLIENT_ID=CLIENT_ID, SH_CLIENT_SECRET=CLIENT_SECRET, SCARP_XCUBE_PYTHON="/nowhere/python")
    text = _message()
    assert "/nowhere/python" in text and "cannot be started" in text


def _script(folder: Path, text: str) -> str:
    """Return a program that stands where an interpreter is expected."""
    program = folder / "python"
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(program)


@pytest.mark.skipif(os.name != "posix", reason="needs /bin/sh")
def test_a_process_that_ends_by_itself_is_reported_with_its_last_words(settings, tmp_path):
    python = _script(tmp_path, "echo out of everything >&2; exit 3")
    settings(SH_CLIENT_ID=CLIENT_ID, SH_CLIENT_SECRET=CLIENT_SECRET, SCARP_XCUBE_PYTHON=python)
    assert "ended by itself (out of everything)" in _message()


@pytest.mark.skipif(os.name != "posix", reason="needs /bin/sh")
def test_last_words_that_hold_a_credential_are_not_passed_on(settings, tmp_path):
    python = _script(tmp_path, f"echo farewell {CLIENT_SECRET} >&2; exit 3")
    settings(SH_CLIENT_ID=CLIENT_ID, SH_CLIENT_SECRET=CLIENT_SECRET, SCARP_XCUBE_PYTHON=python)
    assert "farewell ***" in _message()


@pytest.mark.skipif(os.name != "posix", reason="needs /bin/sh")
def test_a_process_that_hangs_is_ended_at_the_deadline(settings, tmp_path, scratch):
    place = tmp_path / "pid"
    python = _script(tmp_path, f"echo $$ > {place}; exec sleep 600")
    settings(SH_CLIENT_ID=CLIENT_ID, SH_CLIENT_SECRET=CLIENT_SECRET, SCARP_XCUBE_PYTHON=python, SCARP_DEADLINE_S="3")
    text = _message()
    assert "within 3 seconds" in text and "SCARP_DEADLINE_S" in text
    assert _gone(int(place.read_text()))


@pytest.mark.skipif(os.name != "posix", reason="needs /bin/sh")
def test_stopping_works_while_the_process_says_nothing(settings, tmp_path):
    place = tmp_path / "pid"
    python = _script(tmp_path, f"echo $$ > {place}; exec sleep 600")
    settings(SH_CLIENT_ID=CLIENT_ID, SH_CLIENT_SECRET=CLIENT_SECRET, SCARP_XCUBE_PYTHON=python)

    def stop_once_it_runs(share: float, doing: str) -> None:
        if place.exists() and place.read_text().strip():
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        open_source("sentinelhub").open(SPEC, stop_once_it_runs)
    assert _gone(int(place.read_text()))


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [("250", 250, 250), (None, 100, 100), ("soon", 100, 100), ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0)],
)
def test_retry_after_is_read_as_milliseconds_or_as_a_date(text, least, most):
    assert least <= xcube_worker._in_milliseconds(text) <= most


# The real xcube-sh against a Sentinel Hub on loopback


@needs_xcube
def test_the_pair_of_event_2_is_what_was_served_on_the_common_grid(hub, scratch):
    seen = []
    patch = open_source("sentinelhub").open(SPEC, lambda share, doing: seen.append(share))
    on = SPEC.grid
    assert np.abs(patch["x"].values - on.x).max() < 1e-9 and np.abs(patch["y"].values - on.y).max() < 1e-9
    longitude, latitude = np.meshgrid(on.x, on.y)
    for index, day in enumerate(("2017-05-17", "2017-05-27")):
        measured = pixels("dataMask", longitude, latitude, day) > 0
        served = pixels("B04", longitude, latitude, day)
        red = patch["B04"].values[index]
        assert np.allclose(red[measured], served[measured], atol=1e-6)
        assert np.isnan(red[~measured]).all() and (~measured).any()
        assert (red == 0).sum() == ((served == 0) & measured).sum() > 0
        assert np.array_equal(patch["CLM"].values[index], pixels("CLM", longitude, latitude, day))
    assert seen == sorted(seen) and seen[-1] > 0.9
    assert list(scratch.iterdir()) == []


@needs_xcube
def test_cost_is_counted_as_the_service_counts_it_and_as_estimated(hub):
    patch = open_source("sentinelhub").open(SPEC)
    estimated = sentinelhub_costs.estimate(SPEC)
    assert patch.attrs["requests"] == len(hub.pixel_requests()) == estimated.requests == REQUESTS
    assert patch.attrs["processing_units"] == pytest.approx(hub.units_spent, abs=1e-3)
    assert patch.attrs["processing_units"] == pytest.approx(estimated.units, abs=1e-3)
    assert patch.attrs["t1_scenes"] == "S2A_2017-05-17" and patch.attrs["simulated"] == 0


@needs_xcube
def test_a_second_patch_is_opened_by_the_process_that_opened_the_first(hub):
    xcube_process._idle.close()
    open_source("sentinelhub").open(SPEC)
    (worker,) = xcube_process._idle.workers()
    open_source("sentinelhub").open(replace(SPEC, bands=("B08",)))
    assert xcube_process._idle.workers() == [worker]


@needs_xcube
def test_the_thesis_grid_is_tiled_and_padded_as_the_common_grid_is(hub):
    spec = replace(SPEC, bands=("B04",), resolution_deg=THESIS_RESOLUTION_DEG)
    patch = open_source("sentinelhub").open(spec)
    assert patch["B04"].shape == (2, 2048, 2048)
    longitude, latitude = np.meshgrid(spec.grid.x, spec.grid.y)
    measured = pixels("dataMask", longitude, latitude, "2017-05-27") > 0
    served = np.where(measured, pixels("B04", longitude, latitude, "2017-05-27"), np.nan)
    agreeing = np.isclose(patch["B04"].values[1], served, atol=1e-6, equal_nan=True)
    assert agreeing.mean() > 0.9999  # a pixel on the very edge of a step may fall on either side


@needs_xcube
def test_copernicus_data_space_gives_a_cloud_mask_without_having_one(settings):
    with SentinelHubEmulator("cdse") as emulator:
        _lead_to(emulator, settings)
        patch = open_source("sentinelhub-cdse").open(replace(SPEC, source="sentinelhub-cdse"))
    longitude, latitude = np.meshgrid(SPEC.grid.x, SPEC.grid.y)
    assert np.array_equal(patch["CLM"].values[0], pixels("CLM", longitude, latitude, "2017-05-17"))
    assert patch.attrs["cloud_mask"] == "derived from SCL"


@needs_xcube
@pytest.mark.parametrize("flavour", ["sentinelhub", "sentinelhub-cdse"])
def test_heights_are_those_of_the_model_that_is_named_on_the_common_grid(settings, scratch, flavour):
    with SentinelHubEmulator() as emulator:
        _lead_to(emulator, settings)
        found = open_heights(replace(SPEC, source=flavour, heights=True))
        assert len(emulator.pixel_requests()) == 1
    assert found.values == pytest.approx(heights(*np.meshgrid(SPEC.grid.x, SPEC.grid.y)), abs=0.01)
    assert found.source.startswith("Copernicus DEM GLO-30, Sentinel Hub") and "EGM2008" in found.datum
    assert list(scratch.iterdir()) == []


@needs_xcube
def test_heights_that_are_refused_or_damaged_are_told_in_a_sentence(hub):
    hub.fail("status", times=1, status=403, message="Insufficient processing units available in your account.")
    with pytest.raises(SourceError, match="used up"):
        open_heights(SPEC)
    hub.fail("garbage")
    with pytest.raises(SourceError, match="arrived damaged"):
        open_heights(SPEC)


@needs_xcube
def test_a_rate_limit_is_waited_out_for_as_long_as_the_service_asks(hub):
    hub.fail("status", times=3, status=429, message="rate limit exceeded", Retry_After="400")
    open_source("sentinelhub").open(SPEC)
    tries: dict[str, list] = {}
    for one in hub.pixel_requests():
        tries.setdefault(one.key, []).append(one)
    refused = [(first, then) for tried in tries.values() for first, then in pairwise(tried)]
    assert len(refused) == 3
    for first, then in refused:
        assert first.status == 429 and then.at - first.at >= 0.4


@needs_xcube
def test_failures_of_the_server_that_pass_are_not_noticed(hub):
    hub.fail("status", times=2, status=500, message="out of order")
    hub.fail("drop", times=2)
    patch = open_source("sentinelhub").open(SPEC)
    assert np.isfinite(patch["B04"].values).any()
    assert patch.attrs["requests"] == REQUESTS and patch.attrs["requests_failed"] >= 2


@needs_xcube
@pytest.mark.parametrize(
    ("status", "message", "expected"),
    [
        (403, "Insufficient processing units available in your account.", "used up"),
        (401, "You are not authorized!", "did not accept the credentials"),
        (400, "Band B99 not found", "does not understand the request"),
        (429, "You have exceeded your rate limit", "rate limit"),
        (500, "Internal error", "failed on its side"),
    ],
)
def test_a_refusal_is_one_sentence_with_what_the_service_said(hub, scratch, status, message, expected):
    hub.fail("status", status=status, message=message, Retry_After="50")
    text = _message()
    assert expected in text and str(status) in text and message.rstrip(".") in text
    assert list(scratch.iterdir()) == []


@needs_xcube
def test_a_quota_that_is_used_up_is_not_asked_again(hub):
    hub.fail("status", status=403, message="Insufficient processing units available in your account.")
    _message()
    assert len(hub.pixel_requests()) <= 2  # the mask of each date, at most once


@needs_xcube
def test_wrong_credentials_are_said_to_be_wrong(hub, settings):
    settings(SH_CLIENT_SECRET="another")
    assert "did not accept SH_CLIENT_ID and SH_CLIENT_SECRET (invalid_client)" in _message()


@needs_xcube
def test_a_service_out_of_reach_is_said_to_be_so(settings):
    with SentinelHubEmulator() as emulator:
        _lead_to(emulator, settings)
    assert "cannot be reached" in _message()


@needs_xcube
def test_a_connection_that_keeps_breaking_is_given_up(hub, scratch):
    hub.fail("drop")
    assert "broke off" in _message()
    assert list(scratch.iterdir()) == []


@needs_xcube
def test_a_damaged_answer_is_not_kept(hub, scratch):
    hub.fail("garbage")
    assert "arrived damaged" in _message()
    assert list(scratch.iterdir()) == []


@needs_xcube
def test_a_day_without_a_scene_costs_nothing(hub):
    hub.missing_days.add("2017-05-27")
    assert "no scene of this place on 2017-05-27" in _message()
    assert hub.pixel_requests() == []


@needs_xcube
def test_a_day_whose_scene_misses_the_box_costs_one_request_a_date(hub):
    hub.empty_days.add("2017-05-17")
    assert "no scene of this place on 2017-05-17" in _message()
    assert len(hub.pixel_requests()) == 2


@needs_xcube
def test_a_token_that_is_no_longer_accepted_is_renewed(hub):
    hub.fail("status", times=2, status=401, message="Token expired")
    assert np.isfinite(open_source("sentinelhub").open(SPEC)["B04"].values).any()
    assert len(hub.tokens) >= 2


@needs_xcube
def test_the_process_serves_on_after_a_refusal(hub):
    hub.fail("status", status=403, message="quota")
    xcube_process._idle.close()
    _message()
    hub.troubles.clear()
    (worker,) = xcube_process._idle.workers()
    open_source("sentinelhub").open(SPEC)
    assert xcube_process._idle.workers() == [worker]


@needs_xcube
def test_a_slow_service_is_left_at_the_deadline_and_nothing_stays(hub, settings, scratch):
    open_source("sentinelhub").open(SPEC)  # a process that is already there
    settings(SCARP_DEADLINE_S="2")
    hub.fail("hang")
    started = time.monotonic()
    text = _message()
    assert time.monotonic() - started < 30  # the service itself would hang for two minutes
    assert "did not deliver within 2 seconds" in text and "nothing was kept" in text
    assert list(scratch.iterdir()) == [] and xcube_process._idle.workers() == []


@needs_xcube
def test_a_person_can_stop_while_a_request_hangs(hub, scratch):
    hub.fail("hang")

    def stop_when_asked(share: float, doing: str) -> None:
        if hub.pixel_requests():
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        open_source("sentinelhub").open(SPEC, stop_when_asked)
    assert list(scratch.iterdir()) == [] and xcube_process._idle.workers() == []


@needs_xcube
@pytest.mark.skipif(os.name != "posix", reason="kills a process")
def test_when_scarp_is_killed_its_process_ends_and_leaves_nothing(hub, tmp_path):
    hub.fail("hang")
    program = (
        "import datetime\n"
        "from app.patches import PatchSpec\n"
        "from app.sources import open_source\n"
        f"open_source('sentinelhub').open({SPEC!r})\n"
    )
    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", program], cwd=config.ROOT, env=environ) as scarp:
        while not hub.pixel_requests():
            time.sleep(0.05)
        children = ["ps", "-o", "pid=", "--ppid", str(scarp.pid)]
        worker = int(subprocess.run(children, capture_output=True, text=True, check=True).stdout)
        assert list(tmp_path.iterdir()) != []
        scarp.kill()
    while not _gone(worker) or list(tmp_path.iterdir()):
        time.sleep(0.05)  # the test's own time limit ends a wait in vain


@needs_xcube
@pytest.mark.skipif(os.name != "posix", reason="asks ps")
def test_no_command_line_or_log_holds_a_credential(hub, caplog):
    caplog.set_level("DEBUG")
    xcube_process._idle.close()
    lines = []

    def look(share: float, doing: str) -> None:
        if not lines and hub.seen:
            lines.append(subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True).stdout)

    open_source("sentinelhub").open(SPEC, look)
    assert "xcube_worker" in lines[0] and CLIENT_SECRET not in lines[0]
    assert CLIENT_SECRET not in caplog.text and CLIENT_ID not in caplog.text
