"""Scores on a page: one event taken apart, and many events averaged, always labelled."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from app import evaluate, metrics, patches, render
from app.bands import TRUTH
from app.detection import methods as naming
from app.errors import InputError, MethodError, TruthMissingError
from app.evaluate import Case, Evaluation, PatchWithTruth
from app.export import csv_safe
from app.patches import PatchSpec
from app.sources import spec_for
from app.ui import cached, figures, keys, link, state, viewer, views, widgets
from app.ui.methods import model_names
from app.ui.viewer import Layer

if TYPE_CHECKING:
    import xarray as xr

_METHODS, _SCOPE, _FOLDER, _RESULT = "score.methods", "score.scope", "score.folder", "held.evaluation"
_MOST = 60  # simulated events scored at once
_WORDS = {
    "whole": "Whole patch: every pixel clear at both dates counts.",
    "box": "Inside the thesis's hand-drawn evaluation box: false alarms outside it do not count. "
    "Only the 17 published validation events have one.",
}
_COLUMNS = {
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
    "iou": "IoU",
    "accuracy": "accuracy",
    "kappa": "kappa",
}
_SIMULATED_SCOPE, _FOLDER_SCOPE = "Simulated pairs of this inventory", "A folder in GLaD4CD layout"


def methods() -> list[str]:
    """Let the reader choose methods, those of the Detect page among them; returns canonical names."""
    current = st.session_state[keys.METHODS]
    offered = list(dict.fromkeys([*current, "band-difference:B04:0.05", "band-difference:B04:0.1", *_runnable()]))
    if _METHODS not in st.session_state:
        st.session_state[_METHODS] = offered[:3]
    chosen = st.multiselect(
        "Methods", list(dict.fromkeys([*offered, *st.session_state[_METHODS]])), key=_METHODS,
        accept_new_options=True, persist_state="session", placeholder="choose or type, for example index-drop:NDVI:0.2",
    )  # fmt: skip
    if not chosen:
        st.info("Choose at least one method to score.", icon=":material/checklist:")
        st.stop()
    try:
        return list(dict.fromkeys(link.method(name) for name in chosen))
    except ValueError as error:
        raise MethodError(str(error)) from error


def _runnable() -> list[str]:
    """Return every method there is with its defaults, the networks of this installation among them."""
    return [*naming.examples(), *(f"onnx:{name}" for name in model_names())]


def region() -> str:
    """Let the reader choose the whole patch or the published box; returns the name."""
    name = st.segmented_control(
        "Region", ["whole", "box"], format_func={"whole": "Whole patch", "box": "Evaluation box"}.get,
        key=keys.REGION, required=True, persist_state="session",
    )  # fmt: skip
    st.caption(_WORDS[name])
    return name


def this_event(names: list[str], where: str) -> None:
    """Score the chosen patch and take one method's result apart."""
    spec = state.spec()
    if spec is None:
        st.info("Choose an event in the inventory to see its scores.", icon=":material/map:")
        st.page_link("pages/inventory.py", label="Choose an event", icon=":material/list:")
        return
    patch = widgets.opened(spec)
    if TRUTH not in patch:
        st.info(
            f"The truth of event {state.plain(spec.event_id)} is not known in the source {spec.source}, so nothing "
            "can be scored. Choose the source demo, or a data set with labels under Many events.",
            icon=":material/help:",
        )
        return
    case = Case(spec.event_id, lambda: PatchWithTruth(patch))
    with state.shown_errors(stop=False):
        found = evaluate.evaluate([case], names, where)
        _origin(patches.is_simulated(patch), f"event {spec.event_id}, {where} patch, n = 1")
        _table([{"method": one.method, **one.micro.as_dict()} for one in found.methods if one.events])
        _refusals(found)
        _taken_apart(spec, patch, [one.method for one in found.methods if one.events], where)


def many_events(names: list[str], where: str) -> None:
    """Score many events on request, and show pooled and averaged scores with their interval."""
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    scope = left.selectbox("Data", [_SIMULATED_SCOPE, _FOLDER_SCOPE], key=_SCOPE, persist_state="session")
    folder = ""
    if scope == _FOLDER_SCOPE:
        folder = right.text_input("Folder with VALIDATION or TEST (A, B, LABEL)", key=_FOLDER, persist_state="session")
    label = f"{scope} {folder}".strip()
    if st.button("Score these events", type="primary", icon=":material/play_arrow:"):
        _run(scope, folder, label, names, where)
    held = st.session_state.get(_RESULT)
    if held is None:
        st.caption("Nothing has been scored yet in this session.")
        return
    _evaluation(*held)


def _run(scope: str, folder: str, label: str, names: list[str], where: str) -> None:
    """Score under a bar; any press of the page ends it, and what was scored before stays."""
    stopping, place = st.empty(), st.empty()
    stopping.button("Stop", icon=":material/stop_circle:", key="stop.scoring")
    bar = place.progress(0.0, text="Starting")
    try:
        with state.shown_errors(stop=False):
            cases, faults = _cases(scope, folder)
            found = evaluate.evaluate(
                cases, names, where, lambda share, doing: bar.progress(min(share, 1.0), text=doing)
            )
            said = tuple(f"Event {one.event}: {one.reason}" for one in faults)
            st.session_state[_RESULT] = (found, label, said)
    finally:
        stopping.empty()
        place.empty()


def _cases(scope: str, folder: str) -> tuple[list[Case], tuple]:
    if scope == _FOLDER_SCOPE:
        return evaluate.dataset_cases(_local_folder(folder))
    cases, faults = [], []
    for event in state.inventory().events[:_MOST]:
        try:
            spec = spec_for(event, "demo")
        except InputError as error:
            faults.append(evaluate.Skipped(event.id, str(error)))
            continue
        cases.append(Case(event.id, lambda spec=spec: PatchWithTruth(cached.patch_quietly(spec))))
    if len(state.inventory().events) > _MOST:
        faults.append(evaluate.Skipped("list", f"only the first {_MOST} events were scored"))
    if not cases:
        raise TruthMissingError("No event of this inventory has the dates a simulated pair needs.")
    return cases, tuple(faults)


def _local_folder(text: str) -> str:
    """Return a folder's path; addresses and GDAL's virtual file systems are no folders."""
    if not text.strip() or "://" in text or text.strip().startswith("/vsi"):
        raise InputError("Give the path of a folder on this machine, not an address.")
    return text.strip()


def _evaluation(found: Evaluation, label: str, faults: tuple[str, ...]) -> None:
    events = max((len(one.events) for one in found.methods), default=0)
    simulated = any(event.simulated for one in found.methods for event in one.events)
    _origin(simulated, f"{label}, {found.region} patch, n = {state.counted(events, 'event')}")
    st.markdown("**Micro: all pixels pooled, every pixel weighs the same**")
    _table(
        [{"method": one.method, **one.micro.as_dict(), "interval": _interval(one.interval_f1)} for one in found.methods]
    )
    st.markdown("**Macro: mean over events, every event weighs the same**")
    st.caption("An event in which a score is undefined (nothing there and nothing found) is left out of that mean.")
    _table([{"method": one.method, **one.macro.values, "n": one.macro.defined["f1"]} for one in found.methods])
    rows = [
        {"event": event.event, "method": one.method, **event.counts.as_dict()}
        for one in found.methods
        for event in one.events
    ]
    st.plotly_chart(
        figures.f1_by_event([_without_nan(row) for row in rows], [one.method for one in found.methods]), key="by-event"
    )
    with st.expander(f"Per event ({len(rows)} rows)"):
        _table(rows)
    st.download_button(
        "Per event (CSV)", lambda: csv_safe(pd.DataFrame(rows).assign(region=found.region, simulated=simulated)),
        f"{'SIMULATED_' if simulated else ''}scores_{found.region}.csv", icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    for sentence in (*faults, *found.notes):
        st.caption(state.plain(sentence))
    _refusals(found)


def _taken_apart(spec: PatchSpec, patch: xr.Dataset, names: list[str], where: str) -> None:
    """Show where one method is right and wrong, as counts and as a picture."""
    if not names:
        return
    name = st.selectbox("Take apart", names, key="score.apart")
    compared = PatchWithTruth(patch).compare(name)
    valid = compared.valid
    if where == evaluate.BOX:
        valid = valid & metrics.box_region(spec.event_id, valid.shape, compared.pixel_deg)
    counts = metrics.confusion(compared.detected, compared.truth, valid)
    classes = metrics.error_map(compared.detected, compared.truth, valid)
    layers = [
        Layer("hit", "Found", classes == metrics.TP, render.HIT_COLOUR),
        Layer("false", "False alarm", classes == metrics.FP, render.FALSE_COLOUR),
        Layer("miss", "Missed", classes == metrics.FN, render.MISS_COLOUR),
        Layer("ignored", "Not counted", classes == metrics.IGNORED, render.CLOUD_COLOUR, False),
    ]
    picture, matrix = st.container(key="wide").columns([3, 2])
    with picture:
        composition, stretch = views.picture_controls(patch)
        panes, _ = cached.panes(spec, composition, stretch)
        simulated = patches.is_simulated(patch)
        viewer.show(panes, patches.grid_of(patch), layers, key=f"{spec.key}-errors", simulated=simulated)
    with matrix:
        st.plotly_chart(figures.confusion(counts.as_dict()), key="matrix")
        st.caption("Pixels; the shade is the share of its row.")


def _origin(simulated: bool, what: str) -> None:
    if simulated:
        st.warning(f"SIMULATED data: {state.plain(what)}", icon=":material/science:")
    else:
        st.caption(state.plain(what))


def _table(rows: list[dict]) -> None:
    shown = [
        {
            "method": row.get("method"),
            **({"event": row["event"]} if "event" in row else {}),
            **{title: _or_none(row.get(name)) for name, title in _COLUMNS.items()},
            **{name: row[name] for name in ("n", "tp", "fp", "fn", "tn") if name in row},
            **({"95 % interval of F1": row["interval"]} if "interval" in row else {}),
        }
        for row in rows
    ]
    config = {title: st.column_config.NumberColumn(format="%.3f") for title in _COLUMNS.values()}
    st.dataframe(shown, hide_index=True, column_config=config, placeholder="undefined")


def _refusals(found: Evaluation) -> None:
    for one in found.skipped:
        st.warning(state.plain(f"Event {one.event}, {one.method}: {one.reason}"), icon=":material/warning:")


def _interval(interval: tuple[float, float]) -> str:
    low, high = interval
    return "undefined" if math.isnan(low) else f"{low:.3f} to {high:.3f}"


def _or_none(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value


def _without_nan(row: dict) -> dict:
    return {name: _or_none(value) if isinstance(value, float) else value for name, value in row.items()}
