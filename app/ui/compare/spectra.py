"""The spectra of both dates with their difference under them, over wavelength."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from plotly.graph_objects import Figure
from plotly.subplots import make_subplots

from app.bands import BANDS

if TYPE_CHECKING:
    from app.pictures.readings import BothDates

T1_COLOUR, T2_COLOUR = "#3d86a8", "#c8643a"
LOSS_COLOUR, GAIN_COLOUR = "#5696cd", "#e68c3c"  # those of a picture of change
_BAR_NM = 22  # narrower than the gap between the two nearest bands


def figure(bands: dict[str, BothDates]) -> Figure:
    """Return reflectance over wavelength at both dates, and below it T2 minus T1 as bars.

    A mean over an area carries its spread as whiskers; a band without data has no point.
    """
    drawn = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.66, 0.34], vertical_spacing=0.05)
    wavelengths = [BANDS[name].centre_nm for name in bands]
    for when, colour, symbol in (("t1", T1_COLOUR, "circle"), ("t2", T2_COLOUR, "diamond")):
        spread = [getattr(pair, f"{when}_spread") for pair in bands.values()]
        drawn.add_scatter(
            x=wavelengths, y=[_or_none(getattr(pair, when)) for pair in bands.values()], text=list(bands),
            name=when.upper(), mode="lines+markers", line={"color": colour}, marker={"symbol": symbol, "size": 8},
            error_y={"array": spread, "thickness": 1, "width": 3} if any(map(math.isfinite, spread)) else None,
            hovertemplate="%{text} %{y:.4f}<extra>" + when.upper() + "</extra>", row=1, col=1,
        )  # fmt: skip
    changes = [_or_none(pair.change) for pair in bands.values()]
    drawn.add_bar(
        x=wavelengths, y=changes, width=_BAR_NM, text=list(bands), textposition="none", showlegend=False,
        marker={"color": [GAIN_COLOUR if (one or 0) > 0 else LOSS_COLOUR for one in changes], "line": {"width": 0}},
        hovertemplate="%{text} %{y:+.4f}<extra>T2 - T1</extra>", row=2, col=1,
    )  # fmt: skip
    drawn.update_layout(height=330, margin={"l": 8, "r": 8, "t": 8, "b": 8}, legend={"orientation": "h", "y": 1.12})
    drawn.update_yaxes(title="reflectance", rangemode="tozero", row=1, col=1)
    drawn.update_yaxes(title="T2 - T1", zeroline=True, row=2, col=1)
    drawn.update_xaxes(title="wavelength (nm)", row=2, col=1)
    return drawn


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
