"""Bringing a network: an .onnx file with its contract in it, in a .json beside it, or written in a form."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit import config as server

from app import config
from app.detection.network import checking, registry, stating
from app.detection.network import contract as contracts
from app.detection.network.checking import Checked
from app.detection.network.contract import Contract
from app.detection.network.fitting import in_time_order
from app.errors import NetworkError, ScarpError
from app.ui import faults, keys, owned, widgets, words
from app.visitors import Deed

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from app.detection.network.registry import ListedNetwork
    from app.ui.insides import UploadedFile

_UPLOAD = "server.maxUploadSize"
_CONTRACT_MB = 1
_OUTPUTS = {
    "logits": "logits: two channels, unchanged and changed (or one, changed)",
    "probability": "probability of change, 0 to 1",
    "decided": "decided: the number of a class, as ArgMax gives it",
    "reconstruction": "reconstruction of one date, as CDRL makes it",
}
_LAYOUTS = {"channels-first": "before height and width", "channels-last": "after height and width"}
_READ = {"t1,t2": "both dates, T1's channels first", "t2": "T2 alone"}
_TAKES, _COUNTS = "Its one input takes", "The output that counts"
_IN_THE_FORM = {  # what somebody writes in a contract -> what is chosen in the form instead
    'write "dates": ["t2"]': f'choose "T2 alone" under "{_TAKES}"',
    'write "dates": ["t1", "t2"]': f'choose "both dates" under "{_TAKES}"',
    'correct "bands"': "correct the bands", 'Correct "bands"': "Correct the bands",
    '"answer" names another': f'"{_COUNTS}" chooses another',
}  # fmt: skip


@st.dialog("Bring a network", width="large")
def bring(added: Callable[[str], None]) -> None:
    """Let the reader bring a network; ``added`` gets its name once it is checked and kept."""
    st.caption(
        "An ONNX file with two dates in, or T2 alone, and a score out. It is looked through and run once in a process "
        "of its own before it is kept, for you alone. docs/MODELS.md says what its contract holds."
    )
    if widgets.is_refused(Deed.NETWORKS):
        return
    file = st.file_uploader("A network (.onnx)", type=["onnx"], key="network.file", max_upload_size=largest_upload_mb())
    beside = st.file_uploader(
        "Its contract (.json), where there is one", type=["json"], key="network.json", max_upload_size=_CONTRACT_MB
    )
    if file is None:
        return
    called = contracts.clean(file.name).removesuffix(stating.ENDING)[:80]
    name = st.text_input("Name", value=called, max_chars=80, key="network.name")
    with faults.shown_errors():
        owned.networks()
        contract = _contract(file, name, beside)
        if st.button("Check and add", type="primary", key="network.add"):
            with st.spinner("Running it once"):
                content = file.getvalue()
                kept = _kept(content, name, contract, by_form=beside is None)
            added(kept.name)
            st.rerun()


def _kept(content: bytes, name: str, contract: Contract | None, by_form: bool) -> ListedNetwork:
    try:
        return owned.keep(len(content), lambda: registry.save(content, name, contract))
    except NetworkError as error:
        raise NetworkError(in_the_form(str(error)) if by_form else str(error)) from error


def in_the_form(sentence: str) -> str:
    """Return what is said of a contract's text as what is chosen in the form."""
    for written, chosen in _IN_THE_FORM.items():
        sentence = sentence.replace(written, chosen)
    return sentence


def largest_upload_mb() -> int:
    """Return how many megabytes a network may have, having made the server take as many.

    The server looks its limit up at every upload. Where whoever runs it set one other than Scarp's own, that stands,
    and so less may be promised.
    """
    most = max(1, math.ceil(config.settings().model_max_mb))
    if server.get_option(_UPLOAD) > most:  # a megabyte more, for what goes round a file on its way
        return most
    if server.get_where_defined(_UPLOAD) in _own_limits():
        server.set_option(_UPLOAD, most + 1, str(config.ROOT / ".streamlit" / "config.toml"))
        return most
    return max(1, server.get_option(_UPLOAD) - 1)


def take_away(name: str) -> None:
    """Forget one of the reader's own networks, and what this session was to run with it."""
    owned.networks()
    registry.remove(name)
    gone = f"onnx:{name.removesuffix(registry.PUBLISHED)}"
    owned.forget_methods(lambda one: _runs(one, gone))


def _runs(method: str, network: str) -> bool:
    return method == network or method.startswith((f"{network}:", f"{network}{registry.PUBLISHED}"))


def _own_limits() -> tuple[str, ...]:
    return "<default>", str(config.ROOT / ".streamlit" / "config.toml")


def _contract(file: UploadedFile, name: str, beside: UploadedFile | None) -> Contract | None:
    """Return the contract brought or written in the form, or None where the file states its own."""
    if beside is not None:
        text = beside.getvalue().decode("utf-8-sig", "replace")
        return contracts.from_json(text, contracts.clean(beside.name)[:80])
    stated, checked = _looked_through(file, name)
    for note in checked.notes:
        st.caption(words.plain(in_the_form(note)))
    if stated is not None:
        st.caption(f"The file says of itself: {words.plain(stated.name)}, bands {', '.join(stated.bands)}.")
        if stated.bands:
            return None
    st.info(
        "The file does not say what it takes and answers. Correct what was guessed from its shape and from a run on "
        "noise:" if stated is None else "The file does not say which bands it reads. Name them:",
        icon=":material/edit:",
    )  # fmt: skip
    return replace(_form(checked, file.file_id), name=name or "network")


def _looked_through(file: UploadedFile, name: str) -> tuple[Contract | None, Checked]:
    """Return what looking a file through and running it once showed; done once for a file that is brought."""
    held = st.session_state.get(keys.NETWORK)
    if held is None or held[0] != file.file_id:
        with st.spinner("Looking it through and running it once"):
            found: tuple[Contract | None, Checked] | NetworkError
            try:
                found = checking.looked_through(file.getvalue(), name or "network")
            except NetworkError as error:
                found = error
        held = st.session_state[keys.NETWORK] = (file.file_id, found)
    if isinstance(held[1], ScarpError):
        raise NetworkError(str(held[1]))
    return held[1]


def _form(checked: Checked, file_id: str) -> Contract:
    guess = checked.contract
    bands = st.multiselect(
        "Bands, in the order of the channels",
        contracts.CHANNELS,
        default=list(guess.bands),
        key=f"network.bands.{file_id}",
    )
    left, right = st.columns(2)
    output = left.selectbox(
        "It answers with",
        list(_OUTPUTS),
        list(_OUTPUTS).index(guess.output),
        format_func=words.titled(_OUTPUTS),
        key=f"network.output.{file_id}",
    )
    threshold = right.number_input("Threshold", 0.0, 1.0, min(1.0, max(0.0, float(guess.threshold))),
                                   key=f"network.threshold.{file_id}")  # fmt: skip
    inputs, answer, changed = _tensors(checked, left, right, file_id)
    dates = _dates(guess, left, file_id)
    layout = right.selectbox("Channels of an input come", contracts.LAYOUTS, contracts.LAYOUTS.index(guess.layout),
                             format_func=words.titled(_LAYOUTS), key=f"network.layout.{file_id}")  # fmt: skip
    scaled = _scaling(guess, left, right, file_id)
    tile = right.number_input("Tile (pixels)", 8, 4096, max(8, min(4096, guess.tile)), step=guess.size_multiple,
                              key=f"network.tile.{file_id}")  # fmt: skip
    return replace(
        guess, bands=tuple(bands), output=output, threshold=float(threshold), tile=int(tile), inputs=inputs,
        answer=answer, changed=changed, dates=dates, layout=layout, **scaled,
    )  # fmt: skip


def _dates(guess: Contract, where: DeltaGenerator, file_id: str) -> tuple[str, ...]:
    """Return the dates it reads, asked for where it has one input."""
    if len(guess.inputs) == 2:
        return guess.dates
    read = where.selectbox(
        _TAKES, list(_READ), list(_READ).index(",".join(guess.dates)), format_func=words.titled(_READ),
        key=f"network.dates.{file_id}",
        help="Where it takes T2 alone, T1 decides nothing: every pixel that is clear at T2 counts.",
    )  # fmt: skip
    return tuple(read.split(","))


def _scaling(guess: Contract, left: DeltaGenerator, right: DeltaGenerator, file_id: str) -> dict[str, Any]:
    """Return how reflectance becomes input; nothing is asked where digital numbers are taken as they are."""
    if guess.dtype in contracts.DIGITAL:
        left.caption(f"It takes {guess.dtype}: digital numbers, reflectance times 10,000.")
        return {}
    stretch = left.selectbox("Reflectance is stretched between", contracts.STRETCHES,
                             contracts.STRETCHES.index(guess.stretch), key=f"network.stretch.{file_id}")  # fmt: skip
    low = right.text_input("Low, one number or one a band", _listed(guess.low), key=f"network.low.{file_id}")
    high = right.text_input("High", _listed(guess.high), key=f"network.high.{file_id}")
    stretched = {"stretch": stretch, "low": _numbers(low), "high": _numbers(high)}
    if guess.dtype != "float32":
        left.caption(f"It takes {guess.dtype}: what is stretched, from 0 to 255.")
        return stretched
    mean = left.text_input("then minus mean", _listed(guess.mean), key=f"network.mean.{file_id}")
    std = left.text_input("divided by std", _listed(guess.std), key=f"network.std.{file_id}")
    return {**stretched, "mean": _numbers(mean), "std": _numbers(std)}


def _tensors(
    checked: Checked, left: DeltaGenerator, right: DeltaGenerator, file_id: str
) -> tuple[tuple[str, ...], str, int]:
    """Return the inputs with T1's first, the output and the changed class, asked for where there is a choice."""
    guess, inputs, answer = checked.contract, checked.contract.inputs, checked.contract.answer
    if len(inputs) == 2:
        ordered, _ = in_time_order(inputs)
        first = left.selectbox("T1 goes into", ordered, ordered.index(inputs[0]), key=f"network.first.{file_id}")
        inputs = (first, next(name for name in inputs if name != first))
    if len(checked.graph.outputs) > 1:
        there = [tensor.name for tensor in checked.graph.outputs]
        at = there.index(answer) if answer in there else 0
        answer = right.selectbox(_COUNTS, there, at, key=f"network.answer.{file_id}")
    changed = right.number_input("Channel or number of the changed class", 0, contracts.LARGEST_CLASS, guess.changed,
                                 key=f"network.changed.{file_id}")  # fmt: skip
    return inputs, answer, int(changed)


def _listed(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise NetworkError(
            f"{contracts.clean(text)[:80]!r} should be a number, or one a band with commas between, like 0.485, 0.456, "
            "0.406."
        ) from None
