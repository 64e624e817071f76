"""Finds product terms with process terms in a message, the most specific first."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from domain.line import Line, variants
from domain.text import fold, place_tone
from nlu.hints import Hints, TermSpot
from nlu.near import Name, Near

WRONG_MARKS, OTHER = 5, 9  # how far a typed phrase is from a name
SMALL_WORDS = frozenset(
    "đâu đấy đó này kia mà là thì và với có không được cũng đã đang sẽ còn nữa thôi ạ nhé em đi lại sao".split()
)
WORD = re.compile(r"[^\W\d_]+|\d+")
SCALES = frozenset(("tram", "nghin", "ngan", "ty", "ti", "tr"))  # words behind a number, typed without marks
KINDS = ("product", "process")
GONE = "·"  # stands for a word that names nothing


class Terms:
    """The vocabulary; names are compared folded, their diacritics only where the person typed some."""

    def __init__(self, lexicon: Mapping[str, Any], teencode: Mapping[str, Any] | None = None) -> None:
        """Takes lexicon/terms.yaml as parsed, with lexicon/teencode.yaml for the reader of messages."""
        self.teencode = teencode or {}
        self.vocabulary: set[str] = set()
        self._names: dict[tuple[str, ...], list[Name]] = {}
        self._sizes: dict[str, tuple[int, ...]] = {}
        self._long_sizes: dict[str, dict[str, tuple[int, ...]]] = {kind: {} for kind in KINDS}
        self._apart: list[tuple[tuple[str, ...], str, str, int]] = []
        strict = {place_tone(word) for word in lexicon.get("strict", ())}
        for kind, key in (("product", "products"), ("process", "processes")):
            for row in lexicon[key]:
                risky = {place_tone(word) for word in row.get("risky", ())}
                for said in dict.fromkeys((row["term"], *row.get("also", ()))):
                    self._put(kind, row["term"], place_tone(said), risky, strict)
                for first, second, *reach in row.get("apart", ()):
                    self._apart.append((tuple(fold(first).split()), fold(second), row["term"], *(reach or [4])))
        generic = frozenset(word for phrase in lexicon.get("generic", ()) for word in fold(phrase).split())
        long = [n for names in self._names.values() for n in names if len(n.folded) > 1]
        self._near = {kind: Near((n for n in long if n.kind == kind), generic) for kind in KINDS}
        self._hints = Hints(lexicon)
        self._pairs: dict[tuple[str, ...], tuple[str, ...]] = {}
        for pair in lexicon.get("pairs", ()):
            terms = [next(n.term for n in self._names[(fold(word),)] if n.said == (word,)) for word in pair.split()]
            self._pairs[tuple(fold(pair).split())] = tuple(terms)
        kept = {row["term"] for row in lexicon["processes"] if row.get("beside")}
        self.parents = {row["term"]: tuple(set(row.get("parents", ())) - kept) for row in lexicon["processes"]}

    def _put(self, kind: str, term: str, said: str, risky: set[str], strict: set[str]) -> None:
        words = tuple(WORD.findall(said))
        folded = tuple(fold(word) for word in words)
        name = Name(kind, term, words, folded, said in risky, said in strict, said.startswith("="))
        self._names.setdefault(folded, []).append(name)
        self.vocabulary.update(words)
        for sizes in (self._sizes, self._long_sizes[kind])[: 1 + (len(folded) > 1)]:
            sizes[folded[0]] = tuple(sorted({*sizes.get(folded[0], ()), len(folded)}, reverse=True))

    def find(self, line: Line, taken: bytearray | None = None, places: frozenset[int] = frozenset()) -> list[TermSpot]:
        """Terms in the order of the message; longer names win, short ones only stand outside them.

        Tokens that are `taken` name nothing; `places` are where names of places begin ("chè Thái Nguyên").
        """
        words = list(line.words)
        if taken:
            for at in range(line.size):
                if taken[at]:
                    words[at] = GONE
        masks = self._hints.masks(line)
        found = [spot for kind in KINDS for spot in self._long(line, words, kind, masks)]
        found = [spot for spot in found if not _within_another(spot, found)]
        found = [spot for spot in found if not _told_better(spot, found) and not _slip_over(spot, words, found)]
        for first, last in masks:
            words[first:last] = [GONE] * (last - first)
        spoken = [GONE if taken and taken[at] else word for at, word in enumerate(line.words[: line.size])]
        found += self._pairs_of(line, spoken, found)
        found += self._short(line, words, found, places)
        found += self._divided(spoken, found)
        if not any(spot.kind == "product" for spot in found):
            found += self._worked(words, found)
        return sorted(found, key=lambda spot: (spot.at, spot.kind))

    def _pairs_of(self, line: Line, words: list[str], found: list[TermSpot]) -> list[TermSpot]:
        """Two products that are named in one breath: "trâu bò", "hành tỏi"."""
        extra: list[TermSpot] = []
        for at in range(len(words) - 1):
            pair = self._pairs.get((words[at], words[at + 1]))
            if pair and any(line.said[at + k] not in variants(pair[k]) for k in (0, 1)):
                continue  # "bồ đề" is no "bò dê"
            if pair and not any(spot.at < at + 2 and at < spot.after for spot in found):
                extra += [TermSpot("product", pair[0], at, at + 1), TermSpot("product", pair[1], at + 1, at + 2)]
        return extra

    def _short(self, line: Line, words: list[str], long: list[TermSpot], places: frozenset[int]) -> list[TermSpot]:
        """Names of one word."""
        free = {kind: _outside(words, long, kind) for kind in KINDS}
        found = list(long)
        for at in range(line.size):
            for kind in KINDS:
                if 1 not in self._sizes.get(free[kind][at], ()):
                    continue
                name = self._single(line, at, kind, found, at + 1 in places)
                if name is not None:
                    found.append(TermSpot(kind, name.term, at, at + 1))
                    break
        return found[len(long) :]

    def _single(self, line: Line, at: int, kind: str, found: list[TermSpot], homed: bool) -> Name | None:
        said = line.said[at]
        names = [name for name in self._names[(line.words[at],)] if name.kind == kind]
        for name in sorted(names, key=lambda n: n.said[0] != said):
            if said not in variants(name.said[0]) or (said in SCALES and line.value(at - 1) is not None):
                continue  # "3 tram" is no trám
            if kind == "product" and self._hints.goods(name, line, at, found, homed):
                return name
            if kind == "process" and self._hints.work(name, line, at, found):
                return name
        return None

    def _long(self, line: Line, words: list[str], kind: str, masks: list[tuple[int, int]]) -> list[TermSpot]:
        """Names of several words, from left to right."""
        found: list[TermSpot] = []
        heads = self._long_sizes[kind]
        openings = self._near[kind].openings(words, line.size)
        at = 0
        while at < line.size:
            hit = self._long_at(line, words, at, kind, masks) if words[at] in heads else None
            if hit is None and at in openings and words[at].isalpha():
                hit = self._near[kind].find(words, line.said, at, self._sizes)
            if hit is not None:
                found.append(TermSpot(kind, hit[0].term, at, hit[1], hit[0].said))
            at = hit[1] if hit else at + 1
        return found

    def _long_at(
        self, line: Line, words: list[str], at: int, kind: str, masks: list[tuple[int, int]]
    ) -> tuple[Name, int] | None:
        for size in self._long_sizes[kind].get(words[at], ()):
            names = [n for n in self._names.get(tuple(words[at : at + size]), ()) if n.kind == kind]
            if not names:
                continue
            distance, _, name = min((_distance(n, line, at), k, n) for k, n in enumerate(names))
            if distance == WRONG_MARKS and (heard := self._near[kind].find(words, line.said, at, self._sizes)):
                return heard  # "máy xấy" is rather sấy than xay
            if distance < OTHER and not self._unlikely(name, line, at, distance, masks):
                machine = self._hints.machines.begins(line, at)
                later = self._long_at(line, words, at + 1, kind, masks) if machine else None
                if later is not None and later[1] > at + size:
                    return later  # "máy xay xát": the name behind the machine is the longer
                return name, at + size
        return None

    def _unlikely(self, name: Name, line: Line, at: int, distance: int, masks: list[tuple[int, int]]) -> bool:
        """Whether words without marks are rather another phrase ("go thong tin", "hoi thao duoc")."""
        after = at + len(name.said)
        if line.words[after - 1] == "bao" and line.words[after] in ("nhieu", "lau", "gio"):  # "đóng bao nhiêu"
            return True
        if distance == 0:
            return False
        if any(first < after and at < last and (first < at or last > after) for first, last in masks):
            return True
        return name.risky and not self._hints.beside(line, at, after)

    def _worked(self, words: list[str], found: list[TermSpot]) -> list[TermSpot]:
        """The product in the name of a process, where no other is named: chè of "sao chè"."""
        extra: list[TermSpot] = []
        for spot in found:
            if len(spot.said) != spot.after - spot.at:
                continue
            for at in range(spot.at + 1, spot.after):
                names = self._names.get((words[at],), ())
                named = spot.said[at - spot.at]
                term = next((n.term for n in names if n.kind == "product" and n.said[0] == named), None)
                if term:
                    extra.append(TermSpot("product", term, at, at + 1))
        return extra

    def _divided(self, words: list[str], found: list[TermSpot]) -> list[TermSpot]:
        """Names in two parts with other words between: "thái sắn lát", "xử lý … nước thải"."""
        extra: list[TermSpot] = []
        known = {spot.term for spot in found}
        for first, second, term, reach in self._apart:
            if term in known or first[0] not in words:
                continue
            at = words.index(first[0])
            if tuple(words[at : at + len(first)]) != first:
                continue
            after = at + len(first)
            near = " ".join(words[after : after + reach + second.count(" ")])
            if f" {second} " in f" {near} ":
                extra.append(TermSpot("process", term, at, after))
        return extra


def _distance(name: Name, line: Line, at: int) -> int:
    """0 as named, 1 with some marks left out, WRONG_MARKS in one word, or OTHER."""
    bare = other = 0
    for said, word in zip(line.said[at:], name.said, strict=False):
        if said == word:
            continue
        if said in variants(word) and not name.exact:
            bare = 1
        elif said in SMALL_WORDS:
            return OTHER
        else:
            other += 1
    if other:
        return WRONG_MARKS if other == 1 and not name.risky and sum(map(len, name.said)) >= 6 else OTHER
    return bare


def _outside(words: list[str], found: list[TermSpot], kind: str) -> list[str]:
    """The words where short names of a kind may stand: outside longer names, but inside "xay lúa" stands lúa."""
    free = list(words)
    for spot in found:
        first, last = spot.at, spot.after
        if spot.kind != kind and kind == "product":
            first, last = _inner(words[first:last], fold(spot.term).split(), first)
        free[first:last] = [GONE] * (last - first)
    return free


def _inner(row: list[str], term: list[str], start: int) -> tuple[int, int]:
    """Where the words of a term stand in a longer name of it; nowhere gives an empty range."""
    for at in range(len(row) - len(term) + 1):
        if row[at : at + len(term)] == term:
            return start + at, start + at + len(term)
    return start, start


def _within_another(spot: TermSpot, found: Iterable[TermSpot]) -> bool:
    """Whether a name lies wholly in one of the other kind, or is "làm bánh" of "làm bánh cuốn"."""
    for other in found:
        if other.kind == spot.kind:
            continue
        if other.at <= spot.at and spot.after <= other.after and other.after - other.at > spot.after - spot.at:
            if spot.kind == "process":
                return True
            first, last = _inner(list(map(fold, other.said)), fold(other.term).split(), other.at)
            return first <= spot.at and spot.after <= last  # "làm đá viên" of làm đá names đá viên
        if spot.term == "làm bánh" and spot.at < other.at < spot.after < other.after:
            return True
    return False


def _slip_over(spot: TermSpot, words: list[str], found: Iterable[TermSpot]) -> bool:
    """Whether a name known through a slip shares a word with one that is spelt right: "trong moc nhi" is no "chống mốc"."""

    def right(one: TermSpot) -> bool:
        return list(map(fold, one.said)) == words[one.at : one.after]

    return not right(spot) and any(
        other.kind != spot.kind and other.at < spot.after and spot.at < other.after and right(other) for other in found
    )


def _told_better(spot: TermSpot, found: Iterable[TermSpot]) -> bool:
    """Whether "tinh dầu" only stands in "nồi nấu tinh dầu" while tinh dầu hồi is named."""
    if spot.kind != "product" or not any(
        o.kind == "process" and o.at < spot.at and spot.after <= o.after for o in found
    ):
        return False
    return any(o.kind == "product" and o.term.startswith(spot.term + " ") for o in found)
