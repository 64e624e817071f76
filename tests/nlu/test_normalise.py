"""What people type, mended, with the places of the text as it came."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.text import clean, clean_with_places, fold
from knowledge.library import load
from nlu.normalise import Normaliser

NORMALISE = Normaliser(load().teencode, ("khoảng", "máy sấy", "thạch đen", "hoa hồi khô", "chi lăng"))
SAID = {
    "ko dc": "không được",
    "Mún bik": "muốn biết",
    "máyyyy sấyyyy": "máy sấy",
    "maysay": "may say",
    "hoà thuỷ": "hòa thủy",
    "hooif khoo": "hồi khô",
    "thach9 d9en": "thach den",
    "na chi lawng": "na chi lăng",
    "khaong 300tr": "khoang 300tr",
    "MÁY 😀😀 sấy!!!": "máy sấy",
    "ｍａｙ sаy": "may say",  # full width; a Cyrillic letter
    "triẹu": "trieu",
    "300 triệu?": "300 triệu",
    "a/c": "anh chị",
    "máy\u200bsấy": "máy sấy",
}


@pytest.mark.parametrize(("text", "words"), SAID.items())
def test_words(text: str, words: str) -> None:
    assert " ".join(word.text for word in NORMALISE.read(text)) == words
    assert NORMALISE(text) == fold(words).split()


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_places_are_those_of_the_text_as_it_came(form: str) -> None:
    text = unicodedata.normalize(form, "  Em  mún\u200b mua máysấy 😀 ko dc ạ")
    found = [(word.text, unicodedata.normalize("NFC", text[word.start : word.end])) for word in NORMALISE.read(text)]
    assert found == [
        ("em", "Em"), ("muốn", "mún"), ("mua", "mua"), ("máy", "máy"), ("sấy", "sấy"),
        ("không", "ko dc"), ("được", "ko dc"), ("ạ", "ạ"),
    ]  # fmt: skip


@given(st.text())
def test_cleaning_tells_where_everything_was(text: str) -> None:
    cleaned, places = clean_with_places(text)
    assert cleaned == clean(text)
    assert len(places) == len(cleaned)
    assert places == sorted(places)


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    for word in NORMALISE.read(text):
        assert 0 <= word.start < word.end <= len(text)


@given(st.lists(st.sampled_from("máy sấy hoa hồi thạch đen cần mua khoảng triệu".split()), min_size=1))
def test_right_words_stay(words: list[str]) -> None:
    text = " ".join(words)
    assert [word.text for word in NORMALISE.read(text)] == words
    assert NORMALISE(text) == NORMALISE(fold(text)) == fold(text).split()
