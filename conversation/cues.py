"""Finds tell-tale phrases in a Vietnamese sentence, minding diacritics where the writer used them."""

import re
from collections.abc import Iterator

from domain.text import fold, nfc

TOKEN = re.compile(r"[^\W_]+")
ENOUGH = 3  # words after which a part of a message shows by itself how its writer types
WELL_MARKED = 0.3  # share of words with diacritics above which a missing mark is meant
MOST_KNOWN = 2048
_known: dict[int, bool] = {}  # by the hash of a text: what people wrote does not stay in memory


def marked(text: str) -> bool:
    """Whether the writer uses diacritics, so that "mưa" and "mua" are told apart."""
    key = hash(text)
    if key not in _known:
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[key] = _mostly_marked(text)
    return _known[key]


def _mostly_marked(text: str) -> bool:
    found = TOKEN.findall(text)
    if not found:
        return False
    with_marks = sum(fold(word) != word.lower() for word in found)
    return bool(with_marks / len(found) > WELL_MARKED)


class Cues:
    """A set of phrases, written with their diacritics.

    In a text with diacritics they must stand as written. In one without, their bare form counts, except those given
    as `only_marked`, whose bare form means too many things.
    """

    def __init__(self, phrases: str, only_marked: str = "") -> None:
        """Takes comma-separated phrases."""
        safe, strict = _listed(phrases), _listed(only_marked)
        self._typed = _pattern([*safe, *strict])
        self._bare = _pattern(sorted({fold(phrase) for phrase in safe}))

    def search(self, text: str, whole: str | None = None, start: int = 0) -> re.Match[str] | None:
        """The first phrase in `text`; `whole` is the message that decides whether diacritics count in a short part of it."""
        return next(self.finditer(text, whole, start), None)

    def finditer(self, text: str, whole: str | None = None, start: int = 0) -> Iterator[re.Match[str]]:
        """All phrases in `text`, from left to right; places are those of `text` in NFC."""
        lowered = nfc(text).lower()
        if marked(text if whole is None or len(TOKEN.findall(text)) > ENOUGH else whole):
            return self._typed.finditer(lowered, start)
        return self._bare.finditer(fold(text), start)


def _listed(phrases: str) -> list[str]:
    return [nfc(phrase.strip()) for phrase in phrases.split(",") if phrase.strip()]


def _pattern(phrases: list[str]) -> re.Pattern[str]:
    if not phrases:
        return re.compile(r"(?!)")
    longest_first = sorted(phrases, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(re.escape(phrase) for phrase in longest_first) + r")(?!\w)")
