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
        (keys.EVENT, "x" * 500),
    ],
)
def test_a_bad_value_is_refused_with_a_reason(name, text):
    with pytest.raises(ValueError, match=r".+"):
        PARAMETERS[name].parse(text)
