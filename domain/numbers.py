"""Numbers as people write them in Vietnamese: digits, words, scales, ranges."""

from typing import NamedTuple

from domain.line import Line, phrases, spellings

DIGITS = spellings({"một": 1, "hai": 2, "ba": 3, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "bẩy": 7, "tám": 8, "chín": 9})
FEW = spellings({"một": 1, "hai": 2, "ba": 3, "bốn": 4})
LAST_DIGITS = {**DIGITS, **spellings({"mốt": 1, "lăm": 5, "nhăm": 5, "tư": 4})}  # as they stand behind mươi
TEENS = spellings({"mười": 10})
TENS = spellings({"mươi": 10, "chục": 10, "mười": 10})
DOZEN = spellings({"chục": 10})
HUNDRED = spellings({"trăm": 100})
AND_HALF = spellings({"rưỡi": 1, "rưởi": 1, "rữơi": 1})
HALF = spellings({"nửa": 1})
ZERO_LEADS = spellings({"linh": 1, "lẻ": 1})
ZERO = spellings({"không": 1})
POINT = spellings({"phẩy": 1, "phảy": 1})
TWENTIES = spellings({"hăm": 20, "băm": 30})
SCALES = spellings(
    {
        "k": 1e3, "nghìn": 1e3, "ngàn": 1e3, "vạn": 1e4, "tr": 1e6, "triệu": 1e6, "trịu": 1e6, "triu": 1e6, "trđ": 1e6,
        "trd": 1e6, "củ": 1e6, "chai": 1e6, "tỷ": 1e9, "tỉ": 1e9, "tỏi": 1e9,
    }
)  # fmt: skip
BEGINS = frozenset(
    (*DIGITS, *TEENS, *DOZEN, *HUNDRED, *HALF, *TWENTIES, *SCALES)
)  # words with which a number can begin
RANGE_SIGNS = phrases("-|~|đến|tới|cho đến|cho tới|hoặc|hay|sang|- >")
AFTER_SIGN = phrases("khoảng|tầm|chừng|cỡ|độ|không quá|tối đa|nhiều nhất|dưới|tầm khoảng")
COUNTED = frozenset(
    "kg ta tan yen lit m2 m3 ha con thang nam ngay tuan nguoi may cai bo chiec me gio vu quy % ho ky can khoi sao mau vien "
    "qua goc cay lao cong nhan / h phut kwp kw lan dot do c suat cho".split()
)
IDIOM_PAIRS = {(5, 7)}  # "năm bảy": from five to seven


class Number(NamedTuple):
    """A number read from some token up to `after`: `lead` is its first part, `scale` what the lead was multiplied by.

    `word` is the folded biggest scale word ("" without), `at` the index of its token.
    """

    value: float
    after: int
    scale: float
    lead: float
    word: str = ""
    at: int = -1

    @property
    def scaled(self) -> bool:
        """Whether a scale word (nghìn, triệu, tỷ) was said."""
        return self.scale >= 1e3


class Span(NamedTuple):
    """A number (least equals most) or a range up to `after`, with the scale word and place of its last number."""

    least: float
    most: float
    after: int
    scale: float
    word: str
    at: int


def _small(line: Line, at: int) -> tuple[float, int, float] | None:
    """A number below a thousand in words, or any in digits: (value, after, lead)."""
    said = line.said
    word = said[at]
    value = line.value(at)
    if value is not None:
        return _scaled_by_hundred(line, at + 1, value)
    if word in DIGITS:
        return _after_digit(line, at, DIGITS[word])
    if word in HUNDRED:
        return _tail(line, at + 1, 100.0, 1.0)
    if word in TEENS:
        digit = LAST_DIGITS.get(said[at + 1])
        return (10.0 + digit, at + 2, 10.0) if digit else (10.0, at + 1, 10.0)
    if word in DOZEN:
        return 10.0, at + 1, 10.0
    if word in HALF:
        return 0.5, at + 1, 0.5
    if word in TWENTIES and (digit := LAST_DIGITS.get(said[at + 1])):
        return float(TWENTIES[word] + digit), at + 2, float(TWENTIES[word] + digit)
    return None


def _scaled_by_hundred(line: Line, at: int, value: float) -> tuple[float, int, float]:
    """Digits with "trăm" or "chục" behind them: 3 trăm, 7 chục; "3 tr triệu" is left to the reader of money."""
    word = line.said[at]
    if word in HUNDRED and value < 100:
        return _tail(line, at + 1, value * 100, value)
    if word in DOZEN and value < 1000:
        return value * 10, at + 1, value
    return value, at, value


def _after_digit(line: Line, at: int, digit: int) -> tuple[float, int, float]:
    said = line.said
    lead = float(digit)
    follow = said[at + 1]
    if follow in HUNDRED:
        return _tail(line, at + 2, lead * 100, lead)
    if follow in TENS and follow != "mười":
        after, value = at + 2, lead * 10
        last = LAST_DIGITS.get(said[after])
        if last and follow not in DOZEN:
            return value + last, after + 1, lead
        if last and said[after + 1] in SCALES:
            return value + last, after + 1, lead
        if said[after] in AND_HALF:
            return value + 5, after + 1, lead
        return value, after, lead
    if follow in ("lăm", "nhăm") or (follow == "lam" and said[at + 2] in SCALES):
        return lead * 10 + 5, at + 2, lead * 10 + 5
    if follow == "mốt":
        return lead * 10 + 1, at + 2, lead * 10 + 1
    return lead, at + 1, lead


def _tail(line: Line, at: int, value: float, lead: float) -> tuple[float, int, float]:
    """What follows "trăm": rưỡi, lẻ năm, năm mươi, 50."""
    said = line.said
    word = said[at]
    if word in AND_HALF:
        return value + 50, at + 1, lead
    if word in ZERO_LEADS:
        digit = LAST_DIGITS.get(said[at + 1])
        if digit:
            return value + digit, at + 2, lead
        if (digits := line.value(at + 1)) is not None and digits < 10:
            return value + digits, at + 2, lead
    if word in DIGITS or word in TEENS or (line.value(at) or 1000) < 100:
        rest = _small(line, at)
        if rest and 10 <= rest[0] < 100 and (word in DIGITS or word in TEENS or said[rest[1]] in SCALES):
            return value + rest[0], rest[1], lead
        if rest and rest[0] < 10 and (said[rest[1]] in SCALES or _ends_well(line, rest[1])) and word in DIGITS:
            return value + rest[0] * 10, rest[1], lead
    if word in LAST_DIGITS and word not in DIGITS and said[at + 1] in SCALES:  # "trăm mốt triệu"
        return value + LAST_DIGITS[word] * 10, at + 1, lead
    return value, at, lead


def _ends_well(line: Line, at: int) -> bool:
    """Whether a number may end before a unit, so that "hai trăm hai kg" is 220 kg."""
    return line.words[at] in ("kg", "tan", "ta", "lit", "khoi", "ky", "m2", "m3")


def read_number(line: Line, at: int) -> Number | None:
    """The number that begins at this token, with its scale words ("1 tỷ 2", "3 trăm củ", "2 triệu rưỡi", "tỷ rưỡi")."""
    if line.said[at] not in BEGINS and line.value(at) is None:
        return None
    first = _small(line, at)
    if first is None:
        return _bare_scale(line, at)
    value, after, lead = _with_decimals(line, first)
    scale = _scale(line, after)
    if scale is None:
        return Number(value, after, value / lead if lead else 1.0, lead)
    return _scaled(line, value * scale, after + 1, scale, lead, after)


def _with_decimals(line: Line, first: tuple[float, int, float]) -> tuple[float, int, float]:
    """What "phẩy" adds: "ba phẩy năm", "2 phẩy 75"."""
    value, after, _ = first
    if line.said[after] not in POINT or value != int(value):
        return first
    rest = _small(line, after + 1)
    if rest is None or not 0 < rest[0] < 1000 or rest[0] != int(rest[0]):
        return first
    figures = line.words[after + 1] if line.words[after + 1].isdigit() else str(int(rest[0]))
    value += int(figures) / 10 ** len(figures)
    return value, rest[1], value


def _scale(line: Line, at: int) -> float | None:
    scale = SCALES.get(line.said[at])
    if scale is None or (line.words[at] == "k" and not line.touches(at)):
        return None
    if line.said[at] == "toi":  # tới or tôi, unless figures stand before and none behind
        if line.value(at + 1) is not None or line.said[at + 1] in DIGITS or line.value(at - 1) is None:
            return None
    if line.words[at] == "van" and line.marked and line.said[at] == "van":
        return None
    return scale


def _bare_scale(line: Line, at: int) -> Number | None:
    """A scale without a lead, which counts one when a part follows: "tỷ rưỡi", "tỷ hai", "nghìn rưỡi"."""
    scale = SCALES.get(line.said[at])
    if scale is None or line.words[at] not in ("ty", "ti", "trieu", "nghin", "ngan", "van"):
        return None
    follow = line.said[at + 1]
    if follow in AND_HALF:
        return Number(scale * 1.5, at + 2, scale, 1.0, line.words[at], at)
    if follow in DIGITS and scale == 1e3 and _ends_well(line, at + 2):  # "nghìn hai lít"
        return Number(scale + DIGITS[follow] * scale / 10, at + 2, scale, 1.0, line.words[at], at)
    if follow in FEW and scale >= 1e6 and not _counts(line, at + 2):
        return Number(scale + DIGITS[follow] * scale / 10, at + 2, scale, 1.0, line.words[at], at)
    return None


def _scaled(line: Line, total: float, after: int, scale: float, lead: float, at: int) -> Number:
    """What may follow a scale word: rưỡi, a smaller scaled number, digits of the next place, a bigger scale."""
    said = line.said
    word = line.words[at]
    whole = total / lead if lead else scale
    bigger = _scale(line, after)
    if bigger is not None and bigger > scale and lead:  # "hai nghìn tỷ"
        return _scaled(line, total * bigger, after + 1, bigger, lead, after)
    if said[after] in AND_HALF:
        return Number(total + scale / 2, after + 1, whole, lead, word, at)
    skipped = after + 1 if said[after] in ZERO_LEADS else after
    rest = _small(line, skipped) or (_zero_hundred(line, skipped) if scale >= 1e3 else None)
    if rest is None:
        return Number(total, after, whole, lead, word, at)
    more = _scale(line, rest[1])
    if more is not None and more < scale and said[rest[1]] not in HUNDRED:
        inner = _scaled(line, rest[0] * more, rest[1] + 1, more, rest[2], rest[1])
        if inner.value < scale:
            return Number(total + inner.value, inner.after, whole, lead, word, at)
    if more is not None and more > scale:  # "một nghìn hai trăm tỷ"
        return _scaled(line, (total + rest[0]) * more, rest[1] + 1, more, (total + rest[0]) * more / whole, rest[1])
    if more is None:
        part = _part(line, after, skipped, rest, scale, lead)
        if part is not None:
            return Number(total + part, rest[1], whole, lead, word, at)
    return Number(total, after, whole, lead, word, at)


def _zero_hundred(line: Line, at: int) -> tuple[float, int, float] | None:
    """ "không trăm linh năm" or "không nghìn" inside a number."""
    if line.said[at] not in ZERO:
        return None
    if line.said[at + 1] not in HUNDRED:
        return (0.0, at + 1, 0.0) if line.said[at + 1] in SCALES else None
    value, after, _ = _tail(line, at + 2, 0.0, 0.0)
    return value, after, value


def _part(
    line: Line, after: int, at: int, rest: tuple[float, int, float], scale: float, whole_lead: float
) -> float | None:
    """The worth of an unscaled number behind a scale: "1 tỷ 2" adds 0.2 of it; None when it counts something else."""
    value, end, _ = rest
    token = line.words[at]
    if value >= 1000 or _counts(line, end):
        return None
    if at > after:  # "một nghìn lẻ năm"
        return value
    digits = token if token.isdigit() else ""
    if digits:
        near = line.touches(at) or scale >= 1e9 or (scale >= 1e6 and len(digits) == 1 and whole_lead < 100)
        return value * scale / 10 ** len(digits) if near and end == at + 1 else None
    if line.said[at] in ZERO:
        return value
    if value < 10 and end == at + 1:
        return value * scale / 10
    return value * scale / 1000 if value >= 10 else None


def _counts(line: Line, at: int) -> bool:
    """Whether what follows a number shows that it counts something of its own."""
    word = line.words[at]
    if word in ("-", "~", "den", "toi", ".") or word not in COUNTED:
        return word in ("-", "/", ":")
    return True


def read_range(line: Line, at: int) -> Span | None:
    """A number or a range from this token on."""
    first = read_number(line, at)
    if first is None:
        return None
    second = _second(line, first)
    if second is None:
        second = _idiom(line, at, first)
    if second is None:
        return Span(first.value, first.value, first.after, first.scale, first.word, first.at)
    least, most = first.value, second.value
    if least < 10 and second.lead == (least + 1) * 10 and not first.scaled:  # "7-80" is seventy to eighty
        least *= 10
        first = first._replace(value=least, lead=least)
    if not first.scaled and second.scaled:
        factor = second.scale if first.scale == 1 and least < second.lead else SCALES.get(second.word, 1.0)
        least *= factor if least * factor <= most else 1.0
    elif not first.scaled and not second.scaled and second.scale > 1 and least < second.lead and first.scale == 1:
        least *= second.scale  # "hai ba trăm", "2-3 chục"
    elif first.scaled and not second.scaled and second.value > first.lead and second.value < 1000:
        most *= first.scale
        second = second._replace(word=first.word, at=first.at, scale=first.scale)
    return Span(least, most, second.after, second.scale, second.word, second.at) if least <= most else None


def _second(line: Line, first: Number) -> Number | None:
    sign = RANGE_SIGNS.begins(line, first.after)
    if sign is None or line.said[first.after] in ("tỏi", "tôi", "đêm"):
        return None
    after = sign[1]
    filler = AFTER_SIGN.begins(line, after)
    second = read_number(line, filler[1] if filler else after)
    if second is None:
        return None
    if first.scaled and not second.scaled and (_counts(line, second.after) or line.words[second.after] == "/"):
        return None
    return second


FIGURES = frozenset("123456789")
ROUND = frozenset("10 20 30 40 50 60 70 80 90".split())
ABOUT = phrases("khoảng|tầm|chừng|cỡ|độ|được|dc|đc|ước|chắc|mỗi|tầm khoảng|khoảng chừng")


def _idiom(line: Line, at: int, first: Number) -> Number | None:
    """Two neighbouring digits in words: "hai ba trăm triệu", "năm sáu tạ", "mười mười lăm"."""
    said = line.said
    left, right = DIGITS.get(said[at]), DIGITS.get(said[first.after])
    if said[at] in FIGURES and said[first.after] in FIGURES and int(said[first.after]) - int(said[at]) == 1:
        second = read_number(line, first.after)  # "1 2 chục triệu", "tầm 3 4 tấn"; else it is two numbers
        about = ABOUT.ends(line, at) is not None
        hundred = said[first.after + 1] in HUNDRED  # "3 4 trăm triệu"
        return second if second is not None and (second.scaled or about or hundred) and first.after == at + 1 else None
    if said[at] in ROUND and said[first.after] in ROUND and int(said[first.after]) - int(said[at]) == 10:
        second = read_number(line, first.after)  # "70 80 củ"
        return second if second is not None and second.scaled and first.after == at + 1 else None
    if first.scaled or first.after != at + 1 or right is None:
        if said[at] in TEENS and first.after == at + 1 and said[first.after] in TEENS:
            return read_number(line, first.after)
        return None
    if said[at] == "nam" and said[first.after] == "sau" and said[first.after + 1] == "can":  # "năm sau cần"
        return None
    tens = said[first.after + 1] in HUNDRED or (said[first.after + 1] in DOZEN and said[first.after + 2] in SCALES)
    if left is None or not (right - left == 1 or (left, right) in IDIOM_PAIRS or (tens and left < right)):
        return None  # but "năm tám chục triệu" is fifty to eighty
    return read_number(line, first.after)


def number_words(value: float) -> str:
    """1500 as 1.500 and 1.5 as 1,5."""
    whole, _, part = f"{value:.2f}".rstrip("0").rstrip(".").partition(".")
    grouped = f"{int(whole):,}".replace(",", ".")
    return f"{grouped},{part}" if part else grouped
