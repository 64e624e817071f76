"""Amounts that can mean more than one thing, with the readings to choose from."""

import re
from collections.abc import Mapping
from typing import Any

from domain.amounts import Money, Quantity, money_words, quantity_words
from domain.line import read_line
from domain.need import Field
from domain.numbers import read_number
from domain.quantities import find_quantities
from domain.text import fold

MILLION = 1_000_000
UNIT = r"(?:tr|trieu|cu|chai)(?!\w)"
ALONE = r"(?=\s*(?:gi do|do|thoi|nhe|a|em|la|hoac|the|day|$|[,.;!?]))"  # "hơn một trăm con lợn" is no money
YEARS = range(2024, 2041)
TWICE = re.compile(r"\b(\d{1,2})\s*(?:tr|trieu)\s*(?:tr|trieu)\b")
TENS = re.compile(r"\b([1-9])x\s*" + UNIT)
VAGUE = (
    (re.compile(r"\b(?:vai|may|dam|dam ba)\s*(?:ba\s*)?chuc\s*" + UNIT), ((20, 50), (50, 100))),
    (re.compile(r"\b(?:hon|ngoai|tren)\s*(?:mot\s+|1\s*)?tram\s*(?:" + UNIT + r"|" + ALONE + r")(?:\s*gi do)?(?!\s*(?:ruoi|\d))"), ((100, 150), (150, 200))),
    (re.compile(r"\btram\s*(?:may|hon|ngoai|may chuc)(?:\s*" + UNIT + "|" + ALONE + ")"), ((100, 150), (150, 200))),
    (re.compile(r"\b(?:vai|may|dam)\s*tram\s*" + UNIT), ((200, 500), (500, 1000))),
    (re.compile(r"\b(?:vai|dam)\s*(?:ba\s*)?(?:trieu|tr|cu)\b"), ((2, 5), (5, 10))),
    (re.compile(r"\b(?:vai|may|dam)\s*(?:ty|ti|toi)\b"), ((2000, 5000), (5000, 10000))),
)  # fmt: skip
HUNDRED_AND = re.compile(  # "trăm hai" is 120, "rưỡi tỷ" half of one or one and a half
    r"(?<!may )(?<!vai )(?<!hai )(?<!ba )(?<!bon )(?<!nam )(?<!\d )\btram (mot|hai|ba|tu|bon|lam|sau|bay|tam|chin|ruoi)\b"
    r"(?!\s*(?:muoi|chuc|tr|trieu|cu|ty|nghin|ngan|con|kg|can|ta|tan|lit|cai|nguoi|ho|goc|cay|m2|m3|mau|met))"
)
TEN_FOLD = {
    "mot": 1,
    "hai": 2,
    "ba": 3,
    "tu": 4,
    "bon": 4,
    "lam": 5,
    "ruoi": 5,
    "sau": 6,
    "bay": 7,
    "tam": 8,
    "chin": 9,
}
HUNDREDS = re.compile(
    r"\b([1-9])\s*(?:-|den|toi|hoac)\s*([1-9])\s*tram\b(?!\s*(?:tr|trieu|cu|nghin|ngan|con|kg|can|lit|cay|cai|nguoi|ho))"
)
HALF_BILLION = re.compile(r"(?<!\w)ruoi (?:ty|ti)\b")
MONEY_SAID = re.compile(r"\b(?:tien|von|kinh phi|bo ra|dau tu|ngan sach|kich kim|la cung)\b")
UNDER_ONE = re.compile(r"\b(duoi|chua den|chua toi|gan|hon|tren|ngoai)\s+(?:ty|ti)\b(?!\s*\d)")
CAPPED = re.compile(
    r"\b(?:toi da|khong qua|duoi|cao nhat|nhieu nhat)\s+(\d{2,3})\b(?!\s*(?:tr|trieu|ty|ti|cu|toi|k|nghin|chai|tram|%|[.,]\d))"
)
SPAN = re.compile(  # a range of money without a unit, named as money: "ngân sách từ 100 đến 150"
    r"\b(kinh phi|ngan sach|von|tien)?\b[^\d,.;]{0,14}?\b(\d{2,3})\s*(?:-|den|toi)\s*(\d{2,3})\b(?!\s*(?:[a-z]|%|/|[.,]\d))"
)
BARE = re.compile(r"^\W*(?:khoang|tam|co|chac|duoc|cung|gan|cho la|la)?\s*(\d{1,4})\s*(?:thoi|a|em|nhe|da|r|roi)?\W*$")
ABOUT = frozenset("khoang tam co chac duoc cung gan cho la thoi a em nhe da r roi gi do".split())
FIELDS = {"sào": ((360, "Bắc Bộ"), (500, "Trung Bộ")), "mẫu": ((3600, "Bắc Bộ"), (5000, "Trung Bộ"))}  # m² each

MASS = frozenset(("kg", "tạ", "tấn", "yến"))
Row = dict[str, Any]


def doubts(text: str, entities: Mapping[str, Any], waiting: Field | None) -> tuple[Field, list[Row]] | None:
    """The field in doubt with its readings ({"label", "value"}, value as the entity contract has it), or None."""
    folded = fold(re.sub(r"(?i)\bmáy(?=\s+trăm)", "", text))  # "tiền máy trăm hai" is no "mấy trăm"
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
    hundreds = HUNDREDS.search(folded)
    if hundreds and int(hundreds[1]) < int(hundreds[2]) and (waiting is Field.BUDGET or MONEY_SAID.search(folded)):
        return [_range(int(hundreds[1]) * 100, int(hundreds[2]) * 100)]
    if HALF_BILLION.search(folded):
        return [_fixed(500), _fixed(1500)]
    if (found := HUNDRED_AND.search(folded)) and (waiting is Field.BUDGET or MONEY_SAID.search(folded)):
        return [_fixed(100 + 10 * TEN_FOLD[found[1]])]
    if found := UNDER_ONE.search(folded):
        low = found[1] in ("hon", "tren", "ngoai")
        return (
            [_range(1000, 1500), _range(1500, 2000)]
            if low
            else [{"label": "tối đa 1 tỷ đồng", "value": {"min": None, "max": 1000 * MILLION}}]
        )
    span = SPAN.search(folded)
    if span and (span[1] or waiting is Field.BUDGET) and int(span[2]) < int(span[3]):
        return [_range(int(span[2]), int(span[3]))]
    for pattern, ranges in VAGUE:
        if pattern.search(folded):
            return [_range(low, high) for low, high in ranges]
    if waiting is Field.BUDGET and (capped := CAPPED.search(folded)):
        most = int(capped[1]) * MILLION
        return [{"label": money_words(Money(None, most)), "value": {"min": None, "max": most}}]
    figure = _bare(folded) if waiting is Field.BUDGET else 0
    if figure in YEARS:
        return []
    if figure > 0:
        return [_fixed(figure), _fixed(figure * 1000)] if figure < 20 else [_fixed(figure)]
    return []


def vague_words(text: str, entities: Mapping[str, Any], field: Field) -> str:
    """The doubtful amount in the person's own words: "vài chục triệu", "2 mẫu"; empty when it cannot be cut out."""
    capacity = entities.get("capacity") or {}
    if field is Field.SCALE:
        return f"{capacity['value']:g} {capacity['unit']}" if capacity.get("value") else ""
    folded = fold(text)
    found = next(
        (hit for pattern in (TWICE, TENS, *(row[0] for row in VAGUE)) if (hit := pattern.search(folded))), None
    )
    if found is None or len(folded) != len(text):
        return text.strip()[:80] if len(text.split()) <= 6 else ""
    return text[found.start() : found.end()]


def _bare(folded: str) -> int:
    """A number without a unit that stands alone, or last behind a comma: "300", "mai mốt có tiền tính, tầm ba chục"; else 0."""
    if found := BARE.match(folded):
        return int(found.group(1))
    line = read_line(re.split(r"[,;.]\s", folded)[-1])
    at = next((place for place, word in enumerate(line.words[: line.size]) if word not in ABOUT), line.size)
    read = read_number(line, at) if at < line.size else None
    alone = read is not None and all(word in ABOUT for word in line.words[read.after : line.size])
    return int(read.value) if read is not None and alone and 0 < read.value < 10_000 else 0


def _fields(capacity: Mapping[str, Any]) -> list[Row]:
    """Areas in sào and mẫu, which differ from region to region."""
    sizes = FIELDS.get(str(capacity.get("unit")))
    value = capacity.get("value")
    if sizes is None or value is None or capacity.get("per"):  # "15 mẫu một năm" are samples
        return []
    rows = []
    for size, region in sizes:
        area = Quantity(value * size, value * size, "m2", None)
        label = f"{quantity_words(area)} ({value:g} {capacity['unit']} {region})"
        rows.append({"label": label, "value": {"value": value * size, "unit": "m2", "per": None}})
    return rows


NOT_THIS = re.compile(r"\b(?:khong phai|ko phai|chu khong|chu ko|khong la)\s*(?:la\s+)?$")


ONLY_THIS = re.compile(r"\s*(?:/|mot|moi)?\s*(?:nam|ngay|me|gio|thang|vu)?\s*thoi\b")


def differing_sizes(text: str) -> list[Row]:
    """The sizes that a correction names, when it names two of which neither is refused: "2 tấn lạc chứ dầu có 8 tạ"."""
    folded = fold(text)
    found = [
        one for one in find_quantities(text) if one.value.unit in MASS and not NOT_THIS.search(folded[: one.start])
    ]
    if found and ONLY_THIS.match(folded[found[0].end :]):
        return []  # "2 tấn thôi, 3 tấn là tính cả nhà anh trai"
    rows = {
        quantity_words(one.value): {"value": one.value.min, "unit": one.value.unit, "per": one.value.per}
        for one in found
        if one.value.min == one.value.max
    }
    refused = any(NOT_THIS.search(folded[: one.start]) for one in find_quantities(text))
    return [{"label": label, "value": value} for label, value in rows.items()] if len(rows) == 2 and not refused else []


def _fixed(millions: int) -> Row:
    return _range(millions, millions)


def _range(low: int, high: int) -> Row:
    least, most = low * MILLION, high * MILLION
    return {"label": money_words(Money(least, most)), "value": {"min": least, "max": most}}
