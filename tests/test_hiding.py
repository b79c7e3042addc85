"""How events stand after their review: in the inventory's table, filter and map, in figures and in what is scored."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app import config, review
from app.export import verdict_files
from app.inventory import builtin
from app.inventory.browse import Filters, Listing
from app.review import corrected
from app.sources import spec_for
from app.ui import choices, keys
from app.ui.map import marks_of
from app.ui.review import hiding
from tests.many_reviewers import verdict
from tests.test_pages import ENTRY, assert_sound, visit, words
from tests.test_review_page import file  # noqa: F401  (the database of the test's own)
from tests.test_sharing import keep, on, opened


def some() -> None:
    keep(on("171", "Ada", "confirmed"), on("2", "Ada", "rejected"), on("3", "Ada", "confirmed"), on("3", "Bo", "cloud"))


def page(name: str, **chosen) -> AppTest:
    return visit(AppTest.from_file(ENTRY, default_timeout=60).run(), name, **chosen)


def test_the_inventory_says_how_events_stand_and_filters_by_it():
    assert "verdict" not in page("inventory").dataframe[0].value
    some()
    app = page("inventory")
    assert_sound(app)
    told = app.dataframe[0].value.set_index("id")["verdict"].to_dict()
    assert (told["171"], told["2"], told["3"], told["4"]) == ("Confirmed", "Rejected", "Judged apart", "")
    for wanted, ids in (("rejected", ["2"]), ("apart", ["3"]), ("confirmed", ["171"])):
        assert list(page("inventory", **{choices.OUTCOME: wanted}).dataframe[0].value["id"]) == ids
    app = page("inventory", **{choices.OUTCOME: "none"})
    assert len(app.dataframe[0].value) == 7 and "7 of 10 events pass the filters" in words(app)


def test_a_filter_by_verdict_follows_the_verdicts_given_meanwhile():
    some()
    app = opened(**{choices.OUTCOME: "none", keys.REVIEWER: "Ada", choices.EVENT: "4"})
    assert "0 of 7 events judged" in app.get("progress")[0].proto.text
    (one,) = (each for each in app.button if each.label == "Cloud")
    one.click().run()
    assert_sound(app)
    assert app.session_state[choices.EVENT] not in ("4", "2", "3", "171")
    assert "0 of 6 events judged" in app.get("progress")[0].proto.text


def test_in_a_blind_review_no_page_says_what_others_said():
    some()
    app = page("inventory", **{choices.BLIND: "on", keys.REVIEWER: "Cy"})
    assert "verdict" not in app.dataframe[0].value
    told = page("inventory", **{choices.BLIND: "on", keys.REVIEWER: "Bo"}).dataframe[0].value
    assert list(told[told["verdict"] != ""]["id"]) == ["3"]


def test_filters_and_marks_go_by_how_events_stand():
    listing, held = Listing(builtin()), {"171": "confirmed", "2": "rejected", "3": "apart"}
    assert [listing.events[n].id for n in listing.passing(Filters(judged="rejected"), held)] == ["2"]
    assert len(listing.passing(Filters(judged="none"), held)) == 7 and Filters(judged="none").active
    assert {kind: [listing.events[n].id for n in at] for kind, at in marks_of(listing, held).items()} == {
        "usable": ["171"], "unusable": ["2"], "open": ["3"],
    }  # fmt: skip
    assert marks_of(listing, {"gone": "confirmed"}) == {}


def test_label_quality_stands_on_the_page_with_a_figure():
    some()
    app = opened(**{choices.TELL: "quality"})
    assert_sound(app)
    assert "50 % usable: 1 of 2 judged events (9 to 91 %)" in words(app)
    assert app.dataframe[0].value.set_index("standing")["events"].to_dict() == {
        "Confirmed": 1, "Rejected": 1, "Judged apart": 1, "Not judged": 7,
    }  # fmt: skip
    assert app.get("plotly_chart")
    assert "3 items of these were judged on **SIMULATED** scenes" in words(app)


def test_metrics_leaves_out_what_reviewers_rejected_and_says_so():
    some()
    chosen = {choices.DATA: "simulated", choices.COUNT: 4, choices.SCORED: ["band-difference:B04:0.05"]}
    app = page("metrics", **chosen, **{choices.LEAVE: "rejected", choices.EVENT: "171"})
    (run,) = (one for one in app.button if one.label.startswith(("Score", "Run")))
    app = run.click().run(timeout=120)
    assert_sound(app)
    text = words(app)
    assert "without 1 rejected event of the inventory" in text and "reviewers rejected it" in text


def test_a_file_that_is_none_is_named_as_its_reader_knows_it():
    app = opened(**{choices.TELL: "files"})
    (box,) = app.get("file_uploader")
    app = box.set_value(("of my colleague.gpkg", b"SQLite", "text/plain")).run()
    assert any(one.value.startswith("of my colleague.gpkg cannot be read as verdicts") for one in app.error)


def test_conflicts_on_simulated_scenes_say_so():
    for name, said in (("Ann", "confirmed"), ("Bob", "rejected")):
        review.Reviews(config.settings().database_url).add(verdict(reviewer=name, verdict=said, simulated=True))
    app = opened(**{choices.TELL: "conflicts"})
    assert "1 item judged apart" in words(app) and "of these were judged on **SIMULATED** scenes" in words(app)


@pytest.mark.parametrize("ending", verdict_files.ENDINGS)
def test_a_file_is_looked_at_before_anything_of_it_is_taken(tmp_path, ending):
    there = review.Reviews(f"sqlite:///{tmp_path / 'there.sqlite'}")
    there.add(verdict(note="theirs"))
    brought = tmp_path / f"x{ending}"
    verdict_files.write(there.all(), brought)
    app = opened(**{choices.TELL: "files"})
    (box,) = app.get("file_uploader")
    app = box.set_value((brought.name, brought.read_bytes(), "text/plain")).run()
    assert_sound(app)
    here = review.Reviews(config.settings().database_url)
    assert "1 new, 0 known here already, 0 in conflict" in words(app) and here.count() == 0
    (take,) = (one for one in app.button if one.label == "Take 1 new verdict")
    take.click().run()
    assert here.all() == there.all()


def test_in_a_blind_review_corrected_truth_doubts_and_files_are_not_told_by_others():
    some()
    marked = np.zeros(spec_for(builtin().event("171"), "demo").grid.shape, bool)
    marked[:9, :9] = True
    outline = corrected.geometry_of(marked, spec_for(builtin().event("171"), "demo").grid)
    keep(on("171", "Bo", "bad-label", geometry=outline), on("4", "Bo", "rejected"))
    chosen = {choices.BLIND: "on", choices.EVENT: "171", choices.SCORED: ["band-difference:B04:0.05"]}
    for who, is_told in (("Cy", False), ("Ada", True)):  # Ada judged 171 herself
        app = page("metrics", **chosen, **{keys.REVIEWER: who})
        assert_sound(app)
        assert any(one.label.startswith("Corrected truth") for one in app.toggle) == is_told
        assert ("bad label" in words(app)) == is_told
    app = page("review", **chosen, **{keys.REVIEWER: "Cy", choices.TELL: "files"})
    assert not app.get("file_uploader") and not [one for one in app.get("download_button") if one.proto.label == "CSV"]


def test_in_a_blind_review_a_reader_has_their_own_entries_and_those_beside_them(monkeypatch):
    some()
    monkeypatch.setattr(hiding, "is_blind", lambda: True)
    monkeypatch.setattr(hiding.database, "reviewer", lambda: "Bo")
    monkeypatch.setattr(hiding, "is_third", lambda: False)
    assert [(one.event, one.reviewer) for one in hiding.entries(builtin())] == [("3", "Bo"), ("3", "Ada")]
