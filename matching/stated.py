"""The terms that standing needs state, each once: what an offer serves is settled for terms, then looked up by rows."""

from functools import lru_cache
from typing import Final

import numpy as np

from matching.concepts import Concepts
from matching.measure import Floats
from matching.relation import CLASS_ONLY, FIT, MADE, SIGN, WEAK, aside, keys_of, made_back, reach_back
from matching.sought import Offered

REMEMBERED: Final = 4096  # terms of offers whose reach is kept


class Stated:
    """The terms of one kind by number; 0 stands for no term."""

    def __init__(self, concepts: Concepts, kind: str) -> None:
        self._concepts, self.kind = concepts, kind
        self.terms = [""]
        self._number: dict[str, int] = {}
        self._aside = [0.0]  # how much each counts where an offer lists it behind its first step
        self._by_key: dict[str, list[int]] = {}
        self._reached = lru_cache(REMEMBERED)(lambda term: reach_back(concepts, kind, term))

    def number(self, term: str) -> int:
        """The number of a term, a new one when it was not stated before."""
        held = self._number.get(term)
        if held is not None:
            return held
        number = self._number[term] = len(self.terms)
        self.terms.append(term)
        self._aside.append(aside(self._concepts, term) if self.kind == "process" else 1.0)
        for key in keys_of(self._concepts, self.kind, term):
            self._by_key.setdefault(key, []).append(number)
        return number

    def served(self, item: Offered) -> Floats:
        """How well an offer serves each term: [0] for needs whose steps change things, [1] for those whose steps keep them."""
        found = np.zeros((2, len(self.terms)), dtype=np.float32)
        for key, value in sorted(self._plain(item).items(), key=lambda row: row[1]):  # the strongest is written last
            found[:, self._by_key.get(key, ())] = value
        for step in item.side_processes if self.kind == "process" else ():
            for key, value in self._reached(step):
                for number in self._by_key.get(key, ()):
                    found[:, number] = np.maximum(found[:, number], np.float32(value * self._aside[number]))
        for product in item.products if self.kind == "product" else ():
            for key, kept in made_back(self._concepts, product).items():
                for number in self._by_key.get(key, ()):
                    found[: 1 + kept, number] = np.maximum(found[: 1 + kept, number], np.float32(MADE))
        return found

    def fitting(self, served: Floats) -> list[str]:
        """The terms that are served well enough for some need."""
        return [self.terms[number] for number in np.flatnonzero(served.max(axis=0) >= FIT)]

    def keys(self, item: Offered) -> dict[str, float]:
        """The keys of needs that an offer's terms reach, each with its best strength, but for what `made_back` adds.

        For a store that only finds candidates: a step behind the first is weighed by its own kind here, in `served` by the
        kind of the need's step, as a need weighs it.
        """
        best = self._plain(item)
        for step in item.side_processes if self.kind == "process" else ():
            for key, value in self._reached(step):
                best[key] = max(best.get(key, 0.0), value * aside(self._concepts, step))
        return best

    def _plain(self, item: Offered) -> dict[str, float]:
        """The same of what is not listed behind an offer's first step."""
        sign = SIGN[self.kind]
        best: dict[str, float] = {}
        found: list[tuple[str, float]] = []
        for term in item.products if self.kind == "product" else item.processes:
            found += self._reached(term)
        if self.kind == "process":
            found += [(f"{sign}={term}", WEAK[self.kind]) for term in item.weak_processes]
        else:
            found += [(f"{sign}>{term}", CLASS_ONLY) for term in item.classes]
            found += [(f"{sign}={term}", WEAK[self.kind]) for term in item.weak_products]
        for key, value in found:
            best[key] = max(best.get(key, 0.0), value)
        return best
