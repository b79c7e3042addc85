"""The Learn page: bench, lessons and glossary as a reader sees them."""

import json

from streamlit.testing.v1 import AppTest

from app.lessons import course
from app.lessons.course import CHOOSE, SET
from app.lessons.knobs import TRAPS
from app.lessons.words import words
from app.ui import choices, keys
from tests.conftest import ROOT
from tests.test_course import SETTINGS, solved


def page(**address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    for name, text in address.items():
        app.query_params[name] = text
    app.switch_page("pages/learn.py").run()
    assert not app.exception and not app.error
    return app


def desk(app: AppTest) -> dict:
    (mounted,) = [one for one in app.get("bidi_component") if one.proto.component_name == "scarp_desk"]
    return json.loads(mounted.proto.json)


def sent(app: AppTest, answer: dict) -> None:
    """Let the desk's component send an answer, as the browser does."""
    (mounted,) = [one for one in app.get("bidi_component") if one.proto.component_name == "scarp_desk"]
    states = app._tree.get_widget_states()
    state = states.widgets.add()
    state.id = f"$$STREAMLIT_INTERNAL_KEY_{mounted.proto.id}__events"
    state.json_trigger_value = json.dumps([{"event": "answer", "value": answer}])
    app._run(states)


def answer(app: AppTest, step: course.Step) -> None:
    """Answer the step that is open as somebody does who knows."""
    found = solved(step)
    if step.asks == CHOOSE:
        app.button(key=f"learn.option.{step.lesson}.{step.name}.{step.right}").click().run()
    elif step.asks == SET:
        knobs, cut = SETTINGS[step.lesson, step.name]
        for name, value in knobs.items():
            (app.slider if name == choices.DAYS else app.selectbox)(key=name).set_value(value).run()
        if cut is not None:
            app.query_params["cut"] = str(cut)
        app.button(key="learn.check").click().run()
    else:
        sent(app, {"about": desk(app)["shown"], "cut": found.cut, "point": found.point, "outline": found.outline})


def written(app: AppTest) -> str:
    kinds = ("caption", "markdown", "info", "warning", "success", "subheader")
    return "\n".join(str(one.value) for kind in kinds for one in app.get(kind))


def test_the_bench_keeps_the_answer_until_it_is_asked_for_and_says_simulated():
    app = page(learn="bench", haze="30")
    told = desk(app)
    assert told["truth"] == "" and told["simulated"] and "SIMULATED" in written(app)
    app.toggle(key="learn.answer").set_value(True).run()
    assert len(desk(app)["truth"]) > 1000 and app.query_params["answer"] in ("on", ["on"])


def test_a_scene_set_beforehand_sets_every_knob_and_hides_the_answer_again():
    app = page(learn="bench", answer="on", cut="0.3")
    assert desk(app)["cut"] == 0.3
    app.get("button_group")[0].set_value("light").run()
    assert not app.exception
    assert app.session_state[choices.DAYS] == TRAPS["light"].days and desk(app)["truth"] == ""
    assert desk(app)["cut"] == 0.05 and "days" in app.query_params


def test_another_method_begins_at_its_own_threshold_whatever_the_browser_wrote():
    app = page(learn="bench")
    app.query_params["cut"] = "0.3"  # the browser does so when the slider is let go
    app.selectbox(key=choices.HOW).set_value("index-drop:NDVI").run()
    assert desk(app)["cut"] == 0.2 and desk(app)["words"]["unit"] == "index value"


def test_a_knob_turned_twice_before_the_browser_hears_of_the_first_stays_turned():
    app = page(learn="bench", answer="on")
    as_the_browser_has_it = app._tree
    app.slider(key="haze").set_value(5).run()
    app._tree = as_the_browser_has_it
    app.button_group[0].set_value("plain")  # marked there still, though the first turn has unmarked it
    app.slider(key="haze").set_value(10).run()
    assert app.session_state[choices.HAZE] == 10 and app.session_state[choices.ANSWER] == "on"
    app.button_group[0].set_value("haze").run()
    assert app.session_state[choices.HAZE] == 60 and app.session_state[choices.ANSWER] == "off"


def test_the_real_pair_says_that_it_is_real():
    app = page(learn="bench", land="sample")
    assert not desk(app)["simulated"] and "SIMULATED" not in written(app)
    assert "2017-07-11 and 2019-07-06. A REAL pair" in written(app)


def test_the_real_pair_keeps_its_answer_until_it_is_asked_for():
    told = words()["traps"]["real"]["answer"]
    app = page(learn="bench", land="sample")
    assert not any(hint in written(app) for hint in (told, "No landslide", "felled"))
    app.toggle(key="learn.answer").set_value(True).run()
    assert told in written(app)


def test_a_wrong_choice_is_told_why_a_right_one_is_done_and_in_the_link():
    app = page(learn="bands")
    about = words()["lessons"]["bands"]["steps"]["look"]
    app.button(key="learn.option.bands.look.0").click().run()
    assert about["replies"][0] in written(app) and app.session_state[choices.DONE] == ""
    app.button(key="learn.option.bands.look.1").click().run()
    assert about["replies"][1] in written(app) and app.query_params["done"] in ("bands.1", ["bands.1"])
    app.button(key="learn.next").click().run()
    assert words()["lessons"]["bands"]["steps"]["infrared"]["title"] in written(app)
    app.button(key="learn.hint").click().run()
    assert words()["lessons"]["bands"]["steps"]["infrared"]["hint"] in written(app)


def test_every_lesson_is_walked_to_its_end_and_the_last_leads_back():
    app = page(learn="bands")
    for lesson, steps in course.LESSONS.items():
        for step in steps:
            assert words()["lessons"][lesson]["steps"][step.name]["ask"] in written(app)
            assert not any(one.key == "learn.next" for one in app.button)
            answer(app, step)
            assert not app.exception and not app.error
            assert (lesson, step.name) in course.read_progress(app.session_state[choices.DONE]), written(app)
            app.button(key="learn.next").click().run()
    assert app.session_state[choices.LEARN] == "course"
    done = [one.proto.text for one in app.get("progress")]
    assert done == [f"{len(steps)} of {len(steps)} steps done" for steps in course.LESSONS.values()]


def test_a_late_answer_to_another_scene_and_one_that_cannot_be_read_change_nothing():
    app = page(learn="numbers", step="4")
    sent(app, {"about": "a step before", "cut": 0.1, "outline": [[1, 1], [90, 1], [90, 90]]})
    assert not app.error and keys.LEARN_SAID not in app.session_state
    sent(app, {"about": desk(app)["shown"], "cut": "much", "outline": [[1, 1]]})
    assert "cannot be read" in app.error[0].value and not app.exception


def test_a_knob_answers_a_step_and_the_scene_can_be_put_back():
    app = page(learn="season", step="2")
    assert app.session_state[choices.DAYS] == 185
    app.button(key="learn.check").click().run()
    assert "185 days after" in written(app)
    app.slider(key=choices.DAYS).set_value(730).run()
    app.button(key="learn.check").click().run()
    assert "Now both are from the same time" in written(app) and app.session_state[choices.DONE] == "season.2"
    app.button(key="learn.reset").click().run()
    assert app.session_state[choices.DAYS] == 185


def test_a_lesson_is_gone_on_with_by_its_link():
    app = page(learn="course", done="bands.12-threshold.1")
    assert "2 of 4 steps done" in "\n".join(one.proto.text for one in app.get("progress"))
    app.button(key="learn.begin.bands").click().run()
    assert app.session_state[choices.STEP] == 3
    assert app.session_state[keys.LEARN_AT] == ("bands", "find")


def test_the_page_speaks_the_language_of_its_link_and_keeps_it_there():
    app = page(learn="season", step="2", lang="de")
    german = words("de")
    assert german["lessons"]["season"]["steps"]["same"]["ask"] in written(app)
    assert desk(app)["words"]["threshold"] == "Schwellenwert" and desk(app)["words"]["unit"] == "Indexwert"
    app.slider(key=choices.DAYS).set_value(730).run()
    app.button(key="learn.check").click().run()
    assert "F1 ist auf 0," in written(app) and app.query_params["lang"] in ("de", ["de"])
    app.selectbox(key=choices.LANG).set_value("it").run()
    assert words("it")["lessons"]["season"]["steps"]["same"]["ask"] in written(app)
    app.button(key="learn.way.glossary").click().run()
    assert not app.exception and words("it")["terms"]["hit"]["says"] in written(app)


def test_the_glossary_holds_every_term():
    said = written(page(learn="glossary"))
    assert all(term["says"] in said for term in words()["terms"].values())
