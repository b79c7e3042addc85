"""What is known of one event and its patch."""

import math
from dataclasses import dataclass, fields
from typing import Any

UNKNOWN = "not known"


@dataclass(frozen=True)
class Facts:
    """What is known of one event and its patch; empty or NaN where it is not."""

    category: str = ""  # as the inventory has it
    source: str = ""  # of the inventory's row
    area_m2: float = math.nan  # of the mapped landslides in the patch
    slope_deg: float = math.nan  # mean over them
    days: float = math.nan  # between the dates
    cloud_share: float = math.nan  # of the patch: cloud, shadow or nodata at one date or both, 0 to 1
    simulated: bool = False
    doubtful: str = ""  # why the truth is to be doubted, empty where it is not

    def known_from(self, other: "Facts") -> "Facts":
        """Return these facts, with what is not known here taken from ``other``."""

        def either(name: str) -> Any:
            mine = getattr(self, name)
            unknown = mine == "" or mine is False or (isinstance(mine, float) and math.isnan(mine))
            return getattr(other, name) if unknown else mine

        return Facts(**{field.name: either(field.name) for field in fields(self)})


NO_FACTS = Facts()
