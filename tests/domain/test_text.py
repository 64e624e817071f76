"""Folding, cleaning, sameness."""

from hypothesis import given
from hypothesis import strategies as st

from domain.text import clean, fold, has_diacritics, nfc, place_tone, same


@given(st.text())
def test_fold_keeps_places(text: str) -> None:
    assert len(fold(text)) == len(nfc(text))


@given(st.text())
def test_clean_is_stable(text: str) -> None:
    assert clean(clean(text)) == clean(text)


def test_words() -> None:
    assert fold("ĐẶC SẢN Lạng Sơn") == "dac san lang son"
    assert same("Hoà Bình!", "hoa binh")
    assert place_tone("hoà") == place_tone("hòa")
    assert has_diacritics("sấy")
    assert not has_diacritics("say 😀")
    assert clean("a\x00b\u202e c\ud800") == "ab c"
