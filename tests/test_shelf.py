import threading

import pytest

from app.ui.shelf import Shelf


def shelf(limit: int = 3) -> Shelf[str]:
    return Shelf(limit, len)


def test_what_was_used_last_stays_and_the_oldest_goes():
    held = shelf()
    for key in "abc":
        held.get_or_make(key, lambda: "x")
    held.get("a")
    held.get_or_make("d", lambda: "x")
    assert (held.get("a"), held.get("b"), held.get("d")) == ("x", None, "x")
    assert held.nbytes == 3


def test_a_value_over_the_limit_is_kept_alone():
    held = shelf()
    held.get_or_make("a", lambda: "x")
    assert held.get_or_make("big", lambda: "xxxxx") == "xxxxx"
    assert held.get("a") is None and held.get("big") == "xxxxx"


def test_a_failure_is_not_kept():
    held = shelf()
    with pytest.raises(ValueError):
        held.get_or_make("a", lambda: (_ for _ in ()).throw(ValueError))
    assert held.get_or_make("a", lambda: "x") == "x"


def test_two_sessions_asking_for_the_same_patch_make_it_once():
    held, made, started = shelf(), [], threading.Event()

    def make() -> str:
        made.append(1)
        started.wait(5)
        return "x"

    threads = [threading.Thread(target=held.get_or_make, args=("a", make)) for _ in range(4)]
    for thread in threads:
        thread.start()
    started.set()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_what_is_held_can_be_listed_by_the_beginning_of_its_key_without_being_touched():
    one = shelf(100)
    for key in ("a one", "b two", "a three"):
        one.get_or_make(key, lambda key=key: key)
    assert one.held("a ") == ["a one", "a three"]
    assert one.held("c ") == []
    one.get_or_make("d", lambda: "x" * 90)
    assert one.get("a one") is None  # listing it did not make it more recently used
