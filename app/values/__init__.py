"""What stored numbers mean: units, offsets, and whether what came out can be believed."""
