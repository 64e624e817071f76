"""Trains the linear model: one class per act and one per answer, by kernel squared hinge."""

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.features import features
from nlu.triangle import diagonal, inverse_root, solve

Matrix = NDArray[np.float32]
Posting = tuple[NDArray[np.int32], Matrix]  # rows in which a feature stands, its weight in each
RIDGE = 0.35
STEPS = 6
FREQUENT = 1000  # features in more rows than this go through dense products
BLOCK = 512


@dataclass(frozen=True)
class Weights:
    """What training gives: names of features and classes, weights (features x classes), the calibration of confidence."""

    names: tuple[str, ...]
    classes: tuple[str, ...]
    matrix: Matrix
    calibration: tuple[float, ...]


def train(rows: Sequence[tuple[str, str]]) -> Weights:
    """Learns from (normalised text, class); deterministic. Raises ValueError without rows."""
    if not rows:
        raise ValueError("nothing to learn from")
    classes = tuple(sorted({label for _, label in rows}))
    place = {label: at for at, label in enumerate(classes)}
    labels = np.array([place[label] for _, label in rows])
    names, postings = read_postings([text for text, _ in rows])
    kernel = gram(len(rows), postings)
    kernel.flat[:: len(rows) + 1] += np.float32(RIDGE)
    root = inverse_root(kernel)
    alpha, target = squared_hinge(root, labels, len(classes))
    matrix = np.zeros((len(names), len(classes)), dtype=np.float32)
    for at, (there, values) in enumerate(postings):
        matrix[at] = values @ alpha[there]
    return Weights(tuple(names), classes, matrix, _calibrate(left_out(root, alpha, target), labels))


def read_postings(texts: Sequence[str]) -> tuple[list[str], list[Posting]]:
    """The features that stand in two texts or more (words: in one), by name, each with its rows and weights there."""
    often = Counter(name for text in texts for name in features(text))
    names = sorted(name for name, count in often.items() if count > 1 or name[0] == "w")
    place = {name: at for at, name in enumerate(names)}
    columns, rows, values = array("i"), array("i"), array("f")
    for at, text in enumerate(texts):
        found = [(place[name], value) for name, value in features(text).items() if name in place]
        columns.extend(column for column, _ in found)
        values.extend(value for _, value in found)
        rows.extend([at] * len(found))
    order = np.argsort(np.asarray(columns), kind="stable")
    ends = np.cumsum([often[name] for name in names])[:-1]
    return names, list(
        zip(np.split(np.asarray(rows)[order], ends), np.split(np.asarray(values)[order], ends), strict=True)
    )


def gram(size: int, postings: Sequence[Posting]) -> Matrix:
    """How alike any two rows are (size x size)."""
    total = np.zeros((size, size), dtype=np.float32)
    dense = [posting for posting in postings if len(posting[0]) > FREQUENT]
    for start in range(0, len(dense), BLOCK):
        block = np.zeros((size, BLOCK), dtype=np.float32)
        for at, (rows, values) in enumerate(dense[start : start + BLOCK]):
            block[rows, at] = values
        for at in range(0, size, BLOCK):
            total[at : at + BLOCK] += block[at : at + BLOCK] @ block.T
    for rows, values in postings:
        if len(rows) <= FREQUENT:
            total[rows[:, None], rows] += values[:, None] * values
    return total


def squared_hinge(root: Matrix, labels: NDArray[np.int64], classes: int) -> tuple[Matrix, Matrix]:
    """Row weights of each one-against-all reading, with the targets of the last step (both rows x classes)."""
    signs = np.full((len(labels), classes), -1.0, dtype=np.float32)
    signs[np.arange(len(labels)), labels] = 1.0
    target = signs.copy()
    alpha: Matrix = solve(root, target)
    for _ in range(STEPS):
        target = signs * np.maximum(1.0, signs * (target - np.float32(RIDGE) * alpha))
        alpha = solve(root, target)
    return alpha, target


def left_out(root: Matrix, alpha: Matrix, target: Matrix) -> Matrix:
    """Each row's scores had it been left out (exact for the last linear step)."""
    return np.asarray(target - alpha / diagonal(root)[:, None], dtype=np.float32)


def signals(scores: Matrix) -> Matrix:
    """Per row: one, the best score, its lead over the next."""
    top = np.sort(scores, axis=1)[:, -2:]
    return np.stack([np.ones(len(scores), dtype=np.float32), top[:, 1], top[:, 1] - top[:, 0]], axis=1)


def _calibrate(scores: Any, labels: NDArray[np.int64]) -> tuple[float, ...]:
    """Logistic regression of "the best class is right" by Newton steps."""
    given = signals(scores).astype(np.float64)
    right = (scores.argmax(axis=1) == labels).astype(np.float64)
    weights = np.zeros(given.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-given @ weights))
        slope = given.T @ (right - chance) - 0.01 * weights
        curve = (given * (chance * (1 - chance))[:, None]).T @ given + 0.01 * np.eye(given.shape[1])
        weights += np.linalg.solve(curve, slope)
    return tuple(float(value) for value in weights)
