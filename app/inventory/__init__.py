"""An inventory: landslides with dates and places, read from a file and browsed."""

from app.inventory.events import ATTRIBUTION, Event, EventWarning, Inventory, json_id, source_title
from app.inventory.given import Given
from app.inventory.kinds import LayerNeededError
from app.inventory.reading import builtin, load, read, read_file

__all__ = [
    "ATTRIBUTION",
    "Event",
    "EventWarning",
    "Given",
    "Inventory",
    "LayerNeededError",
    "builtin",
    "json_id",
    "load",
    "read",
    "read_file",
    "source_title",
]
