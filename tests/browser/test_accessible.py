"""Every page for a screen reader and a keyboard: axe-core finds no serious fault that is Scarp's own."""

import pytest

from app.config import ROOT
from app.ui import frame

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
STREAMLITS = "/media/"  # pictures of st.image, which takes no alternative text
pytestmark = pytest.mark.browser
GRAVE = ("serious", "critical")
RUN = """async () => {
    const found = await axe.run(document, {resultTypes: ['violations']});
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


@pytest.mark.skipif(not AXE.exists(), reason="no axe-core; `npm ci` brings it")
def test_no_page_has_a_serious_fault_of_its_own(window):
    told = []
    for _, label, *_ in frame.PAGES:
        window.open(ADDRESSES.get(label, ""))
        told += faults(window, label)
    window.open("learn?learn=numbers&step=4")
    told += faults(window, "a lesson")
    window.page.emulate_media(color_scheme="dark")
    window.open("learn")
    told += faults(window, "dark")
    assert told == []


def faults(window, label: str) -> list[str]:
    window.page.add_script_tag(content=AXE.read_text("utf-8"))
    found = window.page.evaluate(RUN)
    grave = ((one["rule"], node) for one in found if one["impact"] in GRAVE for node in one["nodes"])
    return [f"{label} {rule}: {node}" for rule, node in grave if not (rule == "image-alt" and STREAMLITS in node)]
