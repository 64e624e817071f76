"""Fits the weights of the score on the judged needs, by folds for an honest figure, on all for use."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.matching.judged import JudgedSet
from bench.matching.measures import gain
from matching.engine import Matcher
from matching.measure import Floats, as_float
from matching.score import AGAINST, AT, FEATURES, Told, Weights, allowed, behind
from matching.score import judged as scored

TARGET = {3: 1.0, 2: 0.85, 1: 0.12}  # the chance that a grade stands for
UNJUDGED = 0.35  # weight of a pair that nobody judged
STEPS, PULL = 1500, 1e-4
FOLDS = 5


@dataclass(frozen=True)
class Case:
    """The pairs of one need: features, grades (-1 unjudged), which may be shown at all."""

    on: str
    id: str
    good: bool
    ids: list[str]
    features: Floats
    grades: Floats
    told: Told
    may: Floats
    judged: dict[str, int]


def cases(judged: JudgedSet, matcher: Matcher[int]) -> list[Case]:
    """Every need against every offer of its set."""
    made = []
    for need in judged.needs:
        ids, features, told = matcher.compare(need.wanted)
        grades = as_float([need.grades.get(offer, -1) for offer in ids])
        made.append(
            Case(
                judged.name, need.id, need.good, ids, features, grades, told, allowed(features, told), dict(need.grades)
            )
        )
    return made


def fit(rows: Sequence[Case]) -> Weights:
    """Weights by gradient descent (Adam) on soft targets; signs are kept, so that the scale stays monotone."""
    x = np.concatenate([case.features for case in rows]).astype(np.float64)
    grades = np.concatenate([case.grades for case in rows])
    y = np.array([TARGET.get(int(grade), 0.0) for grade in grades])
    weight = np.where(grades >= 0, 1.0, UNJUDGED)
    related = x[:, [AT[name] for name in ("product", "process", "text", "title")]].sum(axis=1) > 0.02
    x, y, weight = x[related], y[related], weight[related]
    sign = np.array([-1.0 if name in AGAINST else 1.0 for name in FEATURES])
    w, b = np.zeros(len(FEATURES)), -5.0
    first, second = np.zeros(len(w) + 1), np.zeros(len(w) + 1)
    for step in range(1, STEPS + 1):
        error = weight * (1 / (1 + np.exp(-(x @ w + b))) - y) / weight.sum()
        slope = np.append(x.T @ error + PULL * w / len(w), error.sum())
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        move = 0.05 * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-9)
        w, b = w - move[:-1], b - move[-1]
        w = np.where(w * sign < 0, 0.0, w)
    w[AT["ruled_out"]] = -6.0  # too rare among the judged to be learnt
    w[AT["thought"]] = 0.0  # only opens the gate
    return Weights(round(float(b), 2), tuple(round(float(value), 2) for value in w))


@dataclass
class Held:
    """What held-out folds say: order, what is shown, how well the score is calibrated."""

    ndcg: float = 0.0
    precision: float = 0.0
    recall: float = 0.0
    error: float = 0.0  # expected calibration error over ten bins of what may be shown


def held_out(rows: Sequence[Case], folds: int = FOLDS) -> Held:
    """Fits on all folds but one, judges that one, for each; folds are cut by need."""
    chance = np.random.default_rng(1).integers(0, folds, len(rows))
    gains, right, wrong, missed = [], 0, 0, 0
    chances: list[float] = []
    serves: list[bool] = []
    for at in range(folds):
        weights = fit([case for case, fold_ in zip(rows, chance, strict=True) if fold_ != at])
        for case, fold_ in zip(rows, chance, strict=True):
            if fold_ != at:
                continue
            score = weights.chance(case.features)
            ranked, shown = scored(case.features, case.told, weights)
            order = np.argsort(-behind(case.features, ranked, shown, weights), kind="stable")
            if case.good:
                gains.append(gain([case.ids[i] for i in order[:10]], case.judged))
            right += int((shown & (case.grades >= 2)).sum())
            wrong += int((shown & (case.grades < 2)).sum())
            missed += int((~shown & (case.grades >= 2)).sum())
            for i in np.flatnonzero(case.may):
                chances.append(float(score[i]))
                serves.append(bool(case.grades[i] >= 2))
    return Held(
        float(np.mean(gains)),
        right / max(1, right + wrong),
        right / max(1, right + missed),
        _calibration(chances, serves),
    )


def _calibration(chances: Sequence[float], serves: Sequence[bool]) -> float:
    chance, truth = np.array(chances), np.array(serves, dtype=float)
    total = 0.0
    for low in np.arange(0.0, 1.0, 0.1):
        here = (chance >= low) & (chance < low + 0.1)
        if here.any():
            total += here.mean() * abs(chance[here].mean() - truth[here].mean())
    return float(total)


def written(weights: Weights) -> str:
    """The lines to put into matching/score.py."""
    numbers = [f"{value:.2f}" for value in weights.of]
    first, second = ", ".join(numbers[:12]), ", ".join(numbers[12:])
    return f"WEIGHTS: Final = Weights(\n    bias={weights.bias:.2f},\n    of=(\n        {first},\n        {second},\n    ),  # fmt: skip\n)"
