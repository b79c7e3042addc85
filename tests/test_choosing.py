"""Too many scenes are thinned by the rule that is said, and spans follow the event."""

from datetime import date, timedelta

import pytest

from app.errors import DateOrderError
from app.inventory import Event
from app.sources import choosing
from app.sources.scenes import SceneInfo

DAY = date(2018, 1, 1)


def scenes(count: int, clear=lambda n: None) -> list[SceneInfo]:
    return [SceneInfo(DAY + timedelta(days=5 * n), str(n), clear(n)) for n in range(count)]


def test_five_hundred_scenes_are_thinned_to_the_least_cloudy_of_each_stretch():
    kept, told = choosing.thinned(scenes(500, lambda n: 1.0 if n % 5 == 3 else 0.2), 100)
    assert len(kept) == 100 and all(one.clear == 1.0 for one in kept)
    assert "500 scenes" in told and "least cloudy" in told and "100 in all" in told


def test_few_scenes_stay_as_they_are_and_nothing_is_said():
    assert choosing.thinned(scenes(7), 7) == (tuple(scenes(7)), "")


def test_cloud_is_that_over_the_patch_where_it_is_known_and_the_tiles_elsewhere():
    assert choosing.cloud(SceneInfo(DAY, "a", clear=0.25, cloud_pct=0)) == 0.75
    assert choosing.cloud(SceneInfo(DAY, "a", cloud_pct=30)) == 0.3
    assert choosing.cloud(SceneInfo(DAY, "a")) == 0.5


def test_a_season_goes_round_the_turn_of_the_year():
    assert choosing.season_apart(date(2019, 12, 20), date(2021, 1, 9)) == 20
    kept = choosing.of_season(scenes(73), date(2018, 1, 1), 20)
    assert kept and all(one.date.month in (1, 12) for one in kept) and {one.date.month for one in kept} == {1, 12}


def test_the_usual_span_is_a_year_on_either_side_and_never_before_the_satellites_or_after_today():
    event = Event("1", 0, date(2016, 1, 1), 0, 0)
    assert choosing.span_of(event) == (date(2015, 6, 23), date(2016, 12, 31))
    assert choosing.span_of(Event("1", 0, date.today(), 0, 0))[1] == date.today()
    given = choosing.span_of(event, date(2010, 1, 1), date(2011, 1, 1))
    assert given == (date(2010, 1, 1), date(2011, 1, 1))
    long_ago = choosing.span_of(Event("1", 0, date(1990, 1, 1), 0, 0))
    assert long_ago[0] <= long_ago[1] == date(1991, 1, 1)


def test_an_event_without_any_date_needs_a_span():
    with pytest.raises(DateOrderError, match="--from and --to"):
        choosing.span_of(Event("1", 0, None, 0, 0))
    with pytest.raises(DateOrderError, match="backwards"):
        choosing.span_of(Event("1", 0, None, 0, 0), date(2020, 1, 2), date(2020, 1, 1))
