"""Pictures of curves: points where they belong, a training log read as it was written, anything else refused."""

import json
from xml.etree import ElementTree

import numpy as np
import pytest

from app.errors import NetworkError
from models import plots

SVG = "{http://www.w3.org/2000/svg}"


def lines(picture: str) -> list[list[tuple[float, float]]]:
    found = ElementTree.fromstring(picture).iter(f"{SVG}polyline")
    return [[tuple(map(float, at.split(","))) for at in one.get("points").split()] for one in found]


def test_a_line_goes_from_corner_to_corner_of_its_axes_and_leaves_out_what_is_not_finite():
    line = plots.PlottedLine("a < b", np.array([0, 0.5, 1]), np.array([0, np.nan, 1]), (1.0, 1.0))
    picture = plots.svg([line], "x", "y")
    (((left, bottom), (right, top)),) = lines(picture)
    assert left == plots.LEFT and top == plots.TOP and right > left and bottom > top
    dot = next(ElementTree.fromstring(picture).iter(f"{SVG}circle"))
    assert (float(dot.get("cx")), float(dot.get("cy"))) == (right, top)
    assert "a &lt; b" in picture


def test_no_two_lines_look_alike_though_there_are_more_than_colours():
    many = [plots.PlottedLine(str(n), np.array([0, 1]), np.array([0, 1])) for n in range(2 * len(plots.COLOURS))]
    found = ElementTree.fromstring(plots.svg(many, "x", "y")).iter(f"{SVG}polyline")
    assert len({(one.get("stroke"), one.get("stroke-dasharray")) for one in found}) == len(many)


def test_a_log_is_drawn_by_its_checks(tmp_path, capsys):
    told = [{"event": "start"}] + [
        {"event": "check", "step": step, "loss": loss, "f1": f1}
        for step, loss, f1 in ((100, 2.0, 0.2), (200, 1.0, 0.4))
    ]
    log = tmp_path / "run.pt.log"
    log.write_text("\n".join(map(json.dumps, told)) + "\n")
    assert plots.main([str(log), "--out", str(tmp_path / "run.svg")]) == 0
    loss, f1 = lines((tmp_path / "run.svg").read_text())
    assert loss[0][1] == plots.TOP < loss[1][1] and f1[0][1] > f1[1][1] and loss[0][0] == f1[0][0] < loss[1][0]


@pytest.mark.parametrize("content", ["", "no JSON", "[1]", '{"event": "check"}', '{"event": "start"}'])
def test_what_is_no_log_is_refused_in_one_sentence(content, tmp_path):
    (tmp_path / "run.log").write_text(content)
    with pytest.raises(NetworkError, match=r"no check yet|no log of a training run"):
        plots.of_log(tmp_path / "run.log")
