"""An inventory: landslides with dates and places, read from a file and browsed."""

from app.inventory.events import ATTRIBUTION, Event, EventWarning, Inventory, SkippedRow, json_id, source_title
from app.inventory.reading import BUILT_IN, builtin, read, read_file

__all__ = [
    "ATTRIBUTION",
    "BUILT_IN",
    "Event",
    "EventWarning",
    "Inventory",
    "SkippedRow",
    "builtin",
    "json_id",
    "read",
    "read_file",
    "source_title",
]
