"""The networks of the reader at a page: those they brought, which nobody else sees, beside those everybody has."""

from pathlib import Path

from app.detection.network import registry
from app.ui import workspace


def networks() -> Path:
    """Make this run's networks those of the reader at the page; returns the folder of their own, there or not."""
    folder = workspace.current().folder / "networks"
    registry.belong_to(folder)
    return folder
