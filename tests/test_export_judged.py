"""The verdict that a file carries is the one that counts now."""

from dataclasses import replace
from datetime import UTC, datetime

from app.export import judged
from app.review import DECISION, UNDONE, Seen, judge

SEEN = Seen("list.csv", "7", "demo", "2020-01-01", "2020-02-01", True, 46.0, 8.0)


def entries(*said):
    """Return entries newest first, of (verdict, reviewer), as the database gives them."""
    made = [
        replace(judge(SEEN, who, verdict, ""), made_at=datetime(2026, 1, day, tzinfo=UTC), uid=f"{day}")
        for day, (verdict, who) in enumerate(said, start=1)
    ]
    return made[::-1]


def test_reviewers_who_agree_give_one_word_and_those_apart_each_theirs():
    assert judged.in_a_word(entries(("confirmed", "ann"), ("confirmed", "bob"))) == "confirmed"
    assert judged.in_a_word(entries(("uncertain", "ann"), ("confirmed", "bob"))) == "confirmed, uncertain"
    assert judged.in_a_word(()) == ""


def test_of_one_reviewer_the_last_counts_and_a_decision_stands_above_all():
    assert judged.in_a_word(entries(("confirmed", "ann"), ("rejected", "ann"))) == "rejected"
    said = entries(("confirmed", "ann"), ("rejected", "bob"))
    final = replace(judge(SEEN, "cay", "uncertain", ""), role=DECISION, made_at=datetime(2026, 2, 1, tzinfo=UTC))
    assert judged.in_a_word([final, *said]) == "uncertain"


def test_what_was_taken_back_is_not_said():
    said = entries(("confirmed", "ann"))
    back = replace(said[0], verdict=UNDONE, undoes=said[0].uid, uid="other")
    assert judged.in_a_word([back, *said]) == ""
