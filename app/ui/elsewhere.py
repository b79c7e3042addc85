"""Bringing detections that others made: files of one method, kept for the reader alone as a method ``file:NAME``."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from app.detection.elsewhere import collections, saving
from app.files import size_words
from app.ui import faults, owned, widgets, words
from app.ui.faults import guarded
from app.ui.keys import KEEP
from app.visitors import Deed

if TYPE_CHECKING:
    from app.ui.insides import UploadedFile

METHOD = "file"
_ODD = re.compile(r"[^A-Za-z0-9._ -]+")


@st.dialog("Bring detections", width="large")
def bring(added: Callable[[str], None]) -> None:
    """Let the reader bring what somebody else detected; ``added`` gets its name once it is read and kept."""
    st.caption(
        "One file of outlines or one raster with its place for the whole inventory, or a mask for each event, named "
        "after it (41.png). A mask of 0 and 1 is decided; a GeoTIFF of fractions is a score and keeps its threshold. "
        "All are read before any is kept, for you alone; docs/METRICS.md says how."
    )
    if widgets.is_refused(Deed.FILES):
        return
    files = st.file_uploader(
        "Masks or scores (.tif, .png), outlines (.geojson, .gpkg, shapefile), or a .zip of them",
        type=[ending.removeprefix(".") for ending in (*collections.ENDINGS, ".shx", ".dbf", ".prj", ".cpg")],
        accept_multiple_files=True, key="elsewhere.files",
    )  # fmt: skip
    if not files:
        return
    called = _called(files)  # other files begin with another name
    name = st.text_input("Name", value=called, max_chars=80, key=f"elsewhere.name.{called}", **KEEP)
    with faults.shown_errors():
        if st.button("Check and add", type="primary", key="elsewhere.add"):
            with st.spinner("Reading every file"):
                _keep(files, name)
            added(name.strip())
            st.rerun()


def _called(files: Sequence[UploadedFile]) -> str:
    """Return a name to begin with: that of the one file, as far as it may be one."""
    stem = files[0].name.rpartition(".")[0] if len(files) == 1 else "detections"
    return _ODD.sub("-", stem).strip("-. ")[:80] or "detections"


def _keep(files: Sequence[UploadedFile], name: str) -> None:
    folder, given = owned.detections(), [(one.name, one.getvalue()) for one in files]
    owned.keep(sum(len(data) for _, data in given), lambda: saving.save(folder, name, given))


def card(name: str) -> None:
    """Show what a collection holds, and let its owner take it away."""
    owned.detections()
    if name not in collections.names():
        return
    with faults.shown_errors(), st.popover("What was brought", icon=":material/folder_open:"):
        held = collections.find(name)
        listed = ", ".join(words.plain(path.stem) for path in held.files[:8]) + (" …" if len(held.files) > 8 else "")
        st.markdown(f"**{words.plain(name)}**  \n{words.counted(len(held.files), 'file')}: {listed}")
        st.caption(f"{size_words(held.nbytes)} · SHA-256 {held.sha256[:16]} · you alone see it")
        st.button(
            "Take away", icon=":material/delete:", key="elsewhere.take_away", on_click=guarded(_take_away), args=(name,)
        )


def for_a_command(method: str) -> str:
    """Return how a command line names a method: what was brought lies where the reader has its files."""
    return f"{METHOD}:PATH" if method.startswith(f"{METHOD}:") else method


def _take_away(name: str) -> None:
    owned.detections()
    collections.remove(name)
    gone = f"{METHOD}:{name}"
    owned.forget_methods(lambda one: one == gone or one.startswith(f"{gone}:"))
