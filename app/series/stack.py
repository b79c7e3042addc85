"""The scenes of one place as one dataset over time, as series read them."""

from app.cache.stacking import SCENE, nbytes, open_stack, require_bearable

__all__ = ["SCENE", "nbytes", "open_stack", "require_bearable"]
