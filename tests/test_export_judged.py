"""The verdict that a file carries, and the list of all, are what counts now."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from app.__main__ import main
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


def rows(*said):
    return list(csv.DictReader(io.StringIO(judged.list_csv(said).decode("utf-8-sig"))))


def test_the_list_has_a_row_for_each_event_with_place_date_and_the_latest_verdict_in_a_time_zone():
    first = entries(("confirmed", "ann"), ("confirmed", "bob"), ("rejected", "ann"))
    elsewhere = replace(
        judge(replace(SEEN, event="=9", latitude=10.0, event_date="2020-01-15"), "ann", "confirmed", "@x"),
        made_at=datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2))), uid="z",
    )  # fmt: skip
    new, old = rows(elsewhere, *first)
    assert (new["event"], new["note"], new["event_date"]) == ("'=9", "'@x", "2020-01-15")
    assert (new["latest_at"], new["time_zone"]) == ("2026-03-01T10:00:00+00:00", "UTC")
    assert (old["latitude"], old["longitude"], old["reviewers"]) == ("46.0", "8.0", "2")
    assert (old["verdict"], old["latest_verdict"], old["latest_by"]) == ("", "rejected", "ann")
    assert set(old["said"].split("; ")) == {"ann: rejected", "bob: confirmed"}


def test_what_a_third_decided_is_what_counts_and_an_empty_review_is_a_header():
    final = replace(judge(SEEN, "cay", "uncertain", ""), role=DECISION, made_at=datetime(2026, 2, 1, tzinfo=UTC))
    (only,) = rows(final, *entries(("confirmed", "ann"), ("rejected", "bob")))
    assert (only["verdict"], only["decided_by"]) == ("uncertain", "cay")
    assert judged.list_csv(()).decode().strip().split(",") == list(judged.COLUMNS)


def test_the_command_writes_the_list_and_refuses_another_ending(tmp_path, capsys):
    assert main(["review", "export", "--format", "list", "--out", str(tmp_path / "list.csv")]) == 0
    assert (tmp_path / "list.csv").read_text().startswith("event,kind,")
    assert main(["review", "export", "--format", "list", "--out", str(tmp_path / "list.json")]) == 2
    assert "--out FILE.csv" in capsys.readouterr().err
