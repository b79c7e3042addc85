"""What whoever opens a page may ask of this machine."""

from app.visitors.permits import Deed, as_now, may, refusal, require, shared, tell_who_is_known

__all__ = ["Deed", "as_now", "may", "refusal", "require", "shared", "tell_who_is_known"]
