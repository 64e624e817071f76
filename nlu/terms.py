"""Finds product terms with process terms in a message, the most specific first."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.line import Line, phrases, variants
from domain.numbers import BEGINS
from domain.text import fold, place_tone
from domain.units import UNITS
from nlu.near import Name, Near

JOINERS = frozenset((",", "va", "voi", "hay", "hoac", "lan", "roi", "/", "-", "+", "&", "cung", "vs"))
WORD = re.compile(r"[^\W\d_]+|\d+")
SMALL_WORDS = frozenset(
    "đâu đấy đó này kia mà là thì và với có không được cũng đã đang sẽ còn nữa thôi ạ nhé em đi lại sao".split()
)
WRONG_MARKS, OTHER = 5, 9  # how far a typed phrase is from a name
KINDS = ("product", "process")
HONORIFICS = frozenset("chi anh co chu bac ong ba em ten gap thay".split())


@dataclass(frozen=True, slots=True)
class TermSpot:
    """A term found in tokens[at:after]."""

    kind: str
    term: str
    at: int
    after: int
    said: tuple[str, ...] = ()  # the name as it is written properly


class Terms:
    """The vocabulary; names are compared folded, their diacritics only where the person typed some."""

    def __init__(self, lexicon: Mapping[str, Any], teencode: Mapping[str, Any] | None = None) -> None:
        """Takes lexicon/terms.yaml as parsed, with lexicon/teencode.yaml for the reader of messages."""
        self.teencode = teencode or {}
        self.vocabulary: set[str] = set()
        self._names: dict[tuple[str, ...], list[Name]] = {}
        self._sizes: dict[str, tuple[int, ...]] = {}
        self._goods: set[str] = set()  # words with which the name of a product begins
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
        self._near = Near((n for names in self._names.values() for n in names if len(n.folded) > 1), generic)
        self._masks = phrases("|".join(lexicon.get("masks", ("ạ",))))
        self._before = {"product": _words(lexicon, "cues_before"), "process": _words(lexicon, "process_cues")}
        self._after = _words(lexicon, "cues_after")
        self._tight = _words(lexicon, "tight_cues")
        self._rare = frozenset(lexicon.get("rare", ()))
        self._never = frozenset(lexicon.get("never_counted", ()))
        self._owned = _words(lexicon, "owned")
        kept = {row["term"] for row in lexicon["processes"] if row.get("beside")}
        self.parents = {row["term"]: tuple(set(row.get("parents", ())) - kept) for row in lexicon["processes"]}
        self._machines = phrases("|".join(lexicon.get("machines", ("máy",))))
        self._wish = _words(lexicon, "wish_cues")
        self._tight_after = _words(lexicon, "tight_after")

    def _put(self, kind: str, term: str, said: str, risky: set[str], strict: set[str]) -> None:
        exact = said.startswith("=")
        words = tuple(WORD.findall(said))
        folded = tuple(fold(word) for word in words)
        if kind == "product":
            self._goods.add(words[0])
        name = Name(kind, term, words, folded, said in risky, said in strict, exact)
        self._names.setdefault(folded, []).append(name)
        self.vocabulary.update(words)
        self._sizes[folded[0]] = tuple(sorted({*self._sizes.get(folded[0], ()), len(folded)}, reverse=True))

    def find(self, line: Line, taken: bytearray | None = None, places: frozenset[int] = frozenset()) -> list[TermSpot]:
        """Terms in the order of the message; longer names win, short ones only stand outside them.

        Tokens that are `taken` name nothing; `places` are where names of places begin ("chè Thái Nguyên").
        """
        words = list(line.words)
        if taken:
            for at in range(line.size):
                if taken[at]:
                    words[at] = "·"
        found = [spot for kind in KINDS for spot in self._long(line, words, kind)]
        found = [spot for spot in found if not _within_another(spot, found)]
        found = [spot for spot in found if not _told_better(spot, found)]
        masked = self._masked(line, words)
        short = {kind: self._outside(masked, found, kind) for kind in KINDS}
        for at in range(line.size):
            for kind in KINDS:
                if 1 not in self._sizes.get(short[kind][at], ()):
                    continue
                spot = self._single(line, at, kind, found, at + 1 in places)
                if spot is not None:
                    found.append(spot)
                    break
        found += self._divided(line, words, found)
        if not any(spot.kind == "product" for spot in found):
            found += self._worked(masked, found)
        return sorted(found, key=lambda spot: (spot.at, spot.kind))

    def _outside(self, masked: list[str], found: list[TermSpot], kind: str) -> list[str]:
        """The words where short names of a kind may stand: outside longer names, but inside "xay lúa" stands lúa."""
        words = list(masked)
        for spot in found:
            first, last = spot.at, spot.after
            if spot.kind != kind and kind == "product":
                first, last = _inner(masked[first:last], fold(spot.term).split(), first)
            words[first:last] = ["·"] * (last - first)
        return words

    def _long(self, line: Line, words: list[str], kind: str) -> list[TermSpot]:
        found: list[TermSpot] = []
        at = 0
        while at < line.size:
            hit = self._long_at(line, words, at, kind)
            if hit is not None:
                found.append(TermSpot(kind, hit[0].term, at, hit[1], hit[0].said))
            at = hit[1] if hit else at + 1
        return found

    def _long_at(self, line: Line, words: list[str], at: int, kind: str) -> tuple[Name, int] | None:
        for size in self._sizes.get(words[at], ()):
            if size == 1:
                continue
            names = [n for n in self._names.get(tuple(words[at : at + size]), ()) if n.kind == kind]
            if not names:
                continue
            distance, _, name = min((self._distance(n, line, at), k, n) for k, n in enumerate(names))
            if distance == WRONG_MARKS and (heard := self._near.find(words, line.said, at, kind, self._sizes)):
                return heard  # "máy xấy" is rather sấy than xay
            if distance < OTHER and not self._unlikely(name, line, at, distance):
                later = self._long_at(line, words, at + 1, kind) if self._machines.begins(line, at) else None
                if later is not None and later[1] > at + size:
                    return later  # "máy xay xát": the name behind the machine is the longer
                return name, at + size
        return self._near.find(words, line.said, at, kind, self._sizes) if words[at].isalpha() else None

    @staticmethod
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

    def _unlikely(self, name: Name, line: Line, at: int, distance: int) -> bool:
        return name.risky and distance > 0 and not self._next_to(name, line, at, 2)

    def _single(self, line: Line, at: int, kind: str, found: list[TermSpot], homed: bool) -> TermSpot | None:
        names = [name for name in self._names.get((line.words[at],), ()) if name.kind == kind]
        said = line.said[at]
        for name in sorted(names, key=lambda n: n.said[0] != said):
            exact = said == name.said[0]
            if not exact and said not in variants(name.said[0]):
                continue
            fits = self._for_work if name.kind == "process" else self._for_goods
            if (homed and kind == "product") or fits(name, line, at, exact, found):
                return TermSpot(name.kind, name.term, at, at + 1)
        return None

    def _for_goods(self, name: Name, line: Line, at: int, exact: bool, found: list[TermSpot]) -> bool:
        """Whether a short product name is meant as one."""
        if (
            line.words[at - 1] in (*HONORIFICS, "thon", "ban", "xom", "khu")
            and line.text[line.tokens[at].start].isupper()
            and not line.text.isupper()
        ):
            return False
        if exact and (name.said != name.folded or not name.risky):
            return not name.strict or line.size <= 2 or self._hinted(name, line, at, found)
        if exact and (line.marked or line.words[at] not in self._rare):  # "na", "cam": the same with or without marks
            return line.size <= 3 or not name.strict or self._hinted(name, line, at, found)
        if line.words[at] in JOINERS:
            return False
        around = next((s for s in found if s.kind == "process" and s.at <= at < s.after), None)
        if around is not None:  # "nghiền đá" names đá, "nhỏ giọt" no nho
            return name.said[0] in around.said
        starts = not line.words[at - 1].isalpha() and line.words[at] not in self._never
        if starts and (line.said[at + 1] in self._owned or line.value(at + 1) is not None):  # "cam nhà em", "lúa 2 sào"
            return True
        if not line.marked and any(spot.kind == "process" and spot.after == at for spot in found):  # what is dried
            return line.words[at] not in ("lon", "luong", *self._never) or self._tightly(line, at)
        if line.words[at] in self._rare:
            alone = line.size == 1 and line.words[at] not in self._never
            return alone or self._tightly(line, at) or _joined(line, at, "product", found)
        if line.marked:
            return self._next_to(name, line, at, 1) and len(line.said[at]) > 2
        return not name.risky or line.size <= 2 or self._hinted(name, line, at, found)

    def _tightly(self, line: Line, at: int) -> bool:
        """Whether "quả", "cây", a unit stands just before a name that is much else without marks, or "khô" behind."""
        said = line.said[at - 1]
        return said in self._tight or line.said[at + 1] in self._tight_after or self._counted(line, at)

    def _counted(self, line: Line, at: int) -> bool:
        """Whether an amount stands just before ("5 tạ hồng")."""
        if UNITS.get(line.said[at - 1]) is None or line.words[at] in self._never:
            return False
        return line.value(at - 2) is not None or line.said[at - 2] in BEGINS

    def _hinted(self, name: Name, line: Line, at: int, found: list[TermSpot]) -> bool:
        short = line.said[at] != name.said[0] and len(line.said[at]) <= 3  # "nam" is seldom nấm
        return self._next_to(name, line, at, 1 if short else 2) or _joined(line, at, "product", found)

    def _next_to(self, name: Name, line: Line, at: int, reach: int) -> bool:
        """Whether words beside a name show that the product is meant."""
        cues = self._before["product"]
        for back in range(1, reach + 1):
            if not line.words[at - back].isalpha():
                break
            said = line.said[at - back]
            if said in cues or (back == 1 and self._counted(line, at)):
                return True
        return line.said[at + len(name.said)] in self._after

    def _for_work(self, name: Name, line: Line, at: int, exact: bool, found: list[TermSpot]) -> bool:
        """Whether a short process name stands beside a machine, another process or a wish."""
        if not name.risky and (exact or not line.marked):
            return True
        if self._machines.ends(line, at):
            return True
        if name.strict or line.words[at] in JOINERS:
            return False
        wished = line.said[at - 1] in self._wish
        if not exact or (name.said == name.folded and not line.marked):
            return wished or _joined(line, at, "process", found)
        if wished or line.value(at + 1) is not None or not line.words[at + 1] or line.said[at + 1] in self._goods:
            return True
        if _joined(line, at, "process", found):
            return True
        return any(line.said[at - back] in self._before["process"] for back in range(1, 4) if at >= back)

    def _worked(self, masked: list[str], found: list[TermSpot]) -> list[TermSpot]:
        """The product in the name of a process, where no other is named: chè of "sao chè"."""
        extra: list[TermSpot] = []
        for spot in found:
            for at in range(spot.at + 1, spot.after):
                names = self._names.get((masked[at],), ())
                term = next(
                    (n.term for n in names if n.kind == "product" and n.said[0] == spot.said[at - spot.at]), None
                )
                if term and len(spot.said) == spot.after - spot.at:
                    extra.append(TermSpot("product", term, at, at + 1))
        return extra

    def _divided(self, line: Line, words: list[str], found: list[TermSpot]) -> list[TermSpot]:
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
                extra.append(TermSpot("process", term, at, at + len(first)))
        return extra

    def _masked(self, line: Line, words: list[str]) -> list[str]:
        """The words with those of masking phrases made into signs that name nothing."""
        masked = list(words)
        for at in range(line.size):
            found = self._masks.begins(line, at)
            if found and line.said[at - 1] not in self._tight:  # "mùa hồi tháng 7" is no "hồi tháng 7"
                masked[at : found[1]] = ["·"] * (found[1] - at)
        return masked


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


def _told_better(spot: TermSpot, found: Iterable[TermSpot]) -> bool:
    """Whether "tinh dầu" only stands in "nồi nấu tinh dầu" while tinh dầu hồi is named."""
    if spot.kind != "product" or not any(
        o.kind == "process" and o.at < spot.at and spot.after <= o.after for o in found
    ):
        return False
    return any(o.kind == "product" and o.term.startswith(spot.term + " ") for o in found)


def _joined(line: Line, at: int, kind: str, found: Iterable[TermSpot]) -> bool:
    """Whether another term of the kind stands just before, with at most "và" or a comma between."""
    before = line.words[at - 1]
    edges = (at - 1,) if before in JOINERS else (at,) if kind == "process" else ()
    return any(spot.kind == kind and spot.after in edges for spot in found)


def _words(lexicon: Mapping[str, Any], key: str) -> frozenset[str]:
    return frozenset(kind for word in lexicon.get(key, ()) for kind in variants(place_tone(word)))
