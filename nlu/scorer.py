"""What the weights say of a message: per class a score."""

from typing import Any

import numpy as np

from nlu.features import counted
from nlu.reading import Seen
from nlu.recall import add_likest
from nlu.weights import Weights


class Scorer:
    """Scores messages with one set of weights; it never changes, so threads may share it."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self._offsets = np.array(weights.offsets, dtype=np.float32)
        self._row = {name: at for at, name in enumerate(weights.names)}

    def __call__(self, seen: Seen) -> tuple[np.ndarray[Any, Any], float]:
        """Per class its decision value, with the share of the words that were taught."""
        counts, row = counted(seen), self._row
        said = {f"w{word}" for word in seen.words}
        known = sum(name in row for name in said) / len(said) if said else 0.0
        there = np.array([row.get(name, -1) for name in counts], dtype=np.intp)
        values = np.log1p(np.array(list(counts.values())))
        values /= np.sqrt(values @ values) or 1.0
        taught = there >= 0
        rows = there[taught]
        weight = values[taught].astype(np.float32)
        strength = weight * self.weights.scales[rows]
        linear = strength @ self.weights.codes[rows].astype(np.float32) + self._offsets
        return add_likest(linear, rows, weight, len(row), self.weights.phrasings), known

    def weight(self, feature: str, at: int) -> float:
        """What one unit of a feature adds to the score of a class."""
        row = self._row.get(feature)
        return 0.0 if row is None else float(self.weights.scales[row]) * int(self.weights.codes[row, at])
