"""A QGIS project over an event's folder: its layers by their relative paths, each drawn by the style beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as Xml  # nosec B405

from app.detection import polygon_files
from app.export import styles
from app.files import written_whole
from app.grid import Grid

ENDING = ".qgs"
_TYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_VERSION = "3.22.0-Białowieża"  # later ones read it, and warn of nothing
_VECTOR = ".gpkg"


@dataclass(frozen=True)
class ProjectLayer:
    """One file of a project: where it lies, what it is called there, its CRS, and whether it is drawn at first."""

    path: Path
    title: str
    crs: str
    shown: bool


def write(path: Path, title: str, grid: Grid, layers: Sequence[ProjectLayer]) -> Path:
    """Write a project that shows ``layers``, the first on top, on the whole of ``grid``; returns its path.

    The layers lie in the project's folder or below it, each with its style (``.qml``) beside it, and are named
    relatively: the folder can be moved as a whole. Raises InputError where the place cannot be written.
    """
    root = Xml.Element("qgis", version=_VERSION, projectname=title)
    Xml.SubElement(root, "homePath", path="")
    Xml.SubElement(root, "title").text = title
    root.append(_reference("projectCrs", grid.crs))
    tree = Xml.SubElement(root, "layer-tree-group")
    for layer in layers:
        _branch(tree, layer, path.parent)
    _canvas(root, grid)
    held = Xml.SubElement(root, "projectlayers")
    for layer in layers:
        held.append(_map_layer(layer, path.parent))
    order = Xml.SubElement(root, "layerorder")
    for layer in layers:
        Xml.SubElement(order, "layer", id=_name(layer))
    _properties(root)
    Xml.indent(root)
    with written_whole(path) as draft:
        draft.write_text(_TYPE + Xml.tostring(root, encoding="unicode") + "\n", encoding="utf-8")
    return path


def _properties(root: Xml.Element) -> None:
    """Say that paths are relative, and that the project's own reference system counts."""
    held = Xml.SubElement(root, "properties")
    Xml.SubElement(Xml.SubElement(held, "Paths"), "Absolute", type="bool").text = "false"
    Xml.SubElement(Xml.SubElement(held, "SpatialRefSys"), "ProjectionsEnabled", type="int").text = "1"


def _branch(tree: Xml.Element, layer: ProjectLayer, folder: Path) -> None:
    Xml.SubElement(
        tree, "layer-tree-layer", id=_name(layer), name=layer.title, source=_source(layer, folder),
        providerKey=_provider(layer), checked="Qt::Checked" if layer.shown else "Qt::Unchecked", expanded="0",
    )  # fmt: skip


def _map_layer(layer: ProjectLayer, folder: Path) -> Xml.Element:
    kind = {"type": "vector", "geometry": "Polygon"} if _is_vector(layer) else {"type": "raster"}
    made = Xml.Element("maplayer", {**kind, "autoRefreshEnabled": "0", "hasScaleBasedVisibilityFlag": "0"})
    Xml.SubElement(made, "id").text = _name(layer)
    Xml.SubElement(made, "datasource").text = _source(layer, folder)
    Xml.SubElement(made, "layername").text = layer.title
    made.append(_reference("srs", layer.crs))
    Xml.SubElement(made, "provider", encoding="UTF-8").text = _provider(layer)
    made.extend(styles.read(layer.path.with_suffix(styles.ENDING)))
    return made


def _canvas(root: Xml.Element, grid: Grid) -> None:
    canvas = Xml.SubElement(root, "mapcanvas", name="theMapCanvas")
    Xml.SubElement(canvas, "units").text = "degrees" if grid.geographic else "meters"
    extent = Xml.SubElement(canvas, "extent")
    for name, edge in zip(("xmin", "ymin", "xmax", "ymax"), grid.bbox, strict=True):
        Xml.SubElement(extent, name).text = repr(float(edge))
    canvas.append(_reference("destinationsrs", grid.crs))


def _reference(name: str, crs: str) -> Xml.Element:
    """Return a reference system as QGIS reads it: by its code where it has one, else by its text."""
    from rasterio.crs import CRS

    held = CRS.from_user_input(crs)
    authority = held.to_authority()
    out = Xml.Element(name)
    system = Xml.SubElement(out, "spatialrefsys", nativeFormat="Wkt")
    Xml.SubElement(system, "wkt").text = held.to_wkt(version="WKT2_2019")
    if authority is not None:
        Xml.SubElement(system, "authid").text = ":".join(authority)
    return out


def _name(layer: ProjectLayer) -> str:
    return f"layer_{layer.path.name}"


def _source(layer: ProjectLayer, folder: Path) -> str:
    place = f"./{layer.path.relative_to(folder).as_posix()}"
    return f"{place}|layername={polygon_files.LAYER}" if _is_vector(layer) else place


def _provider(layer: ProjectLayer) -> str:
    return "ogr" if _is_vector(layer) else "gdal"


def _is_vector(layer: ProjectLayer) -> bool:
    return layer.path.suffix == _VECTOR
