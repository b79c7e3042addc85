"""Dates proposed for many events: from a catalogue on loopback, one after the other, stopped and gone on with."""

import json
import threading
from dataclasses import replace
from datetime import date

import pytest

from app import __main__ as command_line
from app import inventory
from app.errors import SourceError
from app.inventory import Event
from app.sources import outcomes, stac_dates
from app.sources.outcomes import FAILED, IMPOSSIBLE, NOTHING, PROPOSED, Outcome
from app.sources.proposing import Proposing
from tests.test_sources_stac import add, product, server, with_clouds  # noqa: F401  (fixtures)

EVENT = Event("7", 7, date(2021, 6, 1), 24.8, -11.5)
CSV = "id,date,lat,lon\n7,2021-06-01,24.8,-11.5\n8,,24.8,-11.5\n9,2021-06-01,24.8,-11.4\n"


@pytest.fixture
def scenes(server, product):  # noqa: F811
    add(server, product, "before", date(2021, 5, 20))
    add(server, product, "cloudy", date(2021, 5, 28), with_clouds(1.0))
    add(server, product, "after", date(2021, 6, 20))
    return server


def over(events, answered=None, at_once=2) -> dict[str, Outcome]:
    running = Proposing(events, None, answered or {}, at_once).start()
    while not running.wait(1.0):
        pass
    return running.outcomes


# --- what is found ---------------------------------------------------------------------------


def test_clear_days_are_proposed_and_nothing_is_drawn_of_them(scenes):
    [found] = over([EVENT]).values()
    assert (found.state, found.t1, found.t2) == (PROPOSED, "2021-05-20", "2021-06-20")
    assert found.clear_t1 > 0.9 and found.clear_t2 > 0.9 and found.catalogue
    read = {path.rsplit("/", 1)[-1] for path in scenes.requests if "/files/" in path}
    assert read == {"scl.tif"}


def test_a_date_that_the_event_has_stays_and_the_other_is_found_beside_it(scenes):
    [found] = over([replace(EVENT, t1_options=(date(2021, 1, 1),))]).values()
    assert (found.t1, found.t2, found.clear_t1) == ("", "2021-06-20", None)


def test_an_event_without_a_date_or_a_clear_day_is_told_why_and_the_others_go_on(scenes):
    far = replace(EVENT, id="far", longitude=60.0)
    found = over([replace(EVENT, id="undated", date=None), far, EVENT])
    assert {name: one.state for name, one in found.items()} == {"undated": IMPOSSIBLE, "far": NOTHING, "7": PROPOSED}
    assert "no date" in found["undated"].reason and "No day before" in found["far"].reason


@pytest.fixture
def searches(monkeypatch):
    """A search that needs no catalogue: it fails for "bad", breaks for "odd", and waits where it is told to."""
    asked, gate = [], threading.Event()
    gate.set()

    def search(event, bbox, catalogue, *, thumbnails, progress):
        asked.append(event.id)
        progress(0.1, "searching")
        while not gate.wait(0.01):
            progress(0.5, "searching")
        if event.id == "bad":
            raise SourceError("The catalogue does not answer.")
        if event.id == "odd":
            raise ZeroDivisionError
        side = [(stac_dates.Candidate(day, (), 1.0, 0.0, 1.0),) for day in (date(2021, 5, 1), date(2021, 7, 1))]
        return stac_dates.Proposal(*side, "A catalogue")

    monkeypatch.setattr(stac_dates, "date_search", search)
    return asked, gate


def events(*names: str) -> list[Event]:
    return [replace(EVENT, id=name) for name in names]


def test_one_that_fails_never_stops_the_rest(searches):
    found = over(events("a", "bad", "odd", "b"))
    assert {name: one.state for name, one in found.items()} == {
        "a": PROPOSED,
        "bad": FAILED,
        "odd": FAILED,
        "b": PROPOSED,
    }
    assert "does not answer" in found["bad"].reason and "see the log" in found["odd"].reason


def test_a_stop_keeps_what_is_there_and_going_on_asks_only_for_the_rest(searches):
    asked, gate = searches
    first = over(events("a"))
    gate.clear()
    running = Proposing(events("a", "b", "c"), None, first, at_once=1).start()
    while not running.under_way:
        pass
    running.stop()
    assert running.wait(120.0) and set(running.outcomes) == {"a"}
    gate.set()
    over(events("a", "b", "c"), running.outcomes)
    assert sorted(asked) == ["a", "b", "b", "c"]


def test_what_was_answered_counts_only_for_the_same_question():
    held = Outcome("7", NOTHING, asked=outcomes.asked_for(EVENT, None))
    assert outcomes.known([EVENT], [held], None) == {"7": held}
    assert not outcomes.known([replace(EVENT, date=date(2021, 6, 2))], [held], None)
    assert not outcomes.known([EVENT], [held], "cdse")
    assert not outcomes.known([EVENT], [replace(held, state=FAILED)], None)


def test_an_outcome_is_kept_as_json_and_what_is_none_is_not_taken_for_one():
    held = Outcome("7", PROPOSED, "2021-05-20", "", 0.5, None, "x", "", "q")
    assert outcomes.from_json(json.loads(json.dumps(outcomes.as_json(held)))) == held
    kept = {"event": "7", "state": PROPOSED}
    for said in (
        [],
        {"event": "7"},
        kept | {"event": 7},
        kept | {"state": "x"},
        kept | {"t1": "soon"},
        kept | {"a": 1},
    ):
        assert outcomes.from_json(said) is None


# --- the command -----------------------------------------------------------------------------


@pytest.fixture
def propose(tmp_path, monkeypatch, capsys):
    """Return a function that calls the command on a list and returns its exit code and document."""
    monkeypatch.setattr(command_line, "COMMANDS", {"inventory": "check"})
    (tmp_path / "in.csv").write_text(CSV)

    def called(*more: str, out: str = "out.csv"):
        files = [str(tmp_path / "in.csv"), "--propose-dates", "--out", str(tmp_path / out), "--json"]
        code = command_line.main(["inventory", *files, *more])
        printed = capsys.readouterr()
        return code, json.loads(printed.out) if printed.out else printed.err

    return called


def test_the_command_writes_what_it_found_says_why_not_and_goes_on_where_it_was(
    propose, searches, tmp_path, monkeypatch
):
    asked, _ = searches
    code, told = propose()
    assert code == 0 and told["proposed"] == 3 and told["failed"] == 0
    assert told["proposals"][0] | {"catalogue": ""} == {
        "event": 7, "state": "proposed", "t1": "2021-05-01", "t2": "2021-07-01", "clear_t1": 1.0, "clear_t2": 1.0,
        "catalogue": "", "reason": None,
    }  # fmt: skip
    taken = inventory.read_file(tmp_path / "out.csv")
    assert taken.event("7").t1 == date(2021, 5, 1)
    assert {change.how for change in taken.changes["7"]} == {"proposed from A catalogue"}
    assert propose()[1]["proposed"] == 3 and len(asked) == 3  # nothing is asked twice


def test_one_that_fails_makes_exit_code_1_and_is_asked_again(propose, searches, tmp_path):
    asked, _ = searches
    (tmp_path / "in.csv").write_text(CSV.replace("\n8,", "\nbad,"))
    code, told = propose()
    assert code == 1 and (told["proposed"], told["failed"]) == (2, 1)
    assert "does not answer" in told["proposals"][1]["reason"]
    propose()
    assert sorted(asked) == ["7", "9", "bad", "bad"]


def test_ctrl_c_keeps_what_was_done_and_says_what_was_not_asked(propose, searches, monkeypatch, tmp_path):
    _, gate = searches
    watched, real = [], Proposing.wait

    def interrupted(self, timeout_s):
        if self.outcomes and not watched:
            watched.append(gate.clear())
            raise KeyboardInterrupt
        return real(self, 0.01)

    monkeypatch.setattr(Proposing, "wait", interrupted)
    code, told = propose("--at-once", "1")
    assert code == 1 and told["stopped"] and told["proposed"] >= 1
    assert told["proposed"] + told["not_asked"] == 3
    assert inventory.read_file(tmp_path / "out.csv").event("7").t2 == date(2021, 7, 1)


@pytest.mark.parametrize(
    ("more", "said"),
    [(["--source", "demo"], "from --source stac alone"), (["--option", "x=1"], "catalogue=NAME"),
     (["--option", "catalogue=x"], "no catalogue called"), (["--event", "nobody"], "holds no event")],
)  # fmt: skip
def test_what_is_asked_wrongly_is_one_line(propose, more, said):
    code, err = propose(*more)
    assert code == 2 and said in err


def test_an_ending_that_nothing_is_written_as_is_said_before_anything_is_asked(propose, searches):
    code, err = propose(out="out.shp")
    assert code == 2 and ".gpkg" in err and not searches[0]
