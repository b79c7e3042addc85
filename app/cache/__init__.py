"""Every patch once: opened from the cache, or from its source and then kept."""

from app.cache.composites import load
from app.cache.loading import cached, clear, entries, keep, load_scene, require_bearable, store, verify

__all__ = ["cached", "clear", "entries", "keep", "load", "load_scene", "require_bearable", "store", "verify"]
