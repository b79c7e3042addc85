"""Lessons: a bench on which everything that fools a detector is a knob, guided steps, a quiz, and their words."""
