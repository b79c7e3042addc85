"""Several reviewers on the Review page: shares, blind review, what is judged apart and who decides, agreement."""

import pytest
from streamlit.testing.v1 import AppTest

from app import config, review
from app.inventory import builtin
from app.review import team
from app.ui import choices, keys
from app.ui.detect import reporting
from app.ui.review import sharing
from tests.many_reviewers import verdict
from tests.test_pages import ENTRY, assert_sound, visit, words
from tests.test_review_page import file, press, progress, shown, stored  # noqa: F401  (the database of the test's own)

DECIDE = {choices.QUEUE: "conflicts"}


def on(event_id: str, reviewer: str, what: str, **more) -> review.Verdict:
    one = builtin().event(event_id)
    place = {"latitude": one.latitude, "longitude": one.longitude, "event_date": str(one.date or "")}
    more = {"inventory": "The built-in list", "note": "", **more}
    return verdict(event=event_id, reviewer=reviewer, verdict=what, **place, **more)


def keep(*entries: review.Verdict) -> None:
    reviews = review.Reviews(config.settings().database_url)
    for one in entries:
        reviews.add(one)


def opened(**chosen) -> AppTest:
    return visit(AppTest.from_file(ENTRY, default_timeout=60).run(), "review", **{choices.EVENT: "171", **chosen})


def table(app: AppTest):
    return app.dataframe[0].value


def test_others_verdicts_are_hidden_until_ones_own_is_in():
    keep(on("171", "Bo", "rejected", note="a road"))
    app = opened(**{choices.BLIND: "on", keys.REVIEWER: "Ada"})
    assert_sound(app)
    assert "a road" not in words(app) and not app.dataframe and "1 of others hidden" in words(app)
    assert not any("verdict" in one.label for one in app.get("download_button"))
    press(app, "Confirmed")
    visit(app, "review", **{choices.EVENT: "171"})
    assert list(table(app)["reviewer"]) == ["Ada", "Bo"]
    press(app, "Undo")
    visit(app, "review", **{choices.EVENT: "171"})
    assert "Bo" not in set(table(app)["reviewer"])


def test_an_installation_can_be_blind_whatever_a_reader_chooses(monkeypatch):
    keep(on("171", "Bo", "rejected"))
    monkeypatch.setenv("SCARP_BLIND", "on")
    config.settings.cache_clear()
    assert "1 of others hidden" in words(opened(**{keys.REVIEWER: "Ada"}))


def test_events_are_shared_out_and_a_reviewer_is_led_through_their_own():
    app = opened(**{choices.TEAM: "Ada, Bo, Cy", choices.EACH: 2, choices.SEED: 3, keys.REVIEWER: "Ada"})
    shares = team.Shares(("Ada", "Bo", "Cy"), 2, 100, 3)
    mine = [one.id for one in builtin().events if "Ada" in team.assigned(one, shares)]
    assert 0 < len(mine) < 10
    assert f"0 of {len(mine)} events judged" in progress(app) and f"{10 - len(mine)} event" in words(app)
    assert f"Of 10 events of The built-in list: Ada {len(mine)}" in words(app)
    met = {shown(press(app, "Skip")) for _ in range(len(mine) + 2)}
    assert met == set(mine)


def test_a_third_decides_what_was_judged_apart_by_the_same_keys_and_each_step_stays():
    keep(on("171", "Ada", "confirmed", note="fresh scar"), on("171", "Bo", "rejected"), on("2", "Ada", "cloud"))
    party = opened(**DECIDE, **{keys.REVIEWER: "Ada"})
    assert_sound(party)
    assert "Nothing is judged apart that you could decide" in words(party)
    app = opened(**DECIDE, **{keys.REVIEWER: "Cy"})
    assert "0 of 1 event decided" in progress(app)
    assert any("**Ada**: Confirmed: fresh scar" in one.value for one in app.info)
    press(app, "Rejected")
    assert_sound(app)
    assert any(one.value.startswith("Decided: Rejected") for one in app.success)
    newest = stored()[0]
    assert (newest.reviewer, newest.verdict, newest.role) == ("Cy", "rejected", review.DECISION)
    (one,) = [one for one in team.items(stored()) if one.is_apart]
    assert one.outcome == "rejected" and set(one.said) == {"Ada", "Bo"}
    assert "Nothing is judged apart" in words(opened(**DECIDE, **{keys.REVIEWER: "Dee"}))
    press(app, "Undo")
    assert len(stored()) == 5 and "0 of 1 event decided" in progress(app)


def test_agreement_and_what_is_judged_apart_stand_on_the_page():
    assert "Nothing is judged by two" in words(opened(**{choices.TELL: "agreement"}))
    said = {"171": ("confirmed", "rejected"), "2": ("confirmed",) * 2, "3": ("rejected",) * 2, "4": ("confirmed",) * 2}
    keep(*(on(one, who, what) for one, both in said.items() for who, what in zip(("Ada", "Bo"), both, strict=True)))
    app = opened(**{choices.TELL: "agreement"})
    assert_sound(app)
    told = table(app).set_index("measure")["value"].to_dict()
    assert told["Pairs of verdicts that are the same, per cent"] == "75.0"
    assert told["Cohen's kappa, Ada and Bo"] == "0.500"  # 0.75 seen, 0.5 by chance
    assert "4 items of these were judged on **SIMULATED** scenes" in words(app)
    app = opened(**{choices.TELL: "conflicts"})
    assert "1 item judged apart, 0 decided" in words(app)
    assert list(table(app)["said"]) in (["Bo: Rejected; Ada: Confirmed"], ["Ada: Confirmed; Bo: Rejected"])
    hidden = opened(**{choices.TELL: "conflicts", choices.BLIND: "on", keys.REVIEWER: "Cy"})
    assert not hidden.dataframe and "you have not judged yet" in words(hidden)
    assert len(table(opened(**{choices.TELL: "conflicts", choices.BLIND: "on", keys.REVIEWER: "Ada"}))) == 1


@pytest.mark.parametrize("names", ["<b>x</b>, [a](b)", ", ,", "x" * 400])
def test_odd_names_of_a_team_are_shown_as_they_are(names):
    app = opened(**{choices.TEAM: names, keys.REVIEWER: "Ada"})
    assert_sound(app)
    assert "0 of 10 events judged" in progress(app)


def test_a_report_is_told_how_many_verdicts_a_blind_review_hides_from_its_reader(monkeypatch):
    keep(on("171", "Ada", "confirmed"), on("171", "Bo", "rejected"))
    monkeypatch.setattr(sharing, "is_blind", lambda: True)
    monkeypatch.setattr(sharing, "is_third", lambda: False)
    for name, told, hidden in (("Cy", 0, 2), ("Ada", 2, 0)):
        monkeypatch.setattr(sharing.database, "reviewer", lambda name=name: name)
        said, more = reporting.entries(builtin().event("171"), builtin())()
        assert (len(said), more) == (told, hidden)
