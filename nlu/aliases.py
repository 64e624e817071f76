"""Recognises names in the words of a message: programmes by name or number of the document, glossary terms by name."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from domain.text import fold

KINDS = {"nghi dinh": "nd", "quyet dinh": "qd", "thong tu": "tt", "nghi quyet": "nq", "ke hoach": "kh", "luat": "luat", "nd": "nd",
         "qd": "qd", "tt": "tt", "nq": "nq", "kh": "kh", "chuong trinh": "", "de an": "", "du an": "", "van ban": ""}  # fmt: skip
BETWEEN = frozenset(("so", "nam", "quoc", "gia"))  # words that may stand between kind, number and year
FILLERS = frozenset(("giai", "doan", "cua", "tinh"))  # words that a name may have or lack
DIGITS = {"khong": "0", "mot": "1", "hai": "2", "ba": "3", "bon": "4", "tu": "4", "nam": "5", "lam": "5", "sau": "6",
          "bay": "7", "tam": "8", "chin": "9"}  # fmt: skip
NUMBER = re.compile(r"(\d+)[/-](?:(20\d\d)[/-])?([a-z]+)")
YEAR = re.compile(r"20\d\d")
PARLIAMENT = re.compile(r"qh\d\d")
Read = Callable[[str], list[str]]
Key = TypeVar("Key")


@dataclass(frozen=True)
class Mention:
    """Ids that words[start:end] can mean; more than one is ambiguous."""

    ids: tuple[str, ...]
    start: int
    end: int


class Aliases:
    """Names to ids; the longest name wins, the number of a document wins over a name that is no longer."""

    def __init__(self, named: Iterable[tuple[str, Iterable[str], str | None]], read: Read) -> None:
        """Takes (id, names, document number) rows with the reader that also reads the messages; the full name comes last."""
        self._names: dict[tuple[str, ...], list[str]] = {}
        self._numbers: dict[tuple[str, str | None], list[str]] = {}
        self._bearing: dict[tuple[str, str | None], list[str]] = {}  # only those whose short names bear the number
        for id_, names, number in named:
            called = list(names)
            taken = [tuple(word for word in read(name) if word not in FILLERS) for name in called]
            for key in taken:
                if len(key) > 1 or (key and len(key[0]) > 3):
                    _put(self._names, key, id_)
            short = {word.lstrip("0") for name in taken[: max(1, len(taken) - 1)] for word in name if word.isdigit()}
            for document in dict.fromkeys((number or "", *called)):
                self._number(id_, document, short)
        self._sizes = sizes(self._names)

    def _number(self, id_: str, document: str, short: set[str]) -> None:
        found = NUMBER.match(fold(document))
        if not found:
            return
        figure = found[1].lstrip("0")
        for kind in {"luat", "nq", ""} if found[3] == "qh" else {found[3][:2], ""}:
            for year in (found[2], None):
                _put(self._numbers, (kind + figure, year), id_)
                if figure in short:
                    _put(self._bearing, (kind + figure, year), id_)

    def find(self, words: list[str]) -> list[Mention]:
        """Mentions from left to right."""
        places = [at for at, word in enumerate(words) if word not in FILLERS]
        kept = [words[at] for at in places]
        found: list[Mention] = []
        at = 0
        while at < len(kept):
            name, number = self._named(kept, at), self._numbered(kept, at) or self._turned(kept, at)
            mention = number if number is not None and (name is None or number.end >= name.end) else name
            if mention is not None:
                found.append(Mention(mention.ids, places[mention.start], places[mention.end - 1] + 1))
            at = mention.end if mention is not None else at + 1
        return found

    def _named(self, words: list[str], at: int) -> Mention | None:
        for size in self._sizes.get(words[at], ()):
            ids = self._names.get(tuple(words[at : at + size]))
            if ids and at + size <= len(words):
                return Mention(tuple(ids), at, at + size)
        return None

    def _known(self, kind: str, number: str, year: str | None) -> tuple[str, ...]:
        key = (kind + number.lstrip("0"), year)
        return tuple(self._bearing.get(key) or self._numbers.get(key) or ())

    def _numbered(self, words: list[str], at: int) -> Mention | None:
        """A kind of document with its number: "nghị định 80", "quyết định số 118", "nd 224 2026"."""
        for size in (2, 1):
            kind = KINDS.get(" ".join(words[at : at + size]))
            if kind is None:
                continue
            here = at + size
            while here < len(words) and words[here] in BETWEEN and here < at + size + 2:
                here += 1
            for start in {at + size, here}:
                for number, end in _figures(words, start):
                    year, after = _year(words, end)
                    ids = self._known(kind, number, year)
                    if ids:
                        return Mention(ids, at, after)
        return None

    def _turned(self, words: list[str], at: int) -> Mention | None:
        """The number before its kind: "77/2026/NĐ-CP", "67/2025/QH15"."""
        if not words[at].isdigit() or len(words[at]) > 4:
            return None
        year, after = _year(words, at + 1)
        for size in (2, 1):
            if after + size > len(words):
                continue
            said = " ".join(words[after : after + size])
            kind = "luat" if PARLIAMENT.fullmatch(said) else KINDS.get(said)
            if kind and (ids := self._known(kind, words[at], year)):
                return Mention(ids, at, after + size)
        return None


def _figures(words: list[str], at: int) -> list[tuple[str, int]]:
    """The numbers that can begin here, in figures or read out figure by figure, each with where it ends."""
    if at < len(words) and words[at].isdigit() and len(words[at]) <= 4:
        return [(words[at], at + 1)]
    end = at
    while end < len(words) and words[end] in DIGITS and end - at < 4:
        end += 1
    return [("".join(DIGITS[word] for word in words[at:stop]), stop) for stop in range(end, at + 1, -1)]


def _year(words: list[str], at: int) -> tuple[str | None, int]:
    later = at + (at < len(words) and words[at] in BETWEEN)
    if later < len(words) and YEAR.fullmatch(words[later]):
        return words[later], later + 1
    return None, at


def sizes(phrases: Iterable[tuple[str, ...]]) -> dict[str, tuple[int, ...]]:
    """By first word how long the phrases are that begin with it, the longest first."""
    found: dict[str, set[int]] = {}
    for phrase in phrases:
        found.setdefault(phrase[0], set()).add(len(phrase))
    return {word: tuple(sorted(lengths, reverse=True)) for word, lengths in found.items()}


def _put(table: dict[Key, list[str]], key: Key, id_: str) -> None:
    held = table.setdefault(key, [])
    if id_ not in held:
        held.append(id_)
