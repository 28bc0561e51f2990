"""Ranges of rows, compared with loops in plain Python."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cpsim.ranges import expand_ranges

RANGES = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 5)), max_size=8)


@given(RANGES)
@settings(derandomize=True)
def test_expanded_ranges_are_those_of_a_loop(ranges: list[tuple[int, int]]) -> None:
    start, size = (np.array([pair[part] for pair in ranges], np.int64) for part in (0, 1))
    of, row = expand_ranges(start, size)
    loop = [(index, first + nth) for index, (first, length) in enumerate(ranges) for nth in range(length)]
    assert list(zip(of.tolist(), row.tolist(), strict=True)) == loop
