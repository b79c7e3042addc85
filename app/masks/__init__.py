"""Masks as truth and prediction: read, matched with their events, drawn from outlines."""

from app.masks.reading import MASK_ENDINGS, Mask, read, to_grid, to_shape

__all__ = ["MASK_ENDINGS", "Mask", "read", "to_grid", "to_shape"]
