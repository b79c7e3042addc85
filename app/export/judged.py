"""What reviewers said of an event, in the word that files carry."""

from collections.abc import Iterable

from app.review import Verdict, decided, standing

EVENT = "event"  # the kind of a verdict on the event itself


def in_a_word(entries: Iterable[Verdict]) -> str:
    """Return the verdict that counts of an event's entries: what was decided at last, else all that reviewers say.

    ``confirmed``, or ``confirmed, uncertain`` where they are apart; empty where nobody judged.
    """
    every = tuple(entries)
    last = [one for item, one in decided(every).items() if item[2] == EVENT]
    said = last or [one for (item, _), one in standing(every).items() if item[2] == EVENT]
    return ", ".join(sorted({one.verdict for one in said}))
