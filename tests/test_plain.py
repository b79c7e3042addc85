"""JSON of results holds numbers and null, never NaN."""

import json
import math

from app.values.plain import plain


def test_what_json_has_no_word_for_is_null_wherever_it_stands():
    held = {"a": (1.5, math.nan, [math.inf, {"b": -math.inf}]), "c": "nan", "d": None, "e": True}
    assert plain(held) == {"a": [1.5, None, [None, {"b": None}]], "c": "nan", "d": None, "e": True}
    json.dumps(plain(held), allow_nan=False)
