"""A network file is looked through before it runs; a hostile one is refused or stopped with a sentence."""

import hashlib
import io
import os
import re
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import onnx
import pytest
from onnx import helper

from app import config
from app.detection import methods
from app.detection.network import checking, fitting, frames, graph, looking, registry, scaling
from app.detection.network import process as network_process
from app.detection.network.contract import Contract
from app.detection.network.process import Budget
from app.detection.network.worker import CPU, explain, providers
from app.errors import Cancelled, InputError, NetworkBudgetError, NetworkError, NetworkRunError
from tests import tiny_networks as tiny

TILE = np.zeros((1, 1, 16, 16), np.float32)


def run_once(path, budget=None, watch=lambda: None, **how) -> np.ndarray:
    with network_process.opened(path, "cpu", budget or Budget(60), **how) as network:
        return network.run([TILE, TILE + 1], ["t1", "t2"], "score", 10**8, watch)


def foreign_node():
    return helper.make_node("Steal", ["t1"], ["a"], domain="com.example")


def function(node):
    """A function of the file's own that holds ``node``."""
    return helper.make_function("own", "Wrapped", ["t1", "t2"], ["score"], [node], [helper.make_opsetid("", 17)])


def wrapped(node):
    call = helper.make_node("Wrapped", ["t1", "t2"], ["score"], domain="own")
    return tiny.model([call], functions=[function(node)], domains=["own"])


def with_attribute():
    node = helper.make_node("Constant", [], ["a"], value=tiny.outside())
    return tiny.choosing(node)


def sparse():
    made = tiny.difference()
    weights = onnx.SparseTensorProto(values=tiny.outside("far"), indices=tiny.constant("at", [0], np.int64), dims=[4])
    made.graph.sparse_initializer.append(weights)
    return made


def training():
    made = tiny.difference()
    made.training_info.add()
    return made


def own_gelu(domain: str = "com.microsoft"):
    """A function of the file's own under the name of one of onnxruntime's kernels, which would run in its place."""
    body = [helper.make_node("Sub", ["x", "x"], ["y"])]
    made = helper.make_function(domain, "Gelu", ["x"], ["y"], body, [helper.make_opsetid("", 17)])
    call = helper.make_node("Gelu", ["t1"], ["score"], domain=domain)
    return tiny.model([call], functions=[made], domains=[domain] if domain else [])


def sized(field: int, content: bytes) -> bytes:
    """A field of protobuf's wire format."""
    length, out = len(content), bytes([field << 3 | 2])
    while length > 127:
        out, length = out + bytes([length & 127 | 128]), length >> 7
    return out + bytes([length]) + content


def many_nodes(count: int) -> bytes:
    """A graph of empty nodes: two bytes each, a hundred or more once they are parsed."""
    return b"\x08\x09" + sized(7, sized(1, b"") * count)


def talkative() -> onnx.ModelProto:
    """Fifteen megabytes of metadata."""
    made = tiny.difference()
    for number in range(200):
        made.metadata_props.add(key=f"k{number}", value="x" * 75_000)
    return made


HOSTILE = {
    "nothing": (b"", "it is empty"),
    "garbage": (bytes(range(256)) * 40, "is not an ONNX file, or is damaged"),
    "text": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "pointer to a file kept by Git LFS"),
    "a torch checkpoint": (b"PK\x03\x04rest", "perhaps a torch checkpoint"),
    "a pickle": (b"\x80\x02}q\x00.", "perhaps a torch checkpoint"),
    "a web page": (b"<!DOCTYPE html><html>", "web page"),
    "onnxruntime's own format": (b"\x18\0\0\0ORTM" + bytes(64), "onnxruntime's own format"),
    "no network": (onnx.ModelProto(ir_version=9).SerializeToString(), "holds no network"),
    "half of one": (tiny.difference().SerializeToString()[:150], "damaged or cut short|holds no network"),
    "weights elsewhere": (tiny.model([], weights=[tiny.outside()]), "holds no network"),
    "a weight elsewhere": (tiny.difference(weights=[tiny.outside()]), "weights far lie in another file"),
    "one in a branch": (tiny.choosing(weights=[tiny.outside()]), "weights far lie in another file"),
    "one in an attribute": (with_attribute(), "weights far lie in another file"),
    "a sparse one": (sparse(), "weights far lie in another file"),
    "one in a function": (
        wrapped(helper.make_node("Constant", [], ["score"], value=tiny.outside())),
        "weights far lie in another file",
    ),
    "an operator of its own": (
        tiny.model([helper.make_node("Steal", ["t1", "t2"], ["score"], domain="com.example")], domains=["com.example"]),
        "uses the operator Steal of com.example",
    ),
    "one of onnxruntime's": (
        tiny.model([helper.make_node("Gelu", ["t1"], ["score"], domain="com.microsoft")], domains=["com.microsoft"]),
        "uses the operator Gelu of com.microsoft",
    ),
    "one in another branch": (tiny.choosing(foreign_node(), domains=["com.example"]), "operator Steal of com.example"),
    "one in its function": (
        wrapped(helper.make_node("Steal", ["t1"], ["score"], domain="com.example")),
        "operator Steal of com.example",
    ),
    "a function in onnxruntime's name": (own_gelu(), "brings a function Gelu of its own in the domain com.microsoft"),
    "one in the name of a part of it": (own_gelu("com.microsoft.nchwc"), "which onnxruntime fills itself"),
    "one in ONNX's own name": (own_gelu(""), "in the domain of ONNX, which onnxruntime fills itself"),
    "two million empty nodes": (many_nodes(2_000_000), "holds more than 1,000,000 parts"),
    "a field beyond its end": (sized(7, b"\x0a\x7f"), "is not an ONNX file, or is damaged"),
    "a name that is no text": (
        tiny.difference().SerializeToString().replace(b"ReduceMean", b"Reduce\xff\xfe\xffn"),
        "is not an ONNX file, or is damaged",
    ),
    "outputs without end": (
        tiny.difference(outputs=[(f"o{n}", tiny.FLOAT, [1]) for n in range(65)]),
        "it has 65 outputs, and at most 64",
    ),
    "training steps": (training(), "training steps"),
    "a name to break a terminal": (
        tiny.difference(inputs=[("t1\x1b[2J", tiny.FLOAT, [1]), ("t2", tiny.FLOAT, [1])]),
        "name that cannot be shown",
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused_with_the_reason(kind):
    network, said = HOSTILE[kind]
    with pytest.raises(NetworkError, match=said):
        graph.read(network if isinstance(network, bytes) else network.SerializeToString())


def test_a_network_cut_short_anywhere_is_refused_or_reads_as_what_is_left(folder):
    whole = tiny.difference().SerializeToString()
    for length in range(0, len(whole), 7):
        try:
            graph.read(whole[:length])
        except NetworkError as error:
            assert str(error).startswith("it ") and str(error).endswith(".")


def test_a_plain_network_says_what_it_takes():
    read = graph.read(tiny.difference(shape=(1, 1, 16, "w")).SerializeToString())
    assert [str(tensor) for tensor in read.inputs] == ["t1 float32 (1, 1, 16, any)", "t2 float32 (1, 1, 16, any)"]
    assert read.outputs[0].made_by == "ReduceMean" and read.operators == ("Abs", "ReduceMean", "Sub")
    assert graph.Graph.from_values(read.to_values()) == read


def test_of_what_a_file_says_only_the_contract_is_kept():
    read = graph.read(talkative().SerializeToString())
    assert list(read.metadata) == ["scarp"] and len(str(read.to_values())) < 5000


def test_functions_of_the_file_itself_may_run(folder):
    path = tiny.put(folder, wrapped(helper.make_node("Sub", ["t2", "t1"], ["score"])))
    assert (run_once(path) == 1).all()


def test_weights_listed_as_inputs_need_not_be_given():
    made = tiny.box()
    made.graph.input.append(helper.make_tensor_value_info("kernel", tiny.FLOAT, [1, 1, 3, 3]))
    assert [tensor.name for tensor in graph.read(made.SerializeToString()).inputs] == ["t1", "t2"]


def test_a_file_larger_than_allowed_is_refused_before_it_is_read(folder):
    path = folder / "huge.onnx"
    with open(path, "wb") as file:
        file.truncate(1_000_000_000)  # a hole: no such space is taken
    with pytest.raises(NetworkError, match=r"it has 1,000 MB, and files of up to 512 MB.*SCARP_MODEL_MAX_MB"):
        run_once(path)
    (listed,) = (one for one in registry.listing() if one.path == path)
    assert "1,000 MB" in listed.unusable


def test_a_file_that_is_not_there_or_not_a_file_is_said(folder):
    with pytest.raises(NetworkError, match=r"There is no network file gone\.onnx"):
        run_once(folder / "gone.onnx")
    (folder / "folder.onnx").mkdir()
    with pytest.raises(NetworkError, match="is not a file"):
        run_once(folder / "folder.onnx")
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "pipe.onnx")
        with pytest.raises(NetworkError, match="is not a file"):
            run_once(folder / "pipe.onnx")


def test_a_network_that_never_ends_is_stopped_when_its_time_is_up(folder):
    path = tiny.put(folder, tiny.never_ending())
    with network_process.opened(path, "cpu", Budget(60)) as network:
        process = network.worker.process
        network.budget = Budget(1)
        with pytest.raises(NetworkBudgetError, match=r"longer than 1 seconds.*SCARP_MODEL_BUDGET_S"):
            network.run([TILE, TILE], ["t1", "t2"], "score", 10**8)
    assert process.poll() is not None


def test_a_network_that_never_ends_stops_at_once_when_the_person_asks(folder):
    heard = []

    def watch():
        heard.append(1)
        if len(heard) > 3:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        run_once(tiny.put(folder, tiny.never_ending()), watch=watch)
    with pytest.raises(Cancelled):
        run_once(tiny.put(folder, tiny.never_ending()), watch=watch)


def test_a_network_that_never_ends_does_not_outlive_scarp(folder):
    path = tiny.put(folder, tiny.never_ending())
    code = (
        "import sys, threading, numpy as np\nfrom pathlib import Path\nfrom app.detection.network import process as p\n"
        f"with p.opened(Path({str(path)!r}), 'cpu', p.Budget(60)) as network:\n"
        "    print(network.worker.process.pid, flush=True)\n"
        "    tile = np.zeros((1, 1, 16, 16), 'float32')\n"
        "    network.run([tile, tile], ['t1', 't2'], 'score', 10**8)\n"
    )
    scarp = subprocess.Popen([sys.executable, "-c", code], cwd=config.ROOT, stdout=subprocess.PIPE, text=True)
    worker = int(scarp.stdout.readline())
    scarp.kill()
    scarp.wait()
    for _ in range(1000):
        try:
            os.kill(worker, 0)
        except OSError:
            return
        if "Z" in _state(worker):
            return
        time.sleep(0.1)
    raise AssertionError("the network's process is still there")


def _state(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0]
    except OSError:
        return "Z"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="memory is limited by the system on Linux only")
def test_a_network_that_fills_memory_is_stopped_and_said(folder, monkeypatch):
    monkeypatch.setenv("SCARP_MODEL_MEMORY_GB", "1.5")
    config.settings.cache_clear()
    with pytest.raises(NetworkRunError, match=r"ran out of memory \(1.5 GB are allowed, SCARP_MODEL_MEMORY_GB\)"):
        run_once(tiny.put(folder, tiny.hungry(10**9)))


def test_a_process_that_dies_is_said(folder):
    with network_process.opened(tiny.put(folder, tiny.difference()), "cpu", Budget(60)) as network:
        network.worker.process.kill()
        with pytest.raises(NetworkRunError, match="ended without an answer"):
            network.run([TILE, TILE], ["t1", "t2"], "score", 10**8)


def test_wrong_shapes_are_onnxruntimes_to_refuse_and_are_said_in_one_line(folder):
    path = tiny.put(folder, tiny.difference(shape=(1, 3, 16, 16)))
    with pytest.raises(NetworkRunError, match="onnxruntime could not run it: ") as refused:
        run_once(path)
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 300


def test_a_process_that_answers_more_than_was_asked_for_is_not_listened_to(folder):
    path = tiny.put(folder, tiny.difference())
    said = "answered with more than was asked for and was stopped"
    with network_process.opened(path, "cpu", Budget(60)) as network, pytest.raises(NetworkRunError, match=said):
        network.run([TILE, TILE], ["t1", "t2"], "score", 100)


def test_a_network_stays_set_up_until_its_file_changes(folder):
    path = folder / "tiny.onnx"
    pids, answers, shas = [], [], []
    for times in (10.0, None, 20.0):  # the new weights take as many bytes
        if times:
            tiny.put(folder, tiny.one_logit(times))
        with network_process.opened(path, "cpu", Budget(60)) as network:
            pids.append(network.worker.process.pid)
            answers.append(network.run([TILE, TILE + 1], ["t1", "t2"], "score", 10**8).max())
            shas.append(network.graph.sha256)
    assert pids[0] == pids[1] != pids[2] and shas[0] == shas[1] != shas[2]
    assert answers == [10, 10, 20]


def test_no_more_processes_are_kept_than_allowed(folder):
    processes = []
    for number in range(network_process.KEPT + 1):
        with network_process.opened(tiny.put(folder, tiny.difference(), f"m{number}"), "cpu", Budget(60)) as network:
            processes.append(network.worker.process)
    assert [process.poll() is None for process in processes] == [False] + [True] * network_process.KEPT
    network_process.close()
    assert all(process.poll() is not None for process in processes)


def test_one_network_runs_at_a_time_and_waiting_can_be_given_up(folder):
    heard, waiting = [], threading.Event()

    def tell(share, doing):
        heard.append(doing)
        waiting.set()
        raise Cancelled("Stopped.")

    def second():
        with pytest.raises(Cancelled), network_process.one_at_a_time(tell):
            raise AssertionError("two run at once")

    with network_process.one_at_a_time():
        other = threading.Thread(target=second)
        other.start()
        other.join(timeout=120)
    assert waiting.is_set() and "1 before you" in heard[0]
    with network_process.one_at_a_time(tell):
        assert len(heard) == 1


def test_a_networks_process_knows_no_secret(folder, monkeypatch):
    monkeypatch.setenv("SH_CLIENT_SECRET", "hush")
    monkeypatch.setenv("HTTPS_PROXY", "http://me:hush@proxy")
    with network_process.opened(tiny.put(folder, tiny.difference()), "cpu", Budget(60)) as network:
        if sys.platform.startswith("linux"):
            with open(f"/proc/{network.worker.process.pid}/environ", "rb") as file:
                assert b"hush" not in file.read()
    assert "PATH" in config.without_secrets() and "SH_CLIENT_SECRET" not in config.without_secrets()


def test_a_provider_that_does_not_start_leaves_the_cpu_and_shows(folder):
    path = tiny.put(folder, tiny.difference())
    with network_process.opened(path, "gpu", Budget(60), providers=["CUDAExecutionProvider", CPU]) as network:
        assert network.asked == "CUDAExecutionProvider"
        if "CUDAExecutionProvider" not in network.available:
            assert (network.provider, network.device) == (CPU, "cpu")
            assert (network.run([TILE, TILE + 1], ["t1", "t2"], "score", 10**8) == 1).all()


def test_a_gpu_is_taken_where_onnxruntime_has_one_and_the_cpu_where_it_is_asked_for():
    everything = ["TensorrtExecutionProvider", "CUDAExecutionProvider", "AzureExecutionProvider", CPU]
    assert providers("auto", everything) == ["CUDAExecutionProvider", CPU]
    assert providers("gpu", everything) == ["CUDAExecutionProvider", CPU]
    assert providers("cpu", everything) == [CPU]
    assert providers("auto", ["OpenVINOExecutionProvider", CPU]) == ["OpenVINOExecutionProvider", CPU]
    assert providers("gpu", ["OpenVINOExecutionProvider", CPU]) == [CPU]
    assert providers("auto", ["DmlExecutionProvider", CPU])[0] == "DmlExecutionProvider"


def test_a_failure_is_told_without_the_runtimes_paths():
    told = explain(RuntimeError("[ONNXRuntimeError] : 1 : FAIL : at /onnxruntime_src/core/a.cc:12 bad\nthing"))
    assert told["error"] == "failed" and "/onnxruntime_src" not in told["detail"] and "\n" not in told["detail"]
    assert explain(RuntimeError("Failed to allocate memory for requested buffer"))["error"] == "memory"
    assert explain(MemoryError())["error"] == "memory"


def test_messages_come_through_and_anything_else_is_refused():
    stream = io.BytesIO()
    sent = [np.arange(6, dtype=np.float32).reshape(1, 2, 3), np.zeros((0, 4), np.uint8)]
    frames.send(stream, {"do": "run"}, sent)
    stream.seek(0)
    header, arrays = frames.receive(stream)
    assert header == {"do": "run"} and all(
        (a == b).all() and a.shape == b.shape for a, b in zip(arrays, sent, strict=True)
    )
    assert frames.receive(stream) is None
    for broken in (b'{"arrays": [["object", 3]]}', b'{"arrays": [["float32", -1]]}', b"[]", b"{}", b"\xff"):
        with pytest.raises(frames.BrokenFrameError):
            frames.receive(io.BytesIO(len(broken).to_bytes(4, "big") + broken))
    with pytest.raises(frames.BrokenFrameError):
        frames.receive(io.BytesIO(b"\xff\xff\xff\xff"))


@pytest.mark.parametrize("name", ["bit", "LEVIR CD 2", "a.b-c_d", "cdrl@published"])
def test_a_plain_word_is_a_name(name):
    assert registry.is_name(name)


@pytest.mark.parametrize(
    "text", ["/etc/passwd", "../bit", "a/b", "a\\b", "bit.onnx", "C:x", "", ".hidden", "a..b", "~", "x" * 81, "a\n"]
)
def test_a_path_is_no_name(text):
    assert not registry.is_name(text)


def test_networks_are_found_by_name_and_files_by_path(folder):
    path = tiny.put(folder, tiny.difference())
    assert registry.find("tiny") == registry.NetworkFile(path)
    assert registry.find(str(path)) == registry.NetworkFile(path)
    assert registry.find("tiny@published") == registry.NetworkFile(path, published=True)
    with pytest.raises(NetworkError, match=r"no network called nothing. Choose from .*tiny"):
        registry.find("nothing")
    with pytest.raises(NetworkError, match=r"neither a network's name nor an \.onnx file"):
        registry.find("/etc/passwd")


def test_the_list_says_of_each_what_it_is_or_why_it_cannot_run(folder):
    contract = replace(tiny.RED, licence="CC0", training_data="nothing", version="3")
    tiny.put(folder, tiny.difference(contract), "good")
    (folder / "good.md").write_text("A card.")
    tiny.put(folder, b"garbage", "bad")
    tiny.put(folder, tiny.difference(None), "silent")
    tiny.put(folder, tiny.difference(replace(tiny.RED, bands=("B04", "B03"))), "misfit")
    listed = {one.name: one for one in registry.listing() if one.path.parent == folder}
    assert list(listed) == ["bad", "good", "misfit", "silent"]
    good = listed["good"]
    assert (good.title, good.kind, good.contract, good.origin) == ("tiny 3", "probability", contract, "the file")
    assert good.card == folder / "good.md" and len(good.sha256) == 64 and not good.unusable
    assert "not an ONNX file" in listed["bad"].unusable
    assert "models check silent.onnx --suggest" in listed["silent"].unusable
    assert "has 1 channels, but one date of B04, B03 make 2" in listed["misfit"].unusable


def test_what_lies_beside_a_file_goes_before_what_it_says_itself(folder):
    path = tiny.put(folder, tiny.difference())
    beside = replace(tiny.RED, bands=("B8A",), threshold=0.1)
    (folder / "tiny.json").write_text(beside.to_json())
    (listed,) = (one for one in registry.listing() if one.path == path)
    assert listed.contract == beside and listed.origin == "the .json beside it"
    (folder / "tiny.json").write_text("{")
    (listed,) = (one for one in registry.listing() if one.path == path)
    assert "tiny.json is not JSON" in listed.unusable


def test_an_upload_is_checked_kept_and_never_replaces_another(folder):
    content = tiny.difference(None).SerializeToString()
    with pytest.raises(NetworkError, match=r"up is not kept: it does not say which bands"):
        registry.save(content, "up.onnx")
    assert os.listdir(folder) == []
    kept = registry.save(content, "up.onnx", tiny.RED)
    assert (kept.name, kept.contract, kept.origin, kept.unusable) == ("up", tiny.RED, "the .json beside it", "")
    assert sorted(os.listdir(folder)) == ["up.json", "up.onnx"]
    with pytest.raises(NetworkError, match="network called up already"):
        registry.save(tiny.logits().SerializeToString(), "up")
    assert (folder / "up.onnx").read_bytes() == content
    assert sorted(os.listdir(folder)) == ["up.json", "up.onnx"]


def test_what_a_reader_brings_is_theirs_alone_and_theirs_to_take_away(folder, tmp_path):
    tiny.put(folder, tiny.difference(), "everybodys")
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    content = tiny.one_logit().SerializeToString()
    registry.belong_to(mine)
    assert registry.save(content, "brought").path == mine / "brought.onnx"
    assert {"brought", "everybodys", "bit"} <= set(registry.names()) and registry.is_own("brought")
    state = registry.file_state(methods.parse("onnx:brought"))
    with pytest.raises(NetworkError, match="network called everybodys already"):
        registry.save(content, "everybodys")
    with pytest.raises(NetworkError, match="is not one of the networks you brought"):
        registry.remove("everybodys")
    registry.belong_to(theirs)
    assert "brought" not in registry.names() and not registry.is_own("brought") and registry.listed("brought") is None
    with pytest.raises(NetworkError, match="another reader brought on the page is theirs alone"):
        registry.find("brought")
    registry.save(tiny.one_logit(20.0).SerializeToString(), "brought")
    assert registry.file_state(methods.parse("onnx:brought")) != state
    registry.belong_to(mine)
    sha = hashlib.sha256(content).hexdigest()
    assert registry.gave("brought", sha)
    registry.remove("brought")
    assert not registry.gave("brought", sha) and os.listdir(mine) == []
    assert (theirs / "brought.onnx").is_file() and (folder / "everybodys.onnx").is_file()


def test_a_reader_keeps_so_many_networks_and_no_more(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "MOST_OWN", 1)
    registry.belong_to(tmp_path / "mine")
    content = tiny.difference().SerializeToString()
    registry.save(content, "first")
    with pytest.raises(NetworkError, match="keep 1 networks of your own already; take one away first"):
        registry.save(content, "second")


def test_networks_are_looked_through_in_one_process_once_and_named_without_any(folder, monkeypatch):
    started = []

    class Counted(looking.NetworkWorker):
        def __init__(self, memory_bytes: int) -> None:
            started.append(memory_bytes)
            super().__init__(memory_bytes)

    monkeypatch.setattr(looking, "NetworkWorker", Counted)
    for number in range(101):
        tiny.put(folder, tiny.difference(), f"n{number}")
    assert len(registry.names()) >= 101 and started == []
    assert sum(not one.unusable for one in registry.listing()) >= 101 and len(started) == 1
    assert len(registry.listing()) >= 101 and len(started) == 1
    tiny.put(folder, b"garbage", "n50")
    assert "not an ONNX file" in registry.listed("n50").unusable and len(started) == 2


def test_a_file_that_takes_too_long_is_not_looked_through_at_every_turn(folder, monkeypatch):
    path, tries = tiny.put(folder, tiny.difference()), []

    def late(worker, path, budget, watch):
        tries.append(path)
        raise NetworkBudgetError("it took longer than 30 seconds and was stopped.")

    monkeypatch.setattr(looking, "read_graph", late)
    for _ in range(2):
        with pytest.raises(NetworkBudgetError):
            looking.describe(path)
    assert len(tries) == 1


def test_one_broken_network_leaves_the_others_on_the_list(folder, monkeypatch):
    tiny.put(folder, tiny.difference(), "good")
    tiny.put(folder, tiny.difference(None), "odd")
    (folder / "odd.json").write_text('{"name": "a", "bands": [], "output": "logits", "threshold": ' + "9" * 400 + "}")
    tiny.put(folder, tiny.difference(None), "bytes")
    (folder / "bytes.json").write_bytes(b"\xff\xfe\x00")
    fit = fitting.fit

    def surprised(contract, graph, **how):
        if contract.name == "surprise":
            raise ZeroDivisionError("nobody thought of this")
        return fit(contract, graph, **how)

    monkeypatch.setattr(fitting, "fit", surprised)
    tiny.put(folder, tiny.difference(replace(tiny.RED, name="surprise")), "surprise")
    listed = {one.name: one.unusable for one in registry.listing()}
    assert listed["good"] == ""
    assert "threshold must be a number" in listed["odd"] and "write it as UTF-8 text" in listed["bytes"]
    assert "cannot be understood (ZeroDivisionError)" in listed["surprise"]


def test_a_card_that_is_no_text_can_be_shown(folder):
    tiny.put(folder, tiny.difference(), "carded")
    (folder / "carded.md").write_bytes(b"A card \xff\x1b[2J" + b"x" * 200_000)
    text = registry.card_text(registry.listed("carded"))
    assert text.startswith("A card \ufffd\ufffd[2J") and len(text) == registry.LARGEST_CARD


def test_all_that_a_contract_asks_for_is_done_in_the_networks_own_process(folder, monkeypatch):
    def here(*_):
        raise AssertionError("it ran in Scarp's own process, where no budget holds")

    monkeypatch.setattr(scaling, "score", here)
    contract = Contract("slow", ("B04",), "reconstruction", 0.1, blur_px=32.0, tile=16, overlap=4)
    path = tiny.put(folder, tiny.rebuilds_t1(contract))
    with network_process.opened(path, "cpu", Budget(60)) as network:
        scores, seen = network.score(contract, (TILE, TILE + 1), "score", 1)
        assert scores.shape == (1, 16, 16) and scores == pytest.approx(0.5) and seen.highest == 0
        network.budget = Budget(0)
        with pytest.raises(NetworkBudgetError):
            network.score(contract, (TILE, TILE + 1), "score", 1)


def test_an_answer_of_many_channels_never_leaves_the_networks_process(folder):
    nodes = [helper.make_node("Expand", ["t2", "many"], ["wide"]), helper.make_node("Sub", ["wide", "t1"], ["score"])]
    weights = [tiny.constant("many", [1, 9000, 1, 1], np.int64)]
    made = tiny.model(nodes, weights=weights, outputs=[("score", tiny.FLOAT, ("n", "c", "h", "w"))])
    with pytest.raises(NetworkError, match="it answers with 9000 channels, but probability has"):
        checking.check(tiny.put(folder, made))


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".onnx", "a\x00"])
def test_an_upload_cannot_leave_the_folder(folder, name):
    with pytest.raises(InputError, match="cannot be a network's name"):
        registry.save(tiny.difference().SerializeToString(), name)


def test_an_upload_that_is_refused_fails_or_is_too_large_leaves_nothing(folder, monkeypatch):
    misfit = tiny.logits(replace(tiny.RED, output="probability", changed=5)).SerializeToString()
    for content, said in ((b"garbage", "up is not kept: it is not an ONNX file"), (misfit, "answers with 2 channels")):
        with pytest.raises(NetworkError, match=said):
            registry.save(content, "up")
        assert os.listdir(folder) == []
    monkeypatch.setenv("SCARP_MODEL_MAX_MB", "0.0001")
    config.settings.cache_clear()
    with pytest.raises(NetworkError, match="files of up to 100 bytes are opened"):
        registry.save(tiny.difference().SerializeToString(), "up")
    assert os.listdir(folder) == []


def test_an_upload_without_a_form_does_not_inherit_a_json_left_behind(folder):
    (folder / "up.json").write_text(replace(tiny.RED, threshold=0.9).to_json())
    kept = registry.save(tiny.difference().SerializeToString(), "up")
    assert kept.contract.threshold == tiny.RED.threshold and os.listdir(folder) == ["up.onnx"]


def test_the_check_guesses_what_a_silent_file_takes(folder):
    rgb = tiny.difference(None, shape=(1, 3, 256, 256), outputs=[("score", tiny.FLOAT, (1, 1, 256, 256))])
    checked = checking.check(tiny.put(folder, rgb, "levir"))
    guess = checked.contract
    assert checked.problem.startswith("it does not say which bands") and checked.origin == ""
    assert (guess.name, guess.bands, guess.inputs) == ("levir", ("B04", "B03", "B02"), ("t1", "t2"))
    assert (guess.high, guess.mean, guess.std, guess.tile) == ((0.3,), (0.5,), (0.5,), 256)
    (folder / "levir.json").write_text(guess.to_json())
    assert checking.check(folder / "levir.onnx").problem == ""


def test_the_check_notices_probabilities_that_are_none(folder):
    checked = checking.check(tiny.put(folder, tiny.one_logit()), replace(tiny.RED, output="probability"))
    assert any('write "output": "logits"' in note for note in checked.notes)


def test_the_check_says_when_bands_are_not_named(folder):
    unnamed: Contract = replace(tiny.RED, bands=())
    checked = checking.check(tiny.put(folder, tiny.difference(unnamed)))
    assert 'does not say which 1 bands it reads. Name them in order as "bands"' in checked.problem


def test_the_card_of_the_8_bit_network_names_it_and_the_file_it_was_made_from_as_they_are():
    card = (config.ROOT / "models" / "bit-int8.md").read_text(encoding="utf-8")
    quoted = dict(re.findall(r"`([\w-]+\.onnx)`,\s+sha256\s+`([0-9a-f]{64})`", card))
    held = {
        name: hashlib.sha256((config.ROOT / "models" / name).read_bytes()).hexdigest()
        for name in ("bit-int8.onnx", "bit.onnx")
    }
    assert quoted == held


def test_the_state_of_a_network_changes_with_its_file_and_the_contract_beside_it(folder):
    method = methods.parse("onnx:brought")
    seen = [registry.file_state(method)]
    tiny.put(folder, tiny.difference(), "brought")
    seen.append(registry.file_state(method))
    (folder / "brought.json").write_text("{}")
    seen.append(registry.file_state(method))
    assert seen[0] == "" and len(set(seen)) == 3
    assert registry.file_state(methods.parse("rdndvi:20")) == ""
