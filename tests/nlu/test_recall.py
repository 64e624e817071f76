"""The taught phrasings beside the linear score: held small, the likest one found, nothing read out of bounds."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.recall import BLOCK, NEAREST, Phrasings, add_likest, hold, likest


def made(rows: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """A dense matrix (rows x features) as postings."""
    return [(np.flatnonzero(column).astype(np.int32), column[column != 0].astype(np.float32)) for column in rows.T]


def some(seed: int, rows: int, features: int = 12) -> np.ndarray:
    chance = np.random.default_rng(seed)
    matrix = chance.random((rows, features)).astype(np.float32) * (chance.random((rows, features)) < 0.4)
    return matrix / np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-9)


@given(st.integers(0, 10_000), st.integers(2, 40), st.integers(1, 5))
def test_the_likest_phrasing_of_a_class_is_found(seed: int, rows: int, classes: int) -> None:
    matrix = some(seed, rows)
    labels = np.random.default_rng(seed).integers(0, classes, rows)
    held = hold(made(matrix), labels, np.ones(rows, dtype=bool), classes)
    assert held.fits(matrix.shape[1], classes)
    message = some(seed + 1, 1)[0]
    for at in range(classes):
        expected = max(
            (float(message @ row) for row, label in zip(matrix, labels, strict=True) if label == at), default=0.0
        )
        assert held.likeness(message, at) == pytest.approx(expected, abs=6e-3)


@pytest.mark.parametrize("rows", [1, 7, BLOCK - 1, BLOCK, 2 * BLOCK + 3])
def test_a_row_is_not_its_own_neighbour(rows: int) -> None:
    matrix = some(rows, rows)
    chance = np.random.default_rng(rows)
    labels, spoken = chance.integers(0, 3, rows), chance.random(rows) < 0.8
    kernel = np.tril(matrix @ matrix.T).astype(np.float32)
    alike = matrix @ matrix.T
    np.fill_diagonal(alike, 0.0)
    for start in {0, rows // 2}:
        found = likest(kernel, labels, spoken, 3, start)
        for at in range(3):
            own = alike[start:, (labels == at) & spoken]
            expected = own.max(axis=1) if own.shape[1] else np.zeros(rows - start)
            np.testing.assert_allclose(found[:, at], expected, atol=1e-5)


def test_only_the_best_classes_gain() -> None:
    matrix = np.eye(20, dtype=np.float32)
    held = hold(made(matrix), np.arange(20), np.ones(20, dtype=bool), 20)
    scores = np.linspace(1, 0, 20, dtype=np.float32)
    new = add_likest(scores, np.array([3, 19]), np.array([1.0, 1.0], dtype=np.float32), 20, held)
    assert new[3] == pytest.approx(scores[3] + NEAREST)
    assert new[19] == scores[19]


@pytest.mark.parametrize(
    "broken",
    [
        {"features": np.array([0, 99], dtype=np.uint8)},
        {"starts": np.array([0, 1, 5], dtype=np.uint32)},
        {"first": np.array([0, 2, 1], dtype=np.uint32)},
        {"values": np.array([255], dtype=np.uint8)},
    ],
)
def test_arrays_that_do_not_belong_together_are_refused(broken: dict[str, np.ndarray]) -> None:
    held = Phrasings(
        np.array([0, 1], dtype=np.uint8),
        np.array([255, 255], dtype=np.uint8),
        np.array([0, 1, 2], dtype=np.uint32),
        np.array([0, 1, 2], dtype=np.uint32),
    )
    assert held.fits(2, 2)
    assert not replace(held, **broken).fits(2, 2)
