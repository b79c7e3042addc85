"""The quality of labels: shares of what is judged, with what is open told apart."""

import json
import math

import pytest

from app.__main__ import main
from app.inventory import builtin
from app.review import quality
from tests.many_reviewers import verdict


def test_the_share_is_of_what_is_judged_and_the_reasons_say_why_not():
    told = ["confirmed"] * 6 + ["rejected"] * 2 + ["wrong-date", "apart", None, None]
    found = quality.summary(told, "apart")
    assert (found.events, found.judged, found.usable, found.apart, found.unjudged) == (12, 9, 6, 1, 2)
    assert found.reasons == {"rejected": 2, "wrong-date": 1} and found.share == pytest.approx(6 / 9)


def test_the_interval_is_wilsons_and_stays_between_nothing_and_all():
    low, high = quality.summary(["confirmed"] * 8 + ["cloud"] * 2, "apart").interval
    assert (low, high) == (pytest.approx(0.4902, abs=5e-4), pytest.approx(0.9433, abs=5e-4))  # as tables have it
    assert quality.summary(["confirmed"] * 5, "apart").interval[1] == pytest.approx(1)
    assert quality.summary(["cloud"] * 5, "apart").interval[0] == pytest.approx(0)


def test_nothing_judged_is_no_share():
    found = quality.summary([None, "apart"], "apart")
    assert math.isnan(found.share) and math.isnan(found.interval[0]) and found.events == 2


def on(event: str, who: str, said: str):
    held = builtin().event(event)
    place = {"latitude": held.latitude, "longitude": held.longitude, "event_date": str(held.date)}
    return verdict(event=event, reviewer=who, verdict=said, simulated=event == "171", **place)


def test_the_command_tells_what_the_page_tells(reviews, capsys):
    said = (("171", "A", "confirmed"), ("2", "A", "rejected"), ("3", "A", "confirmed"), ("3", "B", "cloud"))
    for each in said:
        reviews.add(on(*each))
    assert main(["review", "quality", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["events"], told["judged"], told["usable"], told["share"]) == (10, 2, 1, 0.5)
    assert told["reasons"] == {"rejected": 1} and (told["apart"], told["unjudged"], told["simulated"]) == (1, 7, 1)
    assert told["interval"] == pytest.approx([0.0945, 0.9055], abs=5e-4)
    assert main(["review", "quality"]) == 0
    said = capsys.readouterr().out
    assert "50 % usable: 1 of 2 judged events" in said and "Rejected: 1" in said and "SIMULATED" in said


def test_of_an_inventory_that_nobody_judged_there_is_no_share(reviews, capsys):
    assert main(["review", "quality", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["share"] is None and told["interval"] == [None, None] and told["unjudged"] == 10
    assert main(["review", "agreement"]) == 0
    assert capsys.readouterr().out == "Nothing is judged by two reviewers yet, so there is no agreement to tell.\n"
    assert main(["review", "agreement", "--inventory", "x.csv"]) == 2
    assert "belong to `review quality`" in capsys.readouterr().err
