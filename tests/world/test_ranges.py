"""Ranges of rows and merged needs, compared with loops in plain Python."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cpsim.ranges import expand_ranges
from cpsim.world.harm import Needs

RANGES = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 5)), max_size=8)


@given(RANGES)
@settings(derandomize=True)
def test_expanded_ranges_are_those_of_a_loop(ranges: list[tuple[int, int]]) -> None:
    start, size = (np.array([pair[part] for pair in ranges], np.int64) for part in (0, 1))
    of, row = expand_ranges(start, size)
    loop = [(index, first + nth) for index, (first, length) in enumerate(ranges) for nth in range(length)]
    assert list(zip(of.tolist(), row.tolist(), strict=True)) == loop


NEEDS = st.lists(st.tuples(st.integers(0, 3), st.integers(-30, 60), st.integers(1, 20)), max_size=10)


@given(NEEDS)
@settings(derandomize=True)
def test_overlapping_needs_of_a_child_are_merged(drawn: list[tuple[int, int, int]]) -> None:
    rows = sorted(drawn)
    child, start, length = (np.array([row[part] for row in rows], np.int32) for part in range(3))
    n = len(rows)
    needs = Needs(child, start, start + length, np.zeros(n, np.int8), np.zeros(n), np.zeros(n, np.bool_))
    weeks = {(who, week) for who, first, lasts in rows for week in range(first, first + lasts)}
    joined = list(zip(*(part.tolist() for part in needs.merge_overlapping()), strict=True))
    assert {(who, week) for who, first, end in joined for week in range(first, end)} == weeks
    assert sum(end - first for _, first, end in joined) == len(weeks), "no week twice"
