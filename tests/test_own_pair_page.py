"""One's own pair on the pages: brought, understood, asked about, opened, kept, linked to."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app import cache, config, patches, workspace
from app.__main__ import main
from app.config import ROOT
from app.files import seal
from app.grid import Grid
from app.sources.own import records
from app.sources.own.stated import SILENT
from app.ui import choices, keys
from app.ui.choices import texts
from tests.handmade import tiff
from tests.test_own_pair import (
    DAYS,
    PLACE,
    SCAR,
    UTM,
    a_file_a_band,
    bomb,
    cut_short,
    huge,
    one_date,
    pointing,
    product,
)
from tests.test_pages import assert_sound, visit, words
from tests.test_strip import items

METHOD = "band-difference:B04:0.05"


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SCARP_HOME", str(tmp_path / "home"))
    config.settings.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    config.settings.cache_clear()


def started() -> AppTest:
    made = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    made.session_state[keys.WORKSPACE] = workspace.new_id()
    return made.run()


@pytest.fixture
def app(home) -> AppTest:
    return started()


def bring(app: AppTest, t1: Path, t2: Path, truth: Path | None = None, dem: Path | None = None) -> AppTest:
    visit(app, "patches", **{choices.SOURCE: "files"})
    at = app.session_state[keys.PAIRS_OPENED] if keys.PAIRS_OPENED in app.session_state else 0  # noqa: SIM401
    for name, path in (("t1", t1), ("t2", t2), ("truth", truth), ("dem", dem)):
        if path is not None:
            app.text_input(key=f"own.{name}.{at}.path").input(str(path)).run()
    assert not app.exception
    return app


def opened(app: AppTest) -> AppTest:
    assert not app.button(key="own.open").disabled, words(app)
    app.button(key="own.open").click().run()
    assert not app.exception
    return app


def a_pair(folder: Path) -> tuple[Path, Path]:
    return one_date(folder / "before.tif", False, date=DAYS[0]), one_date(folder / "after.tif", True, date=DAYS[1])


def changed(app: AppTest, method: str = METHOD) -> str:
    visit(app, "detect", **{choices.METHODS: [method]})
    assert_sound(app)
    return "\n".join(str(metric.value) for metric in app.metric) + words(app)


def test_a_pair_is_said_before_it_is_opened_and_becomes_an_event(app, home):
    bring(app, *a_pair(home))
    assert "24 x 24 pixels of 10.0 x 10.0 m" in words(app) and f"**T1** · {DAYS[0]} · B02, B03, B04, B08" in words(app)
    opened(app)
    assert_sound(app)
    name = app.session_state[choices.EVENT]
    assert records.is_name(name) and app.session_state[choices.SOURCE] == "files"
    record = records.find(name)
    assert record.bands == ("B02", "B03", "B04", "B08") and (record.t1, record.t2) == DAYS
    assert cache.cached(record.spec()), "kept like any patch"
    assert "digital numbers" in words(app) and "before.tif" in words(app)
    for page in ("compare", "detect", "metrics", "review"):
        assert_sound(visit(app, page, **{choices.METHODS: [METHOD]}))
        assert app.sidebar.markdown[0].value == f"**Your pair {name[5:11]}**"
        assert [one["name"] for one in items(app) if one["chosen"]] == [f"Your pair {name[5:11]}"]
    held = f": {DAYS[0]}, {DAYS[1]}. Further dates of the place"
    assert "Your pair holds 2 dates from" in words(visit(app, "compare")) and held in words(app)


def test_the_form_says_which_files_it_takes_for_what_is_refused_says_so_by_its_colour_alone(app):
    visit(app, "patches", **{choices.SOURCE: "files"})
    assert "Bring both dates, as GeoTIFF, JPEG 2000, NetCDF or a zip of them" in words(app)


def test_the_name_is_that_of_the_content_whatever_it_came_in(app, home):
    opened(bring(app, *a_pair(home)))
    first = app.session_state[choices.EVENT]
    moved = home / "elsewhere"
    moved.mkdir()
    files = [
        path.rename(moved / f"{n}-{path.name}") for n, path in enumerate((home / "before.tif", home / "after.tif"))
    ]
    opened(bring(app, *files))
    assert app.session_state[choices.EVENT] == first


def test_days_and_bands_that_no_file_says_are_asked_for(app, home):
    bring(app, one_date(home / "a.tif", False, names=[]), one_date(home / "b.tif", True, names=[]))
    assert app.button(key="own.open").disabled and "does not say which bands" in words(app)
    assert "--band-names" not in words(app)
    for box in [one for one in app.selectbox if str(one.key).startswith("own.band.")]:
        role = ("B02", "B03", "B04", "B08")[int(str(box.key)[-1])]
        app.selectbox(key=box.key).set_value(role).run()
    assert app.button(key="own.open").disabled and "Say of which days" in words(app)
    for n, day in enumerate(DAYS):
        app.date_input(key=f"own.day.{n}.0").set_value(np.datetime64(day).astype(object)).run()
    opened(app)
    assert records.find(app.session_state[choices.EVENT]).t2 == DAYS[1]
    assert_sound(app)


def test_numbers_too_large_for_reflectance_are_asked_about_before_the_pair_is_opened(app, home):
    for name, day in (("a", DAYS[0]), ("b", DAYS[1])):
        tiff(home / f"{name}.tif", np.full((4, 24, 24), 30_000), ("B02", "B03", "B04", "B08"), dtype="uint16", crs=UTM,
             transform=PLACE, date=day)  # fmt: skip
    bring(app, home / "a.tif", home / "b.tif")
    assert any("T2: the numbers of B02, B03, B04, B08 are too large" in one.value for one in app.warning)
    for box in ("own.unit.T1.0", "own.unit.T2.0"):
        app.selectbox(key=box).set_value("65,535 is 1").run()
    assert not any("too large" in one.value for one in app.warning)
    opened(app)
    patch = cache.load(records.find(app.session_state[choices.EVENT]).spec())
    assert float(patch["B04"].max()) == pytest.approx(30_000 / 65_535)


def test_days_in_the_wrong_order_are_said_and_nothing_is_opened(app, home):
    first, second = a_pair(home)
    bring(app, second, first)
    assert "swap them" in words(app) and app.button(key="own.open").disabled


@pytest.mark.parametrize(
    ("hostile", "said"),
    [
        (bomb, "unpacks to 150 MB"),
        (pointing, "only names other files"),
        (huge, "over the limit"),
        (cut_short, "cannot be read"),
    ],
)
def test_a_hostile_file_gets_one_sentence_and_nothing_is_lost(app, home, hostile, said):
    opened(bring(app, *a_pair(home)))
    name = app.session_state[choices.EVENT]
    folder = home / "in"
    folder.mkdir()
    bring(app, hostile(folder), home / "after.tif")
    assert any(said in error.value for error in app.error), [error.value for error in app.error]
    assert len(app.error) == 1 and not app.exception
    assert app.session_state[choices.EVENT] == name
    assert_sound(visit(app, "compare"))


def test_a_link_to_a_pair_opens_it_where_it_is_kept_and_names_its_files_elsewhere(app, home):
    opened(bring(app, *a_pair(home)))
    address = {key: app.query_params[key] for key in ("event", "source", "t1", "t2", "files", "at")}
    name = app.session_state[choices.EVENT]
    assert address["event"] == name and "before.tif" in address["files"]
    other = started()
    for key, value in address.items():
        other.query_params[key] = value
    assert_sound(other.switch_page("pages/compare.py").run())
    assert "not in the inventory in use" not in words(other) and len(other.session_state[keys.INVENTORY].events) == 11
    (config.settings().home / "pairs" / f"{name}.json").unlink()
    elsewhere = started()
    for key, value in address.items():
        elsewhere.query_params[key] = value
    elsewhere.switch_page("pages/patches.py").run()
    assert not elsewhere.exception
    said = words(elsewhere)
    assert f"before.tif ({DAYS[0]})" in said.replace("\\", "") and "after.tif" in said
    opened(bring(elsewhere, home / "before.tif", home / "after.tif"))
    assert elsewhere.session_state[choices.EVENT] == name
    assert_sound(elsewhere)


def test_a_pair_brought_before_is_chosen_again_where_another_inventory_took_its_place(app, home):
    opened(bring(app, *a_pair(home)))
    name = app.session_state[choices.EVENT]
    app.session_state[keys.INVENTORY], app.session_state[choices.EVENT] = None, None
    visit(app, "patches")
    box = next(one for one in app.selectbox if str(one.key).startswith("own.before."))
    box.set_value(name).run()
    assert app.session_state[choices.EVENT] == name
    assert_sound(app)


def test_another_event_goes_back_to_the_source_of_before_and_the_pair_to_its_own(app, home):
    visit(app, "inventory")
    opened(bring(app, *a_pair(home)))
    name = app.session_state[choices.EVENT]
    app.button(key="step.Previous").click().run()
    assert app.session_state[choices.SOURCE] == "demo" and app.session_state[choices.EVENT] != name
    app.button(key="step.Next").click().run()
    assert (app.session_state[choices.SOURCE], app.session_state[choices.EVENT]) == ("files", name)
    assert_sound(app)


def test_a_pair_whose_pixels_left_the_cache_is_read_again_from_where_it_lies(app, home):
    opened(bring(app, *a_pair(home)))
    record = records.find(app.session_state[choices.EVENT])
    cache.clear()
    assert cache.load(record.spec())["B04"].shape == (2, 24, 24)
    cache.clear()
    (home / "after.tif").unlink()
    with pytest.raises(Exception, match=r"Bring them again: T1 before.tif \(2020-05-01\), T2 after.tif"):
        cache.load(record.spec())


def test_a_pair_is_forgotten_with_all_else_that_is_kept_and_its_files_stay(app, home):
    files = a_pair(home)
    opened(bring(app, *files))
    record = records.find(app.session_state[choices.EVENT])
    app.switch_page("streamlit_app.py").run()
    assert "1 pair of images" in words(app)
    app.button(key="yours.forget").click().run()
    assert not app.exception and app.session_state[choices.EVENT] is None
    assert records.find(record.name) is None and not cache.cached(record.spec())
    assert all(path.is_file() for path in files)
    assert "or a pair you brought before" not in words(visit(app, "patches", **{choices.SOURCE: "files"}))


def test_a_record_survives_its_file_and_an_altered_one_is_none(home):
    grid = Grid(500_000, 5_000_000, 10, 10, 4, 4, "EPSG:32633")
    one = records.PairRecord(f"pair-{'a' * 16}", *DAYS, ("a.tif",), ("b.tif",), "", ("B04",), grid, SILENT, ("said",))
    records.keep(one)
    assert records.find(one.name) == one and one.spec().grid is one.grid
    path = config.settings().home / "pairs" / f"{one.name}.json"
    path.write_bytes(path.read_bytes().replace(b"b.tif", b"c.tif"))
    assert records.find(one.name) is None and records.find("../../etc") is None
    of_old = {name: value for name, value in asdict(one).items() if name != "dem_file"} | {"paths": [["a"], ["b"], []]}
    path.write_bytes(seal("pair", json.dumps(of_old)))
    assert records.find(one.name) == replace(one, paths=(("a",), ("b",), (), (), ()))


def test_a_product_is_brought_as_its_folder(app, home):
    before, after = product(home / "t1", DAYS[0], False, "0214", add=0), product(home / "t2", DAYS[1], True)
    opened(bring(app, before, after))
    assert_sound(app)
    assert records.find(app.session_state[choices.EVENT]).bands == ("B02", "B03", "B04", "B08", "B8A", "B11")


def test_a_mask_beside_the_pair_is_its_truth(app, home):

    mask = np.zeros((24, 24), np.uint8)
    mask[SCAR] = 1
    truth = tiff(home / "mask.tif", mask, dtype="uint8", crs=UTM, transform=PLACE)
    opened(bring(app, *a_pair(home), truth))
    assert "mask.tif" in words(app)
    found = cache.load(records.find(app.session_state[choices.EVENT]).spec())
    assert found["truth"].values.sum() == 24
    visit(app, "metrics", **{choices.SCORED: [METHOD]})
    assert_sound(app)


def test_heights_beside_the_pair_hold_methods_to_a_slope_and_are_read_again_with_it(app, home):

    rows = np.maximum(np.arange(24) - 9, 0) * 5.0  # level in the north; from row 9 on it rises by 27 degrees
    dem = tiff(home / "dem.tif", np.repeat(rows[:, None], 24, axis=1), dtype="float32", crs=UTM, transform=PLACE)
    opened(bring(app, *a_pair(home), dem=dem))
    assert "dem.tif" in words(app)
    record = records.find(app.session_state[choices.EVENT])
    assert record.dem_file == "dem.tif"
    visit(app, "detect", **{choices.METHODS: [METHOD], choices.MIN_SLOPE: 20.0})
    assert_sound(app)
    assert not next(one for one in app.slider if one.label.startswith("Smallest slope")).disabled
    assert "on hillsides of 20° and more" in words(app)
    visit(app, "patches", **{choices.LIGHT: "c"})
    assert_sound(app)
    assert any(one.label == "Light on slopes" for one in app.selectbox)
    assert "Light: C correction" in words(app)
    visit(app, "detect", **{choices.METHODS: [METHOD], choices.MIN_SLOPE: 20.0, choices.LIGHT: texts.MEASURED})
    marked = next(one.value for one in app.dataframe if "pixels" in one.value)["pixels"].tolist()
    assert 0 < marked[0] < 24
    cache.clear()
    again = cache.load(replace(record.spec(), heights=True))
    assert again["DEM"].attrs["source"] == "file dem.tif" and again["DEM"].values[20, 3] == 55
    assert not any("There are no heights" in one for one in patches.warnings(again))


def test_files_of_one_band_each_are_brought_as_a_folder(app, home):
    before = a_file_a_band(home / "t1", False, "T33UUP_20200501T100031_{band}_10m.tif")
    after = a_file_a_band(home / "t2", True, "T33UUP_20210506T100031_{band}_10m.tif")
    opened(bring(app, before, after))
    assert records.find(app.session_state[choices.EVENT]).t1 == DAYS[0]


# --- real files ------------------------------------------------------------------------------------

CASES = {
    "01": ("01-projected-area/mercator_t1.tif", "01-projected-area/mercator_t2.tif"),
    "02": ("02-mixed-units/t1_float_dn.tif", "02-mixed-units/t2_reflectance.tif"),
    "03": ("03-scale-tags/stale_t1.tif", "03-scale-tags/stale_t2.tif"),
    "04": ("04-undeclared-fill/t1_m9999.tif", "04-undeclared-fill/t2.tif"),
    "05": ("05-offset-before-2022/t1.tif", "05-offset-before-2022/t2_plus1000.tif"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_pages_give_what_the_command_line_gives(app, shared, capsys, case):
    files = [shared / "data" / "cases" / name for name in CASES[case]]
    assert main(["detect", "--pair", *map(str, files), "--dates", *DAYS, "--method", METHOD, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    bring(app, *files)
    for n, day in enumerate(DAYS):
        app.date_input(key=f"own.day.{n}.0").set_value(np.datetime64(day).astype(object)).run()
    opened(app)
    patch = cache.load(records.find(app.session_state[choices.EVENT]).spec())
    from app import patches
    from app.detection import polygons, run

    found = run.detect(patch, METHOD)
    mask = run.mask(found)
    assert int(mask.sum()) == told["changed"] and int(found.clear.sum()) == told["clear"]
    assert polygons.area_m2(mask, patches.grid_of(patch)) == pytest.approx(told["area_m2"])
    assert list(patches.warnings(patch)) == told["warnings"][: len(patches.warnings(patch))]
    assert f"{told['changed']:,}" in changed(app)


def test_the_iburi_pair_and_its_outlines_are_scored_on_the_pages_as_measured(app, shared):
    at = shared / "data" / "iburi2018_west"
    bring(app, at / "t1.tif", at / "t2.tif", at / "landslide.tif", at / "dem.tif")
    for n, day in enumerate(("2018-04-20", "2018-10-01")):
        app.date_input(key=f"own.day.{n}.0").set_value(np.datetime64(day).astype(object)).run()
    opened(app)
    visit(app, "metrics", **{choices.SCORED: ["band-difference:B04:0.0137"]})
    assert_sound(app)
    from app.ui.metrics import shelved

    spec = records.find(app.session_state[choices.EVENT]).spec()
    from app.scoring import evaluate

    (scored,) = evaluate.evaluate([shelved.case(spec)], ["band-difference:B04:0.0137"]).methods
    rates = (scored.micro.precision, scored.micro.recall, scored.micro.f1)
    assert rates == pytest.approx((0.715, 0.659, 0.686), abs=0.002)
    visit(app, "detect", **{choices.METHODS: ["band-difference:B04:0.0091"], choices.MIN_SLOPE: 0.0})
    assert shown_f1(app) == pytest.approx(0.681, abs=0.002)
    app = next(one for one in app.slider if one.label.startswith("Smallest slope")).set_value(10.0).run()
    assert_sound(app)
    assert shown_f1(app) == pytest.approx(0.720, abs=0.01)


def shown_f1(app: AppTest) -> float:
    return float(next(one.value for one in app.dataframe if "F1" in one.value)["F1"].iloc[0])
