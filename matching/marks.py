"""How likely each syllable with marks is behind a word typed without them, by the words beside it."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

from domain.text import fold, has_diacritics
from knowledge.library import load
from knowledge.stories import load_stories
from matching.concepts import Concepts
from matching.vocabulary import texts_of
from matching.words import BREAK, words_of

REACH: Final = 4  # words to either side that are looked at
MOST: Final = 8  # syllables weighed for one word, the commonest ones
DISCOUNT: Final = 0.9  # of each pair that was seen (absolute discounting)
LEAST: Final = 1e-6  # the chance of what was never seen
AGAIN: Final = 5  # how often a name is counted: what this is about is rather named than in other texts


class Marks:
    """Pairs of neighbouring syllables in texts that are written with marks."""

    def __init__(self, texts: Iterable[str], names: Iterable[str]) -> None:
        """`texts` are sentences (those without marks are left out), `names` are phrases that may be meant anywhere."""
        self._alone: dict[str, int] = {}
        self._after: dict[str, dict[str, int]] = {}
        for text in texts:
            if has_diacritics(text):
                self._count(text, 1)
        for name in names:
            self._count(name, AGAIN)
        self._total = sum(self._alone.values()) or 1
        self._behind: dict[str, list[str]] = {}
        for said in sorted(self._alone, key=lambda said: -self._alone[said]):
            self._behind.setdefault(fold(said), []).append(said)
        self._followed = {before: sum(held.values()) for before, held in self._after.items()}

    def _count(self, text: str, times: int) -> None:
        row = words_of(text)
        before = BREAK
        for said in row.said:
            self._alone[said] = self._alone.get(said, 0) + times
            held = self._after.setdefault(before, {})
            held[said] = held.get(said, 0) + times
            before = said

    def _syllables(self, folded: str) -> list[str]:
        """What a word may be, commonest first; itself when nothing is known."""
        return self._behind.get(folded, [folded])[:MOST]

    def _chance(self, before: str, said: str) -> float:
        alone = self._alone.get(said, 0) / self._total
        seen = self._followed.get(before, 0)
        if not seen:
            return alone + LEAST
        held = self._after[before]
        spared = DISCOUNT * len(held) / seen  # what is taken from the pairs seen is left to those never seen
        return max(held.get(said, 0) - DISCOUNT, 0.0) / seen + spared * alone + LEAST

    def chances(self, folded: Sequence[str], at: int) -> dict[str, float]:
        """Per syllable that folded[at] may be its chance, 0 to 1, by the words around it."""
        first, last = max(0, at - REACH), min(len(folded), at + REACH + 1)
        row = [self._syllables(word) for word in folded[first:last]]
        ahead = {said: self._chance(folded[first - 1] if first else BREAK, said) for said in row[0]}
        place = at - first
        for options in row[1 : place + 1]:
            ahead = {
                said: sum(value * self._chance(before, said) for before, value in ahead.items()) for said in options
            }
        back = dict.fromkeys(row[-1], 1.0)
        for options in reversed(row[place:-1]):
            back = {said: sum(value * self._chance(said, after) for after, value in back.items()) for said in options}
        made = {said: ahead[said] * back[said] for said in row[place]}
        total = sum(made.values()) or 1.0
        return {said: value / total for said, value in made.items()}


@cache
def shipped_marks() -> Marks:
    """What the shipped texts teach; made once for the process, when first needed."""
    library = load()
    told = (sentence for sentences in load_stories().values() for sentence in sentences)
    return Marks((*told, *texts_of(library)), Concepts(library.terms, library.technology).names)
