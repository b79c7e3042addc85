"""Many dates of one place: its scenes laid on one grid, one after the other."""
