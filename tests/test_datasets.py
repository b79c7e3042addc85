"""Folders of labelled pairs and of masks are recognised, read, and their gaps reported."""

import json

import numpy as np
import pytest
from affine import Affine
from PIL import Image
from pyproj import Transformer

from app import datasets, patches
from app.bands import ALL_BANDS
from app.errors import GridError, InputError, TruthMissingError
from tests.handmade import grid, tiff

ONES = np.ones((2, 3))


def event(part, name, channels=5, dtype="float32", scale=1, label=((0, 1, 0), (0, 0, 1)), names=None, **how):
    """One event in GLaD4CD's layout: 0.10, 0.11, 0.12 ... before and 0.2 more after, all clear."""
    clouds = [0 * ONES] if channels in (5, 13) else []
    spectral = channels - len(clouds)
    for folder, value in (("A", 0.1), ("B", 0.3)):
        bands = [ONES * (value + number / 100) * scale for number in range(spectral)] + clouds
        tiff(part / folder / f"{name}.tif", bands, names, dtype=dtype, **how)
    return tiff(part / "LABEL" / f"{name}.tif", label, dtype="uint8", **how)


@pytest.mark.parametrize("place", ["", "VALIDATION", "TEST", "LANDSLIDE_DATASET/VALIDATION"])
def test_the_layout_is_found_wherever_one_points(tmp_path, place):
    event(tmp_path / place, 41)
    event(tmp_path / place, 5)
    pairs, faults = datasets.labelled_pairs(tmp_path)
    assert [pair.event for pair in pairs] == ["5", "41"] and faults == []


@pytest.mark.parametrize(
    ("channels", "dtype", "scale", "bands", "said"),
    [
        (5, "float32", 1, ("B02", "B03", "B04", "B08"), "values read as reflectance"),
        (5, "uint16", 10_000, ("B02", "B03", "B04", "B08"), "integers read as digital numbers"),
        (5, "float32", 10_000, ("B02", "B03", "B04", "B08"), "floats far above 1"),
        (4, "float32", 1, ("B02", "B03", "B04", "B08"), "no cloud mask"),
        (13, "uint16", 10_000, ALL_BANDS, "integers"),
        (12, "float32", 1, ALL_BANDS, "no cloud mask"),
    ],
)
def test_channels_and_units_are_recognised_and_said(tmp_path, channels, dtype, scale, bands, said):
    event(tmp_path, 41, channels, dtype, scale)
    (pair,), _ = datasets.labelled_pairs(tmp_path)
    patch, notes = datasets.open_pair(pair)
    assert patches.band_names(patch) == bands
    for number, name in enumerate(bands):
        assert patch[name].values[:, 0, 0] == pytest.approx([0.1 + number / 100, 0.3 + number / 100], abs=2e-4)
    assert any(said in note for note in notes)
    assert patch["truth"].values.tolist() == [[0, 1, 0], [0, 0, 1]] and patch.attrs["event_id"] == "41"


def test_the_channels_names_in_the_file_or_given_come_first(tmp_path):
    event(tmp_path, 41, channels=2, names=["B11", "B12"])
    (pair,), _ = datasets.labelled_pairs(tmp_path)
    assert patches.band_names(datasets.open_pair(pair)[0]) == ("B11", "B12")
    assert patches.band_names(datasets.open_pair(pair, ["B03", "-"])[0]) == ("B03",)


def test_files_without_a_position_open_all_the_same(tmp_path):
    event(tmp_path, 41, crs=None)
    (pair,), _ = datasets.labelled_pairs(tmp_path)
    patch, _ = datasets.open_pair(pair)
    assert not patches.grid_of(patch).geographic


def test_a_label_of_another_size_is_resampled_and_this_is_said(tmp_path):
    event(tmp_path, 41, label=np.kron([[0, 1, 0], [0, 0, 1]], np.ones((4, 4))), crs=None)
    (pair,), _ = datasets.labelled_pairs(tmp_path)
    patch, notes = datasets.open_pair(pair)
    assert patch["truth"].values.tolist() == [[0, 1, 0], [0, 0, 1]]
    assert any("resampled from (8, 12) to (2, 3)" in note for note in notes)


def test_an_event_that_is_not_whole_is_reported(tmp_path):
    event(tmp_path / "TEST", 5)
    event(tmp_path / "TEST", 41).unlink()
    pairs, faults = datasets.labelled_pairs(tmp_path)
    assert [pair.event for pair in pairs] == ["5"]
    assert faults == [("41", "TEST has no LABEL for event 41.")]


def test_an_event_that_lies_in_two_parts_does_not_count_twice(tmp_path):
    event(tmp_path / "TEST", 41)
    event(tmp_path / "VALIDATION", 41)
    with pytest.raises(InputError, match=r"TEST.* and .*VALIDATION both hold event 41"):
        datasets.labelled_pairs(tmp_path)
    assert len(datasets.labelled_pairs(tmp_path / "TEST")[0]) == 1


def test_another_layout_or_an_empty_one_is_refused(tmp_path):
    with pytest.raises(InputError, match="no folder"):
        datasets.labelled_pairs(tmp_path / "none")
    with pytest.raises(InputError, match="GLaD4CD's layout"):
        datasets.labelled_pairs(tmp_path)
    for name in ("A", "B", "LABEL"):
        (tmp_path / name).mkdir()
    with pytest.raises(InputError, match="no complete pair"):
        datasets.labelled_pairs(tmp_path)


def test_masks_are_matched_by_event_whatever_stands_before_the_number(tmp_path):
    for name in ("pred_41.tif", "5.tif", "notes_7.tif"):
        tiff(tmp_path / "pred" / name, [[0, 1]], dtype="uint8")
    for name in ("GT_41.tif", "GT_5.tif", "GT_9.tif"):
        tiff(tmp_path / "truth" / name, [[0, 1]], dtype="uint8")
    pairs, faults = datasets.mask_pairs(tmp_path / "pred", tmp_path / "truth")
    assert [pair.event for pair in pairs] == ["5", "41"]
    assert faults == [("9", "There is no prediction for it."), ("7", "There is no truth for notes_7.tif.")]


def test_a_prediction_of_another_size_without_a_place_is_stretched_over_the_truth(tmp_path):
    tiff(tmp_path / "pred" / "41.tif", [[0, 255]], dtype="uint8", crs=None)
    tiff(tmp_path / "truth" / "41.tif", [[0, 0, 1, 1], [0, 0, 1, 1]], dtype="uint8")
    (pair,), _ = datasets.mask_pairs(tmp_path / "pred", tmp_path / "truth")
    predicted, truth, notes = datasets.open_masks(pair)
    assert predicted.values.tolist() == truth.values.tolist() == [[0, 0, 1, 1], [0, 0, 1, 1]]
    assert "from (1, 2) to (2, 4), nearest pixel" in notes[0]


def test_a_prediction_on_another_grid_is_laid_where_it_lies_on_the_ground(tmp_path):
    # two pixels twice as large, one of the truth's pixels to the west: the last column is outside of them
    coarse = Affine(0.0002, 0, 10.0 - 0.0001, 0, -0.0002, 1.0002)
    tiff(tmp_path / "pred" / "41.tif", [[0, 255]], dtype="uint8", transform=coarse)
    tiff(tmp_path / "truth" / "41.tif", [[0, 0, 1, 1], [0, 0, 1, 1]], dtype="uint8")
    (pair,), _ = datasets.mask_pairs(tmp_path / "pred", tmp_path / "truth")
    predicted, _, notes = datasets.open_masks(pair)
    assert predicted.values.tolist() == [[0, 1, 1, 255]] * 2
    assert "from 1 x 2 to 2 x 4 pixels, nearest pixel on the ground" in notes[0]


def test_a_prediction_in_another_reference_system_is_laid_where_it_lies(tmp_path):
    on = grid(40, 40)
    east, north = Transformer.from_crs("EPSG:4326", "EPSG:32632", always_xy=True).transform(
        [on.bbox[0], on.bbox[2]], [on.bbox[1], on.bbox[3]]
    )
    metric = Affine((east[1] - east[0]) / 20, 0, east[0], 0, -(north[1] - north[0]) / 20, north[1])
    half = np.zeros((20, 20))
    half[:, 10:] = 1
    tiff(tmp_path / "pred" / "41.tif", half, dtype="uint8", crs="EPSG:32632", transform=metric)
    tiff(tmp_path / "truth" / "41.tif", np.repeat(half, 2, axis=0).repeat(2, axis=1), dtype="uint8")
    (pair,), _ = datasets.mask_pairs(tmp_path / "pred", tmp_path / "truth")
    predicted, truth, _ = datasets.open_masks(pair)
    assert (predicted.values == truth.values).mean() > 0.95


def test_masks_of_different_places_are_not_compared(tmp_path):
    tiff(tmp_path / "pred" / "41.tif", [[0, 1]], dtype="uint8", transform=Affine(0.0001, 0, 50, 0, -0.0001, 1))
    tiff(tmp_path / "truth" / "41.tif", [[0, 1]], dtype="uint8")
    (pair,), _ = datasets.mask_pairs(tmp_path / "pred", tmp_path / "truth")
    with pytest.raises(GridError, match="another place"):
        datasets.open_masks(pair)


def test_folders_without_a_match_or_with_two_files_of_one_event_are_refused(tmp_path):
    tiff(tmp_path / "pred" / "1.tif", [[0, 1]], dtype="uint8")
    tiff(tmp_path / "truth" / "2.tif", [[0, 1]], dtype="uint8")
    with pytest.raises(TruthMissingError, match="name both after the event"):
        datasets.mask_pairs(tmp_path / "pred", tmp_path / "truth")
    tiff(tmp_path / "pred" / "again_1.tif", [[0, 1]], dtype="uint8")
    with pytest.raises(InputError, match="keep one"):
        datasets.mask_pairs(tmp_path / "pred", tmp_path / "truth")


def test_a_digit_that_is_no_number_is_a_name_like_any_other(tmp_path):
    for folder in ("predicted", "truth"):
        tiff(tmp_path / folder / "\u00b2.tif", np.zeros((2, 2)), dtype="uint8")
    pairs, _ = datasets.mask_pairs(tmp_path / "predicted", tmp_path / "truth")
    assert [pair.event for pair in pairs] == ["\u00b2"]


def test_a_folder_that_may_not_be_looked_into_is_a_sentence(tmp_path, monkeypatch):
    def refused(self):
        raise PermissionError(13, "Permission denied")

    (tmp_path / "pred").mkdir()
    monkeypatch.setattr(type(tmp_path), "iterdir", refused)
    for look in (datasets.labelled_pairs, lambda folder: datasets.mask_pairs(folder, folder)):
        with pytest.raises(InputError, match=r"Permission denied.*right to read"):
            look(tmp_path / "pred")


def test_a_label_may_be_a_picture_or_outlines_where_the_pair_says_its_place(tmp_path):
    event(tmp_path, 41).unlink()
    west, _, _, north = grid(2, 3).bbox
    left, right, bottom = west + 0.0001, west + 0.0002, north - 0.0001
    ring = [[left, north], [right, north], [right, bottom], [left, bottom]]
    outline = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    (tmp_path / "LABEL" / "GT_41.geojson").write_text(json.dumps(outline))
    (pair,), faults = datasets.labelled_pairs(tmp_path)
    patch, notes = datasets.open_pair(pair)
    assert faults == [] and patch["truth"].values.tolist() == [[0, 1, 0], [0, 0, 0]]
    assert any("outlines lie here" in note for note in notes)
    (tmp_path / "LABEL" / "GT_41.geojson").unlink()
    Image.fromarray(np.array([[0, 255, 0], [0, 0, 255]], np.uint8)).save(tmp_path / "LABEL" / "41_mask.png")
    (pair,), faults = datasets.labelled_pairs(tmp_path)
    assert datasets.open_pair(pair)[0]["truth"].values.tolist() == [[0, 1, 0], [0, 0, 1]]
