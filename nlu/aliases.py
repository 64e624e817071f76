"""Recognises names in the words of a message: programmes by name or number of the document, glossary terms by name."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from domain.text import fold

KINDS = {"nghi dinh": "nd", "quyet dinh": "qd", "thong tu": "tt", "nghi quyet": "nq", "ke hoach": "kh", "luat": "luat",
         "chuong trinh": "", "de an": "", "du an": "", "ct": "", "van ban": "", "nd": "nd", "qd": "qd", "tt": "tt", "nq": "nq", "kh": "kh"}  # fmt: skip
BETWEEN = frozenset(("so", "nam", "quoc", "gia", "cua"))  # words that may stand between kind, number and year
DIGITS = {"khong": "0", "mot": "1", "hai": "2", "ba": "3", "bon": "4", "tu": "4", "nam": "5", "lam": "5", "sau": "6",
          "bay": "7", "tam": "8", "chin": "9"}  # fmt: skip
NUMBER = re.compile(r"(\d{1,4})/(?:(20\d\d)/)?([a-z]+)")
YEAR = re.compile(r"20\d\d")
Read = Callable[[str], list[str]]
Key = TypeVar("Key")


@dataclass(frozen=True)
class Mention:
    """Ids that words[start:end] can mean; more than one is ambiguous."""

    ids: tuple[str, ...]
    start: int
    end: int


class Aliases:
    """Names to ids; the longest name wins."""

    def __init__(self, named: Iterable[tuple[str, Iterable[str], str | None]], read: Read) -> None:
        """Takes (id, names, document number) rows with the reader that also reads the messages."""
        self._names: dict[tuple[str, ...], list[str]] = {}
        self._numbers: dict[tuple[str, str | None], list[str]] = {}
        self._bearing: dict[tuple[str, str | None], list[str]] = {}  # only those whose name bears the number
        for id_, names, number in named:
            taken = [tuple(read(name)) for name in names]
            for key in taken:
                if len(key) > 1 or (key and len(key[0]) > 3):
                    _put(self._names, key, id_)
            if number and (found := NUMBER.match(fold(number))):
                kind = "luat" if found[3] == "qh" else found[3][:2]
                bearing = any(found[1] in name for name in taken)
                for numbered in ((shape + found[1], year) for shape in (kind, "") for year in (found[2], None)):
                    _put(self._numbers, numbered, id_)
                    if bearing:
                        _put(self._bearing, numbered, id_)
        self._longest = max(map(len, self._names), default=0)

    def find(self, words: list[str]) -> list[Mention]:
        """Mentions from left to right."""
        found: list[Mention] = []
        at = 0
        while at < len(words):
            mention = self._named(words, at) or self._numbered(words, at)
            if mention is not None:
                found.append(mention)
            at = mention.end if mention is not None else at + 1
        return found

    def _named(self, words: list[str], at: int) -> Mention | None:
        for size in range(min(self._longest, len(words) - at), 0, -1):
            ids = self._names.get(tuple(words[at : at + size]))
            if ids:
                longer = self._numbered(words, at)
                return longer if longer and longer.end > at + size else Mention(tuple(ids), at, at + size)
        return None

    def _numbered(self, words: list[str], at: int) -> Mention | None:
        """A kind of document with its number: "nghị định 80", "quyết định số 118", "nd 224 2026"."""
        for size in (2, 1):
            kind = KINDS.get(" ".join(words[at : at + size]))
            if kind is None:
                continue
            here = at + size
            while here < len(words) and words[here] in BETWEEN and here < at + size + 2:
                here += 1
            number, here = _number(words, here)
            if not number:
                continue
            year, end = None, here
            later = here + (here < len(words) and words[here] in BETWEEN)
            if later < len(words) and YEAR.fullmatch(words[later]):
                year, end = words[later], later + 1
            ids = self._bearing.get((kind + number, year)) or self._numbers.get((kind + number, year))
            if ids:
                return Mention(tuple(ids), at, end)
        return None


def _number(words: list[str], at: int) -> tuple[str, int]:
    """The number that begins here, in figures or read out figure by figure, with where it ends."""
    if at < len(words) and words[at].isdigit() and len(words[at]) <= 4:
        return str(int(words[at])), at + 1
    end = at
    while end < len(words) and words[end] in DIGITS and end - at < 4:
        end += 1
    return ("".join(DIGITS[word] for word in words[at:end]), end) if end - at >= 3 else ("", at)


def _put(table: dict[Key, list[str]], key: Key, id_: str) -> None:
    held = table.setdefault(key, [])
    if id_ not in held:
        held.append(id_)
