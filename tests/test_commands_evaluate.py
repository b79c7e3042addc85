"""``python -m app evaluate``: data sets and folders of masks scored from the command line."""

import json
import re

import numpy as np
import pytest
from PIL import Image

from app import inventory
from app.__main__ import main
from app.scoring import metrics
from tests import glad_folder
from tests.handmade import event41_arrays, grid, tiff
from tests.test_masks import BAD

RISE = "band-difference:B04:0.05"


def labelled(folder, number, after=0.3, clouds=0):
    """An event of 2 x 3 pixels: two rows before and after, the upper one slides."""
    quiet, cloudy = np.full((2, 3), 0.1), np.full((2, 3), clouds)
    slid = quiet.copy()
    slid[0] = after
    tiff(folder / "A" / f"{number}.tif", [quiet] * 4 + [cloudy])
    tiff(folder / "B" / f"{number}.tif", [slid] * 4 + [0 * cloudy])
    tiff(folder / "LABEL" / f"{number}.tif", [[1, 1, 1], [0, 0, 0]], dtype="uint8")


def event41_folder(shared, folder):
    held = event41_arrays(shared)
    for name, values in (("A", held["t1"]), ("B", held["t2"])):
        tiff(folder / "VALIDATION" / name / "41.tif", values, ["B04"])
    tiff(folder / "VALIDATION" / "LABEL" / "41.tif", held["landslide"], dtype="uint8")


@pytest.mark.parametrize(("region", "f1"), [("whole", 0.825), ("box", 0.870)])
def test_event_41_from_a_data_set_on_disk(shared, tmp_path, capsys, region, f1):
    held = event41_arrays(shared)
    bbox = [float(edge) for edge in held["bbox"]]
    event41_folder(shared, tmp_path)
    arguments = ["--dataset", str(tmp_path), "--region", region, "--json"]
    if region == "box":  # the made files lie elsewhere: without a position the box scales with the picture
        assert bbox[2] - bbox[0] == pytest.approx(0.02048)
        for name, values in (("A", held["t1"]), ("B", held["t2"])):
            tiff(tmp_path / "VALIDATION" / name / "41.tif", values, ["B04"], crs=None)
    assert main(["evaluate", *arguments, "--method", RISE, "--method", "band-difference:B04:0.1"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["region"] == region
    assert [method["method"] for method in document["methods"]] == [RISE, "band-difference:B04:0.1"]
    assert document["methods"][0]["micro"]["f1"] == pytest.approx(f1, abs=0.002)
    assert document["methods"][0]["events"][0]["event"] == 41


def test_several_events_and_methods_in_one_document(tmp_path, capsys):
    labelled(tmp_path / "VALIDATION", 1)
    labelled(tmp_path / "VALIDATION", 2, after=0.1)
    assert main(["evaluate", "--dataset", str(tmp_path), "--method", RISE, "--method", "cva", "--json"]) == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    rise = document["methods"][0]
    assert (rise["micro"]["tp"], rise["micro"]["fn"], rise["micro"]["tn"]) == (3, 3, 6)
    assert rise["macro"]["f1"] == 0.5 and rise["macro"]["n"] == 2 and rise["n"] == 2
    assert rise["interval_f1"] == [0, 1]
    assert [event["f1"] for event in rise["events"]] == [1, 0]
    assert "(2 of 2 events)" in err and "reflectance" in err


def test_the_document_takes_every_number_apart(tmp_path, capsys):
    labelled(tmp_path, 1)
    labelled(tmp_path, 2, after=0.16)
    assert main(["evaluate", "--dataset", str(tmp_path), "--method", RISE, "--method", "cva", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    rise = document["methods"][0]
    assert rise["average_precision"] == 1 and rise["leave_one_out_f1"] == 1
    assert rise["objects"]["mapped"] == 2 and rise["objects"]["recall"]["50 %"] == 1
    event = rise["events"][0]
    assert event["objects"]["false"] == 0 and event["boundary"]["both"]["mean_m"] == 0
    assert event["facts"]["area_m2"] == pytest.approx(3 * 123, rel=0.01) and event["facts"]["category"] == ""
    (pair,) = document["paired"]
    assert (pair["one"], pair["other"], pair["n"]) == (RISE, "cva:0.1", 2)
    assert pair["difference_f1"] == 0 and pair["interval"] == [0, 0]


def test_a_second_run_prints_the_same_without_the_files_being_read_again(tmp_path, capsys, monkeypatch):
    labelled(tmp_path, 1)
    arguments = ["evaluate", "--dataset", str(tmp_path), "--method", RISE, "--json"]
    assert main(arguments) == 0
    first = capsys.readouterr().out
    monkeypatch.setattr("app.rasters.read_pair", lambda *given, **named: pytest.fail("the files were read"))
    assert main(arguments) == 0 and capsys.readouterr().out == first
    monkeypatch.undo()
    monkeypatch.setattr("app.scoring.store.default", lambda: pytest.fail("the store was opened"))
    assert main([*arguments, "--fresh"]) == 0 and capsys.readouterr().out == first


def listed(tmp_path):
    """An inventory whose second event has its T1 after the event."""
    path = tmp_path / "list.csv"
    rows = ["id,latitude,longitude,event_date,pre1,pre2,post1,category"]
    rows += ["1,1,10,2020-06-01,2020-01-01,2020-05-01,2020-07-01,debris_flow"]
    rows += ["2,1,10,2020-06-01,2020-01-01,2020-06-05,2020-07-01,landslide"]
    path.write_text("\n".join(rows))
    return str(path)


def test_the_inventory_says_what_kind_of_event_it_is_and_which_to_leave_out(tmp_path, capsys):
    labelled(tmp_path / "data", 1)
    labelled(tmp_path / "data", 2, after=0.1)
    arguments = ["evaluate", "--dataset", str(tmp_path / "data"), "--method", RISE, "--inventory", listed(tmp_path)]
    assert main([*arguments, "--json"]) == 0
    events = json.loads(capsys.readouterr().out)["methods"][0]["events"]
    assert [event["facts"]["category"] for event in events] == ["debris_flow", "landslide"]
    assert events[0]["facts"]["doubtful"] == "" and "not before the event" in events[1]["facts"]["doubtful"]
    assert main([*arguments, "--leave-out-doubtful", "--json"]) == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["methods"][0]["n"] == 1 and document["methods"][0]["micro"]["f1"] == 1
    assert [one["event"] for one in document["left_out"]] == [2] and "Event 2 left out: T1" in err


def test_published_pairs_without_a_place_get_the_pixels_of_the_thesis(tmp_path, capsys):
    for name in ("A", "B"):
        tiff(tmp_path / "data" / name / "1.tif", [[[0.1, 0.1]] * 2], ["B04"], crs=None)
    tiff(tmp_path / "data" / "LABEL" / "1.tif", [[1, 0]] * 2, dtype="uint8", crs=None)
    arguments = ["evaluate", "--dataset", str(tmp_path / "data"), "--method", RISE, "--json"]
    assert main(arguments) == 0
    assert json.loads(capsys.readouterr().out)["methods"][0]["events"][0]["facts"]["area_m2"] is None
    assert main([*arguments, "--inventory", listed(tmp_path)]) == 0
    out, err = capsys.readouterr()
    half = 0.5 * (0.02048 * 111_320) * (0.02048 * 110_574)
    assert json.loads(out)["methods"][0]["events"][0]["facts"]["area_m2"] == pytest.approx(half, rel=0.01)
    assert "the thesis's box" in err
    (tmp_path / "truth").mkdir()
    Image.fromarray(np.array([[255, 0]], np.uint8)).save(tmp_path / "truth" / "1.png")
    masks = ["evaluate", "--pred", str(tmp_path / "truth"), "--truth", str(tmp_path / "truth"), "--json"]
    assert main([*masks, "--inventory", listed(tmp_path)]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["methods"][0]["events"][0]["facts"]["area_m2"] == pytest.approx(half, rel=0.01)
    assert "the thesis's box" in err


def test_masks_of_simulated_scenes_say_so(tmp_path, capsys):
    tiff(tmp_path / "pred" / "1.tif", [[0, 1]], dtype="uint8")
    tiff(tmp_path / "truth" / "1.tif", [[0, 1]], dtype="uint8", simulated="true")
    arguments = ["evaluate", "--pred", str(tmp_path / "pred"), "--truth", str(tmp_path / "truth")]
    assert main([*arguments, "--json"]) == 0
    (method,) = json.loads(capsys.readouterr().out)["methods"]
    assert method["simulated"] is True and method["events"][0]["objects"]["mapped"] == 1
    assert method["average_precision"] is None
    assert main(arguments) == 0 and "SIMULATED" in capsys.readouterr().out


@pytest.fixture(scope="module")
def glad(shared, tmp_path_factory):
    """Simulated pairs of the 17 validation events, in GLaD4CD's layout."""
    published = inventory.read_file(shared / "data" / "inventory.csv")
    return glad_folder.write(tmp_path_factory.mktemp("glad"), published)


def test_seventeen_pairs_and_four_methods_in_the_whole_patch_and_in_the_boxes(glad, shared, capsys):
    methods = [RISE, "all-bands:0.05", "index-drop:NDVI:0.2", "rdndvi:20"]
    named = [part for name in methods for part in ("--method", name)]
    listing = ["--inventory", str(shared / "data" / "inventory.csv")]
    counted = {}
    for region in ("whole", "box"):
        assert main(["evaluate", "--dataset", str(glad), *named, *listing, "--region", region, "--json"]) == 0
        document = json.loads(capsys.readouterr().out)
        assert [method["method"] for method in document["methods"]] == methods and len(document["paired"]) == 6
        for method in document["methods"]:
            assert method["n"] == 17 and method["simulated"] is True
            assert [str(event["event"]) for event in method["events"]] == list(metrics.BOXES)
            low, high = method["interval_f1"]
            assert 0 < low <= method["micro"]["f1"] <= high < 1 and 0 < method["leave_one_out_f1"] < 1
            counted[region] = sum(method["micro"][name] for name in ("tp", "fp", "fn", "tn"))
    assert 0 < counted["box"] < counted["whole"] <= 17 * 222 * 222


def test_masks_that_detect_wrote_score_as_the_method_itself_does(glad, tmp_path, capsys):
    part = glad / "VALIDATION"
    for event in ("41", "171"):
        pair = [str(part / name / f"{event}.tif") for name in ("A", "B")]
        out = str(tmp_path / "pred" / f"{event}.tif")
        given = ["--band-names", "B02,B03,B04,B08,CLM", "--method", RISE, "--out", out]
        assert main(["detect", "--pair", *pair, *given]) == 0
        (tmp_path / "truth").mkdir(exist_ok=True)
        (tmp_path / "truth" / f"GT_{event}.tif").write_bytes((part / "LABEL" / f"{event}.tif").read_bytes())
    capsys.readouterr()
    masks = ["--pred", str(tmp_path / "pred"), "--truth", str(tmp_path / "truth")]
    for region in ("whole", "box"):
        assert main(["evaluate", *masks, "--region", region, "--json"]) == 0
        (made,) = json.loads(capsys.readouterr().out)["methods"]
        assert main(["evaluate", "--dataset", str(glad), "--method", RISE, "--region", region, "--json"]) == 0
        events = json.loads(capsys.readouterr().out)["methods"][0]["events"]
        ran = {event["event"]: event for event in events}
        for event in made["events"]:
            for name in ("tp", "fp", "fn", "tn", "f1", "objects", "boundary"):
                assert event[name] == ran[event["event"]][name], name
        assert made["simulated"] is True


def test_an_event_hidden_by_cloud_has_no_pixels_and_undefined_scores(tmp_path, capsys):
    labelled(tmp_path, 1, clouds=1)
    assert main(["evaluate", "--dataset", str(tmp_path), "--method", RISE, "--json"]) == 0
    (event,) = json.loads(capsys.readouterr().out)["methods"][0]["events"]
    assert event["tp"] + event["fp"] + event["fn"] + event["tn"] == 0 and event["f1"] is None


def test_an_event_that_cannot_be_scored_is_reported_and_the_code_is_1(tmp_path, capsys):
    labelled(tmp_path, 1)
    labelled(tmp_path, 2)
    labelled(tmp_path, 3)
    (tmp_path / "A" / "2.tif").write_bytes(b"damaged")
    (tmp_path / "LABEL" / "3.tif").unlink()
    assert main(["evaluate", "--dataset", str(tmp_path), "--method", RISE, "--json"]) == 1
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["methods"][0]["n"] == 1
    assert sorted(one["event"] for one in document["skipped"]) == [2, 3]
    assert "Event 3 left out" in err


def test_masks_by_event_of_another_kind_and_size_are_scored(tmp_path, capsys):
    (tmp_path / "bit").mkdir()
    Image.fromarray(np.array([[0, 255]], np.uint8)).save(tmp_path / "bit" / "41.png")
    tiff(tmp_path / "truth" / "GT_41.tif", [[0, 0, 1, 1], [0, 0, 0, 1]], dtype="uint8")
    code = main(["evaluate", "--pred", str(tmp_path / "bit"), "--truth", str(tmp_path / "truth"), "--json"])
    out, err = capsys.readouterr()
    (method,) = json.loads(out)["methods"]
    assert code == 0 and method["method"] == "masks:bit"
    assert {name: method["micro"][name] for name in ("tp", "fp", "fn", "tn")} == {"tp": 3, "fp": 1, "fn": 0, "tn": 4}
    assert "nearest pixel" in err


def test_a_truth_without_a_prediction_makes_the_code_1(tmp_path, capsys):
    for name in ("pred/1.tif", "truth/1.tif", "truth/2.tif"):
        tiff(tmp_path / name, [[0, 1]], dtype="uint8")
    assert main(["evaluate", "--pred", str(tmp_path / "pred"), "--truth", str(tmp_path / "truth")]) == 1
    assert "Event 2 left out: There is no prediction" in capsys.readouterr().err


def test_the_table_says_averaging_and_region(tmp_path, capsys):
    labelled(tmp_path, 1)
    assert main(["evaluate", "--dataset", str(tmp_path), "--method", RISE]) == 0
    out = capsys.readouterr().out
    assert "whole patch" in out and "pooled F1" in out and "mean F1" in out and "1.000" in out
    assert "one-left-out F1" in out and "1/1" in out and "false/km2" in out
    assert "nan" not in out


def test_one_event_tells_nothing_apart(tmp_path, capsys):
    labelled(tmp_path, 1)
    assert main(["evaluate", "--dataset", str(tmp_path), "--method", RISE, "--method", "cva"]) == 0
    out = capsys.readouterr().out
    assert "It takes two events" in out and " minus " not in out and "- to -" not in out


def test_the_table_says_which_methods_cannot_be_told_apart(tmp_path, capsys):
    labelled(tmp_path, 1)
    labelled(tmp_path, 2)
    arguments = ["evaluate", "--dataset", str(tmp_path), "--method", RISE, "--method", "cva:0.1"]
    assert main([*arguments, "--method", "band-difference:B04:0.9"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if " minus " in line]
    assert [line.endswith("cannot be told apart") for line in lines] == [True, False, False]
    assert "+1.000 to +1.000 over 2 events" in lines[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "either --dataset"),
        (["--dataset", "d", "--pred", "p", "--truth", "t"], "either --dataset"),
        (["--pred", "p"], "go together"),
        (["--dataset", "d"], "at least one --method"),
        (["--dataset", "missing", "--method", RISE], "no folder missing"),
        (["--pred", "missing", "--truth", "missing"], "no folder missing"),
        (["--pred", "p", "--truth", "t", "--method", RISE], "go with --dataset"),
        (["--dataset", "d", "--method", RISE, "--leave-out-doubtful"], "needs --inventory"),
        (["--dataset", "d", "--method", RISE, "--inventory", "missing.csv"], "missing.csv"),
    ],
)
def test_wrong_use_is_one_line_with_code_2(capsys, arguments, said):
    assert main(["evaluate", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == "" and said in err and len(err.splitlines()) == 1


def test_a_method_that_does_not_exist_is_refused_before_anything_runs(tmp_path, capsys):
    labelled(tmp_path, 1)
    assert main(["evaluate", "--dataset", str(tmp_path), "--method", RISE, "--method", "guess"]) == 2
    assert "Choose from" in capsys.readouterr().err


def test_a_method_whose_bands_no_event_has_is_refused(tmp_path, capsys):
    labelled(tmp_path, 1)
    assert main(["evaluate", "--dataset", str(tmp_path), "--method", "index-rise:BSI"]) == 2
    assert "B11" in capsys.readouterr().err


def test_what_is_to_be_doubted_of_an_event_is_told_with_it_and_kept_with_its_score(tmp_path, capsys):
    names = ["B02", "B03", "B04", "B08"]
    rng = np.random.default_rng(0)
    quiet = np.array([0.03, 0.05, 0.04, 0.30])[:, None, None] + rng.normal(0, 0.001, (4, 20, 20))
    for part, values in (("A", quiet), ("B", quiet + 0.1)):
        tiff(tmp_path / "VALIDATION" / part / "7.tif", values, names)
    tiff(tmp_path / "VALIDATION" / "LABEL" / "7.tif", np.eye(20), dtype="uint8")
    for _ in range(2):  # run, and taken from the store
        assert main(["evaluate", "--dataset", str(tmp_path), "--method", RISE, "--json"]) == 0
        out, err = capsys.readouterr()
        [event] = json.loads(out)["methods"][0]["events"]
        assert "in all bands" in event["warnings"][0] and event["warnings"][1].startswith("Nearly everything changed")
        assert "Event 7: T2 is brighter" in err


def mask(path, values, **how):
    if path.suffix == ".png":
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.asarray(values, np.uint8) * 255).save(path)
        return path
    return tiff(path, values, dtype=how.pop("dtype", "uint8"), **how)


def scar(rows=20, columns=10):
    values = np.zeros((60, 60), int)
    values[20 : 20 + rows, 20 : 20 + columns] = 1
    return values


def masks_scored(folder, capsys, code=0):
    assert main(["evaluate", "--pred", str(folder / "pred"), "--truth", str(folder / "truth"), "--json"]) == code
    return json.loads(capsys.readouterr().out)


def red_on_white(path):
    tiff(path, np.where(scar()[None] == 1, np.reshape([255, 0, 0], (3, 1, 1)), 255), dtype="uint8")


@pytest.mark.parametrize(
    ("name", "write", "said"),
    [
        ("7.tif", red_on_white, "two colours"),
        ("7.tif", lambda path: tiff(path, [1 - scar(), scar()], dtype="uint8"), "a class each"),
        ("7.png", lambda path: palette(path, [(255, 255, 255), (0, 0, 0)]), "numbers of its palette"),
        ("7.png", lambda path: palette(path, [(0, 0, 0), (128, 0, 0)]), "numbers of its palette"),
    ],
)
def test_a_truth_is_the_same_however_it_is_stored(tmp_path, capsys, name, write, said):
    mask(tmp_path / "pred" / "7.png", scar(22))
    (tmp_path / "truth").mkdir()
    write(tmp_path / "truth" / name)
    document = masks_scored(tmp_path, capsys)
    (event,) = document["methods"][0]["events"]
    assert (event["tp"], event["fp"], event["not_counted"]) == (200, 20, 0)
    assert event["f1"] == pytest.approx(0.952, abs=0.001)
    assert any(said in note for note in document["notes"]) and document["warnings"] == []


def palette(path, colours):
    picture = Image.fromarray(scar().astype(np.uint8), "L").copy()
    picture.putpalette([number for colour in colours for number in colour])
    picture.save(path)


def test_a_truth_that_knows_one_class_only_is_doubted_and_how_much_is_not_counted_is_said(tmp_path, capsys):
    mask(tmp_path / "pred" / "7.png", scar(22))
    mask(tmp_path / "truth" / "7.tif", np.where(scar() == 1, 1, -9999), dtype="int16", nodata=-9999)
    document = masks_scored(tmp_path, capsys)
    (doubt,) = document["warnings"]
    assert "3,400 of 3,600 pixels were not counted" in doubt and doubt.startswith("Event 7: ")
    assert document["methods"][0]["events"][0]["not_counted"] == 3400
    assert any("3,400 of 3,600 pixels are unknown" in note for note in document["notes"])


def test_names_of_a_labelling_tool_are_matched_and_how_is_said(tmp_path, capsys):
    for n in (1, 2):
        mask(tmp_path / "pred" / f"{n}.png", scar())
        mask(tmp_path / "truth" / f"task-{n}-annotation-{n + 4}-by-1-tag-Landslide-0.png", scar())
    document = masks_scored(tmp_path, capsys)
    assert [one["event"] for one in document["methods"][0]["events"]] == [1, 2] and document["skipped"] == []
    assert any("number within their names" in note for note in document["notes"])


def test_outlines_are_the_truth_where_the_prediction_says_its_place(tmp_path, capsys):
    mask(tmp_path / "pred" / "7.tif", scar())
    west, _, _, north = grid(60, 60).bbox
    left, top = west + 20 * 0.0001, north - 20 * 0.0001
    ring = [[left, top], [left + 0.001, top], [left + 0.001, top - 0.002], [left, top - 0.002], [left, top]]
    drawn = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth" / "7.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [drawn]}))
    document = masks_scored(tmp_path, capsys)
    assert document["methods"][0]["events"][0]["tp"] == 200 and document["methods"][0]["micro"]["f1"] == 1
    assert any("1 of 1 outlines lie here" in note for note in document["notes"])
    mask(tmp_path / "pred" / "7.png", scar())
    (tmp_path / "pred" / "7.tif").unlink()
    assert main(["evaluate", "--pred", str(tmp_path / "pred"), "--truth", str(tmp_path / "truth"), "--json"]) == 2
    assert "does not say where its pixels lie; give the prediction as a GeoTIFF" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "make", "said"), BAD)
def test_one_bad_mask_is_skipped_with_its_reason_and_the_others_are_scored(tmp_path, capsys, name, make, said):
    for folder in ("pred", "truth"):
        mask(tmp_path / folder / "1.tif", scar())
    mask(tmp_path / "pred" / "7.tif", scar())
    make(tmp_path / "truth" / name)
    document = masks_scored(tmp_path, capsys, code=1)
    assert [one["event"] for one in document["methods"][0]["events"]] == [1]
    (skipped,) = document["skipped"]
    assert skipped["event"] == 7 and re.search(said, skipped["reason"])


@pytest.mark.parametrize(("name", "make", "said"), [one for one in BAD if one[0] == "7.tif"])
@pytest.mark.parametrize("part", ["A", "B", "LABEL"])
def test_one_bad_file_of_a_data_set_is_skipped_with_its_reason(tmp_path, capsys, part, name, make, said):
    labelled(tmp_path, 1)
    labelled(tmp_path, 7)
    (tmp_path / part / name).unlink()
    make(tmp_path / part / name)
    assert main(["evaluate", "--dataset", str(tmp_path), "--method", RISE, "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert [one["event"] for one in document["methods"][0]["events"]] == [1]
    assert [one["event"] for one in document["skipped"]] == [7]


def test_files_left_over_are_said(tmp_path, capsys):
    for name in ("pred/1.tif", "truth/1.tif", "pred/3.tif", "truth/9.tif"):
        mask(tmp_path / name, scar())
    (tmp_path / "truth" / "3.jpg").write_bytes(b"")
    reasons = {one["event"]: one["reason"] for one in masks_scored(tmp_path, capsys, code=1)["skipped"]}
    assert reasons[9] == "There is no prediction for it." and "3.jpg" in reasons[3] and len(reasons) == 2


def polygons(path, **more):
    """Three outlines within one patch: one slid between the dates, one long before, one on a day nobody knows."""
    west, south = 9.25, 45.5
    features = []
    for number, day in enumerate(["2020-06-10", "2015-01-01", None]):
        x = west + 0.003 * number
        ring = [[x, south], [x + 0.001, south], [x + 0.001, south + 0.001], [x, south + 0.001], [x, south]]
        dates = {"date": day, "pre1": "2020-05-01", "post1": "2020-07-01", **more}
        shape = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {"id": str(number + 1), **dates}, "geometry": shape})
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return str(path)


def test_outlines_of_an_inventory_are_the_truth_of_a_sources_patches(tmp_path, capsys):
    arguments = ["evaluate", "--inventory", polygons(tmp_path / "slides.geojson"), "--source", "demo", "--method", RISE]
    assert main([*arguments, "--json"]) == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert (document["truth"], document["rule"], document["others"]) == ("outlines", "centre", "unknown")
    assert document["outlines"] == {"used": 3, "unknown": 2, "cut": 0, "events_without": 0}
    events = document["methods"][0]["events"]
    assert [event["outlines"] for event in events] == [
        {"used": 1, "unknown": 2, "outside": 0}, {"used": 2, "unknown": 1, "outside": 0},
        {"used": 2, "unknown": 1, "outside": 0},
    ]  # fmt: skip
    assert events[0]["objects"]["mapped"] == 1 and events[1]["objects"]["mapped"] == 2
    side = round(0.001 / 0.00009) ** 2
    for event, unknown in zip(events, (2, 1, 1), strict=True):
        assert event["tp"] + event["fn"] == pytest.approx((3 - unknown) * side, rel=0.2)
        assert event["not_counted"] >= 0.8 * unknown * side
    assert "SIMULATED" in err and "pixels whose middle lies inside" in err and "share ground" in err
    assert main(arguments) == 0 and "Truth: outlines" in capsys.readouterr().err


def test_what_an_outline_takes_and_what_those_of_other_days_are_can_be_said(tmp_path, capsys):
    arguments = ["evaluate", "--inventory", polygons(tmp_path / "slides.geojson"), "--source", "demo", "--method", RISE]
    counts = {}
    for more in ([], ["--all-touched"], ["--other-outlines", "background"], ["--other-outlines", "landslide"]):
        assert main([*arguments, *more, "--json"]) == 0
        document = json.loads(capsys.readouterr().out)
        event = document["methods"][0]["events"][0]
        counts[" ".join(more)] = (event["tp"] + event["fn"], event["not_counted"])
        assert document["rule"] == ("all touched" if "--all-touched" in more else "centre")
    plain, touched, background, landslide = counts.values()
    assert touched[0] > plain[0] and background[0] == plain[0] and landslide[0] >= 2.5 * plain[0]
    assert background[1] == landslide[1] < plain[1]


def test_dates_may_be_given_for_all_and_events_without_are_named(tmp_path, capsys):
    file = polygons(tmp_path / "slides.geojson", pre1=None, post1=None)
    arguments = ["evaluate", "--inventory", file, "--source", "demo", "--method", RISE, "--json"]
    assert main(arguments) == 2 and "no date for T1" in capsys.readouterr().err
    assert main([*arguments, "--t1", "2020-05-01", "--t2", "2020-07-01"]) == 0
    assert json.loads(capsys.readouterr().out)["methods"][0]["n"] == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--source", "demo", "--method", RISE], "--source needs --inventory"),
        (["--inventory", "LIST", "--source", "demo"], "Name at least one --method"),
        (["--inventory", "LIST", "--source", "demo", "--method", RISE], "holds no outline of an area"),
        (["--inventory", "LIST", "--source", "nowhere", "--method", RISE], "no source called 'nowhere'"),
        (["--inventory", "LIST", "--source", "demo", "--dataset", ".", "--method", RISE], "Give either --dataset"),
        (["--inventory", "LIST", "--method", RISE], "--inventory FILE with --source"),
        (["--dataset", ".", "--method", RISE, "--all-touched"], "go with --source"),
    ],
)
def test_what_does_not_go_together_is_one_sentence(tmp_path, capsys, arguments, said):
    given = [listed(tmp_path) if one == "LIST" else one for one in arguments]
    assert main(["evaluate", *given]) == 2 and said in capsys.readouterr().err


def test_masks_are_held_to_steep_ground_where_that_is_asked_for(tmp_path, capsys):
    labelled(tmp_path, 1)
    asked = ["evaluate", "--dataset", str(tmp_path), "--method", RISE, "--json"]
    assert main([*asked, "--min-slope", "10"]) == 2
    assert "holds no heights" in capsys.readouterr().err
    tiff(tmp_path / "dem.tif", np.zeros((2, 3)))
    assert main([*asked, "--min-slope", "10", "--dem", str(tmp_path / "dem.tif")]) == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["min_slope_deg"] == 10
    assert document["methods"][0]["micro"]["tp"] == 0
    assert document["methods"][0]["micro"]["fn"] == 3
    assert "hillsides of 10 degrees and more" in err
    assert main(asked) == 0
    assert json.loads(capsys.readouterr().out)["methods"][0]["micro"]["tp"] == 3


def test_a_simulated_inventory_is_scored_with_the_heights_of_its_own_ground(tmp_path, capsys):
    folder = tmp_path / "listed.geojson"
    ring = [[36.16, 37.21], [36.164, 37.21], [36.164, 37.214], [36.16, 37.214], [36.16, 37.21]]
    properties = {"id": "a", "date": "2023-02-06", "t1": "2022-09-17", "t2": "2023-05-08"}
    feature = {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    folder.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    asked = ["evaluate", "--inventory", str(folder), "--source", "demo", "--method", RISE, "--json"]
    dates = ["--t1", "2022-09-17", "--t2", "2023-05-08", "--fresh"]
    detected = []
    for options in ([], ["--min-slope", "25"]):
        assert main([*asked, *dates, *options]) == 0
        counts = json.loads(capsys.readouterr().out)["methods"][0]["micro"]
        detected.append(counts["tp"] + counts["fp"])
    assert 0 <= detected[1] < detected[0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--dataset", "x", "--method", RISE, "--dem", "y.tif"], "goes with --min-slope"),
        (["--pred", "x", "--truth", "y", "--min-slope", "5"], "scored as they are"),
        (["--dataset", "x", "--method", RISE, "--min-slope", "-3"], "0 to 60 degrees"),
    ],
)
def test_a_smallest_slope_that_cannot_be_held_is_refused(capsys, options, said):
    assert main(["evaluate", *options]) == 2
    assert said in capsys.readouterr().err
