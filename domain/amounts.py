"""Money with quantities: what they are, how they convert, how they are said back."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from domain.numbers import number_words

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in VND; None is an open end."""

    min: float | None
    max: float | None


@dataclass(frozen=True, slots=True)
class Quantity:
    """How much of a unit, and in which time (`per` None when not said)."""

    min: float | None
    max: float | None
    unit: str
    per: str | None = None


@dataclass(frozen=True, slots=True)
class Found(Generic[Value]):
    """A value read at text[start:end], tokens[at:after]; `kind` says what an amount of money is, `weight` how telling it is."""

    value: Value
    start: int
    end: int
    kind: str = ""
    at: int = 0
    after: int = 0
    weight: int = 0
    beside: tuple[int, int] = (0, 0)  # tokens elsewhere that belong to it ("mỗi ngày")


MASS = {"kg": 1.0, "g": 0.001, "yến": 10.0, "tạ": 100.0, "tấn": 1000.0}
VOLUME = {"lít": 1.0, "m3": 1000.0}
AREA = {"m2": 1.0, "sào": 360.0, "ha": 10000.0}  # sào of the north


def in_base(value: float, unit: str) -> tuple[float, str]:
    """The value in kg, litres or square metres where the unit converts; otherwise as it is."""
    for base, table in (("kg", MASS), ("lít", VOLUME), ("m2", AREA)):
        if unit in table:
            return value * table[unit], base
    return value, unit


def _scale_of(value: float) -> tuple[float, str]:
    for size, word in ((1e9, "tỷ"), (1e6, "triệu"), (1e3, "nghìn")):
        if value >= size:
            return size, word
    return 1.0, ""


def _sum(value: float) -> str:
    size, word = _scale_of(value)
    return f"{number_words(value / size)} {word}".strip()


def money_words(money: Money) -> str:
    """For example "tối đa 300 triệu đồng", "200-300 triệu đồng", "từ 1,2 tỷ đồng"."""
    if money.min is None and money.max is None:
        return "chưa rõ"
    if money.min is None:
        return f"tối đa {_sum(money.max or 0)} đồng"
    if money.max is None:
        return f"từ {_sum(money.min)} đồng"
    if money.min == money.max:
        return f"{_sum(money.min)} đồng"
    size, word = _scale_of(money.min)
    if _scale_of(money.max)[0] == size:
        return f"{number_words(money.min / size)}-{number_words(money.max / size)} {word} đồng".replace("  ", " ")
    return f"{_sum(money.min)} - {_sum(money.max)} đồng"


def quantity_words(quantity: Quantity) -> str:
    """For example "20 tấn/năm", "300-500 kg/mẻ", "tối đa 5 tạ"."""
    unit = {"m2": "m²", "m3": "m³"}.get(quantity.unit, quantity.unit)
    tail = f" {unit}" + (f"/{quantity.per}" if quantity.per else "")
    if quantity.min is None:
        return f"tối đa {number_words(quantity.max or 0)}{tail}"
    if quantity.max is None:
        return f"từ {number_words(quantity.min)}{tail}"
    if quantity.min == quantity.max:
        return number_words(quantity.min) + tail
    return f"{number_words(quantity.min)}-{number_words(quantity.max)}{tail}"
