"""Money with quantities, as owners write them: read from text, converted, said back."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from domain.numbers import SCALES, Token, number_words, read_range, tokens
from domain.text import fold

Value = TypeVar("Value")


@dataclass(frozen=True)
class Money:
    """An amount in VND; None is an open end."""

    min: float | None
    max: float | None


@dataclass(frozen=True)
class Quantity:
    """How much of a unit, and in which time (`per` None when not said)."""

    min: float | None
    max: float | None
    unit: str
    per: str | None = None


@dataclass(frozen=True)
class Found(Generic[Value]):
    """A value read at text[start:end]; `kind` of money is budget, revenue, capital or price; `open` wants a question."""

    value: Value
    start: int
    end: int
    kind: str = ""


UNITS = {
    "kg": "kg", "kilo": "kg", "kilogam": "kg", "ki": "kg", "ky": "kg", "can": "kg", "ta": "tạ", "yen": "yến",
    "tan": "tấn", "lit": "lít", "l": "lít", "khoi": "m3", "m3": "m3", "m³": "m3", "m2": "m2", "m²": "m2", "ha": "ha",
    "hecta": "ha", "hec": "ha", "sao": "sào", "mau": "mẫu", "con": "con", "qua": "quả", "trai": "quả", "chai": "chai",
    "goi": "gói", "hop": "hộp", "tui": "túi", "coc": "cốc", "cay": "cây", "kwp": "kWp", "kw": "kW", "vien": "viên",
    "cai": "cái", "chiec": "chiếc", "thung": "thùng", "bao": "bao", "bich": "bịch", "tam": "tấm", "mw": "MW", "lo": "lọ",
    "hu": "hũ", "chau": "chậu", "gam": "g", "g": "g", "canh": "cành", "bong": "bông", "chiec banh": "chiếc",
    "phoi": "phôi", "bau": "bầu", "luong": "luống", "ong": "ống", "mau thu": "mẫu",
}  # fmt: skip
SPELT_UNITS = {
    "can": ("cân",), "ky": ("ký",), "ki": ("kí",), "ta": ("tạ",), "yen": ("yến",), "tan": ("tấn",), "lit": ("lít",),
    "khoi": ("khối",), "sao": ("sào",), "mau": ("mẫu",), "qua": ("quả",), "trai": ("trái",), "goi": ("gói",),
    "hop": ("hộp",), "tui": ("túi",), "coc": ("cốc",), "cay": ("cây",), "vien": ("viên",), "cai": ("cái",),
    "chiec": ("chiếc",), "thung": ("thùng",), "bich": ("bịch",), "tam": ("tấm",), "lo": ("lọ",), "hu": ("hũ",),
    "chau": ("chậu",), "canh": ("cành",), "bong": ("bông",), "phoi": ("phôi",), "bau": ("bầu",), "luong": ("luống",),
    "ong": ("ống",), "hec": ("héc", "hec"),
}  # fmt: skip
PERIODS = {
    "me": "mẻ", "lan": "mẻ", "gio": "giờ", "h": "giờ", "tieng": "giờ", "ngay": "ngày", "dem": "ngày", "tuan": "tuần",
    "thang": "tháng", "quy": "quý", "nam": "năm", "vu": "vụ", "mua": "vụ", "ca": "ca", "phut": "phút",
}  # fmt: skip
SPELT_PERIODS = {
    "me": ("mẻ",), "lan": ("lần",), "gio": ("giờ",), "tieng": ("tiếng",), "ngay": ("ngày",), "dem": ("đêm",),
    "tuan": ("tuần",), "thang": ("tháng",), "quy": ("quý",), "nam": ("năm",), "vu": ("vụ",), "mua": ("mùa",),
    "ca": ("ca",), "phut": ("phút",),
}  # fmt: skip
EACH = {"mot", "moi", "1", "hang", "tren"}
NOT_THE_PERIOD = {"nay", "sau", "ngoai", "truoc", "toi", "sang", "qua"}
AT_MOST = re.compile(
    r"(?:duoi|(?:khong|ko|k|kg|khg|dung) (?:qua|vuot|vuot qua|hon)|toi da|nhieu nhat|cao nhat|kich|max|<=?|nho hon|quay dau)"
    r"(?: (?:la|khoang|tam|co|ve|muc|chi|cung|cung chi))*\s*$"
)
AT_MOST_AFTER = re.compile(
    r"^\s*(?:vnd|dong|d)?\s*(?:do lai|tro xuong|tro lai|do xuong|quay dau|la (?:het muc|toi da|kich)|la cung)"
)
AT_LEAST = re.compile(
    r"(?:tren|hon|(?:khong|ko|k) (?:duoi|it hon)|toi thieu|it nhat|min|>=?|tu)(?: (?:la|khoang|tam))*\s*$"
)
AT_LEAST_AFTER = re.compile(r"^\s*(?:vnd|dong|d)?\s*(?:tro len|do len|hoac hon)")
VAGUE = re.compile(
    r"\b(?:vai|may|dam|hon)\s+(?:ba\s+)?(?:tram|chuc|ty|ti|trieu)\b(?!\s*ruoi)"
    r"|\d+x\s*(?:tr|trieu|ty|cu)\b|\b(?:trieu|ty) (?:may|bac)\b|\btram may\b"
)
OTHER_MONEY = (
    ("revenue", re.compile(r"(?:doanh thu|doanh so|ban duoc|thu ve|thu duoc)[^.;\n]{0,24}$")),
    ("capital", re.compile(r"(?:von dieu le|von phap dinh|tong nguon von|tong von|nguon von)[^.;\n]{0,16}$")),
    ("price", re.compile(r"(?:gia ban|ban gia|ban (?:voi )?gia|ban le|ban buon|ban tu|ban duoc gia|ban|luong|loi nhuan|lai|"
                         r"no ngan hang|thue)(?: (?:khoang|tam|moi|duoc|co|tu))*\s*$")),
)  # fmt: skip
PRICE_AFTER = re.compile(
    r"^\s*(?:dong|d|vnd)?\s*(?:/|mot |1 |moi )\s*(?:kg|can|ky|ki|ta|tan|yen|lit|con|qua|chai|goi|hop|tui|m2|m3|khoi|cay|bo|thang|gio|ngay|nguoi)\b"
)
CHAI_IS_MONEY = re.compile(
    r"(?:von|kinh phi|tien|gia|ngan sach|tam|khoang|bo ra|dau tu|co|duoi|toi da|khong qua)\s*(?:la |tam |khoang |co )*$"
)
CURRENCY = re.compile(r"^\s*(?:vnd|vnđ|dong|d)\b")
MASS = {"kg": 1.0, "g": 0.001, "yến": 10.0, "tạ": 100.0, "tấn": 1000.0}
VOLUME = {"lít": 1.0, "m3": 1000.0}
AREA = {"m2": 1.0, "sào": 360.0, "ha": 10000.0}  # sào of the north


def _said(token: Token, spelt: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether the word as typed can be this one: without marks, or with just the right ones."""
    allowed = spelt.get(token.text)
    return token.said == token.text or allowed is None or token.said in allowed


def find_money(text: str) -> list[Found[Money]]:
    """All amounts of money with their kinds; vague ones ("vài trăm triệu") are left out."""
    row = tokens(text)
    folded = fold(text)
    marked = text.lower() != folded
    found: list[Found[Money]] = []
    at = 0
    while at < len(row):
        read = read_range(row, at)
        if read is None or not _is_money(row, at, read, folded, marked):
            at += 1
            continue
        start, end = row[at].start, row[read[2] - 1].end
        before, after = folded[max(0, start - 40) : start], folded[end:]
        if not _vague(folded, start, end):
            found.append(_money(read, before, after, start, end))
        at = read[2]
    return found


def _is_money(row: list[Token], at: int, read: tuple[float, float, int, float], folded: str, marked: bool) -> bool:
    least, _, after, scale = read
    last = row[after - 1]
    if scale >= 1e3 or any(token.text in SCALES for token in row[at:after] if token.number is None):
        words = [token for token in row[at:after] if token.text in SCALES]
        if not words:
            return bool(CURRENCY.match(folded[last.end :]))
        tail = words[-1]
        if tail.text == "chai":
            following = row[after].text if after < len(row) else ""
            cue = CHAI_IS_MONEY.search(folded[max(0, row[at].start - 30) : row[at].start])
            return (
                bool(cue)
                and following not in UNITS
                and following not in ("ruou", "nuoc", "mat", "dau", "tinh", "/", "mot", "moi")
            )
        if tail.text in ("k", "nghin", "ngan", "van"):
            return not (after < len(row) and row[after].text in UNITS and _said(row[after], SPELT_UNITS))
        if tail.text in ("toi", "cu"):
            return not marked or tail.said in ("tỏi", "củ")
        return not (after < len(row) and row[after].text in ("con", "qua", "cay", "vien", "lit", "dan"))
    return bool(CURRENCY.match(folded[last.end :])) and least >= 1000


def _vague(folded: str, start: int, end: int) -> bool:
    window = folded[max(0, start - 8) : end + 8]
    spot = VAGUE.search(window)
    if spot is None:
        return False
    begin = max(0, start - 8) + spot.start()
    return begin <= start or "x" in spot.group() or "may" in spot.group()


def _money(read: tuple[float, float, int, float], before: str, after: str, start: int, end: int) -> Found[Money]:
    least, most = read[0], read[1]
    kind = next((name for name, cue in OTHER_MONEY if cue.search(before)), "budget")
    if PRICE_AFTER.match(after):
        kind = "price"
    low, high = _bounded(least, most, before, after)
    return Found(Money(low, high), start, end, kind)


def _bounded(least: float, most: float, before: str, after: str) -> tuple[float | None, float | None]:
    if AT_MOST.search(before) or AT_MOST_AFTER.match(after):
        return None, most
    if AT_LEAST_AFTER.match(after) or (AT_LEAST.search(before) and least == most):
        return least, None
    return least, most


def is_vague_money(text: str) -> bool:
    """Whether an amount is only hinted at ("vài trăm triệu", "4x triệu")."""
    return bool(VAGUE.search(fold(text))) and not any(money.kind == "budget" for money in find_money(text))


def find_quantities(text: str) -> list[Found[Quantity]]:
    """All quantities with a unit, each with the time it is for."""
    row = tokens(text)
    folded = fold(text)
    taken = [(money.start, money.end) for money in find_money(text)]
    return [
        found
        for found in _quantities(row, folded)
        if not any(start < found.end and found.start < end for start, end in taken)
    ]


def _quantities(row: list[Token], folded: str) -> Iterator[Found[Quantity]]:
    at = 0
    while at < len(row):
        read = _unit_at(row, at)
        if read is None:
            at += 1
            continue
        least, most, after, unit = read
        start, end = row[at].start, row[after - 1].end
        per, past = _per_after(row, after)
        if per is None:
            per = _per_before(row, at)
        else:
            end = row[past - 1].end
        before = folded[max(0, start - 40) : start]
        low, high = _bounded(least, most, before, folded[end:])
        if not re.search(r"(?:dong|k|nghin|tr|d)\s*/?\s*$", before) or unit not in MASS or least != 1:
            yield Found(Quantity(low, high, unit, per), start, end)
        at = max(past, after)


def _unit_at(row: list[Token], at: int) -> tuple[float, float, int, str] | None:
    if row[at].number is None and at and row[at - 1].number is not None:
        return None
    read = read_range(row, at)
    if read is None:
        return None
    least, most, after, _ = read
    if after > at + 1 and row[after - 1].text == "chai":  # read as a scale of money; here a bottle
        return least / 1e6, most / 1e6, after, "chai"
    double = _double_unit(row, at)
    if double is not None:
        return double
    if after >= len(row):
        return None
    token = row[after]
    unit = UNITS.get(token.text)
    if unit is None or not _said(token, SPELT_UNITS):
        if token.text == "met" and after + 1 < len(row) and row[after + 1].text in ("vuong", "khoi"):
            return least, most, after + 2, "m2" if row[after + 1].text == "vuong" else "m3"
        return None
    if (
        row[at].number is None
        and row[at].text in ("mot", "ba", "nam", "tam", "sau", "tu")
        and row[at].said == row[at].text
    ):
        if unit not in (*MASS, "lít", "m3", "ha", "sào") and not (row[at].text == "ba" and unit == "con"):
            return None
    if after + 1 < len(row) and token.text == "tan" and row[after + 1].text == "ruoi":
        return least + 0.5, most + 0.5, after + 2, unit
    return least, most, after + 1, unit


def _double_unit(row: list[Token], at: int) -> tuple[float, float, int, str] | None:
    """ "1 tấn 2" is 1.2 tonnes; "2 tạ rưỡi" two and a half."""
    if at + 2 >= len(row) or (lead := row[at].number) is None:
        return None
    unit = UNITS.get(row[at + 1].text)
    if unit not in MASS or not _said(row[at + 1], SPELT_UNITS):
        return None
    tail = row[at + 2]
    if tail.text == "ruoi":
        return lead + 0.5, lead + 0.5, at + 3, unit
    follows = row[at + 3].text if at + 3 < len(row) else ""
    if (
        tail.text.isdigit()
        and len(tail.text) == 1
        and tail.text not in "01"
        and follows not in {*PERIODS, *UNITS, "-", "/", "nguoi"}
    ):
        return lead + int(tail.text) / 10, lead + int(tail.text) / 10, at + 3, unit
    return None


def _period(row: list[Token], at: int) -> str | None:
    if at < len(row) and row[at].text in PERIODS and _said(row[at], SPELT_PERIODS):
        return PERIODS[row[at].text]
    return None


def _per_after(row: list[Token], at: int) -> tuple[str | None, int]:
    """The time after a unit: "/mẻ", "một ngày", "mỗi năm", "trong 1 giờ"; with the index behind it."""
    here = at
    while here < len(row) and here - at < 4 and row[here].text.isalpha() and row[here].text not in EACH:
        if _period(row, here):
            break
        here += 1
    if here < len(row) and (row[here].text == "/" or row[here].text in EACH):
        here += 1
        if here < len(row) and row[here].text in ("1", "mot", "moi"):
            here += 1
        period = _period(row, here)
        return (period, here + 1) if period else (None, at)
    here = at + 1 if at < len(row) and row[at].text in ("tuoi", "kho") else at
    period = _period(row, here)
    ended = here + 1 >= len(row) or row[here + 1].text in (
        ",",
        ".",
        ";",
        "?",
        "!",
        ")",
        "thoi",
        "a",
        "nhe",
        "la",
        "nhung",
        "ma",
        "von",
        "tam",
    )
    if period and ended and row[here].text not in ("mua", "lan", "ca"):
        return period, here + 1
    return None, at


def _per_before(row: list[Token], at: int) -> str | None:
    """The time before a number: "mỗi ngày 2 tấn", "năm khoảng 20 tấn", "ngày cắt 1-2 tấn"."""
    for back in range(1, 6):
        here = at - back
        if here < 0 or row[here].number is not None or row[here].text in ",.;:()/":
            return None
        period = _period(row, here)
        if period:
            led = here > 0 and row[here - 1].text in EACH
            if here + 1 < at and row[here + 1].text in NOT_THE_PERIOD:
                return None
            if row[here].text in ("mua", "lan", "ca", "quy", "h", "tieng", "dem") and not led:
                return None
            return period
    return None


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
