"""Recognises programmes by name or number, and glossary terms by their aliases, exactly."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from domain.text import TOKEN, fold

KINDS = {"nghi dinh": "nd", "quyet dinh": "qd", "thong tu": "tt", "nghi quyet": "nq", "ke hoach": "kh", "nd": "nd", "qd": "qd",
         "tt": "tt", "nq": "nq", "kh": "kh", "luat": "luat"}  # fmt: skip
NUMBERED = re.compile(
    r"\b(nghi dinh|quyet dinh|thong tu|nghi quyet|ke hoach|nd|qd|tt|nq|kh|luat)\s*(?:so\s*)?(\d{1,4})(?:\s*[/-]\s*(20\d\d))?(?!\d)"
)
BARE = re.compile(r"\b(\d{1,4})\s*/\s*(20\d\d)\s*/\s*(?:nd|qd|tt|nq|qh)")


@dataclass(frozen=True)
class Mention:
    """Ids that text[start:end] can mean; more than one is ambiguous."""

    ids: tuple[str, ...]
    start: int
    end: int


class Aliases:
    """Names to ids; the longest name wins."""

    def __init__(self, named: Iterable[tuple[str, Iterable[str], str | None]]) -> None:
        """Takes (id, names, document number) rows."""
        self._names: dict[tuple[str, ...], list[str]] = {}
        self._numbers: dict[tuple[str, str | None], list[str]] = {}
        for id_, names, number in named:
            for name in names:
                key = tuple(TOKEN.findall(fold(name)))
                if key and (len(key) > 1 or len(key[0]) > 3):
                    self._put(self._names, key, id_)
            if number and (found := re.match(r"(\d+)/(?:(20\d\d)/)?([a-z]+)", fold(number))):
                kind = "luat" if found[3] == "qh" else found[3][:2]
                self._put(self._numbers, (f"{kind}{found[1]}", found[2]), id_)
                self._put(self._numbers, (f"{kind}{found[1]}", None), id_)
        self._longest = max(map(len, self._names), default=0)

    @staticmethod
    def _put(table: dict[Any, list[str]], key: Any, id_: str) -> None:
        if id_ not in table.setdefault(key, []):
            table[key].append(id_)

    def find(self, text: str) -> list[Mention]:
        """Mentions from left to right."""
        folded = fold(text)
        found: list[Mention] = []
        for match in NUMBERED.finditer(folded):
            ids = self._numbers.get((KINDS[match[1]] + match[2], match[3]))
            if ids:
                found.append(Mention(tuple(ids), match.start(), match.end()))
        row = [(m.group(), m.start(), m.end()) for m in TOKEN.finditer(folded)]
        at = 0
        while at < len(row):
            step = 1
            for size in range(min(self._longest, len(row) - at), 0, -1):
                ids = self._names.get(tuple(word[0] for word in row[at : at + size]))
                if ids and not any(m.start < row[at + size - 1][2] and row[at][1] < m.end for m in found):
                    found.append(Mention(tuple(ids), row[at][1], row[at + size - 1][2]))
                    step = size
                    break
            at += step
        return sorted(found, key=lambda mention: mention.start)
