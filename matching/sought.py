"""A need with what it asks for, an offer with what it gives, as they are compared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from matching.measure import Size
from matching.weighing import stated_of
from matching.words import Words, words_of

MOST_TOKENS: Final = 200  # of one text
LONGEST_OWN: Final = 5  # words of a term that only its offer knows


@dataclass(frozen=True, slots=True)
class Asked:
    """A need as it is compared; `tokens` are its telling words once each."""

    words: Words
    products: tuple[str, ...]
    processes: tuple[str, ...]
    sure: Mapping[str, float]  # how sure a term is when it was not plainly stated, below 1
    firm_step: bool  # a step is named so plainly that an offer without it is no answer
    told: frozenset[str]  # steps that only the story tells of
    tokens: tuple[str, ...]
    wordy: bool  # the words are enough to speak alone
    near_step: frozenset[str]  # telling words right behind a named step: what it is done to, when no product was read
    vague: bool  # nothing says what is to be done: neither a step nor a word beside the product
    size: Size
    low: float
    high: float  # VND
    province: int  # bit
    trl: int  # lowest readiness wanted, 0 when not said
    scale: int  # bits: 1 something small is wanted, 2 something big
    modes: int  # bits of wanted ways of transfer
    strict: bool  # other ways are ruled out
    excluded: tuple[tuple[str, str], ...]  # (kind, concept)

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps without those that the story tells of only faintly."""
        return stated_of(self.processes, self.told, self.sure)

    def says(self, term: str) -> bool:
        """Whether the text holds a term that no vocabulary knows; a single word only with its marks."""
        row = words_of(term)
        if len(row.folded) == 1:
            return self.words.marked and row.said[0] in self.words.said
        return f" {' '.join(row.folded)} " in f" {' '.join(self.words.folded)} "

    def phrases(self) -> Iterator[str]:
        """Every run of words that may be a term which no vocabulary knows, as `own_key` writes it."""
        row = self.words.folded[:MOST_TOKENS]
        if self.words.marked:
            yield from self.words.said[:MOST_TOKENS]
        for size in range(2, LONGEST_OWN + 1):
            for at in range(len(row) - size + 1):
                yield " ".join(row[at : at + size])


def own_key(term: str) -> str:
    """How a term that no vocabulary knows is looked up: a single word with its marks, several without."""
    row = words_of(term)
    return row.said[0] if len(row.folded) == 1 else " ".join(row.folded)


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer as it is compared; weak concepts are only mentioned in its summary."""

    products: tuple[str, ...]
    processes: tuple[str, ...]
    weak_products: tuple[str, ...]
    weak_processes: tuple[str, ...]
    classes: tuple[str, ...]  # of products, named in the title beside kinds of them
    own: tuple[tuple[str, str], ...]  # (kind, term) that no shipped vocabulary knows
    side_processes: tuple[str, ...]  # steps that are listed behind the first one, the title silent on them
    title: tuple[str, ...]
    tokens: tuple[str, ...]
    size: Size
    low: float
    high: float  # VND
    serves: int
    scale: int  # bits: 1 something small, 2 something big
    trl: int
    modes: int
