"""Detections that others made, laid beside a patch: masks, scores and outlines become a method like any other."""
