import socket

import pytest

from app import serve


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
