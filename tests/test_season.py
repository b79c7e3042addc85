"""T2 against the same season of earlier years, by hand and on the sample; what it is refused for."""

from dataclasses import replace
from datetime import date
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app import cache, library, patches
from app.__main__ import main
from app.batch import event
from app.detection import index_change, methods, season
from app.detection.run import detect, mask
from app.errors import EarlierMissingError, MethodError
from app.inventory import read
from app.scoring.cases import PatchWithTruth
from app.series import earlier
from app.sources import open_source, scenes, spec_for
from app.ui import choices, keys
from tests import felled_forest, small
from tests.conftest import ROOT
from tests.test_pages import assert_sound, visit, words

SMALL = {"t1": "2022-04-12", "t2": "2022-07-01", "event_date": date(2022, 6, 1), "buffer_deg": 0.001}
EVENT = open_source("sample").describe().event


def with_earlier(patch, b04, clm=None):
    """Return a patch of B04 with earlier dates: a number for each, or an array (earlier, y, x)."""
    layers = np.stack([np.full((4, 4), one, np.float32) if np.isscalar(one) else one for one in b04])
    clouds = np.zeros(layers.shape, np.uint8) if clm is None else clm
    dims = (season.EARLIER, "y", "x")
    days = np.array([f"20{n:02d}-08-01" for n in range(len(layers))], "datetime64[ns]")
    held = patch.assign({"B04_earlier": (dims, layers), "CLM_earlier": (dims, clouds)})
    return held.assign_coords({season.EARLIER: (season.EARLIER, days)})


def test_the_score_is_how_many_robust_deviations_t2_lies_above_the_median():
    patch = with_earlier(small.patch(B04=(0.9, 0.2)), [0.08, 0.10, 0.12, 0.10])
    found = detect(patch, "season-anomaly:B04:3")
    assert found.score == pytest.approx(np.full((4, 4), (0.2 - 0.1) / (1.4826 * 0.01)), rel=1e-4)
    assert mask(found).all() and found.unit == methods.DEVIATIONS and found.dates == (1,)
    assert "4 earlier dates" in found.note


def test_a_pixel_that_swings_every_year_is_no_change_where_a_steady_one_is():
    swings = np.full((4, 4), 0.1, np.float32)
    layers = [swings.copy() for _ in range(5)]
    for layer, value in zip(layers, (0.05, 0.25, 0.1, 0.2, 0.15), strict=True):
        layer[:1] = value
    for layer, value in zip(layers, (0.10, 0.11, 0.09, 0.10, 0.105), strict=True):
        layer[1:] = value
    marked = mask(detect(with_earlier(small.patch(B04=(0.1, 0.2)), layers), "season-anomaly:B04:3"))
    assert not marked[0].any() and marked[1:].all()


def test_cloud_of_an_earlier_date_is_left_out_and_too_few_dates_judge_nothing():
    clm = np.zeros((4, 4, 4), np.uint8)
    clm[0] = 1  # a cloud of 0.9, which would widen the spread
    clm[1, 0, 0] = 1
    patch = with_earlier(small.patch(B04=(0.1, 0.2)), [0.9, 0.1, 0.11, 0.09], clm)
    found = detect(patch, "season-anomaly:B04:3")
    assert np.isnan(found.score[0, 0]) and not found.clear[0, 0]
    assert mask(found)[1:].all() and "no number for 1 of 16" in " ".join(found.warnings)


def test_vegetation_falls_and_soil_rises_towards_bare_ground():
    assert [season.towards_bare(one) for one in ("NDVI", "BSI", "B04", "B08", "B11", "brightness")] == [
        -1, 1, 1, -1, 1, 1,
    ]  # fmt: skip


def test_names_of_indices_and_bands_parse_and_others_are_refused():
    assert str(methods.parse("season-anomaly")) == "season-anomaly:NDVI:3"
    assert str(methods.parse("season-anomaly:b04:2.5")) == "season-anomaly:B04:2.5"
    assert str(methods.parse("season-anomaly:Brightness")) == "season-anomaly:brightness:3"
    with pytest.raises(MethodError, match="Choose one from NDVI"):
        methods.parse("season-anomaly:NDXI:3")


def test_a_patch_without_earlier_dates_is_refused_with_the_way_out():
    with pytest.raises(EarlierMissingError, match=r"patch EVENT --source NAME --earlier"):
        detect(small.patch(), "season-anomaly:NDVI:3")


def test_earlier_dates_are_written_with_a_patch_and_read_by_the_method(tmp_path, capsys):
    out = tmp_path / "sample.nc"
    assert main(["patch", "sample", "--source", "sample", "--earlier", "--out", str(out)]) == 0
    held = patches.read(out)
    days = [str(day)[:10] for day in held["earlier"].values]
    assert len(days) >= 3 and max(days) <= str(EVENT.t1)
    assert main(["detect", str(out), "--method", "season-anomaly:NDVI:3", "--json"]) == 0
    assert '"changed"' in capsys.readouterr().out


def test_earlier_dates_are_of_the_season_of_years_before_the_event_only():
    spec = spec_for(EVENT, "sample")
    chosen = earlier.chosen(spec, scenes.open_scenes(spec, EVENT.t1.replace(year=2015), EVENT.t2))
    assert len(chosen) >= season.FEWEST
    for one in chosen:
        apart = abs(one.date.timetuple().tm_yday - spec.t2.timetuple().tm_yday)
        assert apart <= earlier.WITHIN_DAYS and one.date <= spec.t1


def test_a_source_of_pairs_alone_has_no_earlier_dates():
    spec = replace(spec_for(EVENT, "sample"), source="published")
    with pytest.raises(EarlierMissingError, match="choose one of demo, sample"):
        earlier.attached(spec, small.patch())


def test_the_detect_page_opens_the_earlier_dates_by_itself():
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    app.session_state[choices.SOURCE] = "sample"
    visit(app, "detect", **{choices.METHODS: ["season-anomaly:NDVI:3"], keys.FOUND_PART: "ran"})
    assert_sound(app)
    assert "earlier dates of the season" in words(app)


def test_it_nearly_halves_the_false_alarms_of_rdndvi_in_forest_and_finds_more_felled_pixels():
    ndvi, clear, when, number = felled_forest.cube()
    standing, days = felled_forest.untouched(ndvi, clear, when) & (number == 0), when.astype(object)
    shares = clear.mean(axis=(1, 2))
    usable = [k for k in range(len(days)) if shares[k] > 0.9]
    false = {"rdndvi": [], "season": []}
    for at, i in enumerate(usable):
        for j in usable[at + 1 :]:
            if (days[j] - days[i]).days > 200 or len(before := earlier_than(days, shares, j, i)) < season.FEWEST:
                continue
            score = -season.beyond(ndvi[j], np.where(clear[before], ndvi[before], np.nan))
            judged = standing & clear[i] & clear[j] & np.isfinite(score)
            false["season"].append((score >= 3)[judged])
            false["rdndvi"].append((index_change.rdndvi_loss(ndvi[i], ndvi[j]) >= 20)[judged])
    rate = {name: np.concatenate(marks).mean() for name, marks in false.items()}
    assert len(false["season"]) > 400
    assert rate["season"] < 0.55 * rate["rdndvi"]  # measured: 8.5 % and 15.9 % over 443 pairs
    i, j = (list(when.astype(str)).index(day) for day in ("2017-07-11", "2019-07-06"))
    before = earlier_than(days, shares, j, i)
    found = -season.beyond(ndvi[j], np.where(clear[before], ndvi[before], np.nan))[number > 0] >= 3
    assert found.mean() > 0.85 > 0.6 > (index_change.rdndvi_loss(ndvi[i], ndvi[j])[number > 0] >= 20).mean()


def earlier_than(days, shares, j, i):
    """Return the dates that ``app.series.earlier`` would hold date ``j`` against, where T1 is date ``i``."""
    held = [scenes.SceneInfo(day, str(k), float(shares[k])) for k, day in enumerate(days) if shares[k] > 0.3]
    spec = replace(spec_for(EVENT, "sample"), t1=days[i], t2=days[j])
    return [int(one.id) for one in earlier.chosen(spec, tuple(held))]


def test_a_batch_evaluate_report_and_the_library_open_the_earlier_dates_by_themselves(tmp_path, capsys):
    inventory = tmp_path / "one.csv"
    inventory.write_text("id,event_date,latitude,longitude,pre2,post1\na,2022-06-01,37.0,36.6,2022-04-12,2022-07-01\n")
    name = "season-anomaly:NDVI:3"
    given = ["--inventory", str(inventory), "--source", "demo", "--method", name, "--buffer", "0.001"]
    assert main(["report", "a", *given, "--out", str(tmp_path / "a.html")]) == 0
    assert "earlier dates of the season" in (tmp_path / "a.html").read_text("utf-8")
    found = library.open_patch((37.0, 36.6), **SMALL, earlier=True)
    assert library.detect(found, name).attrs["method"] == name
    spec = spec_for(read(inventory.read_bytes(), "one.csv").events[0], "demo", buffer_deg=0.001)
    plan = SimpleNamespace(device="cpu", min_slope_deg=0.0, scores=False)
    assert event._method(spec, cache.load(spec), name, plan, tmp_path).method == name
    reading = partial(earlier.read_by, spec)
    compared = PatchWithTruth(cache.load(spec), reading=reading).compare(name)
    assert compared.ran == name and not compared.fallback


def test_a_batch_of_a_source_of_pairs_says_what_the_method_needs():
    spec = replace(spec_for(EVENT, "sample"), source="published")
    assert earlier.read_by(spec, small.patch(), "band-difference:B04:0.05") is not None
    with pytest.raises(EarlierMissingError, match="opens pairs alone"):
        earlier.read_by(spec, small.patch(), "season-anomaly:NDVI:3")
