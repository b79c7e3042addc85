"""Run any method on a patch: one call, one result that says what ran, where and how long."""

import math
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from app import config, patches
from app.detection import methods, strips
from app.detection.elsewhere import collections
from app.detection.methods import DEVICES, Method, Scored
from app.detection.network import registry
from app.errors import InputError, NetworkError
from app.patches import Progress, no_progress
from app.terrain import correction

if TYPE_CHECKING:
    import xarray as xr

BLOCK_ROWS = 1024
MUCH, NEARLY_ALL = 0.5, 0.9  # shares of the clear pixels, above which a change is hardly one of the ground
FEW = 100  # clear pixels, below which a share says little
FALLBACK = "band-difference:B04:0.05"  # what runs where a network cannot


@dataclass(frozen=True, eq=False)
class Detection:
    """The result of one method on one patch; its threshold can be moved without running it again.

    ``score`` is float32 (y, x) in ``unit``, larger where change is likelier, NaN where nodata or
    undefined. ``clear`` is bool (y, x): clear at the ``dates`` the method reads, which are both or T2 alone, measured
    in every band read, and with a score: where a method has no answer nothing is known, so it is not "no change".
    ``warnings`` says how many pixels that are.
    """

    method: str  # as asked for, in canonical form
    ran: str  # what really ran
    score: np.ndarray
    clear: np.ndarray
    threshold: float
    unit: str
    device: str
    provider: str
    fallback: str  # why something else ran, or ran elsewhere; empty where all went as asked
    seconds: float
    model_sha256: str = ""  # of the file it came from: a network, or what others detected
    note: str = ""  # what a reader should know of how it ran
    warnings: tuple[str, ...] = ()  # what a reader should doubt of it, a sentence each
    min_slope_deg: float = 0.0  # gentler hillsides are left out of the mask (see ``app.detection.steep``)
    steep: np.ndarray | None = None  # bool (y, x): where they are as steep; None where nothing is left out
    dates: tuple[int, ...] = (0, 1)  # positions of the dates it reads

    @property
    def clear_at(self) -> str:
        """Where a pixel has to be clear, in words: ``at both dates`` or ``at T2``."""
        return "at both dates" if self.dates == (0, 1) else "at T2"


def detect(
    patch: "xr.Dataset", method: str | Method, device: str = "auto", progress: Progress = no_progress
) -> Detection:
    """Run ``method`` on ``patch`` and return its scores with the threshold it starts at.

    A network that fails is replaced by the band difference B04, and the result says so. Raises
    MethodError, BandMissingError, InputError for an unknown device, or Cancelled from
    ``progress``.
    """
    if device not in DEVICES:
        raise InputError(f"There is no device {device!r}. Choose from {', '.join(DEVICES)}.")
    asked = methods.parse(method) if isinstance(method, str) else method
    started = time.perf_counter()
    ran, scored, fallback = _run(patch, asked, device, progress)
    clear, unanswered = _clear(patch, scored)
    found = Detection(
        method=str(asked),
        ran=str(ran),
        score=scored.score,
        clear=clear,
        threshold=_threshold(ran, scored, clear),
        unit=scored.unit,
        device=scored.device,
        provider=scored.provider,
        fallback=fallback or scored.fallback,
        seconds=time.perf_counter() - started,
        model_sha256=scored.model_sha256,
        note=scored.note,
        warnings=(*scored.warnings, *_unanswered(ran, unanswered, int(np.count_nonzero(clear)))),
        dates=scored.dates,
    )
    return replace(found, warnings=(*found.warnings, *extent(found, found.threshold)))


def file_state(method: Method) -> str:
    """Return what changes whenever the files of a method do, and says whose they are; empty for one without files."""
    if methods.KINDS[method.kind].target == "file":
        return collections.state(method.target)
    return registry.file_state(method)


def gave(method: Method, sha256: str) -> bool:
    """Whether the files of a method, as this reader has them, are those of that SHA-256."""
    if methods.KINDS[method.kind].target == "file":
        return collections.sha256(method.target) == sha256
    return registry.gave(method.target, sha256)


def mask(detection: Detection, threshold: float | None = None) -> np.ndarray:
    """Return bool (y, x): score at or above ``threshold`` (the detection's own by default), on clear, steep pixels.

    The threshold is rounded to the score's own precision, as where curves are counted.
    """
    level = float(detection.threshold if threshold is None else threshold)  # numpy's own would not be rounded
    marked = (detection.score >= level) & detection.clear  # NaN is never at or above anything
    return marked if detection.steep is None else marked & detection.steep


def warnings_at(detection: Detection, threshold: float | None = None) -> tuple[str, ...]:
    """Return what a reader should doubt of a detection whose threshold was moved."""
    if threshold is None or threshold == detection.threshold:
        return detection.warnings
    own = extent(detection, detection.threshold)
    return (*(one for one in detection.warnings if one not in own), *extent(detection, threshold))


def labels(
    patch: "xr.Dataset",
    detection: Detection,
    threshold: float | None = None,
    min_area_m2: float = 0,
    opening_px: int = 0,
) -> dict[str, str]:
    """Return what every export of a detection has to say of itself, as text.

    ``min_area_m2`` and ``opening_px`` are what its mask was cleaned with.
    """
    level = detection.threshold if threshold is None else threshold
    simulated = patches.is_simulated(patch)
    t1, t2 = ("unknown" if day == "NaT" else day for day in patches.when(patch))
    said = {
        "title": f"{'SIMULATED ' if simulated else ''}change between {t1} and {t2}",
        "method": detection.method,
        "ran": detection.ran,
        "threshold": f"{level:.7g}",
        "unit": detection.unit,
        "min_slope_deg": f"{detection.min_slope_deg:g}" if detection.min_slope_deg else "",
        "min_area_m2": f"{min_area_m2:.10g}" if min_area_m2 else "",
        "opening_px": str(opening_px) if opening_px else "",
        "t1": t1,
        "t2": t2,
        "composite": str(patch.attrs.get("composite", "")),
        "source": str(patch.attrs.get("source", "unknown")),
        "event_id": str(patch.attrs.get("event_id", "")),
        **patches.origin(patch),
        "simulated": "true" if simulated else "false",
        "device": detection.device,
        "provider": detection.provider,
        "fallback": detection.fallback,
        "model_sha256": detection.model_sha256,
        "note": detection.note,
        "light": correction.said(patch),
        "software": config.software(),
        "warnings": " ".join((*patches.warnings(patch), *warnings_at(detection, threshold))),
    }
    return {name: text for name, text in said.items() if text}


def otsu(score: np.ndarray, clear: np.ndarray) -> float:
    """Return Otsu's threshold of the clear scores; NaN, which marks nothing, where there are none.

    Where all scores are equal nothing stands out, so the threshold lies just above them.
    Source: Otsu (1979), doi:10.1109/TSMC.1979.4310076.
    """
    values = score[clear & np.isfinite(score)]
    if values.size == 0:
        return math.nan
    if values.min() == values.max():
        return float(np.nextafter(values.max(), np.float32(np.inf)))
    from skimage.filters import threshold_otsu

    return float(threshold_otsu(values))


def _clear(patch: "xr.Dataset", scored: Scored) -> tuple[np.ndarray, int]:
    """Return bool (y, x), True where measured, clear at the dates read and scored, and how many lack the score alone.

    In blocks of rows, for large scenes.
    """
    clear, unanswered = np.empty_like(scored.measured), 0
    for start in range(0, len(clear), BLOCK_ROWS):
        rows = slice(start, start + BLOCK_ROWS)
        seen = patches.clear_mask(patch.isel(y=rows), scored.dates) & scored.measured[rows]
        clear[rows] = seen & ~np.isnan(scored.score[rows])
        unanswered += int(np.count_nonzero(seen)) - int(np.count_nonzero(clear[rows]))
    return clear, unanswered


def _unanswered(ran: Method, unanswered: int, clear: int) -> tuple[str, ...]:
    """Return a warning where a method had no answer for pixels that are measured and free of cloud."""
    if not unanswered:
        return ()
    return (
        f"{ran} gave no number for {unanswered:,} of {unanswered + clear:,} measured, cloudless pixels; they count as "
        "not clear, neither changed nor unchanged.",
    )


def extent(detection: Detection, threshold: float) -> tuple[str, ...]:
    """Return a warning where nothing could be judged, or more changed than landslides do.

    Of a detection held to steep ground that is the share of the ground as steep: gentler ground could not be marked.
    """
    if not detection.clear.any():
        said = f"No pixel is clear {detection.clear_at}: nothing could be judged, which is not the same as no change."
        return (said,)
    judged = detection.clear if detection.steep is None else detection.clear & detection.steep
    number, which = int(np.count_nonzero(judged)), "clear" if detection.steep is None else "clear, steep"
    share = np.count_nonzero(mask(detection, threshold)) / max(number, 1)
    if share <= MUCH or number < FEW:
        return ()
    if share <= NEARLY_ALL:
        return (
            f"{share:.0%} of the {which} pixels changed, far more than landslides do: the threshold may be too low, or "
            "season, snow, haze or another processing lies between the dates.",
        )
    return (
        f"Nearly everything changed ({share:.0%} of the {which} pixels): the dates differ in their units, an offset, "
        "haze or season, and not only on the ground. Do not trust this mask.",
    )


def _run(patch: "xr.Dataset", asked: Method, device: str, progress: Progress) -> tuple[Method, Scored, str]:
    try:
        scored = _scored(patch, asked, device, progress)
    except NetworkError as error:
        instead = methods.parse(FALLBACK)
        scored = _scored(patch, instead, device, progress)
        return instead, scored, f"{instead} ran instead of {asked}: {error}"
    if device == "gpu" and scored.device == "cpu" and not scored.fallback:
        return asked, scored, f"{asked.kind} runs on the CPU only."
    return asked, scored, ""


def _scored(patch: "xr.Dataset", method: Method, device: str, progress: Progress) -> Scored:
    runner = strips if strips.wanted(patch, method) else methods.runner(method)
    return runner.score(patch, method, device, progress)


def _threshold(ran: Method, scored: Scored, clear: np.ndarray) -> float:
    if ran.otsu:
        return otsu(scored.score, clear)
    return scored.threshold if ran.threshold is None else ran.threshold
