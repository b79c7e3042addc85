"""A place as people type or paste it, and what is none."""

import pytest

from app.errors import InputError
from app.inventory import places


@pytest.mark.parametrize(
    "text",
    [
        "45.5, 9.25",
        "45.5 9.25",
        " 45.5,9.25 ",
        "(45.5; 9.25)",
        "45,5; 9,25",
        "45.5N 9.25E",
        "N45.5 E9.25",
        "45.5° N, 9.25° E",
        "45°30'N 9°15'E",
        "45° 30' 0\" N, 9° 15' 0\" E",
        "45 30 N, 9 15 E",
        "45 30 9 15",
        "9°15'E 45°30'N",
        "POINT (9.25 45.5)",
        "https://www.google.com/maps/@45.5,9.25,12z",
        "https://www.google.com/maps/place/X/@1.0,2.0,12z/data=!3m1!4b1!4m5!3d45.5!4d9.25",
        "https://maps.google.com/?q=45.5,9.25",
        "https://www.google.com/maps/search/?api=1&query=45.5%2C9.25",
        "https://www.openstreetmap.org/#map=12/45.5/9.25",
        "https://www.openstreetmap.org/?mlat=45.5&mlon=9.25#map=12/1/2",
        "https://browser.dataspace.copernicus.eu/?zoom=10&lat=45.5&lng=9.25&themeId=DEFAULT",
        "https://www.bing.com/maps?cp=45.5~9.25&lvl=12",
        "https://maps.apple.com/?ll=45.5,9.25",
        "https://earth.google.com/web/@45.5,9.25,1000a,500d",
        "geo:45.5,9.25",
    ],
)
def test_a_place_is_read_however_it_is_written(text):
    assert places.parse(text) == pytest.approx((45.5, 9.25), abs=1e-9)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("-33.45, -70.66", (-33.45, -70.66)),
        ("33°27'S 70°39'36\"W", (-33.45, -70.66)),
        ("https://www.openstreetmap.org/#map=12/-33.45/-70.66", (-33.45, -70.66)),
        ("37 0.26 N, 36 35.45 E", (37 + 0.26 / 60, 36 + 35.45 / 60)),
    ],
)
def test_the_southern_and_western_halves_are_negative(text, where):
    assert places.parse(text) == pytest.approx(where, abs=1e-9)


@pytest.mark.parametrize(
    "text",
    ["", "Milan", "45.5", "95, 9", "45, 181", "45.5, 9.25, 3", "https://example.org/", "1e400, 2", "nan, nan",
     "1" * 3000, "https://[", "javascript:alert(1)", "<script>", "45.5\n9.25\n1"],
)  # fmt: skip
def test_what_is_no_place_is_refused_with_a_sentence_that_says_how(text):
    with pytest.raises(InputError, match="Type it as"):
        places.parse(text)
