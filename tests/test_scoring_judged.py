"""What reviewers judged, from the command line: corrected truth and no rejected events give the page's numbers."""

import json

import numpy as np
import pytest

from app import config, inventory
from app.__main__ import main
from app.errors import TruthMissingError
from app.review import Reviews, corrected
from app.scoring import cases, judged
from tests.handmade import grid
from tests.many_reviewers import verdict
from tests.test_commands_evaluate import RISE, labelled

ROWS = "id,date,latitude,longitude,pre2,post1\n" + "".join(
    f"{n},2020-05-0{n},0.9999,10.000{n},2020-01-01,2020-09-01\n" for n in (1, 2)
)


@pytest.fixture
def reviewed(tmp_path, monkeypatch):
    """A folder of two events, its inventory, and a database in which nothing is judged yet."""
    monkeypatch.setenv("SCARP_DATABASE", f"sqlite:///{tmp_path / 'review.sqlite'}")
    config.settings.cache_clear()
    labelled(tmp_path / "pairs", 1)
    labelled(tmp_path / "pairs", 2, after=0.1)  # nothing changed, so nothing is found
    listed = tmp_path / "list.csv"
    listed.write_text(ROWS)
    yield Reviews(config.settings().database_url), listed, tmp_path / "pairs"
    monkeypatch.undo()
    config.settings.cache_clear()


def on(listed, event: str, said: str, **more):
    one = inventory.read_file(listed).event(event)
    place = {"latitude": one.latitude, "longitude": one.longitude, "event_date": str(one.date)}
    return verdict(event=event, inventory=listed.name, verdict=said, simulated=False, **place, **more)


def scored(capsys, listed, pairs, *more: str) -> dict:
    asked = ["evaluate", "--dataset", str(pairs), "--method", RISE, "--inventory", str(listed), "--json", *more]
    assert main(asked) == 0
    return json.loads(capsys.readouterr().out)


def test_an_outline_that_was_corrected_is_the_truth_where_it_is_asked_for(reviewed, capsys):
    reviews, listed, pairs = reviewed
    mask = np.array([[True, False, False], [False, False, False]])
    reviews.add(on(listed, "1", "bad-label", geometry=corrected.geometry_of(mask, grid(2, 3))))
    assert scored(capsys, listed, pairs)["methods"][0]["events"][0]["tp"] == 3
    found = scored(capsys, listed, pairs, "--corrected")
    first, second = found["methods"][0]["events"]
    assert (first["tp"], first["fp"], first["fn"]) == (1, 2, 0) and second["fn"] == 3
    assert "The truth is what reviewers corrected in 1 of 2 events." in found["notes"]


def test_rejected_events_are_left_out_and_named(reviewed, capsys):
    reviews, listed, pairs = reviewed
    reviews.add(on(listed, "2", "rejected"))
    found = scored(capsys, listed, pairs, "--without-rejected")
    assert [one["event"] for one in found["methods"][0]["events"]] == [1]
    assert found["left_out"] == [{"event": 2, "reason": judged.REASON}] and found["skipped"] == []


def test_what_reviewers_judged_apart_counts_until_a_third_rejects_it(reviewed):
    reviews, listed, _ = reviewed
    events = inventory.read_file(listed)
    for who, said in (("A. Expert", "rejected"), ("B. Expert", "confirmed")):
        reviews.add(on(listed, "1", said, reviewer=who))
    assert judged.rejected(reviews.all(), events) == set()
    reviews.add(on(listed, "1", "rejected", reviewer="C. Third", role="decision"))
    assert judged.rejected(reviews.all(), events) == {"1"}


def test_nothing_left_is_a_sentence_and_not_a_table_of_nothing(reviewed):
    _, _, pairs = reviewed
    with pytest.raises(TruthMissingError, match="nothing is left to score"):
        judged.without(cases.dataset_cases(pairs)[0], {"1", "2"})


def test_verdicts_need_the_inventory_that_they_are_on(capsys):
    assert main(["evaluate", "--dataset", "d", "--method", RISE, "--corrected"]) == 2
    assert "need --inventory FILE" in capsys.readouterr().err
