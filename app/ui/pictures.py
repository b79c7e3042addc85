"""What a picture shows: the controls, the legend, and the words under it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from app import patches
from app.bands import ALL_BANDS, BANDS, HEIGHT
from app.detection.indices import TABLE
from app.export import images
from app.pictures import colours, compositions, contrast, render
from app.pictures.compositions import CHANNELS, INDICES, PRESETS, Composition
from app.sources import SOURCES
from app.ui import cached, choices, contrast_controls, elevation, link, words
from app.ui.faults import guarded
from app.ui.keys import KEEP
from app.ui.legends import legend

if TYPE_CHECKING:
    import xarray as xr

    from app.patches import PatchSpec
    from app.pictures.contrast import Stretch

_LACKING = ":material/layers_clear:"
_PANEL_PX = 400
INDEX, THREE, ONE = "index", "three", "one"
_COLOURS = tuple(name for name, preset in PRESETS.items() if not preset.index)
_FAMILIES = {**{name: PRESETS[name].title for name in _COLOURS}, INDEX: "Index", THREE: "3 bands", ONE: "1 band"}
_FAMILY, _INDEX, _BAND, _CHANGE = "picture.family", "picture.index", "picture.band", "picture.change"
_RGB = ("picture.red", "picture.green", "picture.blue")


def controls(patch: xr.Dataset) -> tuple[str, str]:
    """Draw the choice of composition and contrast; returns the canonical names of both.

    A composition whose bands the patch lacks is refused with the reason, and the first one it
    can show stands in; the choice itself stays, for the next patch may have the bands.
    """
    asked = compositions.parse(st.session_state[choices.COMPOSITION])
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="pictures"):
        _choose(patch, asked)
        chosen = contrast.parse(st.session_state[choices.STRETCH])
        label, about = (
            f"{contrast_controls.in_words(chosen)} · Δ {change(patch)}",
            "Contrast, and what the difference is of",
        )
        with st.popover(label, icon=":material/contrast:", help=about):
            names = ["Contrast", "Difference", *(["Ground"] if HEIGHT in patch else [])]
            brightness, difference, *ground = st.container(width=_PANEL_PX).tabs(names)
    with brightness:
        contrast_controls.choose(asked, chosen)
    with difference:
        _choose_change(patch)
    for tab in ground:
        with tab:
            elevation.choose_sun(patch)
    reason = compositions.refusal(patch, asked)
    if not reason:
        return asked.name, str(chosen)
    instead = compositions.parse(compositions.available(patch)[0])
    st.info(f"{words.plain(_advice(patch, asked) or reason)} Shown instead: {instead.title}.", icon=_LACKING)
    link.to_page("pages/patches.py", "Choose the bands or another source", icon=":material/satellite_alt:")
    return instead.name, str(contrast_controls.suited(chosen, asked, instead))


def shown(patch: xr.Dataset) -> tuple[str, str]:
    """Return the canonical names of the composition and the contrast to draw a patch with, whatever page it is on."""
    asked, chosen = compositions.parse(st.session_state[choices.COMPOSITION]), st.session_state[choices.STRETCH]
    if not compositions.missing(patch, asked):
        return asked.name, str(contrast.parse(chosen))
    instead = compositions.parse(compositions.available(patch)[0])
    return instead.name, str(contrast_controls.suited(contrast.parse(chosen), asked, instead))


def images_of(patch: xr.Dataset, stem: str, link: str) -> Callable[[Path], None]:
    """Return what writes both dates of a patch into a folder, as bands and as the picture that is chosen."""
    composition, stretch = shown(patch)

    def write(folder: Path) -> None:
        images.dates(patch, folder, stem, composition, stretch, link)
        images.pictures(patch, folder, stem, composition, stretch, link)

    return write


def caption(spec: PatchSpec, patch: xr.Dataset, composition: str, stretch: str) -> None:
    """Draw what the pictures show: legend, bands, contrast in numbers, and how much of each date is clear."""
    composed, limits = compositions.parse(composition), cached.stretch(spec.key, composition, stretch, spec)
    if composed.ramp is not None:
        _index_legend(composed, limits)
    shares = "T1 {}; T2 {}".format(*patches.share_words(patch))
    marks = "Dotted: cloud or shadow; hatched: no data." if composed.index else "Hatched: no data."
    (first, _), _ = cached.panes(spec, composition, stretch)
    sent = " Sent as JPEG for its size: a click gives exact values." if first.media == "image/jpeg" else ""
    st.caption(f"{composed.heading}: {composed.shows}. Contrast {limits}. {shares}. {marks}{sent}")


def change(patch: xr.Dataset) -> str:
    """Return what a picture of the difference is of: the band or index chosen.

    Where nobody chose, or the patch lacks its bands, it is what the composition shows where that
    is one value, else the red band, else the first.
    """
    possible, chosen = _changes(patch), st.session_state.get(choices.CHANGE)
    shown = compositions.parse(st.session_state[choices.COMPOSITION]).channels
    wanted = (chosen, shown[0] if len(shown) == 1 else "B04")
    return next((name for name in wanted if name in possible), possible[0])


def _changes(patch: xr.Dataset) -> list[str]:
    held = patches.band_names(patch)
    return [*held, *(name for name in INDICES if set(PRESETS[name].bands) <= set(held))]


def _choose_change(patch: xr.Dataset) -> None:
    """Draw the choice of what the picture of the difference is of, with its colours."""
    shown = change(patch)
    contrast_controls.put(_CHANGE, shown)
    st.selectbox(
        "Difference of", _changes(patch), key=_CHANGE, format_func=_titled, on_change=guarded(_change_changed), **KEEP
    )
    limit = render.change_limit(patch, shown)
    legend(colours.CHANGE, f"{-limit:.3f}", f"{limit:+.3f}")
    st.caption(
        "T2 minus T1: blue where it fell, orange where it rose, near white where it stayed. "
        "The ends are at the 98th percentile of the clear pixels. Dotted: cloud or shadow; hatched: no data."
    )


def _index_legend(composed: Composition, limits: Stretch) -> None:
    assert composed.ramp is not None  # an index is drawn by one
    ends = [limits.at(when)[0] for when in (0, 1)]
    apart = limits.t2_limits is not None
    for label, (low, high) in zip(("T1", "T2"), ends, strict=True):
        legend(composed.ramp, f"{low:.2f}", f"{high:.2f}", f"{composed.title} {label}" if apart else composed.title)
        if not apart:
            return


def _choose(patch: xr.Dataset, asked: Composition) -> None:
    """Draw the family of compositions and what it leaves to choose; a change is in the name at the next run."""
    contrast_controls.put(_FAMILY, _family(asked))
    st.segmented_control(
        "Composition", list(_FAMILIES), format_func=lambda name: _marked(patch, name), key=_FAMILY, required=True,
        on_change=guarded(_family_changed), args=(patches.band_names(patch),),
        help="  \n".join(f"{PRESETS[name].title}: {PRESETS[name].shows} ({', '.join(PRESETS[name].bands)})"
                         for name in _COLOURS), **KEEP,
    )  # fmt: skip
    family = st.session_state[_FAMILY]
    if family == INDEX:
        contrast_controls.put(_INDEX, asked.name)
        st.selectbox(
            "Index", INDICES, format_func=lambda name: _listed(patch, name), key=_INDEX,
            on_change=guarded(_index_changed), width=170, **KEEP,
            help="  \n".join(f"{PRESETS[name].title}: {PRESETS[name].shows}. {TABLE[name].source}" for name in INDICES),
        )  # fmt: skip
    elif family == ONE:
        _choose_band("Band", _BAND, patch, asked.bands[0], 240)
    elif family == THREE:
        for channel, key, band in zip(CHANNELS, _RGB, asked.bands, strict=True):
            _choose_band(channel.capitalize(), key, patch, band, 88)


def _choose_band(label: str, key: str, patch: xr.Dataset, band: str, width: int) -> None:
    held = patches.band_names(patch)
    offered = [name for name in ALL_BANDS if name in held or name == band]
    contrast_controls.put(key, band)
    shown = _titled if label == "Band" else str
    st.selectbox(label, offered, format_func=shown, key=key, on_change=guarded(_bands_changed), width=width, **KEEP)


def _family(composition: Composition) -> str:
    """Return the family a composition belongs to; three bands chosen by hand stay so, whatever they make."""
    if composition.index:
        return INDEX
    if len(composition.bands) == 1:
        return ONE
    if composition.name not in PRESETS or st.session_state.get(_FAMILY) == THREE:
        return THREE
    return composition.name


def _family_changed(held: tuple[str, ...]) -> None:
    """Open a family with what the patch can show of it, three bands with those shown now."""
    family, before = st.session_state[_FAMILY], compositions.parse(st.session_state[choices.COMPOSITION])
    if family is None:  # nothing is marked in the browser: the composition stays, and is marked at this run
        return
    if family == INDEX:
        _show(next((name for name in INDICES if set(PRESETS[name].bands) <= set(held)), INDICES[0]))
    elif family == ONE:
        _show("B08" if "B08" in held else held[0])
    elif family != THREE:
        _show(family)
    elif before.index or len(before.bands) == 1:
        _show(_COLOURS[0])


def _index_changed() -> None:
    _show(st.session_state[_INDEX])


def _bands_changed() -> None:
    chosen = [st.session_state[key] for key in ((_BAND,) if st.session_state[_FAMILY] == ONE else _RGB)]
    _show("-".join(chosen))


def _show(name: str) -> None:
    """Make a composition the session's; a range entered for another kind of value does not carry over."""
    before, now = (compositions.parse(one) for one in (st.session_state[choices.COMPOSITION], name))
    st.session_state[choices.COMPOSITION] = now.name
    chosen = contrast.parse(st.session_state[choices.STRETCH])
    st.session_state[choices.STRETCH] = str(contrast_controls.suited(chosen, before, now))


def _change_changed() -> None:
    st.session_state[choices.CHANGE] = st.session_state[_CHANGE]


def _marked(patch: xr.Dataset, name: str) -> str:
    """Return the title of a family or preset, marked where the patch lacks its bands."""
    title = _FAMILIES.get(name) or PRESETS[name].title
    return f"{title} {_LACKING}" if name in PRESETS and compositions.missing(patch, PRESETS[name]) else title


def _listed(patch: xr.Dataset, name: str) -> str:
    """Return the title of an index for a list, which shows no icons."""
    lacking = compositions.missing(patch, PRESETS[name])
    return f"{PRESETS[name].title} (no {', '.join(lacking)})" if lacking else PRESETS[name].title


def _advice(patch: xr.Dataset, asked: Composition) -> str:
    """Return what to say where the patch's source has not got the bands at all; empty where it has."""
    source = str(patch.attrs.get("source", ""))
    held = cached.source_info(source).bands if source in SOURCES else ALL_BANDS
    without = [name for name in compositions.missing(patch, asked) if name not in held]
    return f"{asked.title} needs {', '.join(without)}, which {source} has not got." if without else ""


def _titled(name: str) -> str:
    return f"{name} {BANDS[name].title}" if name in BANDS else PRESETS[name].title
