"""Numbers as JSON takes them: what it has no word for is null."""

import math


def plain(value: object) -> object:
    """Return the same structure with NaN and infinities, which JSON lacks, as None, and tuples as lists."""
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
