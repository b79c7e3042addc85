"""The application behind its guard: `python -m app.serve` runs this, and so does `streamlit run server.py`."""

import streamlit as st
from starlette.middleware import Middleware

from app.config import ROOT
from app.visitors.guard import Guard

app = st.App(
    ROOT / "streamlit_app.py",
    middleware=[
        Middleware(
            Guard,
            others=st.get_option("server.corsAllowedOrigins"),
            lenient=not st.get_option("server.enableCORS"),
        )
    ],
)
