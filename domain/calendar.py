"""Days, weeks, months, quarters as spans of dates, counted from a reference day."""

from calendar import monthrange
from datetime import date, timedelta

from domain.lunar import months, solar, tet

Days = tuple[date, date]
PARTS = {"dau": (1, 10), "giua": (11, 20), "cuoi": (21, 31)}
YEAR_PARTS = {"dau": (1, 3), "giua": (5, 8), "cuoi": (10, 12)}


def month(year: int, number: int, part: str | None = None) -> Days:
    """A month, or its days 1-10, 11-20, 21-end ("dau", "giua", "cuoi")."""
    last = monthrange(year, number)[1]
    first, end = PARTS.get(part or "", (1, last))
    return date(year, number, first), date(year, number, min(end, last))


def coming_month(today: date, number: int, part: str | None = None) -> Days:
    """The nearest such month (or part) that is not over."""
    return month(today.year + (month(today.year, number, part)[1] < today), number, part)


def shifted_month(today: date, step: int, part: str | None = None) -> Days:
    """This month (step 0), the next (1), or its part."""
    at = today.year * 12 + today.month - 1 + step
    return month(at // 12, at % 12 + 1, part)


def coming_part_of_month(today: date, part: str) -> Days:
    """The nearest "đầu tháng", "giữa tháng" or "cuối tháng"."""
    here = shifted_month(today, 0, part)
    return here if here[1] >= today else shifted_month(today, 1, part)


def quarter(year: int, number: int, part: str | None = None) -> Days:
    """A quarter, or its first, middle or last month."""
    first = number * 3 - 2
    if part:
        return month(year, first + {"dau": 0, "giua": 1, "cuoi": 2}[part])
    return month(year, first)[0], month(year, first + 2)[1]


def coming_quarter(today: date, number: int, part: str | None = None) -> Days:
    """The nearest such quarter that is not over."""
    return quarter(today.year + (quarter(today.year, number, part)[1] < today), number, part)


def shifted_quarter(today: date, step: int, part: str | None = None) -> Days:
    """This quarter (0) or a later one."""
    at = today.year * 4 + (today.month - 1) // 3 + step
    return quarter(at // 4, at % 4 + 1, part)


def half(year: int, which: str) -> Days:
    """The first ("dau") or second half of a year."""
    return (date(year, 1, 1), date(year, 6, 30)) if which == "dau" else (date(year, 7, 1), date(year, 12, 31))


def year_part(year: int, part: str | None) -> Days:
    """A year; its beginning is January to March, its middle May to August, its end October to December."""
    first, last = YEAR_PARTS.get(part or "", (1, 12))
    return month(year, first)[0], month(year, last)[1]


def coming_year_part(today: date, part: str) -> Days:
    """The nearest such part of a year that is not over."""
    return year_part(today.year + (year_part(today.year, part)[1] < today), part)


def week(today: date, step: int, part: str | None = None) -> Days:
    """Monday to Sunday of this week (0) or a later one; its beginning, middle or end (Saturday, Sunday)."""
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=step)
    first, last = {"dau": (0, 1), "giua": (2, 3), "cuoi": (5, 6)}.get(part or "", (0, 6))
    return monday + timedelta(days=first), monday + timedelta(days=last)


def weekday(today: date, number: int, step: int | None) -> Days:
    """Monday is 0; in the week `step` from this one, or the nearest from today on."""
    if step is None:
        day = today + timedelta(days=(number - today.weekday()) % 7)
    else:
        day = week(today, step)[0] + timedelta(days=number)
    return day, day


def day(today: date, number: int, month_number: int, year: int | None) -> Days | None:
    """A solar date, the nearest coming one without a year; None when there is no such day."""
    try:
        when = date(year or today.year, month_number, number)
        if year is None and when < today:
            when = date(today.year + 1, month_number, number)
    except ValueError:
        return None
    return when, when


def day_of_month(today: date, number: int) -> Days | None:
    """The nearest coming day with this number."""
    for step in range(3):
        first, last = shifted_month(today, step)
        if number <= last.day and (when := first.replace(day=number)) >= today:
            return when, when
    return None


def lunar_day(today: date, number: int, month_number: int, year: int | None = None) -> Days | None:
    """A day of the lunar calendar (UTC+7), the nearest coming one without a year."""
    if not (1 <= month_number <= 12 and 1 <= number <= 30):
        return None
    years = (year,) if year else (today.year - 1, today.year, today.year + 1)
    for tried in years:
        when = solar(tried, month_number, number)
        if year or when >= today:
            return when, when
    return None


def lunar_month(today: date, number: int, part: str | None = None) -> Days | None:
    """A month of the lunar calendar, the nearest that is not over; parts are its days 1-10, 11-20, 21-end."""
    if not 1 <= number <= 12:
        return None
    for year in (today.year - 1, today.year, today.year + 1):
        first = months(year)[number]
        after = months(year)[number + 1] if number < 12 else tet(year + 1)
        begin, end = PARTS.get(part or "", (1, 40))
        span = first + timedelta(days=begin - 1), min(first + timedelta(days=end - 1), after - timedelta(days=1))
        if span[1] >= today:
            return span
    return None


def coming_tet(today: date, year: int | None = None) -> Days:
    """Mùng 1 Tết of a year, or the nearest coming one."""
    when = tet(year) if year else next(t for t in (tet(today.year), tet(today.year + 1)) if t >= today)
    return when, when


def later(today: date, count: float, unit: str) -> date:
    """The day so many "ngay", "tuan", "thang" or "nam" from a day; a negative count goes back, a half is 15 days or 6 months."""
    whole = int(count)
    rest = count - whole
    if unit == "ngay":
        return today + timedelta(days=round(count))
    if unit == "tuan":
        return today + timedelta(days=round(count * 7))
    steps = whole * 12 + round(rest * 12) if unit == "nam" else whole
    at = today.year * 12 + today.month - 1 + steps
    last = monthrange(at // 12, at % 12 + 1)[1]
    made = date(at // 12, at % 12 + 1, min(today.day, last))
    return made + timedelta(days=round(rest * 30)) if unit == "thang" else made
