"""Verdicts out and in on the Review page: files of each format, and one looked at before anything of it is taken."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app import visitors
from app.errors import InputError
from app.export import judged, verdict_files
from app.review import incoming
from app.ui import state, words
from app.ui.review import database, hiding, login
from app.visitors import Deed

if TYPE_CHECKING:
    from app.review.incoming import Conflict, Sorted

_TITLES = {".csv": "CSV", ".geojson": "GeoJSON", ".gpkg": "GeoPackage", ".parquet": "Parquet", ".json": "COCO"}
_MOST_SHOWN = 200  # conflicts


def draw() -> None:
    """Offer every entry that the reader may see in each format, and take entries of a file."""
    is_blind = hiding.is_blind()
    if remark := database.reviews().remark:
        st.caption(words.plain(remark))
    if is_blind:
        st.caption(
            "The review is blind: the files hold your own verdicts, and others' on events that you have judged. Every "
            "entry is written by `python -m app review export`, and taken by `review import`."
        )
    held = hiding.entries(state.inventory())
    if held:
        with st.container(horizontal=True):
            st.download_button(
                "List (CSV)", partial(judged.list_csv, held), "scarp_judged.csv", icon=":material/list_alt:",
                key="file.list", on_click="ignore",
                help="A row for each event, polygon or mask judged: where, when, what counts, what was said last. "
                "The other files hold every entry.",
            )  # fmt: skip
            for kind, title in _TITLES.items():
                st.download_button(
                    title, partial(verdict_files.as_bytes, held, kind), f"scarp_verdicts{kind}",
                    icon=":material/download:", key=f"file{kind}", on_click="ignore",
                )  # fmt: skip
    else:
        st.caption("There is no verdict to take away yet; once there is, the list and the files are here.")
    if is_blind:  # a file that is looked at says what others said here
        return
    brought = st.file_uploader(
        "Bring verdicts of another database", [one.removeprefix(".") for one in _TITLES], key="review.brought",
        help="A file that Scarp wrote. What it holds is shown first; nothing is taken before you say so.",
    )  # fmt: skip
    if brought is not None:
        _look(brought.name, brought.getvalue())


def _look(name: str, data: bytes) -> None:
    """Say what a file holds beside the database, and take what is new at a press."""
    entries, faults = _read(name, data)
    found = incoming.beside(entries, database.reviews().all())
    st.markdown(f"**{_said(found, len(faults))}**")
    if found.conflicts:
        st.dataframe([_row(one) for one in found.conflicts[:_MOST_SHOWN]], hide_index=True)
    for fault in faults[:10]:
        st.caption(f"Not taken: {words.plain(fault)}")
    refused = database.refusal() if login.is_configured() else visitors.refusal(Deed.FILES)
    if refused:
        st.caption(words.plain(refused))
    elif found.new and st.button(
        f"Take {words.counted(len(found.new), 'new verdict')}", type="primary", key="review.take"
    ):
        database.reviews().add_all(reversed(found.new))
        st.success(f"{words.counted(len(found.new), 'verdict')} taken.", icon=":material/check:")


def _read(name: str, data: bytes) -> tuple[list, list[str]]:
    ending = Path(name).suffix.lower()
    if ending not in _TITLES:
        raise InputError(f"A file of verdicts ends in {', '.join(_TITLES)}.")
    with tempfile.TemporaryDirectory(prefix="scarp-") as folder:
        path = Path(folder, f"verdicts{ending}")
        path.write_bytes(data)
        try:
            return verdict_files.read(path)
        except InputError as error:  # by the name that the reader knows
            raise InputError(str(error).replace(path.name, Path(name).name)) from error


def _said(found: Sorted, faults: int) -> str:
    unread = f", {faults:,} cannot be used" if faults else ""
    return (
        f"{len(found.new):,} new, {found.known:,} known here already, {len(found.conflicts):,} in conflict with what "
        f"is here, which are not taken{unread}"
    )


def _row(one: Conflict) -> dict[str, str]:
    apart = one.apart
    return {
        "event": one.ours.event, "reviewer": one.ours.reviewer, "what differs": ", ".join(apart),
        "in the file": "; ".join(str(theirs) for theirs, _ in apart.values()),
        "here": "; ".join(str(ours) for _, ours in apart.values()),
    }  # fmt: skip
