"""Bytes that do not say their encoding are read in the one that makes most sense of them."""

import pytest

from app.inventory.encodings import decoded

TEXTS = {
    "cp932": ("Shift_JIS (Japanese)", "緯度,経度,発生日,備考\n35.1,138.2,2020-07-04,九州の豪雨による土砂災害\n"),
    "gb18030": ("GB 18030 (Chinese)", "纬度,经度,日期,备注\n30.1,103.2,2020-08-17,暴雨引发的山体滑坡\n"),
    "euc-kr": ("EUC-KR (Korean)", "위도,경도,날짜,비고\n37.1,127.2,2011-07-27,우면산 산사태 발생\n"),
    "cp1251": ("cp1251 (Cyrillic)", "широта,долгота,дата\n43.5,40.2,2019-05-01 оползень после дождей\n"),
    "cp1252": ("cp1252", "latitude,longitude,località\n46.5,11.3,Città di Bressanone è vicina\n"),
}


@pytest.mark.parametrize("encoding", TEXTS)
def test_a_text_comes_back_whole_with_the_name_of_its_encoding(encoding):
    name, text = TEXTS[encoding]
    assert decoded(text.encode(encoding), lambda _: 0) == (text, name)


def test_a_title_that_is_known_decides_where_likeness_does_not():
    data = "широта\n".encode("cp1251")
    assert decoded(data, lambda text: int("широта" in text)) == ("широта\n", "cp1251 (Cyrillic)")


def test_bytes_that_mean_something_nowhere_are_read_all_the_same():
    assert decoded(b"caf\x81\xff\n", lambda _: 0)[1] == "latin-1"
