import pytest

from app import bands
from app.errors import InputError


@pytest.mark.parametrize(("written", "name"), [("B4", "B04"), ("b04", "B04"), (" b8a ", "B8A"), ("B12", "B12")])
def test_a_band_is_understood_however_it_is_written(written, name):
    assert bands.parse(written) == (name,)


def test_bands_keep_their_order_and_come_once():
    assert bands.parse("B08,B04,B8,B4") == ("B08", "B04")


@pytest.mark.parametrize("text", ["B10", "red", "B04,B13", "", ","])
def test_a_band_the_product_lacks_is_refused_with_the_choices(text):
    with pytest.raises(InputError, match="B8A"):
        bands.parse(text)
