from dataclasses import replace

import pytest

from app import review
from app.errors import ReviewError
from app.review import Reviews, Verdict

VERDICT = Verdict("A. Expert", "built in", "171", "landslide", "clear track", "demo", "2022-09-17", "2023-02-24", True)


@pytest.fixture
def reviews(tmp_path) -> Reviews:
    return Reviews(f"sqlite:///{tmp_path / 'deep' / 'review.sqlite'}")


def test_a_verdict_is_kept_with_who_said_it_and_what_was_seen(reviews):
    reviews.add(VERDICT)
    (kept,) = reviews.all()
    assert replace(kept, made_at=None) == VERDICT
    assert kept.made_at is not None


def test_verdicts_come_back_newest_first_and_the_latest_of_a_reviewer_counts(reviews):
    reviews.add(VERDICT)
    reviews.add(replace(VERDICT, verdict="unsure"))
    reviews.add(replace(VERDICT, reviewer="B"))
    assert [one.verdict for one in reviews.all()] == ["landslide", "unsure", "landslide"]
    counted = review.latest(reviews.all())
    assert counted[("built in", "171", "A. Expert")].verdict == "unsure"
    assert len(counted) == 2


@pytest.mark.parametrize(
    "change", [{"reviewer": " "}, {"reviewer": "x" * 101}, {"verdict": "yes"}, {"note": "x" * 2001}]
)
def test_a_verdict_nobody_could_use_is_refused(change):
    with pytest.raises(ReviewError):
        replace(VERDICT, **change)


def test_text_that_is_code_elsewhere_is_kept_as_text(reviews):
    note = "'; DROP TABLE verdicts; -- <script> ${alert(1)}"
    reviews.add(replace(VERDICT, note=note))
    assert reviews.all()[0].note == note


def test_a_database_that_cannot_be_opened_says_where_to_look(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ReviewError, match="SCARP_DATABASE"):
        Reviews(f"sqlite:///{tmp_path / 'file' / 'review.sqlite'}")


def test_a_database_that_breaks_says_what_became_of_the_verdict(tmp_path):
    reviews = Reviews(f"sqlite:///{tmp_path / 'verdicts.sqlite'}")
    (tmp_path / "verdicts.sqlite").write_bytes(b"no database at all" * 1000)
    reviews._engine.dispose()
    with pytest.raises(ReviewError, match="the verdict was not stored"):
        reviews.add(VERDICT)
    with pytest.raises(ReviewError, match="no verdict could be read"):
        reviews.all()
