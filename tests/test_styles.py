"""QGIS draws what was taken away as the pages do: the colours in a style are those of the pictures."""

from xml.etree import ElementTree as Xml

import numpy as np

from app.export import styles
from app.pictures import colours, contrast, render
from tests.small import patch


def parsed(style: str) -> Xml.Element:
    assert style.startswith("<!DOCTYPE qgis ")
    return Xml.fromstring(style.partition("\n")[2])


def test_a_mask_is_drawn_in_the_colour_of_its_method_and_clear_elsewhere():
    entries = parsed(styles.mask((100, 143, 255))).findall("pipe/rasterrenderer[@type='paletted']/colorPalette/*")
    drawn = {one.get("value"): (one.get("color"), one.get("alpha")) for one in entries}
    assert drawn["1"] == ("#648fff", "255") and drawn["0"][1] == "0"


def test_a_score_is_drawn_through_the_ramp_of_the_viewer():
    items = parsed(styles.score(-0.1, 0.3)).findall("pipe/rasterrenderer/rastershader/colorrampshader/item")
    values = [float(one.get("value")) for one in items]
    assert values == sorted(values) and (values[0], values[-1]) == (-0.1, 0.3)
    for one, at in ((items[0], 0), (items[-1], -1)):
        assert one.get("color") == "#{:02x}{:02x}{:02x}".format(*colours.SCORE[at])


def test_a_date_is_drawn_by_the_bands_and_the_limits_of_the_picture():
    pair = patch(size=4, B04=(np.linspace(0.1, 0.2, 16).reshape(4, 4), 0.3))
    stretch = render.stretch_for(pair, "true-colour", str(contrast.parse("fixed:0:0.3:gamma1.4")))
    drawn = parsed(styles.bands([3, 2, 1], stretch, 0)).find("pipe/rasterrenderer")
    assert [drawn.get(f"{name}Band") for name in ("red", "green", "blue")] == ["3", "2", "1"]
    assert drawn.findtext("redContrastEnhancement/maxValue") == "0.3"
    gamma = parsed(styles.bands([1], stretch, 0)).find("pipe/brightnesscontrast")
    assert gamma.get("gamma") == "1.4"


def test_a_band_alone_is_drawn_in_grey():
    stretch = contrast.Stretch("fixed range", ((0.0, 0.5),), ("B08",))
    drawn = parsed(styles.bands([4], stretch, 1)).find("pipe/rasterrenderer")
    assert {drawn.get(f"{name}Band") for name in ("red", "green", "blue")} == {"4"}


def test_polygons_are_outlined_and_a_style_stands_under_the_name_of_its_file(tmp_path):
    root = parsed(styles.outlines((1, 2, 3)))
    said = {one.get("name"): one.get("value") for one in root.iter("Option") if one.get("name")}
    assert said["style"] == "no" and said["outline_color"] == "1,2,3,255"
    path = styles.beside(tmp_path / "change.gpkg", styles.outlines())
    assert path == tmp_path / "change.qml" and path.is_file()
