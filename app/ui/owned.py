"""What a reader at a page brought and nobody else sees: networks, beside those everybody has, and detections."""

from pathlib import Path

from app.detection.elsewhere import collections
from app.detection.network import registry
from app.ui import workspace


def networks() -> Path:
    """Make this run's networks those of the reader at the page; returns the folder of their own, there or not."""
    folder = workspace.current().folder / "networks"
    registry.belong_to(folder)
    return folder


def detections() -> Path:
    """Make this run's collections of detections those of the reader at the page; returns their folder, there or not."""
    folder = workspace.current().folder / "detections"
    collections.belong_to(folder)
    return folder


def methods() -> None:
    """Make all files that methods of this run read those of the reader at the page."""
    networks()
    detections()
