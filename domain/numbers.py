"""Numbers as people write them in Vietnamese: digits, words, scales, ranges."""

import re
from dataclasses import dataclass

from domain.text import fold, nfc

TOKEN = re.compile(r"m[23²³](?![^\W_])|\d{1,3}(?:[.,]\d{3})+(?!\d)|\d+(?:[.,]\d+)?|[^\W\d_]+|[^\w\s]")
DIGITS = {"mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "lam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9}
SPELT = {
    "mot": ("một", "mốt"), "hai": ("hai",), "ba": ("ba",), "bon": ("bốn",), "tu": ("tư",), "nam": ("năm",),
    "lam": ("lăm",), "sau": ("sáu",), "bay": ("bảy", "bẩy"), "tam": ("tám",), "chin": ("chín",),
    "muoi": ("mười", "mươi"), "chuc": ("chục",), "tram": ("trăm",), "ruoi": ("rưỡi", "rưởi"), "nua": ("nửa",),
    "nghin": ("nghìn",), "ngan": ("ngàn",), "van": ("vạn",), "trieu": ("triệu",), "ty": ("tỷ", "tỉ"), "ti": ("tỉ",),
    "toi": ("tỏi",), "cu": ("củ",), "linh": ("linh",), "le": ("lẻ",),
}  # fmt: skip
SCALES = {
    "k": 1e3, "nghin": 1e3, "ngan": 1e3, "van": 1e4, "tr": 1e6, "trieu": 1e6, "cu": 1e6, "chai": 1e6,
    "ty": 1e9, "ti": 1e9, "toi": 1e9,
}  # fmt: skip
RANGE_SIGNS = {"-", "–", "—", "~", "den", "toi"}


@dataclass(frozen=True)
class Token:
    """A folded word, number or sign; `said` is as typed in lower case."""

    text: str
    said: str
    start: int
    end: int

    @property
    def number(self) -> float | None:
        """The value of a token of digits."""
        return digits_value(self.text) if self.text[0].isdigit() else None


@dataclass(frozen=True)
class Number:
    """A number read from tokens[first:after]; `scale` is the product of its scale words, `lead` its first part."""

    value: float
    after: int
    scale: float
    lead: float

    @property
    def scaled(self) -> bool:
        """Whether a scale word (nghìn, triệu, tỷ) was said."""
        return self.scale >= 1e3


def digits_value(text: str) -> float:
    """1.500 and 1,500 are 1500; 1,5 and 1.5 are one and a half."""
    if re.fullmatch(r"[1-9]\d{0,2}(?:[.,]\d{3})+", text):
        return float(re.sub(r"[.,]", "", text))
    return float(text.replace(",", "."))


def tokens(text: str) -> list[Token]:
    """The words, numbers and signs of a text with their places in its NFC form."""
    composed = nfc(text)
    folded = fold(composed)
    return [
        Token(found.group(), composed[found.start() : found.end()].lower(), found.start(), found.end())
        for found in TOKEN.finditer(folded)
        if not (found.group()[0].isdigit() and not found.group()[0].isascii())
    ]


def _word(row: list[Token], at: int) -> str:
    """The folded word at a place, or "" when its diacritics say that it is another word."""
    if at >= len(row):
        return ""
    token = row[at]
    if token.said != token.text and token.text in SPELT and token.said not in SPELT[token.text]:
        return ""
    return token.text


def _digit(row: list[Token], at: int) -> float | None:
    if at < len(row) and (value := row[at].number) is not None:
        return value
    return DIGITS.get(_word(row, at))


def _small(row: list[Token], at: int) -> tuple[float, int, float] | None:
    """A number below a thousand: (value, after, lead)."""
    word = _word(row, at)
    if word == "nua":
        return 0.5, at + 1, 0.5
    if word == "tram":
        return _tail(row, at + 1, 100.0, 1.0)
    if word in ("muoi", "chuc"):
        unit = _digit(row, at + 1) if row[at].text == "muoi" and _unit_word(row, at + 1) else None
        return (10.0 + unit, at + 2, 10.0) if unit else (10.0, at + 1, 10.0)
    lead = _digit(row, at)
    if lead is None:
        return None
    follow = _word(row, at + 1)
    if follow == "tram" or (follow == "tr" and _word(row, at + 2) in ("trieu", "tr", "cu") and lead < 10):
        return _tail(row, at + 2, lead * 100, lead)
    if follow in ("muoi", "chuc"):
        after, value = at + 2, lead * 10
        if _unit_word(row, after):
            value, after = value + (DIGITS[row[after].text]), after + 1
        elif _word(row, after) == "ruoi":
            value, after = value + 5, after + 1
        return value, after, lead
    return lead, at + 1, lead


def _unit_word(row: list[Token], at: int) -> bool:
    return _word(row, at) in DIGITS


def _tail(row: list[Token], at: int, value: float, lead: float) -> tuple[float, int, float]:
    """What follows "trăm": rưỡi, lẻ năm, năm mươi."""
    word = _word(row, at)
    if word == "ruoi":
        return value + 50, at + 1, lead
    if word in ("linh", "le") and _unit_word(row, at + 1):
        return value + DIGITS[row[at + 1].text], at + 2, lead
    if _unit_word(row, at) or word == "muoi":
        rest = _small(row, at)
        if rest and rest[0] >= 10:
            return value + rest[0], rest[1], lead
        if rest and _word(row, rest[1]) in SCALES:
            return value + rest[0] * 10, rest[1], lead
    return value, at, lead


def read_number(row: list[Token], at: int) -> Number | None:
    """The number that begins at this token, with its scale words ("1 tỷ 2", "3 trăm củ", "2 triệu rưỡi")."""
    first = _small(row, at)
    if first is None:
        return None
    value, after, lead = first
    scale = SCALES.get(_word(row, after))
    if scale is None or (row[after].text == "k" and row[after].start != row[after - 1].end):
        return Number(value, after, value / lead if lead else 1.0, lead)
    return _scaled(row, value * scale, after + 1, scale, lead)


def _scaled(row: list[Token], total: float, after: int, scale: float, lead: float) -> Number:
    if _word(row, after) == "ruoi":
        return Number(total + scale / 2, after + 1, total / lead, lead)
    rest = _small(row, after)
    whole = total / lead if lead else scale
    if rest is None:
        return Number(total, after, whole, lead)
    more = SCALES.get(_word(row, rest[1]))
    if more is not None and more < scale:
        inner = _scaled(row, rest[0] * more, rest[1] + 1, more, rest[2])
        return Number(total + inner.value, inner.after, whole, lead)
    token = row[after]
    joined = token.start == row[after - 1].end or scale >= 1e9 or _unit_word(row, after)
    plain = token.text.isdigit() or (_unit_word(row, after) and rest[1] == after + 1)
    if more is None and plain and joined and not _counts(row, rest[1]) and rest[0] < 1000:
        size = len(token.text) if token.text.isdigit() else 1
        return Number(total + rest[0] * scale / 10**size, rest[1], whole, lead)
    return Number(total, after, whole, lead)


COUNTED = {
    "kg",
    "ta",
    "tan",
    "lit",
    "m2",
    "m3",
    "ha",
    "con",
    "thang",
    "nam",
    "ngay",
    "tuan",
    "nguoi",
    "may",
    "cai",
    "bo",
    "chiec",
    "me",
    "gio",
    "vu",
    "quy",
    "%",
    "/",
    ".",
}


def _counts(row: list[Token], at: int) -> bool:
    """Whether what follows a number shows that it counts something of its own."""
    return at < len(row) and row[at].text in COUNTED


def read_range(row: list[Token], at: int) -> tuple[float, float, int, float] | None:
    """A number or a range from this token on: (least, most, after, scale)."""
    first = read_number(row, at)
    if first is None:
        return None
    after = first.after
    sign = after < len(row) and row[after].text in RANGE_SIGNS and row[after].said not in ("tỏi", "tôi")
    second = read_number(row, after + 1) if sign else None
    if second is None and not first.scaled and _unit_word(row, at) and after == at + 1 and _unit_word(row, after):
        second = read_number(row, after)  # "hai ba trăm triệu"
        if second is not None and second.lead - first.value != 1:
            second = None
    if second is None:
        return first.value, first.value, after, first.scale
    least = first.value if first.scaled or not first.value < second.value else first.value * second.scale
    if not first.scaled and least > second.value:
        least = first.value
    return (least, second.value, second.after, second.scale) if least <= second.value else None


def number_words(value: float) -> str:
    """1500 as 1.500 and 1.5 as 1,5."""
    whole, _, part = f"{value:.2f}".rstrip("0").rstrip(".").partition(".")
    grouped = f"{int(whole):,}".replace(",", ".")
    return f"{grouped},{part}" if part else grouped
