"""A team's work: events shared out by a seed, and what a third decided."""

from collections import Counter
from datetime import date
from itertools import combinations

from app.inventory import Event, Inventory
from app.review import DECISION, Reviews, team
from app.review.team import Shares
from tests.many_reviewers import verdict

EVENTS = [Event(str(n), n, date(2020, 1, 1), n / 10, 10.0) for n in range(400)]
PEOPLE = ("A", "B", "C", "D")


def test_names_are_a_list_with_commas_each_once():
    assert team.names(" A. Expert, Bo,,Bo , ") == ("A. Expert", "Bo") and team.names("") == ()


def test_every_event_has_as_many_reviewers_as_asked_and_shares_and_pairs_are_even_but_for_chance():
    shared = {one.id: team.assigned(one, Shares(PEOPLE, 2, 100, 7)) for one in EVENTS}
    assert all(len(set(who)) == 2 for who in shared.values())
    each = Counter(name for who in shared.values() for name in who)
    assert all(abs(each[name] - 200) < 40 for name in PEOPLE)  # four standard deviations
    pairs = Counter(tuple(sorted(who)) for who in shared.values())
    assert set(pairs) == set(combinations(PEOPLE, 2)) and min(pairs.values()) > 35


def test_the_same_seed_shares_out_alike_whoever_asks_in_whatever_order_and_another_otherwise():
    here, there = Shares(PEOPLE, 2, 100, 7), Shares(PEOPLE[::-1], 2, 100, 7)
    assert all(team.assigned(one, here) == team.assigned(one, there) for one in EVENTS)
    other = Shares(PEOPLE, 2, 100, 8)
    assert any(team.assigned(one, here) != team.assigned(one, other) for one in EVENTS)


def test_an_overlap_in_per_cent_leaves_the_others_to_one():
    found = Counter(len(team.assigned(one, Shares(PEOPLE, 3, 25, 1))) for one in EVENTS)
    assert set(found) == {1, 3} and abs(found[3] - 100) < 35
    assert {len(team.assigned(one, Shares(("A",), 3, 100, 1))) for one in EVENTS} == {1}
    assert {len(team.assigned(one, Shares(PEOPLE, 3, 0, 1))) for one in EVENTS} == {1}


def test_what_was_judged_apart_counts_as_a_third_decided_and_stays_apart_in_what_they_said(tmp_path):
    reviews = Reviews(f"sqlite:///{tmp_path / 'r.sqlite'}")
    for who, what in (("Ada", "confirmed"), ("Bo", "rejected")):
        reviews.add(verdict(reviewer=who, verdict=what))
    (one,) = team.items(reviews.all())
    assert one.is_apart and one.outcome == "" and one.decision is None
    made = reviews.add(verdict(reviewer="Cy", verdict="other-change", role=DECISION))
    (one,) = team.items(reviews.all())
    assert (one.outcome, set(one.said), one.is_apart) == ("other-change", {"Ada", "Bo"}, True)
    held = Inventory("x", (Event("171", 0, date(2022, 12, 30), 35.86, -121.43),), (), {}, ())
    assert team.of_events([one], held) == {"171": one} and team.of_events([one], Inventory("x", (), (), {}, ())) == {}
    reviews.take_back(made, "Cy")
    assert team.items(reviews.all())[0].outcome == "" and reviews.count() == 4
