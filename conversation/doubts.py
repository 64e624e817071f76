"""Amounts that can mean more than one thing, with the readings to choose from."""

import re
from collections.abc import Mapping
from typing import Any

from domain.amounts import Money, Quantity, money_words, quantity_words
from domain.need import Field
from domain.text import fold

MILLION = 1_000_000
UNIT = r"(?:tr|trieu|cu|chai)(?!\w)"
TWICE = re.compile(r"\b(\d{1,2})\s*(?:tr|trieu)\s*(?:tr|trieu)\b")
TENS = re.compile(r"\b([1-9])x\s*" + UNIT)
VAGUE = (
    (re.compile(r"\b(?:vai|may|dam|dam ba)\s*(?:ba\s*)?chuc\s*" + UNIT), ((20, 50), (50, 100))),
    (re.compile(r"\b(?:hon|ngoai|tren)\s*(?:mot\s+|1\s*)?tram\s*(?:" + UNIT + r")?(?:\s*gi do)?(?!\s*(?:ruoi|\d))"), ((100, 150), (150, 200))),
    (re.compile(r"\btram\s*(?:may|hon|ngoai|may chuc)(?:\s*" + UNIT + ")?"), ((100, 150), (150, 200))),
    (re.compile(r"\b(?:vai|may|dam)\s*tram\s*" + UNIT), ((200, 500), (500, 1000))),
    (re.compile(r"\b(?:vai|may|dam)\s*(?:ty|ti|toi)\b"), ((2000, 5000), (5000, 10000))),
)  # fmt: skip
BARE = re.compile(r"^\W*(?:khoang|tam|co|chac|duoc|cung|gan|cho la|la)?\s*(\d{1,4})\s*(?:thoi|a|em|nhe|da|r|roi)?\W*$")
FIELDS = {"sào": ((360, "Bắc Bộ"), (500, "Trung Bộ")), "mẫu": ((3600, "Bắc Bộ"), (5000, "Trung Bộ"))}  # m² each

Row = dict[str, Any]


def doubts(text: str, entities: Mapping[str, Any], waiting: Field | None) -> tuple[Field, list[Row]] | None:
    """The field in doubt with its readings ({"label", "value"}, value as the entity contract has it), or None."""
    folded = fold(text)
    if "budget" not in entities or TWICE.search(folded):
        rows = _money(folded, waiting)
        if rows:
            return Field.BUDGET, rows
    rows = _fields(entities.get("capacity") or {})
    return (Field.SCALE, rows) if rows else None


def _money(folded: str, waiting: Field | None) -> list[Row]:
    if found := TWICE.search(folded):
        figure = int(found.group(1))
        return [_fixed(figure), _fixed(figure * 100)] if figure < 10 else []
    if found := TENS.search(folded):
        figure = int(found.group(1)) * 10
        return [_range(figure, figure + 10)]
    for pattern, ranges in VAGUE:
        if pattern.search(folded):
            return [_range(low, high) for low, high in ranges]
    found = BARE.match(folded) if waiting is Field.BUDGET else None
    if found and (figure := int(found.group(1))) > 0:
        return [_fixed(figure), _fixed(figure * 1000)] if figure < 20 else [_fixed(figure)]
    return []


def _fields(capacity: Mapping[str, Any]) -> list[Row]:
    """Areas in sào and mẫu, which differ from region to region."""
    sizes = FIELDS.get(str(capacity.get("unit")))
    value = capacity.get("value")
    if sizes is None or value is None:
        return []
    rows = []
    for size, region in sizes:
        area = Quantity(value * size, value * size, "m2", None)
        label = f"{quantity_words(area)} ({value:g} {capacity['unit']} {region})"
        rows.append({"label": label, "value": {"value": value * size, "unit": "m2", "per": None}})
    return rows


def _fixed(millions: int) -> Row:
    return _range(millions, millions)


def _range(low: int, high: int) -> Row:
    least, most = low * MILLION, high * MILLION
    return {"label": money_words(Money(least, most)), "value": {"min": least, "max": most}}
