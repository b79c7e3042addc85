"""The shape of the ground under a patch: heights, and what follows from them."""
