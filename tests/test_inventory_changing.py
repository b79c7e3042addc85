"""Events changed on the Inventory page, and dates proposed for many: used everywhere, kept, undone, taken away."""

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from app import inventory
from app.export import inventories
from app.sources import stac_dates
from app.ui import choices, keys
from tests.test_kept import _brought, browser, page  # noqa: F401  (fixtures)
from tests.test_pages import assert_sound, visit, words

CSV = (
    b"id,event_date,latitude,longitude,pre2,post1\nA1,2021-05-04,46.5,11.3,2021-04-01,2021-06-01\nB2,soon,45.9,10.8,,\n"
)
C3 = b"C3,2020-06-01,45.8,10.7,,\n"


def opened(browser, page, event: str = "A1", data: bytes = CSV) -> AppTest:  # noqa: F811
    _brought(browser, data)
    app = page("inventory")
    app.session_state[choices.EVENT] = event
    return app.run()


def typed(app: AppTest, **texts: str) -> AppTest:
    labels = {"day": "Day, or", "category": "Category", "t1": "T1,", "t2": "T2,", "place": "Latitude, longitude",
              "name": "Your name"}  # fmt: skip
    for what, text in texts.items():
        [box] = [one for one in app.text_input if one.label.startswith(labels[what]) and "link" not in one.label]
        box.input(text)
    return press(app, "Save the changes")


def press(app: AppTest, label: str) -> AppTest:
    [button] = [one for one in app.button if one.label == label]
    return button.click().run()


def used(app: AppTest):
    return app.session_state[keys.INVENTORY]


def test_a_changed_date_is_used_kept_found_again_and_told_with_the_readers_name(browser, page):  # noqa: F811
    app = typed(opened(browser, page), day="2021-05-06", category="flow", name="A. Expert")
    assert_sound(app)
    assert used(app).event("A1").date == date(2021, 5, 6)
    assert "from 2021-05-04 to **2021-05-06** · A. Expert" in words(app).replace("\\", "")
    again = page("inventory")
    assert used(again).event("A1").category == "flow" and used(again).raw == CSV
    assert [change.by for change in used(again).changes["A1"]] == ["A. Expert"] * 2
    taken = inventory.read(inventories.as_csv(used(again)), "taken.csv")
    assert taken.changes == used(again).changes and taken.event("A1").date == date(2021, 5, 6)


def test_what_cannot_be_read_is_said_beside_it_and_nothing_typed_is_lost(browser, page):  # noqa: F811
    app = typed(opened(browser, page), day="soon", category="flow")
    assert [one.value for one in app.error] and "no date Scarp can read" in app.error[0].value
    assert {"soon", "flow"} <= {one.value for one in app.text_input}
    assert not used(app).changes
    assert not typed(app, day="2021-05-07").error
    assert used(app).event("A1").category == "flow"


def test_a_change_is_undone_and_is_gone_from_the_log_and_what_is_kept(browser, page):  # noqa: F811
    app = press(typed(opened(browser, page), category="flow"), "Undo the last change")
    assert used(app).event("A1").category == "" and not used(app).changes
    assert not used(page("inventory")).changes


def test_a_doubt_goes_once_the_date_is_given_and_comes_with_a_wrong_one(browser, page):  # noqa: F811
    app = opened(browser, page, "B2")
    assert "date-unreadable" in words(app)
    typed(app, day="2021-01-01", t1="2021-02-01")
    assert "date-unreadable" not in words(app) and "t1-not-before-event" in words(app)


def test_a_changed_t1_goes_before_one_picked_for_the_patch_before(browser, page):  # noqa: F811
    app = opened(browser, page)
    app.session_state[choices.T1] = date(2021, 3, 3)
    app.run()
    typed(app, t1="2021-04-15")
    assert app.session_state[choices.T1] == date(2021, 4, 15)
    visit(app, "patches")
    assert app.session_state[choices.T1] == date(2021, 4, 15)


def test_the_built_in_list_is_changed_too_and_found_again_until_all_is_forgotten(page):  # noqa: F811
    app = page("inventory")
    app.session_state[choices.EVENT] = "0"
    app.run()
    typed(app, category="flow")
    again = page("inventory")
    assert used(again).event("0").category == "flow"
    start = page()
    assert "what you changed of 1 event" in words(start)
    press(start, "Forget all of it")
    assert keys.INVENTORY not in page("inventory").session_state


@pytest.mark.parametrize(
    "said", [b"{", b"[]", b'{"A1": 1}', b'{"A1": [{"field": "date", "before": "", "after": "x"}]}']
)
def test_what_is_kept_of_changes_is_checked_like_any_input(browser, page, said):  # noqa: F811
    app = typed(opened(browser, page), category="flow")
    from app import workspace

    [path] = (workspace.find(browser).folder / "files").glob("changes.*")
    path.write_bytes(said)
    again = page("inventory")
    assert_sound(again)
    assert used(again).event("A1").date == used(app).event("A1").date


# --- dates proposed for many -----------------------------------------------------------------


@pytest.fixture
def catalogue(monkeypatch):
    """Searches that need no catalogue, with the events asked for."""
    asked = []

    def search(event, bbox, name, *, thumbnails, progress):
        asked.append(event.id)
        if event.date is None:
            return stac_dates_real(event, bbox, name)
        days = date(event.date.year, 1, 1), date(event.date.year + 1, 1, 1)
        side = [(stac_dates.Candidate(day, (), 0.9, 0.0, 1.0),) for day in days]
        return stac_dates.Proposal(*side, "A catalogue")

    stac_dates_real = stac_dates.date_search
    monkeypatch.setattr(stac_dates, "date_search", search)
    return asked


def searched(app: AppTest) -> AppTest:
    press(app, "Search for 2 events")
    _, running = app.session_state[keys.PROPOSING_MANY]
    assert running.wait(30.0)
    return app.run()


def test_dates_are_proposed_for_all_events_shown_reviewed_in_the_table_and_taken(browser, page, catalogue):  # noqa: F811
    app = searched(opened(browser, page, "C3", CSV + C3))
    assert_sound(app)
    assert sorted(catalogue) == ["B2", "C3"]
    [table] = [one.value for one in app.dataframe]
    assert list(table["proposed"]) == ["", "", "T1 2020-01-01, T2 2021-01-01"]
    assert "event B2: Event B2 has no date" in words(app).replace("\\", "")
    assert used(app).event("C3").t1 is None  # nothing is used before it is taken
    press(app, "Take the dates of 1 event")
    assert used(app).event("C3").t1 == date(2020, 1, 1)
    assert {change.how for change in used(app).changes["C3"]} == {"proposed from A catalogue"}
    assert list(next(one.value for one in app.dataframe)["changed"]) == ["", "", "t1, t2"]
    assert used(page("inventory")).event("C3").t2 == date(2021, 1, 1)


def test_what_was_answered_is_not_asked_again_in_the_next_session_and_one_is_taken_or_left(browser, page, catalogue):  # noqa: F811
    searched(opened(browser, page, "C3", CSV + C3))
    again = page("inventory")
    again.session_state[choices.EVENT] = "C3"
    again.run()
    assert "Proposed: **T1 2020-01-01** (90% clear)" in words(again)
    press(again, "Leave")
    assert "Proposed:" not in words(again) and used(again).event("C3").t1 is None
    assert len(catalogue) == 2


# --- merging ---------------------------------------------------------------------------------

OTHER = b"id,event_date,latitude,longitude,Depth\nA1,2021-05-05,46.501,11.3,3\nZ,2021-01-01,10,10,4\nB,,45.9,10.8,5\n"


def test_a_second_inventory_is_merged_with_pairs_shown_and_the_result_kept(browser, page):  # noqa: F811
    app = opened(browser, page)
    app.session_state[keys.MERGING] = inventory.read(OTHER, "other.csv")
    app.run()
    [pairs] = [one.value for one in app.dataframe if "keep once" in one.value]
    assert list(pairs["keep once"]) == [True, False] and list(pairs["metres"]) == [111, 0]
    assert "of 1 a day is not known" in words(app)
    press(app, "Merge into 4 events")
    assert_sound(app)
    assert [event.id for event in used(app).events] == ["A1", "B2", "other:Z", "other:B"]
    assert used(app).name == "mine + other.csv" and app.session_state[keys.MERGING] is None
    again = used(page("inventory"))
    assert again.events == used(app).events and dict(again.along.of(again.events[0]))["Depth"] == "3"


def test_limits_chosen_for_a_merge_find_other_pairs_and_leaving_it_changes_nothing(browser, page):  # noqa: F811
    app = opened(browser, page)
    app.session_state[keys.MERGING] = inventory.read(OTHER, "other.csv")
    app.run()
    app.number_input(key="merge.metres").set_value(50.0).run()
    assert [button.label for button in app.button if button.label.startswith("Merge")] == ["Merge into 5 events"]
    press(app, "Leave it")
    assert used(app).raw == CSV and not [one for one in app.button if one.label.startswith("Merge")]
