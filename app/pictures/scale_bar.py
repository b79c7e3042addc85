"""How long the bar of a scale is, and what stands at it."""

import math


def round_length(most_m: float) -> float:
    """Return the longest of 1, 2 and 5 times a power of ten that is no longer than ``most_m``, which is above 0."""
    power = 10 ** math.floor(math.log10(most_m))
    return max(step * power for step in (1, 2, 5) if step * power <= most_m)


def length_words(metres: float) -> str:
    """Return a length as it stands at a scale bar."""
    return f"{metres:,.0f} m" if metres < 1000 else f"{metres / 1000:g} km"
