"""Hears which step a story tells of without naming it, by how alike it is to taught tellings."""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from math import sqrt
from typing import Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from knowledge.library import load
from knowledge.stories import NOTHING, load_stories
from matching.concepts import Concepts, Spot
from matching.words import BREAK, Words, words_of

WORD, PAIR, APART, MARKED, NAMED, GOODS = 1.0, 1.0, 0.5, 1.0, 1.5, 0.7  # how much each kind of sign counts
SHARP: Final = {True: 32.0, False: 44.0}  # from likeness (a cosine) to chance, for words with marks and without
STRANGE: Final = 3.0  # weight of a sign that was never taught
FLOOR: Final = 0.001  # the least chance that one part of a story leaves to a step of another part
FAINT: Final = 0.005  # what is less likely is not told
SHORT, LONG, STRIDE, WHOLE = (
    8,
    18,
    7,
    60,
)  # words: a part that joins the next, one that is divided, and into what; a whole text
PIECE: Final = 14
SMALL: Final = frozenset(
    "la co cua cho va voi cac mot nhung duoc em anh chi nha toi minh ben chung thi ma o tai vao ra nay kia do ay roi de tu den "
    "nhe a nhi oi ve gi nao sao khi neu dang da se van con nua lai".split()
)  # words that alone are no sign
Ints = NDArray[np.int32]
Floats = NDArray[Any]
TELLING: Final = frozenset(("process", "problem"))


class Stories:
    """Taught tellings of steps, as one weighed list of signs for each step; it never changes, so threads may share it."""

    def __init__(self, concepts: Concepts, tellings: Mapping[str, Iterable[str]]) -> None:
        """`tellings` maps a step as the vocabulary calls it, or NOTHING, to sentences written with marks."""
        self._goods = {name: (name, *concepts.above("product", name)) for name in concepts.known_as("product")}
        place: dict[str, int] = {}
        signs, values, whose, steps = array("I"), array("f"), array("i"), array("i")
        for step, sentences in tellings.items():
            concept = step if step == NOTHING else concepts.concept("process", step)
            for words in map(words_of, sentences):
                for sign, value in self._signs(words, concepts.read(words)).items():
                    signs.append(crc32(sign.encode()))
                    values.append(value)
                    whose.append(len(steps))
                steps.append(place.setdefault(concept, len(place)))
        self.steps: tuple[str, ...] = tuple(place)
        self._weigh(*map(np.asarray, (signs, values, whose, steps)))

    def _weigh(self, signs: Ints, values: Floats, whose: Ints, steps: Ints) -> None:
        """From signs with their values, whose sentence they are of and its step, to what each sign says for each step.

        A sign is kept as a number of 32 bits: of 180,000 some four may share one, which does no harm.
        """
        self._known, sign_of, often = np.unique(signs, return_inverse=True, return_counts=True)
        self._rare = np.log(1 + len(steps) / often)
        weighed = values * self._rare[sign_of]
        weighed /= np.sqrt(np.bincount(whose, weighed * weighed))[whose]
        count = len(self.steps)
        pairs, at = np.unique(sign_of.astype(np.int64) * count + steps[whose], return_inverse=True)
        sums = np.bincount(at, weighed)
        of = pairs % count
        lengths = np.sqrt(np.bincount(of, sums * sums, minlength=count))
        self._says = (sums / lengths[of]).astype(np.float32)
        self._step = of.astype(np.int16)
        self._from = np.searchsorted(pairs, np.arange(len(self._known) + 1) * count).astype(np.int32)

    def _signs(self, words: Words, spots: Iterable[Spot]) -> dict[str, float]:
        """What is looked at in a telling: its words, neighbours, and the goods and steps it names with their classes."""
        found: dict[str, float] = {}

        def add(sign: str, value: float) -> None:
            found[sign] = found.get(sign, 0.0) + value

        row = [at for at, word in enumerate(words.folded) if word != BREAK]
        for place, at in enumerate(row):
            word = words.folded[at]
            if word not in SMALL:
                add(f"w{word}", WORD)
                if words.said[at] != word:
                    add(f"W{words.said[at]}", MARKED)
            if place:
                add(f"b{words.folded[row[place - 1]]} {word}", PAIR)
            if place > 1:
                add(f"s{words.folded[row[place - 2]]} {word}", APART)
        for spot in spots:
            if spot.kind == "product":
                for goods in self._goods.get(spot.concept, (spot.concept,)):
                    add(f"p{goods}", GOODS)
            elif spot.kind in TELLING:
                add(f"c{spot.concept}", NAMED)
        return found

    def chances(self, words: Words, spots: Iterable[Spot]) -> NDArray[np.float64]:
        """Per step of `steps` the chance that just these words tell of it; all together 1."""
        signs = self._signs(words, spots)
        values = np.fromiter(signs.values(), dtype=np.float64, count=len(signs))
        numbers = np.array([crc32(sign.encode()) for sign in signs], dtype=np.uint32)
        at = np.searchsorted(self._known, numbers)
        at[at == len(self._known)] = 0
        taught = self._known[at] == numbers
        weights = np.where(taught, values * self._rare[at], values * STRANGE)
        first = self._from[at[taught]]
        count = self._from[at[taught] + 1] - first
        says = np.arange(count.sum()) + np.repeat(first - np.cumsum(count) + count, count)
        heard = self._says[says] * np.repeat(weights[taught].astype(np.float32), count)
        found = np.bincount(self._step[says], heard, len(self.steps))
        alike = found.astype(np.float64)  # whole numbers where nothing is known
        length = float(weights @ weights)
        alike *= SHARP[words.marked] / (sqrt(length) or 1.0)
        made = np.exp(alike - alike.max())
        return np.asarray(made / made.sum())

    def heard(self, *texts: tuple[Words, Iterable[Spot]]) -> dict[str, float]:
        """The steps that texts tell of by all their parts together, each with its chance, likeliest first."""
        total = np.zeros(len(self.steps))
        for words, spots in texts:
            spots = list(spots)
            for first, last in parts(words.folded):
                inside = [spot for spot in spots if first <= spot.at and spot.after <= last]
                part = Words(words.folded[first:last], words.said[first:last], words.marked)
                total += np.log(self.chances(part, inside) + FLOOR)
        made = np.exp(total - total.max())
        made /= made.sum()
        found = {self.steps[at]: float(made[at]) for at in np.argsort(-made) if made[at] >= FAINT}
        found.pop(NOTHING, None)
        return found


def parts(row: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """(first, last) of the parts of a text that are heard one by one: clauses, the short joined, the long divided, and the
    whole of a short text."""
    joined: list[tuple[int, int]] = []
    first = 0
    for at, word in enumerate((*row, BREAK)):
        if word != BREAK:
            continue
        if at > first:
            if joined and joined[-1][1] - joined[-1][0] < SHORT:
                joined[-1] = (joined[-1][0], at)
            else:
                joined.append((first, at))
        first = at + 1
    for first, last in joined:
        if last - first <= LONG:
            yield first, last
        else:
            yield from ((at, min(last, at + PIECE)) for at in range(first, last - STRIDE + 1, STRIDE))
    if len(joined) > 1 and len(row) <= WHOLE:
        yield 0, len(row)


@cache
def taught() -> Stories:
    """What the shipped tellings teach; made once for the process."""
    library = load()
    return Stories(Concepts(library.terms, library.technology), load_stories())
