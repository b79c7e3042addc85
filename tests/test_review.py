"""Verdicts are kept whole, with what was seen, by however many at once, and an earlier edition's are taken along."""

import os
import re
import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier
from urllib.parse import quote
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from app.errors import InputError, ReviewError
from app.inventory import Event, Inventory
from app.review import DECISION, UNDONE, Reviews, Verdict, decided, standing, verdicts
from tests.many_reviewers import EACH, PEOPLE, keep_at_once, verdict

VERDICT = verdict()
EVENT = Event("171", 0, date(2022, 12, 30), 35.86, -121.43)
FIRST, SECOND, THIRD, FOURTH = (
    "first_reviews.sql",
    "second_reviews.sql",
    "third_reviews.sql",
    "fourth_reviews.sql",
)  # databases as earlier editions of Scarp made them
POSTGRES = os.environ.get("SCARP_TEST_POSTGRES", "")


@pytest.fixture(params=["sqlite", "postgres"])
def fresh(request, tmp_path):
    """A maker of addresses of databases that hold nothing yet: files, or schemas of a server."""
    if request.param == "sqlite":
        yield lambda: f"sqlite:///{tmp_path / 'deep' / f'{uuid4().hex}.sqlite'}"
        return
    if not POSTGRES:
        pytest.skip("no PostgreSQL: SCARP_TEST_POSTGRES names none")
    server, made = create_engine(POSTGRES), []

    def schema() -> str:
        made.append(f"scarp_{uuid4().hex}")
        with server.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {made[-1]}"))
        return f"{POSTGRES}{'&' if '?' in POSTGRES else '?'}options={quote(f'-csearch_path={made[-1]}')}"

    yield schema
    verdicts._engine.cache_clear()  # engines still hold connections to what is dropped
    with server.begin() as connection:
        for name in made:
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    server.dispose()


@pytest.fixture
def reviews(fresh) -> Reviews:
    return Reviews(fresh())


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "review.sqlite"


def lay_earlier(address: str, edition: str) -> None:
    """Lay a database there as an earlier edition of Scarp made it."""
    engine, script = create_engine(address), Path(__file__).with_name(edition).read_text(encoding="utf-8")
    if engine.dialect.name == "sqlite":
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    else:  # the same table as that edition makes it there
        script = script.replace("id INTEGER", "id SERIAL").replace("DATETIME", "TIMESTAMP WITH TIME ZONE")
        script = re.sub(r"(\d\d\.\d{6})'", r"\1+00'", script)
        script = re.sub(r"VALUES\(\d+,", "VALUES(DEFAULT,", script)
        script = re.sub(r"',1(\);|,\d)", r"',true\1", re.sub(r"',0(\);|,\d)", r"',false\1", script))
    with engine.begin() as connection:
        for step in script.split(";\n"):
            if "TRANSACTION" not in step and "COMMIT" not in step and step.strip():
                connection.execute(text(step.replace(":", r"\:")))
    engine.dispose()


def rows(file: Path, statement: str, *values) -> None:
    """Run a statement on a file behind Scarp's back."""
    with sqlite3.connect(file) as connection:
        connection.execute(statement, values)


def test_a_verdict_is_kept_with_who_said_it_and_what_was_seen(reviews):
    reviews.add(VERDICT)
    (kept,) = reviews.all()
    assert replace(kept, made_at=None) == VERDICT
    assert abs((datetime.now(UTC) - kept.made_at).total_seconds()) < 600


def test_verdicts_come_back_newest_first(reviews):
    reviews.add(VERDICT)
    reviews.add(replace(VERDICT, verdict="unsure"))
    reviews.add(replace(VERDICT, reviewer="B"))
    assert [one.verdict for one in reviews.all()] == ["landslide", "unsure", "landslide"]
    assert reviews.count() == 3


def test_the_verdicts_on_an_event_are_those_at_its_place_under_whatever_name_of_the_inventory(reviews):
    here = [VERDICT, replace(VERDICT, inventory="The link", latitude=35.860003)]
    unplaced = replace(VERDICT, latitude=None, longitude=None, event_date="", inventory_id="")
    for one in (*here, unplaced, replace(unplaced, inventory="another.csv"), replace(VERDICT, latitude=36.0),
                replace(VERDICT, event="17")):  # fmt: skip
        reviews.add(one)
    found = [replace(one, made_at=None) for one in reviews.on(EVENT, "built in")]
    assert found == [unplaced, *reversed(here)]


@pytest.mark.parametrize(
    "change",
    [
        {"reviewer": " "}, {"reviewer": "x" * 101}, {"verdict": "yes"}, {"note": "x" * 2001}, {"kind": "pixel"},
        {"confidence": "sure"}, {"undoes": "x"}, {"verdict": UNDONE}, {"geometry": "POINT (1 2)"},
        {"geometry": '{"type": "Point", "coordinates": [1, 2]}'}, {"geometry": "[" * 900_000},
    ],
)  # fmt: skip
def test_a_verdict_nobody_could_use_is_refused(change):
    with pytest.raises(ReviewError):
        replace(VERDICT, **change)


def test_text_that_is_code_elsewhere_is_kept_as_text(reviews):
    note = "'; DROP TABLE verdicts; -- <script> ${alert(1)}"
    reviews.add(replace(VERDICT, note=note))
    assert reviews.all()[0].note == note


def test_half_a_character_or_a_zero_costs_no_verdict(reviews):
    reviews.add(replace(VERDICT, note="half \ud83d of\0it", inventory="\udfff"))
    assert (reviews.all()[0].note, reviews.all()[0].inventory) == ("half ? of?it", "?")


def taken_along(address: str, edition: str) -> tuple[Reviews, list[Verdict]]:
    """Return a database that was of an earlier edition, and what stands in it."""
    lay_earlier(address, edition)
    reviews = Reviews(address)
    return reviews, reviews.all()


def test_a_database_of_the_first_edition_is_taken_along(fresh):
    reviews, old = taken_along(fresh(), FIRST)
    assert [(one.reviewer, one.inventory, one.event, one.verdict) for one in old] == [
        ("Bo", "The link", "12", "unsure"),
        ("Bo", "inventory.csv", "12", "no-change"),
        ("A. Expert", "The built-in list", "171", "landslide"),
    ]
    assert [one.made_at for one in old] == [datetime(2024, 5, 14, 9, 30, n, 288709, tzinfo=UTC) for n in (3, 2, 1)]
    assert {(one.latitude, one.event_date, one.odd) for one in old} == {(None, "", "")}
    assert [one.simulated for one in old] == [False, False, True]
    reviews.add(VERDICT)
    assert replace(reviews.all()[0], made_at=None) == VERDICT
    assert [one.inventory for one in reviews.on(EVENT, "The built-in list")] == ["built in", "The built-in list"]


def test_a_database_of_the_second_edition_is_taken_along_and_its_verdicts_count_as_they_were_given(fresh):
    reviews, old = taken_along(fresh(), SECOND)
    assert [(one.reviewer, one.verdict, one.meaning, one.odd) for one in old] == [
        ("A. Expert", "no-change", "rejected", ""),
        ("Bo", "unusable", "unusable", ""),
        ("A. Expert", "landslide", "confirmed", ""),
    ]
    assert {(one.kind, one.subject, one.method, one.threshold, one.geometry) for one in old} == {
        ("event", "", "", None, "")
    }
    assert len({one.uid for one in old}) == 3 and [one.uid for one in reviews.all()] == [one.uid for one in old]
    reviews.take_back(old[0], "A. Expert")
    assert [one.verdict for one in standing(reviews.all()).values()] == ["unusable", "landslide"]
    assert [one.latitude for one in reviews.on(EVENT)] == [35.86] * 3


def test_a_database_of_the_third_edition_is_taken_along_with_what_was_taken_back_in_it(fresh):
    reviews, old = taken_along(fresh(), THIRD)
    assert [(one.verdict, one.kind, one.role, one.odd) for one in old] == [
        ("bad-label", "polygon", "", ""), ("undone", "event", "", ""), ("rejected", "event", "", ""),
        ("confirmed", "event", "", ""),
    ]  # fmt: skip
    assert {one.verdict for one in standing(old).values()} == {"bad-label", "confirmed"}
    reviews.add(verdict(reviewer="Cy", verdict="rejected", role=DECISION))
    assert [one.verdict for one in decided(reviews.all()).values()] == ["rejected"]


def test_one_event_under_two_names_of_two_inventories_is_one_item(reviews):
    """By place and day; another day at the place, or the day elsewhere, is another event, as are two of one list."""
    reviews.add(VERDICT)
    reviews.add(replace(VERDICT, reviewer="Bo", event="GL-9", inventory="mine.csv", latitude=35.860003))
    reviews.add(replace(VERDICT, reviewer="Bo", event="GL-10", event_date="2022-12-31"))
    reviews.add(replace(VERDICT, reviewer="Bo", event="GL-11", latitude=36.0))
    reviews.add(replace(VERDICT, reviewer="Bo", event="172", event_date=""))
    assert sorted((item[0], who) for item, who in standing(reviews.all())) == [
        ("172", "Bo"), ("GL-10", "Bo"), ("GL-11", "Bo"), ("GL-9", "A. Expert"), ("GL-9", "Bo"),
    ]  # fmt: skip
    mine = Inventory("other.csv", (replace(EVENT, id="z"),), (), {}, ())
    assert reviews.judged("Bo", mine) == reviews.judged("A. Expert", mine) == {"z"}
    assert [one.event for one in reviews.on(mine.events[0])] == ["GL-9", "171"]


OUTLINE = '{"type": "Polygon", "coordinates": [[[0, 0], [0, 1], [1, 1], [0, 0]]]}'
WHOLE = verdict(
    kind="polygon", subject="p1", composition="true-colour", stretch="2-98", method="onnx:bit", threshold=0.5,
    model_sha256="ab" * 32, link="?event=171", verdict="bad-label", confidence="low", geometry=OUTLINE, seconds=4.25,
)  # fmt: skip


def test_what_was_judged_and_all_that_was_on_the_screen_comes_back(reviews):
    made = reviews.add(WHOLE)
    (kept,) = reviews.all()
    assert kept == made and replace(kept, made_at=None) == WHOLE and kept.uid == made.uid != ""


def test_an_entry_is_never_changed_and_the_newest_of_a_reviewer_counts_until_it_is_taken_back(reviews):
    reviews.add(verdict(verdict="confirmed"))
    reviews.add(verdict(verdict="rejected", reviewer="Bo"))
    second = reviews.add(verdict(verdict="cloud", inventory="another name", latitude=35.860003))

    def counts() -> dict[str, str]:
        found = standing(reviews.all())
        assert len({item for item, _ in found}) == 1
        return {one.reviewer: one.verdict for one in found.values()}

    assert counts() == {"A. Expert": "cloud", "Bo": "rejected"}
    with pytest.raises(ReviewError, match=r"only A\. Expert can take it back"):
        reviews.take_back(second, "Bo")
    undone = reviews.take_back(second, "A. Expert")
    assert counts() == {"A. Expert": "confirmed", "Bo": "rejected"}
    assert (undone.verdict, undone.undoes, reviews.count()) == (UNDONE, second.uid, 4)


def test_the_events_a_reviewer_has_judged_are_those_whose_verdict_still_stands(reviews):
    listed = Inventory("built in", (EVENT, replace(EVENT, id="12"), replace(EVENT, id="13")), (), {}, ())
    assert reviews.judged("A. Expert", listed) == set() and reviews.pace("A. Expert") is None
    reviews.add(verdict(seconds=3.0))
    second = reviews.add(verdict(event="12", seconds=5.0, inventory="another name"))
    again = reviews.add(verdict(event="12", seconds=10.0))
    for elsewhere in ({"reviewer": "Bo"}, {"latitude": 1.0}, {"kind": "polygon"}):
        reviews.add(verdict(event="13", **elsewhere))
    unplaced = {"latitude": None, "longitude": None}
    reviews.add(verdict(event="13", inventory="another name", **unplaced))
    assert reviews.judged("A. Expert", listed) == {"171", "12"} and reviews.pace("A. Expert") == 5.0
    reviews.take_back(again, "A. Expert")
    assert reviews.judged("A. Expert", listed) == {"171", "12"}
    reviews.take_back(second, "A. Expert")
    assert reviews.judged("A. Expert", listed) == {"171"}
    reviews.add(verdict(event="13", **unplaced))
    assert reviews.judged("A. Expert", listed) == {"171", "13"}
    assert {one.reviewer for one in reviews.of("Bo")} == {"Bo"}


def test_an_entry_that_only_says_to_be_anothers_takes_nothing_back(reviews):
    kept = reviews.add(verdict(verdict="confirmed"))
    reviews.add(verdict(verdict=UNDONE, undoes=kept.uid, reviewer="Bo"))
    assert [one.reviewer for one in standing(reviews.all()).values()] == ["A. Expert"]


def test_an_event_and_each_of_its_parts_are_judged_for_themselves(reviews):
    for kind, subject in (("event", ""), ("polygon", "p1"), ("polygon", "p2"), ("truth", "t1"), ("mask", "")):
        reviews.add(verdict(kind=kind, subject=subject))
    assert len(standing(reviews.all())) == 5


def test_entries_of_another_database_come_in_by_their_time_and_not_twice(reviews):
    new = reviews.add(verdict(verdict="confirmed"))
    old = replace(new, verdict="rejected", made_at=datetime(2025, 1, 1, tzinfo=UTC), uid="elsewhere")
    assert reviews.add_all([old]) == 1
    assert [one.verdict for one in reviews.all()] == ["confirmed", "rejected"]
    with pytest.raises(ReviewError, match="no verdict was stored"):
        reviews.add_all([replace(old, uid="new"), old])
    assert reviews.count() == 2


def test_ten_processes_on_databases_fresh_and_of_earlier_editions_lose_no_verdict(fresh):
    databases = [fresh() for _ in range(8)]
    editions = {FIRST: 3, SECOND: 3, THIRD: 4, FOURTH: 4}  # and how many entries each holds
    earlier = dict(zip(databases[4:], editions, strict=True))
    for address, edition in earlier.items():
        lay_earlier(address, edition)
    assert keep_at_once(databases) == []
    for address in databases:
        every = Reviews(address).all()
        assert len({one.uid for one in every}) == len(every) == PEOPLE * EACH + editions.get(earlier.get(address), 0)
        kept = Counter(one.reviewer for one in every if one.reviewer.startswith("person "))
        assert kept == {f"person {n}": EACH for n in range(PEOPLE)}


ODD = {
    "verdict": ("maybe", "no verdict that Scarp knows"),
    "reviewer": ("", "no reviewer"),
    "made_at": ("yesterday", "made at 'yesterday', which is no time"),
    "simulated": ("perhaps", "simulated or not: not said"),
    "latitude": ("north", "latitude 'north' is no number"),
    "threshold": ("high", "threshold 'high' is no number"),
    "kind": ("pixel", "of no kind that Scarp knows"),
    "geometry": ("{}", "The outline is no GeoJSON geometry of the type Polygon or MultiPolygon."),
    "note": ("x" * 3000, "longer than Scarp keeps"),
}


@pytest.mark.parametrize("column", ODD)
def test_an_odd_row_is_shown_as_it_is_and_marked_and_the_others_too(file, column):
    value, said = ODD[column]
    reviews = Reviews(f"sqlite:///{file}")
    reviews.add(VERDICT)
    reviews.add(replace(VERDICT, reviewer="B"))
    rows(file, f"UPDATE verdicts SET {column} = ? WHERE id = 1", value)
    sound, odd = reviews.all()
    assert (sound.reviewer, sound.odd) == ("B", "")
    assert odd.odd == said
    assert getattr(odd, column) in (value, None)
    reviews.add(replace(VERDICT, reviewer="C"))
    assert reviews.count() == 3


def test_bytes_that_are_no_text_are_read_as_far_as_they_are(file):
    reviews = Reviews(f"sqlite:///{file}")
    reviews.add(VERDICT)
    rows(file, "UPDATE verdicts SET note = CAST(x'66ff6f' AS TEXT), t1 = x'32'")
    (one,) = reviews.all()
    assert (one.note, one.t1) == ("f\ufffdo", "2")


def test_a_database_that_cannot_be_opened_says_where_to_look(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ReviewError, match="SCARP_DATABASE"):
        Reviews(f"sqlite:///{tmp_path / 'file' / 'review.sqlite'}")


def test_a_database_that_breaks_says_what_became_of_the_verdict(file):
    reviews = Reviews(f"sqlite:///{file}")
    file.write_bytes(b"no database at all" * 1000)
    reviews._engine.dispose()
    with pytest.raises(ReviewError, match=r"file is not a database.*the verdict was not stored"):
        reviews.add(VERDICT)
    with pytest.raises(ReviewError, match="no verdict could be read"):
        reviews.all()


def test_a_locked_database_says_so_and_takes_the_verdict_once_it_is_free(file, monkeypatch):
    monkeypatch.setattr(verdicts, "_WAIT_S", 0.2)
    reviews = Reviews(f"sqlite:///{file}")
    other = sqlite3.connect(reviews._engine.url.database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(ReviewError, match=r"database is locked.*the verdict was not stored"):
        reviews.add(VERDICT)
    other.execute("COMMIT")
    reviews.add(VERDICT)
    assert reviews.count() == 1


def test_a_full_disk_says_that_the_verdict_was_not_stored(file):
    reviews = Reviews(f"sqlite:///{file}")
    reviews.add(VERDICT)

    def fill(connection, _record, _proxy):
        connection.execute("PRAGMA max_page_count = 1")

    verdicts.happening.listen(reviews._engine, "checkout", fill)
    with pytest.raises(ReviewError, match=r"full.*the verdict was not stored"):
        for _ in range(20):
            reviews.add(replace(VERDICT, note="x" * 2000))
    assert reviews.all()[-1].reviewer == VERDICT.reviewer


@pytest.mark.parametrize("old", ["", FIRST, SECOND])
def test_a_database_that_is_read_only_can_be_read_and_says_why_nothing_is_stored(file, old):
    if old:
        lay_earlier(f"sqlite:///{file}", old)
    else:
        Reviews(f"sqlite:///{file}").add(VERDICT)
    reviews = Reviews(f"sqlite:///file:{file}?mode=ro&uri=true")
    assert reviews.count() == len(reviews.all()) == (3 if old else 1)
    listed = Inventory("built in", (EVENT,), (), {}, ())
    assert reviews.judged("A. Expert", listed) == (set() if old == FIRST else {"171"})
    assert reviews.pace("A. Expert") is None
    assert len(reviews.on(replace(EVENT, id="12"), "inventory.csv", "built in")) == (old == FIRST)
    with pytest.raises(ReviewError, match=r"readonly database|no column.*the verdict was not stored"):
        reviews.add(VERDICT)


def test_a_file_taken_away_while_scarp_runs_is_made_anew(file):
    reviews = Reviews(f"sqlite:///{file}")
    file.unlink()
    reviews._engine.dispose()
    reviews.add(VERDICT)
    assert reviews.count() == 1


def test_a_driver_that_is_not_there_is_named_with_the_way_to_it(monkeypatch):
    with pytest.raises(ReviewError, match=r"psycopg\[binary\]"):
        Reviews("postgresql+pg8000://127.0.0.1/none")


def test_a_server_that_does_not_answer_is_a_sentence_without_its_password():
    pytest.importorskip("psycopg")
    with pytest.raises(ReviewError, match="cannot be opened") as told:
        Reviews("postgresql+psycopg://someone:hidden@127.0.0.1:9/none?connect_timeout=2")
    assert "hidden" not in str(told.value)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no such modes")
def test_no_other_user_of_the_machine_reads_the_database_or_its_copy(tmp_path):
    before = os.umask(0)
    try:
        reviews = Reviews(f"sqlite:///{tmp_path / 'review.sqlite'}")
        reviews.add(verdict())
        reviews.backup(tmp_path / "copy.sqlite")
    finally:
        os.umask(before)
    modes = {one.name: oct(one.stat().st_mode & 0o777) for one in tmp_path.iterdir()}
    assert {"review.sqlite", "copy.sqlite"} <= set(modes)  # and what SQLite writes ahead, beside them
    assert set(modes.values()) == {"0o600"}, modes


def test_a_copy_takes_the_place_of_an_older_one_and_of_nothing_else(tmp_path):
    """The database itself, replaced by its copy while Scarp runs, would lose all that is written later."""
    own, copy, other = tmp_path / "review.sqlite", tmp_path / "copy.sqlite", tmp_path / "events.csv"
    reviews = Reviews(f"sqlite:///{own}")
    reviews.add(verdict())
    reviews.backup(copy)
    reviews.backup(copy)
    assert Reviews(f"sqlite:///{copy}").count() == 1
    before = own.stat().st_ino
    with pytest.raises(InputError, match="is the review database itself"):
        reviews.backup(tmp_path / "." / "review.sqlite")
    other.write_text("id,latitude,longitude")
    with pytest.raises(InputError, match="no copy of a database"):
        reviews.backup(other)
    assert own.stat().st_ino == before and other.read_text() == "id,latitude,longitude"


def test_both_halves_of_a_double_click_in_one_moment_are_one_verdict(reviews):
    together = Barrier(4)

    def press(_: int) -> Verdict:
        together.wait()
        return reviews.add_pressed(VERDICT)

    with ThreadPoolExecutor(4) as threads:
        made = set(threads.map(press, range(4)))
    assert len(made) == reviews.count() == 1


def test_the_second_half_of_a_double_click_is_no_verdict_and_whatever_says_more_is_one(reviews, monkeypatch):
    first = reviews.add_pressed(replace(VERDICT, verdict="cloud", note="a typed note", seconds=4.0))
    assert reviews.add_pressed(replace(VERDICT, verdict="cloud", note="", seconds=0.2)) == first
    assert reviews.count() == 1
    others = ({"verdict": "confirmed"}, {"event": "172"}, {"note": "now with a reason"}, {"reviewer": "B. Other"})
    for changes in others:
        reviews.add_pressed(replace(VERDICT, **{"verdict": "cloud", "note": "", **changes}))
    assert reviews.count() == 1 + len(others)
    reviews.take_back(reviews.add_pressed(VERDICT), VERDICT.reviewer)
    reviews.add_pressed(VERDICT)  # after it was taken back it is meant
    assert reviews.count() == 4 + len(others)
    monkeypatch.setattr(verdicts, "_DOUBLE", timedelta(0))  # as later
    reviews.add_pressed(VERDICT)
    assert reviews.count() == 5 + len(others)
