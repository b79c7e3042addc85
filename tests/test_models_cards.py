"""Cards: tables go between their marks, and what measures networks says in one line why it cannot."""

import pytest

from app.arguments import Parser
from app.errors import InputError, NetworkError
from models import cards

MARKS = ("<!-- a -->", "<!-- end of a -->")


@pytest.fixture
def card(tmp_path):
    file = tmp_path / "card.md"
    file.write_text(f"a\n{MARKS[0]}\nold\n{MARKS[1]}\nb\n")
    return file


def measured(table, *argv: str) -> int:
    return cards.measured(Parser(prog="measure"), list(argv), table, MARKS, "the numbers")


def test_tables_go_between_their_marks_and_a_card_without_them_is_refused(card):
    cards.put(card, MARKS, "new", "the numbers")
    assert card.read_text() == f"a\n{MARKS[0]}\n\nnew\n{MARKS[1]}\nb\n"
    card.write_text("nothing")
    with pytest.raises(NetworkError, match="no place for the numbers"):
        cards.put(card, MARKS, "new", "the numbers")


def test_what_is_measured_is_printed_and_written_into_every_card_named(card, tmp_path, capsys):
    other = tmp_path / "other.md"
    other.write_text(card.read_text())
    asked = ["n.onnx", "--card", str(card), "--card", str(other)]
    assert measured(lambda networks, _: f"{len(networks)} of {networks[0][-7:]}", *asked) == 0
    assert capsys.readouterr().out == "1 of /n.onnx\n"
    assert card.read_text() == other.read_text() == f"a\n{MARKS[0]}\n\n1 of /n.onnx\n{MARKS[1]}\nb\n"


def test_what_cannot_be_measured_is_said_in_one_line_and_the_card_stays(card, capsys):
    def table(networks, args):
        raise InputError("The images are not there.")

    before = card.read_text()
    assert measured(table, "--card", str(card)) == 2
    assert capsys.readouterr().err == "measure: The images are not there.\n" and card.read_text() == before
