"""A QGIS project names its layers relatively, in their own reference systems, and draws them as their styles say."""

from xml.etree import ElementTree as Xml

from app.export import qgis, styles
from app.grid import Grid

UTM = Grid(500000.0, 4100000.0, 10.0, 10.0, 6, 4, "EPSG:32633")
NAMED_BY_NOBODY = Grid(
    0.0, 0.0, 10.0, 10.0, 6, 4, "+proj=aea +lat_1=20 +lat_2=40 +lat_0=30 +lon_0=15 +datum=WGS84 +units=m"
)


def project(folder, grid=UTM) -> Xml.Element:
    """Return the project over a mask and its outlines, whose files themselves nothing reads."""
    drawn, outlined = folder / "event1_mask.tif", folder / "event1.gpkg"
    styles.beside(drawn, styles.mask((100, 143, 255)))
    styles.beside(outlined, styles.outlines())
    layers = [
        qgis.ProjectLayer(outlined, "outlines", "EPSG:4326", True),
        qgis.ProjectLayer(drawn, "<mask> & more", grid.crs, False),
    ]
    text = qgis.write(folder / "event1.qgs", "Event 1", grid, layers).read_text("utf-8")
    return Xml.fromstring(text.partition("\n")[2])


def test_layers_are_found_wherever_the_folder_lies(tmp_path):
    root = project(tmp_path)
    sources = [one.text for one in root.findall("projectlayers/maplayer/datasource")]
    assert sources == ["./event1.gpkg|layername=landslides", "./event1_mask.tif"]
    assert root.findtext("properties/Paths/Absolute") == "false" and str(tmp_path) not in Xml.tostring(root, "unicode")


def test_the_tree_and_the_layers_are_of_the_same_names_and_what_is_shown_is_said(tmp_path):
    root = project(tmp_path)
    branches = root.findall("layer-tree-group/layer-tree-layer")
    assert [one.get("id") for one in branches] == [one.text for one in root.findall("projectlayers/maplayer/id")]
    assert [one.get("checked") for one in branches] == ["Qt::Checked", "Qt::Unchecked"]
    assert branches[1].get("name") == root.findall("projectlayers/maplayer/layername")[1].text == "<mask> & more"


def test_each_layer_is_drawn_by_the_style_beside_it(tmp_path):
    outlined, drawn = project(tmp_path).findall("projectlayers/maplayer")
    entries = drawn.findall("pipe/rasterrenderer[@type='paletted']/colorPalette/paletteEntry")
    assert "#648fff" in {one.get("color") for one in entries}
    assert outlined.find("renderer-v2/symbols/symbol[@type='fill']") is not None


def test_the_project_is_in_the_system_of_the_patch_and_opens_on_all_of_it(tmp_path):
    root = project(tmp_path)
    assert root.findtext("projectCrs/spatialrefsys/authid") == "EPSG:32633"
    assert [one.text for one in root.findall("projectlayers/maplayer/srs/spatialrefsys/authid")] == [
        "EPSG:4326", "EPSG:32633",
    ]  # fmt: skip
    assert [float(one.text) for one in root.find("mapcanvas/extent")] == list(UTM.bbox)


def test_a_system_without_a_code_is_said_in_full(tmp_path):
    told = project(tmp_path, NAMED_BY_NOBODY).find("projectCrs/spatialrefsys")
    assert told.find("authid") is None and "Albers" in told.findtext("wkt")
