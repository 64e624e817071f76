"""Reads one name of a time ("đầu tháng 3", "thứ 5 tuần sau", "rằm tháng giêng") at one place of a message."""

import re
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from domain import calendar
from domain.calendar import Days
from domain.line import Line, Phrases, phrases, spellings
from domain.numbers import DIGITS, HALF, read_number
from domain.units import unit_at


class Base(NamedTuple):
    """The days meant up to `after`; `ends`: said with "cuối"; `silent`: often said without any wish ("năm nay");

    `fixed`: the year was said; `ranged`: it runs from one month or quarter to another.
    """

    days: Days
    after: int
    ends: bool = False
    silent: bool = False
    fixed: bool = False
    ranged: bool = False


Reader = Callable[[Line, int, date], Base | None]
PART_WORDS = spellings({"đầu": "dau", "giữa": "giua", "cuối": "cuoi"})
ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
NEXT = phrases("sau|tới|sắp tới|kế|kế tiếp|tiếp theo|tiếp|này tới")
AFTER_NEXT = phrases("sau nữa|tới nữa")
THIS = phrases("này")
YEARS = Phrases(
    {"năm sau nữa": 2, "năm sau|năm tới|sang năm|sang năm tới|năm sau này|qua năm|nsau": 1, "năm nay|năm này": 0}
)
LUNAR = phrases("âm lịch|âm|al|ta|lịch ta|lịch âm")
SOLAR = phrases("dương lịch|dương|dl|tây|lịch tây")
WEEKDAYS = {2: 0, 3: 1, 4: 2, 5: 3, 6: 4, 7: 5}
UNITS = {"ngay": "ngay", "hom": "ngay", "tuan": "tuan", "thang": "thang", "nam": "nam"}
NOUNS_OF_DOCUMENTS = frozenset(
    "dinh nd qd tt nq so luat qcvn tcvn van kh hieu ngo ngach duong iso haccp nha lo hem ktx trl khoan dieu ty".split()
)
LED_BY = frozenset("tu truoc sau den toi han vao hom sang chieu ngay tam khoang mung".split())
DOTTED_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.((?:20)?\d\d)")
FEASTS: Phrases[tuple[str, int, int]] = Phrases(
    {
        "tết dương lịch|tết tây|tết dương|năm mới dương lịch": ("solar", 1, 1), "noel|giáng sinh|lễ giáng sinh": ("solar", 25, 12),
        "tết trung thu|trung thu": ("lunar", 15, 8), "tết đoan ngọ|đoan ngọ": ("lunar", 5, 5), "giỗ tổ|giỗ tổ hùng vương": ("lunar", 10, 3),
        "ông công ông táo|tết ông công ông táo|ông táo": ("lunar", 23, 12), "vu lan|lễ vu lan": ("lunar", 15, 7),
        "tết thanh minh": ("solar", 5, 4), "quốc khánh": ("solar", 2, 9), "tết hàn thực": ("lunar", 3, 3),
    }
)  # fmt: skip
TET = phrases(
    "tết nguyên đán|tết âm lịch|tết âm|tết ta|tết cổ truyền|tết này|tết tới|tết sắp tới|tết|tết năm nay|tết nay"
)
TET_GOODS = frozenset("hang ban qua vu mut banh an choi ruou".split())  # what is made for Tết
EACH = frozenset("moi hang mot ca / 1 nua hằng may vai trong tren".split())


def base_at(line: Line, at: int, today: date) -> Base | None:
    """The time that is named from a token on; None when none is, or when it is over."""
    word = line.words[at]
    if line.tokens[at].value is not None or word[:1].isdigit():
        return _from_number(line, at, today)
    reader = READERS.get(word)
    return reader(line, at, today) if reader is not None else None


def _count(line: Line, at: int) -> tuple[float, int] | None:
    """A small number or the upper end of a small range, for counts of days or months."""
    if line.said[at] in HALF:
        return 0.5, at + 1
    found = read_number(line, at)
    if found is None or found.value > 400 or found.scaled:
        return None
    if line.words[found.after] in ("-", "den", "toi"):
        second = read_number(line, found.after + 1)
        if second is not None and second.value <= 400 and found.value < second.value:
            return second.value, second.after
    if line.said[found.after] in DIGITS and found.after == at + 1 and line.said[at] in DIGITS:  # "hai ba tháng"
        second = read_number(line, found.after)
        if second is not None and second.value - found.value == 1:
            return second.value, second.after
    return found.value, found.after


def _whole(line: Line, at: int, most: int) -> tuple[int, int] | None:
    """A whole number from 1 to `most` in digits or words."""
    value = line.value(at)
    if value is None:
        found = read_number(line, at)
        if found is None or found.scaled or not 1 <= found.value <= most or found.value != int(found.value):
            return None
        return int(found.value), found.after
    return (int(value), at + 1) if 1 <= value <= most and value == int(value) and len(line.words[at]) <= 2 else None


def _year(line: Line, at: int, today: date) -> tuple[int | None, int]:
    """The year said behind a month or quarter: "/2027", "năm 2027", "năm sau"; (None, at) when none is."""
    here = at
    if line.words[here] in ("/", "-", ".", "nam", ",") or (line.words[here] == "cua" and line.words[here + 1] == "nam"):
        step = 2 if line.words[here] == "cua" else 1
        value = line.value(here + step)
        if value is not None and 2000 <= value <= 2100 and len(line.words[here + step]) == 4:
            return int(value), here + step + 1
    value = line.value(at)
    if value is not None and 2000 <= value <= 2100 and len(line.words[at]) == 4:
        return int(value), at + 1
    if found := YEARS.begins(line, at + 1 if line.words[at] == "cua" else at):
        return today.year + found[0], found[1]
    return None, at


def _skip(line: Line, at: int, *tables: Phrases[bool]) -> int:
    for table in tables:
        if found := table.begins(line, at):
            return found[1]
    return at


def _counts(line: Line, at: int, after: int) -> bool:
    """Whether a number behind "tháng" or "ngày" measures something ("tháng 3 tấn")."""
    if unit := unit_at(line, after):
        return not (line.words[after] in ("can", "lo", "bo", "dau", "con") and unit[0] in ("kg", "lọ", "bộ", "con"))
    if line.words[after] == "-":
        return line.value(after + 1) is not None and unit_at(line, after + 2) is not None
    return line.words[after] in ("tr", "trieu", "ty", "k", "nguoi", "%", "nghin", "tram", "chuc", "lan")


def _month(line: Line, at: int, today: date, part: str | None = None) -> Base | None:
    """ "tháng 3", "tháng 3-4/2027", "tháng giêng", "tháng sau"; a part stands before it."""
    words = line.words
    ends = part == "cuoi"
    here = at + 1
    if words[here] in ("gieng", "chap"):
        days = calendar.lunar_month(today, 1 if words[here] == "gieng" else 12, part)
        return Base(days, here + 1, ends) if days else None
    if found := AFTER_NEXT.begins(line, here):
        return Base(calendar.shifted_month(today, 2, part), found[1], ends)
    if found := NEXT.begins(line, here):
        return Base(calendar.shifted_month(today, 1, part), found[1], ends)
    if found := THIS.begins(line, here):
        return Base(calendar.shifted_month(today, 0, part), found[1], ends, silent=part is None)
    named = _whole(line, here, 12)
    if named is None or line.words[at - 1] in EACH:
        return Base(calendar.coming_part_of_month(today, part), here, ends) if part and named is None else None
    number, after = named
    if _counts(line, here, after):
        return None
    if lunar := LUNAR.begins(line, after):
        days = calendar.lunar_month(today, number, part)
        return Base(days, lunar[1], ends) if days else None
    after = _skip(line, after, THIS)
    last, after = _last_month(line, after, number)
    year, after = _year(line, after, today)
    after = _skip(line, after, THIS, NEXT)
    if year is None or last < number:
        first = calendar.coming_month(today, number, part)
    else:
        first = calendar.month(year, number, part)
    end = calendar.month(first[0].year + (last < number), last, part)[1]
    return Base((first[0], end), after, ends, fixed=year is not None, ranged=last != number)


def _last_month(line: Line, at: int, first: int) -> tuple[int, int]:
    """The second month of "tháng 3-4", "tháng 3, 4", "tháng 3 tháng 4"."""
    here = at
    if line.words[here] in ("-", "hoac", "hay", ",", "va", "~"):
        here += 1
    if line.words[here] == "thang":
        here += 1
    elif here == at:
        return first, at
    found = _whole(line, here, 12)
    if (
        found is None
        or _counts(line, here, found[1])
        or (line.words[found[1]] in ("/", "-") and line.words[here - 1] != "thang")
    ):
        if found is None or line.words[found[1]] != "/" or (line.value(found[1] + 1) or 0) < 2000:
            return first, at
    return (found[0], found[1]) if found[0] != first else (first, at)


def _thang(line: Line, at: int, today: date) -> Base | None:
    if line.value(at - 1) is not None and line.words[at - 2] not in ("ngay", "mung", "mong", ",", "\n", ".", ""):
        return None
    return _month(line, at, today)


def _letter_month(line: Line, at: int, today: date) -> Base | None:
    """ "t3/2027", "T12", "th6"."""
    if not line.touches(at + 1):
        return None
    named = _whole(line, at + 1, 12)
    if named is None or _counts(line, at + 1, named[1]):
        return None
    return _month(line, at, today)


def _quarter(line: Line, at: int, today: date, part: str | None = None) -> Base | None:
    """ "quý 2/2027", "quý II năm sau", "quý sau", "quý 1-2"."""
    words = line.words
    ends = part == "cuoi"
    here = at + 1
    if words[at] == "quy" and line.said[at] not in ("quý", "quy"):
        return None
    if words[at] == "q" and not line.touches(here):
        return None
    if found := NEXT.begins(line, here):
        return Base(calendar.shifted_quarter(today, 1, part), found[1], ends)
    if found := THIS.begins(line, here):
        return Base(calendar.shifted_quarter(today, 0, part), found[1], ends)
    if words[here] in ("dau", "cuoi") and words[here + 1] == "nam":
        year, after = _year(line, here + 1, today)
        number = 1 if words[here] == "dau" else 4
        after = max(after, here + 2)
        return Base(calendar.quarter(year, number) if year else calendar.coming_quarter(today, number), after)
    number_at = ROMAN.get(words[here])
    named = (number_at, here + 1) if number_at else _whole(line, here, 4)
    if named is None or _counts(line, here, named[1]):
        return None
    number, after = named
    last = number
    step = after + 2 if words[after + 1] == "quy" else after + 1
    if words[after] in ("-", "hoac", ",", "hay", "va", "den", "toi") and (
        second := ((ROMAN[words[step]], step + 1) if words[step] in ROMAN else _whole(line, step, 4))
    ):
        if second[0] > number and (step == after + 2 or words[after] in ("-", "hoac")):
            last, after = second
    year, after = _year(line, after, today)
    after = _skip(line, after, THIS, NEXT)
    days = calendar.quarter(year, number, part) if year else calendar.coming_quarter(today, number, part)
    end = calendar.quarter(days[0].year, last, part)[1]
    return Base((days[0], end), after, ends, fixed=year is not None)


def _nam(line: Line, at: int, today: date, part: str | None = None) -> Base | None:
    """ "năm 2027", "năm sau", "cuối năm"."""
    ends = part == "cuoi"
    if found := YEARS.begins(line, at):
        return Base(
            calendar.year_part(today.year + found[0], part), found[1], ends, silent=part is None and found[0] == 0
        )
    value = line.value(at + 1)
    if value is not None and 2000 <= value <= 2100 and len(line.words[at + 1]) == 4 and unit_at(line, at + 2) is None:
        return Base(calendar.year_part(int(value), part), at + 2, ends, fixed=True)
    if part is None:
        return None
    return Base(calendar.coming_year_part(today, part), at + 1, ends)


def _sang(line: Line, at: int, today: date) -> Base | None:
    found = YEARS.begins(line, at)
    if found is None:
        return _part_of_day(line, at, today)
    year = today.year + found[0]
    part = PART_WORDS.get(line.said[found[1]])
    if part and line.words[found[1] + 1] == "nam":
        return Base(calendar.year_part(year, part), found[1] + 2)
    if line.words[found[1]] == "thang" and (named := _whole(line, found[1] + 1, 12)):
        return Base(calendar.month(year, named[0]), named[1], fixed=True)
    return Base(calendar.year_part(year, None), found[1])


def _tuan(line: Line, at: int, today: date, part: str | None = None) -> Base | None:
    ends = part == "cuoi"
    if found := AFTER_NEXT.begins(line, at + 1):
        return Base(calendar.week(today, 2, part), found[1], ends)
    if found := NEXT.begins(line, at + 1):
        return Base(calendar.week(today, 1, part), found[1], ends)
    if found := THIS.begins(line, at + 1):
        return Base(calendar.week(today, 0, part), found[1], ends, silent=part is None)
    if part == "cuoi":
        return Base(calendar.week(today, 0, part), at + 1, ends)
    return None


def _part(line: Line, at: int, today: date) -> Base | None:
    """ "đầu", "giữa", "cuối" before a month, quarter, year, week."""
    part = PART_WORDS.get(line.said[at])
    if part is None:
        return None
    here = at + 1
    word = line.words[here]
    if word == "thang":
        return _month(line, here, today, part)
    if word in ("t", "th") and line.touches(here + 1):
        return _month(line, here, today, part)
    if word in ("quy", "q"):
        return _quarter(line, here, today, part)
    if word == "nam":
        return _nam(line, here, today, part)
    if word == "tuan":
        return _tuan(line, here, today, part)
    if found := YEARS.begins(line, here):
        return Base(calendar.year_part(today.year + found[0], part), found[1], part == "cuoi")
    value = line.value(here)
    if value is not None and len(line.words[here]) == 4 and 2000 <= value <= 2100:
        return Base(calendar.year_part(int(value), part), here + 1, part == "cuoi", fixed=True)
    if value is not None and (dated := _slashed(line, here, today)) and dated.days[0].day == 1 != dated.days[1].day:
        first = dated.days[0]
        return Base(calendar.month(first.year, first.month, part), dated.after, part == "cuoi", fixed=True)
    return None


def _half(line: Line, at: int, today: date) -> Base | None:
    """ "nửa đầu năm sau", "nửa cuối tháng 3", "nửa tháng nữa"."""
    if line.said[at] not in HALF:
        return None
    if line.words[at + 1] in UNITS and line.words[at + 2] in ("nua", "toi"):
        return _ahead(line, today, 0.5, at + 1)
    part = PART_WORDS.get(line.said[at + 1])
    if part in ("dau", "cuoi") and line.words[at + 2] == "nam":
        return _half_year(line, at + 2, today, part)
    if part in ("dau", "cuoi") and line.words[at + 2] == "thang":
        whole = _month(line, at + 2, today) or Base(calendar.shifted_month(today, 0), at + 3)
        first, last = whole.days
        days = (first, first.replace(day=15)) if part == "dau" else (first.replace(day=16), last)
        return Base(days, whole.after, part == "cuoi")
    return None


def _half_year(line: Line, at: int, today: date, which: str) -> Base:
    year, after = _year(line, at, today)
    if year is None:
        year, after = _year(line, at + 1, today)
    if year is None:
        year, after = today.year + (calendar.half(today.year, which)[1] < today), at + 1
    return Base(calendar.half(year, which), max(after, at + 1), which == "cuoi")


def _ahead(line: Line, today: date, count: float, at: int, loose: bool = False) -> Base | None:
    """ "2 tháng nữa", "10 ngày tới", "1 tháng rưỡi nữa": from today until then; `at` is at the unit."""
    unit = UNITS.get(line.words[at])
    if unit is None:
        return None
    after = at + 1
    if line.said[after] in ("rưỡi", "ruoi"):
        count, after = count + 0.5, after + 1
    if line.words[after] in ("nua", "toi") and line.said[after] not in ("tôi",):
        after += 1
    elif not loose:
        return None
    if count <= 0 or (unit == "nam" and count > 20):
        return None
    return Base((today, calendar.later(today, count, unit)), after)


def _within(line: Line, at: int, today: date) -> Base | None:
    """ "trong 2 tháng", "trong vòng 10 ngày"."""
    here = at
    while line.words[here] in ("trong", "vong", "khoang", "tam", "noi", "chung", "toi", "da"):
        here += 1
    if line.words[at] in ("khoang", "tam") or here == at:
        return None
    counted = _count(line, here)
    if counted is None:
        return None
    return _ahead(line, today, counted[0], counted[1], loose=True)


def _ngay(line: Line, at: int, today: date) -> Base | None:
    """ "ngày 15/3", "ngày 15 tháng 3", "ngày mai", "ngày 20"."""
    word = line.words[at + 1]
    if word in ("mai", "mot", "kia") and line.said[at + 1] in ("mai", "mốt", "kia", "mot"):
        if line.words[at] == "hom" and word == "kia":
            return None
        day = calendar.later(today, 1 if word == "mai" else 2, "ngay")
        return Base((day, day), at + 2)
    if word == "nay" and line.words[at] == "hom":
        return Base((today, today), at + 2, silent=True)
    if line.words[at - 1] in EACH or (line.value(at - 1) is not None and line.words[at - 2] != "thu"):
        return None
    value = line.value(at + 1)
    if value is None and not line.words[at + 1][:1].isdigit():
        if line.words[at + 1] in ("mung", "mong", "ram"):
            return base_at(line, at + 1, today)
        named = _whole(line, at + 1, 31)
        return _day_month(line, named[0], named[1], today) if named else None
    dated = _from_number(line, at + 1, today, led=True)
    if dated is not None:
        return dated
    named = _whole(line, at + 1, 31)
    if named is None or _counts(line, at + 1, named[1]) or line.words[named[1]] in ("/", "-", "den"):
        return None
    days = calendar.day_of_month(today, named[0])
    return Base(days, _skip(line, named[1], THIS, NEXT)) if days else None


def _day_month(line: Line, day: int, at: int, today: date, led: bool = True) -> Base | None:
    """The rest of "15 tháng 3 năm 2027", "15 tháng sau", "10 tháng 3 âm", "mùng 5/3"."""
    words = line.words
    if words[at] not in ("thang", "/") and not (words[at] == "t" and line.touches(at + 1)):
        return None
    here = at + 1
    for table, step in ((NEXT, 1), (THIS, 0)):
        if found := table.begins(line, here):
            first, last = calendar.shifted_month(today, step)
            if day > last.day:
                return None
            return Base((first.replace(day=day),) * 2, found[1])
    lunar_name = {"gieng": 1, "chap": 12}.get(words[here])
    named = (lunar_name, here + 1) if lunar_name else _whole(line, here, 12)
    if named is None:
        return None
    after = named[1]
    lunar = LUNAR.begins(line, after)
    if lunar_name or lunar:
        days = calendar.lunar_day(today, day, named[0])
        return Base(days, lunar[1] if lunar else after) if days else None
    year, after = _year(line, after, today)
    days = calendar.day(today, day, named[0], year)
    after = _skip(line, after, SOLAR)
    return Base(days, after, fixed=year is not None) if days else None


def _mung(line: Line, at: int, today: date) -> Base | None:
    """ "mùng 10 tháng 3 âm", "mùng 1 Tết", "mùng 5/3"."""
    named = _whole(line, at + 1, 10)
    if named is None:
        return None
    if line.words[named[1]] == "tet":
        year, after = _year(line, named[1] + 1, today)
        days = calendar.lunar_day(today, named[0], 1, year)
        return Base(days, after) if days else None
    return _day_month(line, named[0], named[1], today)


def _ram(line: Line, at: int, today: date) -> Base | None:
    if line.said[at] not in ("rằm", "ram"):
        return None
    here = at + 1
    if line.words[here] == "trung" and line.words[here + 1] == "thu":
        days = calendar.lunar_day(today, 15, 8)
        return Base(days, here + 2) if days else None
    if line.words[here] != "thang":
        return None
    name = {"gieng": 1, "chap": 12}.get(line.words[here + 1])
    named = (name, here + 2) if name else _whole(line, here + 1, 12)
    days = calendar.lunar_day(today, 15, named[0]) if named else None
    if named is None or days is None:
        return None
    return Base(days, _skip(line, named[1], LUNAR))


def _tet(line: Line, at: int, today: date) -> Base | None:
    if (feast := FEASTS.begins(line, at)) is not None:
        return _feast(feast, today)
    found = TET.begins(line, at)
    if found is None or (line.words[at - 1] in TET_GOODS and line.said[at - 1] != "qua"):
        return None
    year, after = _year(line, found[1], today)
    return Base(calendar.coming_tet(today, year), after, silent=True, fixed=year is not None)


def _feast(found: tuple[tuple[str, int, int], int], today: date) -> Base | None:
    (kind, day, month), after = found
    days = calendar.day(today, day, month, None) if kind == "solar" else calendar.lunar_day(today, day, month)
    return Base(days, after, silent=True) if days else None


def _any_feast(line: Line, at: int, today: date) -> Base | None:
    found = FEASTS.begins(line, at)
    return _feast(found, today) if found else None


def _thu(line: Line, at: int, today: date) -> Base | None:
    """ "thứ 5 tuần sau", "chủ nhật", "thứ hai tới"."""
    if line.words[at] == "chu":
        if line.words[at + 1] != "nhat":
            return None
        number, after = 6, at + 2
    elif line.words[at] == "cn":
        number, after = 6, at + 1
    else:
        if line.said[at] not in ("thứ", "thu", "t") or (line.words[at] == "t" and not line.touches(at + 1)):
            return None
        if line.said[at] == "thu" and (line.marked or line.words[at - 1] in ("doanh", "vu", "mua")):
            return None
        named = _whole(line, at + 1, 7)
        if named is None or named[0] not in WEEKDAYS:
            return None
        number, after = WEEKDAYS[named[0]], named[1]
        if _counts(line, at + 1, after):
            return None
    dated = after + 1 if line.words[after] in (",", "ngay", "(") else after
    if line.tokens[dated].value is not None if dated < line.size else False:  # "thứ ba 1/12": the date is surer
        if (exact := _from_number(line, dated, today, led=True)) and exact.days[0] == exact.days[1]:
            return exact
    step: int | None = None
    in_week = line.words[after] == "tuan"
    here = after + 1 if in_week else after
    for table, steps in ((AFTER_NEXT, 2), (NEXT, 1), (THIS, 0)):
        if found := table.begins(line, here):
            step, here = steps if in_week else None, found[1]
            break
    else:
        in_words = line.words[at] == "thu" and line.value(at + 1) is None
        led = line.words[at - 1] in (
            "sang",
            "chieu",
            "toi",
            "vao",
            "truoc",
            "den",
            "ngay",
            "han",
            "trua",
            "la",
            "hom",
            "h",
            "gio",
        )
        if in_words and not led and line.size > 4:  # "thứ hai" may be the second of two things
            return None
        here = after
    return Base(calendar.weekday(today, number, step), here)


def _part_of_day(line: Line, at: int, today: date) -> Base | None:
    """ "sáng mai", "chiều mai", "tối nay"."""
    if line.words[at + 1] == "mai" and line.said[at] in (
        "sáng",
        "chiều",
        "tối",
        "trưa",
        "sang",
        "chieu",
        "toi",
        "trua",
    ):
        day = calendar.later(today, 1, "ngay")
        return Base((day, day), at + 2)
    return None


def _ra(line: Line, at: int, today: date) -> Base | None:
    """ "ra giêng"."""
    if line.words[at + 1] != "gieng":
        return None
    days = calendar.lunar_month(today, 1)
    return Base(days, at + 2) if days else None


def _from_number(line: Line, at: int, today: date, led: bool = False) -> Base | None:
    """Times that begin with digits: 15/3/2027, 6/2027, 15 tháng 3, 2 tháng nữa, 28 Tết, 2027."""
    words = line.words
    word = words[at]
    if (dotted := DOTTED_DAY.fullmatch(word)) is not None:
        year = int(dotted[3]) + (2000 if len(dotted[3]) == 2 else 0)
        days = calendar.day(today, int(dotted[1]), int(dotted[2]), year)
        return Base(days, at + 1, fixed=True) if days else None
    value = line.value(at)
    if value is None or value != int(value):
        return None
    follow = words[at + 1]
    if follow in ("/", "-"):
        return _slashed(line, at, today, led)
    if follow == "thang" or (follow == "t" and line.touches(at + 1) and line.touches(at + 2)):
        dated = _day_month(line, int(value), at + 1, today) if 1 <= value <= 31 and len(word) <= 2 else None
        if dated is not None and not _counts(line, at + 2, at + 3):
            return dated
    if follow == "tet" and 20 <= value <= 30:
        days = calendar.lunar_day(today, int(value), 12)
        return Base(days, at + 2) if days else None
    if value == 6 and follow == "thang" and words[at + 2] in ("dau", "cuoi") and words[at + 3] == "nam":
        return _half_year(line, at + 3, today, words[at + 2])
    if follow in UNITS or words[at + 1] in ("-", "den"):
        counted = _count(line, at)
        return _ahead(line, today, counted[0], counted[1]) if counted else None
    if (
        len(word) == 4
        and 2020 <= value <= 2100
        and words[at - 1] in ("truoc", "trong", "het", "vao", "den", "sau", "han", "tu")
    ):
        return Base(calendar.year_part(int(value), None), at + 1, fixed=True) if unit_at(line, at + 1) is None else None
    return None


def _slashed(line: Line, at: int, today: date, led: bool = False) -> Base | None:
    """15/3, 15/3/2027, 15-3-27, 6/2027, 6/27; not 1/2, 24/7 or the number of a document."""
    words = line.words
    sign = words[at + 1]
    left, right = line.value(at), line.value(at + 2)
    if left is None or right is None or left != int(left) or right != int(right):
        return None
    led = led or words[at - 1] in LED_BY
    if (
        words[at - 1] in NOUNS_OF_DOCUMENTS
        or words[at - 1] in ("/", "-")
        or words[at - 2] == "so"
        or words[at - 2] == "thong"
    ):
        return None
    first, second = int(left), int(right)
    if len(words[at + 2]) == 4:
        if not (1 <= first <= 12 and 2000 <= second <= 2100) or words[at + 3] == "/":
            return None
        return Base(calendar.month(second, first), at + 3, fixed=True)
    if not (1 <= first <= 31 and len(words[at]) <= 2 and len(words[at + 2]) <= 2):
        return None
    third = line.value(at + 4) if words[at + 3] == sign else None
    year = None
    after = at + 3
    if third is not None and len(words[at + 4]) in (2, 4) and (2000 <= third <= 2100 or 20 <= third <= 60):
        year, after = int(third) + (2000 if third < 100 else 0), at + 5
    elif words[after] == "nam" and (line.value(after + 1) or 0) >= 2000:
        year, after = int(line.value(after + 1) or 0), after + 2
    elif found := YEARS.begins(line, after):
        year, after = today.year + found[0], found[1]
    elif second > 12:
        if sign == "/" and first <= 12 and 24 <= second <= 60 and _stands_alone(line, after):
            return Base(calendar.month(2000 + second, first), after, fixed=True)
        return None
    if (
        year is None
        and not led
        and (sign == "-" or (first, second) in ((24, 7), (1, 2), (1, 3), (2, 3), (3, 4), (1, 4)))
    ):
        return None
    if lunar := LUNAR.begins(line, after):
        days = calendar.lunar_day(today, first, second, year)
        return Base(days, lunar[1]) if days else None
    if year is None and not _stands_alone(line, after):
        return None
    days = calendar.day(today, first, second, year)
    return Base(days, after, fixed=year is not None) if days else None


def _stands_alone(line: Line, at: int) -> bool:
    """Whether a figure like 15/3 is not part of a longer one and measures nothing."""
    return line.words[at] not in ("/", "-", "%", ":") and not (unit_at(line, at) and line.words[at] != "can")


def _words_number(line: Line, at: int, today: date) -> Base | None:
    """ "hai tháng nữa", "sáu tháng đầu năm", "ba mươi tháng tư"."""
    if line.words[at] == "nam":
        found = _nam(line, at, today)
        if found is not None:
            return found
    if line.words[at] == "nua":
        return _half(line, at, today)
    counted = _count(line, at)
    if counted is None:
        return None
    count, after = counted
    if (
        count == 6
        and line.words[after] == "thang"
        and line.words[after + 1] in ("dau", "cuoi")
        and line.words[after + 2] == "nam"
    ):
        return _half_year(line, after + 2, today, line.words[after + 1])
    if line.words[after] == "thang" and 1 <= count <= 31 and count == int(count) and line.words[at - 1] == "ngay":
        return _day_month(line, int(count), after, today)
    return _ahead(line, today, count, after)


READERS: dict[str, Reader] = {
    **dict.fromkeys("mot hai ba bon nam sau bay tam chin muoi nua".split(), _words_number),
    "thang": _thang, "th": _letter_month, "t": lambda line, at, today: _weekday_or_month(line, at, today),
    "quy": _quarter, "q": _quarter, "sang": _sang, "tuan": _tuan, "dau": _part, "giua": _part, "cuoi": _part,
    "trong": _within, "vong": _within, "noi": _within, "ngay": _ngay, "hom": _ngay, "mung": _mung, "mong": _mung, "ram": _ram,
    "tet": _tet, "thu": _thu, "chu": _thu, "cn": _thu, "ra": _ra, "chieu": _part_of_day, "toi": _part_of_day,
    "trua": _part_of_day, "noel": _any_feast, "giang": _any_feast, "trung": _any_feast, "gio": _any_feast, "ong": _any_feast,
    "vu": _any_feast, "doan": _any_feast, "quoc": _any_feast, "qua": lambda line, at, today: _sang(line, at, today),
}  # fmt: skip


def _weekday_or_month(line: Line, at: int, today: date) -> Base | None:
    """ "t6" is a Friday before "tuần" or "này", else June."""
    if not line.touches(at + 1):
        return None
    if line.words[at + 2] in ("tuan", "nay") and (found := _thu(line, at, today)):
        return found
    return _letter_month(line, at, today)
