"""Walking over many ranges of rows at once."""

import numpy as np

from cpsim.arrays import Ints


def rows_of(start: Ints, size: Ints) -> tuple[Ints, Ints]:
    """All rows of the ranges `start` to `start + size` (not included), one range after the other.

    Args:
        start, size: of each range, shape (R,).

    Returns:
        The range that each row belongs to, and the row; shapes (sum of `size`,).
    """
    of: Ints = np.arange(len(size)).repeat(size)
    before: Ints = size.cumsum() - size
    row: Ints = np.arange(len(of)) + (start - before).repeat(size)
    return of, row
