"""Walking over many ranges of rows at once."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def rows_of(start: NDArray[np.integer], size: NDArray[np.integer]) -> tuple[Ints, Ints]:
    """All rows of the ranges `start` to `start + size` (not included), one range after the other.

    Args:
        start, size: of each range, shape (R,).

    Returns:
        The range that each row belongs to, and the row; shapes (sum of `size`,).
    """
    of = np.arange(len(size)).repeat(size)
    row: Ints = np.arange(len(of)) + (start - (size.cumsum() - size)).repeat(size)
    return of, row
