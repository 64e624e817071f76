"""The Vietnamese lunar calendar for UTC+7, by the astronomical rules (Meeus; after Hồ Ngọc Đức's description)."""

from datetime import date, timedelta
from functools import lru_cache
from math import floor, pi, sin

ZONE = 7 / 24
RADIAN = pi / 180


def _julian(day: date) -> int:
    return day.toordinal() + 1721425


@lru_cache(maxsize=512)
def _new_moon(k: int) -> int:
    """The Julian day number (UTC+7) of the k-th new moon after 1900-01-01."""
    t = k / 1236.85
    when = 2415020.75933 + 29.53058868 * k + 0.0001178 * t**2 - 0.000000155 * t**3
    when += 0.00033 * sin((166.56 + 132.87 * t - 0.009173 * t**2) * RADIAN)
    m = (359.2242 + 29.10535608 * k - 0.0000333 * t**2 - 0.00000347 * t**3) * RADIAN
    n = (306.0253 + 385.81691806 * k + 0.0107306 * t**2 + 0.00001236 * t**3) * RADIAN
    f = (21.2964 + 390.67050646 * k - 0.0016528 * t**2 - 0.00000239 * t**3) * RADIAN
    shift = (0.1734 - 0.000393 * t) * sin(m) + 0.0021 * sin(2 * m) - 0.4068 * sin(n) + 0.0161 * sin(2 * n)
    shift += -0.0004 * sin(3 * n) + 0.0104 * sin(2 * f) - 0.0051 * sin(m + n) - 0.0074 * sin(m - n)
    shift += 0.0004 * sin(2 * f + m) - 0.0004 * sin(2 * f - m) - 0.0006 * sin(2 * f + n) + 0.0010 * sin(2 * f - n)
    shift += 0.0005 * sin(2 * n + m)
    delta = -0.000278 + 0.000265 * t + 0.000262 * t**2
    return floor(when + shift - delta + 0.5 + ZONE)


def _sun(day: int) -> int:
    """Which twelfth of its road the sun stands in at local midnight (0 to 11)."""
    t = (day - 0.5 - ZONE - 2451545) / 36525
    m = (357.52910 + 35999.05030 * t - 0.0001559 * t**2) * RADIAN
    shift = (1.914600 - 0.004817 * t - 0.000014 * t**2) * sin(m)
    shift += (0.019993 - 0.000101 * t) * sin(2 * m) + 0.000290 * sin(3 * m)
    long = (280.46645 + 36000.76983 * t + 0.0003032 * t**2 + shift) % 360
    return int(long // 30)


def _eleventh(year: int) -> int:
    """The index of the new moon that opens the 11th lunar month of a year."""
    k = floor((_julian(date(year, 12, 31)) - 2415021) / 29.530588853)
    return k - 1 if _sun(_new_moon(k)) >= 9 else k


@lru_cache(maxsize=64)
def months(year: int) -> dict[int, date]:
    """The first solar day of each lunar month 1 to 12 of a lunar year (a leap month is not listed)."""
    found: dict[int, date] = {}
    for opening, wanted in ((year - 1, range(1, 11)), (year, (11, 12))):
        first, following = _eleventh(opening), _eleventh(opening + 1)
        leap = following - first == 13
        month, k, leapt = 11, first, False
        while k < following:
            start = _new_moon(k)
            if leap and not leapt and k > first and _sun(start) == _sun(_new_moon(k + 1)):
                leapt = True
            else:
                if k > first:
                    month = month % 12 + 1
                late = month in (11, 12)
                if month in wanted and late == (opening == year):
                    found[month] = date.fromordinal(start - 1721425)
            k += 1
    return found


def solar(year: int, month: int, day: int) -> date:
    """The solar date of a day of a lunar year; raises KeyError for a month outside 1 to 12."""
    return months(year)[month] + timedelta(days=day - 1)


def tet(year: int) -> date:
    """Mùng 1 Tết of a year."""
    return solar(year, 1, 1)


@lru_cache(maxsize=64)
def day_of_month(day: date) -> int:
    """Which day of its lunar month a solar day is: 1 to 30."""
    julian = _julian(day)
    k = floor((julian - 2415021) / 29.530588853)
    opening = max(start for start in (_new_moon(k - 1), _new_moon(k), _new_moon(k + 1)) if start <= julian)
    return julian - opening + 1
