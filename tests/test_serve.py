import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from app import config, serve
from app.lessons.words import words
from tests.servers.scarp import handshake, labels, served
from tests.servers.session import Session

PATH_FIELD = "or its path on this machine"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with served(tmp_path_factory.mktemp("served"), SCARP_UPLOADS_GB="0.001", SCARP_ALL_UPLOADS_GB="0.003") as running:
        yield running


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    """A server that goes by names of the installation as well."""
    names = {"SCARP_HOSTS": "scarp.example.org, *.lab.example.org", "STREAMLIT_SERVER_BASE_URL_PATH": ""}
    with served(tmp_path_factory.mktemp("named"), **names) as running:
        yield running


@pytest.mark.parametrize(
    "origin",
    ["http://127.0.0.1:{other}", "http://localhost:{port}", "http://localhost", "http://127.0.0.1", "null", "file://",
     "http://evil.example:{port}", "http://127.0.0.1:{port}.evil.example", "http://[", "http://127.0.0.1:{port}@evil"],
)  # fmt: skip
def test_a_page_of_another_place_of_this_machine_opens_no_session(server, origin):
    asks = origin.format(port=server.port, other=server.port + 1)
    assert handshake(server, f"127.0.0.1:{server.port}", asks) == 403


def test_no_other_page_frames_this_one(server):
    for path in ("", "/_stcore/health", "/app/static/none"):
        try:
            told = urllib.request.urlopen(server.address + path, timeout=120)
        except urllib.error.HTTPError as error:
            told = error
        assert told.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert told.headers["Content-Security-Policy"] == "frame-ancestors 'self'"


def test_a_session_and_all_together_hold_no_more_uploads_than_they_may_and_go_on(server):
    many = b"id,date,latitude,longitude\n1,2019-05-06,45.1,25.2\n" + b" " * 600_000
    with Session(server) as one:
        one.open("inventory")
        assert [one.upload(f"file-{n}", "many.csv", many) for n in range(3)] == [0, 413, 413]
        assert one.upload("small", "small.csv", many[:60]) == 0
        assert one.open("inventory") > 0
    with Session(server) as other:
        other.open("inventory")
        assert other.bring("-upload.0", "many.csv", many) == 0  # what was read is let go
        assert other.upload("again", "many.csv", many) == 0
    found = []
    for _ in range(6):  # each within its own bound; those that left are kept for a while
        with Session(server) as another:
            another.open("inventory")
            found.append(another.upload("mine", "many.csv", many))
    assert found[0] == 0 and found[-1] == 413


def test_a_port_in_use_is_passed_over():
    with socket.socket() as taken:
        taken.bind((serve.HOST, 0))
        taken.listen()
        first = taken.getsockname()[1]
        found = serve.free_port(first)
    assert found is not None and found != first


def test_scarp_is_served_to_this_machine_only():
    assert serve.HOST == "127.0.0.1"


@pytest.mark.parametrize("port", ["0", "-1", "65536", "99999999"])
def test_a_port_no_machine_has_is_a_sentence(capsys, port):
    assert serve.main(["--no-browser", "--port", port]) == 2
    assert f"There is no port {port}" in capsys.readouterr().err


def test_the_search_for_a_free_port_ends_at_the_last_one():
    found = serve.free_port(65_535)
    assert found in (None, 65_535)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "LOCALHOST"])
def test_this_machine_s_own_names_open_a_session(server, host):
    assert handshake(server, f"{host}:{server.port}") == 101


@pytest.mark.parametrize("host", ["rebound.example", "127.0.0.1.rebound.example", "localhost.rebound.example"])
def test_a_foreign_name_for_this_machine_opens_no_session(server, host):
    assert handshake(server, f"{host}:{server.port}") == 403
    assert handshake(server, host) == 403


def test_a_foreign_name_brings_no_file_in(server):
    request = urllib.request.Request(
        f"{server.address}/_stcore/upload_file/of-nobody/file", b"x", {"Host": "rebound.example"}, method="PUT"
    )
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request)


def test_the_installation_s_own_names_are_added(named):
    names = ("scarp.example.org", "a.lab.example.org", "127.0.0.1", "[::1]")
    assert [handshake(named, f"{name}:{named.port}") for name in names] == [101] * 4
    assert handshake(named, "rebound.example") == 403


def test_config_toml_allows_what_the_application_calls_its_own():
    import tomllib

    told = tomllib.loads((config.ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert tuple(told["server"]["allowedHosts"]) == config.OWN_HOSTS


def test_a_path_may_be_typed_in_this_machine_s_own_browser(server):
    assert PATH_FIELD in labels(server, "inventory", {})


@pytest.mark.parametrize(
    "header",
    [{"X-Forwarded-For": "203.0.113.7"}, {"X-Forwarded-Proto": "https"}, {"Forwarded": "for=203.0.113.7"},
     {"X-Real-IP": "203.0.113.7"}, {"Via": "1.1 proxy"}],
    ids=str,
)  # fmt: skip
def test_no_path_may_be_typed_through_a_proxy(server, header):
    found = labels(server, "inventory", header)
    assert found
    assert PATH_FIELD not in found


def test_no_path_may_be_typed_under_a_name_that_is_not_this_machine_s_nor_where_paths_are_off(named, tmp_path):
    assert PATH_FIELD not in labels(named, "inventory", {"Host": "scarp.example.org"})
    assert PATH_FIELD in labels(named, "inventory", {})
    lenient = {"STREAMLIT_SERVER_ENABLE_CORS": "false", "STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION": "false"}
    with served(tmp_path, **lenient) as one:  # as behind a proxy that says nothing of itself
        found = labels(one, "inventory", {"Origin": "https://scarp.example.org"})
        assert found and PATH_FIELD not in found
    with served(tmp_path, SCARP_PATHS="off") as one:
        assert PATH_FIELD not in labels(one, "inventory", {})


def test_a_home_that_cannot_be_written_is_one_line_and_the_server_runs(tmp_path):
    (tmp_path / "home").write_text("no folder")
    with served(tmp_path) as one:
        assert PATH_FIELD in labels(one, "inventory", {})
        assert "keeps no patches" in one.log.read_text()


@pytest.fixture
def heard():
    """A hang-up is heard by what begins here, also where the tests themselves are told to go on after one."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 0), (signal.SIGHUP, 0), (signal.SIGKILL, -9)]
)
def test_what_ends_the_server_frees_its_port(tmp_path, number, code):
    with served(tmp_path) as one:
        labels(one, "inventory", {})
        with socket.create_connection(("127.0.0.1", one.port)):  # somebody is still connected
            one.process.send_signal(number)
            assert one.process.wait(timeout=120) == code
        with socket.socket() as again:
            again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            again.bind(("127.0.0.1", one.port))


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_server_ends_though_nobody_reads_what_it_says_any_more(tmp_path, number):
    read, write = os.pipe()
    with served(tmp_path, out=write) as one:
        os.close(write)
        os.close(read)  # as when a terminal is closed
        one.process.send_signal(number)
        assert one.process.wait(timeout=120) == 0


def test_work_that_waits_for_ever_does_not_outlive_the_server():
    import subprocess
    import sys

    code = "import threading; from app import serve; serve._PATIENCE_S = 0.5; serve._end_in_time(0); "
    code += "threading.Thread(target=threading.Event().wait).start()"
    assert subprocess.run([sys.executable, "-c", code], cwd=config.ROOT, timeout=240, check=False).returncode == 0


APART = ["unshare", "--map-root-user", "--net"]  # in a network of its own, which leaves this machine's alone


def apart() -> str:
    """Return why two made-up machines cannot be had here, empty where they can."""
    if not all(shutil.which(name) for name in ("unshare", "nsenter", "ip")):
        return "no unshare, nsenter or ip: a second machine cannot be made up"
    tried = subprocess.run(
        [*APART, "ip", "link", "add", "here", "type", "veth", "peer", "name", "there"], capture_output=True, text=True
    )
    return f"no second machine can be made up here: {tried.stderr.strip()}" if tried.returncode else ""


def test_a_class_is_reached_at_the_address_it_gives_out_from_a_machine_with_no_other_network(tmp_path):
    if reason := apart():
        pytest.skip(reason)
    command = [*APART, sys.executable, "-m", "tests.servers.second_machine", str(tmp_path / "home")]
    told = subprocess.run(command, cwd=config.ROOT, capture_output=True, text=True, timeout=480)
    assert told.returncode == 0, told.stderr
    seen = json.loads(told.stdout)
    assert seen["said"].endswith("http://10.77.7.1:9000/learn") and seen["outside"] != 0
    assert "http://10.77.7.1:9000/learn" in seen["words"] and words("de")["page"]["caption"] in seen["words"]
    assert seen["foreign"] == 403  # under another name nobody comes in
