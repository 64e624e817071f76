"""Deadlines as owners say them, read as periods of days."""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from domain.lunar import months, solar, tet
from domain.text import fold, nfc

NUMBERS = {"mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "sau": 6, "bay": 7, "tam": 8, "chin": 9, "muoi": 10,
           "muoi mot": 11, "muoi hai": 12}  # fmt: skip
COUNT = r"(\d{1,2}|muoi mot|muoi hai|mot|hai|ba|bon|tu|nam|sau|bay|tam|chin|muoi)"
YEAR = r"(?:\s*(?:/|-|nam|cua nam)?\s*(20\d\d)|\s*(nam sau|nam toi|sang nam|nam nay))?"
PART = r"(?:(dau|giua|cuoi)\s+)?"
RAW = re.compile(
    r"cang som cang tot|(?:can )?gap(?: lam)?|som nhat co the|(?:truoc|sau|dau|cuoi|trong|vao|kip|qua)?\s*\b(?:vu|mua)\s+"
    r"(?:na|hoi|hong|quyt|che|mua|toi|sau|nay|le|dao|mat|moi|thu hoach|thach|thach den|kho|lua|man|tet|he|dong|xuan|thu)\b"
    r"|(?:truoc|den|vao) (?:chinh vu|thu hoach)|vai thang(?: nua)?"
)
LEAD = re.compile(
    r"(?:(truoc)|(han|cham nhat|muon nhat|khong muon hon|den|toi|het)|(sau)|(tu))(?:\s+(?:la|khoang|tam|ngay|het|thang|vao|trong))*\s*$"
)
PAST = re.compile(r"^\s*(?:nam )?(?:ngoai|vua roi|vua qua|truoc)\b")


@dataclass(frozen=True)
class Period:
    """Days from `start` to `end` inclusive, None is open; `raw` is how it was said; both None: only the words are known."""

    start: date | None
    end: date | None
    raw: str

    def __str__(self) -> str:
        return f"{self.start or '..'}/{self.end or '..'}"


Span = tuple[date, date]
Reader = Callable[[re.Match[str], date], Span | None]


def _n(word: str) -> int:
    return int(word) if word.isdigit() else NUMBERS[word]


def _month(year: int, month: int, part: str | None = None) -> Span:
    last = monthrange(year, month)[1]
    first, end = {"dau": (1, 10), "giua": (11, 20), "cuoi": (21, last)}.get(part or "", (1, last))
    return date(year, month, first), date(year, month, end)


def _year_of(said: str | None, word: str | None, today: date) -> int | None:
    if said:
        return int(said)
    return today.year + (word != "nam nay") if word else None


def _of_month(found: re.Match[str], today: date) -> Span | None:
    part, first, last, said, word = found.groups()
    start = _n(first)
    end = _n(last) if last else start
    if not (1 <= start <= 12 and 1 <= end <= 12):
        return None
    year = _year_of(said, word, today)
    if year is None:
        year = today.year + (_month(today.year, start, part)[1] < today)
    return _month(year, start, part)[0], _month(year + (end < start), end, part)[1]


def _quarter(found: re.Match[str], today: date) -> Span | None:
    quarter = {"i": 1, "ii": 2, "iii": 3, "iv": 4}.get(found[1]) or _n(found[1])
    year = _year_of(found[2], found[3], today)
    if not 1 <= quarter <= 4:
        return None
    if year is None:
        year = today.year + (_month(today.year, quarter * 3)[1] < today)
    return _month(year, quarter * 3 - 2)[0], _month(year, quarter * 3)[1]


def _whole_year(found: re.Match[str], today: date) -> Span | None:
    part, said, word = found.groups()
    year = _year_of(said, word, today) or today.year
    first, last = {"dau": (1, 3), "giua": (5, 8), "cuoi": (10, 12)}.get(part or "", (1, 12))
    if not said and not word and _month(year, last)[1] < today:
        year += 1
    return _month(year, first)[0], _month(year, last)[1]


def _day(found: re.Match[str], today: date) -> Span | None:
    day, month, year = int(found[1]), int(found[2]), found[3]
    try:
        when = date(int(year) if year else today.year, month, day)
        if not year and when < today:
            when = date(today.year + 1, month, day)
    except ValueError:
        return None
    return when, when


def _lunar_day(found: re.Match[str], today: date) -> Span | None:
    day = 15 if found[1] is None else int(found[1])
    month = {"gieng": 1, "chap": 12}.get(found[2]) or _n(found[2])
    if not (1 <= month <= 12 and 1 <= day <= 30):
        return None
    when = next(w for w in (solar(today.year + n, month, day) for n in (-1, 0, 1)) if w >= today)
    return when, when


def _lunar_month(found: re.Match[str], today: date) -> Span | None:
    month = 1 if found[1] == "gieng" else 12
    for year in (today.year - 1, today.year, today.year + 1):
        start = months(year)[month]
        end = (months(year)[2] if month == 1 else tet(year + 1)) - timedelta(days=1)
        if end >= today:
            return start, end
    return None


def _tet(found: re.Match[str], today: date) -> Span | None:
    when = tet(today.year) if tet(today.year) >= today else tet(today.year + 1)
    return when, when


def _fixed(day: int, month: int) -> Reader:
    def read(found: re.Match[str], today: date) -> Span | None:
        when = date(today.year, month, day)
        when = when if when >= today else date(today.year + 1, month, day)
        return when, when

    return read


def _near(found: re.Match[str], today: date) -> Span | None:
    unit, which = found[1], found[2]
    step = 0 if which == "nay" else 1
    if unit == "tuan":
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=step)
        return monday, monday + timedelta(days=6)
    month = today.month + step
    return _month(today.year + (month > 12), (month - 1) % 12 + 1)


def _later(today: date, count: int, unit: str) -> date:
    if unit in ("ngay", "hom"):
        return today + timedelta(days=count)
    if unit == "tuan":
        return today + timedelta(weeks=count)
    month = today.month - 1 + count * (12 if unit == "nam" else 1)
    year, month = today.year + month // 12, month % 12 + 1
    return date(year, month, min(today.day, monthrange(year, month)[1]))


def _within(found: re.Match[str], today: date) -> Span | None:
    return today, _later(today, _n(found[1]), found[2])


def _this_end(found: re.Match[str], today: date) -> Span | None:
    return _month(today.year, today.month, "cuoi")


def _soon(found: re.Match[str], today: date) -> Span | None:
    when = today + timedelta(days={"nay": 0, "mai": 1}.get(found[1], 2))
    return when, when


READERS: tuple[tuple[re.Pattern[str], Reader], ...] = tuple(
    (re.compile(rf"\b(?:{pattern})(?!\w)"), reader)
    for pattern, reader in (
        (r"quy\s*(iv|iii|ii|i|[1-4]|mot|hai|ba|bon|tu)" + YEAR, _quarter),
        (r"(?:mung|mong)\s*(\d{1,2})\s*(?:thang|/)\s*(gieng|chap|\d{1,2})(?:\s*am(?: lich)?)?", _lunar_day),
        (r"(?:ngay\s*)?(\d{1,2})\s*(?:thang|/)\s*(gieng|chap|\d{1,2})\s*am(?: lich)?", _lunar_day),
        (r"ram()?\s*thang\s*(gieng|chap|" + COUNT[1:-1] + ")", lambda f, t: _lunar_day(re.match("(x)?(.*)", f[2]) or f, t)),
        (r"thang\s*(gieng|chap)", _lunar_month),
        (PART + r"(?<!\d )(?<!\d)thang\s*" + COUNT + r"(?:\s*(?:-|den|toi|den thang|hoac)\s*(?:thang\s*)?" + COUNT + ")?" + YEAR, _of_month),
        (r"(?:ngay\s*)?(\d{1,2})\s*(?:/|-|thang)\s*(\d{1,2})(?:\s*(?:/|-|nam)\s*(20\d\d))?(?!\s*(?:nguoi|kg|tan|ta\b|/))", _day),
        (PART + r"(?:thang\s*)?(\d{1,2})()\s*/\s*(20\d\d)()", _of_month),
        (r"(?:trong|khoang|tam|vong)\s+(?:vong\s+|khoang\s+)?" + COUNT + r"\s+(thang|tuan|ngay|nam)(?: nua| toi)?", _within),
        (COUNT + r"\s+(thang|tuan|ngay|nam) (?:nua|toi)", _within),
        (r"(tuan|thang) (nay|sau|toi)", _near),
        (r"(?:dau|giua|cuoi)?\s*trung thu", lambda f, t: _lunar_day(re.match("(x)?(8)", "8") or f, t)),
        (r"tet(?: duong lich| tay)", _fixed(1, 1)),
        (r"(?:noel|giang sinh)", _fixed(25, 12)),
        (r"tet(?! trung thu)(?: nguyen dan| am(?: lich)?| ta| nay| toi)?", _tet),
        (r"cuoi thang(?: nay)?", _this_end),
        (PART + r"(?:trong )?nam\s+(20\d\d)()", _whole_year),
        (PART + r"()(nam sau|nam toi|sang nam|nam nay)", _whole_year),
        (r"(dau|giua|cuoi) nam()()", _whole_year),
        (r"(?:ngay |hom )(mai|nay|kia|mot)", _soon),
    )
)  # fmt: skip


def find_periods(text: str, today: date) -> list[tuple[Period, int, int]]:
    """The periods a text names, clipped to `today`, each with its place; past ones are left out."""
    composed = nfc(text)
    folded = fold(composed)
    taken: list[tuple[int, int]] = []
    found: list[tuple[Period, int, int]] = []
    for pattern, reader in READERS:
        for match in pattern.finditer(folded):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            span = reader(match, today)
            if span is None or PAST.match(folded[match.end() :]):
                continue
            taken.append(match.span())
            start = match.start()
            lead = LEAD.search(folded[:start])
            start = lead.start() if lead else start
            period = _led(span, lead, composed[start : match.end()], folded[match.start() : match.end()], today)
            if period is not None:
                found.append((period, start, match.end()))
    return sorted(found, key=lambda row: row[1])


def _led(span: Span, lead: re.Match[str] | None, raw: str, said: str, today: date) -> Period | None:
    first, last = span
    if last < today and not (lead and (lead[3] or lead[4])):
        return None
    if lead and lead[1]:
        end = last if said.startswith("cuoi") else first - timedelta(days=1)
        return Period(None, end, raw) if end >= today else None
    if lead and lead[2]:
        return Period(None, last, raw)
    if lead and lead[3]:
        return Period(max(today, last + timedelta(days=1)), None, raw)
    if lead and lead[4]:
        return Period(max(today, first), None, raw)
    return Period(max(today, first), last, raw)


def find_raw(text: str) -> str | None:
    """Words of time that give no date ("trước vụ na", "càng sớm càng tốt"), as typed."""
    composed = nfc(text)
    found = RAW.search(fold(composed))
    return composed[found.start() : found.end()].strip() if found else None


def period_words(period: Period) -> str:
    """For example "tháng 6/2027", "trước 01/06/2027", "năm 2027"."""
    start, end = period.start, period.end
    if start is None and end is None:
        return period.raw
    if start is None and end is not None:
        return f"chậm nhất {end:%d/%m/%Y}"
    if start is not None and end is None:
        return f"từ {start:%d/%m/%Y}"
    assert start is not None
    assert end is not None
    if start == end:
        return f"{start:%d/%m/%Y}"
    if (start, end) == _month(start.year, start.month):
        return f"tháng {start.month}/{start.year}"
    if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31) and start.year == end.year:
        return f"năm {start.year}"
    return f"{start:%d/%m/%Y} - {end:%d/%m/%Y}"
