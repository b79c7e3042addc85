"""Names of everything Scarp keeps in a session; the choices among them are also a link's parameters."""

# Choices: what a person picked; they survive page changes and stand in the address.
EVENT = "event"
SOURCE = "source"
T1 = "t1"
T2 = "t2"
BUFFER = "buffer"
RESOLUTION = "resolution"
BANDS = "bands"
CATALOGUE = "catalogue"
COMPOSITION = "composition"
STRETCH = "stretch"
CHANGE = "change"
MODE = "mode"
LEFT = "left"
RIGHT = "right"
CELLS = "cells"
STYLE = "style"
LAYERS = "layers"
VIEW = "view"
SWIPE = "swipe"
BLEND = "blend"
PACE = "pace"
METHODS = "method"
MIN_AREA = "min_area"
OPENING = "opening"
REGION = "region"
DATA = "data"
SCORED = "scored"
COUNT = "count"
DOUBT = "doubt"
PART = "part"
CELL = "cell"
BY = "by"

FIND = "find"
CATEGORY = "category"
ORIGIN = "origin"
YEARS = "years"
WARNINGS = "warnings"
PLACE = "at"
OPEN_METHOD = "open"
FILTERS = (FIND, CATEGORY, ORIGIN, YEARS, WARNINGS)

# What each page has in its address. Links to a page are written from this too: one that lacked what the page then
# writes itself would leave a step in the browser's history at which nothing is chosen.
PATCH = (EVENT, SOURCE, T1, T2, BUFFER, RESOLUTION, BANDS, CATALOGUE)
PICTURE = (COMPOSITION, STRETCH, CHANGE, MODE, LEFT, RIGHT, CELLS, STYLE, LAYERS, VIEW, SWIPE, BLEND, PACE)
CARRIED = {
    "streamlit_app.py": (EVENT, *FILTERS),
    "pages/inventory.py": (EVENT, *FILTERS),
    "pages/patches.py": (*PATCH, COMPOSITION, STRETCH, *FILTERS),
    "pages/compare.py": (*PATCH, *PICTURE, *FILTERS),
    "pages/detect.py": (*PATCH, METHODS, OPEN_METHOD, MIN_AREA, OPENING, *PICTURE, *FILTERS),
    "pages/metrics.py": (*PATCH, DATA, COUNT, SCORED, REGION, DOUBT, PART, CELL, BY, *PICTURE, *FILTERS),
    "pages/review.py": (*PATCH, *PICTURE, *FILTERS),
}

# Held for the session only.
INVENTORY = "held.inventory"
NOTES = "held.notes"
LINK = "held.link"
LINKED = "held.linked"
LATE = "held.late_link"
UPLOAD = "held.upload"
REVIEWER = "held.reviewer"
REFUSAL = "held.refusal"
PIXEL = "held.pixel"
PROPOSAL = "held.proposal"
PREFETCH = "held.prefetch"
LISTING = "held.listing"
SHOWN = "held.shown"
STRIP = "held.strip"
DRAWN = "held.drawn"
NETWORK = "held.network"
WORKSPACE = "held.workspace"
KEPT = "held.kept"
DATES = "held.dates"
FAULTS = "held.faults"

# What every widget with a key gets that a page may leave out for a while (another page, a patch not open yet): without
# it the browser forgets the choice, the server does not, and the next press sends the browser's empty one.
KEEP = {"persist_state": "session"}
