"""Bringing a network: an .onnx file with its contract in it, in a .json beside it, or written in a form."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from app import config
from app.bands import ALL_BANDS
from app.detection import contract as contracts
from app.detection import models
from app.detection.contract import Contract
from app.errors import ModelError
from app.ui import state

_OUTPUTS = {
    "logits": "logits: two channels, unchanged and changed (or one, changed)",
    "probability": "probability of change, 0 to 1",
    "reconstruction": "reconstruction of one date, as CDRL makes it",
}


@st.dialog("Bring a network", width="large")
def bring(added: Callable[[str], None]) -> None:
    """Let the reader bring a network; ``added`` gets its name once it is checked and kept."""
    st.caption(
        "An ONNX file with two dates in and a score out. It is looked through and run once in a process of its own "
        "before it is kept. docs/MODELS.md says what its contract holds."
    )
    most = int(config.settings().model_max_mb)
    file = st.file_uploader("A network (.onnx)", type=["onnx"], key="model.file", max_upload_size=most)
    beside = st.file_uploader("Its contract (.json), where there is one", type=["json"], key="model.json")
    if file is None:
        return
    name = st.text_input("Name", value=file.name.removesuffix(models.ENDING)[:80], max_chars=80, key="model.name")
    with state.shown_errors():
        contract = _contract(file.getvalue(), name, beside)
        if st.button("Check and add", type="primary", key="model.add"):
            with st.spinner("Running it once"):
                kept = models.save(file.getvalue(), name, contract)
            added(kept.name)
            st.rerun()


def _contract(content: bytes, name: str, beside) -> Contract | None:
    """Return the contract brought or written in the form, or None where the file states its own."""
    if beside is not None:
        return contracts.from_json(beside.getvalue().decode("utf-8", "replace"), beside.name)
    stated, suggested = models.looked_through(content, name or "network")
    if stated is not None:
        st.caption(f"The file says of itself: {state.plain(stated.name)}, bands {', '.join(stated.bands)}.")
        return None
    st.info(
        "The file does not say what it takes and answers. Correct what was guessed from its shape:",
        icon=":material/edit:",
    )
    return _form(suggested)


def _form(guess: Contract) -> Contract:
    bands = st.multiselect(
        "Bands, in the order of the channels", ALL_BANDS, default=list(guess.bands), key="model.bands"
    )
    left, right = st.columns(2)
    output = left.selectbox(
        "It answers with",
        list(_OUTPUTS),
        list(_OUTPUTS).index(guess.output),
        format_func=_OUTPUTS.get,
        key="model.output",
    )
    threshold = right.number_input("Threshold", 0.0, 1.0, guess.threshold, key="model.threshold")
    stretch = left.selectbox("Reflectance is stretched between", contracts.STRETCHES, key="model.stretch")
    low, high = (right.text_input(title, _listed(values), key=f"model.{title}") for title, values in
                 (("Low, one number or one a band", guess.low), ("High", guess.high)))  # fmt: skip
    mean, std = (left.text_input(title, _listed(values), key=f"model.{title}") for title, values in
                 (("then minus mean", guess.mean), ("divided by std", guess.std)))  # fmt: skip
    tile = right.number_input("Tile (pixels)", 8, 4096, guess.tile, step=guess.size_multiple, key="model.tile")
    return replace(
        guess, bands=tuple(bands), output=output, threshold=float(threshold), stretch=stretch, low=_numbers(low),
        high=_numbers(high), mean=_numbers(mean), std=_numbers(std), tile=int(tile),
    )  # fmt: skip


def _listed(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise ModelError(
            f"{text!r} should be a number, or one a band with commas between, like 0.485, 0.456, 0.406."
        ) from None
