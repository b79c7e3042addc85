"""Names of what Scarp holds in a session beside the reader's choices, which `app.ui.choices` has."""

from typing import Final, Literal, TypedDict

# Held for the session only.
INVENTORY = "held.inventory"
NOTES = "held.notes"
LINK = "held.link"
LINKED = "held.linked"
LATE = "held.late_link"
UPLOAD = "held.upload"
REVIEWER = "held.reviewer"
REFUSAL = "held.refusal"
PENDING = "held.pending_file"
PIXEL = "held.pixel"
PROPOSAL = "held.proposal"
PROPOSING = "held.proposing"
PROPOSALS = "held.proposals"
MERGING = "held.merging"
MERGE_PAIRS = "held.merge_pairs"
MERGE_FAULT = "held.merge_fault"
PROPOSING_MANY = "held.proposing_many"
EDIT_FAULT = "held.edit_fault"
PREFETCH = "held.prefetch"
LISTING = "held.listing"
SHOWN = "held.shown"
COUNTED = "held.counted"
STRIP = "held.strip"
DRAWN = "held.drawn"
PICKED = "held.picked"  # in one viewer: its key follows
DREW = "held.drew"  # so too
NETWORK = "held.network"
WORKSPACE = "held.workspace"
KEPT = "held.kept"
DATES = "held.dates"
SPANS = "held.spans"  # event -> the spans it was left with
FAULTS = "held.faults"
PRESSED = "held.pressed_place"
AREA = "held.drawn_area"  # the box drawn on the map of the inventory last
DETECTED = "held.detected"
PAIR_WANTED = "held.pair_wanted"
PAIRS_OPENED = "held.pairs_opened"
FILMS = "held.films"
SOURCE_BEFORE = "held.source_before"
BATCH = "held.batch"
BATCH_BEGUN = "held.batch_begun"
BATCH_SEEN = "held.batch_seen"
BATCH_EVENT = "held.batch_event"
BATCH_OPENED = "held.batch_opened"
TAKING = "held.taking"  # folders of the events shown, as they are written
LEARN_TURN = "held.learn_turn"  # counts up where a scene is set anew, threshold and all
LEARN_AT = "held.learn_at"  # the lesson and step whose scene is set
LEARN_MARKED = "held.learn_marked"  # how often a knob changed which scene of the bench is marked, and that scene
LEARN_SAID = "held.learn_said"  # what was said of the last answer
LEARN_HINT = "held.learn_hint"
SPOKEN = "held.spoken"  # whether a page of this session spoke another language than English

PAGE = "held.page"  # the page of this run
MAPPED = "held.mapped"  # the list whose map is on the page

FOLLOWED_DAY = "held.followed_day"  # the dot a reader clicked

SKIPPED = "held.skipped"
AHEAD = "held.fetch_ahead"
AHEAD_OF = "held.fetched_ahead"
MIRROR = "held.mirror"  # the button that runs a network on the image mirrored
FOUND_PART = "held.found_part"  # which part of what was found is open on Detect
OUTLINING = "held.outlining"  # whether an outline is corrected
OUTLINES = "held.outlines"  # patch -> the outline being corrected on it

# Typed once and kept for the browser, as the reviewer's name is.
FOLDER = "score.folder"
MASKS = "score.pred"
TRUTHS = "score.truth"


class _Kept(TypedDict):
    persist_state: Literal["session"]


# What every widget with a key gets that a page may leave out for a while (another page, a patch not open yet): without
# it the browser forgets the choice, the server does not, and the next press sends the browser's empty one.
KEEP: Final[_Kept] = {"persist_state": "session"}
