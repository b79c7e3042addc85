"""A made-up catalogue in the shape of NASA's Global Landslide Catalog, as large as wanted, with hostile words."""

import csv
import io
import random
from datetime import date, timedelta

HEADER = [
    *("source_name", "source_link", "event_id", "event_date", "event_time", "location_description"),
    *("location_accuracy", "landslide_category", "landslide_trigger", "landslide_size", "landslide_setting"),
    *("fatality_count", "injury_count", "storm_name", "event_import_id", "country_name", "country_code"),
    *("admin_division_name", "admin_division_population", "gazeteer_closest_point", "gazeteer_distance"),
    *("submitted_date", "created_date", "last_edited_date", "longitude", "latitude"),
]
_BELTS = (
    (28, 85, 3, 9),
    (-10, -76, 9, 4),
    (45, -122, 5, 3),
    (14, 121, 5, 3),
    (43, 12, 2, 4),
    (36, 138, 3, 4),
    (7, 80, 1, 1),
)
_CATEGORIES = ("landslide", "mudslide", "rock_fall", "debris_flow", "complex", "creep", "lahar", "topple", "unknown")
_HOSTILE = (
    "<script>document.title='broken'</script>", "${document.title='broken'}", "`${document.title='broken'}`",
    "=cmd|' /C calc'!A0", "<img src=x onerror=\"document.title='broken'\">", "\u202eegdel", "**bold** [x](http://x)",
)  # fmt: skip
_FIRST, _DAYS = date(2007, 1, 1), 4380


def catalogue(rows: int = 11_000, seed: int = 3) -> bytes:
    """Return a CSV of ``rows`` landslides, clustered as mountains are, every hundredth with hostile words."""
    chance, out = random.Random(seed), io.StringIO()
    writer = csv.DictWriter(out, HEADER, restval="")
    writer.writeheader()
    for n in range(rows):
        writer.writerow(_row(n, chance))
    return out.getvalue().encode("utf-8")


def _row(n: int, chance: random.Random) -> dict[str, object]:
    latitude, longitude, high, wide = chance.choice(_BELTS)
    when = _FIRST + timedelta(days=chance.randrange(_DAYS))
    hostile = _HOSTILE[n // 100 % len(_HOSTILE)] if n % 100 == 99 else ""
    return {
        "source_name": hostile or f"Newspaper {chance.randrange(60)}",
        "event_id": 1000 + n,
        "event_date": f"{when.month}/{when.day}/{when.year} 0:00",
        "location_description": "A village below the slope",
        "location_accuracy": chance.choice(("exact", "1km", "5km", "10km", "unknown")),
        "landslide_category": hostile or chance.choice(_CATEGORIES),
        "country_name": "Somewhere",
        "longitude": round(chance.gauss(longitude, wide), 4),
        "latitude": round(chance.gauss(latitude, high), 4),
    }
