"""What an address may say, and what happens to one that says something else."""

from datetime import date

import pytest

from app.ui import choices
from app.ui.choices import TABLE


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        (choices.EVENT, "171", "171"),
        (choices.SOURCE, "demo", "demo"),
        (choices.T1, "2022-09-17", date(2022, 9, 17)),
        (choices.BUFFER, "0.01", 0.01),
        (choices.BANDS, "B4,B08", ["B04", "B08"]),
        (choices.METHODS, "band-difference:B4,cva:0.1", ["band-difference:B04:0.05", "cva:0.1"]),
        (choices.MODE, "blink", "blink"),
        (choices.COMPOSITION, "b12-b8a-b4", "short-wave"),
        (choices.COMPOSITION, "B11-B8-B2", "B11-B08-B02"),
        (choices.STRETCH, "percentile:2:98:gamma1.40", "percentile:gamma1.4"),
        (choices.CHANGE, "ndvi", "NDVI"),
    ],
)
def test_a_good_value_is_understood_and_written_back_so_that_it_reads_the_same(name, text, value):
    parameter = TABLE[name]
    assert parameter.parse(text) == value
    assert parameter.parse(parameter.show(value)) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (choices.SOURCE, "file:///etc/passwd"),
        (choices.T1, "17/09/2022"),
        (choices.BUFFER, "nan"),
        (choices.BUFFER, "45"),
        (choices.RESOLUTION, "0"),
        (choices.BANDS, "B10"),
        (choices.METHODS, "band-difference:B04:-1"),
        (choices.METHODS, "nonsense"),
        (choices.METHODS, "onnx:/etc/passwd"),
        (choices.MODE, "<script>"),
        (choices.COMPOSITION, "B10-B04-B03"),
        (choices.COMPOSITION, "../../etc/passwd"),
        (choices.STRETCH, "fixed:1e9:2e9"),
        (choices.STRETCH, "percentile:" + "9" * 400),
        (choices.CHANGE, "true-colour"),
        (choices.EVENT, "x" * 500),
    ],
)
def test_a_bad_value_is_refused_with_a_reason(name, text):
    with pytest.raises(ValueError, match=r".+"):
        TABLE[name].parse(text)
