"""A pair of one's own images: its files brought, what is understood of them said, and what they do not say asked."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from app import cache, config, visitors
from app.cache.brought import with_more
from app.errors import InputError, ScarpError
from app.files import at_home
from app.sources.own import apart, opening, records
from app.sources.own.stated import SILENT, PairStated
from app.ui import cached, choices, elevation, keys, link, notes, pair_asking, state, widgets, words, workspace
from app.ui.faults import guarded
from app.ui.keys import KEEP
from app.visitors import Deed

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from app.ui.insides import UploadedFile

_MORE = "more"
_DATES = {"t1": "T1, before", "t2": "T2, after"}
_MOST_FILES, _MOST_DATED = 40, 400
_KEPT, _MOST_KEPT = "pairs", 50  # the name in the reader's workspace, and how many
_ENDINGS = ["tif", "tiff", "jp2", "j2k", "nc", "nc4", "zip"]


def is_brought_now() -> bool:
    """Whether a pair is being brought and none is open."""
    return (
        st.session_state[choices.SOURCE] == records.SOURCE
        and records.find(st.session_state.get(choices.EVENT) or "") is None
    )


def form() -> None:
    """Let the reader bring T1 and T2, see what is understood of them, say the rest, and open the pair."""
    at = st.session_state.get(keys.PAIRS_OPENED, 0)
    held = records.find(st.session_state.get(choices.EVENT) or "")
    title = "Open another pair of images" if held else "Open your own pair of images"
    with st.expander(title, icon=":material/add_photo_alternate:", expanded=held is None):
        if missing := _missing():
            st.info(words.plain(missing), icon=":material/folder_open:")
        if widgets.is_refused(Deed.FILES):
            return
        uploads = {}
        for place, (name, title) in zip(_two_places(held is None), _DATES.items(), strict=True):
            with place:
                uploads[name] = _uploader(name, title, at)
        uploads |= _uploads_beside(held is None, at)
        paths = _paths(at)
        chosen = {name: bool(uploads[name]) or bool(paths[name]) for name in uploads}
        if not (chosen["t1"] and chosen["t2"]):
            st.caption(
                "Bring both dates, as GeoTIFF, JPEG 2000, NetCDF or a zip of them; a file in red is none of these. "
                "What they hold is shown before anything is opened."
            )
            _before(at)
            return
        _understood(uploads, paths, at)


def _uploads_beside(abreast: bool, at: int) -> dict[str, list[UploadedFile]]:
    """Offer what may lie beside a pair: its truth, further dates and heights; returns what was uploaded by its role."""
    uploads = {}
    left, right = _two_places(abreast)
    with left, st.expander("Truth beside it, if you have one: a mask or outlines", icon=":material/fact_check:"):
        uploads["truth"] = _uploader("truth", "Mask (.tif, .png) or outlines of any kind", at, None)
        st.caption(
            "Beside outlines all other ground counts as no landslide. Where not all was looked at, bring polygons "
            "or a mask of what was as well, with `mapped_area` in the name: the rest is then unknown."
        )
    with left, st.expander("Further dates of the same place, if you have them", icon=":material/movie:"):
        uploads[_MORE] = _uploader(_MORE, "Files whose names or tags say their days", at, most=_MOST_DATED)
        st.caption(
            "Any number, before, between and after: they make the film, composites and what a place did over the "
            "years. Days stand in names of files or folders (2021-05-06, 20210506), in tags or in a cube."
        )
    with right, st.expander("Heights of the ground, if you have them", icon=":material/landscape:"):
        uploads["dem"] = _uploader("dem", "A GeoTIFF of heights, on any grid that covers the place", at)
    return uploads


def _two_places(abreast: bool) -> Sequence[DeltaGenerator]:
    """Return two places, beside each other where the form has the whole page."""
    return st.columns(2) if abreast else (st.container(), st.container())


def _before(at: int) -> None:
    """Offer the pairs that were brought from this browser before."""
    known = {one.name: one for name in _kept() if (one := records.find(name))}
    if known:
        st.selectbox(
            "or a pair you brought before", list(known), index=None, key=f"own.before.{at}", placeholder="choose one",
            format_func=lambda name: f"{known[name].files} · {known[name].t1} and {known[name].t2}",
            on_change=guarded(_again), args=(at,), **KEEP,
        )  # fmt: skip


def _again(at: int) -> None:
    record = records.find(st.session_state.get(f"own.before.{at}") or "")
    if record is not None:
        state.add_pair(record)
        st.session_state[keys.PAIRS_OPENED] = at + 1


def _kept() -> list[str]:
    """Return the names of the pairs brought from this browser, the latest first."""
    held = workspace.current().held(_KEPT)
    return [name for name in held if records.is_name(name)][:_MOST_KEPT] if isinstance(held, list) else []


def among_events() -> bool:
    """Whether any event of the session is a pair that was brought."""
    return any(records.is_name(one.id) for one in state.inventory().events)


def brought() -> int:
    """Return how many pairs were brought from this browser."""
    return len(_kept())


def forget() -> None:
    """Forget the pairs that were brought from this browser, and their pixels; no file of this machine is touched."""
    for name in _kept():
        records.forget(name)
        try:
            cache.clear(records.SOURCE, name)
        except ScarpError as error:
            notes.add(str(error))


def way_there() -> None:
    """Offer the way to the form, from another page."""
    address = link.address_of(choices.CARRIED["pages/patches.py"]) | {choices.SOURCE: records.SOURCE}
    st.page_link(
        "pages/patches.py", label="Open your own pair of images", icon=":material/add_photo_alternate:",
        query_params=address, width="content",
    )  # fmt: skip


def choose_light() -> None:
    """Let the reader even out the light of an open pair that has heights."""
    record = records.find(st.session_state.get(choices.EVENT) or "")
    if record is not None and record.dem_file:
        elevation.choose_light(held=True)


def about(spec_event: str) -> None:
    """Say of an open pair which files it is and how they were read."""
    record = records.find(spec_event)
    if record is None:
        return
    with st.expander(f"Your files: {words.plain(record.files)}", icon=":material/folder_open:"):
        lines = [f"T1 {record.t1}: {', '.join(record.t1_files)}", f"T2 {record.t2}: {', '.join(record.t2_files)}"]
        lines += [f"Truth: {record.truth_file}"] if record.truth_file else []
        lines += [f"Heights: {record.dem_file}"] if record.dem_file else []
        st.caption("  \n".join(words.plain(line) for line in lines))
        st.caption("  \n".join(words.plain(note) for note in record.notes))


def _missing() -> str:
    """Return which files the reader of a link has to bring; empty where nothing is missing."""
    chosen = st.session_state.get(choices.EVENT)
    if not records.is_name(chosen) or records.find(str(chosen)) is not None:
        return ""
    files = st.session_state.get(choices.FILES)
    return f"This link is to a pair of images that is not kept here. To see it, bring {files or 'its files'}."


def _uploader(
    name: str, title: str, at: int, kinds: list[str] | None = _ENDINGS, most: int = _MOST_FILES
) -> list[UploadedFile]:
    limit = max(1, min(int(config.settings().patch_gb * 1000), _server_mb()))
    found = st.file_uploader(
        title, type=kinds, accept_multiple_files=True, key=f"own.{name}.{at}", max_upload_size=limit
    )
    if len(found) > most:
        raise InputError(f"{len(found)} files are too many; bring up to {most}, or a zip of them.")
    return list(found)


def _server_mb() -> int:
    return int(st.get_option("server.maxUploadSize"))


def _paths(at: int) -> dict[str, tuple[str, ...]]:
    """Ask for paths as well, where whoever sees the page sits at this machine."""
    none: dict[str, tuple[str, ...]] = {"t1": (), "t2": (), "truth": (), "dem": (), _MORE: ()}
    if not widgets.at_this_machine():
        return none
    with st.expander("or name files and folders of this machine", icon=":material/computer:"):
        typed = {
            name: st.text_input(title, key=f"own.{name}.{at}.path", placeholder=example, **KEEP)
            for name, title, example in (
                ("t1", "T1: a file, several with commas, a zip or a folder", "/data/before.tif"),
                ("t2", "T2", "/data/S2A_MSIL2A_20210506T100031_N0500_R122_T33UUP_20210506T134500.SAFE"),
                ("truth", "Truth, if there is one", "/data/landslides.gpkg"),
                ("dem", "Heights of the ground, if there are any", "/data/dem.tif"),
                (_MORE, "Further dates, if there are any: files, a zip or a folder", "/data/every_date"),
            )
        }
    return {name: _at_home(text) for name, text in typed.items()}


def _at_home(text: str | None) -> tuple[str, ...]:
    said = (text or "").strip()
    return tuple(str(at_home(part)) for part in opening.paths(said)) if said else ()


def _understood(uploads: dict[str, list[UploadedFile]], paths: dict[str, tuple[str, ...]], at: int) -> None:
    """Say what the files hold, ask what they do not say, and offer to open them."""
    key = _key(uploads, paths)
    first = _looked(key, SILENT, uploads, paths)
    if not first:
        return
    pair_asking.files(first)
    stated = pair_asking.asked(first, key, at)
    now = _looked(key, stated, uploads, paths)
    if not now:
        return
    days = [pair_asking.day(name, now, n, at) for n, name in enumerate(("T1", "T2"))]
    if any(days):
        stated = replace(stated, days=(days[0], days[1]))
        now = _looked(key, stated, uploads, paths)
    ready = bool(now) and pair_asking.said(now)
    st.button(
        "Open the pair", type="primary", key="own.open", disabled=not ready, icon=":material/layers:",
        on_click=guarded(_want), args=((key, stated),),
    )  # fmt: skip
    if st.session_state.get(keys.PAIR_WANTED) == (key, stated):
        _open(uploads, paths, stated)


def _looked(
    key: str, stated: PairStated, uploads: dict[str, list[UploadedFile]], paths: dict[str, tuple[str, ...]]
) -> dict[str, Any]:
    """Return what the files hold by what is stated; empty, and says so, where they cannot be looked at."""
    try:
        return _look(f"{key} {stated}", stated, uploads, paths)
    except ScarpError as error:
        st.error(f"{words.plain(str(error))} Nothing else is lost.", icon=":material/error:")
        return {}


def _key(uploads: dict[str, list[UploadedFile]], paths: dict[str, tuple[str, ...]]) -> str:
    """Return what changes with the files that were brought."""
    named = [(name, one.file_id, one.name, one.size) for name, held in uploads.items() for one in held]
    return repr((named, [(one, _stamp(one)) for held in paths.values() for one in held]))


def _stamp(path: str) -> float:
    try:
        return Path(path).stat().st_mtime
    except OSError:
        return 0.0


@st.cache_data(max_entries=16, show_spinner="Looking at the files")
def _look(key: str, _stated: PairStated, _uploads: Any, _paths: Any) -> dict[str, Any]:
    with _on_disk(_uploads, _paths) as pair:
        return apart.look(pair, _stated)


@contextmanager
def _on_disk(uploads: dict[str, list[UploadedFile]], paths: dict[str, tuple[str, ...]]) -> Iterator[apart.PairPaths]:
    """Yield where the files of the pair lie: those of this machine, and what was uploaded as long as this lasts."""
    with tempfile.TemporaryDirectory(prefix="scarp-upload-") as folder:
        held = {name: [*_written(Path(folder, name), uploads[name]), *paths[name]] for name in uploads}
        yield apart.PairPaths(*(tuple(held.get(name, ())) for name in ("t1", "t2", "truth", "dem", _MORE)))


def _written(folder: Path, uploads: Sequence[UploadedFile]) -> list[str]:
    """Write uploads under their own names, which may say what is in them; a name twice gets a folder of its own."""
    found = []
    for one in uploads:
        name = Path(one.name.replace("\0", "")).name[-120:] or "file"
        target = next(at for n in count() if not (at := folder / (str(n) if n else "") / name).exists())
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(one.getbuffer())
        found.append(str(target))
    return found


# --- opening ---------------------------------------------------------------------------------


def _want(wanted: object) -> None:
    """Hold that a pair is wanted until it is open: a press counts for one run."""
    st.session_state[keys.PAIR_WANTED] = wanted


def _open(uploads: Any, paths: Any, stated: PairStated) -> None:
    """Read the pair under a bar, keep it, and make it the chosen event."""
    visitors.require(Deed.FILES)
    st.button("Stop", key="own.stop", icon=":material/stop_circle:", on_click=guarded(_want), args=(None,))
    bar = st.progress(0.0, text="Reading the pair")
    try:
        with _on_disk(uploads, paths) as pair:
            patch, record = apart.read(pair, stated, lambda share, doing: bar.progress(min(share, 1.0), text=doing))
            if pair.more:
                record = with_more(
                    record, patch, pair.more, lambda share, doing: bar.progress(min(share, 1.0), text=doing)
                )
                patch = patch.assign_attrs(event_id=record.name)
    except ScarpError as error:
        _want(None)
        bar.empty()
        st.error(f"{words.plain(str(error))} Nothing else is lost.", icon=":material/error:")
        return
    _take(replace(record, paths=((), (), (), (), ())) if any(uploads.values()) else record, patch)
    st.rerun()


def _take(record: records.PairRecord, patch: Any) -> None:
    visitors.require(Deed.FILES)  # a pair's pixels lie in the cache
    asked = st.session_state.get(choices.EVENT)
    records.keep(record)
    cached.keep(record.spec(), patch)
    state.add_pair(record)
    workspace.keep(_KEPT, list(dict.fromkeys([record.name, *_kept()]))[:_MOST_KEPT])
    if records.is_name(asked) and asked != record.name and records.find(str(asked)) is None:
        notes.add("These are other files, or read otherwise, than those of the link; what you brought is shown.")
    _want(None)
    st.session_state[keys.PAIRS_OPENED] = st.session_state.get(keys.PAIRS_OPENED, 0) + 1  # empties the form
