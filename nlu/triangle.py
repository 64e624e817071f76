"""Dense algebra of large symmetric matrices in place, in blocks, so that training needs one matrix of memory."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
BLOCK = 512


class Factor:
    """The lower triangle L with L Lᵀ = matrix; the symmetric positive matrix that is given is written over."""

    def __init__(self, matrix: Matrix) -> None:
        self.lower = matrix
        self.corners: list[Matrix] = []  # inverses of the blocks on the diagonal
        size = len(matrix)
        for start in range(0, size, BLOCK):
            end = min(start + BLOCK, size)
            corner = np.linalg.cholesky(matrix[start:end, start:end])
            self.corners.append(np.linalg.inv(corner))
            matrix[start:end, start:end] = corner
            matrix[start:end, end:] = 0.0
            if end == size:
                return
            below = matrix[end:, start:end] @ self.corners[-1].T
            matrix[end:, start:end] = below
            for at in range(end, size, BLOCK):
                stop = min(at + BLOCK, size)
                matrix[at:, at:stop] -= below[at - end :] @ below[at - end : stop - end].T

    def solve(self, right: Matrix) -> Matrix:
        """matrix⁻¹ @ right."""
        lower, found = self.lower, right.copy()
        blocks = [(at * BLOCK, min((at + 1) * BLOCK, len(found)), corner) for at, corner in enumerate(self.corners)]
        for start, end, corner in blocks:
            found[start:end] = corner @ (found[start:end] - lower[start:end, :start] @ found[:start])
        for start, end, corner in reversed(blocks):
            found[start:end] = corner.T @ (found[start:end] - lower[end:, start:end].T @ found[end:])
        return found

    def tail(self, start: int) -> Matrix:
        """The inverse R of the rows and columns of L from `start` on: RᵀR is that corner of matrix⁻¹."""
        root = self.lower[start:, start:].copy()
        _invert(root)
        return root


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
        corner[:, start : start + BLOCK] = -_times(lower[half:, half:], corner[:, start : start + BLOCK])
    for start in range(0, half, BLOCK):  # a lower triangle from the right: later columns stay as they were
        end = min(start + BLOCK, half)
        corner[:, start:end] = corner[:, start:] @ lower[start:half, start:end]


def _times(lower: Matrix, right: Matrix) -> Matrix:
    """lower @ right, sparing the empty upper triangle."""
    result = np.empty((len(lower), right.shape[1]), dtype=np.float32)
    for start in range(0, len(lower), BLOCK):
        end = start + BLOCK
        result[start:end] = lower[start:end, :end] @ right[:end]
    return result


def diagonal(root: Matrix) -> Any:
    """The diagonal of RᵀR."""
    return np.einsum("ij,ij->j", root, root)
