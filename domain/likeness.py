"""How much of one text stands in another, what the other adds to it, which of many texts are alike."""

import re
from collections import Counter
from collections.abc import Mapping
from itertools import combinations, pairwise
from math import log, sqrt

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


def alike(texts: Mapping[str, str], least: float) -> list[tuple[str, str]]:
    """The pairs of ids whose texts share at least this much (0 to 1) of their rare words and word pairs, likest first.

    The measure is the cosine of word counts weighted by rarity among these texts.
    """
    counts = {id_: _terms(text) for id_, text in texts.items()}
    spread = Counter(term for found in counts.values() for term in found)
    weights = {id_: _weighted(found, spread, len(texts)) for id_, found in counts.items()}
    pairs = []
    for left, right in combinations(sorted(weights), 2):
        few, many = sorted((weights[left], weights[right]), key=len)
        score = sum(weight * many.get(term, 0.0) for term, weight in few.items())
        if score >= least:
            pairs.append((score, left, right))
    return [(left, right) for _, left, right in sorted(pairs, reverse=True)]


def _terms(text: str) -> Counter[str]:
    words = plain(text).split()
    return Counter([*words, *map(" ".join, pairwise(words))])


def _weighted(found: Counter[str], spread: Counter[str], total: int) -> dict[str, float]:
    """Weights of length one; terms of a single text join nothing and count in the length alone."""
    raw = {term: (1 + log(count)) * log(total / spread[term]) for term, count in found.items()}
    length = sqrt(sum(weight * weight for weight in raw.values())) or 1.0
    return {term: weight / length for term, weight in raw.items() if spread[term] > 1}
