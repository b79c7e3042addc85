"""Events over time: a point each, or counts a month where they are many."""

from datetime import date

from app.inventory import Event
from app.ui import timeline


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
        ("landslide", date(2016, 5, 1)): 10,
        ("mudslide", date(2016, 5, 1)): 10,
        ("landslide", date(2018, 1, 1)): 10,
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
