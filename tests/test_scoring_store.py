"""Scores kept on disk: whole or not at all, named by all that decides them, shared by processes."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from app import config
from app.errors import InputError
from app.grid import around
from app.patches import PatchSpec
from app.scoring import evaluate
from app.scoring import store as score_store
from app.scoring.boundary import Boundary, Distances
from app.scoring.curves import Curve
from app.scoring.facts import Facts
from app.scoring.metrics import Confusion
from app.scoring.objects import Objects
from app.scoring.results import EventScore
from app.scoring.store import Kept, ScoreStore
from tests.handmade import patch, scored_case, tiff
from tests.tiny_networks import put

RISE = "band-difference:B04:0.05"


def kept(event="41", tp=3):
    counts = [np.array([tp, 1]) for _ in range(4)]
    objects = Objects((1, 0, 0, 0, 0), ((1, 0, 0, 0, 0),) * 3, (2, 0, 0, 0, 0), (1, 0, 0, 0, 0), float("nan"))
    score = EventScore(
        event, Confusion(tp, 1, 2, 3), RISE, 0.05, "", True, Curve(np.array([0.1, 0.2]), *counts, "reflectance"),
        objects, Boundary(both=Distances(4, 1.5, 1.0, 2.0, 0.5)), Facts("slide", days=12.0, simulated=True),
        not_counted=7, warnings=("All pixels are landslide.",),
    )  # fmt: skip
    return Kept(score, ("read as reflectance.",))


def folder(place, events=("1", "2")):
    for event in events:
        for part, value in (("A", 0.1), ("B", 0.3)):
            tiff(place / part / f"{event}.tif", [[[value, 0.1]] * 2], ["B04"])
        tiff(place / "LABEL" / f"{event}.tif", [[1, 0]] * 2, dtype="uint8")
    return place


def test_a_score_comes_back_as_it_was(tmp_path):
    store = ScoreStore(tmp_path)
    store.put("a", kept())
    assert os.name == "nt" or [one.stat().st_mode & 0o777 for one in tmp_path.iterdir()] == [0o600]
    back = store.get("a")
    assert back.notes == kept().notes and back.score.curve.tp.tolist() == [3, 1]
    assert back.score.curve.unit == "reflectance" and back.score.counts == Confusion(3, 1, 2, 3)
    for part in ("boundary", "objects", "facts"):  # as text, for NaN equals nothing
        assert repr(getattr(back.score, part)) == repr(getattr(kept().score, part))
    assert (back.score.not_counted, back.score.warnings) == (7, ("All pixels are landslide.",))
    assert store.get("b") is None


def test_a_score_without_curve_or_objects_comes_back_too(tmp_path):
    store = ScoreStore(tmp_path)
    store.put("a", Kept(EventScore("1", Confusion(tn=4), "masks:x", float("nan"))))
    score = store.get("a").score
    assert score.curve is None and score.objects is None and np.isnan(score.threshold)


@pytest.mark.parametrize("damage", [b"", b"{", b'{"sha256": "0", "score": "{}"}', b"null", b"[]"])
def test_a_damaged_file_is_as_good_as_none_and_is_written_anew(tmp_path, damage):
    store = ScoreStore(tmp_path)
    store.put("a", kept())
    (path,) = tmp_path.glob("*.json")
    path.write_bytes(damage)
    assert store.get("a") is None
    store.put("a", kept())
    assert store.get("a") is not None


def test_one_altered_digit_is_noticed(tmp_path):
    store = ScoreStore(tmp_path)
    store.put("a", kept())
    (path,) = tmp_path.glob("*.json")
    path.write_bytes(path.read_bytes().replace(b"0.05", b"0.06"))
    assert store.get("a") is None


def test_the_least_recently_used_leave_when_there_is_no_room(tmp_path):
    ScoreStore(tmp_path).put("size", kept())
    (path,) = tmp_path.glob("*.json")
    store = ScoreStore(tmp_path, most_bytes=int(3.5 * path.stat().st_size))
    path.unlink()
    for at, name in enumerate("abc"):
        store.put(name, kept())
        os.utime(tmp_path / f"{name}.json", ns=(at, at))
    assert store.get("a") is not None  # used now, so b is the oldest
    store.put("d", kept())
    assert store.get("b") is None and store.get("a") is not None and store.get("d") is not None
    store.clear()
    assert store.count() == 0


def test_a_place_that_cannot_be_written_keeps_nothing_and_fails_nothing(tmp_path):
    (tmp_path / "file").write_text("in the way")
    store = ScoreStore(tmp_path / "file")
    store.put("a", kept())
    assert store.get("a") is None and store.count() == 0


def test_two_processes_may_write_and_read_the_same_scores(tmp_path):
    work = (
        "import sys; from pathlib import Path; from app.scoring.store import ScoreStore; "
        "from tests.test_scoring_store import kept\n"
        "store = ScoreStore(Path(sys.argv[1]), most_bytes=20_000)\n"
        "for at in range(120):\n"
        "    store.put(str(at % 30), kept(tp=at % 30))\n"
        "    held = store.get(str(at * 7 % 30))\n"
        "    assert held is None or held.score.counts.tp == at * 7 % 30\n"
    )
    both = [subprocess.Popen([sys.executable, "-c", work, str(tmp_path)]) for _ in range(2)]
    assert [process.wait(timeout=120) for process in both] == [0, 0]
    assert not list(tmp_path.glob(".*")) and ScoreStore(tmp_path).count()
    ScoreStore(tmp_path, most_bytes=20_000).put("last", kept())
    assert sum(path.stat().st_size for path in tmp_path.glob("*.json")) <= 20_000


def test_a_second_run_opens_no_event(tmp_path):
    cases, _ = evaluate.dataset_cases(folder(tmp_path / "data"))
    store = ScoreStore(tmp_path / "scores")
    first = evaluate.evaluate(cases, [RISE, "cva:0.1"], store=store)

    def never():
        raise AssertionError("an event was opened")

    shut = [evaluate.Case(case.event, never, case.facts, case.key) for case in cases]
    again = evaluate.evaluate(shut, [RISE, "cva:0.1"], store=store)
    assert again.as_json() == first.as_json() and store.count() == 4
    with pytest.raises(InputError, match="an event was opened"):
        evaluate.evaluate(shut, ["band-difference:B04:0.06"], store=store)


def test_other_files_bands_regions_or_code_are_other_scores(tmp_path, monkeypatch):
    place = folder(tmp_path, ["1"])
    (before,), _ = evaluate.dataset_cases(place)
    (named,), _ = evaluate.dataset_cases(place, ["B04"])
    tiff(place / "B" / "1.tif", [[[0.5, 0.1]] * 2], ["B04"])
    (after,), _ = evaluate.dataset_cases(place)
    keys = {score_store.key(RISE, case.key, "whole", "auto") for case in (before, named, after)}
    keys |= {score_store.key(RISE, before.key, "box", "auto"), score_store.key(RISE, before.key, "whole", "cpu")}
    monkeypatch.setattr(score_store, "code_version", lambda: "other code")
    keys.add(score_store.key(RISE, before.key, "whole", "auto"))
    assert len(keys) == 6


def test_published_files_that_were_replaced_are_other_data(tmp_path, monkeypatch):
    monkeypatch.setattr(config, "settings", lambda: replace(config.read({}), published=tmp_path))
    spec = PatchSpec("published", "1", around(1.0, 10.0), date(2020, 1, 1), date(2020, 2, 1))
    assert score_store.spec_key(spec) == ""
    folder(tmp_path / "VALIDATION", ["1"])
    first = score_store.spec_key(spec)
    assert first == score_store.spec_key(spec) != ""
    tiff(tmp_path / "VALIDATION" / "B" / "1.tif", [[[0.5, 0.1]] * 2], ["B04"])
    assert score_store.spec_key(spec) not in ("", first)
    simulated = replace(spec, source="demo")
    assert score_store.spec_key(simulated) == score_store.spec_key(simulated) != ""


def test_a_network_is_named_by_its_bytes_and_the_contract_beside_it(tmp_path):
    path = put(tmp_path, b"any bytes")
    named = f"onnx:{path}"
    first = score_store.method_version(named)
    path.with_suffix(".json").write_text("{}")
    second = score_store.method_version(named)
    path.write_bytes(path.read_bytes() + b"x")
    assert len({first, second, score_store.method_version(named)}) == 3
    assert score_store.method_version("onnx:nowhere") == "" and score_store.key("", "data", "whole", "auto") == ""


def test_what_ran_instead_is_not_kept(tmp_path):
    cases, _ = evaluate.dataset_cases(folder(tmp_path / "data", ["1"]))
    store = ScoreStore(tmp_path / "scores")
    (tmp_path / "broken.onnx").write_bytes(b"no network")
    found = evaluate.evaluate(cases, [f"onnx:{tmp_path / 'broken.onnx'}", RISE], store=store)
    assert found.methods[0].events[0].fallback and store.count() == 1


def test_data_without_a_key_is_scored_each_time(tmp_path):
    held = patch({"B04": ([[0.1]], [[0.3]])}, truth=[[1]])
    store = ScoreStore(tmp_path)
    evaluate.evaluate([scored_case(held, "1")], [RISE], store=store)
    assert store.count() == 0


def test_what_is_known_of_an_event_is_that_of_today_not_of_when_it_was_scored(tmp_path):
    cases, _ = evaluate.dataset_cases(folder(tmp_path / "data", ["1"]))
    store = ScoreStore(tmp_path / "scores")
    evaluate.evaluate(cases, [RISE], store=store)
    told = [evaluate.Case(case.event, case.open, Facts(category="slide"), case.key) for case in cases]
    (score,) = evaluate.evaluate(told, [RISE], store=store).methods[0].events
    assert score.facts.category == "slide" and score.facts.area_m2 > 0
