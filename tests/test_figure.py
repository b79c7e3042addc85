"""A figure for print: as large as asked, with title, coordinates, scale, north, legend, map and whose the data are."""

import io
import re
import subprocess
import sys
from xml.etree import ElementTree as Xml

import numpy as np
import pytest
from matplotlib.text import Text
from PIL import Image

from app.errors import BandMissingError, InputError
from app.export import figure, panels
from app.grid import UNPLACED, Grid
from app.patches import build
from app.pictures.shapes import Shape
from tests.small import T1, T2, patch

COPERNICUS = "Contains modified Copernicus Sentinel data"


@pytest.fixture(scope="module")
def pair():
    return patch(size=20, simulated=True, B04=(0.1, np.linspace(0.1, 0.3, 400).reshape(20, 20)))


@pytest.fixture(scope="module")
def look():
    """A figure with everything in it."""
    mask = np.zeros((20, 20), bool)
    mask[3:6, 3:9] = True
    return figure.FigureLook(
        "NDVI", "percentile:2:98:each", dpi=72, change="B04", outlined=(panels.Outlined("Found by NDVI", mask),),
        drawn=(Shape("polygon", ((2, 2), (8, 2), (8, 8))), Shape("point", ((12, 12),))), link="compare?event=1",
    )  # fmt: skip


def texts(drawing) -> list[str]:
    """Return all that is written on a drawing."""
    return [one.get_text() for one in drawing.findobj(Text) if one.get_text() and one.get_visible()]


def test_a_figure_is_as_wide_as_asked_at_the_dots_asked(pair):
    for wide, dots in ((80.0, 100), (180.0, 200)):
        with Image.open(
            io.BytesIO(figure.draw(pair, figure.FigureLook("true-colour", width_mm=wide, dpi=dots)))
        ) as image:
            assert image.width == pytest.approx(wide / 25.4 * dots, abs=1)
            assert image.info["dpi"] == pytest.approx((dots, dots), abs=0.1)


def test_everything_a_paper_asks_for_stands_in_it(pair, look):
    written = texts(figure.drawing_of(pair, look, "Turkey"))
    for said in ("Event 1", "T1 2022-09-17", "T2 2023-02-24", "Difference of B04", "SIMULATED", "50 m", "N", "NDVI T1",
                 "NDVI T2", "change of B04", "Found by NDVI", "2"):  # fmt: skip
        assert said in written, said
    text = " ".join(written)
    assert "Turkey · 37.00090° N, 36.00090° E" in text and re.search(r"Drawn: 1 polygon, [\d,]+ m²; 2 point", text)
    assert "not Sentinel-2 data" in text and "Coordinates: EPSG:4326" in text


def test_no_two_coordinates_of_a_side_are_written_the_same_and_none_are_crowded(pair):
    for wide in (80.0, 300.0):
        drawing = figure.drawing_of(pair, figure.FigureLook("true-colour", width_mm=wide))
        west = [one for one in texts(drawing.axes[0]) if one.endswith(" E")]
        assert len(set(west)) == len(west) and 1 <= len(west) <= wide / 2 / 15


def test_the_file_itself_says_where_it_is_from(pair, look):
    svg = figure.draw(pair, look, "svg").decode()
    Xml.fromstring(svg)
    assert "link=compare?event=1" in svg and "SIMULATED: Event 1" in svg
    with Image.open(
        io.BytesIO(figure.draw(pair, figure.FigureLook("true-colour", dpi=72, link="compare?event=1")))
    ) as image:
        assert "simulated=true" in image.text["Description"] and "link=compare?event=1" in image.text["Description"]
        assert image.text["Title"].startswith("SIMULATED: ") and image.text["Software"].startswith("Scarp ")
    pdf = figure.draw(pair, figure.FigureLook("true-colour", dpi=72), "pdf")
    assert pdf.startswith(b"%PDF") and b"SIMULATED" in pdf


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (f"{COPERNICUS}.", f"{COPERNICUS} 2022, 2023"),
        (f"{COPERNICUS}, processed by X", f"{COPERNICUS} 2022, 2023, processed by X"),
        (f"{COPERNICUS} (2015 to 2020); cut", f"{COPERNICUS} 2022, 2023; cut"),
        ("Your own files.", "Your own files"),
        ("", "Source of the images: hand"),
    ],
)
def test_the_years_of_both_dates_stand_with_whose_the_data_are(said, expected):
    assert figure.attribution(patch().assign_attrs(attribution=said)) == expected


def test_a_title_of_formulas_and_a_grid_without_a_place_are_drawn_as_they_are():
    on = Grid(0, 0, 1, 1, 8, 6, UNPLACED)
    layer = np.full((2, 6, 8), 0.2, np.float32)
    bands = dict.fromkeys(("B02", "B03", "B04"), layer)
    unplaced = build(on, [T1, T2], bands, np.zeros((2, 6, 8), np.uint8), {"simulated": False})
    svg = figure.draw(unplaced, figure.FigureLook("true-colour", dpi=72, title=r"$\frac{1$ <b>"), "svg").decode()
    assert r"$\frac{1$ &lt;b&gt;" in svg and "° N" not in svg


def test_what_cannot_be_drawn_is_a_sentence(pair):
    for how, said in (({"width_mm": 10}, "millimetres"), ({"dpi": 5000}, "dots"), ({"title": "x" * 300}, "title")):
        with pytest.raises(InputError, match=said):
            figure.FigureLook("true-colour", **how)
    with pytest.raises(InputError, match="too large"):
        figure.draw(pair, figure.FigureLook("true-colour", width_mm=420, dpi=1200))
    with pytest.raises(InputError, match="png, svg, pdf"):
        figure.draw(pair, figure.FigureLook("true-colour"), "bmp")
    with pytest.raises(BandMissingError, match="B12"):
        figure.draw(pair, figure.FigureLook("B12"))


def test_both_panels_lie_on_the_same_ground_in_its_proportions(pair):
    pixels = np.asarray(Image.open(io.BytesIO(figure.draw(pair, figure.FigureLook("B04", "fixed:0:0.001", dpi=200)))))
    white = (pixels[..., :3] == 255).all(axis=-1)
    assert white.mean() > 0.3  # both pictures, which are brighter than the range, and paper
    assert panels.position(-12.5, 170.25) == "12.50000° S, 170.25000° E"


def test_what_draws_figures_is_loaded_for_a_figure_alone():
    code = "import sys; import app.ui.views, app.commands.export; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
