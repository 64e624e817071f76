"""Dense algebra of large symmetric matrices in place, in blocks, so that training needs one matrix of memory."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
BLOCK = 512


def inverse_root(matrix: Matrix) -> Matrix:
    """The lower triangle R with RᵀR = matrix⁻¹, written over the symmetric positive matrix that is given."""
    _cholesky(matrix)
    _invert(matrix)
    return matrix


def _cholesky(matrix: Matrix) -> None:
    size = len(matrix)
    for start in range(0, size, BLOCK):
        end = min(start + BLOCK, size)
        corner = np.linalg.cholesky(matrix[start:end, start:end])
        matrix[start:end, start:end] = corner
        matrix[start:end, end:] = 0.0
        if end == size:
            return
        below = matrix[end:, start:end] @ np.linalg.inv(corner).T
        matrix[end:, start:end] = below
        for at in range(end, size, BLOCK):
            stop = min(at + BLOCK, size)
            matrix[at:, at:stop] -= below[at - end :] @ below[at - end : stop - end].T


def _invert(lower: Matrix) -> None:
    size = len(lower)
    if size <= 128:
        lower[:] = np.tril(np.linalg.inv(lower))
        return
    half = size // 2
    _invert(lower[:half, :half])
    _invert(lower[half:, half:])
    corner = lower[half:, :half]
    for start in range(0, half, BLOCK):
        corner[:, start : start + BLOCK] = -times(lower[half:, half:], corner[:, start : start + BLOCK])
    for start in range(0, half, BLOCK):  # a lower triangle from the right: later columns stay as they were
        end = min(start + BLOCK, half)
        corner[:, start:end] = corner[:, start:] @ lower[start:half, start:end]


def times(lower: Matrix, right: Matrix) -> Matrix:
    """lower @ right, sparing the empty upper triangle."""
    result = np.empty((len(lower), right.shape[1]), dtype=np.float32)
    for start in range(0, len(lower), BLOCK):
        end = start + BLOCK
        result[start:end] = lower[start:end, :end] @ right[:end]
    return result


def times_transposed(lower: Matrix, right: Matrix) -> Matrix:
    """lowerᵀ @ right, sparing the empty upper triangle."""
    result = np.empty((lower.shape[1], right.shape[1]), dtype=np.float32)
    for start in range(0, len(lower), BLOCK):
        result[start : start + BLOCK] = lower[start:, start : start + BLOCK].T @ right[start:]
    return result


def solve(root: Matrix, right: Matrix) -> Matrix:
    """matrix⁻¹ @ right by the root."""
    return times_transposed(root, times(root, right))


def diagonal(root: Matrix) -> Any:
    """The diagonal of matrix⁻¹."""
    return np.einsum("ij,ij->j", root, root)
