"""The picture of docs/ARCHITECTURE.md, drawn from what the modules import: ``python -m tests.drawn_architecture``."""

import re
from graphlib import TopologicalSorter

from app.config import ROOT
from tests.test_architecture import ORDER, edges, room

PAGE = ROOT / "docs" / "ARCHITECTURE.md"
_PLACE = re.compile(r"```mermaid\n.*?```", re.DOTALL)


def between_packages() -> dict[str, set[str]]:
    """Return which packages a package imports, without those it reaches by way of another."""
    direct: dict[str, set[str]] = {name: set() for name in ORDER}
    for module, targets in edges().items():
        direct[room(module)] |= {room(target) for target in targets} - {room(module)}
    reached: dict[str, set[str]] = {}
    for name in TopologicalSorter(direct).static_order():
        reached[name] = set().union(direct[name], *(reached[one] for one in direct[name]))
    return {name: to - set().union(*(reached[one] for one in to)) for name, to in direct.items()}


def picture() -> str:
    """Return the picture as a block of Markdown, an arrow from each package to those it imports."""
    arrows = [f"    {name} --> {to}" for name, found in between_packages().items() for to in sorted(found)]
    return "\n".join(["```mermaid", "flowchart TD", *arrows, "```"])


def main() -> None:
    """Draw the picture anew."""
    PAGE.write_text(_PLACE.sub(lambda _: picture(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
