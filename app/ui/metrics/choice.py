"""What is to be scored: methods, data, region and whether doubtful truth counts, all of it in the link but paths."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import streamlit as st

from app import visitors
from app.bands import TRUTH
from app.detection import methods as naming
from app.detection import run
from app.errors import MethodError
from app.files import digest
from app.ui import choices, chosen_patch, elsewhere, keys, link, method_list, outlined, widgets, words
from app.ui.choices import texts
from app.ui.keys import KEEP
from app.ui.method_list import held, network_names
from app.ui.metrics import correcting, data
from app.ui.metrics.data import Data
from app.visitors import Deed

_WORDS = {
    "whole": "Whole patch: every pixel clear at both dates counts (at T2, where a network reads T2 alone).",
    "box": "Inside the thesis's hand-drawn evaluation box: false alarms outside it do not count. "
    "Only the 17 published validation events have one.",
}


@dataclass(frozen=True, eq=False)
class Asked:
    """One question to the page: these methods, on these data, inside this region."""

    data: Data
    methods: tuple[str, ...]
    region: str

    @cached_property
    def key(self) -> str:
        """Equal for equal questions; a network whose file has changed makes another one."""
        text = "\n".join((self.data.kind, self.data.key, self.region, *map(_version, self.methods)))
        return digest(text)[:20]


def _version(method: str) -> str:
    """Return a method's name, with the state of its network's file where it has one."""
    try:
        return f"{method} {run.file_state(naming.parse(method))}"
    except MethodError:  # masks made elsewhere
        return method


def choose() -> Asked:
    """Draw the choices and return what they ask for; ends the page where something is still to be chosen."""
    kinds = data.kinds()
    if st.session_state.get(choices.DATA) not in kinds:
        st.session_state[choices.DATA] = data.EVENT
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox("Data", list(kinds), format_func=words.titled(kinds), key=choices.DATA, width=330, **KEEP)
        most = _most(kind)
        if kind != data.EVENT and not kind.startswith(data.SET):
            _leave()
        region = st.segmented_control(
            "Region", list(_WORDS), format_func=words.titled({"whole": "Whole patch", "box": "Evaluation box"}),
            key=choices.REGION, required=True, **KEEP,
        )  # fmt: skip
    assert region is not None  # one is always chosen
    given = kind == data.MASKS
    names = () if given else _methods()
    st.caption(_WORDS[region] + _of_set(kind))
    chosen = correcting.switched(_data(kind, most))
    if kind != data.EVENT and not kind.startswith(data.SET) and st.session_state[choices.LEAVE] == "rejected":
        chosen = data.without_rejected(chosen)
    return Asked(chosen, chosen.methods or names, region)


def _leave() -> None:
    """Let the reader leave out what reviewers rejected; only data of the inventory's own events have verdicts."""
    st.selectbox(
        "Reviewed", ["nothing", "rejected"], key=choices.LEAVE, width=190, **KEEP,
        format_func={"nothing": "Score all events", "rejected": "Without rejected"}.__getitem__,
        help="Without rejected: events of this inventory that reviewers rejected, all of them or a third who decided, "
        "are left out and named in the notes.",
    )  # fmt: skip


def _most(kind: str) -> int:
    """Let the reader say how many cases are scored, where there may be many of them."""
    many = kind in (data.SIMULATED, data.OUTLINES) or kind.startswith(data.SET)
    asked = st.number_input(
        "Events at most", 1, choices.MOST_CASES, step=10, key=choices.COUNT, disabled=not many, width=150, **KEEP,
        help="Outlines, simulated pairs and test sets only; a folder is scored whole.",
    )  # fmt: skip
    return int(asked)


def _methods() -> tuple[str, ...]:
    """Let the reader choose methods, those of the Detect page among them; returns canonical names."""
    current = [str(method) for method in held()]
    offered = list(dict.fromkeys([*current, "band-difference:B04:0.05", "band-difference:B04:0.1", *_runnable()]))
    if not st.session_state.get(choices.SCORED):
        st.session_state[choices.SCORED] = offered[:3]
    chosen = st.multiselect(
        "Methods", list(dict.fromkeys([*offered, *st.session_state[choices.SCORED]])), key=choices.SCORED,
        accept_new_options=True, max_selections=choices.MOST_SCORED,
        placeholder=f"choose or type, for example {naming.parse('index-drop')}", **KEEP,
    )  # fmt: skip
    if refused := visitors.refusal(Deed.NETWORKS):
        st.caption(f":material/lock: {words.plain(refused)}")
    elif st.button("Bring detections", icon=":material/upload_file:", key="scored.bring",
                   help="Masks, scores or outlines that others made, to be scored like any method."):  # fmt: skip
        elsewhere.bring(_also)
    if not chosen:
        st.info("Choose at least one method to score.", icon=":material/checklist:")
        st.stop()
    try:
        return tuple(dict.fromkeys(texts.method(name) for name in chosen))
    except ValueError as error:
        raise MethodError(str(error)) from error


def _also(name: str) -> None:
    """Score what was brought, beside what is scored already."""
    scored = st.session_state.get(choices.SCORED) or []
    st.session_state[choices.SCORED] = list(dict.fromkeys([*scored, f"{elsewhere.METHOD}:{name}"]))[
        -choices.MOST_SCORED :
    ]


def _runnable() -> list[str]:
    """Return every method there is with its defaults, the networks and the brought detections among them."""
    return [
        *naming.examples(),
        *(f"onnx:{name}" for name in network_names()),
        *(f"{elsewhere.METHOD}:{name}" for name in method_list.file_names()),
    ]


def _of_set(kind: str) -> str:
    """Return what a test set is, in words."""
    if not kind.startswith(data.SET):
        return ""
    from app.testsets import SETS

    one = SETS[kind.removeprefix(data.SET)]
    return f"  \n{words.plain(one.title)}. {words.plain(one.what)}"


def _data(kind: str, most: int) -> Data:
    if kind == data.EVENT:
        return _event()
    if kind == data.OUTLINES:
        return _outlines(most)
    if kind == data.SIMULATED:
        return data.simulated(most)
    if kind == data.FOLDER:
        text = st.text_input("Folder with VALIDATION or TEST (A, B, LABEL)", key=keys.FOLDER, **KEEP)
        _wait_for(text)
        found = data.folder(text)
        there = link.address_of(choices.CARRIED["pages/review.py"]) | {choices.JUDGE: "labels"}
        st.page_link("pages/review.py", label="Judge these labels on the Review page", icon=":material/rate_review:",
                     query_params=there)  # fmt: skip
        return found
    if kind == data.MASKS:
        left, right = st.columns(2)
        made = left.text_input("Folder of masks made elsewhere, named by event", key=keys.MASKS, **KEEP)
        known = right.text_input("Folder of the truth, masks or outlines of the same events", key=keys.TRUTHS, **KEEP)
        st.caption(
            "PNG or TIFF, 0 and 1 or 0 and 255; as truth also outlines in GeoJSON. Files are matched by the number or "
            "name of the event in theirs. A mask of another size is brought to the truth's pixels by the nearest one. "
            "The notes below the scores say how everything was read."
        )
        _wait_for(made, known)
        return data.masks(made, known)
    return data.test_set(kind.removeprefix(data.SET), most)


def _wait_for(*texts: str) -> None:
    if not all(text.strip() for text in texts):
        st.info("Give the path of a folder on this machine.", icon=":material/folder_open:")
        st.stop()


def _outlines(most: int) -> Data:
    outlined.controls()
    found = data.of_outlines(most)
    st.caption("  \n".join(map(words.plain, found.notes)))
    if found.cost:
        st.caption(words.plain(found.cost))
    return found


def _event() -> Data:
    spec = chosen_patch.spec()
    if spec is None:
        st.info("Choose an event in the inventory to see its scores, or other data above.", icon=":material/map:")
        link.to_page("pages/inventory.py", "Choose an event", icon=":material/list:")
        st.stop()
    patch = widgets.opened(spec, doubts=False)
    if TRUTH not in patch and not correcting.has(spec):
        st.info(words.plain(data.no_truth(spec)), icon=":material/help:")
        st.stop()
    outlined.truth_told(spec, patch)
    return data.event(spec, outlined.of(spec) if TRUTH in patch and outlined.said(patch) else None)
