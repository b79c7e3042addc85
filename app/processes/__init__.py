"""Processes beside Scarp's own: asked, watched and killed in time, kept a while, or run once to their end."""
