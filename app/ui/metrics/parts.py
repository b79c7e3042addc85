"""The sections of the Metrics page, one tab each."""

from streamlit.delta_generator import DeltaGenerator

from app.ui import choices, widgets
from app.ui.choices import PARTS

_TABS = "score.section"


def opened() -> tuple[str, DeltaGenerator]:
    """Draw the tabs and return the open one: its name in PARTS and where it is drawn."""
    return widgets.open_part(PARTS, choices.PART, _TABS)
