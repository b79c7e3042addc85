"""What others detected is laid beside a patch: on its pixels, of its event, said how, and refused in one sentence."""

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app import rasters
from app.__main__ import main
from app.detection import methods, run
from app.detection.elsewhere import collections, saving
from app.detection.elsewhere import rasters as detected
from app.detection.elsewhere.run import FROM_FILE
from app.errors import DetectionsError, MethodError
from app.grid import Grid
from app.masks import matching
from app.patches import grid_of, write
from app.scoring import evaluate, store
from app.ui.choices import texts
from tests import small

SIZE = 20
BANDS = ("B04",)
SCAR = np.zeros((SIZE, SIZE), bool)
SCAR[5:15, 4:9] = True


@pytest.fixture(autouse=True)
def nobody():
    """No reader: methods name paths, as on the command line."""
    yield
    collections.belong_to(None)


@pytest.fixture
def mine(tmp_path) -> Path:
    """The folder of a reader at a page."""
    folder = tmp_path / "mine"
    collections.belong_to(folder)
    return folder


def patch(**values):
    return small.patch(BANDS, size=SIZE, truth=SCAR.astype(np.uint8), **values)


def png(mask: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray((255 * mask).astype(np.uint8)).save(out, "PNG")
    return out.getvalue()


def tif(path: Path, mask: np.ndarray, on: Grid, clear: np.ndarray | None = None) -> bytes:
    rasters.write_mask(path, mask, np.ones_like(mask) if clear is None else clear, on)
    return path.read_bytes()


def outline(west: float = 36.0, name: str = "a") -> dict:
    """A square of five by ten pixels, of the scar's rows and columns where ``west`` is the patch's."""
    on = grid_of(patch())
    x0, x1 = west + 4 * on.res_x, west + 9 * on.res_x
    y1, y0 = on.bbox[3] - 5 * on.res_y, on.bbox[3] - 15 * on.res_y
    ring = [[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]
    return {"type": "Feature", "properties": {"name": name}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def geojson(*features: dict) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features)}).encode()


# --- the name ------------------------------------------------------------------------------


def test_a_method_is_named_by_a_name_or_a_path_and_may_bring_a_threshold():
    assert str(methods.parse("file:sar 2018")) == "file:sar 2018"
    assert methods.parse("file:./masks/41.tif:0.4").threshold == 0.4
    assert methods.parse("file:sar:otsu").otsu and methods.parse("file:sar").threshold is None
    with pytest.raises(MethodError, match=r"names no file; write file:NAME or file:\./masks"):
        methods.parse("file:")
    assert "file:PATH" in methods.in_words() and not any(one.startswith("file") for one in methods.examples())


@pytest.mark.parametrize("said", ["file:/etc/passwd", "file:../masks", "file:a.tif", "file:masks/a"])
def test_a_link_names_what_was_brought_and_never_a_path(said):
    with pytest.raises(ValueError, match="never a file's path"):
        texts.method(said)
    assert texts.method("file:sar") == "file:sar"


def test_at_a_page_a_name_is_never_taken_for_a_folder(mine, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks" / "1.png").write_bytes(png(SCAR))
    with pytest.raises(DetectionsError, match="There are no detections called masks"):
        run.detect(patch(), "file:masks")
    collections.belong_to(None)
    assert run.mask(run.detect(patch(), "file:masks")).any()


# --- masks and scores ----------------------------------------------------------------------


def test_a_mask_is_decided_and_says_where_it_came_from(tmp_path):
    path = tmp_path / "any.tif"
    tif(path, SCAR, grid_of(patch()))
    found = run.detect(patch(), f"file:{path}")
    assert np.array_equal(run.mask(found), SCAR) and found.clear.all()
    assert (found.unit, found.provider, found.threshold) == (methods.DECIDED, FROM_FILE, 0.5)
    assert found.note == "Laid beside from any.tif: pixel for pixel."
    assert len(found.model_sha256) == 64 and run.labels(patch(), found)["method"] == f"file:{path}"


def test_a_mask_on_another_grid_is_brought_by_the_nearest_pixel_and_counts_no_further_than_it_reaches(tmp_path):
    on = grid_of(patch())
    half = Grid(on.west, on.south, 2 * on.res_x, 2 * on.res_y, SIZE // 4, SIZE // 2, on.crs)  # its western half
    path = tmp_path / "coarse.tif"
    tif(path, np.ones(half.shape, bool), half)
    found = run.detect(patch(), f"file:{path}")
    assert found.clear[:, : SIZE // 2].all() and not found.clear[:, SIZE // 2 :].any()
    assert run.mask(found).sum() == SIZE * SIZE // 2
    assert "brought from 10 x 5 to 20 x 20 pixels, the nearest one on the ground." in found.note
    assert "200 of 400 pixels lie outside of it or are unknown in it: not counted." in found.note


def test_a_mask_in_another_reference_system_lies_where_it_lies(tmp_path):
    from app.grid import transformer

    on = grid_of(patch())
    x, y = transformer("EPSG:4326", "EPSG:32637").transform(*np.array([on.bbox[:2], on.bbox[2:]]).T)
    utm = Grid(x[0] - 100, y[0] - 100, 1.0, 1.0, int(x[1] - x[0]) + 200, int(y[1] - y[0]) + 200, "EPSG:32637")
    rows, columns, _ = on.pixels_of(utm)
    inside = on.pixels_of(utm)[2]
    path = tmp_path / "utm.tif"
    tif(path, SCAR[rows, columns] & inside, utm)
    assert np.array_equal(run.mask(run.detect(patch(), f"file:{path}")), SCAR)


def test_a_mask_of_another_place_is_refused(tmp_path):
    path = tmp_path / "far.tif"
    tif(path, SCAR, replace(grid_of(patch()), west=10.0))
    with pytest.raises(DetectionsError, match=r"far\.tif lies in another place than this patch"):
        run.detect(patch(), f"file:{path}")


def test_a_score_keeps_its_threshold_and_its_unit(tmp_path):
    path, score = tmp_path / "score.tif", np.where(SCAR, 0.7, 0.2).astype(np.float32)
    score[0, 0] = np.nan
    rasters.write_score(path, score, grid_of(patch()))
    found = run.detect(patch(), f"file:{path}")
    assert (found.unit, found.threshold) == (methods.PROBABILITY, 0.5) and not found.clear[0, 0]
    assert np.array_equal(run.mask(found), SCAR) and run.mask(found, 0.1).sum() == SIZE * SIZE - 1
    assert "it is a score, 0.2 to 0.7; it names no threshold, so 0.5 is used." in found.note
    rasters.write_score(path, score, grid_of(patch()), {"unit": "reflectance", "threshold": "0.65"})
    found = run.detect(patch(), f"file:{path}")
    assert (found.unit, found.threshold) == ("reflectance", 0.65)


def test_numbers_that_are_no_score_are_refused(tmp_path):
    path = tmp_path / "logits.tif"
    rasters.write_score(path, np.where(SCAR, 4.0, -3.5).astype(np.float32), grid_of(patch()))
    with pytest.raises(DetectionsError, match=r"holds -3\.5 to 4: a score lies from 0 to 1"):
        run.detect(patch(), f"file:{path}")


def test_clouds_of_the_patch_still_count_nothing(tmp_path):
    path, clouds = tmp_path / "any.tif", np.zeros((SIZE, SIZE))
    tif(path, SCAR, grid_of(patch()))
    clouds[:10] = 1
    found = run.detect(patch(CLM=(clouds, 0 * clouds)), f"file:{path}")
    assert not found.clear[:10].any() and run.mask(found).sum() == 25


# --- of which event ------------------------------------------------------------------------


def test_a_folder_gives_each_event_its_file(tmp_path):
    for name, mask in (("1", SCAR), ("GT_2", ~SCAR)):
        (tmp_path / f"{name}.png").write_bytes(png(mask))
    assert np.array_equal(run.mask(run.detect(patch(), f"file:{tmp_path}")), SCAR)
    other = patch().assign_attrs(event_id="2")
    assert np.array_equal(run.mask(run.detect(other, f"file:{tmp_path}")), ~SCAR)
    with pytest.raises(DetectionsError, match=r"has no file of event 7 among its 2 \(1\.png, GT_2\.png\)"):
        run.detect(patch().assign_attrs(event_id="7"), f"file:{tmp_path}")
    (tmp_path / "mask_1.tif").write_bytes(b"")
    with pytest.raises(DetectionsError, match=r"1\.png and mask_1\.tif may all be of event 1; keep one"):
        run.detect(patch(), f"file:{tmp_path}")


@pytest.mark.parametrize(
    ("names", "event", "wanted"),
    [
        (("41.tif", "42.tif"), "41", "41.tif"),
        (("task-7-annotation-12.png", "task-8-annotation-13.png"), "8", "task-8-annotation-13.png"),
        (("event41_cva_mask.tif", "event42_cva_mask.tif"), "42", "event42_cva_mask.tif"),
        (("Iburi_mask.tif", "Hokkaido_mask.tif"), "iburi", "Iburi_mask.tif"),
        (("041.tif", "042.tif"), "41", "041.tif"),
        (("a.tif", "b.tif"), "41", None),
        (("a.tif",), "", None),
    ],
)
def test_the_file_of_one_event_is_found_as_pairs_are_matched(names, event, wanted):
    found = matching.of_event([Path(name) for name in names], event)
    assert (found.name if found else None) == wanted


def test_a_picture_without_a_place_is_of_no_event_but_the_one_it_is_named_after(tmp_path):
    path = tmp_path / "result.png"
    path.write_bytes(png(SCAR))
    with pytest.raises(DetectionsError, match=r"does not say where it lies, and its name does not say of which event"):
        run.detect(patch(), f"file:{path}")
    assert np.array_equal(run.mask(run.detect(patch().assign_attrs(event_id=""), f"file:{path}")), SCAR)


# --- outlines ------------------------------------------------------------------------------


def test_outlines_for_a_whole_inventory_lie_where_they_lie(tmp_path):
    path = tmp_path / "all.geojson"
    path.write_bytes(geojson(outline(), outline(10.0, "far")))
    found = run.detect(patch(), f"file:{path}")
    assert np.array_equal(run.mask(found), SCAR) and found.unit == methods.DECIDED
    assert "1 of 2 outlines lie here, by pixels whose middle lies inside" in found.note
    path.write_bytes(geojson(outline(10.0)))
    found = run.detect(patch(), f"file:{path}")
    assert not run.mask(found).any() and "No outline of all.geojson lies on this patch" in found.warnings[0]


def test_a_file_of_points_is_no_detection(tmp_path):
    path = tmp_path / "points.geojson"
    point = {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [36.0005, 37.0005]}}
    path.write_bytes(geojson(point))
    with pytest.raises(DetectionsError, match="holds no outline of an area"):
        run.detect(patch(), f"file:{path}")


# --- brought on a page ----------------------------------------------------------------------


def test_what_is_brought_is_kept_as_it_was_read_and_found_by_name(mine, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("masks/1.png", png(SCAR))
        archive.writestr("masks/2.png", png(~SCAR))
    kept = saving.save(mine, "theirs", [("a.zip", (tmp_path / "a.zip").read_bytes())])
    assert collections.names() == ("theirs",) and [one.name for one in kept.files] == ["1.npz", "2.npz"]
    assert np.array_equal(run.mask(run.detect(patch(), "file:theirs")), SCAR)
    sha256 = kept.sha256
    assert collections.state("theirs") and run.gave(methods.parse("file:theirs"), sha256)
    collections.remove("theirs")
    assert collections.names() == () and collections.state("theirs") == ""
    assert not run.gave(methods.parse("file:theirs"), sha256)


def test_a_raster_is_kept_equal(tmp_path):
    for made in (
        detected.Raster(SCAR.astype(np.uint8), grid_of(patch()), ("a note.",)),
        detected.Raster(SCAR.astype(np.float32) / 3, None, (), "probability", 0.3, True),
    ):
        detected.keep(made, tmp_path / "a.npz")
        held = detected.read(tmp_path / "a.npz")
        assert np.array_equal(held.values, made.values) and held.values.dtype == made.values.dtype
        assert [{**vars(one), "values": 0} for one in (held,)] == [{**vars(one), "values": 0} for one in (made,)]
    (tmp_path / "a.npz").write_bytes(b"PK\x03\x04 not any more")
    with pytest.raises(DetectionsError, match="a is kept no longer as it was"):
        detected.read(tmp_path / "a.npz")


def test_the_parts_of_a_shapefile_and_an_archive_of_them_are_outlines(mine, tmp_path):
    import geopandas

    frame = geopandas.GeoDataFrame.from_features([outline()], crs="EPSG:4326")
    frame.to_file(tmp_path / "scars.shp")
    parts = [(one.name, one.read_bytes()) for one in sorted(tmp_path.glob("scars.*"))]
    saving.save(mine, "parts", parts)
    assert np.array_equal(run.mask(run.detect(patch(), "file:parts")), SCAR)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in parts:
            archive.writestr(name, data)
    saving.save(mine, "packed", [("scars.zip", packed.getvalue())])
    assert np.array_equal(run.mask(run.detect(patch(), "file:packed")), SCAR)
    frame.to_file(tmp_path / "scars.gpkg")
    saving.save(mine, "package", [("scars.gpkg", (tmp_path / "scars.gpkg").read_bytes())])
    assert np.array_equal(run.mask(run.detect(patch(), "file:package")), SCAR)


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1.png", bytes(600_000_000))
    return out.getvalue()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([("1.png", b"no picture")], "1.png cannot be read as a PNG"),
        ([("1.tif", b"II*\0 no tiff")], "1.tif cannot be read as a GeoTIFF"),
        ([("1.png", png(SCAR)), ("2.png", b"")], "2.png cannot be read as a PNG"),
        ([("a/1.png", png(SCAR)), ("b/1.png", png(SCAR))], "Two files are called 1"),
        ([("notes.txt", b"hello")], "notes.txt is no file of detections"),
        ([("a.geojson", b"{")], "a.geojson"),
        ([("a.geojson", geojson())], "a.geojson"),
        ([("a.zip", b"PK\x03\x04broken")], "a.zip is a damaged zip archive"),
        ([("x" * 300 + ".png", png(SCAR))], "a name that is too long or cannot be shown"),
    ],
)
def test_bad_files_are_one_sentence_and_nothing_is_kept(mine, given, said):
    with pytest.raises(DetectionsError) as refused:
        saving.save(mine, "theirs", given)
    assert said in str(refused.value) and "\n" not in str(refused.value)
    assert collections.names() == () and not list(mine.glob("*"))


def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_is(mine):
    with pytest.raises(DetectionsError, match=r"1 files with 600\.0? ?MB|1 files with 600 MB"):
        saving.save(mine, "theirs", [("a.zip", bomb())])


def test_a_name_is_taken_once_and_is_a_plain_one(mine):
    saving.save(mine, "theirs", [("1.png", png(SCAR))])
    with pytest.raises(DetectionsError, match="There are detections called theirs already"):
        saving.save(mine, "theirs", [("1.png", png(~SCAR))])
    for name in ("../up", "", "a/b", "x.tif"):
        with pytest.raises(DetectionsError, match="cannot be a name of detections"):
            saving.save(mine, name, [("1.png", png(SCAR))])


# --- scored -------------------------------------------------------------------------------


def test_a_mask_is_scored_like_any_method_and_has_no_curve(tmp_path):
    path = tmp_path / "any.tif"
    tif(path, SCAR, grid_of(patch()))
    case = evaluate.Case("1", lambda: evaluate.PatchWithTruth(patch()), key="a patch")
    kept = store.ScoreStore(tmp_path / "scores")
    found = evaluate.evaluate([case], evaluate.canonical([f"file:{path}"]), store=kept)
    assert found.methods[0].micro.f1 == 1.0 and found.methods[0].events[0].curve is None
    assert "was made elsewhere: what its files do not say of a patch is not counted." in found.notes[0]
    assert kept.count() == 1
    tif(path, ~SCAR, grid_of(patch()))  # another file of the same name
    again = evaluate.evaluate([case], evaluate.canonical([f"file:{path}"]), store=kept)
    assert again.methods[0].micro.f1 == 0.0


def test_an_event_without_a_file_is_left_out_with_the_reason(tmp_path):
    (tmp_path / "1.png").write_bytes(png(SCAR))
    (tmp_path / "2.png").write_bytes(png(SCAR))
    cases = [
        evaluate.Case(event, lambda event=event: evaluate.PatchWithTruth(patch().assign_attrs(event_id=event)))
        for event in ("1", "9")
    ]
    found = evaluate.evaluate(cases, [f"file:{tmp_path}"])
    assert [one.event for one in found.methods[0].events] == ["1"]
    assert [one.event for one in found.skipped] == ["9"] and "has no file of event 9" in found.skipped[0].reason


def test_the_command_line_lays_a_file_beside_a_patch(tmp_path, capsys):
    write(patch(), tmp_path / "p.nc")
    tif(tmp_path / "theirs.tif", SCAR, grid_of(patch()))
    code = main(["detect", str(tmp_path / "p.nc"), "--method", f"file:{tmp_path / 'theirs.tif'}", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert code == 0 and document["changed"] == 50 and document["truth"]["f1"] == 1.0
    assert document["provider"] == FROM_FILE and "Laid beside from theirs.tif" in document["notes"][-1]
    assert main(["detect", str(tmp_path / "p.nc"), "--method", "file:./gone"]) == 2
    assert "There is no ./gone: give the path of a file or a folder of detections" in capsys.readouterr().err
