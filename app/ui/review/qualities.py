"""The quality of the inventory's labels on the Review page: what share is usable, why the others are not, a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from app import export
from app.review import MEANINGS, quality, team, truths
from app.ui import state, words
from app.ui.review import database, hiding

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_COLOURS = {"confirmed": "#2e8b57", team.APART: "#7a6fb0", team.UNJUDGED: "#b9b4aa"}
_OTHER = "#8c2d5a"


def draw() -> None:
    """Tell the quality of the labels of the events that the inventory shows, with its table to take away."""
    held, listing = hiding.outcomes(state.inventory()), state.listing()
    ids = [listing.events[at].id for at in state.shown()]
    found = quality.summary([held.get(one) for one in ids], team.APART)
    st.markdown(f"**{_said(found)}**")
    items = team.of_events(database.standings(), state.inventory())
    hiding.tell_simulated(items[one] for one in ids if one in held and one in items)
    rows = _rows(found)
    st.plotly_chart(_bar(rows), width="stretch", config={"displayModeBar": False}, key="review.quality")
    st.dataframe([{name: row[name] for name in ("standing", "events", "per cent", "meaning")} for row in rows],
                 hide_index=True)  # fmt: skip
    st.caption(
        f"Of {words.counted(found.events, 'event')} of {words.plain(state.inventory().name)} that pass the filters. An "
        "event counts as all its reviewers say, or as a third decided. The interval is Wilson's, 95 %, and holds for "
        "the inventory where the judged events are a random sample of it."
    )
    _outlines()
    st.download_button(
        "Label quality (CSV)", lambda: _csv(rows), "scarp_label_quality.csv", icon=":material/download:",
        on_click="ignore",
    )  # fmt: skip


def _outlines() -> None:
    """Tell of the outlines of the truth that were judged one by one, as far as the reader may see it."""
    seen = [one for one in database.standings() if not hiding.is_hidden(one)]
    found = truths.quality_of(seen, state.inventory())
    if found.events:
        st.markdown(f"**{words.plain(truths.said(found))}**")


def _said(found: quality.Quality) -> str:
    if not found.judged:
        return "No event is judged yet, so no share is usable or not"
    low, high = found.interval
    return (
        f"{100 * found.share:.0f} % usable: {found.usable:,} of {words.counted(found.judged, 'judged event')} "
        f"({100 * low:.0f} to {100 * high:.0f} %)"
    )


def _rows(found: quality.Quality) -> list[dict[str, object]]:
    counts = {"confirmed": found.usable, **found.reasons, team.APART: found.apart, team.UNJUDGED: found.unjudged}
    return [
        {
            "standing": hiding.TITLES.get(name, name), "events": number,
            "per cent": round(100 * number / found.events, 1), "meaning": MEANINGS.get(name, ""),
            "colour": _COLOURS.get(name, _OTHER),
        }
        for name, number in counts.items() if number
    ]  # fmt: skip


def _bar(rows: list[dict[str, object]]) -> Figure:
    from plotly import graph_objects as go

    figure = go.Figure(
        go.Bar(
            x=[row["events"] for row in rows], y=[row["standing"] for row in rows], orientation="h",
            marker_color=[row["colour"] for row in rows], text=[f"{row['events']:,}" for row in rows],
            hovertemplate="%{y}: %{x} events<extra></extra>",
        )
    )  # fmt: skip
    figure.update_layout(
        height=60 + 32 * len(rows), margin={"l": 10, "r": 10, "t": 10, "b": 30}, xaxis_title="events",
        yaxis={"autorange": "reversed"}, showlegend=False,
    )  # fmt: skip
    return figure


def _csv(rows: list[dict[str, object]]) -> bytes:
    import pandas as pd

    return export.csv_safe(pd.DataFrame(rows, columns=["standing", "events", "per cent", "meaning"]))
