"""Outlines on the ground become masks on a grid, in whatever reference system they come."""

import json

import numpy as np
import pytest
from pyproj import Transformer

from app.errors import GridError, InputError
from app.grid import UNPLACED, Grid
from app.masks import outlines
from tests.handmade import metres

ON = metres(6, 8)


def ring(left, top, right, bottom, crs="EPSG:4326"):
    """Corners of a box in columns and rows of ON."""
    west, _, _, north = ON.bbox
    x = [west + 10 * at for at in (left, right, right, left, left)]
    y = [north - 10 * at for at in (top, top, bottom, bottom, top)]
    return np.column_stack(Transformer.from_crs(ON.crs, crs, always_xy=True).transform(x, y)).tolist()


def written(path, *geometries, **more):
    features = [{"type": "Feature", "properties": {}, "geometry": one} for one in geometries]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **more}), encoding="utf-8")
    return path


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def test_pixels_whose_middle_lies_inside_are_landslide_and_all_else_is_not(tmp_path):
    path = written(tmp_path / "7.geojson", polygon(ring(1, 1, 4, 3)), polygon(ring(100, 1, 101, 2)))
    mask, notes = outlines.rasterised(path, ON)
    expected = np.zeros((6, 8), int)
    expected[1:3, 1:4] = 1
    assert mask.tolist() == expected.tolist() and "1 of 2 outlines lie here" in notes[0]


def test_a_hole_is_no_landslide_and_an_outline_smaller_than_a_pixel_takes_the_one_it_lies_in(tmp_path):
    path = written(
        tmp_path / "7.geojson", polygon(ring(0, 0, 3, 3), ring(1, 1, 2, 2)), polygon(ring(6.1, 4.1, 6.3, 4.3))
    )
    mask, _ = outlines.rasterised(path, ON)
    assert mask.sum() == 9 and mask[1, 1] == 0 and mask[4, 6] == 1


def test_an_older_file_may_name_its_reference_system(tmp_path):
    named = {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}}
    path = written(tmp_path / "7.geojson", polygon(ring(1, 1, 4, 3, "EPSG:3857")), **named)
    assert outlines.rasterised(path, ON)[0].sum() == 6


def test_points_and_lines_are_left_out_and_counted(tmp_path):
    point = {"type": "Point", "coordinates": ring(0, 0, 1, 1)[0]}
    _, notes = outlines.rasterised(written(tmp_path / "7.geojson", polygon(ring(1, 1, 4, 3)), point), ON)
    assert notes[1] == "1 features are no outlines and were left out."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "cannot be read as GeoJSON"),
        ("[1, 2]", "cannot be read as GeoJSON"),
        ('{"type": "FeatureCollection", "features": []}', "holds no outline of an area"),
        ('{"version": "5.0", "shapes": []}', "cannot be read as GeoJSON"),  # LabelMe's own
        ('{"type": "Polygon", "coordinates": [[[0, "a"]]]}', "cannot be read as GeoJSON"),
    ],
)
def test_what_is_no_outline_is_refused(tmp_path, text, said):
    (tmp_path / "7.geojson").write_text(text)
    with pytest.raises(InputError, match=said):
        outlines.rasterised(tmp_path / "7.geojson", ON)


def test_outlines_of_another_place_or_for_pixels_without_one_are_refused(tmp_path):
    path = written(tmp_path / "7.geojson", polygon(ring(100, 1, 101, 2)))
    with pytest.raises(GridError, match="no outline where its pixels lie"):
        outlines.rasterised(path, ON)
    with pytest.raises(GridError, match="do not say where they lie"):
        outlines.rasterised(path, Grid(0, 0, 1, 1, 8, 6, UNPLACED))
