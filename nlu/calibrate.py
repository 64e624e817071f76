"""Turns scores into a probability of being right, learnt from rows left out and from whole classes left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.recall import NEAREST
from nlu.triangle import diagonal

Matrix = NDArray[np.float32]
STRANGE = 0.08  # share of messages that are expected to be about something never taught
EASE = 0.7  # logits: a phrasing written to be new is harder than what people send (set on one half of the held-out, kept on the other)
DAMPING = 0.01


def left_out(root: Matrix, alpha: Matrix, target: Matrix) -> Matrix:
    """Each row's scores had it been left out (exact for the last linear step)."""
    return np.asarray(target - alpha / diagonal(root)[:, None], dtype=np.float32)


def class_left_out(root: Matrix, alpha: Matrix, target: Matrix, members: NDArray[np.int64]) -> Matrix:
    """The scores of these rows had all of them been left out."""
    columns = root[:, members]
    own = columns.T @ columns
    return np.asarray(target[members] - np.linalg.solve(own, alpha[members]), dtype=np.float32)


def signals(scores: Any, known: Any) -> NDArray[np.float64]:
    """Per row of scores: one, the best, its lead over the next, the share of words that were taught."""
    top = np.sort(np.asarray(scores, dtype=np.float64), axis=1)[:, -2:]
    known = np.asarray(known, dtype=np.float64)
    lead = top[:, 1] - top[:, 0] if top.shape[1] > 1 else np.ones(len(top))
    return np.stack([np.ones(len(top)), top[:, -1], lead, known, np.minimum(lead, 0.4)], axis=1)


def chance(given: Any, calibration: Any) -> Any:
    """The probability that the best class is right."""
    return 1 / (1 + np.exp(-np.clip(given @ np.asarray(calibration), -30, 30)))


def sureness(best: float, lead: float, known: float, calibration: Sequence[float]) -> float:
    """`chance(signals(…), …)` of one message, in plain numbers."""
    one, of_best, of_lead, of_known, of_close = calibration
    logit = one + of_best * best + of_lead * lead + of_known * known + of_close * min(lead, 0.4)
    return 1 / (1 + exp(-max(-30.0, min(30.0, logit))))


@dataclass(frozen=True)
class Exam:
    """Rows of whole classes to be left out of a solved reading: `root` is the root of their corner of the inverse; `alpha`
    and `target` are theirs (rows x classes)."""

    root: Matrix
    alpha: Matrix
    target: Matrix
    labels: NDArray[np.int64]
    spoken: NDArray[np.bool_]  # only rows that people said count
    known: Matrix  # share of words that stand in any other row, in any row of another class
    near: Matrix  # how like the row is to the likest other row of each class


def calibrate(exam: Exam, classes: Sequence[str], offsets: Matrix) -> tuple[float, ...]:
    """Logistic regression of "the best class is right" on rows left out one by one and class by class.

    `offsets` are what the model adds to its scores.
    """
    spoken = exam.spoken
    scores = (left_out(exam.root, exam.alpha, exam.target) + offsets + NEAREST * exam.near)[spoken]
    given, right = [signals(scores, exam.known[spoken, 0])], [scores.argmax(axis=1) == exam.labels[spoken]]
    weight = [np.ones(len(scores))]
    for at in np.unique(exam.labels):
        if classes[at] == "out_of_scope" or len(classes) < 3:
            continue
        members = np.flatnonzero(exam.labels == at)
        said = members[spoken[members]]
        strange = class_left_out(exam.root, exam.alpha, exam.target, members)[spoken[members]]
        strange = strange + offsets + NEAREST * exam.near[said]
        given.append(signals(np.delete(strange, at, axis=1), exam.known[said, 1]))
        right.append(np.zeros(len(said), dtype=bool))
        weight.append(np.full(len(said), STRANGE))
    constant, *others = fit_logistic(np.concatenate(given), np.concatenate(right), np.concatenate(weight))
    return (constant + EASE, *others)


def fit_logistic(given: NDArray[np.float64], right: Any, weight: Any) -> tuple[float, ...]:
    """Coefficients by damped Newton steps."""
    found = np.zeros(given.shape[1])
    for _ in range(40):
        now = chance(given, found)
        slope = given.T @ (weight * (right - now)) - DAMPING * found
        curve = (given * (weight * now * (1 - now))[:, None]).T @ given + DAMPING * np.eye(given.shape[1])
        found += np.linalg.solve(curve, slope)
    return tuple(float(value) for value in found)
