"""What a report says of one event: facts, pictures, what methods found, what was judged, and where it is from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app import config, patches, truth
from app.bands import HEIGHT, TRUTH
from app.detection import methods
from app.detection import run as detection
from app.detection.marking import Marked
from app.inventory import Event, Inventory, source_title
from app.report import figures
from app.report.figures import Figure, Scale
from app.report.years import YearsDrawing
from app.review.standing import not_taken_back
from app.scoring import metrics
from app.sources import open_source
from app.terrain import correction, heights

if TYPE_CHECKING:
    import xarray as xr

    from app.patches import PatchSpec
    from app.review import Verdict

Facts = tuple[tuple[str, str], ...]  # what, and what it is; both are text, never markup


@dataclass(frozen=True)
class Finding:
    """What one method found on the patch, in words and in a picture."""

    title: str
    facts: Facts
    doubts: tuple[str, ...]
    figure: Figure


@dataclass(frozen=True)
class Account:
    """All that a report says of one event; ``missing`` says why there are no pictures, empty where there are."""

    event: Event
    facts: Facts
    doubts: tuple[str, ...]
    simulated: bool
    scale: Scale | None
    dates: tuple[Figure, ...]
    changes: tuple[Figure, ...]
    found: tuple[Finding, ...]
    terrain: tuple[Figure, ...]
    verdicts: "tuple[Verdict, ...] | None"  # None: they could not be read
    provenance: Facts
    missing: str = ""
    hidden: int = 0  # others' verdicts that whoever asked for the report does not see yet
    years: YearsDrawing | None = None  # where it was asked for


def of_event(
    inventory: Inventory,
    event: Event,
    spec: "PatchSpec",
    patch: "xr.Dataset",
    marked: Sequence[Marked],
    composition: str = "",
    entries: "Sequence[Verdict] | None" = (),
    hidden: int = 0,
) -> Account:
    """Return what there is to say of one event with its patch open.

    ``composition`` is what both dates show, true colour where it is empty; ``entries`` are those of the review
    database on the event, newest first, None where it cannot be read; ``hidden`` is how many more there are that a
    blind review does not show yet. Raises InputError or BandMissingError for a
    composition that cannot be shown.
    """
    return Account(
        event=event,
        facts=_facts(inventory, event),
        doubts=(*_doubts(inventory, event), *patches.warnings(patch)),
        simulated=patches.is_simulated(patch),
        scale=figures.scale_of(patches.grid_of(patch)),
        dates=figures.both_dates(patch, composition),
        changes=figures.changes(patch),
        found=tuple(_finding(patch, one, composition) for one in marked),
        terrain=figures.terrain(patch) if HEIGHT in patch else (),
        verdicts=_counting(entries),
        provenance=_provenance(inventory, spec, patch),
        hidden=hidden,
    )


def without_patch(inventory: Inventory, event: Event, why: str, entries: "Sequence[Verdict] | None" = ()) -> Account:
    """Return what there is to say of an event whose patch could not be opened."""
    return Account(
        event, _facts(inventory, event), _doubts(inventory, event), False, None, (), (), (), (),
        _counting(entries), (("Inventory", inventory.name), ("Written by", config.software())), why,
    )  # fmt: skip


def _counting(entries: "Sequence[Verdict] | None") -> "tuple[Verdict, ...] | None":
    return None if entries is None else tuple(not_taken_back(entries))


def _facts(inventory: Inventory, event: Event) -> Facts:
    known = (
        ("Date", event.when),
        ("Position", f"{event.latitude:.5f}, {event.longitude:.5f}"),
        ("Category", event.category),
        ("Accuracy", event.accuracy),
        ("Source of the event", source_title(event.source)),
        *inventory.along.of(event),
    )
    return tuple((name, text) for name, text in known if text)


def _doubts(inventory: Inventory, event: Event) -> tuple[str, ...]:
    return tuple(one.message for one in inventory.warnings_for(event.id))


def _finding(patch: "xr.Dataset", one: Marked, composition: str) -> Finding:
    found = one.detection
    doubts = (found.fallback, found.note, *detection.warnings_at(found, one.threshold))
    return Finding(
        methods.parse(found.method).title,
        (*_ran(one), *_extent(patch, one), *_rates(patch, one)),
        tuple(dict.fromkeys(doubt for doubt in doubts if doubt)),
        figures.detected(patch, one.mask, composition),
    )


def _ran(one: Marked) -> Facts:
    found = one.detection
    least = f"; only where the hillside has {found.min_slope_deg:g} degrees or more" if found.min_slope_deg else ""
    smallest = f"{one.min_area_m2:,.0f} m²" if one.min_area_m2 else ""
    known = (
        ("Method", found.method),
        ("What ran", found.ran if found.ran != found.method else ""),
        ("Threshold", f"{one.threshold:.4g} {found.unit}{least}"),
        ("Smallest area", smallest),
        ("Opened by", f"{one.opening_px} pixels" if one.opening_px else ""),
        ("Ran on", f"{found.device.upper()} ({found.provider}) in {found.seconds:.2f} s"),
        ("SHA-256 of its file", found.model_sha256),
    )
    return tuple((name, text) for name, text in known if text)


def _extent(patch: "xr.Dataset", one: Marked) -> Facts:
    found, changed = one.detection, one.mask
    grid, clear = patches.grid_of(patch), int(found.clear.sum())
    pixels = int(changed.sum())
    share = (
        f", {pixels / clear:.2%} of those clear {found.clear_at}" if clear else f"; no pixel is clear {found.clear_at}"
    )
    area = f"{grid.area_m2(changed) / 1e4:,.2f} ha in " if grid.placed else ""
    return (("Changed", f"{area}{pixels:,} pixels{share}"),)


def _rates(patch: "xr.Dataset", one: Marked) -> Facts:
    """Return how what was found compares with the truth that the patch holds, over clear pixels of known truth."""
    if TRUTH not in patch:
        return ()
    landslide, known = truth.read(patch)
    counts = metrics.confusion(one.mask, landslide, one.detection.clear & known)
    rates = (("precision", counts.precision), ("recall", counts.recall), ("F1", counts.f1), ("IoU", counts.iou))
    said = ", ".join(f"{name} {'-' if rate != rate else f'{rate:.3f}'}" for name, rate in rates)
    return (("Against the truth", f"{said}; whole patch, {counts.n:,} clear pixels of known truth"),)


def _provenance(inventory: Inventory, spec: "PatchSpec", patch: "xr.Dataset") -> Facts:
    grid, told = patches.grid_of(patch), patch.attrs
    clear = patches.share_words(patch)
    height, width = grid.shape
    source = open_source(spec.source).describe()
    of_its_own = source.brought or source.event is not None  # a place that stands in no inventory
    known = (
        ("Inventory", "" if of_its_own else inventory.name),
        ("Patch", str(told.get("title", ""))),
        ("Source of the scenes", spec.source),
        ("Scenes at T1", str(told.get("t1_scenes", ""))),
        ("Scenes at T2", str(told.get("t2_scenes", ""))),
        ("Processing baseline", str(told.get("processing_baseline", ""))),
        ("T1", f"{spec.when[0]}: {clear[0]}"),
        ("T2", f"{spec.when[1]}: {clear[1]}"),
        ("Bands", ", ".join(patches.band_names(patch))),
        ("Grid", f"{width} x {height} pixels, {grid.crs}"),
        ("Heights", heights.about(patch)),
        ("Light", correction.said(patch)),
        ("Attribution", str(told.get("attribution", ""))),
        ("Written by", config.software()),
    )
    return tuple((name, text) for name, text in known if text)
