"""What has to be said around scores: whether they are of simulated data, how files were read, what was left out."""

import streamlit as st

from app.ui import state
from app.ui.scoring.about import About
from app.ui.scoring.running import Scores

_SHOWN, _PLAIN = 30, 3  # sentences at most, and how many of them need no fold


def origin(about: About) -> None:
    """Say what the numbers below are of."""
    if about.simulated:
        st.warning(state.plain(about.words), icon=":material/science:")
    else:
        st.caption(state.plain(about.words))


def refusals(scores: Scores) -> None:
    """Say how the data were read, and which events a method could not be scored on, with the reason."""
    read = scores.found.notes
    place = st.expander(f"How the files were read ({len(read)})") if len(read) > _PLAIN else st.container()
    for sentence in read[:_SHOWN]:
        place.caption(state.plain(sentence))
    if len(read) > _SHOWN:
        place.caption(f"and {len(read) - _SHOWN} more")
    refused = scores.found.skipped
    if not refused:
        return
    with st.expander(f"Not scored ({len(refused)})", icon=":material/warning:"):
        for one in refused[:_SHOWN]:
            by = f", {one.method}" if one.method else ""
            st.caption(state.plain(f"Event {one.event}{by}: {one.reason}"))
        if len(refused) > _SHOWN:
            st.caption(f"and {len(refused) - _SHOWN} more")
