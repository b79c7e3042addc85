"""The film on the Patches page: what it lists, what it asks of whom, and what it says where it cannot."""

import base64
import io
import json
from datetime import date, timedelta

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from app.errors import SourceError
from app.sources import demo, scenes
from app.sources.scenes import SceneInfo
from app.ui import choices, film, keys
from tests.conftest import ROOT

FEW = {choices.EVENT: "171", choices.BANDS: ["B02", "B03", "B04"], choices.BUFFER: 0.003}


def page(**given) -> AppTest:
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    for key, value in {**FEW, **given}.items():
        app.session_state[key] = value
    return app.switch_page("pages/patches.py").run()


def short(app: AppTest, days: int = 60) -> AppTest:
    """Set the span of the film around the event, a few scenes long."""
    event = date(2023, 2, 6)
    app.date_input(key="film.Scenes from.171").set_value(event - timedelta(days=days))
    return app.date_input(key="film.Scenes until.171").set_value(event + timedelta(days=days)).run()


def listed(app: AppTest) -> AppTest:
    return app.button(key="film.list").click().run()


def shown(app: AppTest) -> dict:
    (mounted,) = [one for one in app.get("bidi_component") if one.proto.component_name == "scarp_film"]
    return json.loads(mounted.proto.json)


def words(app: AppTest) -> str:
    return "\n".join(str(one.value) for kind in ("caption", "error", "info", "warning") for one in app.get(kind))


def test_nothing_is_listed_unasked(monkeypatch):
    monkeypatch.setattr(demo.Demo, "scenes", lambda *_: pytest.fail("listed"))
    app = page()
    assert not app.exception and app.button(key="film.list")


def test_scenes_lie_around_the_event_with_t1_and_t2_marked_and_pictures_that_say_simulated():
    app = listed(short(page()))
    assert not app.exception and not app.error
    told = shown(app)
    cards = [one for one in told["items"] if "date" in one]
    days = [one["date"] for one in cards]
    assert days == sorted(days) and [one["date"] for one in cards if one["t2"]] == ["2023-02-24"]
    at = next(n for n, one in enumerate(told["items"]) if "event" in one)
    assert told["items"][at - 1]["date"] < "2023-02-06" <= told["items"][at + 1]["date"]
    pictures = [one for one in cards if one["src"]]
    assert len(pictures) == film.AT_FIRST and all(one["simulated"] for one in pictures)
    image = Image.open(io.BytesIO(base64.b64decode(pictures[0]["src"].split(",")[1])))
    assert image.info["comment"] == b"SIMULATED" and max(image.size) <= 96
    assert told["pick"] and {one["which"] for one in told["marks"]} == {"t2"} and "SIMULATED" in words(app)


def test_limits_take_scenes_out_of_the_film_and_leave_them_faint_on_the_axis():
    app = listed(short(page(**{choices.BUFFER: 0.01}), 120))
    every = shown(app)
    app.slider(key="film.cloud").set_value(0).run()
    clear = shown(app)
    assert len(clear["items"]) < len(every["items"]) and len(clear["dots"]) == len(every["dots"])
    assert sum(one["shown"] for one in clear["dots"]) == len(clear["items"]) - 1
    app.selectbox(key="film.season").select("± 30 days").run()
    assert all(one["date"][5:7] in ("01", "02", "03") for one in shown(app)["items"] if "date" in one)


def test_more_are_looked_at_when_asked_and_a_second_film_asks_nothing(monkeypatch):
    app = listed(short(page()))
    app.button(key="film.look").click().run()
    assert all(one["src"] for one in shown(app)["items"] if "date" in one)
    monkeypatch.setattr(demo.Demo, "scenes", lambda *_: 1 / 0)
    monkeypatch.setattr(demo.Demo, "open_scene", lambda *_: 1 / 0)
    again = page(**{keys.FILMS: app.session_state[keys.FILMS]})
    assert all(one["src"] for one in shown(short(again))["items"] if "date" in one)


def test_a_catalogue_that_does_not_answer_is_a_sentence_and_can_be_asked_again(monkeypatch):
    def gone(*_):
        raise SourceError("The catalogue cannot be reached.")

    monkeypatch.setattr(demo.Demo, "scenes", gone)
    app = listed(short(page()))
    assert not app.exception and "cannot be reached" in words(app) and app.button(key="film.list")


def test_a_list_that_breaks_off_keeps_what_came_and_says_so(monkeypatch):
    plain = demo.Demo.scenes

    def broken(self, *args):
        raise scenes.ScenesBrokenOffError("The list ends early.", plain(self, *args)[:3])

    monkeypatch.setattr(demo.Demo, "scenes", broken)
    app = listed(short(page(**{choices.BUFFER: 0.0031})))
    assert "The list ends early." in words(app) and len(shown(app)["dots"]) == 3


def test_many_scenes_are_thinned_and_none_is_said(monkeypatch):
    start = date(2022, 3, 1)
    many = tuple(SceneInfo(start + timedelta(days=n), f"s{n}", 0.5) for n in range(500))
    monkeypatch.setattr(demo.Demo, "scenes", lambda *_: many)
    app = listed(page(**{choices.BUFFER: 0.0032}))
    assert "500 scenes were found" in words(app) and len(shown(app)["dots"]) <= 200
    monkeypatch.setattr(demo.Demo, "scenes", lambda *_: ())
    assert "There is no scene of this place" in words(listed(page(**{choices.BUFFER: 0.0033})))


def test_a_span_that_runs_backwards_is_a_sentence_and_the_rest_of_the_page_stands():
    app = page()
    app.date_input(key="film.Scenes from.171").set_value(date(2024, 5, 1)).run()
    assert not app.exception and not app.error and "swap its days" in words(app) and app.button(key="use.post1")


def test_an_event_without_dates_has_a_film_to_pick_them_from():
    from app.inventory import read

    rows = b"id,event_date,latitude,longitude\none,2022-01-05,10,10\n"
    app = page(**{keys.INVENTORY: read(rows, "one.csv"), choices.EVENT: "one"})
    assert not app.exception and app.button(key="film.list")


def test_the_scenes_of_the_sample_are_shown_and_a_lone_pair_stands_fast():
    app = listed(page(**{choices.SOURCE: "sample"}))
    assert not app.exception and not app.error
    told = shown(app)
    lone = len(told["dots"]) == 2
    assert told["pick"] is not lone and ("stand fast" in words(app)) is lone
    assert {one["date"] for one in told["items"] if one.get("t1") or one.get("t2")} == {"2017-07-11", "2019-07-06"}


def test_a_source_of_pairs_alone_has_no_film():
    app = page(**{choices.SOURCE: "published"})
    assert not [one for one in app.button if one.key == "film.list"]
