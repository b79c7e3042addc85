"""Files of all events shown on the Inventory page, as one zip of folders: made one after the other, and stopped."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.detection import methods as naming
from app.errors import InputError
from app.files import size_words
from app.ui import cached, choices, chosen_patch, faults, keys, owned, state, words
from app.ui.keys import KEEP

if TYPE_CHECKING:
    from app.export.event_folders import NotTaken, TakenFolder
    from app.inventory import Event
    from app.inventory.browse import Listing
    from app.patches import PatchSpec
    from app.report import Account

_HERE = "taken.cached"
MOST = 30  # events, and what their patches may take together before compression
MOST_BYTES = 300_000_000
_MOST_REASONS = 10


@dataclass
class Taking:
    """Folders of events as they are being written: what was asked for, what is done, and where it lies."""

    asked: tuple[Any, ...]  # whether from the cache alone, methods, pairs, smallest area and slope, opening
    left: list[tuple[Event, PatchSpec]]
    total: int
    held: tempfile.TemporaryDirectory[str] = field(
        default_factory=lambda: tempfile.TemporaryDirectory(prefix="scarp-taken-", ignore_cleanup_errors=True)
    )
    done: list[TakenFolder] = field(default_factory=list)
    failed: list[NotTaken] = field(default_factory=list)
    told: list[Account] = field(default_factory=list)  # what the report says of each that is done
    running: bool = True

    @property
    def folder(self) -> Path:
        """Where the folders lie, until the session ends or something else is asked for."""
        return Path(self.held.name)

    @property
    def mark(self) -> str:
        """What names of files begin with where simulated scenes are among them."""
        return "SIMULATED_" if any(one.simulated for one in self.told) else ""


def panel(listing: Listing, shown: Sequence[int]) -> None:
    """Offer the files of all events shown, and make them where that was asked for."""
    first = [listing.events[at] for at in shown[:MOST]]
    title = f"Files of {words.counted(len(first), 'event')} shown · images, polygons, styles, STAC, report: one zip"
    with st.expander(title, icon=":material/folder_zip:", expanded=keys.TAKING in st.session_state):
        source = cached.source_info(st.session_state[choices.SOURCE])
        if source.event is not None or source.brought:
            st.caption(
                f"The source {words.plain(source.title)} has a place of its own: take its files on Detect. For the "
                "events of a list choose another source on Patches."
            )
            return
        with faults.shown_errors(stop=False):
            asked = _ask(first, len(shown))
            taking: Taking | None = st.session_state.get(keys.TAKING)
            if taking is not None:
                _go_on(taking)
                if taking.asked != asked:
                    st.caption("Made before the choices changed; press again for those of now.")
                _offer(taking)


def _ask(events: Sequence[Event], shown: int) -> tuple[Any, ...]:
    """Say what would be made of which events, and begin at a press; returns what is asked for now."""
    methods = _methods()
    specs, without = _specs(events)
    source = cached.source_info(st.session_state[choices.SOURCE])
    parts = [
        f"Pairs of the source {source.title}, as Patches is set, and what {', '.join(methods) or 'no method'} "
        "finds, as Detect is set.",
        f"The first {MOST} of {shown:,}: filter for others, or use python -m app export." if shown > MOST else "",
        *(f"Left out, {words.counted(count, 'event')}: {reason}" for reason, count in without.items()),
        cached.cost(*(spec for _, spec in specs)),
    ]  # fmt: skip
    st.caption(words.plain(" ".join(part for part in parts if part)))
    only_here = source.cacheable and st.checkbox(
        "Only pairs that are in the cache", key=_HERE, help="Nothing is fetched: the others are listed as not taken.",
        **KEEP,
    )  # fmt: skip
    asked = (only_here, tuple(methods), tuple(spec.key for _, spec in specs), *_limits())
    too_large = _refusal([spec for _, spec in specs])
    if too_large:
        st.caption(f":orange[{words.plain(too_large)}]")
    pressed = st.button(
        f"Make the files of {words.counted(len(specs), 'event')}", key="taken.make", icon=":material/folder_zip:",
        disabled=not specs or bool(too_large), help="What `python -m app export` and `report` write, in one zip.",
    )  # fmt: skip
    if pressed:
        st.session_state[keys.TAKING] = Taking(asked, list(specs), len(specs))
    return asked


def _methods() -> list[str]:
    """Return the methods that Detect is set to; what others detected is of one place alone."""
    owned.methods()
    chosen = st.session_state.get(choices.METHODS) or []
    return [one for one in chosen if naming.KINDS[naming.parse(one).kind].target != "file"]


def _limits() -> tuple[float, float, int]:
    """Return smallest area in square metres, smallest slope in degrees and opening in pixels that Detect is set to."""
    return st.session_state[choices.MIN_AREA], st.session_state[choices.MIN_SLOPE], st.session_state[choices.OPENING]


def _specs(events: Sequence[Event]) -> tuple[list[tuple[Event, PatchSpec]], dict[str, int]]:
    """Return the pair of each event as the Patches page is set, and why others have none: reason -> how many."""
    found, without = [], Counter[str]()
    for event in events:
        try:
            spec = chosen_patch.spec_of(event, event.t1, event.t2)
        except InputError as error:
            without[str(error)] += 1
            continue
        if spec is None:
            without["no usable dates."] += 1
        else:
            found.append((event, spec))
    return found, without


def _refusal(specs: Sequence[PatchSpec]) -> str:
    """Return why so much is not made at once, empty where it is."""
    total = sum(spec.nbytes for spec in specs)
    if total <= MOST_BYTES:
        return ""
    return (
        f"These patches take {size_words(total)}, more than {size_words(MOST_BYTES)} at once: show fewer events, "
        "choose a smaller buffer or fewer bands, or use python -m app export."
    )


def _go_on(taking: Taking) -> None:
    """Write the folders that are left under a bar; any press of the page breaks off, and what is done stays."""
    if not (taking.left and taking.running):
        return
    if st.button("Stop", key="taken.stop", icon=":material/stop_circle:", help="After the event under way."):
        taking.running = False
        st.rerun()
    bar = st.progress(0.0)
    while taking.left:
        event, spec = taking.left[0]
        over = taking.total - len(taking.left)
        bar.progress(over / taking.total, text=words.plain(f"{over:,} of {taking.total:,} done, now event {event.id}"))
        _one(taking, event, spec)
        taking.left.pop(0)
    taking.running = False
    st.rerun()


def _one(taking: Taking, event: Event, spec: PatchSpec) -> None:
    from app.export.event_folders import NotTaken

    only_here, methods, _, *limits = taking.asked
    if only_here and not cached.at_hand(spec):
        taking.failed.append(NotTaken(event.id, "Its pair is not in the cache: fetch it on Patches."))
        return
    try:
        taken, told = _written(taking.folder, event, spec, methods, *limits)
        taking.done.append(taken)
        taking.told.append(told)
    except Exception as error:  # one event's fault is not the others'
        taking.failed.append(NotTaken(event.id, faults.told(error, f"The folder of event {event.id}")[1]))


def _written(
    folder: Path, event: Event, spec: PatchSpec, methods: Sequence[str], *limits: Any
) -> tuple[TakenFolder, Account]:
    from app import patches, report
    from app.export import event_folder, event_folders, judged
    from app.ui import pictures
    from app.ui.detect import reporting

    patch = cached.patch(spec)
    marked = event_folders.marked_by(patch, methods, spec, "auto", *limits)
    inventory, (composition, stretch) = state.inventory(), pictures.shown(patch)
    said, hidden = reporting.entries(event, inventory)()
    view = event_folder.View(composition, stretch, judged.in_a_word(said))
    told = report.of_event(inventory, event, spec, patch, marked, composition, said, hidden)
    return event_folders.write(patch, marked, folder, patches.file_stem(spec, patch), view, event), told


def _offer(taking: Taking) -> None:
    """Say how far it is, and offer what is done."""
    if taking.left and not taking.running:
        st.caption(f"Stopped: {len(taking.left):,} of {words.counted(taking.total, 'event')} are left.")
        if st.button("Go on", key="taken.go_on", icon=":material/play_arrow:"):
            taking.running = True
            st.rerun()
    if taking.done:
        name = f"{taking.mark}{len(taking.done)}_events.zip"
        st.download_button(
            f"Take {words.counted(len(taking.done), 'event')} (zip)", lambda: _zipped(taking), name, type="primary",
            mime="application/zip", icon=":material/download:", key="taken.take", on_click="ignore",
        )  # fmt: skip
    for one in taking.failed[:_MOST_REASONS]:
        st.caption(f":orange[event {words.plain(one.event)}: {words.plain(one.reason)}]")
    if len(taking.failed) > _MOST_REASONS:
        st.caption(f"and {len(taking.failed) - _MOST_REASONS:,} more; the list in the zip names them all.")


def _zipped(taking: Taking) -> bytes:
    from app import report
    from app.export import archives, event_folders, stac

    done, failed = tuple(taking.done), tuple(taking.failed)
    page = f"{taking.mark}report.html"
    (taking.folder / page).write_bytes(report.page(tuple(taking.told), "Landslide report"))
    event_folders.finish(taking.folder, "scarp-events", done, failed)
    whole = {str(one.row["folder"]) for one in done} | {event_folders.LIST, stac.COLLECTION, page}
    return archives.of_folder(taking.folder, whole)
