"""What a table is shown as before anybody said which of its columns is what."""

import pytest

from app import inventory
from app.errors import InventoryError
from app.inventory import Given
from app.inventory.preview import preview

TABLE = "Nr;Rechts;Hoch;Wann;Was\n" + "".join(f"{n};{500 + n};{5040 + n};0{n}.05.2021;Rutsch\n" for n in range(1, 9))


def test_a_preview_has_titles_first_rows_and_what_would_be_read():
    shown = preview(b"id,lat,lon,date,remark\n1,45,9,2019-01-01,\n2,46,9,2019-01-02,below the road\n", "list.csv")
    assert shown.header == ("id", "lat", "lon", "date", "remark")
    assert shown.rows[1] == ("2", "46", "9", "2019-01-02", "below the road")
    assert shown.guessed == {"id": "id", "latitude": "lat", "longitude": "lon", "date": "date"}
    assert not shown.has_shapes


def test_a_table_that_cannot_be_read_as_an_inventory_is_previewed():
    with pytest.raises(InventoryError, match="no column for latitude and longitude"):
        inventory.read(TABLE.encode(), "liste.csv")
    shown = preview(TABLE.encode(), "liste.csv")
    assert shown.header == ("Nr", "Rechts", "Hoch", "Wann", "Was") and len(shown.rows) == 6
    given = Given(crs="EPSG:32632", columns=(("latitude", "Hoch"), ("longitude", "Rechts"), ("date", "Wann")))
    assert len(inventory.read(TABLE.encode(), "liste.csv", given).events) == 8


def test_files_of_the_same_columns_share_a_key_and_others_do_not():
    one, same, other = (preview(text, "a.csv").key for text in (b"a,b\n1,2\n", b"a,b\n3,4\n5,6\n", b"a,c\n1,2\n"))
    assert one == same != other


def test_what_is_no_table_has_no_preview():
    for text in (b"TOKEN=1\nKEY=2\n", b"only\none\ncolumn\n", b"a,b\n1\n2,3,4\n5\n"):
        with pytest.raises(InventoryError):
            preview(text, "notes.txt")


def test_no_column_is_guessed_for_what_is_said_to_be_in_none():
    text = b"lat,lon,date\n45,9,2019-01-01\n"
    assert "date" not in preview(text, "a.csv", Given(columns=(("date", ""),))).guessed
    (event,) = inventory.read(text, "a.csv", Given(columns=(("date", ""),))).events
    assert event.date is None
