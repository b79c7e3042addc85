"""``python -m app inventory`` as scripts and people meet it."""

import json

import pytest

from app import __main__ as command_line
from app import inventory
from app.inventory import json_id


@pytest.fixture(autouse=True)
def only_this_command(monkeypatch):
    monkeypatch.setattr(command_line, "COMMANDS", {"inventory": "check"})


def run(*args: str) -> int:
    return command_line.main(["inventory", *map(str, args)])


@pytest.mark.shared
def test_the_published_list_gives_174_events_and_its_four_faults_as_one_json_document(shared, capsys):
    assert run(shared / "data" / "inventory.csv", "--json") == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert list(document) == ["events", "spans", "outlines", "crs", "skipped", "columns", "warnings", "notes"]
    assert (document["events"], document["skipped"]) == (174, [])
    assert document["columns"]["date"] == "event_date"
    assert [(warning["event"], warning["code"]) for warning in document["warnings"]] == [
        (96, "t1-not-before-event"),
        (116, "t2-not-after-event"),
        (147, "t2-not-after-event"),
        (159, "t1-not-before-event"),
    ]
    assert err == ""


def test_without_a_file_the_built_in_list_is_checked(capsys):
    assert run("--json") == 0
    assert json.loads(capsys.readouterr().out)["events"] == 10


@pytest.mark.parametrize(
    ("event_id", "shown"),
    [("0", 0), ("96", 96), ("-3", -3), ("007", "007"), ("1.0", "1.0"), ("-0", "-0"), ("a", "a"), ("٣", "٣"), ("", "")],
)
def test_ids_are_json_numbers_where_they_are_whole_numbers_without_leading_zeros(event_id, shown):
    assert json_id(event_id) == shown


def test_skipped_rows_make_exit_code_1_and_stand_in_the_document(tmp_path, capsys):
    path = tmp_path / "partly.csv"
    path.write_text("id,lat,lon,date\nx,200,9,2020-01-01\ny,45,9,2020-13-13\n")
    assert run(path, "--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert document["events"] == 1
    assert document["skipped"] == [{"row": 0, "reason": "latitude 200 is outside -90 to 90"}]
    assert [(warning["event"], warning["code"]) for warning in document["warnings"]] == [
        ("x", "position-out-of-range"),
        ("y", "date-unreadable"),
    ]


def test_how_the_file_was_understood_goes_to_standard_error(tmp_path, capsys):
    path = tmp_path / "dates.csv"
    path.write_text("lat,lon,date\n1,2,13/05/2020\n")
    assert run(path, "--json") == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["events"] == 1
    assert json.loads(out)["notes"] == [err.strip()]
    assert err == "The dates in 'date' were read as day/month/year.\n"


def test_spans_of_days_and_places_at_0_0_stand_in_the_document(tmp_path, capsys):
    path = tmp_path / "spans.csv"
    path.write_text("id,lat,lon,start date,end date\nx,0,0,2020-01-01,2020-01-03\ny,45,9,2020-01-01,2020-01-01\n")
    assert run(path, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["events"], document["spans"]) == (2, 1)
    assert document["columns"]["date"] == "start date" and document["columns"]["date_end"] == "end date"
    assert [(warning["event"], warning["code"]) for warning in document["warnings"]] == [("x", "null-island")]


@pytest.mark.parametrize("content", [None, b"", b"\x89PNG\r\n\x1a\n", b"a,b\n1,2\n"])
def test_an_unreadable_file_is_one_line_on_standard_error_and_exit_code_2(tmp_path, capsys, content):
    path = tmp_path / "bad.csv"
    if content is not None:
        path.write_bytes(content)
    assert run(path, "--json") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("python -m app inventory: ")
    assert err.count("\n") == 1


def test_a_person_reads_counts_reasons_and_warnings_and_no_terminal_codes(tmp_path, capsys):
    path = tmp_path / "\x1b[2Jpartly.csv"
    path.write_text("lat,lon,date,pre2,so\x1b[2Jurce,category\x1b[2J\n200,9,,,,\n45,9,2020-01-01,2020-01-01,,\n")
    assert run(path) == 1
    out, _ = capsys.readouterr()
    assert "partly.csv: 2 rows, 1 events, 1 skipped" in out
    assert "0  latitude 200 is outside -90 to 90" in out
    assert "1  t1-not-before-event    T1 (2020-01-01) is not before the event" in out
    assert "\x1b" not in out


NEW_ZEALAND = 'No,"Y Co-ordinate","X Co-ordinate",when\na,5427000,1748000,2020-01-01\nb,5428000,1749000,2020-01-02\n'


def test_columns_and_their_reference_system_are_told_on_the_command_line(tmp_path, capsys):
    path = tmp_path / "nz.csv"
    path.write_text(NEW_ZEALAND)
    told = 'latitude="Y Co-ordinate",longitude=X Co-ordinate,date=when,id=No'
    assert run(path, "--columns", told, "--crs", "EPSG:2193", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["columns"] == {
        "id": "No", "date": "when", "latitude": "Y Co-ordinate", "longitude": "X Co-ordinate",
    }  # fmt: skip
    assert "Positions in 'X Co-ordinate' and 'Y Co-ordinate' were brought from NZGD2000" in document["notes"][0]
    event = inventory.read_file(path, inventory.Given(crs="EPSG:2193")).events[0]  # the guess finds the pair, too
    assert (event.latitude, event.longitude) == pytest.approx((-41.2955, 174.7666), abs=0.01)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (["--columns", "latitude=north"], "has no column 'north'; its columns are 'No', 'Y Co-ordinate'"),
        (["--columns", "height=No"], "--columns names 'height'; there are id"),
        (["--columns", "latitude"], "cannot be read; write latitude="),
        (["--event", "1"], "--event goes with --propose-dates"),
        (["--at-once", "3"], "--at-once goes with --propose-dates"),
        (["--near-m", "50"], "--near-m goes with --merge"),
        (["--keep", "both"], "--keep goes with --merge"),
        (["--crs", "EPSG:1"], "'EPSG:1' is no reference system"),
        ([], "positions in metres or feet of a map"),
    ],
)
def test_what_is_told_wrongly_is_one_line(tmp_path, capsys, told, said):
    path = tmp_path / "nz.csv"
    path.write_text(NEW_ZEALAND)
    assert run(path, *told) == 2
    err = capsys.readouterr().err
    assert said in err and err.count("\n") == 1


def test_columns_without_a_file_are_refused(capsys):
    assert run("--crs", "EPSG:2193") == 2
    assert "are about a file, and none is named" in capsys.readouterr().err
