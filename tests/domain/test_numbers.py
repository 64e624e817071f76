"""Numbers in words and digits, there and back."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.line import read_line
from domain.numbers import number_words, read_number, read_range
from domain.text import fold
from tests.domain.spoken import spoken

READ = {
    "1.500": 1500, "1,5": 1.5, "1,500": 1500, "1.200.000": 1200000, "2.500,75": 2500.75, "0,5": 0.5, "10": 10,
    "hai mươi lăm": 25, "hai lăm": 25, "ba mốt": 31, "bốn tư": 4, "hăm ba": 23, "trăm rưỡi": 150, "hai trăm rưỡi": 250,
    "một trăm linh năm": 105, "trăm lẻ sáu": 106, "7 chục": 70, "3 trăm": 300, "mươi": None, "mười lăm": 15,
    "ba chục nghìn": 30000, "5 vạn": 50000, "1 tỷ 2": 1.2e9, "một tỷ hai": 1.2e9, "1ty2": 1.2e9, "1tr5": 1.5e6,
    "hai tỷ rưỡi": 2.5e9, "tỷ rưỡi": 1.5e9, "tỷ hai": 1.2e9, "nghìn rưỡi": 1500, "1 tỷ 250": 1.25e9, "1 tỷ 250 triệu": 1.25e9,
    "2 tỷ 3 trăm triệu": 2.3e9, "hai tỷ ba trăm": 2.3e9, "một triệu hai": 1.2e6, "1k2": 1200, "nửa tỷ": 5e8,
    "3 trăm củ": 3e8, "trăm rưỡi triệu": 1.5e8, "hai nghìn tỷ": 2e12, "một nghìn hai trăm tỷ": 1.2e12,
    "ba trăm hai triệu": 3.2e8, "1 trăm 20 triệu": 1.2e8, "năm mươi lăm triệu": 5.5e7, "bảy trăm hai mươi nghìn": 720000,
    "l0 triệu": 1e7, "3oo tr": 3e8, "1 tỏi 2": 1.2e9, "máy": None, "tỷ": None, "100 triệu 3 máy": 1e8,
    "ba phẩy năm": 3.5, "2 phẩy 75": 2.75, "hai phẩy năm tỷ": 2.5e9, "một phẩy hai triệu": 1.2e6, "3 phẩy": 3,
}  # fmt: skip
RANGES = {
    "20-25": (20, 25), "20 đến 25": (20, 25), "20 tới 25": (20, 25), "hai ba trăm": (200, 300), "2-3 trăm triệu": (2e8, 3e8),
    "năm sáu": (5, 6), "năm bảy": (5, 7), "500tr-1ty": (5e8, 1e9), "300tr-500": (3e8, 5e8), "1 hoặc 2 tỷ": (1e9, 2e9),
    "từ": None, "25-20": None, "mười mười lăm": (10, 15), "ba bốn chục triệu": (3e7, 4e7), "200 đến tầm 300 triệu": (2e8, 3e8),
}  # fmt: skip


@pytest.mark.parametrize(("text", "value"), READ.items())
@pytest.mark.parametrize("plain", [False, True])
def test_number(text: str, value: float | None, plain: bool) -> None:
    found = read_number(read_line(fold(text) if plain else text), 0)
    if plain and text in ("hai lăm", "mươi", "ba mốt", "1 tỏi 2"):  # also "hai làm", "mười", "ba một", "1 tới 2"
        return
    assert (found.value if found else None) == (pytest.approx(value) if value is not None else None)


@pytest.mark.parametrize(("text", "span"), RANGES.items())
@pytest.mark.parametrize("plain", [False, True])
def test_range(text: str, span: tuple[float, float] | None, plain: bool) -> None:
    if plain and text == "từ":  # without marks also "tư"
        return
    found = read_range(read_line(fold(text) if plain else text), 0)
    assert (found and (found.least, found.most)) == span


def _there_and_back(number: int, choose: Random) -> None:
    said = spoken(number, choose)
    for text in (said, fold(said)):
        line = read_line(text)
        found = read_number(line, 0)
        assert found is not None, text
        assert (round(found.value), found.after) == (number, line.size), text


@given(st.integers(1, 10**12 - 1), st.randoms(use_true_random=False))
def test_spoken_numbers_are_read_back(number: int, choose: Random) -> None:
    _there_and_back(number, choose)


@pytest.mark.long
def test_100_000_spoken_numbers_are_read_back() -> None:
    choose = Random(7)
    for _ in range(100_000):
        _there_and_back(choose.randrange(1, 10 ** choose.randint(1, 12)), choose)


@given(st.floats(0, 1e9, allow_nan=False).map(lambda value: round(value, 2)))
def test_figures_are_read_back(value: float) -> None:
    found = read_number(read_line(number_words(value)), 0)
    assert found is not None
    assert found.value == pytest.approx(value)
