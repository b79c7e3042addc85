"""What whoever opens a page may ask of this machine."""

from app.visitors.permits import Deed, may, refusal, require, shared, tell_who_is_known

__all__ = ["Deed", "may", "refusal", "require", "shared", "tell_who_is_known"]
