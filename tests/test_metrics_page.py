"""The Metrics page as a reader meets it, without a browser: what is asked, what is said, what may not be said."""

import json
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from app import config, review
from app.__main__ import main
from app.inventory import builtin, read, read_file
from app.inventory.browse import Listing
from app.scoring import evaluate, references, store
from app.scoring.curves import Curve
from app.scoring.results import Evaluation, Paired, Skipped
from app.scoring.thesis_bands import band_sweep
from app.sources import spec_for
from app.ui import cached, choices, keys
from app.ui.metrics import (
    about,
    band_view,
    curve_figures,
    data,
    figure_parts,
    grids,
    notes,
    parts,
    shelved,
    sureness,
    tables,
)
from app.ui.metrics import figures as score_figures
from app.ui.metrics.figures import Cell, PublishedScore, Ranked
from app.ui.metrics.running import Scores
from tests import glad_folder, small
from tests.test_pages import ENTRY, assert_sound, visit, words

PLAIN = ["band-difference:B04:0.05", "rdndvi:20"]
ASKED = {choices.DATA: "simulated", choices.COUNT: 3, choices.SCORED: PLAIN}


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_file(ENTRY, default_timeout=60).run()


def scored(app: AppTest, part: str = "best", **chosen) -> AppTest:
    visit(app, "metrics", **{**ASKED, choices.PART: part, **chosen})
    if not app.tabs:
        press(app, "Score these events")
    return app


def press(app: AppTest, label: str) -> None:
    (button,) = (one for one in app.button if one.label == label)
    button.click().run()


def figures(app: AppTest) -> dict[str, dict]:
    """Return the figures drawn, by key, as plotly's JSON."""
    return {one.proto.id.rsplit("-figure-", 1)[-1]: json.loads(one.proto.spec) for one in app.get("plotly_chart")}


def frames(app: AppTest) -> list[pd.DataFrame]:
    return [one.value for one in app.dataframe]


def test_nothing_but_the_chosen_event_is_scored_before_the_reader_asks(app):
    visit(app, "metrics", **ASKED)
    assert_sound(app)
    assert not app.tabs and "3 events, 2 methods" in words(app)


def test_the_chosen_event_is_scored_at_once(app):
    visit(app, "metrics", **{choices.EVENT: "171", choices.SCORED: PLAIN})
    assert_sound(app)
    assert "SIMULATED data\\: event 171, whole patch, n = 1" in words(app)
    assert "With one event there is no interval" in words(app)


@pytest.mark.parametrize("part", [part for part in parts.PARTS if part != "slope"])  # that one needs heights
def test_every_section_says_what_its_numbers_are_of(app, part):
    scored(app, part)
    if part == "bands":
        press(app, "Compare the bands")
    assert_sound(app)
    said = [one["layout"]["title"]["text"] for one in figures(app).values()]
    assert said and all(text.startswith("SIMULATED data: ") for text in said)
    assert all(("n = 3 events" in text) or ("n = 1" in text) for text in said)


def test_both_averages_stand_apart_with_their_n(app):
    scored(app)
    micro, macro = frames(app)[:2]
    assert list(micro["method"]) == PLAIN and list(micro["n"]) == [3, 3] and list(macro["n"]) == [3, 3]
    assert "n with F1" in macro and "tp" in micro and "tp" not in macro
    assert micro["F1"][0] != macro["F1"][0]


def test_published_figures_say_that_they_were_not_computed_here(app):
    scored(app)
    table = frames(app)[-1]
    assert list(table["F1"]) == [0.4841, 0.3168, 0.1966, 0.1933]
    assert set(table["status"]) == {references.NOT_COMPUTED}
    assert "Leonardi" in words(app) and len(figures(app)["ranking"]["data"]) == 2
    app.toggle(key="score.published").set_value(True).run()
    assert [trace["name"] for trace in figures(app)["ranking"]["data"]][2] == "published, not computed here"


def test_a_second_look_runs_no_method_again(app, monkeypatch):
    scored(app)
    from app.detection import run

    monkeypatch.setattr(run, "detect", lambda *_: pytest.fail("a method ran again"))
    app.run()
    app.session_state[choices.PART] = "fail"
    app.run()
    visit(app, "review")
    visit(app, "metrics")
    assert_sound(app)
    assert "n = 3 events" in words(app)


def test_a_score_kept_on_disk_is_not_counted_again_in_another_session(app, monkeypatch):
    scored(app, **{choices.SCORED: ["cva:0.1"]})
    monkeypatch.setattr(shelved.Shelved, "compare", lambda *_: pytest.fail("an event was compared again"))
    other = AppTest.from_file(ENTRY, default_timeout=60).run()
    scored(other, **{choices.SCORED: ["cva:0.1"]})
    assert "n = 3 events" in words(other)


def test_any_event_and_method_can_be_taken_apart_by_name(app):
    scored(app, "fail")
    assert app.selectbox(key="score.event").value == "0"
    app.selectbox(key="score.event").select("2").run()
    app.selectbox(key="score.method").select("rdndvi:20").run()
    assert_sound(app)
    signed = f"SIMULATED data: event 2, rdndvi:20, whole patch, n = 1 · {config.software()}"
    assert figures(app)["confusion"]["layout"]["title"]["text"].replace("<br>", " ") == signed
    counts = frames(app)[-1].set_index(["event", "method"]).loc[("2", "rdndvi:20")]
    assert f"<b>{counts['tp']:,}</b>" in figures(app)["confusion"]["data"][0]["text"][0][0]


def test_the_open_cell_stands_in_the_link_and_a_link_opens_it(app):
    scored(app, "fail", **{choices.CELL: "2", choices.BY: "rdndvi:20"})
    assert [app.selectbox(key=f"score.{name}").value for name in ("event", "method")] == ["2", "rdndvi:20"]
    app.selectbox(key="score.event").select("1").run()
    assert {name: app.query_params[name] for name in ("cell", "by")} == {"cell": "1", "by": "rdndvi:20"}


def test_a_cell_that_was_not_scored_is_said_and_the_first_one_is_open(app):
    scored(app, "fail", **{choices.CELL: "no such", choices.BY: "cva:0.1"})
    assert_sound(app)
    assert app.selectbox(key="score.event").value == "0"
    assert "Not among what was scored: event no such, method cva" in words(app)


def test_the_error_picture_shows_what_was_found_false_and_missed_over_both_dates(app):
    scored(app, "fail")
    held = [json.loads(one.proto.json) for one in app.get("bidi_component") if one.proto.json]
    (viewed,) = (data for data in held if "layers" in data)
    assert [layer["title"] for layer in viewed["layers"]][:3] == ["Found", "False alarm", "Missed"]
    assert viewed["simulated"] is True


def test_an_event_without_a_box_is_left_out_with_the_reason(app):
    scored(app, **{choices.REGION: "box", choices.COUNT: 4})
    assert_sound(app)
    assert "evaluation box, n = 1" in words(app)
    assert "Event 0, band-difference\\:B04\\:0.05\\: Event 0 has no evaluation box" in words(app)


def masks(folder, sizes=(4, 4)):
    for name, size in zip(("pred", "truth"), sizes, strict=True):
        (folder / name).mkdir()
        mask = np.zeros((size, size), np.uint8)
        mask[: size // 2] = 255
        Image.fromarray(mask).save(folder / name / "41.png")
    return {"score.pred": str(folder / "pred"), "score.truth": str(folder / "truth"), choices.DATA: "masks"}


def test_masks_made_elsewhere_are_scored_and_a_resampled_one_is_said(app, tmp_path):
    scored(app, **masks(tmp_path, (8, 4)))
    assert_sound(app)
    assert "python -m app evaluate --pred DIR --truth DIR --region whole --json" in [one.value for one in app.code]
    assert frames(app)[0]["F1"][0] == 1.0 and frames(app)[0]["method"][0] == "masks:pred"
    assert "resampled from" in words(app)
    assert str(tmp_path) not in json.dumps(figures(app)) and "SIMULATED" not in words(app)
    for part in parts.PARTS:
        app.session_state[choices.PART] = part
        assert_sound(app.run())


def test_no_path_ever_stands_in_the_address(app, tmp_path):
    scored(app, **masks(tmp_path))
    assert app.query_params["data"] in ("masks", ["masks"])
    assert str(tmp_path) not in str(app.query_params)


def test_a_test_set_says_what_it_is(app):
    scored(app, **{choices.DATA: "set-clearings"})
    assert_sound(app)
    assert "felled forest" in words(app) and "SIMULATED data" not in words(app)
    assert "test set clearings, whole patch, n = 1" in words(app)


DOUBTED = (
    "id,event_date,latitude,longitude,pre2,post1\n"
    "a,2022-01-05,10,10,2021-02-01,2022-02-01\n"
    "b,2022-01-05,12,12,2021-02-01,2022-02-01\n"
    "c,2022-01-05,14,14,2022-01-05,2022-02-01\n"
)


def test_doubtful_truth_is_left_out_by_one_switch_and_what_that_changed_is_said(app):
    app.session_state[keys.INVENTORY] = read(DOUBTED.encode(), "doubted.csv")
    scored(app)
    assert "The truth of 1 event of 3 is doubtful and counts" in words(app)
    assert list(frames(app)[0]["n"]) == [3, 3]
    app.toggle(key=choices.DOUBT).set_value(True).run()
    assert_sound(app)
    assert "Left out as doubtful, 1 of 3 events: event c" in words(app) and "Micro F1 moved" in words(app)
    assert list(frames(app)[0]["n"]) == [2, 2] and "n = 2 events" in words(app)
    app.run()
    assert app.query_params["doubt"] in ("left-out", ["left-out"])


@pytest.mark.parametrize("damaged", [True, False], ids=["a damaged database", "no place for one"])
def test_scores_are_shown_where_the_verdicts_cannot_be_read(app, tmp_path, monkeypatch, damaged):
    place = tmp_path / "file" / "review.sqlite"
    (place if damaged else place.parent).parent.mkdir(exist_ok=True)
    (place if damaged else place.parent).write_bytes(b"no database " * 500)
    with monkeypatch.context() as told:
        told.setenv("SCARP_DATABASE", f"sqlite:///{place}")
        config.settings.cache_clear()
        visit(app, "metrics", **{choices.EVENT: "171", choices.SCORED: PLAIN[:1]})
    config.settings.cache_clear()
    assert not app.exception and not app.error
    assert len(frames(app)) >= 2
    assert ("Verdicts could not be read" in words(app)) is damaged


def test_a_verdict_speaks_only_of_data_of_its_own_kind(app):
    from app.ui.review import reviewing

    app.session_state[keys.INVENTORY] = read(DOUBTED.encode(), "judged.csv")
    said = {"reviewer": "A. Expert", "inventory": "judged.csv", "note": "", "source": "demo", "t1": "", "t2": ""}
    reviewing.reviews().add(review.Verdict(event="a", verdict="no-change", simulated=True, **said))
    reviewing.reviews().add(review.Verdict(event="b", verdict="no-change", simulated=False, **said))
    scored(app, **{choices.DOUBT: True})
    assert "Left out as doubtful, 2 of 3 events" in words(app)
    left_out = words(app).split("Left out as doubtful")[1].split("\n")[0]
    assert "event a" in left_out and "event b" not in left_out


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        (choices.DATA, "simulated", "simulated"),
        (choices.DATA, "set-clearings", "set-clearings"),
        (choices.SCORED, "band-difference:B4,cva:0.1", ["band-difference:B04:0.05", "cva:0.1"]),
        (choices.COUNT, "60", 60),
        (choices.DOUBT, "left-out", True),
        (choices.PART, "fail", "fail"),
    ],
)
def test_a_choice_in_the_address_is_understood_and_written_back_so_that_it_reads_the_same(name, text, value):
    parameter = choices.TABLE[name]
    assert parameter.parse(text) == value
    assert parameter.parse(parameter.show(value)) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [(choices.DATA, "/etc"), (choices.DATA, "set-../x"), (choices.COUNT, "0"), (choices.COUNT, "1e9"),
     (choices.DOUBT, "yes"), (choices.SCORED, "onnx:/etc/passwd")],
)  # fmt: skip
def test_a_bad_choice_in_the_address_is_refused(name, text):
    with pytest.raises(ValueError, match=r".+"):
        choices.TABLE[name].parse(text)


def test_two_methods_are_told_apart_only_where_the_interval_leaves_out_zero():
    apart = sureness.sentence(Paired("a", "b", 0.04, 0.01, 0.08, 17))
    assert apart == "`a` is **better** than `b` by 0.040 in pooled F1, 95 % interval 0.010 to 0.080, over 17 events."
    turned = sureness.sentence(Paired("a", "b", -0.04, -0.08, -0.01, 17))
    assert turned == apart.replace("`a`", "x").replace("`b`", "`a`").replace("x", "`b`")
    assert "cannot be told apart" in sureness.sentence(Paired("a", "b", 0.04, -0.01, 0.08, 17))
    assert "too few events" in sureness.sentence(Paired("a", "b", 0.04, math.nan, math.nan, 1))
    assert "no defined F1" in sureness.sentence(Paired("a", "b", math.nan, math.nan, math.nan, 3))


NOTHING_SLID = (
    "id,event_date,latitude,longitude,pre2,post1\na,,10,10,2021-02-01,2022-02-01\nb,,12,12,2021-02-01,2022-02-01\n"
)


def test_where_nothing_slid_methods_are_ranked_by_their_false_alarms_and_no_f1_is_claimed(app):
    app.session_state[keys.INVENTORY] = read(NOTHING_SLID.encode(), "quiet.csv")
    scored(app)
    assert_sound(app)
    assert "Nothing slid in these data" in words(app) and "F1" not in frames(app)[0]
    per_km2 = list(frames(app)[0]["false objects per km²"])
    assert per_km2 == sorted(per_km2) and list(figures(app)) == ["false-alarms"]
    for part in parts.PARTS:
        app.session_state[choices.PART] = part
        assert_sound(app.run())


def test_methods_scored_on_different_events_are_not_set_side_by_side_without_a_word(app):
    scored(app)
    assert "Not every method" not in words(app)
    (held,) = app.session_state["held.scores"].values()
    one, other = held.found.methods
    fewer = replace(held.found, methods=(one, replace(other, events=other.events[1:])))
    app.session_state["held.scores"][held.asked.key] = held.with_found(fewer)
    app.run()
    assert "Not every method was scored on the same events" in words(app)


def test_a_method_that_was_replaced_is_named_with_the_reason(app):
    scored(app)
    (held,) = app.session_state["held.scores"].values()
    one, other = held.found.methods
    fallen = replace(one.events[0], ran="cva:0.1", fallback="cva:0.1 ran instead: the file is damaged")
    found = replace(held.found, methods=(replace(one, events=(fallen, *one.events[1:])), other))
    app.session_state["held.scores"][held.asked.key] = held.with_found(found)
    app.run()
    assert "not as asked in 1 of 3 events" in words(app) and "the file is damaged" in words(app)


@pytest.mark.parametrize(
    "method", ["band-difference:B04:0.05", "band-difference:B04:0.1:both", "rdndvi:otsu", "cva:0.2"]
)
def test_a_detection_from_the_shelf_gives_the_same_numbers_as_a_run_of_its_own(method):
    spec = spec_for(builtin().event("2"), "demo")
    shelf, own = shelved.case(spec), evaluate.PatchWithTruth(cached.patch_quietly(spec))
    first, second = (evaluate.event_score(one.compare(method), "2", "box") for one in (shelf.open(), own))
    assert (first.counts, first.threshold, first.ran) == (second.counts, second.threshold, second.ran)
    assert shelf.key == store.spec_key(spec) and first.counts.tp > 0


def test_what_is_doubted_of_a_detection_from_the_shelf_is_of_the_threshold_asked_for():
    spec = spec_for(builtin().event("2"), "demo")
    low, high = (f"band-difference:B04:{level}:both" for level in ("0.0001", "0.4"))
    held = cached.detect(spec, "band-difference:B04:0.05:both")
    assert not held.warnings
    assert any("Nearly everything changed" in one for one in shelved.Shelved(spec).compare(low).warnings)
    assert not any("changed" in one for one in shelved.Shelved(spec).compare(high).warnings)


def test_what_the_command_counts_beyond_the_page_is_said():
    plain = Evaluation("whole", ())
    more = replace(plain, left_out=(Skipped("2", "unclear"),), skipped=(Skipped(data.LIST, "only the first 3"),))
    held = [notes._wider(Scores(None, one)) for one in (plain, more)]
    assert held == ["", ", doubtful events among them, with every outline of the list"]


def test_a_network_whose_file_has_changed_is_run_again(monkeypatch):
    spec = spec_for(builtin().event("2"), "demo")
    first = shelved.Shelved(spec).compare("onnx:bit")
    held = cached.detect(spec, "onnx:bit")
    monkeypatch.setattr(cached, "detect", lambda *_: replace(held, model_sha256="other", score=held.score * 0))
    again = shelved.Shelved(spec).compare("onnx:bit")
    np.testing.assert_array_equal(again.detected, first.detected)


def test_the_same_rows_under_another_name_are_another_question(monkeypatch):
    asked = set()
    for name in ("one.csv", "two.csv"):
        used = replace(builtin(), name=name)
        monkeypatch.setattr(data.state, "inventory", lambda used=used: used)
        monkeypatch.setattr(data.state, "listing", lambda used=used: Listing(used))
        found = data.simulated(3)
        assert found.label == f"simulated pairs of {name}"
        asked.add(found.key)
    assert len(asked) == 2


def test_the_table_of_all_events_says_that_it_is_of_all_whichever_is_drawn(monkeypatch):
    one = small.patch(("B04",), B04=(0.1, 0.3), truth=np.ones((4, 4)))
    said = []
    monkeypatch.setattr(band_view, "_sweeps", lambda scores, direction: {"a": band_sweep(one), "b": band_sweep(one)})
    monkeypatch.setattr(band_view.tables, "show", lambda rows, name, about: said.append((name, len(rows), about)))
    monkeypatch.setattr("streamlit.delta_generator.DeltaGenerator.selectbox", lambda *_, **__: "b")
    monkeypatch.setattr(band_view.downloads, "figure", lambda *_, **__: None)
    monkeypatch.setattr(band_view.grids, "compared", lambda *_: None)
    pairs = SimpleNamespace(kind="simulated")
    band_view.draw(SimpleNamespace(asked=SimpleNamespace(data=pairs), about=about.About("pairs", "whole", 2, False)))
    of = {name: (rows, about.events) for name, rows, about in said}
    assert of["bands-by-event"] == (2, 2)
    assert of["bands"][1] == 1


def test_a_file_says_simulated_in_its_name_and_every_row():
    simulated = about.About("pairs", "box", 3, True)
    assert simulated.file("micro", ".csv") == "SIMULATED_scores_micro_box.csv"
    assert simulated.words == "SIMULATED data: pairs, evaluation box, n = 3 events"
    assert (simulated.columns["simulated"], simulated.columns["software"]) == (True, config.software())
    assert about.About("pairs", "whole", 1, False).words == "pairs, whole patch, n = 1"


def test_the_ranking_begins_with_the_best_and_leaves_the_undefined_undrawn():
    nothing = (math.nan, math.nan)
    rows = [
        Ranked("worse", 0.2, (0.1, 0.3), 0.25, nothing),
        Ranked("none", math.nan, nothing, math.nan, nothing),
        Ranked("best", 0.6, (0.5, 0.7), 0.55, (0.4, 0.6)),
    ]
    drawn = score_figures.ranking(rows, [PublishedScore("B04, published", 0.4841)])
    micro, macro, reference = drawn.data
    assert list(micro.x) == [0.6, 0.2, None] and list(macro.x) == [0.55, 0.25, None]
    assert micro.error_x.array == pytest.approx((0.1, 0.1, 0)) and macro.error_x.array == pytest.approx((0.05, 0, 0))
    assert reference.y[0] == 3 and "not computed here" in reference.name


def test_the_matrix_has_a_cell_for_every_score_and_none_for_what_is_missing():
    cells = [Cell("1", "a", 0.5, ""), Cell("2", "a", math.nan, ""), Cell("2", "b", 1.0, "")]
    (bars,) = score_figures.matrix(cells, ["a", "b"], ["1", "2"], ("2", "b")).data
    assert [tuple(one) for one in bars.customdata] == [("1", "a"), ("2", "a"), ("2", "b")]
    assert list(bars.text) == ["0.50", "–", "1.00"]
    assert bars.marker.color[1] not in (bars.marker.color[0], score_figures._shade(0.0))


def test_a_threshold_at_which_nothing_is_detected_has_no_precision_to_draw():
    curve = Curve(
        np.array([0.1, 0.2]), *(np.array(counts) for counts in ((2, 0), (2, 0), (1, 3), (5, 7))), "reflectance"
    )
    figure = curve_figures.precision_recall([("a", curve, 0.5, 0)], 0.3)
    assert list(figure.data[0].y) == [0.5, None] and list(figure.data[1].x) == [2 / 3]


def test_a_patch_drawn_finer_comes_back_as_it_was():
    truth = np.eye(4, dtype=np.uint8)
    patch = small.patch(B04=(0.1, np.arange(16).reshape(4, 4) / 100), truth=truth)
    fine, coarse = grids.both(patch)
    assert coarse["B04"].shape == (2, 4, 4)
    np.testing.assert_array_equal(fine["B04"][1], np.kron(patch["B04"][1], np.ones((9, 9), np.float32)))
    again, back = grids.both(fine)
    assert again["B04"].shape == (2, 36, 36)
    np.testing.assert_array_equal(back["B04"], patch["B04"])
    np.testing.assert_array_equal(back["truth"], truth)


def test_what_is_undefined_is_called_so():
    assert tables.number(math.nan) == "undefined" and tables.interval(math.nan, 1.0) == "undefined"
    assert tables.number(0.5) == "0.500" and tables.interval(0.1, 0.25) == "0.100 to 0.250"


@pytest.mark.parametrize("events", [("2", "171", "173"), glad_folder.EVENTS], ids=["three", "all 17"])
def test_a_folder_in_the_published_layout_scores_as_it_does_from_the_command_line(
    app, tmp_path, capsys, events, request
):
    own = set(events) <= {event.id for event in builtin().events}
    inventory = builtin() if own else read_file(request.getfixturevalue("shared") / "data" / "inventory.csv")
    glad_folder.write(tmp_path / "GLAD", inventory, events)
    four = ["band-difference:B04:0.05", "all-bands:0.05", "rdndvi:20", "cva:0.1"]
    named = [part for method in four for part in ("--method", method)]
    assert main(["evaluate", "--dataset", str(tmp_path / "GLAD"), *named, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    store.default().clear()  # so that the page counts for itself
    scored(app, **{choices.DATA: "folder", "score.folder": str(tmp_path / "GLAD"), choices.SCORED: four})
    assert_sound(app)
    assert f"SIMULATED data\\: folder GLAD, whole patch, n = {len(events)} events" in words(app)
    micro, macro = (frame.set_index("method") for frame in frames(app)[:2])
    for method in document["methods"]:
        for name, title in tables.RATES.items():
            assert micro.loc[method["method"], title] == pytest.approx(method["micro"][name], abs=1e-12)
            assert macro.loc[method["method"], title] == pytest.approx(method["macro"][name], abs=1e-12)
        assert micro.loc[method["method"], "n"] == method["n"] == len(events)


def test_averages_over_both_classes_stand_under_their_own_name_only(app):
    scored(app)
    both = next(frame for frame in frames(app) if "both-class F1" in frame)
    assert not {"F1", "IoU", "precision"} & set(both) and "Noh et al" in words(app)
    assert (both["both-class F1"] > frames(app)[0]["F1"]).all()


def test_what_is_to_be_doubted_of_an_event_stands_above_its_scores(app, monkeypatch):
    import streamlit as st

    st.cache_resource.clear()
    monkeypatch.setattr("app.values.plausible.doubts", lambda patch: ["T2 is far too bright."])
    visit(app, "metrics", **{choices.EVENT: "172", choices.SCORED: PLAIN})
    st.cache_resource.clear()
    assert_sound(app)
    [said] = [one.value for one in app.warning if "far too bright" in one.value]
    assert said.startswith("Event 172")


def test_what_others_detected_is_scored_beside_other_methods(app):
    from tests.test_detect_page import brought

    brought(app, "theirs", (20, 20))
    scored(app, **{choices.DATA: "event", choices.EVENT: "171", choices.SCORED: ["file:theirs", PLAIN[0]]})
    assert not app.exception and not app.error
    assert "what its files do not say of a patch is not counted" in words(app)
    assert "file:theirs" in next(one for one in app.multiselect if one.label == "Methods").options
    for part in ("sure", "threshold", "fail", "objects", "kinds"):
        app.session_state[choices.PART] = part
        app.run()
        assert_sound(app)


def test_a_figure_says_what_it_is_of_in_lines_that_a_telephone_shows():
    figure = score_figures.ranking([Ranked("cva", 0.5, (0.4, 0.6), 0.5, (0.4, 0.6))])
    figure_parts.sign(figure, "SIMULATED data: event 171, whole patch, n = 1 · Scarp 0.9.0 and more")
    lines = [*figure.layout.title.text.split("<br>"), *figure.layout.xaxis.title.text.split("<br>")]
    assert len(lines) >= 4 and max(map(len, lines)) <= 52 and any("n = 1" in line for line in lines)


def test_counts_by_slope_are_of_the_readers_own_network_and_not_of_anothers_of_that_name(tmp_path):
    from app.detection.network import registry
    from app.ui.metrics import slope_view

    case, named = evaluate.Case("2", lambda: None, key="a patch"), []
    for reader in ("one", "other"):
        registry.belong_to(tmp_path / reader)
        (tmp_path / reader).mkdir()
        (tmp_path / reader / "mine.onnx").write_bytes(reader.encode())
        named.append(slope_view._named(case, "onnx:mine"))
    registry.belong_to(None)
    assert named[0] != named[1]
