"""Money with quantities in the ways people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.amounts import find_money, find_quantities, in_base, is_vague_money, money_words, quantity_words
from domain.text import nfc

MONEY = {
    "can may say tam 300tr": "300 triệu đồng",
    "tầm 4 trăm triệu đổ lại": "tối đa 400 triệu đồng",
    "1 tỷ 2": "1,2 tỷ đồng",
    "một tỷ hai": "1,2 tỷ đồng",
    "1tr5": "1,5 triệu đồng",
    "trăm rưỡi triệu": "150 triệu đồng",
    "hai trăm rưỡi triệu": "250 triệu đồng",
    "3 trăm củ": "300 triệu đồng",
    "350 củ": "350 triệu đồng",
    "dưới 500 triệu": "tối đa 500 triệu đồng",
    "ko qua 1 ty": "tối đa 1 tỷ đồng",
    "khong qua 250 trieu": "tối đa 250 triệu đồng",
    "từ 200 triệu trở lên": "từ 200 triệu đồng",
    "200-300 triệu": "200-300 triệu đồng",
    "2-3 trăm triệu": "200-300 triệu đồng",
    "hai ba trăm triệu": "200-300 triệu đồng",
    "từ 800tr đến 1 tỷ": "800 triệu - 1 tỷ đồng",
    "kinh phí dự kiến 300–450 triệu đồng": "300-450 triệu đồng",
    "nửa tỷ": "500 triệu đồng",
    "hai tỷ rưỡi": "2,5 tỷ đồng",
    "1 tỷ 250 triệu": "1,25 tỷ đồng",
    "1.200.000.000 đồng": "1,2 tỷ đồng",
    "chừng 7 chục triệu": "70 triệu đồng",
    "tầm sáu trăm triệu": "600 triệu đồng",
    "500tr-1ty": "500 triệu - 1 tỷ đồng",
    "vốn có 200 chai": "200 triệu đồng",
}
NOT_BUDGET = ("doanh thu 5 tỷ", "bán 50k/kg", "bán 45 nghìn 1 kg", "4x triệu", "hơn trăm triệu gì đó", "vài trăm triệu")
QUANTITY = {
    "400 kg/mẻ": "400 kg/mẻ",
    "tầm 5 tạ 1 mẻ": "5 tạ/mẻ",
    "mỗi ngày 2 tấn": "2 tấn/ngày",
    "ngày cắt 1-2 tấn": "1-2 tấn/ngày",
    "20 tan mot nam": "20 tấn/năm",
    "năm khoảng 20 tấn": "20 tấn/năm",
    "20-25 tan/nam": "20-25 tấn/năm",
    "khoảng 1.500 lít/ngày": "1.500 lít/ngày",
    "ba tạ mỗi mẻ": "3 tạ/mẻ",
    "500 chai rượu/ngày": "500 chai/ngày",
    "5 sào na": "5 sào",
    "nuôi 3 nghìn con gà": "3.000 con",
    "2 tấn rưỡi một ngày": "2,5 tấn/ngày",
    "tối thiểu 30 tấn/năm": "từ 30 tấn/năm",
    "1 tan 2 1 ngay": "1,2 tấn/ngày",
    "hai mươi lăm tấn/năm": "25 tấn/năm",
    "30 khối nước thải mỗi ngày đêm": "30 m³/ngày",
    "50 ký một giờ": "50 kg/giờ",
    "trước tháng 6 khoảng 20 tấn": "20 tấn",
}


@pytest.mark.parametrize(("text", "words"), MONEY.items())
def test_money(text: str, words: str) -> None:
    assert [money_words(found.value) for found in find_money(text) if found.kind == "budget"] == [words]


@pytest.mark.parametrize("text", NOT_BUDGET)
def test_other_money_is_no_budget(text: str) -> None:
    assert [found for found in find_money(text) if found.kind == "budget"] == []


def test_vague_money_is_told() -> None:
    assert is_vague_money("vài trăm triệu thôi")
    assert not is_vague_money("300 triệu")


@pytest.mark.parametrize(("text", "words"), QUANTITY.items())
def test_quantity(text: str, words: str) -> None:
    assert [quantity_words(found.value) for found in find_quantities(text)] == [words]


def test_units_convert() -> None:
    assert in_base(2, "tấn") == (2000, "kg")
    assert in_base(5, "sào") == (1800, "m2")
    assert in_base(1, "con") == (1, "con")


@given(st.text(max_size=80) | st.from_regex(r"(\d{1,4} ?(tr|trieu|tấn|kg|tỷ|k|/| |mẻ|năm|-)){0,5}", fullmatch=True))
def test_spans_lie_in_the_text_and_never_overlap(text: str) -> None:
    spans = sorted((f.start, f.end) for f in (*find_money(text), *find_quantities(text)))
    assert all(0 <= start < end <= len(nfc(text)) for start, end in spans)
    assert all(left[1] <= right[0] for left, right in zip(spans, spans[1:], strict=False))
