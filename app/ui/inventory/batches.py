"""Batches on the Inventory page: begun for the events shown, in a process of its own each, followed by their folder."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import streamlit as st

from app import config
from app.detection import methods as naming
from app.detection.network import registry
from app.errors import InputError, ScarpError
from app.files import at_home, file_word
from app.inventory.browse import Listing
from app.sources import SOURCES
from app.ui import cached, choices, faults, keys, owned, widgets, words
from app.ui.faults import guarded
from app.ui.inventory import batch_results
from app.ui.keys import KEEP
from app.visitors import Deed

if TYPE_CHECKING:
    from app.batch.following import Standing
    from app.batch.outputs import Outputs
    from app.batch.rows import EventRow

_SOURCE, _METHODS, _WORKERS = "batch.source", "batch.methods", "batch.workers"
_FOLDER, _PATH = "batch.folder", "batch.path"
_PLAIN = ("band-difference:B04:0.05", "index-drop:NDVI:0.2", "cva:0.1")
_USUAL = ["band-difference:B04:0.05", "onnx:bit"]
_OUTCOMES = "held.batch_outcomes"
_LOOK_S = 2.0
_GRACE_S = 30.0  # how long a batch that was just begun may take until it says so
_MOST_PROCESSES = 64


@dataclass(frozen=True)
class FollowedBatch:
    """The batch that is followed: how it stands, or why that cannot be said."""

    place: Outputs | None
    standing: Standing | None
    fault: ScarpError | None


def followed() -> FollowedBatch | None:
    """Return how the batch that is followed stands; its folder is read here, once a run of the page."""
    from app.batch import following

    path = st.session_state.get(keys.BATCH)
    if not path or not widgets.at_this_machine():
        return None
    try:
        place = _place(path)
        return FollowedBatch(place, following.look(place), None)
    except ScarpError as error:
        return FollowedBatch(None, None, error)


def panel(listing: Listing, shown: Sequence[int], batch: FollowedBatch | None) -> None:
    """Let a reader at this machine run methods on all events shown, and see how any batch goes."""
    if st.session_state.pop(keys.BATCH_OPENED, False):
        st.switch_page("pages/detect.py")
    title = f"Batch · methods on {words.counted(len(shown), 'event')} shown, in a process of its own"
    with st.expander(title, icon=":material/playlist_play:", expanded=bool(st.session_state.get(keys.BATCH))):
        if widgets.is_refused(Deed.FILES):
            return
        if not widgets.at_this_machine():
            st.caption(
                "Batches are begun and followed on the machine Scarp runs on: in a browser there, or with "
                "`python -m app batch`."
            )
            return
        _new(listing, shown)
        _choose()
        if batch is not None:
            with faults.shown_errors(stop=False):
                if batch.place is None or batch.standing is None:
                    raise batch.fault or InputError("This batch cannot be followed.")
                _followed(batch.place, batch.standing)


def _new(listing: Listing, shown: Sequence[int]) -> None:
    """Draw what a batch is asked to do, and the button that begins it."""
    one, two, three = st.columns([1, 2, 1], vertical_alignment="bottom")
    sources = [name for name in SOURCES if name != "files"]
    source = one.selectbox(
        "Source", sources, format_func=lambda name: cached.source_info(name).title, key=_SOURCE, **KEEP
    )
    offered = _methods()
    usual = [name for name in _USUAL if name in offered]
    chosen = two.multiselect("Methods", offered, usual, key=_METHODS, max_selections=choices.MOST_METHODS, **KEEP)
    most = min(_MOST_PROCESSES, max(1, config.available_cores()))
    workers = three.number_input(
        "Processes",
        1,
        max(2, most),
        1,
        key=_WORKERS,
        help="More than one run on a Dask cluster of this machine.",
        **KEEP,
    )
    four, five = st.columns([3, 1], vertical_alignment="bottom")
    out = four.text_input("Folder", _usual_folder(listing), key=f"{_FOLDER}.{listing.inventory.identity}", **KEEP)
    cost = cached.source_info(source).cost.rstrip(".") if source else ""
    said = f"Cost: {cost}." if cost else ""
    st.caption(
        f"{words.plain(said)} It goes on when this page or the server is closed. Run again into the same folder, only "
        "what is missing or failed is done."
    )
    if five.button(
        f"Run {words.counted(len(shown), 'event')}", key="batch.start", type="primary", width="stretch",
        disabled=not (shown and chosen and source and out.strip()),
    ):  # fmt: skip
        with faults.shown_errors(stop=False):
            _begin(listing, shown, source, chosen, out, workers)
            st.rerun()


def _methods() -> list[str]:
    """Return the methods that a process of its own can run; the reader's own networks go along with it."""
    owned.networks()
    mine = [
        one for one in st.session_state.get(choices.METHODS) or []
        if naming.KINDS[naming.parse(one).kind].target not in ("file", "network")
    ]  # fmt: skip
    networks = [f"onnx:{name}" for name in registry.names()]
    return list(dict.fromkeys([*_PLAIN, *mine, *networks]))


def _usual_folder(listing: Listing) -> str:
    from app.batch import started

    return str(started.folder() / file_word(PurePath(listing.inventory.name).stem)[:60])


def _begin(listing: Listing, shown: Sequence[int], source: str, methods: list[str], out: str, workers: int) -> None:
    from app.batch import started

    widgets.require_own_paths()
    whole, folder = listing.inventory, at_home(out).absolute()
    events = replace(whole, events=tuple(listing.events[n] for n in shown))
    catalogue = st.session_state.get(choices.CATALOGUE) if source == "stac" else None
    started.start(events, source, methods, folder, workers=int(workers), catalogue=catalogue or "")
    st.session_state[keys.BATCH], st.session_state[keys.BATCH_BEGUN] = str(folder), time.monotonic()


def _choose() -> None:
    """Let the reader follow a batch that was begun before, here or on the command line."""
    from app.batch import following, started

    known = [str(one) for one in following.begun(started.folder())]
    path_now = st.session_state.get(keys.BATCH)
    another = f"batch.another.{path_now}"  # a new key closes it: it would cover what was chosen
    with st.popover("Follow another batch", icon=":material/folder_open:", key=another):
        for path in known[:20]:
            st.button(
                PurePath(path).name, key=f"batch.follow.{path}", disabled=path == path_now, width="stretch",
                on_click=guarded(_follow), args=(path,),
            )  # fmt: skip
        st.text_input("Folder of a batch", key=_PATH, placeholder="what --out named", on_change=guarded(_typed), **KEEP)


def _typed() -> None:
    text = (st.session_state.get(_PATH) or "").strip()
    if text:
        _follow(text if text.startswith("s3://") else str(at_home(text).absolute()))


def _follow(path: str) -> None:
    widgets.require_own_paths()
    st.session_state[keys.BATCH], st.session_state[keys.BATCH_BEGUN] = path, None


def _place(path: str) -> Outputs:
    from app.batch.outputs import Outputs

    widgets.require_own_paths()
    if not path.startswith("s3://") and not Path(path).is_dir():
        raise InputError(f"There is no folder {path}; choose the one that a batch was begun in.")
    return Outputs(path)


def _followed(place: Outputs, standing: Standing) -> None:
    st.markdown(f"**{words.plain(str(place))}**")
    if standing.about:
        asked = standing.about
        methods = ", ".join(batch_results.short(str(one)) for one in asked.get("methods") or [])
        st.caption(words.plain(f"{asked.get('source')}: {methods} on {asked.get('on')}"))
    if standing.running or _starting(standing):
        _watch(str(place), [standing])
    else:
        _ended(standing)
    if standing.rows:
        batch_results.draw(place, standing)


def _starting(standing: Standing) -> bool:
    """Whether it was begun a moment ago, and has not said anything yet."""
    begun = st.session_state.get(keys.BATCH_BEGUN)
    return begun is not None and not standing.log and time.monotonic() - begun < _GRACE_S


@st.fragment(run_every=_LOOK_S)
def _watch(path: str, just_read: list[Standing]) -> None:
    """Draw how far a batch is, and again every other second; ``just_read`` is what the page has read, for once."""
    from app.batch import following, lease

    place = _place(path)
    standing = just_read.pop() if just_read else following.look(place)
    if not standing.running and not _starting(standing):
        st.session_state[keys.BATCH_BEGUN] = None
        st.rerun()
    st.progress(standing.share, text=_counts(standing))
    if standing.running and st.button("Stop", key="batch.stop", icon=":material/stop_circle:"):
        lease.ask_to_stop(place)
        st.caption("It ends after the events under way; run it again to go on.")
    if st.session_state.get(keys.BATCH_SEEN) != len(standing.rows):
        st.session_state[keys.BATCH_SEEN] = len(standing.rows)
        st.rerun()  # the table below shows what was done meanwhile


def _counts(standing: Standing) -> str:
    counts = standing.counts
    said = ", ".join(f"{counts[one]:,} {one}" for one in ("done", "skipped", "failed") if counts[one])
    return f"{sum(counts.values()):,} of {standing.total:,} events: {said or 'none is over yet'}"


def _ended(standing: Standing) -> None:
    """Say how a batch ended that nobody works on any more."""
    left = standing.total - sum(standing.counts.values())
    st.progress(standing.share, text=_counts(standing))
    if left > 0 or not standing.about:
        st.warning(words.plain(f"{_why(standing)} Run it again to go on."), icon=":material/pause_circle:")
    for name, one in (standing.summary.get("scores") or {}).items():
        f1 = "-" if one.get("f1") is None else f"{one['f1']:.3f}"
        st.caption(words.plain(f"{name}: pooled F1 {f1} over {one.get('n')} events (micro, whole patches)"))


def _why(standing: Standing) -> str:
    """Return why a batch ended before all was done, in a sentence; with the last word of its log where it died."""
    if standing.summary.get("stopped"):
        return "It was stopped."
    last = standing.log.splitlines()[-1:] if standing.log else []
    return f"Nobody works on it any more. {' '.join(last)}".strip()


def outcomes(listing: Listing, batch: FollowedBatch | None) -> Mapping[str, str]:
    """Return event -> done, skipped or failed in a batch, of the events of this list that are in it.

    Nothing without a batch, and where its folder cannot be read: the panel says why.
    """
    if batch is None or batch.standing is None:
        return {}
    rows = batch.standing.rows
    asked = listing.key, str(batch.place), len(rows), max((row.finished for row in rows), default="")
    held = st.session_state.get(_OUTCOMES)
    if held is None or held[0] != asked:
        held = st.session_state[_OUTCOMES] = asked, _of_list(listing, rows)
    return held[1]


def _of_list(listing: Listing, rows: Sequence[EventRow]) -> dict[str, str]:
    found = {}
    for row in rows:
        at = listing.position(row.event)
        if at is not None and listing.events[at].is_at(row.latitude, row.longitude):
            found[row.event] = row.outcome
    return found
