"""A process that does jobs is asked, watched, killed in time and kept a while, whatever it does itself."""

import mmap
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from app.config import ROOT
from app.processes import child, once
from app.processes.idle import Idle
from app.processes.parent import EndedError, LateError, Worker

SOON = 120.0  # seconds; far more than any answer here takes
# answers each line with "<line", prints a word where libraries would, and says "gone" to a file at the end of its input
ECHO = """
import os
import sys
from app.processes import child, once
answers = child.own_output()
print("what a library prints")
def leave():
    open(sys.argv[1], "w").close()
for job in child.jobs(lambda: sys.stdin.buffer.readline() or None, float(sys.argv[2]), leave):
    answers.write(b"<" + job)
    answers.flush()
os._exit(0)
"""


def line(stream) -> str | None:
    return stream.readline().decode().strip() or None


@pytest.fixture
def started(tmp_path):
    """Return a function that starts a worker of a program; all are killed at the end."""
    workers = []

    def start(program: str = ECHO, *arguments: str, read=line, environment=None) -> Worker:
        given = arguments or (str(tmp_path / "left"), "60")
        workers.append(Worker([sys.executable, "-c", program, *given], read, environment))
        return workers[-1]

    yield start
    for worker in workers:
        worker.kill()


def ask(worker: Worker, job: str, seconds: float = SOON, watch=lambda: None) -> str:
    def write(stream) -> None:
        stream.write(job.encode() + b"\n")
        stream.flush()

    worker.send(write)
    return worker.answer(time.monotonic() + seconds, watch)


def test_jobs_are_answered_in_turn_by_one_process_apart_from_what_libraries_print(started):
    worker = started()
    assert [ask(worker, job) for job in ("one", "two")] == ["<one", "<two"]
    assert worker.alive()


def test_a_process_ends_when_its_input_does_even_in_the_middle_of_a_job(started, tmp_path):
    worker = started(ECHO.replace('answers.write(b"<"', 'import time; time.sleep(600); answers.write(b"<"'))
    with pytest.raises(LateError):
        ask(worker, "never", 2.0)
    worker.process.stdin.close()
    assert worker.process.wait(SOON) == 0 and (tmp_path / "left").exists()


def test_a_process_nobody_asks_ends_by_itself(started, tmp_path):
    worker = started(ECHO, str(tmp_path / "left"), "0.1")
    assert worker.process.wait(SOON) == 0 and not (tmp_path / "left").exists()
    with pytest.raises(EndedError):
        ask(worker, "late")
    with pytest.raises(EndedError):  # whoever asks again need not wait either
        worker.answer(time.monotonic() + SOON, lambda: None)


def test_a_process_that_neither_reads_nor_answers_holds_nobody(started):
    worker, began = started("import time; time.sleep(600)"), time.monotonic()
    with pytest.raises(LateError):
        ask(worker, "x" * 1_000_000, 0.5)
    calls = []

    def watch() -> None:
        calls.append(worker)
        if len(calls) == 4:
            raise KeyError

    with pytest.raises(KeyError):
        ask(worker, "x" * 1_000_000, SOON, watch)
    worker.kill()
    assert time.monotonic() - began < SOON and not worker.alive()


def test_a_process_that_sends_what_cannot_be_read_is_killed(started):
    def refuse(stream) -> str:
        stream.read(1)
        raise ValueError("no answer")

    worker = started("import time; print('!', flush=True); time.sleep(600)", read=refuse)
    with pytest.raises(EndedError):
        worker.answer(time.monotonic() + SOON, lambda: None)
    worker.process.wait(SOON)
    assert str(worker.fault) == "no answer"


def test_what_a_process_says_at_last_is_short_and_free_of_secrets(started):
    program = "import sys\nfor n in range(9): print(n, file=sys.stderr)\nsys.exit('password=hunter22 ' + 'x' * 50_000)"
    worker = started(program)
    with pytest.raises(EndedError):
        worker.answer(time.monotonic() + SOON, lambda: None)
    words = worker.last_words()
    assert len(words) <= 5 and all(len(word) <= 200 for word in words) and "hunter22" not in " ".join(words)


def test_a_process_has_the_environment_it_is_given_and_no_more(started, monkeypatch):
    monkeypatch.setenv("SCARP_TEST_SECRET", "s3cr3t")
    program = "import os; print(os.environ.get('SCARP_TEST_SECRET'), os.getcwd(), flush=True)"
    bare = {name: value for name, value in os.environ.items() if name != "SCARP_TEST_SECRET"}
    answers = [
        started(program, environment=given).answer(time.monotonic() + SOON, lambda: None) for given in (bare, None)
    ]
    assert answers == [f"None {ROOT}", f"s3cr3t {ROOT}"]


def test_a_worker_is_handed_out_once_to_whoever_asks_for_its_kind(started):
    idle, worker, other = Idle(SOON), started(), started()
    idle.keep("a", "set up for a", worker)
    idle.keep("b", "set up for b", other)
    assert idle.take("c") is None and idle.workers() == [worker, other]
    assert idle.take("a") == "set up for a" and idle.take("a") is None
    assert worker.alive() and idle.workers() == [other]
    idle.close()
    assert idle.workers() == [] and not other.alive()


def test_of_more_workers_than_may_be_kept_the_first_go(started):
    idle, workers = Idle(SOON, most=2), [started() for _ in range(3)]
    for number, worker in enumerate(workers):
        idle.keep(number, number, worker)
    assert [worker.alive() for worker in workers] == [False, True, True] and idle.workers() == workers[1:]


def test_a_worker_that_grew_old_or_died_is_not_handed_out(started):
    old, dead = started(), started()
    aged, idle = Idle(0.0), Idle(SOON)
    aged.keep("a", "old", old)
    time.sleep(0.01)
    assert aged.take("a") is None and not old.alive()
    dead.kill()
    idle.keep("a", "dead", dead)
    assert idle.take("a") is None and idle.workers() == []


def test_many_who_take_and_keep_at_once_never_share_a_worker(started):
    idle, in_use, faults = Idle(SOON), set(), []
    for worker in (started(), started()):
        idle.keep("a", worker, worker)

    def use() -> None:
        for _ in range(200):
            worker = idle.take("a")
            if worker is None:
                continue
            if worker in in_use:
                faults.append(worker)
            in_use.add(worker)
            in_use.discard(worker)
            idle.keep("a", worker, worker)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults and len(idle.workers()) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_a_process_knows_the_address_space_it_has():
    before = child.held_bytes()
    with mmap.mmap(-1, 100_000_000):
        assert 50_000_000 < child.held_bytes() - before < 200_000_000


def test_the_side_that_may_run_in_another_environment_needs_python_alone():
    text = (Path(ROOT) / "app" / "processes" / "child.py").read_text(encoding="utf-8")
    needed = {
        words[1].partition(".")[0] for row in text.splitlines() if (words := row.split())[:1] in (["import"], ["from"])
    }
    assert needed <= set(sys.stdlib_module_names)


def test_a_module_run_once_has_no_secret_and_says_what_it_wrote(monkeypatch):
    monkeypatch.setenv("SH_CLIENT_SECRET", "hidden")
    told = once.ended("timeit", "-n1", "-r1", "import os; print(os.environ.get('SH_CLIENT_SECRET'))")
    assert told.code == 0 and told.wrote.split()[0] == b"None"
    complained = once.ended("timeit", "-n1", "no code", complaints=True)
    assert complained.code and b"SyntaxError" in complained.wrote


def test_a_module_that_does_not_end_in_its_time_is_killed():
    with pytest.raises(TimeoutError):
        once.ended("timeit", "-n1", "-r1", "import time; time.sleep(600)", patience_s=0.5)
