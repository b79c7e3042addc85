"""What has to be said around scores: whether they are of simulated data, how files were read, what was left out."""

import streamlit as st

from app.bands import TRUTH
from app.library import plain_steps, snippets
from app.scoring.metrics import WHOLE
from app.ui import cached, choices, chosen_patch, code, elsewhere, outlined, state, widgets, words
from app.ui.metrics import data
from app.ui.metrics.about import About
from app.ui.metrics.running import Scores

_SHOWN, _PLAIN = 30, 3  # sentences at most, and how many of them need no fold


def origin(about: About) -> None:
    """Say what the numbers below are of."""
    if about.simulated:
        st.warning(words.plain(about.words), icon=":material/science:")
    else:
        st.caption(words.plain(about.words))


def replaced(scores: Scores) -> None:
    """Say where something else ran than the method named, or elsewhere than asked, and why."""
    for method in scores.found.methods:
        fallen = [one for one in method.events if one.fallback]
        if fallen:
            reasons = "; ".join(dict.fromkeys(one.fallback for one in fallen))
            st.warning(
                words.plain(
                    f"{method.method}: not as asked in {len(fallen)} of {len(method.events)} events. {reasons}"
                ),
                icon=":material/swap_horiz:",
            )


def doubts(scores: Scores) -> None:
    """Say what to doubt of the events' data and of what was found on them, folded where it is much."""
    lines = scores.found.warnings
    more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    widgets.doubted([*lines[:_SHOWN], *more])


def command(scores: Scores) -> None:
    """Show the same scoring from the command line, where there is one; a path is never written out."""
    asked = scores.asked
    given = {
        data.FOLDER: "--dataset DIR", data.MASKS: "--pred DIR --truth DIR", data.OUTLINES: outlined.argument()
    }.get(asked.data.kind)  # fmt: skip
    if given is None:
        return
    given += _judged(asked.data.kind)
    named = (
        "" if asked.data.methods else "".join(f" --method '{elsewhere.for_a_command(one)}'" for one in asked.methods)
    )
    st.caption(f"The same from the command line{_wider(scores)}:")
    st.code(f"python -m app evaluate {given}{named} --region {asked.region} --json", language="bash", wrap_lines=True)


def _wider(scores: Scores) -> str:
    """Return in words what the command counts that the page leaves out, empty where that is nothing."""
    more = ["doubtful events among them"] if scores.found.left_out else []
    more += ["with every outline of the list"] if any(one.event == data.LIST for one in scores.found.skipped) else []
    return "".join(f", {one}" for one in more)


def _judged(kind: str) -> str:
    """Return what makes ``evaluate`` go by the verdicts as the page does; the inventory is the one that is open."""
    wanted = {
        "--corrected": st.session_state.get(choices.CORRECTED),
        "--without-rejected": st.session_state.get(choices.LEAVE) == "rejected",
    }
    said = "".join(f" {name}" for name, on in wanted.items() if on)
    return f" --inventory FILE{said}" if said and kind != data.OUTLINES else said


def the_code(scores: Scores) -> None:
    """Offer the same scoring as Python, where the truth is the patches' own and the list is as its file has it."""
    asked, used, spec = scores.asked, state.inventory(), chosen_patch.spec()
    if _judged(asked.data.kind):
        return
    named = [elsewhere.for_a_command(one) for one in asked.methods]
    if asked.data.kind == data.EVENT and spec is not None:
        patch = cached.patch_quietly(spec)
        if TRUTH in patch:  # not made of outlines, which need the list they stand in: the command takes both
            ran = [(one.method, one.events[0].threshold) for one in scores.found.methods if one.events]
            plain = plain_steps.scores(patch, ran) if asked.region == WHOLE else ()
            code.of_patch(spec, patch, snippets.scores(named, asked.region, spec.event_id), plain=plain, methods=named)
    elif asked.data.kind == data.SIMULATED and not used.changes:
        first = [one.id for one in used.events[: st.session_state[choices.COUNT]]]
        left_out = [one.event for one in scores.found.skipped if one.event in first and not one.method]
        code.of_scores(used, snippets.pairs(used, len(first), left_out, named), snippets.scores(named, asked.region))


def refusals(scores: Scores) -> None:
    """Say how the data were read, and which events a method could not be scored on, with the reason."""
    read = scores.found.notes
    place = st.expander(f"How the files were read ({len(read)})") if len(read) > _PLAIN else st.container()
    for sentence in read[:_SHOWN]:
        place.caption(words.plain(sentence))
    if len(read) > _SHOWN:
        place.caption(f"and {len(read) - _SHOWN} more")
    refused = scores.found.skipped
    if not refused:
        return
    with st.expander(f"Not scored ({len(refused)})", icon=":material/warning:"):
        for one in refused[:_SHOWN]:
            by = f", {one.method}" if one.method else ""
            st.caption(words.plain(f"Event {one.event}{by}: {one.reason}"))
        if len(refused) > _SHOWN:
            st.caption(f"and {len(refused) - _SHOWN} more")
