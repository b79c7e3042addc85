"""Pictures of where a network does well and where it fails: ``python -m models.gallery --out FILE.png``."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from app import patches, truth
from app.arguments import DONE, Parser, refused
from app.config import ROOT
from app.detection import run
from app.errors import ScarpError
from app.pictures import render
from app.scoring import metrics
from app.scoring.metrics import Confusion
from app.testsets import SETS
from app.testsets.making import patch_of

if TYPE_CHECKING:
    import xarray as xr

SIDE_PX, MARGIN_PX, TEXT_PX = 260, 8, 34
COLOURS = {metrics.TP: render.HIT_COLOUR, metrics.FP: render.FALSE_COLOUR, metrics.FN: render.MISS_COLOUR}
LEGEND = "T1, T2, then each method: green found, orange false, violet missed"


@dataclass(frozen=True, eq=False)
class Row:
    """One case with what each method made of it."""

    title: str
    patch: "xr.Dataset"
    marked: tuple[np.ndarray, ...]
    counts: tuple[Confusion, ...]


def rows(methods: tuple[str, ...], count: int = 24) -> Iterator[Row]:
    """Yield the best, the middle and the two worst simulated cases of the first method, then the sample pair."""
    opened = (patch_of(case) for case in SETS["simulated"].cases(count))
    tried = (_row(patch, methods) for patch in opened if truth.read(patch)[0].any())
    told = sorted(tried, key=lambda row: row.counts[0].f1)
    for place in (-1, len(told) // 2, 1, 0):
        yield told[place]
    for case in SETS["clearings"].cases():
        yield _row(patch_of(case), methods)


def _row(patch: "xr.Dataset", methods: tuple[str, ...]) -> Row:
    landslide, known = truth.read(patch)
    found = [run.detect(patch, method, "cpu") for method in methods]
    marked = tuple(run.mask(one) for one in found)
    both = zip(marked, found, strict=True)
    counts = tuple(metrics.confusion(mask, landslide, one.clear & known) for mask, one in both)
    simulated = f"{render.SIMULATED} " if patches.is_simulated(patch) else ""
    return Row(f"{simulated}{' to '.join(patches.dates(patch))}", patch, marked, counts)


def sheet(drawn: list[Row], titles: tuple[str, ...]) -> Image.Image:
    """Return one picture of all rows: both dates, then what each method hit, missed and marked falsely."""
    columns = 2 + len(titles)
    step = SIDE_PX + MARGIN_PX
    page = Image.new("RGB", (columns * step + MARGIN_PX, len(drawn) * (step + TEXT_PX) + TEXT_PX), "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(14)
    draw.text((MARGIN_PX, 8), LEGEND, fill="black", font=font)
    for number, row in enumerate(drawn):
        top = TEXT_PX + number * (step + TEXT_PX)
        scores = [f"{title}: F1 {counts.f1:.2f}" for title, counts in zip(titles, row.counts, strict=True)]
        for column, (picture, text) in enumerate(zip(_pictures(row), [row.title, "", *scores], strict=True)):
            left = MARGIN_PX + column * step
            draw.text((left, top + 10), text, fill="black", font=font)
            square = Image.fromarray(picture).resize((SIDE_PX, SIDE_PX), Image.Resampling.NEAREST)
            page.paste(square, (left, top + TEXT_PX))
            if patches.is_simulated(row.patch):
                at = (left + 6, top + TEXT_PX + 6)
                draw.text(at, render.SIMULATED, fill="white", font=font, stroke_width=2, stroke_fill="black")
    return page


def _pictures(row: Row) -> Iterator[np.ndarray]:
    t1, t2 = render.pair(row.patch, "true-colour", render.stretch_for(row.patch, "true-colour"))
    yield from (t1, t2)
    landslide, known = truth.read(row.patch)
    valid = patches.clear_mask(row.patch) & known
    for marked in row.marked:
        classes = metrics.error_map(marked, landslide, valid)
        picture = t2 // 2
        for kind, colour in COLOURS.items():
            picture = render.painted(picture, classes == kind, colour)
        yield picture


def main(argv: list[str] | None = None) -> int:
    """Draw the gallery and return the exit code: 0 done, 2 the network cannot be used."""
    made = Parser(prog="python -m models.gallery", description="Draw where a network does well or ill.")
    made.add_argument("--model", type=Path, default=ROOT / "models" / "bit.onnx", metavar="FILE.onnx")
    made.add_argument(
        "--beside", default="band-difference:B04:0.05", metavar="METHOD", help="a method to set beside it"
    )
    made.add_argument("--out", type=Path, required=True, metavar="FILE.png")
    args = made.parse_args(argv)
    try:
        found = list(rows((f"onnx:{args.model.resolve()}", args.beside)))
        sheet(found, (args.model.stem, args.beside)).save(args.out, optimize=True)
    except (ScarpError, OSError) as error:
        return refused(made.prog, error)
    return DONE


if __name__ == "__main__":
    sys.exit(main())
