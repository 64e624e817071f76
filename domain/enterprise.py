"""What an enterprise says of itself, as far as it says it: legal form, size by Decree 80/2021, age, further facts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import product
from typing import Any


class Form(StrEnum):
    """The legal form; the value is its name in data."""

    COMPANY = "company"  # limited, joint-stock or partnership; "doanh nghiệp" without more
    PRIVATE = "private"  # doanh nghiệp tư nhân: an enterprise without legal personality
    COOPERATIVE = "cooperative"  # hợp tác xã, liên hiệp hợp tác xã
    GROUP = "group"  # tổ hợp tác
    HOUSEHOLD = "household"  # hộ kinh doanh
    FARM = "farm"  # chủ trang trại
    PERSON = "person"  # cá nhân, hộ gia đình
    INSTITUTE = "institute"  # viện, trường, tổ chức khoa học và công nghệ


ENTERPRISES = frozenset((Form.COMPANY, Form.PRIVATE))


class Size(StrEnum):
    """The size of an enterprise by Decree 80/2021, article 5."""

    MICRO = "micro"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


# (size, most employees, most revenue, most capital) in people and VND; "tested from the smallest up" (article 5)
PRODUCTION = (
    (Size.MICRO, 10, 3e9, 3e9),
    (Size.SMALL, 100, 50e9, 20e9),
    (Size.MEDIUM, 200, 200e9, 100e9),
)
TRADE = (
    (Size.MICRO, 10, 10e9, 3e9),
    (Size.SMALL, 50, 100e9, 50e9),
    (Size.MEDIUM, 100, 300e9, 100e9),
)
TRADE_SECTORS = frozenset(("trade", "service"))
PRODUCTION_SECTORS = frozenset(("agriculture", "forestry", "industry", "processing", "construction"))

SECTOR_WORDS = {  # what the tags of the sector lexicon are called
    "agriculture": "nông nghiệp", "agri_processing": "chế biến nông sản", "agri_preservation": "bảo quản nông sản",
    "forestry": "lâm nghiệp", "forest_processing": "chế biến lâm sản", "food": "thực phẩm", "processing": "chế biến",
    "industry": "công nghiệp", "supporting": "công nghiệp hỗ trợ", "crafts": "thủ công, làng nghề",
    "construction": "xây dựng", "trade": "thương mại", "service": "dịch vụ", "digital": "công nghệ số",
    "high_tech": "công nghệ cao", "strategic": "công nghệ chiến lược",
}  # fmt: skip


@dataclass(frozen=True)
class Period:
    """A day known to the year, month or day: the first and the last day it can be."""

    first: date
    last: date


@dataclass(frozen=True)
class Facts:
    """The facts an enterprise states on a day; a key is present only when it is stated.

    `known` holds numbers, truths, texts by key ("loan.months_left" for a loan's parts); `form`, `sectors` (tags of the
    sector lexicon, empty when it is not said), `founded` are typed.
    """

    on: date
    form: Form | None = None
    sectors: frozenset[str] = frozenset()
    founded: Period | None = None
    known: Mapping[str, Any] = field(default_factory=dict)

    def number(self, key: str) -> float | None:
        """A stated number; a truth counts as 1 or 0."""
        value = self.known.get(key)
        return float(value) if isinstance(value, int | float) else None

    def truth(self, key: str) -> bool | None:
        """A stated truth; a number is true when it is not zero."""
        value = self.known.get(key)
        return bool(value) if isinstance(value, bool | int | float) else None

    @property
    def words(self) -> str | None:
        """The province as stated."""
        value = self.known.get("province")
        return value if isinstance(value, str) else None


def size_of(employees: float, revenue: float | None, capital: float | None, trade: bool) -> Size:
    """The size of one fully known enterprise; revenue or capital within the bound is enough."""
    for size, people, most_revenue, most_capital in TRADE if trade else PRODUCTION:
        enough = (revenue is not None and revenue <= most_revenue) or (capital is not None and capital <= most_capital)
        if employees <= people and enough:
            return size
    return Size.LARGE


def sizes(facts: Facts) -> frozenset[Size]:
    """Every size the enterprise may have, given what is unknown."""
    stated = facts.known.get("size_class")
    if isinstance(stated, str | list | tuple):
        named = frozenset(Size(name) for name in ((stated,) if isinstance(stated, str) else stated))
        if facts.number("employees") is None:
            return named
    tables = _tables(facts.sectors)
    people = _spread(facts.number("employees"), (row[1] for table in (PRODUCTION, TRADE) for row in table))
    revenue = _spread(facts.number("revenue_vnd"), (row[2] for table in (PRODUCTION, TRADE) for row in table))
    capital = _spread(facts.number("capital_vnd"), (row[3] for table in (PRODUCTION, TRADE) for row in table))
    return frozenset(size_of(p, r, c, trade) for trade, p, r, c in product(tables, people, revenue, capital))


def _tables(sectors: frozenset[str]) -> tuple[bool, ...]:
    """Which of the two tables may apply: (trade?)."""
    trade, makes = bool(sectors & TRADE_SECTORS), bool(sectors & PRODUCTION_SECTORS)
    if makes and not trade:
        return (False,)
    if trade and not makes:
        return (True,)
    return (False, True)


def _spread(value: float | None, bounds: Iterable[float]) -> list[float]:
    """The value, or one value in every bracket when it is unknown."""
    if value is not None:
        return [value]
    marks = sorted(set(bounds))
    return [0.0, *(mark + 1 for mark in marks)]


def years_before(day: date, years: int) -> date:
    """The same day so many years earlier (28 February for a leap day)."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def years_after(day: date, years: int) -> date:
    """The same day so many years later (1 March for a leap day)."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
