"""Sizes, prices, places and ways of transfer in comparable numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from domain.amounts import in_base

Floats = NDArray[np.float32]
OPEN_LOW, OPEN_HIGH = 0.0, 1e18  # ends of a span that nobody stated
HOURS = {"phút": (1 / 60, 1 / 60), "giờ": (1.0, 1.0), "ca": (8.0, 8.0), "mẻ": (4.0, 24.0), "ngày": (8.0, 24.0),
         "tuần": (40.0, 168.0), "tháng": (160.0, 720.0), "vụ": (160.0, 2160.0), "năm": (600.0, 8640.0)}  # fmt: skip
SAME_UNIT = {
    "trứng": "quả", "trái": "quả", "m³": "m3", "m²": "m2", "khối": "m3", "lit": "lít", "l": "lít", "tấn hơi": "tấn",
    "kwp": "kWp", "kw": "kW", "chiếc": "cái", "viên gạch": "viên", "hecta": "ha",
}  # fmt: skip
SCALE = {"nghìn": 1e3, "triệu": 1e6, "tỷ": 1e9}
FREE: Final = 1.0  # VND: what is stated to cost nothing, other than a price that nobody stated
MODES = ("BAN", "BQ", "LIX", "HT", "DV", "GV")
NORTH = ("4", "8", "11", "12", "14", "15", "19", "20", "24", "25")  # provinces that "north" stands for
EVERYWHERE: Final = (1 << 62) - 1


@dataclass(frozen=True, slots=True)
class Size:
    """A span of some unit in base units; `unit` is "" when nothing is stated, `per` "" when no time is."""

    low: float = OPEN_LOW
    high: float = OPEN_HIGH
    unit: str = ""
    per: str = ""


def _span(row: Mapping[str, Any]) -> tuple[float | None, float | None]:
    def number(name: str) -> float | None:
        value = row.get(name)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else None

    value = number("value")
    return (value, value) if value is not None else (number("min"), number("max"))


def size_of(row: Mapping[str, Any]) -> Size:
    """A capacity as stated, with "unit" and "per" apart or written like "kg/mẻ"."""
    low, high = _span(row)
    unit, _, per = str(row.get("unit") or "").strip().partition("/")
    per = str(row.get("per") or per).strip()
    per = {"h": "giờ", "lần": "mẻ", "mùa": "vụ", "đêm": "ngày"}.get(per, per)
    if (low is None and high is None) or not unit:
        return Size()
    head, _, rest = unit.partition(" ")
    factor = SCALE.get(head, 1.0)
    unit = rest if factor > 1 else unit
    unit = SAME_UNIT.get(unit, SAME_UNIT.get(unit.lower(), unit))
    scale, base = in_base(1.0, unit)
    factor *= scale
    return Size(OPEN_LOW if low is None else low * factor, OPEN_HIGH if high is None else high * factor, base, per)


def rate(size: Size) -> tuple[float, float]:
    """The span an hour, as wide as the stated time allows; the span itself where no time is stated or it is not known."""
    if size.per not in HOURS:
        return size.low, size.high
    short, long = HOURS[size.per]
    return size.low / long, size.high / short if size.high < OPEN_HIGH else OPEN_HIGH


def money_of(row: Mapping[str, Any], scale: float = 1.0) -> tuple[float, float]:
    """(low, high) in VND; open ends where nothing is stated."""
    low, high = _span(row)
    if low is not None:
        low = max(low * scale, FREE)
    return (OPEN_LOW if low is None else low, OPEN_HIGH if high is None else high * scale)


PROVINCES: dict[str, int] = {}


def province_bit(code: str | None) -> int:
    """The bit of a province by its code; 0 when it is not known."""
    if not code or not code.strip().lstrip("0").isdigit():
        return 0
    return 1 << PROVINCES.setdefault(code.strip().lstrip("0"), len(PROVINCES) % 61)


for _code in NORTH:
    province_bit(_code)


def serves_bits(serves: str) -> int:
    """The provinces that an offer reaches: "all", "north", or codes with commas."""
    if serves in ("", "all"):
        return EVERYWHERE
    if serves == "north":
        return sum(province_bit(code) for code in NORTH)
    bits = 0
    for part in serves.split(","):
        bits |= province_bit(part.strip(" []'\""))
    return bits


def mode_bits(modes: Any) -> int:
    """Ways of transfer as bits."""
    return sum(1 << MODES.index(mode) for mode in dict.fromkeys(modes) if mode in MODES)


def as_float(value: Any) -> Floats:
    """An array of 32-bit floats."""
    return cast(Floats, np.asarray(value, dtype=np.float32))
