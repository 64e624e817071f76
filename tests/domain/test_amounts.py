"""Amounts said back, units converted, nothing outside the text."""

from hypothesis import given
from hypothesis import strategies as st

from domain.amounts import Money, Quantity, in_base, money_words, quantity_words
from domain.money import find_money
from domain.quantities import find_quantities
from domain.text import nfc


def test_units_convert() -> None:
    assert in_base(2, "tấn") == (2000, "kg")
    assert in_base(5, "sào") == (1800, "m2")
    assert in_base(1, "con") == (1, "con")


def test_words() -> None:
    assert money_words(Money(None, None)) == "chưa rõ"
    assert money_words(Money(2e8, 3e8)) == "200-300 triệu đồng"
    assert quantity_words(Quantity(None, 5, "tạ")) == "tối đa 5 tạ"
    assert quantity_words(Quantity(30, None, "tấn", "năm")) == "từ 30 tấn/năm"


PIECES = r"(\d{1,4} ?(tr|trieu|tấn|kg|tỷ|k|/| |mẻ|năm|-|tầm |không quá |rưỡi|hai |ba )){0,6}"


@given(st.text(max_size=80) | st.from_regex(PIECES, fullmatch=True))
def test_spans_lie_in_the_text_and_never_overlap(text: str) -> None:
    for spans in (
        sorted((f.start, f.end) for f in find_money(text)),
        sorted((f.start, f.end) for f in find_quantities(text)),
    ):
        assert all(0 <= start < end <= len(nfc(text)) for start, end in spans)
        assert all(left[1] <= right[0] or left[0] < right[0] for left, right in zip(spans, spans[1:], strict=False))
