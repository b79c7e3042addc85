"""Events over time: a point each, or counts a month where they are many."""

from datetime import date

from app.inventory import Event
from app.ui.inventory import timeline


def event(n: int, when: date | None, category: str = "landslide") -> Event:
    return Event(str(n), n, when, 0.0, 0.0, category)


SOME = [event(0, date(2016, 5, 3)), event(1, None), event(2, date(2016, 5, 30), "mudslide"), event(3, date(2018, 1, 1))]


def test_points_are_the_events_with_a_date_in_their_order_and_the_chosen_one_is_larger():
    figure, ids = timeline.points(SOME, "2")
    assert ids == ["0", "2", "3"]
    assert list(figure.data[0].marker.size) == [10, 16, 10]


def test_counts_add_up_to_the_events_with_a_date_month_by_month():
    figure = timeline.counts(SOME * 10, date(2018, 1, 1))
    counted = {(trace.name, when): n for trace in figure.data for when, n in zip(trace.x, trace.y, strict=True)}
    assert counted == {
        ("landslide", "2016-05-01"): 10,
        ("mudslide", "2016-05-01"): 10,
        ("landslide", "2018-01-01"): 10,
    }


def test_of_many_categories_the_rare_ones_are_counted_together():
    events = [
        event(n, date(2016, 1, 1), f"kind {k}") for n, k in enumerate(k for k in range(12) for _ in range(12 - k))
    ]
    figure = timeline.counts(events, None)
    assert len(figure.data) == 8 and figure.data[-1].name == "others"
    assert sum(sum(trace.y) for trace in figure.data) == len(events)
    assert len({trace.marker.color for trace in figure.data}) == 8


def test_no_event_is_an_empty_figure():
    assert timeline.points([], None)[1] == [] and not timeline.counts([], None).data


HOSTILE = "<b>slide</b> %{x} & co"
SHOWN = "&lt;b&gt;slide&lt;/b&gt; &#37;{x} &amp; co"


def test_words_of_a_file_are_drawn_as_they_stand_and_never_as_markup():
    one = Event("<i>7</i>", 0, date(2016, 5, 3), 0.0, 0.0, HOSTILE, source=HOSTILE)
    figure, ids = timeline.points([one], None)
    assert ids == ["<i>7</i>"]
    assert list(figure.data[0].y) == [SHOWN]
    assert list(figure.data[0].customdata[0])[:2] == ["&lt;i&gt;7&lt;/i&gt;", SHOWN]
    assert timeline.counts([one], None).data[0].name == SHOWN


def test_an_event_of_several_days_has_a_line_to_the_last_of_them():
    one = Event("7", 0, date(2016, 5, 3), 0.0, 0.0, date_end=date(2016, 5, 5))
    figure, _ = timeline.points([one, event(1, date(2016, 1, 1))], None)
    assert list(figure.data[0].error_x.array) == [2 * 86_400_000, 0]
    assert figure.data[0].customdata[0][2] == "2016-05-03 to 2016-05-05"


def test_time_runs_along_an_axis_of_dates_and_categories_are_words_even_where_they_look_like_numbers():
    figure, _ = timeline.points([event(0, date(1600, 5, 3), "1"), event(1, date(2300, 5, 3), "2")], None)
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("date", "category")
    assert list(figure.data[0].x) == ["1600-05-03", "2300-05-03"]


def test_whether_there_is_a_date_to_draw_is_told():
    assert timeline.dated(SOME) and not timeline.dated([event(0, None)]) and not timeline.dated([])
