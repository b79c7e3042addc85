"""Links: what one says is shown on a fresh server, what one must not say is not in it, and none breaks a page."""

import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from app.bands import ALL_BANDS
from app.inventory import read
from app.inventory.browse import DOUBTS
from app.inventory.mapped import OTHERS
from app.lessons import knobs, linked
from app.pictures import compositions
from app.sources import SOURCES
from app.ui import choices, frame, keys, link
from app.ui.choices import PARTS, TABLE
from tests.conftest import ROOT

PAGES = ("inventory", "patches", "compare", "detect", "metrics", "review", "learn")
METHODS = (
    "band-difference:B04:0.05", "band-difference:B12:0.1:both", "index-drop:NDVI:0.2", "rdndvi:10.0", "cva:0.1",
    "all-bands:0.05", "onnx:bit",
)  # fmt: skip
words = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=60)
days = st.dates(date(2015, 6, 23), date(2030, 1, 1))
VALUES = {
    choices.EVENT: words,
    choices.SOURCE: st.sampled_from(sorted(SOURCES)),
    choices.T1: days,
    choices.T2: days,
    choices.T1_FROM: days,
    choices.T2_TO: days,
    choices.COMPOSITE: st.sampled_from(["greenest", "latest"]),
    choices.QUEUE: st.sampled_from(sorted(choices.ORDERS)),
    choices.SEED: st.integers(0, choices.MOST_SEED),
    choices.JUDGE: st.sampled_from(sorted(choices.JUDGED)),
    choices.FOLDERS: st.text("0123456789abcdef", min_size=12, max_size=12),
    choices.LABELLED: st.sampled_from(["folder", "masks"]),
    choices.WALKED: st.sampled_from(["band-difference:B04:0.05:increase", "index-drop:NDVI:0.2"]),
    choices.LEAST: st.floats(0, choices.MOST_AREA_M2),
    choices.OUTCOME: st.sampled_from(["all", "none", "apart", "confirmed", "bad-label"]),
    choices.LEAVE: st.sampled_from(["nothing", "rejected"]),
    choices.TEAM: words,
    choices.EACH: st.integers(1, choices.MOST_EACH),
    choices.OVERLAP: st.integers(0, 100),
    choices.BLIND: st.sampled_from(["off", "on"]),
    choices.TELL: st.sampled_from(sorted(choices.TOLD)),
    choices.BUFFER: st.floats(0.002, 0.05),
    choices.RESOLUTION: st.floats(0.00001, 0.0005),
    choices.BANDS: st.sets(st.sampled_from(ALL_BANDS), min_size=1).map(
        lambda some: [b for b in ALL_BANDS if b in some]
    ),
    choices.FILES: words,
    choices.LIST: words,
    choices.HEIGHTS: st.sampled_from(["off", "on"]),
    choices.LIGHT: st.sampled_from(["measured", "c", "scs+c"]),
    choices.MIN_SLOPE: st.floats(0, 60),
    choices.SUN: st.sampled_from(["map", "t1", "t2", "own"]),
    choices.SUN_AZIMUTH: st.floats(0, 360),
    choices.SUN_HEIGHT: st.floats(1, 90),
    choices.PROFILE: st.sampled_from(["last", "all"]),
    choices.FOLLOW_FROM: days,
    choices.FOLLOW_TO: days,
    choices.FOLLOWED: st.sampled_from(["NDVI", "B04", "brightness"]),
    choices.CATALOGUE: st.sampled_from(["earth-search", "planetary-computer"]),
    choices.COMPOSITION: st.sampled_from([*compositions.PRESETS, "B08", "B12-B8A-B04"]),
    choices.STRETCH: st.sampled_from(["percentile", "fixed", "percentile:5:95", "fixed:0:0.4:gamma1.4"]),
    choices.CHANGE: st.sampled_from(["B04", "NDVI"]),
    choices.MODE: st.sampled_from(["side", "swipe", "blink", "opacity"]),
    choices.METHODS: st.lists(st.sampled_from(METHODS), unique=True, min_size=1, max_size=6),
    choices.OPEN_METHOD: st.integers(0, 5),
    choices.MIN_AREA: st.floats(0, 1e6),
    choices.OPENING: st.integers(0, 5),
    choices.REGION: st.sampled_from(["whole", "box"]),
    choices.TOUCHED: st.sampled_from(["centre", "touched"]),
    choices.OTHERS: st.sampled_from(OTHERS),
    choices.PLACE: st.tuples(st.floats(-90, 90), st.floats(-180, 180), st.none() | days)
    | st.tuples(st.floats(-90, 90), st.floats(-180, 180), st.just(date(2000, 1, 1)), st.just(date(2000, 1, 2))),
    choices.FIND: words,
    choices.CATEGORY: st.lists(words, min_size=1, max_size=5),
    choices.ORIGIN: st.lists(words, min_size=1, max_size=5),
    choices.YEARS: st.tuples(st.integers(1, 9999), st.integers(1, 9999)).map(lambda pair: (min(pair), max(pair))),
    choices.WARNINGS: st.sampled_from(DOUBTS),
    choices.WITHIN: st.tuples(st.floats(-180, -1), st.floats(-90, -1), st.floats(0, 180), st.floats(0, 90)),
    choices.DATA: st.sampled_from(["event", "simulated", "folder", "set-clearings"]),
    choices.SCORED: st.lists(st.sampled_from(METHODS), unique=True, min_size=1, max_size=6),
    choices.COUNT: st.integers(1, 500),
    choices.DOUBT: st.just(True),
    choices.CORRECTED: st.just(True),
    choices.PART: st.sampled_from(sorted(PARTS)),
    choices.CELL: words,
    choices.BY: st.sampled_from(METHODS),
    choices.LEFT: st.sampled_from(["t1", "t2", "change"]),
    choices.RIGHT: st.sampled_from(["t1", "t2", "change"]),
    choices.LEARN: st.sampled_from(["course", "bench", "bands", "networks"]),
    choices.QUIZ: st.sampled_from([linked.write(linked.parse("haze.3.draw-plain.99.choose"), "Übung")]),
    choices.MAKE: st.sampled_from(["haze.3.draw", "plain.99.choose-offset.0.cut"]),
    choices.TITLE: words,
    choices.LANG: st.sampled_from(["en", "de", "it"]),
    choices.STEP: st.integers(1, 9),
    choices.DONE: st.sampled_from(["bands.12", "bands.1-numbers.135"]),
    choices.LAND: st.sampled_from(sorted(knobs.LANDS)),
    choices.HOW: st.sampled_from(knobs.HOWS),
    choices.COLOURS: st.sampled_from(knobs.COLOURS),
    choices.CUT: st.floats(0, 100),
    choices.ASIDE: st.floats(0, 3),
    **{
        name: st.integers(int(knobs.SPANS[name].low), int(knobs.SPANS[name].high))
        for name in sorted(set(knobs.SPANS) - {choices.ASIDE})
    },
    **{name: st.sampled_from(["off", "on"]) for name in (choices.OFFSET, choices.ANSWER)},
    choices.STYLE: st.sampled_from(["fill", "hatch", "edge"]),
}
# of the viewer, tested beside it
OWN_TESTS = {choices.CELLS, choices.LAYERS, choices.VIEW, choices.SWIPE, choices.BLEND, choices.PACE}


@pytest.mark.parametrize("name", sorted(VALUES))
@settings(deadline=None)
@given(data=st.data())
def test_what_a_page_writes_it_reads_back(name, data):
    parameter = TABLE[name]
    value = parameter.parse(parameter.show(data.draw(VALUES[name])))
    assert parameter.parse(parameter.show(value)) == value


@pytest.mark.parametrize(
    "name",
    [choices.CATEGORY, choices.ORIGIN, choices.YEARS, choices.PLACE, choices.FIND, choices.EVENT, choices.T1],
)
@settings(deadline=None)
@given(data=st.data())
def test_what_is_free_to_choose_comes_back_as_it_was(name, data):
    value = data.draw(VALUES[name])
    assert TABLE[name].parse(TABLE[name].show(value)) == value


@pytest.mark.parametrize("name", sorted(TABLE))
@settings(deadline=None)
@given(text=st.text() | st.from_regex(r"[-0-9a-z:,./%]{0,40}", fullmatch=True))
def test_a_hostile_value_is_refused_in_one_way_or_read_as_one_a_page_can_write(name, text):
    try:
        value = TABLE[name].parse(text)
    except ValueError as error:
        assert str(error)
    else:
        written = TABLE[name].show(value)
        assert TABLE[name].show(TABLE[name].parse(written)) == written


def opened(page: str, **address: str) -> AppTest:
    """Open an address as a browser does that has never been here."""
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    for name, text in address.items():
        app.query_params[name] = text
    return app.switch_page(f"pages/{page}.py").run()


def notes(app: AppTest) -> str:
    return "\n".join(warning.value for warning in app.warning)


COMPARE = {
    "event": "2", "t1": "2017-03-01", "t2": "2017-09-01", "buffer": "0.005", "composition": "short-wave",
    "stretch": "fixed", "mode": "blink", "find": "landslide",
}  # fmt: skip


def test_a_link_opened_afresh_shows_what_it_says_and_says_it_again():
    app = opened("compare", **COMPARE)
    assert not app.exception and not app.error and not notes(app)
    assert app.session_state[choices.T1] == date(2017, 3, 1) and app.session_state[choices.MODE] == "blink"
    assert {name: text if isinstance(text, str) else text[-1] for name, text in app.query_params.items()} == COMPARE


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_its_own_link_without_a_note(page):
    app = opened(page, event="171", source="demo", find="landslide", years="2018-2023")
    assert not app.exception and not app.error and "ignored" not in notes(app)
    assert app.session_state[choices.YEARS] == (2018, 2023)
    assert "find" in app.query_params and "event" in app.query_params


def test_filters_of_a_link_that_fit_no_event_here_are_off_and_said():
    app = opened("inventory", category="rock_fall,mudslide", origin="nobody", years="1990-1995")
    assert not app.exception and not app.error
    said = "\n".join(caption.value for caption in app.caption)
    assert "No event has the category rock" in said and "No event has the origin nobody" in said
    assert "No event lies between 1990 and 1995" in said
    assert app.session_state[choices.CATEGORY] == ["mudslide"] and "2 of 10 events pass" in said


@pytest.mark.parametrize("page", PAGES)
def test_a_link_full_of_nonsense_opens_the_page_with_notes(page):
    nonsense = {name: "../../etc/passwd%00<script>${alert(1)}" for name in TABLE}
    app = opened(page, **nonsense, unknown="x")
    assert not app.exception
    assert "was ignored" in notes(app)


def test_what_an_address_leaves_out_is_at_its_default_when_the_reader_goes_back_to_it():
    app = opened("compare", event="2", mode="blink")
    app.session_state[keys.LATE] = None  # some time has passed
    app.query_params.clear()
    app.query_params["event"] = "3"
    app.run()
    assert (app.session_state[choices.EVENT], app.session_state[choices.MODE]) == ("3", "swipe")


@pytest.fixture
def unhurried(monkeypatch) -> None:
    """However slow this machine is, an address sent in the next run is late."""
    monkeypatch.setattr(link, "_LATE_S", 60)


def test_an_address_the_browser_sends_late_does_not_undo_a_choice(unhurried):
    app = opened("compare", event="2")
    app.button(key="step.Next").click().run()
    app.query_params["event"] = "2"  # the next key press left before the browser showed the new address
    app.button(key="step.Next").click().run()
    assert app.session_state[choices.EVENT] == "4"


def test_an_address_sent_two_choices_late_undoes_neither(unhurried):
    app = opened("compare", event="2")
    app.button(key="step.Next").click().run()
    app.button(key="step.Next").click().run()
    app.query_params["event"] = "2"  # both presses left before the browser showed what the first one made
    app.run()
    assert app.session_state[choices.EVENT] == "4"


def slide(app: AppTest, value: float) -> None:
    app.slider(key="method.threshold").set_value(value).run()
    assert not app.exception


def held_threshold(app: AppTest) -> float:
    return float(app.session_state[choices.METHODS][0].rsplit(":", 1)[1])


@pytest.mark.parametrize("behind", [1, 2, 3])
@pytest.mark.parametrize("first", [{}, {"min_area": "100"}])
def test_presses_of_a_slider_all_count_however_far_behind_the_browser_shows_them(monkeypatch, behind, first):
    monkeypatch.setattr(link, "_LATE_S", 0)  # this machine is so busy that every address comes late
    app = opened("detect", event="171", method="band-difference:B04:0.05", **first)
    shown = [app.query_params["method"]]
    for step in range(1, 7):
        app.query_params["method"] = shown[max(0, len(shown) - behind)]
        slide(app, 0.05 + 0.005 * step)
        assert held_threshold(app) == pytest.approx(0.05 + 0.005 * step)
        shown.append(app.query_params["method"])


def test_an_address_somebody_goes_back_to_counts_after_presses(monkeypatch):
    app = opened("detect", event="171", method="band-difference:B04:0.05")
    before = app.query_params["method"]
    slide(app, 0.06)
    slide(app, 0.065)
    monkeypatch.setattr(link, "_LATE_S", 0)  # some time has passed
    app.query_params["method"] = before
    app.run()
    assert held_threshold(app) == 0.05


def test_a_choice_the_browser_wrote_into_the_address_leaves_a_press_of_the_same_moment_alone():
    app = opened("compare", event="2")
    app.session_state[keys.LATE] = None  # some time has passed
    app.query_params["mode"] = "opacity"  # as the viewer writes it, without a run of the page
    app.button(key="step.Next").click().run()
    assert (app.session_state[choices.EVENT], app.session_state[choices.MODE]) == ("3", "opacity")


def test_a_late_address_without_what_was_just_chosen_does_not_undo_the_choice(unhurried):
    app = opened("inventory", event="2")
    app.text_input(key=choices.FIND).input("landslide").run()
    del app.query_params["find"]  # sent before the browser wrote it there
    app.run()
    assert app.session_state[choices.FIND] == "landslide"


OWN = (
    b"id,event_date,latitude,longitude,category,pre1,pre2,post1\n"
    b"ours 7,2022-01-05,46.5,10.25,rock_fall,2021-06-01,2021-07-01,2022-06-01\n"
)


def sent_to(event: str, rows: bytes, path: str) -> dict[str, str]:
    """Return the address of Compare at an event of an inventory of one's own."""
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    app.session_state[keys.INVENTORY] = read(rows, path)
    app.session_state[choices.EVENT] = event
    app.switch_page("pages/compare.py").run()
    return {name: text if isinstance(text, str) else text[-1] for name, text in app.query_params.items()}


def test_a_link_to_an_event_of_ones_own_inventory_opens_where_that_file_is_not():
    sent = sent_to("ours 7", OWN, "/home/me/secret place/ours.csv")
    assert sent == {"event": "ours 7", "at": "46.5,10.25,2022-01-05", "t1": "2021-07-01", "t2": "2022-06-01"}
    elsewhere = opened("compare", **sent)
    assert not elsewhere.exception and not elsewhere.error
    assert "not in the inventory in use" in notes(elsewhere)
    held = elsewhere.session_state[keys.INVENTORY].events[0]
    assert (held.id, held.latitude, held.longitude, held.date) == ("ours 7", 46.5, 10.25, date(2022, 1, 5))
    assert (held.t1, held.t2) == (date(2021, 7, 1), date(2022, 6, 1))


OUTLINED = (
    b"id,event_date,WKT,pre1,post1\n"
    b'slid,2022-01-05,"POLYGON ((10.25 46.5, 10.252 46.5, 10.252 46.502, 10.25 46.5))",2021-06-01,2022-06-01\n'
)


def test_a_link_to_an_outlined_event_says_where_its_file_is_not_which_one_to_bring():
    sent = sent_to("slid", OUTLINED, "/home/me/secret place/slides.csv")
    assert sent["list"] == "slides.csv"
    elsewhere = opened("compare", **sent)
    assert "Event slid is outlined in slides.csv" in notes(elsewhere)
    assert "Bring slides.csv to see its outline" in notes(elsewhere)
    assert elsewhere.query_params["list"] in ("slides.csv", ["slides.csv"])  # whom it is sent on to is told as well


def test_a_link_to_an_event_of_several_days_says_the_last_of_them_too():
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    app.session_state[keys.INVENTORY] = read(OWN.replace(b"2022-01-05", b"2022-01-05/2022-01-09"), "ours.csv")
    app.session_state[choices.EVENT] = "ours 7"
    app.switch_page("pages/compare.py").run()
    sent = {name: text if isinstance(text, str) else text[-1] for name, text in app.query_params.items()}
    assert sent["at"] == "46.5,10.25,2022-01-05,2022-01-09"
    [held] = opened("compare", **sent).session_state[keys.INVENTORY].events
    assert held.when == "2022-01-05 to 2022-01-09"


@pytest.mark.parametrize("place", ["46.5,10.25", "37.00437,10.25", "46.5,36.59091"])
def test_an_event_of_the_same_name_elsewhere_is_not_taken_for_the_links(place):
    app = opened("compare", event="171", at=place, t1="2021-07-01", t2="2022-06-01")
    held = app.session_state[keys.INVENTORY].events[0]
    assert f"{held.latitude},{held.longitude}" == place


def test_an_event_of_the_same_name_in_the_same_place_is_the_links():
    same = opened("compare", event="171", at="37.00437,36.59091")
    assert keys.INVENTORY not in same.session_state or same.session_state[keys.INVENTORY] is None


def test_no_link_names_a_file_a_path_or_a_key(tmp_path, monkeypatch):
    secrets = ("SECRETVALUE", str(tmp_path))
    monkeypatch.setenv("SH_CLIENT_SECRET", secrets[0])
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    app.session_state[keys.INVENTORY] = read(OWN, f"{tmp_path}/ours.csv")
    app.session_state[choices.EVENT] = "ours 7"
    for page in PAGES:
        app.switch_page(f"pages/{page}.py").run()
        written = str(dict(app.query_params.items()))
        assert not any(secret in written for secret in secrets) and "ours.csv" not in written


def test_every_page_says_what_its_address_holds_and_all_of_it_can_stand_there():
    assert set(choices.CARRIED) == {path for path, *_ in frame.PAGES}
    assert all(name in TABLE for names in choices.CARRIED.values() for name in names)
    assert set(choices.LOOKS) <= set(choices.CARRIED["pages/compare.py"])


@pytest.mark.parametrize("page", PAGES[1:])
def test_an_events_own_dates_stay_out_of_the_address(page):
    app = opened("patches", event="171")
    app.switch_page(f"pages/{page}.py").run()
    assert set(app.query_params) == {"event"}


def test_every_choice_that_has_a_default_can_stand_in_a_link():
    assert set(choices.DEFAULTS) <= set(TABLE)
    assert set(TABLE) == set(VALUES) | OWN_TESTS
    assert all(re.fullmatch(r"[a-z_0-9]+", name) for name in TABLE)
