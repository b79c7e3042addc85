"""One machine for a class: the address it gives out is one of its own, and its code says that address."""

import pytest

from app import config
from app.commands import serve
from app.errors import InputError
from app.lessons import bench, classroom


@pytest.fixture
def held(monkeypatch):
    def having(*addresses: str) -> None:
        import socket
        from types import SimpleNamespace

        import psutil

        cards = {f"card{n}": [SimpleNamespace(family=socket.AF_INET, address=at)] for n, at in enumerate(addresses)}
        monkeypatch.setattr(psutil, "net_if_addrs", lambda: cards)

    return having


def test_a_private_network_s_address_comes_before_others_and_none_of_this_machine_alone(held):
    held("127.0.0.1", "169.254.3.4", "8.8.8.8", "172.17.0.1", "192.168.1.20")
    assert classroom.addresses() == ("192.168.1.20", "172.17.0.1", "8.8.8.8")
    assert classroom.reached_at(classroom.EVERYWHERE) == "192.168.1.20"
    assert classroom.reached_at("8.8.8.8") == "8.8.8.8"


def test_without_a_network_or_with_a_strange_address_it_is_said_what_to_do(held):
    held("127.0.0.1")
    with pytest.raises(InputError, match="open a hotspot"):
        classroom.reached_at(classroom.EVERYWHERE)
    held("192.168.1.20")
    with pytest.raises(InputError, match=r"it has 192\.168\.1\.20"):
        classroom.reached_at("10.0.0.1")


def test_the_code_is_of_the_address():
    pytest.importorskip("segno")
    address = "http://192.168.1.20:8501/learn"
    assert classroom.as_png(address).startswith(b"\x89PNG") and len(classroom.as_text(address).splitlines()) > 10
    assert classroom.as_text(address) != classroom.as_text(address.replace("20", "21"))


def test_a_class_is_shared_and_listens_where_it_says(held, monkeypatch, capsys):
    pytest.importorskip("segno")
    held("127.0.0.1", "192.168.1.20")
    for name in ("SCARP_PATHS", "SCARP_SHARED", "SCARP_SESSIONS", "SCARP_UPLOADS_GB", "SCARP_ALL_UPLOADS_GB"):
        monkeypatch.setenv(name, "1")  # so that all it sets is taken back
        monkeypatch.delenv(name)
    monkeypatch.setattr(classroom, "CLASS", classroom.Class())
    given = {}
    monkeypatch.setattr(serve.serve, "start", lambda port, **more: given.update(more, port=port) or 0)
    try:
        assert serve.run(_args(["--class", "--port", "9000"])) == 0
        set_ = config.settings()
        assert (set_.paths, set_.shared, set_.sessions) == (False, True, classroom.READERS)
        assert (set_.uploads_gb, set_.all_uploads_gb) == (0.2, 2)
        address, text = given["told"](9003)
    finally:
        config.settings.cache_clear()
    assert given["then"] is bench.prepare  # so that nobody of the class waits for it
    assert given["host"] == "0.0.0.0" and given["names"] == ("192.168.1.20",)
    assert address == "http://192.168.1.20:9003/learn" == classroom.CLASS.address and address in text
    assert f"{classroom.READERS} readers at once" in text


def test_a_host_without_a_class_is_refused():
    with pytest.raises(InputError, match="goes with --class"):
        serve.run(_args(["--host", "0.0.0.0"]))


def _args(given):
    from app.arguments import Parser

    parser = Parser()
    serve.add_arguments(parser)
    return parser.parse_args(given)


def test_who_asks_the_server_alone_for_a_class_is_told_the_command(capsys):
    from app import serve as alone

    with pytest.raises(SystemExit):
        alone.main(["--class", "--port", "9000"])
    assert "python -m app serve --class" in capsys.readouterr().err
