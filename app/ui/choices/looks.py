"""How a link and the browser say what a reader looks at in the viewer: texts, checked as they are read."""

import re
from math import isfinite

# names in a link, and titles
MODES = {"side": "Side by side", "swipe": "Swipe", "blink": "Blink", "opacity": "Opacity", "grid": "Grid"}
STYLES = {"fill": "Filled", "hatch": "Hatched", "edge": "Outlined"}
SUNS = {"map": "as on printed maps", "t1": "the sun at T1", "t2": "the sun at T2", "own": "of your own"}
CELLS = 4
PACES = (0.3, 3.0)  # seconds a picture of a blinking pair may stay: shorter would flash too often for some readers
MOST_LAYERS, MOST_ZOOM = 60, 4096.0
_ID = re.compile(r"[A-Za-z0-9_.-]{1,60}")

View = tuple[float, float, float]  # zoom over the whole patch, then latitude and longitude (or y and x) of the middle


def picture(text: str) -> str:
    """Return the name of a picture or layer as a link writes it; raises ValueError."""
    if not _ID.fullmatch(text):
        raise ValueError("a picture's name is letters, digits, dots and dashes")
    return text


def cells(text: str) -> tuple[str, ...]:
    """Return the pictures of the four cells of a grid, row by row; raises ValueError."""
    names = tuple(picture(part) for part in text.split(","))
    if len(names) != CELLS:
        raise ValueError(f"a grid has {CELLS} pictures")
    return names


def layers(text: str) -> dict[str, int]:
    """Return the opacity in per cent, 0 for off, of each layer a reader changed; raises ValueError."""
    parts = [part for part in text.split(",") if part]
    if len(parts) > MOST_LAYERS:
        raise ValueError(f"it names more than {MOST_LAYERS} layers")
    found = {}
    for part in parts:
        name, _, opacity = part.partition(":")
        if not re.fullmatch(r"\d{1,3}", opacity, re.ASCII) or int(opacity) > 100:
            raise ValueError("each layer is written as its name, a colon and 0 to 100")
        found[picture(name)] = int(opacity)
    return found


def show_layers(changed: dict[str, int]) -> str:
    """Return the text ``layers`` reads."""
    return ",".join(f"{name}:{opacity}" for name, opacity in changed.items())


def view(text: str) -> View | None:
    """Return where a reader looks, None for the whole patch; raises ValueError."""
    if not text:
        return None
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) != 3 or not all(map(isfinite, numbers)) or not 1 <= numbers[0] <= MOST_ZOOM:
        raise ValueError("it has to be the zoom, from 1, and two coordinates")
    if max(map(abs, numbers)) > 2e7:
        raise ValueError("no place on earth has such coordinates")
    return numbers


def show_view(place: View | None) -> str:
    """Return the text ``view`` reads, as the browser writes it too."""
    return ",".join(f"{number:.10g}" for number in place) if place else ""


def share(text: str) -> int:
    """Return a share in whole per cent, 0 to 100; raises ValueError."""
    if not re.fullmatch(r"\d{1,3}", text, re.ASCII) or int(text) > 100:
        raise ValueError("it has to be a whole number from 0 to 100")
    return int(text)


def pace(text: str) -> float:
    """Return how long each picture of a blinking pair stays, seconds to the tenth; raises ValueError."""
    low, high = PACES
    if not re.fullmatch(r"\d(\.\d{1,3})?", text, re.ASCII) or not low <= float(text) <= high:
        raise ValueError(f"it has to be seconds from {low} to {high}")
    return round(float(text), 1)


def show_pace(seconds: float) -> str:
    """Return the text ``pace`` reads, as the browser writes it too."""
    return f"{seconds:g}"
