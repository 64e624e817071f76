"""How much of one text stands in another, and what the other adds to it."""

import re

from domain.text import fold, plain

PHONE = re.compile(
    r"(?<!\d)(?:\+?84|0)(?:[\s.\-]?[\dx*]){8,10}(?!\d)|(?<!\d)(?:1800|1900)[\s.\-]?\d{4,6}", re.IGNORECASE
)
LINK = re.compile(
    r"(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|info|xyz|top|vip|vn|me|ly|cc|site|online|shop)\b(?:/\S*)?",
    re.IGNORECASE,
)
DAY = re.compile(r"(?<![\d/.])(\d{1,2})\s*[/.-]\s*(\d{1,2})(?:\s*[/.-]\s*\d{2,4})?(?![\d/])")
SPOKEN_DAY = re.compile(r"ngay\s+(\d{1,2})\s+thang\s+(\d{1,2})")


def share(part: str, whole: str, run: int = 2) -> float:
    """The share (0 to 1) of the word runs of `part` that stand in `whole`; case, diacritics and signs do not count."""
    wanted = _runs(plain(part).split(), run)
    if not wanted:
        return 0.0
    held = set(_runs(plain(whole).split(), run))
    return sum(item in held for item in wanted) / len(wanted)


def _runs(words: list[str], run: int) -> list[tuple[str, ...]]:
    return [tuple(words[at : at + run]) for at in range(len(words) - run + 1)]


def numbers_added(text: str, source: str) -> list[str]:
    """Phone numbers and links that stand in `text` but not in `source`."""
    known = re.sub(r"\D", "", source)
    phones = [found.group() for found in PHONE.finditer(text) if re.sub(r"\D", "", found.group()) not in known]
    links = [found.group() for found in LINK.finditer(text) if fold(found.group()) not in fold(source)]
    return [*phones, *links]


def days_named(text: str) -> set[tuple[int, int]]:
    """The (day, month) pairs that a text names in figures or words."""
    found = [*DAY.findall(text), *SPOKEN_DAY.findall(fold(text))]
    return {(int(day), int(month)) for day, month in found if 1 <= int(day) <= 31 and 1 <= int(month) <= 12}
