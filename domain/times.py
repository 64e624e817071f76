"""Reads one name of a time ("đầu tháng 3", "quý 2/2027", "2 tháng nữa", "15/3") at one place of a message."""

from collections.abc import Callable
from datetime import date

from domain import calendar
from domain.bases import (
    AFTER_NEXT,
    EACH,
    LUNAR,
    NEXT,
    PART_WORDS,
    THIS,
    YEARS,
    Base,
    count,
    measures,
    skip,
    whole,
    year_at,
)  # fmt: skip
from domain.days import (
    day_in_figures,
    day_month,
    day_named,
    feast,
    first_days,
    full_moon,
    new_year,
    part_of_day,
    slashed,
    weekday,
)
from domain.line import Line
from domain.numbers import HALF
from domain.units import unit_at

Reader = Callable[[Line, int, date], Base | None]
LUNAR_PARTS = {"dau": 1, "giua": 6, "cuoi": 12}  # the month that "cuối năm âm lịch" means
SEASONS = {"xuân": (2, 4), "xuan": (2, 4), "hè": (5, 8), "he": (5, 8), "thu": (8, 10), "đông": (11, 1), "dong": (11, 1)}
ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
YEAR_LEADS = frozenset("truoc trong het vao den sau han tu".split())
UNITS = {"ngay": "ngay", "hom": "ngay", "tuan": "tuan", "thang": "thang", "nam": "nam"}


def base_at(line: Line, at: int, today: date) -> Base | None:
    """The time that is named from a token on; None when none is, or when it is over."""
    word = line.words[at]
    if line.value(at) is not None or word[:1].isdigit():
        return _from_number(line, at, today)
    reader = READERS.get(word)
    return reader(line, at, today) if reader is not None else None


def month(line: Line, at: int, today: date, part: str | None = None) -> Base | None:
    """ "tháng 3", "tháng 3-4/2027", "tháng giêng", "tháng sau"; a part stands before it."""
    words = line.words
    ends = part == "cuoi"
    here = at + 1
    if words[here] in ("gieng", "chap"):
        days = calendar.lunar_month(today, 1 if words[here] == "gieng" else 12, part)
        return Base(days, here + 1, ends) if days else None
    if found := AFTER_NEXT.begins(line, here):
        return Base(calendar.shifted_month(today, 2, part), found[1], ends)
    june = line.said[here] == "sau" and words[here + 1] == "nam" and (line.value(here + 2) or 0) >= 2000
    if not june and (found := NEXT.begins(line, here)):  # "thang sau nam 2027" is June
        return Base(calendar.shifted_month(today, 1, part), found[1], ends)
    if found := THIS.begins(line, here):
        return Base(calendar.shifted_month(today, 0, part), found[1], ends, silent=part is None)
    named = whole(line, here, 12)
    if named is None or line.words[at - 1] in EACH:
        return Base(calendar.coming_part_of_month(today, part), here, ends) if part and named is None else None
    number, after = named
    if measures(line, here, after):
        return None
    if lunar := LUNAR.begins(line, after):
        days = calendar.lunar_month(today, number, part)
        return Base(days, lunar[1], ends) if days else None
    after = skip(line, after, THIS)
    last, after = _last_month(line, after, number)
    year, after = year_at(line, after, today)
    after = skip(line, after, THIS, NEXT)
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
    found = whole(line, here, 12)
    if (
        found is None
        or measures(line, here, found[1])
        or (line.words[found[1]] in ("/", "-") and line.words[here - 1] != "thang")
    ):
        if found is None or line.words[found[1]] != "/" or (line.value(found[1] + 1) or 0) < 2000:
            return first, at
    return (found[0], found[1]) if found[0] != first else (first, at)


def month_named(line: Line, at: int, today: date) -> Base | None:
    if line.value(at - 1) is not None and line.words[at - 2] not in ("ngay", "mung", "mong", ",", "\n", ".", ""):
        return None
    return month(line, at, today)


def letter_month(line: Line, at: int, today: date) -> Base | None:
    """ "t3/2027", "T12", "th6"."""
    if not line.touches(at + 1):
        return None
    named = whole(line, at + 1, 12)
    if named is None or measures(line, at + 1, named[1]):
        return None
    return month(line, at, today)


def quarter(line: Line, at: int, today: date, part: str | None = None) -> Base | None:
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
        year, after = year_at(line, here + 1, today)
        number = 1 if words[here] == "dau" else 4
        after = max(after, here + 2)
        return Base(calendar.quarter(year, number) if year else calendar.coming_quarter(today, number), after)
    number_at = ROMAN.get(words[here])
    named = (number_at, here + 1) if number_at else whole(line, here, 4)
    if named is None or measures(line, here, named[1]):
        return None
    number, after = named
    last = number
    step = after + 2 if words[after + 1] == "quy" else after + 1
    if words[after] in ("-", "hoac", ",", "hay", "va", "den", "toi") and (
        second := ((ROMAN[words[step]], step + 1) if words[step] in ROMAN else whole(line, step, 4))
    ):
        if second[0] > number and (step == after + 2 or words[after] in ("-", "hoac")):
            last, after = second
    year, after = year_at(line, after, today)
    after = skip(line, after, THIS, NEXT)
    days = calendar.quarter(year, number, part) if year else calendar.coming_quarter(today, number, part)
    end = calendar.quarter(days[0].year, last, part)[1]
    return Base((days[0], end), after, ends, fixed=year is not None)


def year_named(line: Line, at: int, today: date, part: str | None = None) -> Base | None:
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
    if (lunar := LUNAR.begins(line, at + 1)) and (days := calendar.lunar_month(today, LUNAR_PARTS[part])):
        return Base(days, lunar[1], ends)
    return Base(calendar.coming_year_part(today, part), at + 1, ends)


def coming_year(line: Line, at: int, today: date) -> Base | None:
    found = YEARS.begins(line, at)
    if found is None:
        return part_of_day(line, at, today)
    year = today.year + found[0]
    part = PART_WORDS.get(line.said[found[1]])
    if part and line.words[found[1] + 1] == "nam":
        return Base(calendar.year_part(year, part), found[1] + 2)
    if line.words[found[1]] == "thang" and (named := whole(line, found[1] + 1, 12)):
        return Base(calendar.month(year, named[0]), named[1], fixed=True)
    return Base(calendar.year_part(year, None), found[1])


def week(line: Line, at: int, today: date, part: str | None = None) -> Base | None:
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


SEASON_LEADS = frozenset(
    "truoc trong vao dau cuoi den toi kip tu sau cho giua qua het dip khoang tam la can khi".split()
)


def season(line: Line, at: int, today: date) -> Base | None:
    """ "mùa hè", "hè sang năm", "cuối hè năm sau" without its part: the months in the north."""
    here = at + 1 if line.words[at] == "mua" else at
    months = SEASONS.get(line.said[here])
    if months is None or (here == at and line.words[at - 1] in ("via", "mua")):
        return None
    year, after = year_at(line, here + 1, today)
    if here != at and year is None and line.words[after] != "nay" and line.words[at - 1].isalpha():
        if line.words[at - 1] not in SEASON_LEADS:
            return None  # "thiếu cỏ mùa đông" tells what goes wrong, not when
    if here == at and year is None and line.words[here + 1] != "nay":
        return None  # a bare "hè" or "đông" may be anything
    first, last = months
    begins = year if year is not None else today.year + (calendar.month(today.year, last)[1] < today and first <= last)
    return Base(
        (calendar.month(begins, first)[0], calendar.month(begins + (last < first), last)[1]), skip(line, after, THIS)
    )


def part(line: Line, at: int, today: date) -> Base | None:
    """ "đầu", "giữa", "cuối" before a month, quarter, year, week."""
    part = PART_WORDS.get(line.said[at])
    if part is None:
        return None
    here = at + 1
    word = line.words[here]
    if word == "thang":
        return month(line, here, today, part)
    if word in ("t", "th") and line.touches(here + 1):
        return month(line, here, today, part)
    if word in ("quy", "q"):
        return quarter(line, here, today, part)
    if word == "nam":
        return year_named(line, here, today, part)
    if word == "tuan":
        return week(line, here, today, part)
    if found := YEARS.begins(line, here):
        return Base(calendar.year_part(today.year + found[0], part), found[1], part == "cuoi")
    value = line.value(here)
    if value is not None and len(line.words[here]) == 4 and 2000 <= value <= 2100:
        return Base(calendar.year_part(int(value), part), here + 1, part == "cuoi", fixed=True)
    if value is not None and (dated := slashed(line, here, today)) and dated.days[0].day == 1 != dated.days[1].day:
        first = dated.days[0]
        return Base(calendar.month(first.year, first.month, part), dated.after, part == "cuoi", fixed=True)
    return None


def half(line: Line, at: int, today: date) -> Base | None:
    """ "nửa đầu năm sau", "nửa cuối tháng 3", "nửa tháng nữa"."""
    if line.said[at] not in HALF:
        return None
    if line.words[at + 1] in UNITS and line.words[at + 2] in ("nua", "toi"):
        return ahead(line, today, 0.5, at + 1)
    part = PART_WORDS.get(line.said[at + 1])
    if part in ("dau", "cuoi") and line.words[at + 2] == "nam":
        return half_year(line, at + 2, today, part)
    if part in ("dau", "cuoi") and line.words[at + 2] == "thang":
        whole = month(line, at + 2, today) or Base(calendar.shifted_month(today, 0), at + 3)
        first, last = whole.days
        days = (first, first.replace(day=15)) if part == "dau" else (first.replace(day=16), last)
        return Base(days, whole.after, part == "cuoi")
    return None


def half_year(line: Line, at: int, today: date, which: str) -> Base:
    year, after = year_at(line, at, today)
    if year is None:
        year, after = year_at(line, at + 1, today)
    if year is None:
        year, after = today.year + (calendar.half(today.year, which)[1] < today), at + 1
    return Base(calendar.half(year, which), max(after, at + 1), which == "cuoi")


def ahead(line: Line, today: date, count: float, at: int, loose: bool = False) -> Base | None:
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


def within_time(line: Line, at: int, today: date) -> Base | None:
    """ "trong 2 tháng", "trong vòng 10 ngày"."""
    here = at
    while line.words[here] in ("trong", "vong", "khoang", "tam", "noi", "chung", "toi", "da"):
        here += 1
    if line.words[at] in ("khoang", "tam") or here == at:
        return None
    counted = count(line, here)
    if counted is None:
        return None
    return ahead(line, today, counted[0], counted[1], loose=True)


def lunar_spring(line: Line, at: int, today: date) -> Base | None:
    """ "ra giêng"."""
    if line.words[at + 1] != "gieng":
        return None
    days = calendar.lunar_month(today, 1)
    return Base(days, at + 2) if days else None


def _from_number(line: Line, at: int, today: date) -> Base | None:
    """Times that begin with digits: 15/3/2027, 6/2027, 15 tháng 3, 2 tháng nữa, 28 Tết, 2027."""
    if (dated := day_in_figures(line, at, today)) is not None:
        return dated
    words, value = line.words, line.value(at)
    if value is None or value != int(value) or words[at + 1] == "/":
        return None
    follow = words[at + 1]
    if value == 6 and follow == "thang" and words[at + 2] in ("dau", "cuoi") and words[at + 3] == "nam":
        return half_year(line, at + 3, today, words[at + 2])
    if follow in UNITS or follow in ("-", "den"):
        counted = count(line, at)
        return ahead(line, today, counted[0], counted[1]) if counted else None
    if len(words[at]) == 4 and 2020 <= value <= 2100 and words[at - 1] in YEAR_LEADS and not unit_at(line, at + 1):
        return Base(calendar.year_part(int(value), None), at + 1, fixed=True)
    return None


def _words_number(line: Line, at: int, today: date) -> Base | None:
    """ "hai tháng nữa", "sáu tháng đầu năm", "ba mươi tháng tư"."""
    if line.words[at] == "nam":
        found = year_named(line, at, today)
        if found is not None:
            return found
    if line.words[at] == "nua":
        return half(line, at, today)
    counted = count(line, at)
    if counted is None:
        return None
    number, after = counted
    words = line.words
    if number == 6 and words[after] == "thang" and words[after + 1] in ("dau", "cuoi") and words[after + 2] == "nam":
        return half_year(line, after + 2, today, words[after + 1])
    if words[after] == "thang" and 10 <= number <= 31 and (dated := day_month(line, int(number), after, today)):
        return dated
    return ahead(line, today, number, after)


def _tomorrow(line: Line, at: int, today: date) -> Base | None:
    """ "mai" alone; among other words it is a name or a flower."""
    if line.size > 1:
        return None
    day = calendar.later(today, 1, "ngay")
    return Base((day, day), at + 1)


def _weekday_or_month(line: Line, at: int, today: date) -> Base | None:
    """ "t6" is a Friday before "tuần" or "này", else June."""
    if not line.touches(at + 1):
        return None
    if line.words[at + 2] in ("tuan", "nay") and (found := weekday(line, at, today)):
        return found
    return letter_month(line, at, today)


READERS: dict[str, Reader] = {
    **dict.fromkeys("mot hai ba bon nam sau bay tam chin muoi nua".split(), _words_number),
    **dict.fromkeys("dau giua cuoi".split(), part),
    **dict.fromkeys("trong vong noi".split(), within_time),
    **dict.fromkeys("chieu toi trua".split(), part_of_day),
    **dict.fromkeys("noel giang trung gio ong vu doan quoc".split(), feast),
    **dict.fromkeys("thu chu cn".split(), weekday),
    "mua": season, "he": season, "xuan": season, "dong": season,
    "thang": month_named, "th": letter_month, "t": _weekday_or_month, "quy": quarter, "q": quarter, "sang": coming_year,
    "qua": coming_year, "tuan": week, "ngay": day_named, "hom": day_named, "mung": first_days, "mong": first_days,
    "mai": _tomorrow, "ram": full_moon, "tet": new_year, "ra": lunar_spring,
}  # fmt: skip
