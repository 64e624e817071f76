"""Syllables that exist, tones in their place, keyboards half used, words glued or slipped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.line import read_line
from domain.spelling import Speller, like, one_slip
from domain.syllables import FOLDED, MARKS, SHAPED, parts, spelt, untelex, unvni, with_tone
from domain.text import fold

SPELLER = Speller(("máy sấy", "thạch đen", "hoa hồi", "chi lăng", "na"), {"ko": "không", "đki": "đăng ký"})


def said(text: str) -> str:
    return " ".join(token.said for token in read_line(text, SPELLER).tokens)


def test_syllables() -> None:
    assert {"máy", "khoảng", "quý", "giếng", "nghiền", "thuở", "xoong"} <= {spelt(word) for word in (
        "máy", "khoảng", "quý", "giếng", "nghiền", "thuở", "xoong")}  # fmt: skip
    assert all(spelt(word) is None for word in ("triẹu", "sấyy", "kà", "ghà", "mẻe"))
    assert spelt("hoà") == spelt("hòa") == "hòa"
    assert spelt("khỏang") == "khoảng"
    assert spelt("thuỷ") == "thủy"
    assert {"say", "hoi", "thach", "khoang"} <= FOLDED
    assert not {"sayy", "thcah", "khaong", "cnc"} & FOLDED


@given(st.sampled_from(sorted(SHAPED)), st.sampled_from(["", *MARKS]))
def test_tones_go_on_and_come_off(shape: str, tone: str) -> None:
    word = with_tone(shape, tone)
    assert parts(word) == (shape, tone)
    assert spelt(word) == word


@given(st.sampled_from(sorted(SHAPED)), st.sampled_from(["", *MARKS]))
def test_telex_keys_are_read_back(shape: str, tone: str) -> None:
    if "oo" in shape:  # xoong: the same keys as ô
        return
    keys = shape
    for mark, typed in (("ă", "aw"), ("â", "aa"), ("ê", "ee"), ("ô", "oo"), ("ơ", "ow"), ("ư", "uw"), ("đ", "dd")):
        keys = keys.replace(mark, typed)
    keys = keys.replace("uwow", "uow") + tone
    made = untelex(keys)
    assert made is None or fold(made) == fold(shape)
    if keys not in FOLDED and made is not None and "w" not in keys[:-2]:
        assert made == with_tone(shape, tone)


SAID = {
    "máyyy sấyyy": "máy sấy",
    "maysay": "may say",
    "máysấy": "máy sấy",
    "nachilang": "na chi lang",
    "hooif": "hồi",
    "sayys": "say",
    "lawng": "lăng",
    "thach9 d9en": "thach den",
    "tha5ch d9en": "thach den",
    "khaong 300 trieu": "khoang 300 trieu",
    "đôngj": "động",
    "ko đki": "không đăng ký",
    "triẹu": "trieu",
    "m2 co2 3kg": "m2 co 2 3 kg",
    "３００ｔｒ": "300 tr",
    "3oo l0 1O": "300 10 10",
    "10l": "10 l",
    "HTX KG VND": "htx kg vnd",
    "zalo facebook telegram ocop": "zalo facebook telegram ocop",
}


@pytest.mark.parametrize(("text", "words"), SAID.items())
def test_typed(text: str, words: str) -> None:
    assert said(text) == words


def test_slips() -> None:
    assert one_slip("thcah", "thach")
    assert one_slip("thac", "thach")
    assert not one_slip("thach", "thach")
    assert not one_slip("tha", "thach")
    assert like("dem", "den")
    assert like("thcah", "thach")
    assert not like("trong", "trung")  # both are words
    assert unvni("m2") is None or unvni("m2") != "m2"


@given(st.sampled_from(sorted(FOLDED)))
def test_syllables_without_marks_stay(word: str) -> None:
    assert said(word) == word


@given(st.text(max_size=120))
def test_tokens_lie_in_the_text(text: str) -> None:
    line = read_line(text, SPELLER)
    assert all(0 <= token.start < token.end <= len(line.text) for token in line.tokens)
    assert [token.start for token in line.tokens] == sorted(token.start for token in line.tokens)
