"""What a network's answers show: which kind they are, and whether the contract is right about them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.detection.network.contract import LARGEST_CLASS, Contract
from app.errors import NetworkRunError

SLACK = 0.01  # beyond 0 to 1 or -1 to 1 that rounding may lead


@dataclass(frozen=True)
class AnswersSeen:
    """What was seen of answers, NaN left out; ``lowest`` and ``highest`` are NaN where there was nothing else."""

    lowest: float = math.nan
    highest: float = math.nan
    missing: int = 0  # values that are not a number
    whole: bool = True  # whether all are whole numbers
    two_values: bool = True  # whether none lies between the lowest and the highest

    def with_more(self, other: "AnswersSeen") -> "AnswersSeen":
        """Return what was seen in both."""
        edges = [edge for edge in (self.lowest, self.highest, other.lowest, other.highest) if not math.isnan(edge)]
        found = {edge for edge in edges if edge not in (min(edges), max(edges))}
        return AnswersSeen(
            min(edges, default=math.nan),
            max(edges, default=math.nan),
            self.missing + other.missing,
            self.whole and other.whole,
            self.two_values and other.two_values and not found,
        )

    @staticmethod
    def from_values(values: Mapping[str, Any]) -> "AnswersSeen":
        """Return it from its fields after a way through JSON; raises NetworkRunError where they are none."""
        try:
            lowest, highest = float(values["lowest"]), float(values["highest"])
            return AnswersSeen(
                lowest, highest, int(values["missing"]), bool(values["whole"]), bool(values["two_values"])
            )
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise NetworkRunError("its process answered with no such figures and was stopped.") from error


def seen(answer: np.ndarray) -> AnswersSeen:
    """Return what an answer, float32 of any shape, looks like."""
    missing = int(np.count_nonzero(np.isnan(answer)))
    told = answer[~np.isnan(answer)] if missing else answer
    if not told.size:
        return AnswersSeen(missing=missing)
    low, high = told.min(), told.max()
    whole = bool(np.isfinite([low, high]).all() and (told == np.rint(told)).all())
    return AnswersSeen(float(low), float(high), missing, whole, bool(((told == low) | (told == high)).all()))


def guessed(found: AnswersSeen, made_by: str, whole_type: bool, rebuilds: bool) -> tuple[str, float, int]:
    """Return output kind, threshold and changed class that answers to noise suggest.

    ``made_by`` is the operator they come from, ``whole_type`` whether they are no fractions by their type, ``rebuilds``
    whether they have as many channels as a date has bands.
    """
    if made_by == "Tanh" or (rebuilds and not _decided(found, whole_type)):
        return "reconstruction", 0.35, 1
    if made_by in ("Softmax", "Sigmoid"):
        return "probability", 0.5, 1
    if _decided(found, whole_type):
        other = found.two_values and 1 < found.highest <= LARGEST_CLASS
        return "decided", 0.5, int(found.highest) if other else 1
    if found.lowest >= 0 and found.highest <= 1:
        return "probability", 0.5, 1
    return "logits", 0.5, 1


def doubts(found: AnswersSeen, contract: Contract) -> tuple[str, ...]:
    """Return how answers to a patch contradict what the contract says of them, a sentence each."""
    if math.isnan(found.lowest):
        return ()
    low, high = f"{found.lowest + 0.0:.4g}", f"{found.highest + 0.0:.4g}"  # never -0
    if found.lowest == found.highest:
        if contract.output == "decided" and found.highest != contract.changed:  # nothing found is an answer
            return ()
        return (f"The network answers {low} everywhere on this patch: that tells no pixel from another.",)
    kind = _DOUBTS[contract.output](found, contract)
    return (f"The network's answers, {low} to {high}, {kind}",) if kind else ()


def _decided(found: AnswersSeen, whole_type: bool) -> bool:
    two_levels = found.lowest == 0 and found.two_values and 0 < found.highest <= LARGEST_CLASS
    return found.whole and (two_levels or (whole_type and not found.lowest < 0))


def _of_logits(found: AnswersSeen, contract: Contract) -> str:
    if found.lowest < 0 or found.highest > 1:
        return ""
    if found.whole:
        return 'are decisions, but the contract says logits: write "output": "decided".'
    return 'look like probabilities, but the contract says logits: write "output": "probability", if they are.'


def _of_probability(found: AnswersSeen, contract: Contract) -> str:
    if found.lowest >= -SLACK and found.highest <= 1 + SLACK:
        return ""
    return 'are no probabilities and were cut to 0 to 1, though the contract says so: write "output": "logits".'


def _of_decided(found: AnswersSeen, contract: Contract) -> str:
    if not found.whole:
        return 'are no class numbers, though the contract says decided: write "output": "probability" or "logits".'
    if found.two_values and contract.changed not in (found.lowest, found.highest):
        return f'do not hold {contract.changed}, the number of the changed class: correct "changed".'
    return ""


def _of_reconstruction(found: AnswersSeen, contract: Contract) -> str:
    if found.lowest >= -1 - SLACK and found.highest <= 1 + SLACK:
        return ""
    return "leave -1 to 1, where a reconstruction lies: scores may be too high."


_DOUBTS = {
    "logits": _of_logits,
    "probability": _of_probability,
    "decided": _of_decided,
    "reconstruction": _of_reconstruction,
}
