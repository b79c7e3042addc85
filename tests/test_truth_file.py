"""A truth beside a pair: a mask or outlines of any kind of file, laid on the pair's pixels."""

import json

import numpy as np
import pytest
import shapely

from app import inventory
from app.__main__ import main
from app.errors import GridError, InputError
from app.grid import UNPLACED
from app.inventory.truth_file import ground_in, slides_and_ground, with_file, with_layers, within
from app.sources.own import worker
from tests.handmade import grid, patch, tiff

PAIR = patch({"B04": (np.full((4, 6), 0.1), np.full((4, 6), 0.1))})
WEST, _, _, NORTH = grid(4, 6).bbox


def outlines(path, *boxes, day=None):
    """Boxes between columns and rows of the pair, as GeoJSON."""
    features = []
    for left, top, right, bottom in boxes:
        shape = shapely.box(WEST + left * 1e-4, NORTH - bottom * 1e-4, WEST + right * 1e-4, NORTH - top * 1e-4)
        geometry = shapely.geometry.mapping(shape)
        features.append({"type": "Feature", "properties": {"date": day}, "geometry": geometry})
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


@pytest.mark.parametrize("day", [None, "1999-01-01"])
def test_outlines_named_for_a_pair_are_its_truth_whatever_their_day(tmp_path, day):
    file = outlines(tmp_path / "t.geojson", (1, 1, 3, 3), (4, 0, 5, 1), (40, 0, 50, 1), day=day)
    held, made, notes = with_file(PAIR, file, inventory.read_file)
    expected = np.zeros((4, 6), int)
    expected[1:3, 1:3] = expected[0, 4] = 1
    assert held["truth"].values.tolist() == expected.tolist()
    assert made == {"made_of": "outlines", "rule": "centre", "used": 2} and "2 of 3 outlines of t.geojson" in notes[0]
    wide, made, _ = with_file(PAIR, outlines(tmp_path / "w.geojson", (1.4, 1, 2.6, 2)), inventory.read_file, True)
    assert wide["truth"].values[1].tolist() == [0, 1, 1, 0, 0, 0] and made["rule"] == "all touched"


def test_a_mask_keeps_what_is_unknown(tmp_path):
    values = np.zeros((4, 6), np.uint8)
    values[0], values[1] = 1, 255
    held, made, _ = with_file(PAIR, tiff(tmp_path / "t.tif", values, dtype="uint8"), inventory.read_file)
    assert held["truth"].values.tolist() == values.tolist() and made == {"made_of": "mask"}


def test_ground_that_nobody_mapped_is_unknown_and_landslides_there_are_told(tmp_path):
    held, _, _ = with_file(PAIR, outlines(tmp_path / "t.geojson", (1, 1, 3, 3), (4, 0, 5, 1)), inventory.read_file)
    area, (note,) = within(held, outlines(tmp_path / "mapped_area.geojson", (0, 0, 3, 4)), inventory.read_file)
    assert area["truth"].values[1].tolist() == [0, 1, 1, 255, 255, 255] and area["truth"].values[0, 4] == 255
    assert "50% of the pixels were mapped" in note and "1 pixels of landslide among them" in note
    mask = np.zeros((4, 6), np.uint8)
    mask[:, :3] = 1
    same, _ = within(held, tiff(tmp_path / "m.tif", mask, dtype="uint8"), inventory.read_file)
    assert (same["truth"].values == area["truth"].values).all()


def test_what_gives_no_truth_is_one_sentence(tmp_path):
    far = outlines(tmp_path / "far.geojson", (400, 1, 402, 3))
    with pytest.raises(GridError, match="no outline where the pair lies"):
        with_file(PAIR, far, inventory.read_file)
    with pytest.raises(GridError, match="does not say where its pixels lie"):
        with_file(PAIR.assign_attrs(crs=UNPLACED), outlines(tmp_path / "t.geojson", (1, 1, 3, 3)), inventory.read_file)
    (tmp_path / "points.csv").write_text("lat,lon\n1,10\n")
    with pytest.raises(InputError, match="holds no outline of an area"):
        with_file(PAIR, tmp_path / "points.csv", inventory.read_file)


def test_detect_says_how_it_compares(tmp_path, capsys):
    quiet = np.full((4, 6), 0.1)
    slid = quiet.copy()
    slid[1:3, 1:4] = 0.3
    pair = [str(tiff(tmp_path / f"{n}.tif", red, ["B04"])) for n, red in ((1, quiet), (2, slid))]
    truth = str(outlines(tmp_path / "t.geojson", (1, 1, 3, 3), (5, 3, 6, 4)))
    arguments = ["detect", "--pair", *pair, "--method", "band-difference:B04:0.05", "--truth", truth]
    assert main([*arguments, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["truth"]
    assert [told[name] for name in ("tp", "fp", "fn", "tn", "not_counted")] == [4, 2, 1, 17, 0]
    assert told["precision"] == pytest.approx(4 / 6) and told["recall"] == 0.8 and told["made_of"] == "outlines"
    assert main(arguments) == 0
    assert "Against the truth: precision 0.667, recall 0.800, F1 0.727." in capsys.readouterr().out
    assert main([*arguments[:-2], "--all-touched"]) == 2 and "go with --truth FILE" in capsys.readouterr().err
    assert main(arguments[:-2]) == 0 and "truth" not in capsys.readouterr().out


def test_the_iburi_pair_by_its_mask_and_by_its_outlines_gives_the_same(shared, tmp_path, capsys):
    import geopandas
    import rasterio
    from rasterio.features import shapes

    place = shared / "data" / "iburi2018_west"
    with rasterio.open(place / "landslide.tif") as source:
        labels, transform, crs = source.read(1), source.transform, source.crs
    drawn = [shapely.geometry.shape(shape) for shape, _ in shapes(labels, labels == 1, transform=transform)]
    geopandas.GeoDataFrame(geometry=drawn, crs=crs).to_file(tmp_path / "outlines.gpkg")
    pair = ["--pair", str(place / "t1.tif"), str(place / "t2.tif"), "--method", "band-difference:B04:0.0137", "--json"]
    assert main(["detect", *pair, "--truth", str(place / "landslide.tif")]) == 0
    told = json.loads(capsys.readouterr().out)["truth"]
    assert [told[name] for name in ("precision", "recall", "f1")] == pytest.approx([0.715, 0.659, 0.686], abs=0.002)
    assert main(["detect", *pair, "--truth", str(tmp_path / "outlines.gpkg")]) == 0
    by_outlines = json.loads(capsys.readouterr().out)["truth"]
    assert (by_outlines["tp"], by_outlines["fn"]) == (told["tp"], told["fn"]) and by_outlines["used"] == len(drawn)


@pytest.mark.parametrize(
    ("names", "truth", "area"),
    [
        ([], None, None),
        (["a.dbf", "a.shp", "a.shx"], "a.shp", None),
        (["mapped_area.gpkg"], "mapped_area.gpkg", None),
        (["R1_areaOfInterestA.shp", "R1_areaOfInterestA.dbf", "slides.gpkg"], "slides.gpkg", "R1_areaOfInterestA.shp"),
        (["slides.tif", "AOI.geojson"], "slides.tif", "AOI.geojson"),
    ],
)
def test_which_file_is_the_truth_of_a_pair_and_which_the_ground_it_was_mapped_on(names, truth, area):
    found = worker.truth_paths({"truth": names})
    assert [one and one.name for one in found] == [truth, area]


def test_two_truths_of_a_pair_are_refused_and_the_way_out_is_said():
    with pytest.raises(InputError, match="mapped_area in its name"):
        worker.truth_paths({"truth": ["a.gpkg", "chaos.tif"]})


def two_layers(path, ground="mapped_area"):
    import geopandas

    for layer, box in (("slides", (1, 1, 3, 3)), (ground, (0, 0, 4, 4))):
        shape = geopandas.read_file(outlines(path.with_suffix(".geojson"), box))
        shape.to_file(path, layer=layer)
    return path


def test_a_second_layer_called_mapped_area_is_the_ground_that_was_looked_at(tmp_path, capsys):
    file = two_layers(tmp_path / "t.gpkg")
    layers = slides_and_ground(file)
    assert layers == ("slides", "mapped_area")
    held, made, notes = with_layers(PAIR, file, layers)
    assert (held["truth"].values == 1).sum() == 4 and (held["truth"].values[:, 4:] == 255).all()
    assert made["used"] == 1 and "the layer 'slides' is landslide, 'mapped_area' what was mapped" in notes[0]
    assert len(ground_in(file).events) == 1
    assert slides_and_ground(two_layers(tmp_path / "u.gpkg", "roads")) is None
    with pytest.raises(InputError, match="holds several layers"):
        ground_in(tmp_path / "u.gpkg")


def test_a_file_of_one_layer_or_none_has_no_second(tmp_path):
    assert slides_and_ground(outlines(tmp_path / "t.geojson", (1, 1, 3, 3))) is None
    (tmp_path / "no.gpkg").write_bytes(b"SQLite format 3\x00 and no more")
    assert slides_and_ground(tmp_path / "no.gpkg") is None
