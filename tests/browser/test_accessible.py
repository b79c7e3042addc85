"""Every page for a screen reader and a keyboard: axe-core finds no serious fault that is Scarp's own."""

from collections.abc import Sequence

import pytest

from app.config import ROOT
from app.lessons import linked
from app.ui import frame

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
STREAMLITS = "/media/"  # pictures of st.image, which takes no alternative text
pytestmark = pytest.mark.browser
GRAVE = ("serious", "critical")
DARK = """() => getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme === 'dark'
    && document.getAnimations().every((one) => one.playState !== 'running')"""
RUN = """async (rules) => {
    const found = await axe.run(document, {resultTypes: ['violations'], ...(rules.length ? {runOnly: rules} : {})});
    return found.violations.map((one) => ({
        rule: one.id, impact: one.impact,
        nodes: one.nodes.map((node) => `${node.target.join(' ')} ${node.html.slice(0, 300)}`),
    }));
}"""
ADDRESSES = {
    "Compare": "compare?event=171", "Detect": "detect?event=171&method=band-difference:B04:0.05",
    "Metrics": "metrics?event=171", "Review": "review?event=171", "Patches": "patches?event=171",
    "Inventory": "inventory?event=171", "Learn": "learn?learn=bench&answer=on",
}  # fmt: skip
OF_LEARN = {
    "a lesson": "learn?learn=numbers&step=4", "lessons": "learn", "a quiz to make": "learn?learn=make&make=haze.3.draw",
    "a quiz": f"learn?learn=quiz&quiz={linked.write(linked.parse('plain.4.click'))}",
}  # fmt: skip


@pytest.mark.skipif(not AXE.exists(), reason="no axe-core; `npm ci` brings it")
def test_no_page_has_a_serious_fault_of_its_own(window):
    told = []
    addresses = {label: ADDRESSES.get(label, "") for _, label, *_ in frame.PAGES}
    for label, address in {**addresses, **OF_LEARN}.items():
        window.open(address)
        told += faults(window, label)
        window.page.emulate_media(color_scheme="dark")
        window.page.wait_for_function(DARK)
        told += faults(window, f"{label} in the dark", ["color-contrast"])  # all else is as it was
        window.page.emulate_media(color_scheme="light")
    assert told == []


def faults(window, label: str, rules: Sequence[str] = ()) -> list[str]:
    if not rules:
        window.page.add_script_tag(content=AXE.read_text("utf-8"))
    found = window.page.evaluate(RUN, list(rules))
    grave = ((one["rule"], node) for one in found if one["impact"] in GRAVE for node in one["nodes"])
    return [f"{label} {rule}: {node}" for rule, node in grave if not (rule == "image-alt" and STREAMLITS in node)]
