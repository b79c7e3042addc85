import socket

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
