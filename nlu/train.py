"""Trains the linear model: one class per act and one per answer, by kernel squared hinge."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.text import fold
from nlu.features import features

Matrix = NDArray[np.float32]
RIDGE = 0.35
STEPS = 6


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
    texts = [text for text, _ in rows] + [fold(text) for text, _ in rows]
    labels = np.array([classes.index(label) for _, label in rows] * 2)
    names, postings = _postings(texts)
    inverse = np.linalg.inv(_gram(len(texts), postings) + RIDGE * np.eye(len(texts), dtype=np.float32))
    signs = np.full((len(texts), len(classes)), -1.0, dtype=np.float32)
    signs[np.arange(len(texts)), labels] = 1.0
    target = signs.copy()
    for _ in range(STEPS):
        alpha = inverse @ target
        scores = target - RIDGE * alpha
        target = signs * np.maximum(1.0, signs * scores)
    alpha = inverse @ target
    matrix = np.zeros((len(names), len(classes)), dtype=np.float32)
    for at, (index, values) in enumerate(postings):
        matrix[at] = values @ alpha[index]
    held_out = target - _left_out(inverse, alpha, len(rows))
    return Weights(tuple(names), classes, matrix, _calibrate(held_out[: len(rows)], labels[: len(rows)]))


def _postings(texts: list[str]) -> tuple[list[str], list[tuple[NDArray[np.int64], Matrix]]]:
    seen: dict[str, list[tuple[int, float]]] = {}
    for at, text in enumerate(texts):
        for name, value in features(text).items():
            seen.setdefault(name, []).append((at, value))
    half = len(texts) // 2
    kept = sorted(
        name for name, rows in seen.items() if len({at % half for at, _ in rows}) > 1 or name.lstrip("_")[0] == "w"
    )
    return kept, [
        (np.array([at for at, _ in seen[name]]), np.array([value for _, value in seen[name]], dtype=np.float32))
        for name in kept
    ]


def _gram(size: int, postings: list[tuple[NDArray[np.int64], Matrix]]) -> Matrix:
    gram = np.zeros((size, size), dtype=np.float32)
    block = 2048
    dense = np.zeros((block, size), dtype=np.float32)
    for start in range(0, len(postings), block):
        dense[:] = 0.0
        for at, (index, values) in enumerate(postings[start : start + block]):
            dense[at, index] = values
        if start == 0 or len(postings) - start > 0:
            gram += dense.T @ dense
    return gram


def _left_out(inverse: Any, alpha: Any, half: int) -> Matrix:
    """Residuals if an example and its folded copy had been left out (exact for the last linear step)."""
    residual: Matrix = np.empty_like(alpha)
    for at in range(half):
        pair = [at, at + half]
        residual[pair] = np.linalg.solve(inverse[np.ix_(pair, pair)], alpha[pair])
    return residual


def signals(scores: Matrix) -> Matrix:
    """Per row: one, the best score, its lead over the next."""
    top = np.sort(scores, axis=1)[:, -2:]
    return np.stack([np.ones(len(scores), dtype=np.float32), top[:, 1], top[:, 1] - top[:, 0]], axis=1)


def _calibrate(scores: Matrix, labels: NDArray[np.int64]) -> tuple[float, ...]:
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
