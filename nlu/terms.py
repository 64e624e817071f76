"""Finds product terms with process terms in a message, the most specific first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from domain.numbers import Token, tokens
from domain.text import fold, place_tone

LONGEST = 7  # words of the longest name that is looked up
CUES_BEFORE = set(
    "lam trong nuoi qua cay hoa say ep trai vuon va mua ban thu phoi hai cu nau tinh dau bot giong quan che xuong bien".split()
)
CUES_AFTER = set("kho tuoi chin dai rung vun bi".split())
EVERYDAY = {
    "hồi",
    "đào",
    "đá",
    "hồng",
    "mật",
    "cam",
    "lê",
    "bò",
    "nghệ",
    "sơn",
    "cá",
    "vải",
    "dê",
}  # other words too, even with marks
MASKED = [
    tuple(phrase.split())
    for phrase in (
        "cong nghe,hoi dap,hoi am,phan hoi,thu hoi,hoi phuc,lo hoi,noi hoi,mat troi,mac mat,dieu hanh,thuc hanh,van hanh,bao hanh,"
        "tien hanh,phat hanh,le phi,ty le,xu ly nuoc,mat khau,bi mat,mat tien,bao dong,hoi nghi,hoi thao,hoi cho,hiep hoi,che do,"
        "co che,quy che,de nghi,nghe nghiep,lang nghe,mat bang,mat hang,mot hoi,bay gio"
    ).split(",")
]  # phrases in which a short product name means something else
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
        row = _unmasked(tokens(text))
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
            return name.said not in EVERYDAY or _led(row, at, len(part)) or len(row) <= 3
        return not name.risky or _led(row, at, len(part)) or len(row) <= 2


def _mixed(said: str, name: str) -> bool:
    """Each word either as named or without marks (a phrase half typed with marks)."""
    return all(left in (right, fold(right)) for left, right in zip(said.split(), name.split(), strict=False))


def _led(row: list[Token], at: int, size: int) -> bool:
    """Whether a word next to a risky name shows that it is a product."""
    before = {token.text for token in row[max(0, at - 2) : at]}
    after = {token.text for token in row[at + size : at + size + 1]}
    return bool(before & CUES_BEFORE or after & CUES_AFTER)


def _unmasked(row: list[Token]) -> list[Token]:
    """The tokens with those of masking phrases made into signs that name nothing."""
    kept, at = [], 0
    while at < len(row):
        size = next((len(m) for m in MASKED if tuple(t.text for t in row[at : at + len(m)]) == m), 0)
        kept += [replace(token, text="·") for token in row[at : at + size]] or [row[at]]
        at += size or 1
    return kept
