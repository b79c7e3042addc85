"""Entries of a file beside those here: new, known, or in conflict, which is said field by field."""

from dataclasses import replace
from datetime import UTC, datetime

from app.review import incoming
from tests.many_reviewers import verdict

ONE = verdict(uid="a", made_at=datetime(2024, 5, 14, 9, 30, 1, 288709, UTC))


def test_a_conflict_says_what_differs_and_of_a_name_twice_the_first_counts():
    found = incoming.beside([replace(ONE, note="other", verdict="cloud"), replace(ONE, uid="b"), ONE], [ONE])
    assert [one.uid for one in found.new] == ["b"] and found.known == 1
    (conflict,) = found.conflicts
    assert conflict.apart == {"verdict": ("cloud", "landslide"), "note": ("other", "clear track")}
    assert incoming.beside([replace(ONE, uid="b"), replace(ONE, uid="b", note="x")], []).conflicts[0].uid == "b"


def test_an_entry_in_whole_seconds_is_known_where_one_of_that_second_says_the_same():
    old = replace(ONE, uid="derived", made_at=ONE.made_at.replace(microsecond=0))
    assert incoming.beside([old], [ONE]).known == 1
    assert incoming.beside([replace(old, note="else")], [ONE]).new == [replace(old, note="else")]
    assert incoming.beside([replace(ONE, uid="c")], [ONE]).known == 0
