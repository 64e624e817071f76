"""What all names of times are made of: small numbers, years, words like "sau" or "này"."""

from datetime import date
from typing import NamedTuple

from domain.calendar import Days
from domain.line import Line, Phrases, phrases, spellings
from domain.numbers import DIGITS, HALF, read_number
from domain.units import unit_at

PART_WORDS = spellings({"đầu": "dau", "giữa": "giua", "cuối": "cuoi"})
NEXT = phrases("sau|tới|sắp tới|kế|kế tiếp|tiếp theo|tiếp|này tới")
AFTER_NEXT = phrases("sau nữa|tới nữa")
THIS = phrases("này")
YEARS = Phrases(
    {"năm sau nữa": 2, "năm sau|năm tới|sang năm|sang năm tới|năm sau này|qua năm|nsau": 1, "năm nay|năm này": 0}
)
LUNAR = phrases("âm lịch|âm|al|ta|lịch ta|lịch âm")
SOLAR = phrases("dương lịch|dương|dl|tây|lịch tây")
EACH = frozenset("moi hang mot ca / 1 nua hằng may vai".split())


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


def count(line: Line, at: int) -> tuple[float, int] | None:
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


def whole(line: Line, at: int, most: int) -> tuple[int, int] | None:
    """A whole number from 1 to `most` in digits or words."""
    value = line.value(at)
    if line.said[at] in ("tư", "tu"):  # tháng tư, thứ tư
        return 4, at + 1
    if value is None:
        found = read_number(line, at)
        if found is None or found.scaled or not 1 <= found.value <= most or found.value != int(found.value):
            return None
        return int(found.value), found.after
    return (int(value), at + 1) if 1 <= value <= most and value == int(value) and len(line.words[at]) <= 2 else None


def year_at(line: Line, at: int, today: date) -> tuple[int | None, int]:
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


def skip(line: Line, at: int, *tables: Phrases[bool]) -> int:
    for table in tables:
        if found := table.begins(line, at):
            return found[1]
    return at


def measures(line: Line, at: int, after: int) -> bool:
    """Whether a number behind "tháng" or "ngày" measures something ("tháng 3 tấn")."""
    if unit := unit_at(line, after):
        return not (line.words[after] in ("can", "lo", "bo", "dau", "con") and unit[0] in ("kg", "lọ", "bộ", "con"))
    if line.words[after] == "-":
        return line.value(after + 1) is not None and unit_at(line, after + 2) is not None
    return line.words[after] in ("tr", "trieu", "ty", "k", "nguoi", "%", "nghin", "tram", "chuc", "lan")
