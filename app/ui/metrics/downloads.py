"""Taking figures and tables away: pictures as PNG and SVG, tables as CSV, Parquet and LaTeX."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import streamlit as st

from app import config, export
from app.ui import modules
from app.ui.metrics import figure_parts
from app.ui.metrics.about import About

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure

_CSS = """
div { display: flex; gap: .9rem; justify-content: flex-end; font-size: .8rem; }
button { background: none; border: none; padding: .1rem 0; cursor: pointer; color: var(--st-text-color); opacity: .7;
  font: inherit; text-decoration: underline; text-underline-offset: .2em; text-decoration-color: transparent; }
button:hover, button:focus-visible { opacity: 1; text-decoration-color: currentColor; }
"""
_HTML = "<div>{}</div>".format(
    "".join(f'<button type="button" data-format="{name.lower()}">{name}</button>' for name in ("PNG", "SVG"))
)
_take = st.components.v2.component(
    "scarp_figure_files", html=_HTML, css=_CSS, js=modules.linked(Path(__file__).with_name("takeaway.js"))
)


class Says(Protocol):
    """What a figure needs to know of where it comes from."""

    @property
    def words(self) -> str:
        """One line for the picture."""

    def file(self, name: str, ending: str = "") -> str:
        """A file's name, which begins with SIMULATED where the data are."""


def figure(drawn: Figure, name: str, about: Says, alt: str, on_select: Callable[[], None] | None = None) -> None:
    """Draw a figure that says what it is of, with buttons that write it as PNG and SVG.

    ``on_select`` is called when the reader clicks a point; the click is then in the session under ``chart_key(name)``.
    """
    key = chart_key(name)
    figure_parts.sign(drawn, f"{about.words} · {config.software()}")
    chosen: dict[str, Any] = {"on_select": on_select, "selection_mode": "points"} if on_select else {}
    held = st.container(gap=None)
    held.plotly_chart(
        drawn, key=key, alt=f"{alt}. {about.words}.", **chosen,
        config={"displaylogo": False, "toImageButtonOptions": {"filename": about.file(name), "scale": 2}},
    )  # fmt: skip
    with held:
        _take(data={"chart": key, "filename": about.file(name), "title": alt}, key=f"files-{key}")


def chart_key(name: str) -> str:
    """Return the key of a figure in the session and in the page."""
    return f"figure-{name}"


def table(frame: pd.DataFrame, name: str, about: About) -> None:
    """Draw three small buttons that give a table as CSV, Parquet and LaTeX, each saying where it comes from."""
    formats: dict[str, tuple[str, Callable[[], bytes]]] = {
        "CSV": (".csv", lambda: export.csv_safe(frame.assign(**about.columns))),
        "Parquet": (".parquet", lambda: export.parquet(frame.assign(**about.columns))),
        "LaTeX": (".tex", lambda: export.latex(frame, about.words)),
    }
    with st.container(horizontal=True, horizontal_alignment="right", gap="small", key=f"table-files-{name}"):
        for title, (ending, made) in formats.items():
            st.download_button(
                title, made, about.file(name, ending), key=f"take-{name}-{title}", on_click="ignore", type="tertiary",
                icon=":material/download:",
            )  # fmt: skip
