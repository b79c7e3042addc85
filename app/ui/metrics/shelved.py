"""Events whose patches and detections the other pages have made already: scoring them runs nothing again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.detection import methods, run
from app.detection.methods import Method
from app.detection.run import Detection
from app.inventory import mapped
from app.inventory.mapped import Mapped
from app.patches import PatchSpec, Progress, no_progress
from app.scoring import corrections, evaluate, store
from app.scoring import known as facts
from app.scoring.corrections import Corrected
from app.scoring.evaluate import Case, Compared
from app.scoring.facts import Facts
from app.scoring.outlined import outlined_key
from app.ui import cached, method_list, outlined, state

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, eq=False)
class Shelved:
    """The patch of a spec, from the shelf all pages share, compared by detections from there."""

    spec: PatchSpec
    notes: tuple[str, ...] = ()
    outlines: Mapped | None = None  # the truth of the patch, where that is not its own
    correction: Corrected | None = None  # or what a reviewer corrected, which replaces either

    @property
    def patch(self) -> xr.Dataset:
        """The patch, opened now where no page has opened it yet."""
        held = cached.patch_quietly(self.spec)
        labelled = held if self.outlines is None else mapped.onto(held, self.outlines)
        return labelled if self.correction is None else corrections.onto(labelled, self.correction)

    @property
    def facts(self) -> Facts:
        """Area of the truth, days between the dates, cloud, and whether it is simulated."""
        return facts.of_patch(self.patch)

    def compare(self, method: str, device: str = "auto", progress: Progress = no_progress) -> Compared:
        """Return the method's mask beside the truth; a threshold other than the one run before needs no run."""
        progress(0.0, "Comparing")
        asked = methods.parse(method)
        held = cached.detect(self.spec, method_list.unthresholded(asked), device)
        if _outdated(held, asked):
            return evaluate.PatchWithTruth(self.patch).compare(method, device, progress)
        ran, level = method if held.ran == held.method else held.ran, method_list.threshold(asked, held)
        doubts = run.warnings_at(held, level)  # of what is marked at that threshold, and not at the one it was run with
        return evaluate.compared(self.patch, replace(held, method=method, ran=ran, threshold=level, warnings=doubts))


def _outdated(held: Detection, asked: Method) -> bool:
    """Whether another file than the method's present one gave a detection."""
    return bool(held.model_sha256) and not run.gave(asked, held.model_sha256)


def patch_of(case: Case) -> xr.Dataset:
    """Open a case and return its patch; only masks made elsewhere have none."""
    opened = case.open()
    assert isinstance(opened, Shelved | evaluate.PatchWithTruth)
    return opened.patch


def case(spec: PatchSpec, outlines: Mapped | None = None) -> Case:
    """Return a patch as a case to score, with what the session's inventory says of its event.

    ``outlines`` are its truth where it has none of its own.
    """
    known = facts.of_inventory(state.inventory()).get(spec.event_id, Facts())
    key = store.spec_key(spec)
    if outlines is not None:
        key = outlined_key(key, outlined.index().named(outlines.meeting, outlines.rule))
    return Case(spec.event_id, lambda: Shelved(spec, outlines=outlines), known, key)
