"""Which scenes of many are worth a look: within a span, a season and a limit of cloud, and not too many."""

from collections.abc import Sequence
from datetime import date

from app.bands import SENTINEL2_LAUNCH
from app.errors import DateOrderError
from app.inventory import Event
from app.sources.scenes import SceneInfo

MOST_SCENES = 200  # looked at in one go
MOST_COMPOSED = 24  # scenes of one span; more add little to a median and much to the wait
AROUND_DAYS = 365  # of the event, where nobody gives a span
_YEAR_DAYS = 365


def span_of(event: Event, first: date | None = None, last: date | None = None) -> tuple[date, date]:
    """Return the days between which scenes are wanted: those given, else a year on either side of the event.

    An event without a date has its T1 and T2 for one. Raises DateOrderError where neither says when, and for a span
    that runs backwards.
    """
    begun, ended = event.date or event.t1, event.last_day or event.t2
    start = first or (shifted(begun, -AROUND_DAYS) if begun else None)
    end = last or (shifted(ended, AROUND_DAYS) if ended else None)
    if start is None or end is None:
        raise DateOrderError(f"Event {event.id} has no date to look around; give --from and --to.")
    if start > end:
        raise DateOrderError(f"The span {start}/{end} runs backwards; swap its days.")
    return (start if first else max(start, min(SENTINEL2_LAUNCH, end))), (end if last else min(end, _latest(start)))


def shifted(day: date, days: int) -> date:
    """Return the day so many days later, or the first or last there is: an inventory may name any."""
    return date.fromordinal(min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal()))


def _latest(start: date) -> date:
    return max(start, date.today())


def thinned(scenes: Sequence[SceneInfo], most: int = MOST_SCENES) -> tuple[tuple[SceneInfo, ...], str]:
    """Return at most ``most`` scenes, and in words by which rule others were left out; empty where none was.

    The span is cut into as many equal stretches; of each the least cloudy scene stays.
    """
    if len(scenes) <= most:
        return tuple(scenes), ""
    first, days = scenes[0].date, (scenes[-1].date - scenes[0].date).days + 1
    best: dict[int, SceneInfo] = {}
    for scene in scenes:
        stretch = (scene.date - first).days * most // days
        if stretch not in best or cloud(scene) < cloud(best[stretch]):
            best[stretch] = scene
    kept = tuple(sorted(best.values(), key=lambda one: one.date))
    return kept, (
        f"{len(scenes)} scenes were found; of each of {most} equal stretches of time the least cloudy is kept, "
        f"{len(kept)} in all. Choose a shorter span to see every one."
    )


def cloud(scene: SceneInfo) -> float:
    """Return how cloudy a scene is, 0 to 1: over the patch where that is known, else over its tile, else one half."""
    if scene.clear is not None:
        return 1 - scene.clear
    return 0.5 if scene.cloud_pct is None else scene.cloud_pct / 100


def of_season(scenes: Sequence[SceneInfo], day: date, within_days: int) -> tuple[SceneInfo, ...]:
    """Return the scenes within so many days of a day of the year, whatever the year."""
    return tuple(scene for scene in scenes if season_apart(scene.date, day) <= within_days)


def season_apart(one: date, other: date) -> int:
    """Return how many days two days of the year lie apart, 0 to half a year."""
    days = abs(one.timetuple().tm_yday - other.timetuple().tm_yday)
    return min(days, _YEAR_DAYS - days)
