"""What technologies and products are called, which is a kind of which, and which stand near one another."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from domain.spelling import one_slip
from domain.syllables import FOLDED
from matching.words import BREAK, Words, key_of, words_of

LONGEST = 6  # words of the longest name looked up in a text
MASK = "mask"
SLIP_LETTERS = 9  # letters of a name from which one of its words is known through a slip that makes another word
SLIP_WORD = 4  # letters of that word
SIGNIFICANT = frozenset(("product", "process"))
KINDS = (("product", "products"), ("process", "processes"))


class Relation(IntEnum):
    """How an offered term serves a wanted one, closest last."""

    UNRELATED = 0
    NEAR = 1  # a neighbouring step, worth a look when the right one is missing
    SIBLING = 2  # kinds of the same thing
    NARROWER = 3  # the offer is more special than what is wanted
    BROADER = 4  # the offer serves a wider class that holds what is wanted
    MADE_FROM = 5  # one is made from the other
    SAME = 6


@dataclass(frozen=True, slots=True)
class Name:
    """One way to say a concept; `said` is with marks, the key of the table without."""

    kind: str  # product | process | problem | wish … | money | scale | mask
    concept: str
    said: str


@dataclass(frozen=True, slots=True)
class Spot:
    """A concept named by words[at:after]."""

    kind: str
    concept: str
    at: int
    after: int


class Concepts:
    """The graph of one kind of vocabulary, products with processes; unknown terms join it under the terms they begin with."""

    def __init__(self, terms: Mapping[str, Any], technology: Mapping[str, Any]) -> None:
        """Takes lexicon/terms.yaml with lexicon/technology.yaml as parsed, lexicon/further.yaml in it as "further"."""
        self._names: dict[str, list[Name]] = {}
        self._single: set[str] = set()  # names of one word
        self._next: dict[str, dict[str, int]] = {}  # first word, second word, words of the longest such name
        self._words: set[str] = set()  # every word of every name, without marks
        self._without: dict[tuple[str, ...], set[str]] = {}  # a long name without one word ("" in its place), that word
        self._concept: dict[tuple[str, str], str] = {}  # (kind, key of a name) to concept
        self._parents: dict[tuple[str, str], tuple[str, ...]] = {}
        self._spelt: dict[tuple[str, str], str] = {}  # how a concept is written where that is not in small letters
        self._above: dict[tuple[str, str], frozenset[str]] = {}
        self._below: dict[tuple[str, str], int] = {}
        for kind, group in KINDS:
            self._lay_out(kind, technology[group])
        for kind, group in KINDS:
            self._lay_out(kind, technology["further"][group], mend=False)
        for kind, group in KINDS:
            self._add_terms(kind, terms[group])
        self.general = frozenset(self.concept("process", name) for name in technology["general"])
        self._residues = frozenset(self.concept("product", name) for name in technology["residues"])
        self._keeping = frozenset(self.concept("process", name) for name in technology["keeping"])
        self._by_keeping = frozenset(self.concept("product", name) for name in technology["made_by_keeping"])
        self._made: dict[str, frozenset[str]] = {}
        self._lay_sources(technology["made_from"])
        self._near: dict[str, frozenset[int]] = {}
        for number, group_of in enumerate(technology["near"]):
            for name in group_of:
                concept = self.concept("process", name)
                self._near[concept] = self._near.get(concept, frozenset()) | {number}
        self.any_product = frozenset(self.concept("process", name) for name in technology["any_product"])
        for process, problems in technology["problems"].items():
            for problem in problems:
                self._name("problem", self.concept("process", process), problem)
        for wish, phrases in technology["wishes"].items():
            for phrase in phrases:
                self._name(f"wish {wish}", wish, phrase)
        for scale, phrases in technology["scale"].items():
            for phrase in phrases:
                self._name("scale", scale, phrase)
        for phrase, span in technology["rough_money"].items():
            self._name("money", f"{span[0]}-{span[1]}", phrase)
        for mask in (*technology["masks"], *technology["further"]["masks"]):
            self._name(MASK, "", mask)
        self._shipped = frozenset(self._concept)
        for (kind, concept), _ in list(self._parents.items()):
            for parent in self.above(kind, concept):
                self._below[kind, parent] = self._below.get((kind, parent), 0) + 1

    # --- building -----------------------------------------------------------------------------------------------
    def _lay_out(self, kind: str, groups: Mapping[str, Iterable[str]], mend: bool = True) -> None:
        """Puts classes with their kinds in; names that are not to `mend` are known as spelt right alone."""
        rows = [(parent, line) for parent, lines in groups.items() for line in lines]
        for _, line in rows:  # a term beats an alias of the same name, so all heads first
            spelt = line.split("|")[0].strip()
            head = key_of(spelt)
            if spelt != head:
                self._spelt[kind, head] = spelt
            self._concept.setdefault((kind, head), head)
            self._name(kind, head, head, mend)
        for parent, line in rows:
            head, *others = (key_of(name) for name in line.split("|"))
            for name in others:
                if self._concept.setdefault((kind, name), head) == head:
                    self._name(kind, head, name, mend)
            if parent != "*":
                above = self._concept.setdefault((kind, key_of(parent)), key_of(parent))
                if above != head:
                    held = self._parents.get((kind, head), ())
                    self._parents[kind, head] = (*held, above) if above not in held else held
            self._parents.setdefault((kind, head), ())

    def _add_terms(self, kind: str, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            concept = self.concept(kind, row["term"])
            for name in (row["term"], *row.get("also", ())):
                if self._concept.setdefault((kind, key_of(name)), concept) == concept:
                    self._name(kind, concept, name)
            for parent in row.get("parents", ()):
                above = self.concept(kind, parent)
                held = self._parents.get((kind, concept), ())
                if above != concept and above not in held and concept not in self.above(kind, above):
                    self._parents[kind, concept] = (*held, above)
                    self._above.clear()
            for problem in row.get("problems", ()):
                self._name("problem", concept, problem)

    def _lay_sources(self, rows: Mapping[str, Iterable[str]]) -> None:
        for product, sources in rows.items():
            made = self.concept("product", product)
            for source in sources:
                origin = self.concept("product", source)
                self._made[made] = self._made.get(made, frozenset()) | {origin}
                self._made[origin] = self._made.get(origin, frozenset()) | {made}

    def _name(self, kind: str, concept: str, said: str, mend: bool = True) -> None:
        row = words_of(said)
        if not row.folded:
            return
        held = self._names.setdefault(" ".join(row.folded), [])
        name = Name(kind, concept, " ".join(row.said))
        if name not in held:
            held.append(name)
        self._words.update(row.folded)
        first = row.folded[0]
        if len(row.folded) == 1:
            self._single.add(first)
        else:
            longest = self._next.setdefault(first, {})
            longest[row.folded[1]] = max(longest.get(row.folded[1], 0), len(row.folded))
            if kind in SIGNIFICANT and mend:
                for at, word in enumerate(row.folded):
                    self._without.setdefault((*row.folded[:at], "", *row.folded[at + 1 :]), set()).add(word)

    def mask(self, phrases: Iterable[str]) -> None:
        """Phrases of several words in which short names mean nothing, besides those of the vocabulary: names of places."""
        for phrase in phrases:
            if " " in phrase.strip():
                self._name(MASK, "", phrase)

    def spelt(self, kind: str, concept: str) -> str:
        """A concept as people write it: "RAS", "bảo quản MAP", "sấy lạnh"."""
        return self._spelt.get((kind, concept), concept)

    # --- asking -------------------------------------------------------------------------------------------------
    def concept(self, kind: str, term: str) -> str:
        """The concept that a term of this kind stands for; an unknown term becomes one of its own."""
        key = key_of(term)
        held = self._concept.get((kind, key))
        if held is not None:
            return held
        words = key.split()
        parent = next(
            (self._concept[kind, head] for size in range(len(words) - 1, 0, -1)
             if (kind, head := " ".join(words[:size])) in self._concept), None,
        )  # fmt: skip
        self._concept[kind, key] = key
        self._parents[kind, key] = (parent,) if parent is not None else ()
        return key

    def known(self, kind: str, term: str) -> bool:
        """Whether the shipped vocabulary holds the term."""
        return (kind, key_of(term)) in self._shipped

    def known_as(self, kind: str) -> set[str]:
        """All concepts of a kind."""
        return {concept for (of, _), concept in self._concept.items() if of == kind}

    def parents(self, kind: str, concept: str) -> tuple[str, ...]:
        """What a concept is directly a kind of."""
        return self._parents.get((kind, concept), ())

    def above(self, kind: str, concept: str) -> frozenset[str]:
        """Everything that a concept is a kind of."""
        held = self._above.get((kind, concept))
        if held is None:
            found: set[str] = set()
            ahead = list(self.parents(kind, concept))
            while ahead:
                parent = ahead.pop()
                if parent not in found and parent != concept:
                    found.add(parent)
                    ahead.extend(self.parents(kind, parent))
            held = self._above[kind, concept] = frozenset(found)
        return held

    def breadth(self, kind: str, concept: str) -> int:
        """How many kinds of this the vocabulary knows."""
        return self._below.get((kind, concept), 0)

    def made(self, product: str, keeping: bool = False) -> frozenset[str]:
        """What a product is made from, with what is made from it; only by steps that leave things as they are if `keeping`."""
        found = self._made.get(product, frozenset())
        return found if not keeping or product in self._by_keeping else found & self._by_keeping

    def keeps(self, processes: Iterable[str]) -> bool:
        """Whether steps are stated that all leave a thing what it is, so that what is made from it is another matter."""
        stated = tuple(processes)
        return bool(stated) and all(
            not self._keeping.isdisjoint((step, *self.above("process", step))) for step in stated
        )

    def residual(self, product: str) -> bool:
        """Whether a product is what some step leaves behind."""
        return not self._residues.isdisjoint((product, *self.above("product", product)))

    @property
    def vocabulary(self) -> set[str]:
        """Every word of every name, with its marks."""
        return {word for names in self._names.values() for name in names for word in name.said.split(" ")}

    @property
    def names(self) -> list[str]:
        """Every name of a product or a step, with its marks."""
        return [name.said for names in self._names.values() for name in names if name.kind in SIGNIFICANT]

    def near(self, process: str) -> frozenset[int]:
        """The neighbourhoods of a process, those of what it is a kind of among them."""
        found = self._near.get(process, frozenset())
        for parent in self.above("process", process):
            found |= self._near.get(parent, frozenset())
        return found

    def relation(self, kind: str, wanted: str, offered: str) -> Relation:
        """How an offered concept serves a wanted one."""
        if wanted == offered:
            return Relation.SAME
        if kind == "product" and offered in self.made(wanted):
            return Relation.MADE_FROM
        if offered in self.above(kind, wanted):
            return Relation.BROADER
        if wanted in self.above(kind, offered):
            return Relation.NARROWER
        if set(self.parents(kind, wanted)) & set(self.parents(kind, offered)):
            return Relation.SIBLING
        if kind == "process" and self.near(wanted) & self.near(offered):
            return Relation.NEAR
        return Relation.UNRELATED

    # --- reading ------------------------------------------------------------------------------------------------
    def read(self, words: Words, mend: bool = False, masks: bool = True) -> list[Spot]:
        """The concepts named in a text, from left to right; of one kind the longer names win, a word is used once.

        `mend` looks for names with a slip as well. Masks, phrases in which short names mean nothing, come among them, unless
        what is read is a term and no text.
        """
        found = self._all(words)
        found += self._slipped(words, found) if mend else ()
        if len(found) > 1:
            found.sort(key=lambda spot: spot.at - spot.after)
        kept: list[Spot] = []
        used: dict[str, set[int]] = {}
        for spot in found:
            taken = used.setdefault(spot.kind, set())
            if taken.isdisjoint(range(spot.at, spot.after)):
                taken.update(range(spot.at, spot.after))
                kept.append(spot)
        masked = used.get(MASK, ()) if masks else ()
        return sorted(
            (
                spot for spot in kept
                if spot.kind == MASK or (
                    (spot.at not in masked or spot.after - 1 not in masked)
                    and not (spot.kind in SIGNIFICANT and spot.at in words.proper)
                )
            ),
            key=lambda spot: spot.at,
        )  # fmt: skip

    def _all(self, words: Words) -> list[Spot]:
        """Every name that stands in a text, those typed with just their marks first: "làm kho lạnh" is no "làm khô"."""
        row = words.folded
        found: list[Spot] = []
        loose: list[Spot] = []
        for at, first in enumerate(row):
            sizes = self._next.get(first)
            longest = sizes.get(row[at + 1], 0) if sizes is not None and at + 1 < len(row) else 0
            for size in range(min(longest, LONGEST, len(row) - at), 1, -1):
                names = [n for n in self._names.get(" ".join(row[at : at + size]), ()) if _fits(n, words, at, size)]
                said = " ".join(words.said[at : at + size])
                exact = {name.kind for name in names if name.said == said}  # "máy xay" is no "máy xấy"
                for name in names:
                    if name.said == said:
                        found.append(Spot(name.kind, name.concept, at, at + size))
                    elif name.kind not in exact:
                        loose.append(Spot(name.kind, name.concept, at, at + size))
            if first in self._single:
                for name in self._names[first]:
                    if _fits(name, words, at, 1):
                        found.append(Spot(name.kind, name.concept, at, at + 1))
        return found + loose

    def _slipped(self, words: Words, found: Iterable[Spot]) -> list[Spot]:
        """Names of several words of which one has a slip ("kho lnh", "đông tùng hạ thảo"), longer than what is spelt right."""
        row = words.folded
        held = [0] * len(row)  # words of the longest name spelt right at each place
        for spot in found:
            for at in range(spot.at, spot.after):
                held[at] = max(held[at], spot.after - spot.at)
        extra: list[Spot] = []
        for at in range(len(row) - 1):
            for size in range(2, min(LONGEST, len(row) - at) + 1):
                after = at + size
                if row[after - 1] == BREAK:
                    break
                if max(held[at:after]) >= size or (size == 2 and max(held[at:after]) and not words.marked):
                    continue
                for slip in range(at, after):
                    for word in self._without.get((*row[at:slip], "", *row[slip + 1 : after]), ()):
                        if self._meant_as(words, at, after, slip, word):
                            extra += self._mended(words, at, after, slip, word)
        return extra

    def _meant_as(self, words: Words, at: int, after: int, slip: int, word: str) -> bool:
        """Whether a word of a name was typed with a slip: one that makes no syllable, or in a long name another word.

        Such another word must stand between two right ones or be unknown elsewhere: "đèn năng lượng …" is no điện.
        """
        typed, name = words.folded[slip], words.folded[at:after]
        if typed not in FOLDED:
            return typed.isalpha() and typed != word and one_slip(typed, word)
        if len(name) == 2 or len(word) < SLIP_WORD or sum(map(len, name)) < SLIP_LETTERS or not one_slip(typed, word):
            return False
        return at < slip < after - 1 or typed not in self._words

    def _mended(self, words: Words, at: int, after: int, slip: int, word: str) -> list[Spot]:
        """The names that words[at:after] give when one of them is another word."""
        folded = (*words.folded[at:slip], word, *words.folded[slip + 1 : after])
        said = (*words.said[at:slip], word, *words.said[slip + 1 : after])
        names = self._names.get(" ".join(folded), ())
        size = after - at
        return [
            Spot(name.kind, name.concept, at, after) for name in names
            if name.kind in SIGNIFICANT and _fits(name, Words(folded, said, words.marked), 0, size)
        ]  # fmt: skip

    def perhaps(self, words: Words, free: Iterable[int]) -> list[tuple[Spot, str]]:
        """Short names that words typed without marks may mean, each word for itself, each with how it is written."""
        return [
            (Spot(name.kind, name.concept, at, at + 1), name.said)
            for at in free for name in self._names.get(words.folded[at], ()) if name.kind in SIGNIFICANT
        ]  # fmt: skip


def _fits(name: Name, words: Words, at: int, size: int) -> bool:
    """Whether words typed so can mean this name: each with its marks or with none at all."""
    if size == 1:
        if words.said[at] != name.said:
            return False
        return words.marked or name.kind == MASK or name.said not in FOLDED
    expected = name.said.split(" ")
    for offset in range(size):
        said = words.said[at + offset]
        if said != expected[offset] and (words.careful or said != words.folded[at + offset]):
            return False
    return True
