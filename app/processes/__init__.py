"""Processes beside Scarp's own: ``parent`` asks, watches and kills, ``idle`` keeps them, ``child`` is their side."""
