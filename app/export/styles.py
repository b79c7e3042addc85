"""How QGIS draws what was taken away: ``.qml`` files beside rasters and polygons, in the colours of the pages."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree as Xml  # nosec B405

import numpy as np

from app.files import written_whole
from app.pictures import colours, render
from app.pictures.contrast import Stretch
from app.rasters import RGBA

ENDING = ".qml"
_TYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_VERSION = "3.34.0-Prizren"  # whose way of writing this is; later ones read it
_STOPS = 9  # colours a ramp is written with: between them QGIS interpolates
_RGB = ("red", "green", "blue")
_UNCHANGED: RGBA = (226, 226, 226, 0)


def mask(colour: colours.RGB = render.METHOD_COLOURS[0], changed: str = "changed") -> str:
    """Return how a mask is drawn: what changed in ``colour``, called ``changed`` in the legend, all else clear."""
    renderer = _renderer("paletted", band="1")
    palette = Xml.SubElement(renderer, "colorPalette")
    for value, label, look in ((0, "not changed", _UNCHANGED), (1, changed, (*colour, 255))):
        Xml.SubElement(
            palette, "paletteEntry", value=str(value), color=_hex(look), alpha=str(look[3]), label=label
        )  # fmt: skip
    return _raster(renderer)


def score(low: float, high: float) -> str:
    """Return how a score is drawn: dark violet at ``low`` to pale yellow at ``high``, as in the viewer."""
    ends = {"classificationMin": f"{low:.6g}", "classificationMax": f"{high:.6g}"}
    renderer = _renderer("singlebandpseudocolor", band="1", **ends)
    shader = Xml.SubElement(
        Xml.SubElement(renderer, "rastershader"), "colorrampshader", colorRampType="INTERPOLATED",
        classificationMode="1", clip="0", minimumValue=f"{low:.6g}", maximumValue=f"{high:.6g}",
    )  # fmt: skip
    steps = np.linspace(0, colours.STEPS - 1, _STOPS).round().astype(int)
    for value, at in zip(np.linspace(low, high, _STOPS), steps, strict=True):
        colour = _hex(tuple(int(part) for part in colours.SCORE[at]))
        Xml.SubElement(shader, "item", value=f"{value:.6g}", label=f"{value:.3f}", color=colour, alpha="255")
    return _raster(renderer)


def bands(channels: Sequence[int], stretch: Stretch, when: int) -> str:
    """Return how a date of a patch is drawn: three of its bands, counted from 1, through the stretch of the picture."""
    places = {f"{name}Band": str(channels[n % len(channels)]) for n, name in enumerate(_RGB)}
    renderer, limits = _renderer("multibandcolor", **places), stretch.at(when)
    for n, name in enumerate(_RGB):
        _enhanced(renderer, name, *limits[n % len(limits)])
    return _raster(renderer, stretch.gamma)


def picture() -> str:
    """Return how a picture of red, green, blue and alpha is drawn: as it is."""
    return _raster(_renderer("multibandcolor", redBand="1", greenBand="2", blueBand="3", alphaBand="4"))


def outlines(colour: colours.RGB = render.METHOD_COLOURS[0]) -> str:
    """Return how polygons are drawn: an outline in ``colour``, nothing inside."""
    root = _root()
    renderer = Xml.SubElement(root, "renderer-v2", type="singleSymbol", symbollevels="0", enableorderby="0")
    symbol = Xml.SubElement(
        Xml.SubElement(renderer, "symbols"), "symbol", type="fill", name="0", alpha="1", clip_to_extent="1"
    )
    layer = Xml.SubElement(symbol, "layer", {"class": "SimpleFill", "enabled": "1", "locked": "0", "pass": "0"})  # nosec B105
    options = Xml.SubElement(layer, "Option", type="Map")
    said = {
        "color": f"{_comma(colour)},0", "style": "no", "outline_color": f"{_comma(colour)},255",
        "outline_style": "solid", "outline_width": "0.6", "outline_width_unit": "MM", "joinstyle": "round",
    }  # fmt: skip
    for name, value in said.items():
        Xml.SubElement(options, "Option", name=name, value=value, type="QString")
    return _text(root)


def beside(path: Path, style: str) -> Path:
    """Write a style beside the file it is of, under the same name, where QGIS looks for it; returns its path."""
    target = path.with_suffix(ENDING)
    with written_whole(target) as draft:
        draft.write_text(style, encoding="utf-8")
    return target


def read(path: Path) -> list[Xml.Element]:
    """Return what a style that ``beside`` wrote says of how a layer is drawn, element by element."""
    return list(Xml.fromstring(path.read_text("utf-8").partition("\n")[2]))  # nosec B314


def _renderer(kind: str, **said: str) -> Xml.Element:
    usual = {"opacity": "1", "alphaBand": "-1", "nodataColor": ""}
    return Xml.Element("rasterrenderer", {"type": kind, **usual, **said})


def _enhanced(renderer: Xml.Element, name: str, low: float, high: float) -> None:
    enhancement = Xml.SubElement(renderer, f"{name}ContrastEnhancement")
    told: Mapping[str, str] = {
        "minValue": f"{low:.6g}", "maxValue": f"{high:.6g}", "algorithm": "StretchToMinimumMaximum",
    }  # fmt: skip
    for part, text in told.items():
        Xml.SubElement(enhancement, part).text = text


def _raster(renderer: Xml.Element, gamma: float = 1.0) -> str:
    root = _root()
    pipe = Xml.SubElement(root, "pipe")
    pipe.append(renderer)
    Xml.SubElement(pipe, "brightnesscontrast", brightness="0", contrast="0", gamma=f"{gamma:g}")
    Xml.SubElement(root, "blendMode").text = "0"
    return _text(root)


def _root() -> Xml.Element:
    return Xml.Element("qgis", version=_VERSION, styleCategories="Symbology")


def _text(root: Xml.Element) -> str:
    Xml.indent(root)
    return _TYPE + Xml.tostring(root, encoding="unicode") + "\n"


def _hex(colour: Sequence[int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour[:3])


def _comma(colour: Sequence[int]) -> str:
    return ",".join(str(part) for part in colour[:3])
