"""The scenes that are followed over the years, kept open for all sessions: which are the same."""

from dataclasses import replace
from datetime import date

from app.inventory import builtin
from app.sources import spec_for
from app.ui.stacks import AskedScenes

SPAN = date(2019, 1, 1), date(2020, 1, 1)


def test_scenes_are_the_same_whatever_the_pair_and_others_where_the_day_of_the_event_was_changed():
    spec = spec_for(builtin().event("2"), "demo")
    asked = AskedScenes(spec, *SPAN)
    assert AskedScenes(replace(spec, t2=date(2023, 7, 1)), *SPAN).key == asked.key
    assert AskedScenes(replace(spec, event_date=date(2016, 3, 3)), *SPAN).key != asked.key  # its scars come that day
