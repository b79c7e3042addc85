"""Editions of the review database: each is brought up to this one with its entries, a later one is left alone."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from app.errors import ReviewError
from app.review import Reviews, schema, standing, verdicts
from app.review.table import TABLE
from tests.many_reviewers import verdict
from tests.test_review import FIRST, FOURTH, SECOND, THIRD, file, fresh, lay_earlier, rows  # noqa: F401


def stated(address: str) -> str:
    engine = create_engine(address)
    with engine.connect() as connection:
        found = schema.edition(connection)
    engine.dispose()
    return found


RUN_BY_ALEMBIC = (
    "app.review.migrations.env", "app.review.migrations.versions.first", "app.review.migrations.versions.second",
    "app.review.migrations.versions.third", "app.review.migrations.versions.fourth",
)  # fmt: skip


def test_the_editions_are_those_that_alembic_finds_in_their_order():
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    settings = Config()
    settings.set_main_option("script_location", str(Path(schema.__file__).with_name("migrations")))
    found = list(ScriptDirectory.from_config(settings).walk_revisions())[::-1]
    assert tuple(one.revision for one in found) == schema.EDITIONS
    assert [Path(one.path).stem for one in found] == [name.rpartition(".")[2] for name in RUN_BY_ALEMBIC[1:]]


@pytest.mark.parametrize("earlier", ["", FIRST, SECOND, THIRD, FOURTH])
def test_from_every_edition_the_steps_lead_to_the_table_of_this_one(fresh, earlier):  # noqa: F811
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    address = fresh()
    if earlier:
        lay_earlier(address, earlier)
    Reviews(address)
    assert stated(address) == schema.EDITIONS[-1]
    engine = create_engine(address)
    with engine.connect() as connection:
        about = MigrationContext.configure(connection, opts={"version_table": schema.VERSION_TABLE})
        assert compare_metadata(about, TABLE.metadata) == []
    engine.dispose()


def test_a_database_of_the_last_edition_without_a_number_is_taken_along_as_it_was(fresh):  # noqa: F811
    address = fresh()
    lay_earlier(address, FOURTH)
    every = Reviews(address).all()
    assert [(one.reviewer, one.verdict, one.role) for one in every] == [
        ("Cy", "cloud", "decision"), ("Bo", "undone", ""), ("Bo", "rejected", ""), ("A. Expert", "confirmed", ""),
    ]  # fmt: skip
    assert {who: one.verdict for (_, who), one in standing(every).items()} == {"A. Expert": "confirmed"}
    assert (every[0].seconds, every[2].threshold, every[2].note) == (4.25, 0.05, "gelb, Rutschung?")


def test_a_database_of_a_later_scarp_is_refused_with_a_sentence_and_nothing_is_written(fresh):  # noqa: F811
    address = fresh()
    Reviews(address).add(verdict())
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {schema.VERSION_TABLE} SET version_num = 'later'"))
        connection.execute(text("ALTER TABLE verdicts DROP COLUMN role"))
    verdicts._engine.cache_clear()  # as Scarp is started anew
    with pytest.raises(ReviewError, match="made by a later Scarp"):
        Reviews(
            f"{address}{'&' if '?' in address else '?'}{'connect_timeout' if 'psycopg' in address else 'timeout'}=9"
        )
    assert stated(address) == "later"
    with engine.connect() as connection:
        assert "role" not in {one["name"] for one in inspect(connection).get_columns("verdicts")}
    engine.dispose()


def test_a_table_that_is_not_scarps_is_left_alone(file):  # noqa: F811
    with sqlite3.connect(file) as made:
        made.execute("CREATE TABLE verdicts (id INTEGER, jury TEXT)")
    with pytest.raises(ReviewError, match="that Scarp did not make"):
        Reviews(f"sqlite:///{file}")
    with sqlite3.connect(file) as found:
        assert found.execute("SELECT name FROM sqlite_master").fetchall() == [("verdicts",)]
