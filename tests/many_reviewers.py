"""Ten people who keep their verdicts at the same moment, each in a process of their own."""

import multiprocessing
from collections.abc import Sequence

from app.review import Reviews, Verdict

PEOPLE, EACH = 10, 3


def verdict(**changes: object) -> Verdict:
    """Return a verdict as a page makes it, with what a test wants otherwise."""
    fields = {
        "reviewer": "A. Expert", "inventory": "built in", "event": "171", "verdict": "landslide",
        "note": "clear track", "source": "demo", "t1": "2022-09-17", "t2": "2023-02-24", "simulated": True,
        "latitude": 35.86, "longitude": -121.43, "event_date": "2022-12-30", "inventory_id": "0123456789abcdef",
    }  # fmt: skip
    return Verdict(**{**fields, **changes})


def keep_at_once(databases: Sequence[str]) -> list[str]:
    """Let everybody open each database at the same moment and keep EACH verdicts; returns what failed."""
    context = multiprocessing.get_context("spawn")
    barrier, said = context.Barrier(PEOPLE), context.Queue()
    people = [
        context.Process(target=_keep, args=(n, tuple(databases), barrier, said), daemon=True) for n in range(PEOPLE)
    ]
    for person in people:
        person.start()
    faults = [fault for _ in people for fault in said.get(timeout=240)]
    for person in people:
        person.join()
    return faults


def _keep(number: int, databases: tuple[str, ...], barrier, said) -> None:
    faults = []
    for database in databases:
        barrier.wait()
        try:
            reviews = Reviews(database)
            for n in range(EACH):
                reviews.add(verdict(reviewer=f"person {number}", note=str(n)))
        except Exception as error:
            faults.append(f"{type(error).__name__}: {error}")
    said.put(faults)
