"""Expansion of many ranges of rows at once."""

from collections.abc import Sequence

import numpy as np

from cpsim.arrays import Ints


def expand_ranges(start: Ints, size: Ints) -> tuple[Ints, Ints]:
    """List all rows of the ranges from `start` up to, but not including, `start + size`.

    Args:
        start: first row of each range, shape (ranges,).
        size: number of rows of each range, shape (ranges,).

    Returns:
        The range that each row belongs to, and the row, both int64, shape (sum of `size`,).

    >>> of, row = expand_ranges(np.array([10, 30]), np.array([3, 2]))
    >>> of.tolist(), row.tolist()
    ([0, 0, 0, 1, 1], [10, 11, 12, 30, 31])
    """
    of: Ints = np.arange(len(size)).repeat(size)
    before: Ints = size.cumsum() - size
    row: Ints = np.arange(len(of)) + (start - before).repeat(size)
    return of, row


def list_offsets(sizes: Sequence[int]) -> Ints:
    """List where each of several tables begins if they follow one another, and where the last ends.

    >>> list_offsets([3, 0, 2]).tolist()
    [0, 3, 3, 5]
    """
    offsets: Ints = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
    return offsets


def split_columns(joined: object, runs: Sequence[object], names: Sequence[str]) -> None:
    """Write copies of the columns of an object back to those whose columns follow one another in it.

    Args:
        joined: the object.
        runs: the objects, which still have columns of the same lengths.
        names: names of the columns, attributes of all of them.
    """
    for name in names:
        ends = list_offsets([len(getattr(run, name)) for run in runs])[1:-1]
        for run, part in zip(runs, np.split(getattr(joined, name), ends), strict=True):
            setattr(run, name, part.copy())
