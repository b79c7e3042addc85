"""The patch on the map in a browser: in its place, by date, among its neighbours, over a background on request only."""

import pytest
from playwright.sync_api import expect

from tests.browser.maps import choose_on_the_map, frame_of, map_box, of_map

pytestmark = pytest.mark.browser
MAP = "patch-map"
BOX = (36.58091, 36.99437, 36.60089, 37.01435)  # of event 171


@pytest.fixture
def placed(window):
    """A window on the map of event 171's patch."""
    window.open("patches?event=171")
    window.page.get_by_role("tab", name="On the map").click()
    window.settle()
    yield window
    assert window.errors == []


def images(window) -> list[dict]:
    """Return where on the map the two pictures lie, how opaque they are and how they are cut."""
    return of_map(
        window,
        """map.patch.pictures.map((one) => {
            const element = one.getElement(), box = element.getBoundingClientRect();
            const all = map.box.getBoundingClientRect(), opacity = Number(getComputedStyle(element).opacity);
            const at = (x, y) => map.map.containerPointToLatLng([x - all.x, y - all.y]);
            const first = at(box.left, box.bottom), last = at(box.right, box.top);
            const edges = [first.lng, first.lat, last.lng, last.lat];
            return { box: edges, opacity, cut: element.style.clipPath, wide: box.width };
        })""",
        MAP,
    )


def test_the_patch_lies_at_its_box_and_fills_the_map(placed):
    first, second = images(placed)
    assert first["box"] == pytest.approx(BOX, abs=5e-5) and second["box"] == pytest.approx(BOX, abs=5e-5)
    assert second["wide"] > 200
    assert placed.outside == []
    placed.shoot("patch-on-the-map")


def test_t1_t2_swipe_and_frame_show_what_they_say(placed):
    tag = frame_of(placed).locator(".tag")

    def choose(name: str) -> None:
        frame_of(placed).get_by_role("radio", name=name, exact=True).click()

    choose("T1")
    assert [one["opacity"] for one in images(placed)] == [1, 0] and "2022-09-17" in tag.inner_text()
    choose("T2")
    assert [one["opacity"] for one in images(placed)] == [0, 1] and "2023-02-24" in tag.inner_text()
    assert "SIMULATED" in tag.inner_text()
    choose("Swipe")
    frame_of(placed).get_by_label("Border").fill("25")
    assert images(placed)[1]["cut"] == "inset(0px 0px 0px 25%)"
    choose("Frame only")
    assert [one["opacity"] for one in images(placed)] == [0, 0] and not tag.is_visible()


def test_the_line_between_the_dates_is_dragged_and_the_map_stays(placed):
    frame_of(placed).get_by_role("radio", name="Swipe", exact=True).click()
    frame_of(placed).get_by_label("Border").fill("50")
    box, before = map_box(placed, MAP), of_map(placed, "map.map.getCenter()", MAP)
    line = of_map(placed, "map.map.latLngToContainerPoint([map.map.getCenter().lat, map.patch.edgeAt()])", MAP)
    placed.page.mouse.move(box["x"] + line["x"], box["y"] + line["y"] + 60)
    placed.page.mouse.down()
    placed.page.mouse.move(box["x"] + line["x"] - images(placed)[0]["wide"] / 4, box["y"] + line["y"] + 60, steps=5)
    placed.page.mouse.up()
    assert images(placed)[1]["cut"].startswith("inset(0px 0px 0px 2")  # a quarter, or a pixel beside it
    assert of_map(placed, "map.map.getCenter()", MAP) == pytest.approx(before)
    assert "event=171" in placed.page.url
    placed.shoot("patch-on-the-map-swiped")


def test_opacity_lets_the_ground_shine_through(placed):
    frame_of(placed).get_by_label("Opacity").fill("40")
    assert max(one["opacity"] for one in images(placed)) == pytest.approx(0.4)


def test_a_neighbour_is_chosen_by_a_click_and_the_map_goes_to_its_patch(placed):
    choose_on_the_map(placed, "170", MAP)
    assert "event=170" in placed.page.url
    centre = of_map(placed, "map.map.getCenter()", MAP)
    west, south, east, north = of_map(placed, "map.state.patch.bbox", MAP)
    assert west < centre["lng"] < east and south < centre["lat"] < north


def test_a_background_is_asked_for_only_when_chosen_and_a_refusing_network_is_a_sentence(placed):
    frame = frame_of(placed)

    def choose(name: str) -> None:
        frame.locator(".leaflet-control-layers").hover()
        frame.get_by_label(name).check()

    assert placed.outside == []
    choose("OpenStreetMap")
    frame.get_by_text("OpenStreetMap does not answer").wait_for()
    assert placed.outside and all(url.startswith("https://tile.openstreetmap.org/") for url in placed.outside)
    expect(frame.locator(".leaflet-control-attribution")).to_contain_text("OpenStreetMap contributors")
    placed.outside.clear()
    choose("The Sentinel-2 mosaic")
    frame.get_by_text("The Sentinel-2 mosaic does not answer").wait_for()
    assert all(url.startswith("https://tiles.maps.eox.at/") for url in placed.outside)
    choose("Outline only")
    expect(frame.locator(".word")).to_be_hidden()
    assert images(placed)[0]["box"] == pytest.approx(BOX, abs=5e-5)


def test_the_map_takes_the_full_screen_and_gives_it_back(placed):
    """What the map fitted into its place fits the screen then, unless a hand has moved it meanwhile."""
    frame, small, near = frame_of(placed), map_box(placed, MAP), of_map(placed, "map.map.getZoom()", MAP)
    frame.get_by_title("Full screen").click()
    frame.wait_for_function("document.fullscreenElement && innerHeight === screen.height")
    assert of_map(placed, "map.map.getSize().y", MAP) > small["height"]
    assert of_map(placed, "map.map.getZoom()", MAP) > near
    frame.get_by_title("Full screen").click()
    frame.wait_for_function("(height) => !document.fullscreenElement && innerHeight <= height", arg=small["height"])
    assert images(placed)[0]["box"] == pytest.approx(BOX, abs=5e-5)
