"""Networks on the Detect page: brought, run, and every reason for something else to run instead, said."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from tests import tiny_networks as tiny
from tests.browser.conftest import opened_window, serving

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server of this module's own: its address, its home and its folder of networks for everybody."""
    home, everybodys = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("models")
    with serving(home, SCARP_MODELS=str(everybodys), SCARP_MODEL_MEMORY_GB="1") as address:
        yield address, home, everybodys


@pytest.fixture
def models(server):
    """The folder of networks for everybody, empty again after a test, as what readers kept is."""
    _, home, everybodys = server
    yield everybodys
    for path in (*everybodys.iterdir(), *home.glob("workspaces/*/networks/*")):
        path.unlink(missing_ok=True)


def put(folder, name: str, model) -> None:
    content = model if isinstance(model, bytes) else model.SerializeToString()
    (folder / f"{name}.onnx").write_bytes(content)


@pytest.fixture
def window(browser, server, models):
    with opened_window(browser, server[0]) as opened:
        yield opened
        assert opened.outside == []


def ran(window, method: str) -> str:
    """Open the Detect page on a method and return what it says ran."""
    window.open(f"detect?event=2&method={method}")
    window.page.get_by_text("Changed area").wait_for()
    window.settle()
    window.page.get_by_role("tab", name="What ran").click()
    window.settle()
    return window.text()


def test_a_network_runs_and_the_page_says_what_ran_where_and_how_long(window, models):
    put(models, "tiny", tiny.difference())
    said = ran(window, "onnx:tiny")
    assert re.search(r"ran as onnx:tiny on cpu \(CPUExecutionProvider\) in \d+\.\d+ s", said)
    assert "SHA-256 of the network" in said
    window.shoot("network")
    window.page.get_by_role("button", name="Model card").click()
    window.page.get_by_text("Licence:").wait_for()


FAULTS = {
    "missing": (None, "There is no network called missing"),
    "truncated": (tiny.difference().SerializeToString()[:-40], "instead of onnx:truncated"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "instead of onnx:pointer"),
    "silent": (tiny.difference(contract=None), "does not say"),
    "hungry": (tiny.hungry(10**9), "instead of onnx:hungry"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_where_a_network_cannot_run_the_band_difference_does_and_the_page_says_why(window, models, name):
    model, why = FAULTS[name]
    if model is not None:
        put(models, name, model)
    assert_another_ran(window, name, why)


def assert_another_ran(window, name: str, why: str) -> None:
    said = ran(window, f"onnx:{name}")
    assert why in said
    assert f"onnx:{name} ran as band-difference:B04:0.05" in said
    window.shoot(f"fallback-{name}")


def test_a_network_that_never_ends_is_ended_and_the_page_says_why(browser, tmp_path):
    """On a server of its own: what is short for it may be too short for another that begins on a busy machine."""
    (tmp_path / "models").mkdir()
    put(tmp_path / "models", "endless", tiny.never_ending())
    settings = {"SCARP_MODELS": str(tmp_path / "models"), "SCARP_MODEL_BUDGET_S": "3"}
    with serving(tmp_path / "home", **settings) as address, opened_window(browser, address) as window:
        assert_another_ran(window, "endless", "instead of onnx:endless")
        assert window.outside == []


def test_asking_for_a_gpu_where_there_is_none_is_said(window, models):
    put(models, "tiny", tiny.difference())
    window.open("detect?event=2&method=onnx:tiny")
    window.page.get_by_text("Changed area").wait_for()
    window.settle()
    window.page.get_by_label("Runs on", exact=True).click()
    window.page.get_by_role("option", name="GPU", exact=True).click()
    window.settle()
    window.page.get_by_role("tab", name="What ran").click()
    window.settle()
    assert "cpu (CPUExecutionProvider)" in window.text()
    assert "GPU" in window.alerts()


def test_a_band_the_network_needs_and_the_patch_lacks_is_a_sentence(window, models):
    contract = replace(tiny.RED, bands=("B12",))
    put(models, "swir", tiny.difference(contract))
    window.open("detect?event=2&source=sample&method=onnx:swir")
    window.settle()
    assert "B12" in window.alerts()


def bring(window, content: bytes, name: str) -> None:
    """Open the dialog and upload a file; what follows depends on the file."""
    window.open("detect?event=2")
    window.page.get_by_role("button", name="Bring a network").click()
    file = {"name": f"{name}.onnx", "mimeType": "application/octet-stream", "buffer": content}
    window.upload(window.page.locator("input[type=file]").first, file)


def kept(home) -> list[str]:
    """Return the names of the files that readers keep as networks of their own."""
    return sorted(path.name for path in home.glob("workspaces/*/networks/*"))


def test_a_network_is_brought_checked_opened_and_taken_away(window, models, server):
    bring(window, tiny.difference().SerializeToString(), "mine")
    window.page.get_by_role("button", name="Check and add").click()
    window.page.get_by_text("Neural network mine").first.wait_for()
    window.settle()
    assert "onnx%3Amine" in window.page.url or "onnx:mine" in window.page.url
    assert kept(server[1]) == ["mine.onnx"] and list(models.iterdir()) == []
    bring(window, tiny.one_logit().SerializeToString(), "mine")
    window.page.get_by_role("button", name="Check and add").click()
    window.page.get_by_text("There is a network called mine already").wait_for()
    window.open("detect?event=2&method=onnx:mine")
    window.page.get_by_role("button", name="Model card").click()
    window.page.get_by_role("button", name="Take away").click()
    window.page.get_by_role("button", name="Take away").wait_for(state="hidden")
    window.settle()
    assert kept(server[1]) == [] and "mine" not in window.page.url


def test_what_one_reader_brings_another_does_not_see_and_a_link_to_it_says_so(window, browser, models):
    bring(window, tiny.difference().SerializeToString(), "mine")
    window.page.get_by_role("button", name="Check and add").click()
    window.page.get_by_text("Neural network mine").first.wait_for()
    with opened_window(browser, window.address) as other:
        said = ran(other, "onnx:mine")
        assert "There is no network called mine" in said and "bring it yourself" in said
        assert "onnx:mine ran as band-difference:B04:0.05" in said


def test_a_network_of_seventy_megabytes_is_taken_where_the_form_promises_it(window, server, tmp_path):
    weights = [tiny.constant("ballast", np.random.default_rng(0).random(17_500_000, np.float32))]
    content = tiny.difference(weights=weights).SerializeToString()
    assert len(content) > 66_000_000
    path = tmp_path / "large.onnx"
    path.write_bytes(content)
    window.open("detect?event=2")
    window.page.get_by_role("button", name="Bring a network").click()
    window.upload(window.page.locator("input[type=file]").first, path)
    window.page.get_by_role("button", name="Check and add").click()
    window.page.get_by_text("Neural network large").first.wait_for()
    assert kept(server[1]) == ["large.onnx"]


def test_a_hostile_network_is_refused_with_the_reason_and_not_kept(window, models):
    bring(window, b"garbage" * 100, "bad")
    window.page.get_by_test_id("stAlert").first.wait_for()
    window.settle()
    assert window.alerts() and "went wrong" not in window.alerts()
    assert list(models.iterdir()) == []


def test_a_path_in_an_address_is_not_opened(window):
    window.open("detect?event=2&method=onnx:/etc/passwd")
    assert "was ignored" in window.text()
    assert "passwd" not in window.page.url


def test_a_network_that_says_nothing_of_itself_is_described_in_a_form(window, server):
    bring(window, tiny.difference(contract=None).SerializeToString(), "plain")
    window.page.get_by_text("does not say what it takes").wait_for()
    window.settle()
    assert "T1 goes into t1 and T2 into t2, as their names say." in window.page.get_by_role("dialog").inner_text()
    window.page.get_by_label("Bands, in the order of the channels").click()
    window.page.locator("[role=option]:not(option)").filter(has_text="B04").click()
    window.page.keyboard.press("Escape")
    window.settle()
    window.shoot("network-form")
    window.page.get_by_role("dialog").get_by_label("It answers with").click()
    window.page.get_by_role("option", name="probability of change, 0 to 1").click()
    window.settle()
    window.page.get_by_role("button", name="Check and add").click()
    window.page.get_by_text("Neural network plain").first.wait_for()
    assert kept(server[1]) == ["plain.json", "plain.onnx"]


def test_a_network_of_one_date_is_brought_through_the_form_and_kept_as_one_of_t2_alone(window, server):
    nodes = [tiny.helper.make_node("ReduceMean", ["image"], ["score"], axes=[1], keepdims=1)]
    sides = [("image", tiny.FLOAT, ("n", 3, "h", "w"))]
    bring(window, tiny.model(nodes, inputs=sides, contract=None).SerializeToString(), "single")
    window.page.get_by_text("does not say what it takes").wait_for()
    window.settle()
    form = window.page.get_by_role("dialog")
    assert "Its one input image takes T2 alone; T1 is not looked at." in form.inner_text()
    assert form.get_by_label("Its one input takes", exact=True).input_value() == "T2 alone"
    window.shoot("network-form-one-date")
    form.get_by_role("button", name="Check and add").click()
    window.page.get_by_text("Neural network single").first.wait_for()
    assert kept(server[1]) == ["single.json", "single.onnx"]
    (beside,) = server[1].glob("workspaces/*/networks/single.json")
    assert json.loads(beside.read_text())["dates"] == ["t2"]
