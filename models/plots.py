"""Pictures for the cards and docs: what a training log tells, and precision against recall, as small SVG files.

``python -m models.plots FILE.pt.log --out FILE.svg`` draws a log; ``python -m models.iburi --picture`` the other.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

from app import files
from app.arguments import DONE, Parser, refused
from app.errors import NetworkError, ScarpError

CALLED = "python -m models.plots"
WIDTH, HEIGHT, LEFT, TOP, KEY = 700, 380, 56, 16, 250  # pixels; KEY is the width of what the lines are called
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")  # Okabe and Ito
TICKS = 5


@dataclass(frozen=True, eq=False)
class PlottedLine:
    """One line of a picture; ``dot`` marks a point of it. Points that are not finite are left out."""

    title: str
    x: np.ndarray  # float (n,), as is y
    y: np.ndarray
    dot: tuple[float, float] | None = None


def svg(lines: Sequence[PlottedLine], across: str, up: str, x_to: float = 1.0, y_to: float = 1.0) -> str:
    """Return a picture of the lines over 0 to ``x_to`` and 0 to ``y_to``, axes named ``across`` and ``up``."""
    wide, high = WIDTH - LEFT - KEY, HEIGHT - TOP - 48

    def at(x: float, y: float) -> str:
        return f"{LEFT + wide * x / x_to:.1f},{TOP + high * (1 - y / y_to):.1f}"

    parts = [*_axes(wide, high, across, up, x_to, y_to)]
    for number, line in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        dashes = ' stroke-dasharray="6 4"' if number >= len(COLOURS) else ""
        kept = np.isfinite(line.x) & np.isfinite(line.y)
        points = " ".join(dict.fromkeys(at(x, y) for x, y in zip(line.x[kept], line.y[kept], strict=True)))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>')
        if line.dot:
            left, top = at(*line.dot).split(",")
            parts.append(f'<circle cx="{left}" cy="{top}" r="5" fill="{colour}" stroke="white"/>')
        y = TOP + 14 + 22 * number
        key = LEFT + wide + 16
        parts.append(f'<path d="M{key} {y - 4}h18" stroke="{colour}" stroke-width="3"{dashes}/>')
        parts.append(f'<text x="{key + 24}" y="{y}">{escape(line.title)}</text>')
    box = f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {box}>'
    return "\n".join([head, f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>', *parts, "</svg>", ""])


def _axes(wide: int, high: int, across: str, up: str, x_to: float, y_to: float) -> list[str]:
    parts = []
    for tick in range(TICKS + 1):
        x, y = LEFT + wide * tick / TICKS, TOP + high * (1 - tick / TICKS)
        parts.append(f'<path d="M{x:.0f} {TOP}v{high}M{LEFT} {y:.0f}h{wide}" stroke="#ddd"/>')
        parts.append(f'<text x="{x:.0f}" y="{TOP + high + 18}" text-anchor="middle">{x_to * tick / TICKS:g}</text>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{y_to * tick / TICKS:.3g}</text>')
    middle = TOP + high / 2
    parts.append(f'<text x="{LEFT + wide / 2}" y="{HEIGHT - 8}" text-anchor="middle">{escape(across)}</text>')
    parts.append(f'<text transform="translate(14 {middle})rotate(-90)" text-anchor="middle">{escape(up)}</text>')
    return parts


def of_log(path: Path) -> str:
    """Return a picture of the log of a training run: loss and F1 on the validation pairs by step.

    Raises NetworkError where the file cannot be read or holds no checks.
    """
    try:
        told = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        checks = [(one["step"], one["loss"], one["f1"]) for one in told if one.get("event") == "check"]
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise NetworkError(f"{path} is no log of a training run; name the FILE.pt.log that it wrote.") from error
    if not checks:
        raise NetworkError(f"{path} holds no check yet; the first comes after --check-every steps.")
    step, loss, f1 = np.array(checks, float).T  # a check of a threshold alone has no loss: NaN
    top = float(np.nanmax([1.0, *loss]))
    lines = [PlottedLine("loss, mean since the last check", step, loss), PlottedLine("F1, validation pairs", step, f1)]
    return svg(lines, "step", "loss, F1", max(float(step[-1]), 1.0), top)


def write(path: Path, picture: str) -> None:
    """Write a picture; raises InputError where it cannot be written."""
    with files.written_whole(path) as part:
        part.write_text(picture, encoding="utf-8")


def main(argv: list[str] | None = None) -> int:
    """Draw, and return the exit code: 0 done, 2 refused."""
    made = Parser(prog=CALLED, description="Draw the log of a training run.")
    made.add_argument("log", type=Path, metavar="FILE.pt.log")
    made.add_argument("--out", type=Path, required=True, metavar="FILE.svg")
    args = made.parse_args(argv)
    try:
        write(args.out, of_log(args.log))
    except ScarpError as error:
        return refused(CALLED, error)
    return DONE


if __name__ == "__main__":
    sys.exit(main())
