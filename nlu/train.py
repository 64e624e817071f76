"""Trains the linear model: one class per act and one per answer, one against all the others, by kernel squared hinge."""

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.calibrate import Exam, calibrate
from nlu.features import features
from nlu.reading import Seen
from nlu.recall import hold, likest
from nlu.triangle import Factor
from nlu.weights import Weights, rounded

Matrix = NDArray[np.float32]
Posting = tuple[NDArray[np.int32], Matrix]  # rows in which a feature stands, its weight in each
RIDGE = 0.2
STEPS = 6
EXAMINED = 2  # every second class is left out to learn how sure a score is
EVENING = 0.05  # score taken from a class for each e-fold of its phrasings
FREQUENT = 220  # features in more rows than this go through dense products
BLOCK = 512


def train(rows: Sequence[tuple[Seen, str]], about: Mapping[str, Any] | None = None, said: int | None = None) -> Weights:
    """Learns from (what is seen, class); the same rows give the same weights. Raises ValueError without rows.

    Confidence is learnt from the first `said` rows only: what people say, not what answers say.
    """
    if not rows:
        raise ValueError("nothing to learn from")
    classes = tuple(sorted({label for _, label in rows}))
    place = {label: at for at, label in enumerate(classes)}
    order = sorted(range(len(rows)), key=lambda at: place[rows[at][1]] % EXAMINED == 0)  # the exam at the end
    spoken = np.array(order) < (said or len(rows))
    rows = [rows[at] for at in order]
    labels = np.array([place[label] for _, label in rows])
    start = int(np.count_nonzero(labels % EXAMINED))
    names, postings = read_postings([seen for seen, _ in rows])
    kernel = gram(len(rows), postings)
    near = likest(kernel, labels, spoken, len(classes), start)
    kernel.flat[:: len(rows) + 1] += np.float32(RIDGE)
    factor = Factor(kernel)
    alpha, target = squared_hinge(factor, labels, len(classes))
    matrix = np.zeros((len(names), len(classes)), dtype=np.float32)
    for at, (there, values) in enumerate(postings):
        matrix[at] = values @ alpha[there]
    offsets = evened(labels[spoken], len(classes))
    exam = Exam(
        factor.tail(start), alpha[start:], target[start:], labels[start:], spoken[start:], familiar(rows)[start:], near
    )
    learnt = calibrate(exam, classes, offsets)
    held = hold(postings, labels, spoken, len(classes))
    return Weights(tuple(names), classes, *rounded(matrix), tuple(map(float, offsets)), learnt, held, about or {})


def evened(labels: NDArray[np.int64], classes: int) -> Matrix:
    """What is added to each class's score: less the more often it was taught, since the exam asks for all alike."""
    counts = np.maximum(np.bincount(labels, minlength=classes), 1)
    return np.asarray(np.round(-EVENING * np.log(counts / np.median(counts)), 4), dtype=np.float32)


def familiar(rows: Sequence[tuple[Seen, str]]) -> Matrix:
    """Per row the share of its words that stand in any other row, then in any row of another class."""
    anywhere = Counter(word for seen, _ in rows for word in set(seen.words))
    inside = Counter((word, label) for seen, label in rows for word in set(seen.words))
    shares = []
    for seen, label in rows:
        own = set(seen.words) or {""}
        elsewhere = sum(anywhere[word] > inside[word, label] for word in own)
        shares.append((sum(anywhere[word] > 1 for word in own) / len(own), elsewhere / len(own)))
    return np.array(shares, dtype=np.float32)


def read_postings(texts: Sequence[Seen]) -> tuple[list[str], list[Posting]]:
    """The features that stand in two texts or more (words: in one), by name, each with its rows and weights there."""
    ids: dict[str, int] = {}
    columns, rows, values = array("i"), array("i"), array("f")
    for at, text in enumerate(texts):
        found = features(text)
        columns.extend([ids.setdefault(name, len(ids)) for name in found])
        values.extend(found.values())
        rows.extend([at] * len(found))
    often = np.bincount(np.asarray(columns), minlength=len(ids))
    names = sorted(name for name, id_ in ids.items() if often[id_] > 1 or name[0] == "w")
    kept = [ids[name] for name in names]
    order = np.argsort(np.asarray(columns), kind="stable")
    ends = np.cumsum(often)[:-1]
    there, weights = np.split(np.asarray(rows)[order], ends), np.split(np.asarray(values)[order], ends)
    return names, [(there[id_], weights[id_]) for id_ in kept]


def gram(size: int, postings: Sequence[Posting]) -> Matrix:
    """How alike any two rows are (size x size); only the lower triangle is whole."""
    total = np.zeros((size, size), dtype=np.float32)
    dense = [posting for posting in postings if len(posting[0]) > FREQUENT]
    for start in range(0, len(dense), BLOCK):
        block = np.zeros((size, BLOCK), dtype=np.float32)
        for at, (rows, values) in enumerate(dense[start : start + BLOCK]):
            block[rows, at] = values
        for at in range(0, size, BLOCK):
            end = at + BLOCK
            total[at:end, :end] += block[at:end] @ block[:end].T
    for rows, values in postings:
        if len(rows) <= FREQUENT:
            total[rows[:, None], rows] += values[:, None] * values
    return total


def squared_hinge(factor: Factor, labels: NDArray[np.int64], classes: int) -> tuple[Matrix, Matrix]:
    """Row weights of each one-against-all reading, with the targets of the last step (both rows x classes)."""
    signs = np.full((len(labels), classes), -1.0, dtype=np.float32)
    signs[np.arange(len(labels)), labels] = 1.0
    target = signs.copy()
    alpha = factor.solve(target)
    for _ in range(STEPS):
        target = signs * np.maximum(1.0, signs * (target - np.float32(RIDGE) * alpha))
        alpha = factor.solve(target)
    return alpha, target
