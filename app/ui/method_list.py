"""Choosing methods on a page: several at once, one of them open for changes, each with its threshold."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from app import patches, visitors
from app.bands import BANDS
from app.detection import methods, run
from app.detection.elsewhere import collections
from app.detection.indices import TABLE
from app.detection.methods import INDICES, KINDS, Kind, Method
from app.detection.network import registry
from app.errors import BandMissingError, NetworkError
from app.files import size_words
from app.ui import choices, elsewhere, networks, owned, terms, words
from app.ui.faults import guarded
from app.ui.keys import KEEP
from app.visitors import Deed

if TYPE_CHECKING:
    import xarray as xr

    from app.detection.run import Detection

_KIND, _TARGET, _DIRECTION = "method.kind", "method.target", "method.direction"
_THRESHOLD, _OTSU = "method.threshold", "method.otsu"
_OPEN, _DEVICE = "method.open", "method.device"
_RANGES = {  # unit -> highest threshold, step, format
    methods.REFLECTANCE: (0.4, 0.005, "%.3f"),
    methods.INDEX: (1.5, 0.01, "%.2f"),
    methods.PERCENT: (200.0, 1.0, "%.0f"),
    methods.SPREADS: (10.0, 0.05, "%.2f"),
    methods.DEVIATIONS: (25.0, 0.25, "%.2f"),
}
_SHARE = (1.0, 0.01, "%.2f")  # of everything that lies in 0 to 1
_DEVICES = {"auto": "GPU if there is one, else CPU", "gpu": "GPU", "cpu": "CPU"}


def held() -> list[Method]:
    """Return the methods of the session, in the order they were added."""
    return [methods.parse(text) for text in _texts()]


def choose(patch: xr.Dataset) -> Method:
    """Draw the list of methods and the parts of the open one; returns the open one."""
    _list()
    method = _usable(opened(), patch)
    _parts(method, patch)
    return method


def opened() -> Method:
    """Return the method open for changes."""
    every = held()
    return every[_position(len(every))]


def device() -> str:
    """Return where networks should run: auto, gpu or cpu."""
    return st.session_state.get(_DEVICE, "auto")


def threshold(method: Method, detection: Detection) -> float:
    """Return a method's threshold in the unit of its scores."""
    if method.otsu:
        return run.otsu(detection.score, detection.clear)
    other_ran = detection.ran != detection.method  # a threshold meant for one method says nothing to another
    return detection.threshold if other_ran or method.threshold is None else method.threshold


def choose_threshold(method: Method, detection: Detection) -> None:
    """Draw the threshold of the open method; a change is in its name at the next run."""
    highest, step, shape = _RANGES.get(detection.unit, _SHARE)
    value = threshold(method, detection)
    if detection.unit == methods.DECIDED:
        st.caption("Decided by whoever made it: there is no threshold to move.")
        return
    lowest, value = 0.0, float(value) if math.isfinite(value) else highest
    if not lowest <= value <= highest:  # a link's, or Otsu's: the one in use is the one to show
        lowest, highest = min(lowest, value), max(highest, value)
    _set(_OTSU, method.otsu)
    _set(_THRESHOLD, value)
    with st.container(key="threshold", gap="small"):  # at the foot of a narrow screen, where the picture stays in sight
        st.slider(
            f"Threshold ({detection.unit})", lowest, highest, step=step, format=shape, key=_THRESHOLD,
            disabled=method.otsu, on_change=guarded(_changed), **KEEP,
            help=terms.explained("Moving it redraws the mask; nothing is computed again.", "score", "threshold"),
        )  # fmt: skip
        st.toggle(
            "Otsu's threshold", key=_OTSU, on_change=guarded(_changed),
            help="Chosen from the scores: the split with the least spread within both parts.", **KEEP,
        )  # fmt: skip


def unthresholded(method: Method) -> str:
    """Return a name that stays the same when the threshold moves, so that scores are kept."""
    default = KINDS[method.kind].threshold
    return str(replace(method, threshold=None if math.isnan(default) else default, otsu=False))


def add(name: str) -> None:
    """Add a method to the session's list and open it; one that is there already is only opened."""
    every = _texts()
    if name not in every:
        every = [*every, name][-choices.MOST_METHODS :]
        st.session_state[choices.METHODS] = every
    st.session_state[choices.OPEN_METHOD] = every.index(name)


def _list() -> None:
    every = held()
    position = _position(len(every))
    _set(_OPEN, position)
    st.radio(
        "Methods, the open one marked",
        range(len(every)),
        format_func=lambda n: every[n].title,
        key=_OPEN,
        on_change=guarded(_open),
        **KEEP,
    )
    with st.container(horizontal=True, gap="small"):
        with st.popover("Add", icon=":material/add:", disabled=len(every) >= choices.MOST_METHODS):
            for kind in methods.KINDS.values():
                if kind.target in methods.BY_NAME and not _there(kind):
                    continue
                st.button(
                    kind.title, key=f"method.add.{kind.name}", help=kind.summary, on_click=guarded(_add), args=(kind,)
                )
        refused = visitors.refusal(Deed.NETWORKS)
        if not refused:
            _bringing()
        st.button(
            "Remove", icon=":material/remove:", disabled=len(every) < 2, key="method.remove", on_click=guarded(_remove)
        )
    if refused:
        st.caption(f":material/lock: {words.plain(refused)}")


def _bringing() -> None:
    """Offer what a reader may bring; who may not gets no button that would only say so."""
    if st.button("Bring a network", icon=":material/upload_file:", key="method.bring"):
        networks.bring(lambda name: add(f"onnx:{name}"))
    if st.button(
        "Bring detections", icon=":material/layers:", key="method.detections",
        help="Masks, scores or outlines that others made: a layer and a method like any other.",
    ):  # fmt: skip
        elsewhere.bring(lambda name: add(f"{elsewhere.METHOD}:{name}"))


def _parts(method: Method, patch: xr.Dataset) -> None:
    kind = KINDS[method.kind]
    kinds = [
        one.name for one in methods.KINDS.values() if one.target not in methods.BY_NAME or one is kind or _there(one)
    ]
    _set(_KIND, method.kind)
    st.selectbox(
        "Method", kinds, format_func=lambda name: KINDS[name].title, key=_KIND, on_change=guarded(_kind_changed), **KEEP
    )
    st.caption(kind.summary)
    if kind.target:
        offered = _there(kind) or _targets(patches.band_names(patch)).get(kind.target, ())
        offered = offered if method.target in offered else (*offered, method.target)
        _set(_TARGET, method.target)
        st.selectbox(
            kind.target.capitalize(), offered, format_func=_titled, key=_TARGET, on_change=guarded(_changed), **KEEP
        )
    if kind.target == "network":
        _set(_DEVICE, device())
        st.selectbox("Runs on", list(_DEVICES), format_func=words.titled(_DEVICES), key=_DEVICE, **KEEP)
        _card(method.target)
    if kind.target == "file":
        elsewhere.card(method.target)
    if kind.directed:
        _set(_DIRECTION, method.direction)
        st.segmented_control(
            "Change", methods.DIRECTIONS, format_func=str.capitalize, key=_DIRECTION, required=True,
            on_change=guarded(_changed),
            help="Fresh soil and rock are brighter than what they buried: the thesis counts increases only.", **KEEP,
        )  # fmt: skip


def _card(name: str) -> None:
    """Show what is known of a network, and let its owner take it away."""
    owned.networks()
    listed = registry.listed(name)
    if listed is None:
        return
    with st.popover("Model card", icon=":material/badge:"):
        for doubt in (listed.unusable, *listed.doubts):
            if doubt:
                st.warning(words.plain(doubt), icon=":material/warning:")
        if listed.contract is not None:
            about = listed.contract
            st.markdown(
                f"**{words.plain(listed.title)}**  \n"
                f"Bands {', '.join(about.bands) or 'not stated'}{' of T2 alone' if about.alone else ''} · "
                f"answers {about.output} · tile {about.tile} px  \n"
                f"Licence: {words.plain(about.licence)}  \nTraining data: {words.plain(about.training_data)}  \n"
                f"Source: {words.plain(about.source or 'not stated')}"
            )
        st.caption(f"{size_words(listed.size)} · SHA-256 {listed.sha256[:16]}")
        if registry.is_own(name):
            st.caption("You brought it, and you alone see it.")
            st.button(
                "Take away", icon=":material/delete:", key="method.take_away", on_click=guarded(networks.take_away),
                args=(listed.name,),
            )  # fmt: skip
        if listed.card is not None:
            st.markdown(registry.card_text(listed))


def _usable(method: Method, patch: xr.Dataset) -> Method:
    """Return the method, on a band the patch holds where a link or another patch named one it lacks."""
    bands = patches.band_names(patch)
    if KINDS[method.kind].target != "band" or method.target in bands:
        return method
    if not bands:
        raise BandMissingError("This patch holds no bands; open it again on the Patches page.")
    instead = replace(method, target="B04" if "B04" in bands else bands[0])
    st.caption(f":orange[This patch has no {method.target}; showing {instead.target}.]")
    _put(instead)
    return instead


def network_names() -> tuple[str, ...]:
    """Return the names of the networks this reader can run; none is opened for that."""
    owned.networks()
    return registry.names()


def file_names() -> tuple[str, ...]:
    """Return the names of the detections this reader brought."""
    owned.detections()
    return collections.names()


def _there(kind: Kind) -> tuple[str, ...]:
    """Return what there is for a kind whose target is a file; empty for any other."""
    named = {"network": network_names, "file": file_names}.get(kind.target)
    return named() if named else ()


def _texts() -> list[str]:
    """Return the names of the session's methods; a session that was dropped has the usual ones."""
    return list(st.session_state.get(choices.METHODS) or choices.DEFAULTS[choices.METHODS])


def _position(count: int) -> int:
    return min(max(0, st.session_state.get(choices.OPEN_METHOD) or 0), count - 1)


def _set(key: str, value: object) -> None:
    if st.session_state.get(key) != value:
        st.session_state[key] = value


def _titled(target: str) -> str:
    return f"{target} · {BANDS[target].title}" if target in BANDS else target


def _put(method: Method) -> None:
    """Replace the open method; where it becomes equal to another one, only one is kept."""
    every = _texts()
    every[_position(len(every))] = str(method)
    kept = list(dict.fromkeys(every))
    st.session_state[choices.METHODS] = kept
    st.session_state[choices.OPEN_METHOD] = kept.index(str(method))


def _named(kind: Kind) -> str:
    if kind.target not in methods.BY_NAME:
        return str(methods.parse(kind.name))
    there = _there(kind)
    if not there:
        raise NetworkError(f"There is no {kind.target} to run; bring one.")
    return f"{kind.name}:{there[0]}"


def _open() -> None:
    st.session_state[choices.OPEN_METHOD] = st.session_state.get(_OPEN) or 0


def _add(kind: Kind) -> None:
    add(_named(kind))


def _remove() -> None:
    every = _texts()
    if len(every) > 1:
        del every[_position(len(every))]
    st.session_state[choices.METHODS] = every


def _kind_changed() -> None:
    kind = KINDS.get(st.session_state.get(_KIND, ""))
    if kind is not None:
        _put(methods.parse(_named(kind)))


def _changed() -> None:
    """Compose the open method's name from the controls; runs before the page does.

    A session that was dropped has other methods than the controls were drawn for, or lacks some of them: what is not
    there, or is no choice of the open method, stays as it is.
    """
    method = opened()
    kind = KINDS[method.kind]
    if st.session_state.get(_KIND, kind.name) != kind.name:
        return
    target = st.session_state.get(_TARGET, method.target)
    retargeted = bool(kind.target) and target != method.target and _is_choice(kind, target)
    if retargeted:
        method = replace(method, target=target)
    if kind.directed:
        method = replace(method, direction=st.session_state.get(_DIRECTION) or method.direction)
    otsu, level = _level(method, brings_its_own=retargeted and kind.target in methods.BY_NAME)
    _put(replace(method, otsu=otsu, threshold=level))


def _level(method: Method, brings_its_own: bool) -> tuple[bool, float | None]:
    """Return whether Otsu chooses, and the threshold of the controls; another network brings its own."""
    otsu, chosen = bool(st.session_state.get(_OTSU, method.otsu)), st.session_state.get(_THRESHOLD)
    if otsu or brings_its_own:
        return otsu, None
    return False, method.threshold if chosen is None else max(float(chosen), 1e-6)


def _targets(bands: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return what a kind of target may be, where these bands are there."""
    return {"band": bands, "index": INDICES, "band or index": (*TABLE, *bands)}


def _is_choice(kind: Kind, target: str) -> bool:
    return target in (_there(kind) or _targets(tuple(BANDS)).get(kind.target, ()))
