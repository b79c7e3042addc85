"""The workspace of the browser that looks at a page: found again by a cookie, filled and read as pages run."""

import logging
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from app import config, workspace
from app.errors import ScarpError
from app.ui import keys, notes
from app.ui.faults import guarded, sent
from app.workspace import Workspace

log = logging.getLogger(__name__)

COOKIE = "scarp_workspace"
_MOST_DAYS = 400  # browsers keep no cookie longer
_SWEEP_S = 6 * 3600
_MOUNTED = "workspace"
_mount = st.components.v2.component(
    "scarp_workspace",
    html='<span class="kept" hidden></span>',
    js=Path(__file__).with_name("workspace.js").read_text("utf-8"),
)


def current() -> Workspace:
    """Return this browser's workspace; without cookies it is this page's alone. Nothing is made on disk for it."""
    held = st.session_state.get(keys.WORKSPACE)
    if not workspace.is_id(held):
        told = st.context.cookies.get(COOKIE)
        held = st.session_state[keys.WORKSPACE] = told if workspace.is_id(told) else workspace.new_id()
    return workspace.find(held)


def remember() -> None:
    """Let the browser hold the workspace's id: a cookie of this application alone, sent to nobody else."""
    mine, days = current(), min(_MOST_DAYS, config.settings().workspace_days)
    _sweep(config.settings().workspace_days, mine.root)
    _mount(
        data={
            "id": mine.id,
            "form": workspace.ID_FORM,
            "cookie": COOKIE,
            "path": st.get_option("server.baseUrlPath"),
            "seconds": int(days * 86_400),
        },
        key=_MOUNTED,
        on_known_change=guarded(_other_known),
    )


def keep(name: str, value: object) -> None:
    """Keep a value for the reader; where that cannot be done the page says so once and goes on."""
    attempt(lambda: current().keep(name, value))


def attempt(act: Callable[[], None]) -> bool:
    """Keep something; returns whether that went well, and says on the page once where it did not."""
    try:
        act()
    except ScarpError as error:
        said = f"{error} It is there until this page is closed."
        if said not in st.session_state.setdefault(keys.KEPT, {}).setdefault("refused", []):
            st.session_state[keys.KEPT]["refused"].append(said)
            notes.add(said)
        return False
    return True


def _other_known() -> None:
    """Take over the workspace another tab of this browser made first, unless something is kept in this one."""
    known = sent(_MOUNTED, "known")
    if workspace.is_id(known) and not current().folder.exists():
        st.session_state[keys.WORKSPACE] = known


@st.cache_resource(ttl=_SWEEP_S, show_spinner=False)
def _sweep(days: float, root: Path) -> int:
    """Remove what nobody has used for so long, a few times a day."""
    gone = workspace.sweep(root, days)
    if gone:
        log.info("Removed %d workspaces that nobody used for %g days", gone, days)
    return gone
