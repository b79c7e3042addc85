"""Learn as a student walks it: the threshold without the server, a lesson with a wrong and a right answer."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("nothing_asked_of_the_outside")]


def test_the_threshold_moves_in_the_browser_and_a_lesson_is_walked(window):
    page = window.page
    sent = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    window.open("learn?learn=bench&answer=on")
    f1, before = page.locator(".rates .f1"), page.locator(".rates .f1").inner_text()
    window.shoot("learn-bench")
    asked = len(sent)
    page.locator(".cut input").focus()
    for _ in range(40):
        page.keyboard.press("ArrowRight")
    assert f1.inner_text() != before and len(sent) == asked
    assert "cut=0.1" in page.url
    page.get_by_text("Haze", exact=True).first.click()
    window.settle()
    assert page.locator(".cut output").inner_text() == "0.051 reflectance" and not f1.is_visible()

    window.open("learn?learn=bands&step=3")
    stage = page.locator(".after .stage")
    stage.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")  # in the middle, where nothing slid
    page.get_by_text("Nothing slid there.").wait_for()
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
