"""Tells whether a short name ("na", "hồi", "ép") is meant by the words beside it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.line import Line, phrases, variants
from domain.numbers import DIGITS, DOZEN, HUNDRED, TEENS
from domain.text import place_tone
from domain.units import UNITS
from nlu.near import Name

JOINERS = frozenset((",", "va", "voi", "hay", "hoac", "lan", "roi", "/", "-", "+", "&", "cung", "vs"))
BEFORE_NAMES = frozenset("chi anh co chu bac ong ba em ten gap thay thon ban xom khu".split())
BEFORE_PLACES = frozenset("o tai xa huyen tinh phuong vung".split())
SEASONS = frozenset(("vụ", "mùa", "vu", "mua"))


@dataclass(frozen=True, slots=True)
class TermSpot:
    """A term found in tokens[at:after]."""

    kind: str
    term: str
    at: int
    after: int
    said: tuple[str, ...] = ()  # the name as it is written properly


class Hints:
    """The cues of lexicon/terms.yaml."""

    def __init__(self, lexicon: Mapping[str, Any]) -> None:
        """Takes lexicon/terms.yaml as parsed."""
        self._masks = phrases("|".join(lexicon.get("masks", ("ạ",))))
        self._before = _words(lexicon.get("cues_before", ()))
        self._after = _words(lexicon.get("cues_after", ()))
        self._tight = _words(lexicon.get("tight_cues", ()))
        self._tight_after = _words(lexicon.get("tight_after", ()))
        self._sure = _words(lexicon.get("sure_cues", ()))
        self._extra = {word: _words(cues) for word, cues in lexicon.get("extra_cues", {}).items()}
        self._rare = frozenset(lexicon.get("rare", ()))
        self._never = frozenset(lexicon.get("never_counted", ()))
        self._of_places = frozenset(lexicon.get("of_places", ()))
        self._owned = _words(lexicon.get("owned", ()))
        self.machines = phrases("|".join(lexicon.get("machines", ("máy",))))
        self._bare_machines = phrases("|".join(lexicon.get("bare_machines", ("máy",))))
        self._wish = _words(lexicon.get("wish_cues", ()))
        self._work = _words(lexicon.get("process_cues", ()))
        self._goods = frozenset(
            variant
            for row in lexicon["products"]
            for name in (row["term"], *row.get("also", ()))
            for variant in (place_tone(name).split()[0],)
        )

    def masks(self, line: Line) -> list[tuple[int, int]]:
        """Where phrases stand in which a short name means something else; "mùa hồi tháng 7" is no "hồi tháng"."""
        found = ((at, after) for _, at, after in self._masks.all(line))
        return [(at, after) for at, after in found if line.words[at] != "hoi" or line.said[at - 1] not in SEASONS]

    def beside(self, line: Line, at: int, after: int) -> bool:
        """Whether a product word stands near tokens[at:after]."""
        return self._next_to(line, at, after, 2)

    def goods(self, name: Name, line: Line, at: int, found: Iterable[TermSpot], homed: bool) -> bool:
        """Whether a short product name is meant; `homed`: the name of a place follows ("chè Thái Nguyên")."""
        word, said = line.words[at], line.said[at]
        exact, bare_name = said == name.said[0], name.said == name.folded
        typed_big = line.text[line.tokens[at].start].isupper() and not line.text.isupper()
        if typed_big and (line.words[at - 1] in BEFORE_NAMES or _a_name(line)):
            return False
        if typed_big and line.words[at - 1] in BEFORE_PLACES and _big(line, at + 1):  # "ở Na Rì"
            return False
        rare = word in self._rare and not line.marked
        if homed and (not rare or word in self._of_places):
            return True
        if exact and not (bare_name and rare):
            return not name.strict or line.size <= (3 if bare_name else 2) or self._hinted(line, at, exact, found)
        if word in JOINERS:
            return False
        around = next((s for s in found if s.kind == "process" and s.at <= at < s.after), None)
        if around is not None:  # "nghiền đá" names đá, "nhỏ giọt" no nho
            return name.said[0] in around.said
        starts = not line.words[at - 1].isalpha() and word not in self._never
        if starts and (line.said[at + 1] in self._owned or line.value(at + 1) is not None):  # "cam nhà em", "lúa 2 sào"
            return True
        if not line.marked and any(s.kind == "process" and s.after == at for s in found):  # what is dried or packed
            return word not in self._never or self._tightly(line, at)
        if word in self._rare:
            return (
                (line.size == 1 and word not in self._never)
                or self._tightly(line, at)
                or joined(line, at, "product", found)
            )
        if line.marked:
            return len(said) > 2 and self._next_to(line, at, at + 1, 1)
        return not name.risky or line.size <= 2 or self._hinted(line, at, exact, found)

    def work(self, name: Name, line: Line, at: int, found: Iterable[TermSpot]) -> bool:
        """Whether a short process name stands beside a machine, another process or a wish."""
        said = line.said[at]
        exact = said == name.said[0]
        marked = line.marked if name.said == name.folded else exact  # whether what is typed can be taken at its word
        if not name.risky and (exact or not line.marked):
            return True
        if (self.machines if marked else self._bare_machines).ends(line, at):
            return True
        if name.strict or line.words[at] in JOINERS:
            return False
        if line.said[at - 1] in self._wish or joined(line, at, "process", found):
            return True
        if not marked:
            return False
        if line.value(at + 1) is not None or not line.words[at + 1] or line.said[at + 1] in self._goods:
            return True
        return any(line.said[at - back] in self._work for back in range(1, 4) if at >= back)

    def _hinted(self, line: Line, at: int, exact: bool, found: Iterable[TermSpot]) -> bool:
        short = not exact and len(line.said[at]) <= 3  # "nam" is seldom nấm
        if self._next_to(line, at, at + 1, 1 if short else 2) or joined(line, at, "product", found):
            return True
        return any(spot.kind == "product" and spot.after == at for spot in found)  # "nghệ gừng"

    def _tightly(self, line: Line, at: int) -> bool:
        """Whether "quả", "cây", an amount stands just before a name that is much else without marks, or "khô" behind."""
        said, word = line.said[at - 1], line.words[at]
        if said in self._extra.get(word, ()) or line.said[at + 1] in self._tight_after:
            return True
        if word in self._never:
            return said in self._sure
        return said in self._tight or self._counted(line, at)

    def _counted(self, line: Line, at: int) -> bool:
        """Whether an amount stands just before ("5 tạ hồng")."""
        if UNITS.get(line.said[at - 1]) is None or line.words[at] in self._never:
            return False
        number = line.said[at - 2]
        return (
            line.value(at - 2) is not None
            or number in DIGITS
            or number in TEENS
            or number in DOZEN
            or number in HUNDRED
        )

    def _next_to(self, line: Line, at: int, after: int, reach: int) -> bool:
        for back in range(1, reach + 1):
            if not line.words[at - back].isalpha():
                break
            if line.said[at - back] in self._before or (back == 1 and self._counted(line, at)):
                return True
        return line.said[after] in self._after


def _a_name(line: Line) -> bool:
    """Whether two to four words with capitals are all there is ("Lê Thị Đào")."""
    if not 2 <= line.size <= 4 or not all(word.isalpha() for word in line.words[: line.size]):
        return False
    return all(line.text[token.start].isupper() for token in line.tokens)


def joined(line: Line, at: int, kind: str, found: Iterable[TermSpot]) -> bool:
    """Whether another term of the kind stands just before, with "và" or a comma between (a process also without)."""
    before = line.words[at - 1]
    edges = (at - 1,) if before in JOINERS else (at,) if kind == "process" else ()
    return any(spot.kind == kind and spot.after in edges for spot in found)


def _big(line: Line, at: int) -> bool:
    """Whether a word begins with a capital."""
    return at < line.size and line.text[line.tokens[at].start].isupper()


def _words(cues: Iterable[str]) -> frozenset[str]:
    return frozenset(kind for word in cues for kind in variants(place_tone(word)))
