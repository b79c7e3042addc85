"""Scenes at a glance: a small picture of each and how much of the patch it shows, held for all sessions."""

import io
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from app.patches import PatchSpec
from app.sources.scenes import SceneInfo
from app.ui.shelf import Shelf

_SHELF_BYTES = 30_000_000  # some six thousand pictures


@dataclass(frozen=True)
class Glimpse:
    """What is held of a scene that was looked at."""

    clear: float
    jpeg: bytes
    snow: float | None = None


@st.cache_resource(show_spinner=False)
def _shelf() -> Shelf[Glimpse]:
    return Shelf(_SHELF_BYTES, lambda look: len(look.jpeg))


def _key(spec: PatchSpec, scene: SceneInfo) -> str:
    return f"{spec.key} {scene.date} {scene.id}"


def held(spec: PatchSpec, scene: SceneInfo) -> Glimpse | None:
    """Return what is held of a scene over a place, None where nobody looked."""
    return _shelf().get(_key(spec, scene))


def seen(spec: PatchSpec, scene: SceneInfo) -> SceneInfo:
    """Return a scene with what a look has found of it, as the catalogue says it where nobody looked."""
    look = held(spec, scene)
    return replace(scene, clear=look.clear, snow=look.snow) if look else scene


def take(spec: PatchSpec, scene: SceneInfo) -> None:
    """Look at a scene over a place, where nobody has; raises what its source raises."""
    _shelf().get_or_make(_key(spec, scene), partial(_made, spec, scene))


def _made(spec: PatchSpec, scene: SceneInfo) -> Glimpse:
    from PIL import Image

    from app.pictures import render
    from app.series import looks
    from app.sources import open_source

    seen = looks.glance(spec, scene)
    out = io.BytesIO()
    if seen.thumbnail is not None:
        simulated = open_source(spec.source).describe().simulated
        comment = render.SIMULATED if simulated else ""
        Image.fromarray(seen.thumbnail).save(out, "JPEG", quality=82, comment=comment)
    return Glimpse(seen.scene.clear or 0.0, out.getvalue(), seen.scene.snow)
