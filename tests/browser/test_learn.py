"""Learn as a student walks it: the threshold without the server, a lesson with a wrong and a right answer."""

import re

import pytest
from playwright.sync_api import expect

from app.lessons import course, linked
from tests.test_course import solved

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("nothing_asked_of_the_outside")]


def test_the_threshold_moves_in_the_browser_and_a_lesson_is_walked(window):
    page = window.page
    sent = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    window.open("learn?learn=bench&answer=on")
    f1, before = page.locator(".rates .f1"), page.locator(".rates .f1").inner_text()
    window.shoot("learn-bench")
    assert "1000" in page.locator("svg.spread .tick").all_text_contents()  # each step up is ten times as many
    asked = len(sent)
    page.locator(".cut input").focus()
    for _ in range(40):
        page.keyboard.press("ArrowRight")
    assert f1.inner_text() != before and len(sent) == asked
    expect(page).to_have_url(re.compile(r"cut=0\.1"))
    page.get_by_text("Haze", exact=True).first.click()
    window.settle()
    assert page.locator(".cut output").inner_text() == "0.051 reflectance" and not f1.is_visible()

    window.open("learn?learn=bands&step=3")
    stage = page.locator(".after .stage")
    stage.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")  # in the middle, where nothing slid
    page.get_by_text("Nothing slid there.").wait_for()
    window.settle()  # what is told may move the picture
    box = stage.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.39, box["y"] + box["height"] * 0.79)
    page.get_by_text("Yes, the ground slid there.").wait_for()
    window.settle()
    window.shoot("learn-lesson")
    assert "done=bands.3" in page.url
    page.get_by_role("button", name="Next step").click()
    page.get_by_role("button", name="Red goes up and near infrared goes down").click()
    page.get_by_text("Lesson done.").wait_for()
    window.settle()


def test_an_outline_is_drawn_with_the_mouse_and_a_quiz_of_a_link_is_answered(window):
    page = window.page
    page.set_viewport_size({"width": 390, "height": 844})
    window.open("learn?learn=numbers&step=4&lang=it")
    expect(page).to_have_title("Impara · Scarp")
    expect(page.locator("html")).to_have_attribute("lang", "it")
    expect(page.get_by_test_id("stSidebar")).to_have_attribute("lang", "en")
    page.locator(".after .stage").scroll_into_view_if_needed()
    box = page.locator(".after .stage").bounding_box()
    outline = solved(course.LESSONS["numbers"][3]).outline
    places = [(box["x"] + box["width"] * x / 128, box["y"] + box["height"] * y / 128) for x, y in outline[::2]]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places:
        page.mouse.move(*place)
    page.mouse.up()
    page.get_by_test_id("stToast").get_by_text("Giusto").wait_for()
    window.settle()
    window.shoot("learn-drawn-390")
    assert "IoU è" in page.get_by_test_id("stAlertContentSuccess").first.inner_text()
    assert "done=numbers.4" in page.url

    text = linked.write(linked.parse("plain.4.click"), "Quiz")
    window.open(f"learn?learn=quiz&lang=it&quiz={text}")
    hand_in = page.get_by_role("button", name="Consegna la risposta")
    expect(hand_in).to_be_disabled()
    page.locator(".after .stage").click()
    hand_in.click()
    page.get_by_test_id("stToast").get_by_text("Scrivi prima il tuo nome").wait_for()
    window.settle()
    page.get_by_label("Il tuo nome").fill("Ada")
    page.keyboard.press("Tab")
    window.settle()
    hand_in.click()  # what was marked is there still, though the sentence above made another desk
    page.get_by_test_id("stToast").get_by_text("La tua risposta è conservata").wait_for()
    window.settle()
    window.shoot("learn-quiz-390")


def test_a_phone_shows_the_pictures_while_a_knob_of_the_bench_is_turned(window):
    page = window.page
    page.set_viewport_size({"width": 390, "height": 844})
    window.open("learn?learn=bench")
    page.locator(".over .stage").evaluate("one => one.scrollIntoView({block: 'start'})")
    page.get_by_text("Method", exact=True).click()
    page.get_by_text("Air and sensor", exact=True).click()
    window.settle()
    turned = page.get_by_role("slider", name="Haze (%)")
    knob, stage = turned.bounding_box(), page.locator(".over .stage").bounding_box()
    assert stage["y"] > -1 and stage["y"] + stage["height"] <= knob["y"] <= 844
    hint = page.locator(".unknown").first.bounding_box()
    assert hint["x"] + hint["width"] <= 390
    turned.press("ArrowRight")
    expect(page).to_have_url(re.compile("haze=5"))
    window.settle()
