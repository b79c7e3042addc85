"""The reader's choices: one entry each, by its name in the session and in a link.

An entry says how a link writes the choice and is read, what it is where nobody chose, and which pages carry it in their
address. The entries stand in the order in which a link has them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from app import grid
from app.bands import DEFAULT_BANDS
from app.detection import steep
from app.inventory import mapped
from app.inventory.browse import DOUBTS
from app.lessons import course, knobs, words
from app.patches import COMPOSITES
from app.pictures import contrast
from app.review import VERDICTS, team
from app.sources import SOURCES
from app.terrain import correction, light
from app.ui.choices import looks, texts

T = TypeVar("T")

MOST_METHODS = 6  # run at once: as many colours as can be told apart
MOST_SCORED = 12  # methods scored at once
MOST_CASES = 500
MOST_OPENING = 5  # pixels
MOST_AREA_M2 = 1e6
MOST_SLOPE_DEG = steep.STEEPEST_DEG

# the sections of the Metrics page: names in a link, and the questions they answer
PARTS: dict[str, str] = {
    "best": "Which is best?",
    "sure": "How sure?",
    "threshold": "Which threshold?",
    "fail": "Where does it fail?",
    "objects": "Objects",
    "kinds": "Which kinds?",
    "slope": "Slope",
    "bands": "Bands",
}

# the orders of the Review page's queue (see app.review.queue): names in a link, and what they say
ORDERS: dict[str, str] = {
    "list": "As the inventory has them",
    "area": "Largest outline first",
    "warnings": "Most warnings first",
    "disagreement": "Methods disagree most first",
    "mirrored": "Least steady when mirrored first",
    "confidence": "Reviewers least sure first",
    "random": "At random, by a seed",
    "conflicts": "Judged apart, for a third to decide",
}
# what the Review page tells below the pictures: names in a link, and their titles
TOLD: dict[str, str] = {
    "event": "This event", "agreement": "Agreement", "conflicts": "Conflicts", "quality": "Label quality",
    "files": "Files",
}  # fmt: skip
MOST_EACH = 5  # reviewers of one event
MOST_SEED = 99_999
# what is judged on the Review page
JUDGED: dict[str, str] = {"events": "Events", "polygons": "Polygons", "truth": "Truth", "labels": "Labels"}

BUFFERS_DEG = grid.BUFFERS_DEG

_START, _INVENTORY, _PATCHES = "streamlit_app.py", "pages/inventory.py", "pages/patches.py"
_COMPARE, _DETECT, _METRICS, _REVIEW = (
    "pages/compare.py", "pages/detect.py", "pages/metrics.py", "pages/review.py",
)  # fmt: skip
_LEARN = "pages/learn.py"
_PICTURED = (_COMPARE, _DETECT, _METRICS, _REVIEW)
_OF_A_PATCH = (_PATCHES, *_PICTURED)
_EVERYWHERE = (_START, _INVENTORY, *_OF_A_PATCH, _LEARN)

_FILTER, _LOOK = "filter", "look"


@dataclass(frozen=True)
class Choice(Generic[T]):
    """What a link and a session need to know of one choice."""

    parse: Callable[[str], T]  # raises ValueError with the reason
    show: Callable[[T], str]  # the text that ``parse`` reads
    default: T | None  # None where nothing is chosen
    pages: tuple[str, ...]  # those that have it in their address
    kind: str


TABLE: dict[str, Choice[Any]] = {}


def _choice(
    name: str,
    parse: Callable[[str], T],
    show: Callable[[T], str] = str,
    *,
    default: T | None = None,
    pages: tuple[str, ...] = (),
    kind: str = "",
) -> str:
    """Enter a choice into the table; returns its name."""
    TABLE[name] = Choice(parse, show, default, pages, kind)
    return name


# --- the patch ---------------------------------------------------------------------------

EVENT = _choice("event", texts.text, pages=_EVERYWHERE)
SOURCE = _choice("source", texts.one_of(*SOURCES), default="demo", pages=_OF_A_PATCH)
T1 = _choice("t1", texts.day, pages=_OF_A_PATCH)
T2 = _choice("t2", texts.day, pages=_OF_A_PATCH)
T1_FROM = _choice("t1_from", texts.day, pages=_OF_A_PATCH)  # the first day of T1 where that is a span
T2_TO = _choice("t2_to", texts.day, pages=_OF_A_PATCH)  # the last day of T2 where that is a span
COMPOSITE = _choice("composite", texts.one_of(*COMPOSITES), default="median", pages=_OF_A_PATCH)
BUFFER = _choice("buffer", texts.number(*BUFFERS_DEG), default=grid.BUFFER_DEG, pages=_OF_A_PATCH)
RESOLUTION = _choice(
    "resolution", texts.number(grid.THESIS_RESOLUTION_DEG, 0.0005), default=grid.RESOLUTION_DEG, pages=_OF_A_PATCH
)
BANDS = _choice("bands", texts.band_names, texts.joined, default=list(DEFAULT_BANDS), pages=_OF_A_PATCH)
CATALOGUE = _choice("catalogue", texts.catalogue_name, pages=_OF_A_PATCH)
FILES = _choice("files", texts.text, pages=_OF_A_PATCH)  # of a pair that was brought: whose link it is may lack them
HEIGHTS = _choice("dem", texts.one_of(texts.OFF, texts.ON), default=texts.OFF, pages=_OF_A_PATCH)
LIGHT = _choice("light", texts.one_of(texts.MEASURED, *correction.WAYS), default=texts.MEASURED, pages=_OF_A_PATCH)

# --- detecting ---------------------------------------------------------------------------

METHODS = _choice(
    "method", texts.some_methods(MOST_METHODS), texts.joined,
    default=["onnx:bit", "onnx:cdrl", "band-difference:B04:0.05"], pages=(_DETECT,),
)  # fmt: skip
OPEN_METHOD = _choice("open", texts.whole(0, MOST_METHODS - 1), default=0, pages=(_DETECT,))
MIN_AREA = _choice("min_area", texts.number(0, MOST_AREA_M2), default=0.0, pages=(_DETECT,))
MIN_SLOPE = _choice("min_slope", texts.number(0, MOST_SLOPE_DEG), default=0.0, pages=(_DETECT,))
OPENING = _choice("opening", texts.whole(0, MOST_OPENING), default=0, pages=(_DETECT,))

# --- scoring -----------------------------------------------------------------------------

DATA = _choice("data", texts.data, default="event", pages=(_METRICS,))
COUNT = _choice("count", texts.whole(1, MOST_CASES), default=20, pages=(_METRICS,))
SCORED = _choice("scored", texts.some_methods(MOST_SCORED), texts.joined, pages=(_METRICS,))
TOUCHED = _choice("touched", texts.one_of("centre", "touched"), default="centre", pages=_PICTURED)
OTHERS = _choice("others", texts.one_of(*mapped.OTHERS), default=mapped.AS_UNKNOWN, pages=_PICTURED)
LEAVE = _choice("leave", texts.one_of("nothing", "rejected"), default="nothing", pages=(_METRICS,))
REGION = _choice("region", texts.one_of("whole", "box"), default="whole", pages=(_METRICS,))
DOUBT = _choice("doubt", texts.doubt, texts.show_doubt, default=False, pages=(_METRICS,))
CORRECTED = _choice("truth", texts.corrected, texts.show_corrected, default=False, pages=(_METRICS,))
PART = _choice("part", texts.one_of(*PARTS), default="best", pages=(_METRICS,))
CELL = _choice("cell", texts.text, pages=(_METRICS,))
BY = _choice("by", texts.method, pages=(_METRICS,))

# --- judging -----------------------------------------------------------------------------

QUEUE = _choice("queue", texts.one_of(*ORDERS), default="list", pages=(_REVIEW,))
JUDGE = _choice("judge", texts.one_of(*JUDGED), default="events", pages=(_REVIEW,))
LABELLED = _choice("labels", texts.one_of("folder", "masks"), default="folder", pages=(_REVIEW,))
# which folders hold the labels: a name that only the browser that opened them knows, and never a path
FOLDERS = _choice("folders", texts.token, default="", pages=(_REVIEW,))
WALKED = _choice("walked", texts.method, default="band-difference:B04:0.05", pages=(_REVIEW,))  # whose polygons
LEAST = _choice("least", texts.number(0, MOST_AREA_M2), default=2000.0, pages=(_REVIEW,))  # m2 of a polygon
SEED = _choice("seed", texts.whole(0, MOST_SEED), default=0, pages=(_REVIEW,))
TEAM = _choice("team", texts.text, default="", pages=(_REVIEW,))  # names with commas, among whom events are shared out
EACH = _choice("each", texts.whole(1, MOST_EACH), default=2, pages=(_REVIEW,))
OVERLAP = _choice("overlap", texts.whole(0, 100), default=100, pages=(_REVIEW,))  # per cent of events judged by several
BLIND = _choice("blind", texts.one_of(texts.OFF, texts.ON), default=texts.OFF, pages=(_REVIEW,))
TELL = _choice("tell", texts.one_of(*TOLD), default="event", pages=(_REVIEW,))

# --- learning ----------------------------------------------------------------------------

# the parts of the Learn page beside its lessons: names in a link; their words are in app/lessons/words
LEARNT = ("course", "bench", "glossary", "quiz", "make")
_USUAL = knobs.Knobs()


def _knob(name: str) -> str:
    """Enter a knob of the bench that is a whole number."""
    span = knobs.SPANS[name]
    return _choice(name, texts.whole(int(span.low), int(span.high)), default=getattr(_USUAL, name), pages=(_LEARN,))


LEARN = _choice("learn", texts.one_of(*LEARNT, *course.LESSONS), default="course", pages=(_LEARN,))
STEP = _choice("step", texts.whole(1, 30), default=1, pages=(_LEARN,))
QUIZ = _choice("quiz", texts.quiz, default="", pages=(_LEARN,))  # a whole one, covered
MAKE = _choice("make", texts.questions, default="", pages=(_LEARN,))  # of a quiz that is being made
TITLE = _choice("title", texts.text, default="", pages=(_LEARN,))  # of that quiz
LANG = _choice("lang", texts.one_of(*words.codes()), default=words.ENGLISH, pages=(_LEARN,))
DONE = _choice("done", texts.progress, default="", pages=(_LEARN,))  # steps of lessons
LAND = _choice("land", texts.one_of(*knobs.LANDS), default=_USUAL.land, pages=(_LEARN,))
SCENE, MONTH, DAYS = _knob("scene"), _knob("month"), _knob("days")
HAZE, CLOUD, MISSED, HARVEST = _knob("haze"), _knob("cloud"), _knob("missed"), _knob("harvest")
ASIDE = _choice("aside", texts.number(0, knobs.SPANS["aside"].high), default=_USUAL.aside, pages=(_LEARN,))
SCARS, WIDTH, FAINT = _knob("scars"), _knob("width"), _knob("faint")
OFFSET = _choice("offset", texts.one_of(texts.OFF, texts.ON), default=texts.OFF, pages=(_LEARN,))
HOW = _choice("how", texts.one_of(*knobs.HOWS), default=_USUAL.how, pages=(_LEARN,))
COLOURS = _choice("colours", texts.one_of(*knobs.COLOURS), default=_USUAL.colours, pages=(_LEARN,))
SMALLEST = _knob("smallest")
CUT = _choice("cut", texts.number(0, 100), texts.short, pages=(_LEARN,))  # the threshold; the browser writes it too
ANSWER = _choice("answer", texts.one_of(texts.OFF, texts.ON), default=texts.OFF, pages=(_LEARN,))

# --- the pictures, and how a reader looks at them in the viewer --------------------------

COMPOSITION = _choice("composition", texts.composition, default="true-colour", pages=_OF_A_PATCH)
STRETCH = _choice("stretch", texts.stretch, default=str(contrast.USUAL), pages=_OF_A_PATCH)
CHANGE = _choice("change", texts.change, pages=_PICTURED)
SUN = _choice("sun", texts.one_of(*looks.SUNS), default="map", pages=_OF_A_PATCH)  # of the hillshade
SUN_AZIMUTH = _choice("sun_azimuth", texts.number(0, 360), default=light.MAPMAKERS.azimuth_deg, pages=_OF_A_PATCH)
SUN_HEIGHT = _choice("sun_height", texts.number(1, 90), default=light.MAPMAKERS.elevation_deg, pages=_OF_A_PATCH)
MODE = _choice("mode", texts.one_of(*looks.MODES), default="swipe", pages=_PICTURED, kind=_LOOK)
LEFT = _choice("left", looks.picture, default="t1", pages=_PICTURED, kind=_LOOK)
RIGHT = _choice("right", looks.picture, default="t2", pages=_PICTURED, kind=_LOOK)
_CELLS: tuple[str, ...] = ("t1", "t2", "change", "overlays")
CELLS = _choice("cells", looks.cells, texts.joined, default=_CELLS, pages=_PICTURED, kind=_LOOK)
STYLE = _choice("style", texts.one_of(*looks.STYLES), default="fill", pages=_PICTURED, kind=_LOOK)
LAYERS = _choice("layers", looks.layers, looks.show_layers, default=dict[str, int](), pages=_PICTURED, kind=_LOOK)
VIEW = _choice("view", looks.view, looks.show_view, pages=_PICTURED, kind=_LOOK)
SWIPE = _choice("swipe", looks.share, default=50, pages=_PICTURED, kind=_LOOK)
BLEND = _choice("blend", looks.share, default=50, pages=_PICTURED, kind=_LOOK)
PACE = _choice("pace", looks.pace, looks.show_pace, default=0.7, pages=_PICTURED, kind=_LOOK)
PROFILE = _choice("profile", texts.one_of("last", "all"), default="last", pages=(_COMPARE,))  # which points it is along

FOLLOWED = _choice("follow", texts.followed, default="NDVI", pages=(_COMPARE,))  # the band or index over the years
FOLLOW_FROM = _choice("follow_from", texts.day, pages=(_COMPARE,))  # where nobody chose: ``spans.usual``
FOLLOW_TO = _choice("follow_to", texts.day, pages=(_COMPARE,))

# --- which events the inventory lists ----------------------------------------------------

FIND = _choice("find", texts.text, default="", pages=_EVERYWHERE, kind=_FILTER)
CATEGORY = _choice("category", texts.phrases, texts.quoted, default=list[str](), pages=_EVERYWHERE, kind=_FILTER)
ORIGIN = _choice("origin", texts.phrases, texts.quoted, default=list[str](), pages=_EVERYWHERE, kind=_FILTER)
YEARS = _choice("years", texts.years, texts.show_years, pages=_EVERYWHERE, kind=_FILTER)
WITHIN = _choice("within", texts.area, texts.show_area, pages=_EVERYWHERE, kind=_FILTER)  # a box drawn on the map
WARNINGS = _choice("warnings", texts.one_of(*DOUBTS), default=DOUBTS[0], pages=_EVERYWHERE, kind=_FILTER)

OUTCOME = _choice(
    "outcome", texts.one_of("all", team.UNJUDGED, team.APART, *VERDICTS), default="all", pages=_EVERYWHERE, kind=_FILTER
)

# no page carries them: they go along with an event whose inventory a link's reader may lack
PLACE = _choice("at", texts.place, texts.show_place)
LIST = _choice("list", texts.text)  # the name of the inventory, where it holds an outline of the event


# --- what follows from the table ---------------------------------------------------------


def _of_kind(kind: str) -> Iterator[str]:
    return (name for name, one in TABLE.items() if one.kind == kind)


FILTERS = tuple(_of_kind(_FILTER))
LOOKS = tuple(_of_kind(_LOOK))  # what a reader chooses in the viewer
DEFAULTS: dict[str, Any] = {name: one.default for name, one in TABLE.items() if one.default is not None}
# What each page has in its address. Links to a page are written from this too: one that lacked what the page then
# writes itself would leave a step in the browser's history at which nothing is chosen.
CARRIED = {page: tuple(name for name, one in TABLE.items() if page in one.pages) for page in _EVERYWHERE}
