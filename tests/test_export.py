"""Exported tables hold what was asked for and nothing a spreadsheet would run."""

import csv
import io
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import config, export, inventory
from tests.many_reviewers import verdict


def cells(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd()", "-x", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")', "＝1+1", "-1-1"]
)
def test_a_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text):
    assert cells(export.csv_safe(pd.DataFrame({"note": [text]}))) == [["note"], [f"'{text}"]]


@pytest.mark.parametrize("text", ["", "a=b", "5", "-5", "+5.25e-3", "2020-01-01", "'quoted", "${alert(1)}", 'a,b\n"c"'])
def test_other_texts_and_numbers_written_as_text_stay(text):
    assert cells(export.csv_safe(pd.DataFrame({"note": ["x", text]})))[2] == [text]


def test_numbers_dates_and_gaps_stay_what_they_are():
    frame = pd.DataFrame(
        {
            "number": [-0.5, np.nan],
            "count": [-3, 4],
            "day": [date(2020, 1, 2), None],
            "time": np.array(["2020-01-02", "NaT"], dtype="datetime64[s]"),
            "seen": [datetime(2020, 1, 2, 3, 4, 5), None],
            "yes": [True, False],
        }
    )
    assert cells(export.csv_safe(frame)) == [
        ["number", "count", "day", "time", "seen", "yes"],
        ["-0.5", "-3", "2020-01-02", "2020-01-02", "2020-01-02 03:04:05", "True"],
        ["", "4", "", "", "", "False"],
    ]


def test_column_names_are_guarded_too_and_may_repeat():
    frame = pd.DataFrame([["=a", "b"]], columns=["=x", "=x"])
    assert cells(export.csv_safe(frame)) == [["'=x", "'=x"], ["'=a", "b"]]


def test_only_text_beyond_ascii_carries_the_mark_that_excel_needs():
    assert export.csv_safe(pd.DataFrame({"a": ["e"]})) == b"a\r\ne\r\n"
    assert export.csv_safe(pd.DataFrame({"a": ["è"]})) == b"\xef\xbb\xbfa\r\n\xc3\xa8\r\n"


def test_the_built_in_list_is_exported_as_it_was_published():
    exported = export.inventory_csv(inventory.builtin()).replace(b"\r\n", b"\n")
    assert exported == (config.DATA / "inventory.csv").read_bytes().replace(b"\r\n", b"\n")


def test_an_inventory_with_formulas_is_exported_guarded_and_read_back_as_it_was():
    held = inventory.read(b"id,lat,lon,category,source\n=1+1,1,2,=cmd(),@x\n-7,3,4,-5,'=y\n", "test.csv")
    exported = export.inventory_csv(held)
    assert cells(exported)[1] == ["'=1+1", "", "", "'=cmd()", "1.0", "2.0", "'@x", "", "", ""]
    assert inventory.read(exported, "test.csv").events == held.events


def test_a_single_t1_is_exported_as_pre2_the_one_that_is_used():
    held = inventory.read(b"lat,lon,pre1\n1,2,2020-01-01\n", "test.csv")
    assert cells(export.inventory_csv(held))[1][7:] == ["", "2020-01-01", ""]
    assert inventory.read(export.inventory_csv(held), "x").events[0].t1_options == (date(2020, 1, 1),)


def test_verdicts_are_exported_with_place_zone_and_gaps_and_nothing_a_spreadsheet_would_run():
    moment = datetime(2024, 5, 14, 9, 30, 1, 288709, UTC)
    placed = verdict(note="=1+1", inventory="@list.csv", made_at=moment)
    odd = verdict(verdict="maybe", simulated=None, latitude=None, event_date="", odd="no verdict that Scarp knows")
    header, first, second = cells(export.verdicts_csv([placed, odd]))
    assert header == [
        "inventory", "when", "event", "verdict", "reviewer", "note", "source", "T1", "T2", "simulated",
        "latitude", "longitude", "event_date", "inventory_id", "odd", "software",
        "kind", "subject", "confidence", "composition", "stretch", "method", "threshold", "model_sha256", "link",
        "seconds", "geometry", "undoes", "uid", "made_at", "role",
    ]  # fmt: skip
    assert first == [
        "'@list.csv", "2024-05-14T09:30:01+00:00", "171", "landslide", "A. Expert", "'=1+1", "demo", "2022-09-17",
        "2023-02-24", "True", "35.86", "-121.43", "2022-12-30", "0123456789abcdef", "",
        config.software(), "event", *[""] * 12, "2024-05-14T09:30:01.288709+00:00", "",
    ]  # fmt: skip
    told = dict(zip(header, second, strict=True))
    assert (told["when"], told["simulated"], told["latitude"], told["longitude"]) == ("", "", "", "-121.43")
    assert (told["verdict"], told["odd"]) == ("maybe", "no verdict that Scarp knows")
    assert cells(export.verdicts_csv([])) == [header]


def test_a_column_of_the_verdicts_export_is_added_in_one_table(monkeypatch):
    monkeypatch.setitem(export.VERDICT_COLUMNS, "days", lambda one: f"={one.t1} to {one.t2}")
    header, row = cells(export.verdicts_csv([verdict()]))
    assert (header[-2:], row[-1]) == (["role", "days"], "'=2022-09-17 to 2023-02-24")


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2), min_size=1))
def test_no_exported_cell_begins_like_a_formula_and_every_text_can_be_had_back(rows):
    frame = pd.DataFrame(rows, columns=["a", "b"], dtype=object)
    for row, out in zip(rows, cells(export.csv_safe(frame))[1:], strict=True):
        for text, cell in zip(row, out, strict=True):
            assert cell in (text, f"'{text}")
            assert cell == text or not text[0].isalnum()
            assert not cell.startswith(("=", "@", "\t", "\r"))


def test_parquet_keeps_types_and_what_is_undefined():
    frame = pd.DataFrame({"event": ["41", "=2"], "f1": [0.5, np.nan], "tp": [3, 0]})
    back = pd.read_parquet(io.BytesIO(export.parquet(frame)))
    assert back["event"].tolist() == ["41", "=2"] and back["tp"].tolist() == [3, 0]
    assert back["f1"][0] == 0.5 and back["f1"].isna().tolist() == [False, True]


def test_latex_has_a_line_a_row_with_its_marks_escaped_and_undefined_as_a_dash():
    frame = pd.DataFrame({"method": ["a_b & 50 %"], "F1": [0.12345], "IoU": [np.nan], "n": [3], "area (m²)": [2.0]})
    text = export.latex(frame, "SIMULATED: 100% {made}").decode()
    assert r"a\_b \& 50 \% & 0.123 & -- & 3 & 2.000 \\" in text
    assert r"\caption{SIMULATED: 100\% \{made\}}" in text and r"\begin{tabular}{lrrrr}" in text
    assert r"area (m\textsuperscript{2}) \\" in text
    assert text.startswith(f"% {config.software()}\n")


@given(st.text(alphabet="\\{}$%&#_^~<>ab", max_size=12))
def test_no_text_can_leave_its_cell_of_a_latex_table(text):
    row = export.latex(pd.DataFrame({"x": [text], "y": ["end"]}), "c").decode().split("\\midrule\n")[1].split("\n")[0]
    bare = row.removesuffix(r" & end \\")
    for known in (r"\textbackslash{}", r"\textasciitilde{}", r"\textasciicircum{}", r"\textless{}",
                  r"\textgreater{}", r"\&", r"\%", r"\$", r"\#", r"\_", r"\{", r"\}"):  # fmt: skip
        bare = bare.replace(known, "")
    assert set(bare) <= set("ab")
