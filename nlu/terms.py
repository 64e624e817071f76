"""Finds product terms with process terms in a message, the most specific first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.line import Line, Phrases, phrases, variants
from domain.spelling import one_slip
from domain.syllables import FOLDED
from domain.text import TOKEN, fold, place_tone
from domain.units import UNITS

LONGEST = 7  # words of the longest name that is looked up
SOUNDS = (("tr", "ch"), ("s", "x"), ("gi", "d"), ("r", "d"), ("y", "i"))  # spellings that sound alike in the north
JOINERS = frozenset((",", "va", "voi", "hay", "hoac", "lan", "roi", "/", "-", "+", "&", "cung", "den", "vs"))
KINDS = ("product", "process")


@dataclass(frozen=True, slots=True)
class Name:
    """One name of a canonical term; `everyday` names are other words too and want a hint beside them."""

    kind: str  # product | process
    term: str
    said: tuple[str, ...]
    folded: tuple[str, ...]
    everyday: bool


@dataclass(frozen=True, slots=True)
class TermSpot:
    """A term found in tokens[at:after]."""

    kind: str
    term: str
    at: int
    after: int


class Terms:
    """The vocabulary; names are compared folded, their diacritics only where the person typed some."""

    def __init__(self, lexicon: Mapping[str, Any], teencode: Mapping[str, Any] | None = None) -> None:
        """Takes lexicon/terms.yaml as parsed, with lexicon/teencode.yaml for the reader of messages."""
        self.teencode = teencode or {}
        self._names: dict[tuple[str, ...], list[Name]] = {}
        self._sounds: dict[tuple[str, ...], list[Name]] = {}
        self._holes: dict[tuple[str, ...], list[Name]] = {}
        self._sizes: dict[str, list[int]] = {}
        self.vocabulary: set[str] = set()
        generic = {word for phrase in lexicon.get("generic", ()) for word in fold(phrase).split()}
        for kind, key in (("product", "products"), ("process", "processes")):
            for row in lexicon[key]:
                everyday = {place_tone(word) for word in row.get("risky", ())}
                for said in dict.fromkeys((row["term"], *row.get("also", ()))):
                    self._put(kind, row["term"], place_tone(said), place_tone(said) in everyday, generic)
        self._masks = phrases("|".join(lexicon.get("masks", ("ạ",))))
        self._before = {"product": _words(lexicon, "cues_before"), "process": _words(lexicon, "process_cues")}
        self._after = _words(lexicon, "cues_after")
        self._machines = _words(lexicon, "machines")

    def _put(self, kind: str, term: str, said: str, everyday: bool, generic: set[str]) -> None:
        words = tuple(TOKEN.findall(said))
        folded = tuple(fold(word) for word in words)
        name = Name(kind, term, words, folded, everyday)
        self._names.setdefault(folded, []).append(name)
        self.vocabulary.update(words)
        sizes = self._sizes.setdefault(folded[0], [])
        if len(folded) not in sizes:
            sizes.append(len(folded))
            sizes.sort(reverse=True)
        if len(folded) < 2:
            return
        self._sounds.setdefault(tuple(map(_sound, folded)), []).append(name)
        for hole in range(len(folded)):
            rest = folded[:hole] + folded[hole + 1 :]
            if not set(rest) <= generic and sum(map(len, rest)) >= 4 and len(folded[hole]) >= 3:
                self._holes.setdefault((*folded[:hole], "*", *folded[hole + 1 :]), []).append(name)

    def find(self, line: Line, taken: bytearray | None = None) -> list[TermSpot]:
        """Terms in the order of the message; longer names win, a word is used once per kind."""
        words = self._unmasked(line, taken)
        found: list[TermSpot] = []
        for kind in KINDS:
            at, last = 0, -2
            while at < line.size:
                hit = self._at(line, words, at, kind, last)
                if hit is None:
                    at += 1
                    continue
                term, after = hit
                found.append(TermSpot(kind, term, at, after))
                at = last = after
        return sorted(found, key=lambda spot: (spot.at, spot.kind))

    def _at(self, line: Line, words: list[str], at: int, kind: str, last: int) -> tuple[str, int] | None:
        for size in self._sizes.get(words[at], ()):
            for name in self._names.get(tuple(words[at : at + size]), ()):
                if name.kind == kind and self._fits(name, line, at, last):
                    return name.term, at + size
        if words[at].isalpha():
            return self._misspelt(line, words, at, kind)
        return None

    def _fits(self, name: Name, line: Line, at: int, last: int) -> bool:
        size = len(name.said)
        typed = line.said[at : at + size]
        bare = other = 0
        for said, word in zip(typed, name.said, strict=True):
            if said == word:
                continue
            if said in variants(word):
                bare += 1
            else:
                other += 1
        if other:
            return size > 1 and not name.everyday and other == 1 and sum(map(len, name.said)) >= 6
        if size > 1:
            return not name.everyday or not bare or self._hinted(name, line, at, last)
        if name.kind == "process":
            return not name.everyday or self._for_work(line, at, last)
        if not bare:
            return self._certain(line, at) and (not name.everyday or line.size <= 3 or self._hinted(name, line, at, last))
        if line.marked:
            return self._next_to(name, line, at, 1) and len(typed[0]) > 2
        return not name.everyday or line.size <= 2 or self._hinted(name, line, at, last)

    def _certain(self, line: Line, at: int) -> bool:
        """Whether a short name is no person's ("chị Hồng")."""
        before = line.words[at - 1]
        typed = line.text[line.tokens[at].start]
        return not (before in ("chi", "anh", "co", "chu", "bac", "ong", "ba", "em", "ten", "gap", "la") and typed.isupper())

    def _hinted(self, name: Name, line: Line, at: int, last: int) -> bool:
        """Whether words beside an everyday name show that the product is meant."""
        if last >= 0 and at - last <= 2 and all(word in JOINERS for word in line.words[last:at]) and at > last:
            return True
        return self._next_to(name, line, at, 2)

    def _next_to(self, name: Name, line: Line, at: int, reach: int) -> bool:
        cues = self._before["product"]
        for back in range(1, reach + 1):
            word = line.words[at - back]
            if not word.isalpha():
                break
            said = line.said[at - back]
            if said in cues:
                return True
            unit = UNITS.get(said)
            if unit is not None and back == 1 and line.value(at - 2) is not None:
                return True
        return line.said[at + len(name.said)] in self._after

    def _for_work(self, line: Line, at: int, last: int) -> bool:
        """Whether a short process name stands beside a machine or another process."""
        if last >= 0 and (last == at or (at - last <= 2 and all(word in JOINERS for word in line.words[last:at]))):
            return True
        said = line.said
        if said[at - 1] in self._machines:
            return True
        short = said[at].isascii()
        reach = 1 if short else 3
        return not short and any(said[at - back] in self._before["process"] for back in range(1, reach + 1) if at >= back)

    def _misspelt(self, line: Line, words: list[str], at: int, kind: str) -> tuple[str, int] | None:
        """A name of several words with one that sounds alike or has one slip."""
        for size in (4, 3, 2):
            row = words[at : at + size]
            if not all(word.isalpha() for word in row):
                continue
            for name in self._sounds.get(tuple(map(_sound, row)), ()):
                if name.kind == kind and tuple(row) != name.folded and not name.everyday:
                    return name.term, at + size
            for hole in range(size):
                found = self._holes.get((*row[:hole], "*", *row[hole + 1 :]))
                if found and (term := self._slipped(line, at + hole, found, hole, kind)):
                    return term, at + size
        return None

    @staticmethod
    def _slipped(line: Line, at: int, found: Iterable[Name], hole: int, kind: str) -> str | None:
        word = line.words[at]
        near = {name.term for name in found if name.kind == kind and _near(word, name.folded[hole])}
        return near.pop() if len(near) == 1 and len(word) >= 3 else None

    def _unmasked(self, line: Line, taken: bytearray | None) -> list[str]:
        """The words with those taken or standing in masking phrases made into signs that name nothing."""
        words = list(line.words)
        for at in range(line.size):
            if taken and taken[at]:
                words[at] = "·"
            elif found := self._masks.begins(line, at):
                words[at : found[1]] = ["·"] * (found[1] - at)
        return words


def _words(lexicon: Mapping[str, Any], key: str) -> frozenset[str]:
    return frozenset(kind for word in lexicon.get(key, ()) for kind in variants(place_tone(word)))


def _sound(word: str) -> str:
    for typed, heard in SOUNDS:
        if word.startswith(typed):
            word = heard + word[len(typed) :]
            break
    return word[:1] + word[1:].replace("y", "i")


def _near(typed: str, word: str) -> bool:
    """One slip that is no other usual syllable, or only in the ending that many confuse."""
    if not one_slip(typed, word):
        return False
    return typed not in FOLDED or typed[0] == word[0]


__all__ = ["Name", "Phrases", "TermSpot", "Terms"]
