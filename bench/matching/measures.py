"""Numbers that say how good rankings and decisions are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log2
from typing import TYPE_CHECKING

from matching.wanted import Decision, Found

if TYPE_CHECKING:  # who only measures speed is spared the reading of messages
    from bench.matching.judged import Judged

FIRST = 5


def gain(ranked: Sequence[str], grades: Mapping[str, int], first: int = FIRST) -> float:
    """nDCG of the first few with gains 2^grade - 1."""
    got = sum((2 ** grades.get(offer, 0) - 1) / log2(at + 2) for at, offer in enumerate(ranked[:first]))
    best = sum((2**grade - 1) / log2(at + 2) for at, grade in enumerate(sorted(grades.values(), reverse=True)[:first]))
    return got / best if best else 0.0


@dataclass
class Ranking:
    """How good an order is over many needs."""

    gains: list[float] = field(default_factory=list)
    serving: list[float] = field(default_factory=list)  # the same with complements counted as nothing
    hits: list[bool] = field(default_factory=list)

    def add(self, need: "Judged", ranked: Sequence[str]) -> None:
        """Counts one need that something serves; others are left out."""
        if need.good:
            self.gains.append(gain(ranked, need.grades))
            self.serving.append(gain(ranked, {offer: grade for offer, grade in need.grades.items() if grade >= 2}))
            self.hits.append(bool(ranked) and need.grades.get(ranked[0], 0) >= 2)

    @property
    def ndcg(self) -> float:
        """Mean nDCG@5."""
        return sum(self.gains) / len(self.gains) if self.gains else 0.0

    @property
    def of_serving(self) -> float:
        """Mean nDCG@5 over the offers that serve alone: how far unjudged ones come before them."""
        return sum(self.serving) / len(self.serving) if self.serving else 0.0

    @property
    def first(self) -> float:
        """Share of needs whose first offer serves."""
        return sum(self.hits) / len(self.hits) if self.hits else 0.0


@dataclass
class Decisions:
    """How good the decisions show, ask, none are, with what is shown."""

    good: int = 0
    silenced: int = 0  # something serves, "none" was said
    empty: int = 0
    said_none: int = 0  # nothing serves, "none" was said
    asked: int = 0
    right: int = 0  # shown and serves
    wrong: int = 0
    opposed: int = 0  # wrong, and judged to be a wrong product or process
    missed: int = 0

    def add(self, need: "Judged", found: Found) -> None:
        """Counts one need."""
        self.good += need.good
        self.empty += not need.good
        self.silenced += need.good and found.decision is Decision.NONE
        self.said_none += not need.good and found.decision is Decision.NONE
        self.asked += found.decision is Decision.ASK
        shown = {match.offer for match in found.matches if match.shown}
        for offer in shown:
            grade = need.grades.get(offer, -1)
            self.right += grade >= 2
            self.wrong += grade < 2
            self.opposed += grade == 0
        self.missed += sum(grade >= 2 and offer not in shown for offer, grade in need.grades.items())

    @property
    def none_precision(self) -> float:
        """Of those told that there is nothing, for how many that is true."""
        return self.said_none / max(1, self.said_none + self.silenced)

    @property
    def none_recall(self) -> float:
        """Of those whom nothing serves, how many are told so."""
        return self.said_none / max(1, self.empty)

    @property
    def precision(self) -> float:
        """Of what is shown, how much serves."""
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Of what serves, how much is shown."""
        return self.right / max(1, self.right + self.missed)


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which this share lies."""
    row = sorted(values)
    return row[min(len(row) - 1, int(share * len(row)))] if row else 0.0
