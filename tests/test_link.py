"""What an address may say, and what happens to one that says something else."""

from datetime import date

import pytest

from app.ui import keys
from app.ui.link import PARAMETERS


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        (keys.EVENT, "171", "171"),
        (keys.SOURCE, "demo", "demo"),
        (keys.T1, "2022-09-17", date(2022, 9, 17)),
        (keys.BUFFER, "0.01", 0.01),
        (keys.BANDS, "B4,B08", ["B04", "B08"]),
        (keys.METHODS, "band-difference:B4,cva:0.1", ["band-difference:B04:0.05", "cva:0.1"]),
        (keys.MODE, "blink", "blink"),
        (keys.COMPOSITION, "b12-b8a-b4", "short-wave"),
        (keys.COMPOSITION, "B11-B8-B2", "B11-B08-B02"),
        (keys.STRETCH, "percentile:2:98:gamma1.40", "percentile:gamma1.4"),
        (keys.CHANGE, "ndvi", "NDVI"),
    ],
)
def test_a_good_value_is_understood_and_written_back_so_that_it_reads_the_same(name, text, value):
    parameter = PARAMETERS[name]
    assert parameter.parse(text) == value
    assert parameter.parse(parameter.show(value)) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (keys.SOURCE, "file:///etc/passwd"),
        (keys.T1, "17/09/2022"),
        (keys.BUFFER, "nan"),
        (keys.BUFFER, "45"),
        (keys.RESOLUTION, "0"),
        (keys.BANDS, "B10"),
        (keys.METHODS, "band-difference:B04:-1"),
        (keys.METHODS, "nonsense"),
        (keys.METHODS, "onnx:/etc/passwd"),
        (keys.MODE, "<script>"),
        (keys.COMPOSITION, "B10-B04-B03"),
        (keys.COMPOSITION, "../../etc/passwd"),
        (keys.STRETCH, "fixed:1e9:2e9"),
        (keys.STRETCH, "percentile:" + "9" * 400),
        (keys.CHANGE, "true-colour"),
        (keys.EVENT, "x" * 500),
    ],
)
def test_a_bad_value_is_refused_with_a_reason(name, text):
    with pytest.raises(ValueError, match=r".+"):
        PARAMETERS[name].parse(text)
