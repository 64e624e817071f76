"""Reads names of single days: 15/3, ngày 20, rằm tháng giêng, thứ 5 tuần sau, sáng mai, 28 Tết."""

import re
from datetime import date

from domain import calendar
from domain.bases import (
    AFTER_NEXT,
    EACH,
    LUNAR,
    NEXT,
    SOLAR,
    THIS,
    YEARS,
    Base,
    measures,
    skip,
    whole,
    year_at,
)  # fmt: skip
from domain.line import Line, Phrases, phrases
from domain.units import unit_at

WEEKDAYS = {2: 0, 3: 1, 4: 2, 5: 3, 6: 4, 7: 5}
NOUNS_OF_DOCUMENTS = frozenset(
    "dinh nd qd tt nq so luat qcvn tcvn van kh hieu ngo ngach duong iso haccp nha lo hem ktx trl khoan dieu ty".split()
)
SHARES_OF = frozenset("hong mat hao chet loi bo thieu thua con duoc vo nat thoi".split())  # "hỏng 1/5" is a fifth
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


def day_named(line: Line, at: int, today: date) -> Base | None:
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
            return (full_moon if line.words[at + 1] == "ram" else first_days)(line, at + 1, today)
        named = whole(line, at + 1, 31)
        return day_month(line, named[0], named[1], today) if named else None
    dated = day_in_figures(line, at + 1, today, led=True)
    if dated is not None:
        return dated
    named = whole(line, at + 1, 31)
    if named is None or measures(line, at + 1, named[1]) or line.words[named[1]] in ("/", "-", "den"):
        return None
    days = calendar.day_of_month(today, named[0])
    return Base(days, skip(line, named[1], THIS, NEXT)) if days else None


def day_month(line: Line, day: int, at: int, today: date, led: bool = True) -> Base | None:
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
    named = (lunar_name, here + 1) if lunar_name else whole(line, here, 12)
    if named is None:
        return None
    after = named[1]
    lunar = LUNAR.begins(line, after)
    if lunar_name or lunar:
        days = calendar.lunar_day(today, day, named[0])
        return Base(days, lunar[1] if lunar else after) if days else None
    year, after = year_at(line, after, today)
    days = calendar.day(today, day, named[0], year)
    after = skip(line, after, SOLAR)
    return Base(days, after, fixed=year is not None) if days else None


def first_days(line: Line, at: int, today: date) -> Base | None:
    """ "mùng 10 tháng 3 âm", "mùng 1 Tết", "mùng 5/3"."""
    named = whole(line, at + 1, 10)
    if named is None:
        return None
    if line.words[named[1]] == "tet":
        year, after = year_at(line, named[1] + 1, today)
        days = calendar.lunar_day(today, named[0], 1, year)
        return Base(days, after) if days else None
    return day_month(line, named[0], named[1], today)


def full_moon(line: Line, at: int, today: date) -> Base | None:
    if line.said[at] not in ("rằm", "ram"):
        return None
    here = at + 1
    if line.words[here] == "trung" and line.words[here + 1] == "thu":
        days = calendar.lunar_day(today, 15, 8)
        return Base(days, here + 2) if days else None
    if line.words[here] != "thang":
        return None
    name = {"gieng": 1, "chap": 12}.get(line.words[here + 1])
    named = (name, here + 2) if name else whole(line, here + 1, 12)
    days = calendar.lunar_day(today, 15, named[0]) if named else None
    if named is None or days is None:
        return None
    return Base(days, skip(line, named[1], LUNAR))


def new_year(line: Line, at: int, today: date) -> Base | None:
    if (feast := FEASTS.begins(line, at)) is not None:
        return _feast(feast, today)
    found = TET.begins(line, at)
    goods = line.words[at - 1] in TET_GOODS and line.said[at - 1] != "qua" and line.words[at - 2] not in ("de", "kip")
    if found is None or goods:
        return None
    year, after = year_at(line, found[1], today)
    return Base(calendar.coming_tet(today, year), after, silent=True, fixed=year is not None)


def _feast(found: tuple[tuple[str, int, int], int], today: date) -> Base | None:
    (kind, day, month), after = found
    days = calendar.day(today, day, month, None) if kind == "solar" else calendar.lunar_day(today, day, month)
    return Base(days, after, silent=True) if days else None


def feast(line: Line, at: int, today: date) -> Base | None:
    found = FEASTS.begins(line, at)
    return _feast(found, today) if found else None


def weekday(line: Line, at: int, today: date) -> Base | None:
    """ "thứ 5 tuần sau", "chủ nhật", "thứ hai tới"."""
    if line.words[at] == "chu":
        if line.words[at + 1] != "nhat":
            return None
        number, after = 6, at + 2
    elif line.words[at] == "cn":
        if line.words[at + 1] not in ("tuan", "nay", "toi", "sau") and line.words[at - 1] not in LED_BY:
            return None
        number, after = 6, at + 1
    else:
        if line.said[at] not in ("thứ", "thu", "t") or (line.words[at] == "t" and not line.touches(at + 1)):
            return None
        if line.said[at] == "thu" and (line.marked or line.words[at - 1] in ("doanh", "vu", "mua")):
            return None
        named = whole(line, at + 1, 7)
        if named is None or named[0] not in WEEKDAYS:
            return None
        number, after = WEEKDAYS[named[0]], named[1]
        if measures(line, at + 1, after):
            return None
    dated = after + 1 if line.words[after] in (",", "ngay", "(") else after
    if line.tokens[dated].value is not None if dated < line.size else False:  # "thứ ba 1/12": the date is surer
        if (exact := day_in_figures(line, dated, today, led=True)) and exact.days[0] == exact.days[1]:
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


def part_of_day(line: Line, at: int, today: date) -> Base | None:
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


def day_in_figures(line: Line, at: int, today: date, led: bool = False) -> Base | None:
    """Days that begin with digits: 15/3/2027, 15.3.2027, 15 tháng 3, 28 Tết; also the month 6/2027."""
    word = line.words[at]
    if (dotted := DOTTED_DAY.fullmatch(word)) is not None:
        year = int(dotted[3]) + (2000 if len(dotted[3]) == 2 else 0)
        days = calendar.day(today, int(dotted[1]), int(dotted[2]), year)
        return Base(days, at + 1, fixed=True) if days else None
    value = line.value(at)
    if value is None or value != int(value):
        return None
    follow = line.words[at + 1]
    if follow in ("/", "-"):
        return slashed(line, at, today, led)
    if not 1 <= value <= 31 or len(word) > 2:
        return None
    if follow == "thang" or (follow == "t" and line.touches(at + 1) and line.touches(at + 2)):
        dated = day_month(line, int(value), at + 1, today)
        return dated if dated is not None and not measures(line, at + 2, at + 3) else None
    if follow == "tet" and value >= 20:
        days = calendar.lunar_day(today, int(value), 12)
        return Base(days, at + 2) if days else None
    return None


def slashed(line: Line, at: int, today: date, led: bool = False) -> Base | None:
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
        or words[at - 1] in SHARES_OF
        or words[at - 2] == "so"
        or words[at - 2] == "thong"
    ):
        return None
    first, second = int(left), int(right)
    if len(words[at]) == 4 and 2000 <= first <= 2100 and words[at + 3] == sign:  # 2026-12-20
        last = line.value(at + 4) or 0
        days = calendar.day(today, int(last), second, first) if last == int(last) else None
        return Base(days, at + 5, fixed=True) if days else None
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
