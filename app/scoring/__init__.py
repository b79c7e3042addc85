"""A method's mask beside the truth: counts, curves, objects, outlines, kept and grouped."""
