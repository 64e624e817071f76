"""The taught phrasings, held small: beside the linear score, the likest phrasing of a class speaks for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
Posting = tuple[NDArray[np.int32], Matrix]  # rows in which a feature stands, its weight in each
NEAREST = 1.0  # of the likeness (0 to 1) of the likest phrasing, beside the linear score
CANDIDATES = 5  # classes, best by the linear score, whose phrasings are looked at
BLOCK = 512
UNIT = 255  # a weight of one


@dataclass(frozen=True)
class Phrasings:
    """Rows of features, those of one class together: row r is `features[starts[r]:starts[r + 1]]` with its `values`
    (in 255ths; of length one before rounding); class c has the rows `first[c]` up to `first[c + 1]`."""

    features: NDArray[Any]
    values: NDArray[np.uint8]
    starts: NDArray[np.uint32]
    first: NDArray[np.uint32]

    def fits(self, features: int, classes: int) -> bool:
        """Whether the arrays belong together and to a model of this size, so that no look-up leaves them."""
        rows = len(self.starts) - 1
        return (
            rows >= 0
            and len(self.first) == classes + 1
            and int(self.first[-1]) == rows
            and int(self.starts[-1]) == len(self.features) == len(self.values)
            and bool(np.all(np.diff(self.starts.astype(np.int64)) > 0))
            and bool(np.all(np.diff(self.first.astype(np.int64)) >= 0))
            and (len(self.features) == 0 or int(self.features.max()) < features)
        )

    def likeness(self, scratch: Matrix, at: int) -> float:
        """The cosine of a message (its weights in `scratch`, by feature) with the likest phrasing of class `at`."""
        begin, end = int(self.first[at]), int(self.first[at + 1])
        if begin == end:
            return 0.0
        left, right = int(self.starts[begin]), int(self.starts[end])
        products = scratch.take(self.features[left:right]) * self.values[left:right]
        return float(np.add.reduceat(products, self.starts[begin:end] - np.uint32(left)).max()) / UNIT


def hold(postings: Sequence[Posting], labels: NDArray[np.int64], spoken: NDArray[np.bool_], classes: int) -> Phrasings:
    """The `spoken` rows of the postings, ordered by class."""
    rows = np.concatenate([there for there, _ in postings])
    features = np.repeat(np.arange(len(postings)), [len(there) for there, _ in postings])
    values = np.concatenate([weights for _, weights in postings])
    kept = spoken[rows]
    rows, features, values = rows[kept], features[kept], values[kept]
    order = np.lexsort((rows, labels[rows]))
    sizes = np.bincount(rows, minlength=len(labels))
    there = np.argsort(labels, kind="stable")
    there = there[sizes[there] > 0]  # a phrasing without any feature is like nothing
    return Phrasings(
        features[order].astype(np.min_scalar_type(len(postings))),
        np.rint(values[order] * UNIT).astype(np.uint8),
        np.concatenate([[0], np.cumsum(sizes[there])]).astype(np.uint32),
        np.concatenate([[0], np.cumsum(np.bincount(labels[there], minlength=classes))]).astype(np.uint32),
    )


def likest(
    kernel: Matrix, labels: NDArray[np.int64], spoken: NDArray[np.bool_], classes: int, start: int = 0
) -> Matrix:
    """Per row from `start` on and class how like the row is to the likest other spoken row of the class (0: it has none).

    `kernel` is how alike any two rows are, whole in its lower triangle.
    """
    size = len(labels)
    order = np.argsort(labels, kind="stable")
    order = order[spoken[order]]
    present, starts = np.unique(labels[order], return_index=True)
    found = np.zeros((size - start, classes), dtype=np.float32)
    for begin in range(start, size, BLOCK):
        end = min(begin + BLOCK, size)
        corner = np.tril(kernel[begin:end, begin:end], -1)
        block = np.hstack([kernel[begin:end, :begin], corner + corner.T, kernel[end:size, begin:end].T])
        found[begin - start : end - start, present] = np.maximum.reduceat(block[:, order], starts, axis=1)
    return found


def add_likest(scores: Matrix, rows: NDArray[np.intp], values: Matrix, size: int, phrasings: Phrasings) -> Matrix:
    """The scores with what the likest phrasing adds to the best classes; `values` are the message's weights by feature."""
    scratch = np.zeros(size, dtype=np.float32)
    scratch[rows] = values
    added = scores.copy()
    for at in np.argpartition(-scores, min(CANDIDATES, len(scores)) - 1)[:CANDIDATES]:
        added[at] += NEAREST * phrasings.likeness(scratch, int(at))
    return added
