"""Finds product terms with process terms in a message, the most specific first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.numbers import Token, tokens
from domain.text import fold, place_tone

LONGEST = 7  # words of the longest name that is looked up
CUES = {
    "lam", "trong", "say", "phoi", "bao", "quan", "kho", "tuoi", "tinh", "dau", "may", "che", "bien", "ban", "nuoi", "thu",
    "hai", "cay", "qua", "san", "xuat", "vu", "nong", "cat", "nau", "ep", "dong", "goi", "loc", "xay", "rang", "cua", "hoa",
}  # fmt: skip
MACHINES = {"may", "lo", "noi", "bi", "nghe", "chuyen", "khau", "bo"}  # words after which a short process name is meant


@dataclass(frozen=True)
class Term:
    """One name of a canonical term."""

    kind: str  # product | process
    term: str
    said: str
    risky: bool


@dataclass(frozen=True)
class TermSpot:
    """A term found in text[start:end]."""

    kind: str
    term: str
    start: int
    end: int


class Terms:
    """The vocabulary; names are compared folded, their diacritics only where the person typed some."""

    def __init__(self, lexicon: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
        """Takes lexicon/terms.yaml as parsed."""
        self._names: dict[tuple[str, ...], list[Term]] = {}
        for kind, key in (("product", "products"), ("process", "processes")):
            for row in lexicon[key]:
                risky = {place_tone(word) for word in row.get("risky", ())}
                for said in dict.fromkeys((row["term"], *row.get("also", ()))):
                    name = Term(kind, row["term"], place_tone(said), place_tone(said) in risky)
                    self._names.setdefault(tuple(t.text for t in tokens(said)), []).append(name)

    def find(self, text: str) -> list[TermSpot]:
        """Terms in the order of the text; longer names win, a word is used once per kind."""
        row = tokens(text)
        marked = any(token.said != token.text for token in row)
        found: list[TermSpot] = []
        for kind in ("product", "process"):
            at = 0
            while at < len(row):
                hit = self._at(row, at, kind, marked)
                if hit is None:
                    at += 1
                    continue
                term, after = hit
                found.append(TermSpot(kind, term, row[at].start, row[after - 1].end))
                at = after
        return sorted(found, key=lambda spot: spot.start)

    def _at(self, row: list[Token], at: int, kind: str, marked: bool) -> tuple[str, int] | None:
        for size in range(min(LONGEST, len(row) - at), 0, -1):
            part = row[at : at + size]
            for name in self._names.get(tuple(token.text for token in part), ()):
                if name.kind == kind and self._fits(name, row, at, part, marked):
                    return name.term, at + size
        return None

    def _fits(self, name: Term, row: list[Token], at: int, part: list[Token], marked: bool) -> bool:
        said = place_tone(" ".join(token.said for token in part))
        if said != name.said and said != fold(said) and not _mixed(said, name.said):
            return False
        plain = said == fold(said) and name.said != said
        if name.kind == "process" and name.risky and len(part) == 1:
            return at > 0 and row[at - 1].text in MACHINES
        if plain and marked and len(part) == 1:
            return False
        if not (plain or name.risky) or (len(part) > 1 and not name.risky):
            return True
        if not plain and name.risky:
            return _led(row, at, len(part)) or len(row) <= 3
        return not name.risky or _led(row, at, len(part)) or len(row) <= 2


def _mixed(said: str, name: str) -> bool:
    """Each word either as named or without marks (a phrase half typed with marks)."""
    return all(left in (right, fold(right)) for left, right in zip(said.split(), name.split(), strict=False))


def _led(row: list[Token], at: int, size: int) -> bool:
    """Whether a word next to a risky name shows that it is a product."""
    before = {token.text for token in row[max(0, at - 3) : at]}
    after = {token.text for token in row[at + size : at + size + 2]}
    if (
        row[at].text == "hoi"
        and before & {"cho", "xin", "muon", "em", "can"}
        and not before & {"lam", "say", "hoa"}
        and not after & {"kho", "tuoi"}
    ):
        return False
    return bool((before | after) & CUES) or any(token.number is not None for token in row[max(0, at - 3) : at])
